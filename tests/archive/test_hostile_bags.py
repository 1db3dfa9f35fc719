"""Bags and runs from strangers: one sentence, and nothing outside of them."""
from __future__ import division, print_function

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time

import pytest

import strangers
from untapped import pins
from untapped.archive import __main__ as command
from untapped.archive import bags, differences, packing, rerun
from untapped.archive.packing import bagit
from untapped.errors import InputError
from untapped.machine import compile_folders, console

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
#: of the manifests with one value changed
MUTANTS = int(os.environ.get('UNTAPPED_MUTANTS', '150'))
VALUES = [None, True, False, 3, -1, 1.5, 'x', 'x\n\x1b[2J', u'\xe9', u'\ud800',
          [], {}, [[]], {'a': 1}, 10 ** 19, '--help', ['--help'], ['a\0b'],
          {'../x': {'bytes': 1, 'sha256': '0' * 64}},
          {'/etc/passwd': {'bytes': 1, 'sha256': '0' * 64}}]


@pytest.fixture(scope='module')
def original(tmpdir_factory):
    return strangers.bag(str(tmpdir_factory.mktemp('strangers')))


@pytest.fixture
def bag(original, tmpdir):
    """A copy of a valid bag."""
    path = str(tmpdir.join('bag'))
    shutil.copytree(original, path)
    return path


def put(bag, name, content):
    """Change a file of a bag, whose lists stay right."""
    strangers.write(os.path.join(bag, name), content)
    strangers.relist(bag)


def told(capsys, arguments):
    """What a command says of what it refuses: a line, and status 2."""
    status = command.main(arguments)
    out, error = capsys.readouterr()
    assert (status, error.count('\n'), out) == (2, 1, ''), (out, error)
    assert error.startswith('python -m untapped.archive: error: ')
    return error


def test_a_bag_of_a_small_run_is_valid_here_and_to_bagit(original, capsys):
    bagit.Bag(original).validate()
    assert command.main(['check', original]) == 0
    assert capsys.readouterr()[0].endswith(
        'is valid: crism, complete, 3 files as its run left them\n')


def test_a_manifest_with_any_other_value_is_read_or_refused_in_a_sentence(
        bag, capsys):
    rng = random.Random(1)
    true = json.loads(strangers.read(
        os.path.join(bag, 'data', 'manifest.json')).decode('ascii'))
    found = list(strangers.places(true))
    run = os.path.join(bag, 'data')
    refused = 0
    for number in range(MUTANTS):
        # every place once, then some again
        place = found[number] if number < len(found) else rng.choice(found)
        value = rng.choice(VALUES)
        strangers.write(os.path.join(run, 'manifest.json'), json.dumps(
            strangers.replaced(true, place, value)).encode('ascii'))
        strangers.relist(bag)
        status = command.main(['check', bag])
        out, error = capsys.readouterr()
        where = '%s %r: %s' % (place, value, error)
        assert (status, error.count('\n')) in ((0, 0), (2, 1)), where
        refused += status == 2
        packed = bag + '-again'
        assert command.main([run, packed]) == status, where
        shutil.rmtree(packed, ignore_errors=True)
        capsys.readouterr()
        if status == 0:
            # what rerun asks of it, but for the run
            manifest = packing.check_bag(bag)
            for part in (
                    lambda: rerun.arguments(manifest, bag),
                    lambda: rerun.environment(
                        manifest['ran_on']['pins']),
                    lambda: differences.compare(bag, run)):
                try:
                    part()
                except InputError as error:
                    assert '\n' not in console.printable(str(error))
            capsys.readouterr()
    assert refused > MUTANTS / 2


@pytest.mark.parametrize('content, part', [
    (b'', 'is no JSON'),
    (b'\xff\xfe{}', 'is no JSON'),
    (b'[' * 10 ** 5, 'nests'),
    (b'{"a":' * 900 + b'1' + b'}' * 900, 'nests'),
    (b'{"manifest": NaN}', 'NaN is no number'),
    (b'{"manifest": 1e400}', '1e400 is too large'),
    (b'{"manifest": 1' + b'0' * 10 ** 6 + b'}', 'a number has 1000001'),
    (b'{"manifest": 1, "manifest": 1}', 'manifest is there twice'),
    (b'[' + b'[],' * 2000000 + b'0]', 'more than 2000000'),
    (b' ' * (1 << 26), 'more than 33554432 bytes')], ids=[
        'empty', 'utf-16', 'lists', 'objects', 'nan', '1e400', 'digits',
        'twice', 'many', 'large'])
def test_a_manifest_that_is_no_plain_json_is_refused(bag, capsys, content,
                                                     part):
    put(bag, 'data/manifest.json', content)
    for arguments in (['check', bag], ['rerun', bag],
                      [os.path.join(bag, 'data'), bag + '-again']):
        assert part in told(capsys, arguments)
    assert not os.path.exists(bag + '-again')


@pytest.mark.parametrize('where', [
    'data/metrics.json', 'data/manifest.json', 'bagit.txt', 'bag-info.txt',
    'manifest-sha256.txt', 'tagmanifest-sha256.txt', 'data/more', 'more',
    'data/m2', 'data'])
@pytest.mark.parametrize('kind', ['link', 'pipe', 'folder'])
def test_links_and_pipes_are_refused_and_not_followed(
        bag, tmpdir, capsys, where, kind):
    path = os.path.join(bag, where)
    secret = tmpdir.join('secret')
    if os.path.isdir(path):
        os.rename(path, str(secret))
    elif os.path.exists(path):
        # even a link to the very same content leads outside
        os.rename(path, str(secret))
    else:
        secret.write('secret')
    {'link': lambda: os.symlink(str(secret), path),
     'pipe': lambda: os.mkfifo(path),
     'folder': lambda: os.mkdir(path)}[kind]()
    if kind == 'folder' and where in ('data/more', 'more'):
        # an empty folder is no file
        assert command.main(['check', bag]) == 0
        return
    for arguments in (['check', bag], ['rerun', bag]):
        assert 'is not a valid bag' in told(capsys, arguments)


@pytest.mark.parametrize('make', [
    lambda path: os.symlink('/etc/passwd', path),
    lambda path: os.symlink('/', path), os.mkfifo,
    lambda path: os.symlink('nowhere', path)])
def test_a_run_with_links_or_pipes_is_not_packed(tmpdir, capsys, make):
    run = strangers.run(str(tmpdir.join('run')))
    make(os.path.join(run, 'm2', 'more'))
    assert 'm2/more is a link, a pipe' in told(capsys, [run])
    assert os.listdir(str(tmpdir)) == ['run']


@pytest.mark.parametrize('name, content, part', [
    ('bagit.txt', b'BagIt-Version: 0.97\nTag-File-Character-Encoding: bz2\n',
     'bagit.txt does not say'),
    ('bagit.txt', b'BagIt-Version: 0.97\nBagIt-Version: 0.97\n'
     b'Tag-File-Character-Encoding: UTF-8\n', 'bagit.txt does not say'),
    ('json.py', b'print(1)', 'json.py is no part of the bag'),
    ('fetch.txt', b'http://127.0.0.1/x 1 data/x\n', 'fetch.txt is no part'),
    ('source/sitecustomize.py', b'print(1)', 'is not the file that ran'),
    ('source/run_crism.py', b'print(1)', 'is not the file that ran'),
    ('data/.hidden', b'1', '.hidden is not as the run left it'),
    ('data/m2/checkpoint-00000001', b'1', 'is not as the run left it'),
    ('data/more\n.txt', b'1', 'is not in ASCII'),
    ('data/\xc3\xa9.txt', b'1', 'is not in ASCII')])
def test_what_the_run_did_not_leave_is_refused(bag, capsys, name, content,
                                               part):
    put(bag, name, content)
    assert part in told(capsys, ['check', bag])


@pytest.mark.parametrize('line, part', [
    ('%s  ../bag-beside/secret', 'is no file of the bag'),
    ('%s  /etc/passwd', 'is no file of the bag'),
    ('%s  data/./log.txt', 'is no file of the bag'),
    ('%s  data/log.txt', 'names data/log.txt twice'),
    ('%s', 'is no hash and name'), ('x' * 10 ** 6, 'is no hash and name')])
def test_lists_name_files_of_the_bag_alone(bag, capsys, line, part):
    beside = bag + '-beside'
    strangers.write(os.path.join(beside, 'secret'), b'secret')
    if '%' in line:
        line = line % strangers.digest(b'secret')
    with open(os.path.join(bag, 'manifest-sha256.txt'), 'a') as stream:
        stream.write(line + '\n')
    assert part in told(capsys, ['check', bag])


def test_a_deep_tree_of_folders_is_refused(bag, capsys):
    os.makedirs(os.path.join(bag, 'data', *['d'] * 500))
    assert 'a folder that cannot be read' in told(capsys, ['check', bag])


def test_a_bag_in_a_folder_with_an_accent_is_checked(bag, tmpdir, capsys):
    place = str(tmpdir) + '/donn\xc3\xa9es'
    os.rename(bag, place)
    assert command.main(['check', place]) == 0
    assert 'is valid' in capsys.readouterr()[0]
    strangers.write(place + '/data/log.txt', b'x')
    assert 'log.txt is not the one' in told(capsys, ['check', place])


@pytest.mark.parametrize('name', ['\xc3\xa9.txt', '\xff.txt'])
def test_a_run_with_an_accented_file_is_not_packed(tmpdir, capsys, name):
    run = str(tmpdir.join('run'))
    strangers.write(os.path.join(run, name), b'1')
    if name[0] == '\xff':
        # JSON cannot name it
        strangers.run(run, outputs={})
        assert 'is not as the run left it' in told(capsys, [run])
    else:
        strangers.run(run)
        assert 'is not in ASCII' in told(capsys, [run])
    assert os.listdir(str(tmpdir)) == ['run']


def hear_signals():
    """Signals that whoever runs the tests ignores, as a shell does for what
    it starts in the background, are not ignored."""
    for signum in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signum, signal.SIG_DFL)


def started(*arguments, **options):
    """`python -m untapped.archive`, started."""
    return subprocess.Popen(
        [sys.executable, '-m', 'untapped.archive'] + list(arguments),
        cwd=ROOT, stderr=subprocess.PIPE, preexec_fn=hear_signals, **options)


def ended(process):
    """What a process that was stopped said; it is killed if it goes on."""
    alarm = threading.Timer(60, process.kill)
    alarm.start()
    try:
        return process.communicate()[1].decode('utf-8')
    finally:
        alarm.cancel()


@pytest.mark.parametrize('arguments', [['check', '{bag}'], ['--help'],
                                       ['{run}', '{bag}-again']])
@pytest.mark.parametrize('kind', ['full', 'closed'])
def test_words_that_cannot_be_written_are_told(bag, arguments, kind):
    if kind == 'full' and not os.path.exists('/dev/full'):
        pytest.skip('this machine has no /dev/full')
    if kind == 'full':
        handle = os.open('/dev/full', os.O_WRONLY)
    else:
        read, handle = os.pipe()
        os.close(read)
    arguments = [each.format(bag=bag, run=os.path.join(bag, 'data'))
                 for each in arguments]
    process = started(*arguments, stdout=handle)
    os.close(handle)
    error = process.communicate()[1].decode('utf-8')
    assert process.returncode == 2, error
    assert error.count('\n') == 1 and 'cannot be written' in error


@pytest.mark.parametrize('signum', [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_a_repetition_and_leaves_nothing(tmpdir, soon, signum):
    bag = strangers.bag(str(tmpdir), arguments=[
        '--quick', '--epochs', '1000000', '--eval-every', '1000000',
        '--model', 'm2'])
    scratch = tmpdir.mkdir('scratch')
    process = started(
        'rerun', bag, stdout=subprocess.PIPE,
        env=dict(os.environ, TMPDIR=str(scratch),
                 THEANO_FLAGS=pins.with_compile_folder(
                     compile_folders.in_use())))
    soon(lambda: [name for name in os.listdir(str(scratch))
                  if name.startswith('untapped-rerun-')] or None, process)
    folder = scratch.join(os.listdir(str(scratch))[0])
    # it compiles
    soon(lambda: folder.join('again', 'config.json').check() or None, process)
    child = children(process.pid)
    assert len(child) == 1
    process.send_signal(signum)
    error = ended(process)
    assert process.returncode == 128 + signum, error
    assert error.count('\n') == 1 and 'stopped' in error
    assert not folder.check()
    assert not os.path.exists('/proc/%d' % child[0])


def children(parent):
    """Processes that a process has started (Linux)."""
    found = []
    for name in os.listdir('/proc'):
        try:
            with open('/proc/%s/stat' % name) as stream:
                # the name in brackets may hold spaces
                if int(stream.read().rsplit(')', 1)[1].split()[1]) == parent:
                    found.append(int(name))
        except (EnvironmentError, IndexError, ValueError):
            continue
    return found


def test_a_signal_while_packing_leaves_no_half_a_bag(tmpdir, soon):
    run = str(tmpdir.join('run'))
    # long enough to be stopped in
    strangers.write(os.path.join(run, 'large'), bytes(bytearray(1 << 26)))
    strangers.run(run)
    process = started(run, stdout=subprocess.PIPE)
    soon(lambda: True if len(os.listdir(str(tmpdir))) == 2 else None, process)
    time.sleep(.1)
    process.send_signal(signal.SIGTERM)
    error = ended(process)
    assert process.returncode == 128 + signal.SIGTERM, error
    assert error.count('\n') == 1
    assert os.listdir(str(tmpdir)) == ['run']


def test_checking_takes_no_more_memory_for_a_larger_bag(tmpdir):
    run = str(tmpdir.join('run'))
    with open(os.path.join(strangers.run(run), 'large'), 'wb') as stream:
        stream.truncate(1 << 26)
    bag = packing.pack(strangers.run(run), str(tmpdir.join('bag')))
    assert strangers.memory('from untapped.archive import packing',
                            'packing.check_bag(sys.argv[1])', bag) < 32 << 20


def test_a_list_of_files_is_read_within_bounds(bag, capsys, monkeypatch):
    monkeypatch.setattr(bags, 'LARGEST', 10)
    assert 'has more than 10 bytes' in told(capsys, ['check', bag])

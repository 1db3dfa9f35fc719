"""Runs that are killed, for real, and resumed end with the same bits.

UNTAPPED_KILLS sets the number of random moments (`make kills`: 20).
"""
from __future__ import division, print_function

import io
import json
import os
import random
import signal
import subprocess
import sys
import time

import pytest

from test_runner import (ROOT, only_folder, read_json, run_here, script,
                         start)
from untapped.runs import checkpoints

KILLS = int(os.environ.get('UNTAPPED_KILLS', '1'))
# The last epoch is no evaluation; a checkpoint after nearly every epoch.
LONG = ['--batch-size', '20', '--epochs', '80', '--eval-every', '7',
        '--sample-seed', '3', '--checkpoint-seconds', '0.02']
# What tells when and where a run was, which no two runs have alike.
CIRCUMSTANCES = ('config.json', 'log.txt', 'manifest.json', 'report.html',
                 'report.json', 'ro-crate-metadata.json')


def contents(folder):
    """The bytes of all that two runs of equal bits have alike, by name."""
    found = {}
    for place, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(place, name)
            with open(path, 'rb') as stream:
                found[os.path.relpath(path, folder)] = stream.read()
    for path in list(found):
        if os.path.basename(path) in CIRCUMSTANCES:
            found[path] = 'there'
    found['hashes'] = read_json(folder, 'manifest.json')['parameters_sha256']
    return found


class Whole(object):
    """A run that was never stopped, and how long it took."""

    def __init__(self, make, tiny, parent, *arguments):
        begun = time.time()
        finish(make(['--data', tiny, '--out', parent] + LONG
                    + list(arguments)))
        self.seconds = time.time() - begun
        self.folder = only_folder(parent)
        self.contents = contents(self.folder)


def finish(process):
    out, told = process.communicate()
    assert process.returncode == 0, out + told
    return out


def resume(folder, *arguments):
    return start(['--resume', folder] + list(arguments))


def wait_for_checkpoint(process, parent, epoch=1, model='m2'):
    """Until a running process has a checkpoint of an epoch or a later one."""
    while process.poll() is None:
        for name in os.listdir(str(parent)):
            folder = os.path.join(str(parent), name)
            for found in checkpoints.names(os.path.join(folder, model)):
                if int(found.split('-')[1]) >= epoch:
                    return folder
        time.sleep(.005)
    raise AssertionError('it ended before: %s' % (process.communicate(),))


def times(folder):
    """When each file of a folder was last written."""
    return dict((os.path.join(place, name),
                 os.stat(os.path.join(place, name)).st_mtime)
                for place, _, names in os.walk(folder) for name in names)


@pytest.mark.parametrize('number', range(KILLS))
def test_a_run_killed_at_a_random_moment_ends_with_the_same_bits(
        whole, tiny, tmpdir, number):
    generator = random.Random(number)
    arguments = ['--data', tiny, '--out', tmpdir] + LONG
    process = script(arguments)
    if generator.random() < .7:
        # somewhere in training, which is a small part of so short a run
        wait_for_checkpoint(process, tmpdir, generator.randrange(80),
                            generator.choice(['m2', 'untapped']))
        time.sleep(generator.uniform(0, .1))
    else:
        time.sleep(generator.uniform(0, whole.seconds))
    process.kill()
    process.communicate()
    folders = os.listdir(str(tmpdir))
    if not folders or 'config.json' not in os.listdir(
            only_folder(tmpdir)):
        # Killed before there was a run.
        tmpdir = tmpdir.mkdir('again')
        finish(script(['--data', tiny, '--out', tmpdir] + LONG))
    else:
        finish(script(['--resume', only_folder(tmpdir)]))
    folder = only_folder(tmpdir)
    assert contents(folder) == whole.contents


def test_a_run_killed_again_and_again_ends_with_the_same_bits(
        whole, tiny, tmpdir):
    """The last checkpoint of the first kill is cut short, too."""
    process = start(['--data', tiny, '--out', tmpdir] + LONG)
    for epoch, model in ((9, 'm2'), (33, 'm2'), (60, 'untapped')):
        folder = wait_for_checkpoint(process, tmpdir, epoch, model)
        process.kill()
        out = process.communicate()[0]
        if epoch == 9:
            place = os.path.join(folder, model)
            newest, before = checkpoints.names(place)[:2]
            path = os.path.join(place, newest)
            with open(path, 'rb+') as stream:
                stream.truncate(os.path.getsize(path) // 2)
        elif epoch == 33:
            assert 'Passed over: %s is truncated' % path in out
            assert 'Going on after epoch %d\n' % int(
                before.split('-')[1]) in out
        process = resume(folder)
    # M2 had been trained when Untapped was killed
    assert 'All 80 epochs were trained before\n' in finish(process)
    assert contents(folder) == whole.contents
    sessions = read_json(folder, 'manifest.json')['sessions']
    assert len(sessions) == 4
    assert [s['ended_utc'] is None for s in sessions] == [True] * 3 + [False]
    assert sessions[-1]['resumed_from_epoch']['m2'] == 80
    assert 60 <= sessions[-1]['resumed_from_epoch']['untapped'] <= 80


def test_a_stopped_run_goes_on_with_the_same_bits(whole, tiny, tmpdir):
    process = start(['--data', tiny, '--out', tmpdir] + LONG[:-1] + ['3600'])
    folder = wait_for_checkpoint(process, tmpdir, 7, 'untapped')
    process.send_signal(signal.SIGTERM)
    told = process.communicate()[1]
    assert process.returncode == 143
    assert '--resume %s goes on' % folder in told
    metrics = read_json(folder, 'metrics.json')
    assert metrics['status'] == 'stopped early'
    assert metrics['methods']['m2']['status'] == 'complete'
    out = finish(resume(folder))
    # what was kept is the last epoch that the stop found whole, or one
    # within the second before it
    assert 'Going on after epoch' in out
    assert contents(folder) == whole.contents


#: a name that is no text in any encoding that Python 2 would try
NO_TEXT = 'caf\xe9'


@pytest.fixture(scope='module')
def resumed(tiny, tmpdir_factory):
    """The folder of a run of M2 that was killed, got a file of somebody's,
    and was resumed."""
    parent = tmpdir_factory.mktemp('resumed')
    process = start(['--data', tiny, '--out', parent, '--model', 'm2'] + LONG)
    folder = wait_for_checkpoint(process, parent, 20, '.')
    process.kill()
    process.communicate()
    with open(os.path.join(folder, NO_TEXT), 'w') as stream:
        stream.write('mine')
    assert 'Going on after epoch' in finish(resume(folder))
    return folder


def test_a_run_of_one_model_goes_on_in_its_own_folder(
        whole, whole_m2, resumed):
    found = contents(resumed)
    assert found.pop(NO_TEXT) == b'mine'
    assert found == whole_m2.contents
    assert found['hashes'] == {'m2': whole.contents['hashes']['m2']}
    assert not checkpoints.below(resumed)


def test_a_file_whose_name_is_no_text_keeps_no_run_from_its_end(resumed):
    """It is in the manifest as text."""
    assert u'caf\ufffd' in read_json(resumed, 'manifest.json')['outputs']
    assert 'nothing is left to do' in finish(resume(resumed))


class Repeated(object):
    """Runs of two seeds of which the second was killed, and resumed."""

    def __init__(self, tiny, parent):
        process = start(['--data', tiny, '--out', parent, '--seeds', '2',
                         '--model', 'm2'] + LONG)
        self.folder = wait_for_checkpoint(
            process, parent, 20, os.path.join('runs', 'seed-1235'))
        process.kill()
        process.communicate()
        self.first = os.path.join(self.folder, 'runs', 'seed-1234')
        before = times(self.first)
        self.printed = finish(resume(self.folder))
        assert before == times(self.first)


@pytest.fixture(scope='module')
def repeated(tiny, tmpdir_factory):
    return Repeated(tiny, tmpdir_factory.mktemp('repeated'))


def test_repeats_keep_what_has_ended_and_go_on_with_the_rest(
        whole_m2, repeated):
    assert 'seed-1234: has ended before\n' in repeated.printed
    assert 'seed-1235: started\n' in repeated.printed
    folder = repeated.folder
    with io.open(os.path.join(folder, 'runs', 'seed-1235', 'log.txt'),
                 encoding='utf-8') as stream:
        assert 'Going on after epoch' in stream.read()
    # the runs are those that each seed has alone, whoever was killed
    alone = dict((name, content)
                 for name, content in whole_m2.contents.items()
                 if name not in CIRCUMSTANCES)
    assert alone == dict((name, content)
                         for name, content in contents(repeated.first).items()
                         if name not in CIRCUMSTANCES)
    manifest = read_json(folder, 'manifest.json')
    assert manifest['status'] == 'complete'
    assert sorted(manifest['parameters_sha256']) == [
        'runs/seed-1234/m2', 'runs/seed-1235/m2']
    assert 'runs/seed-1235/parameters.npz' in manifest['outputs']
    with open(os.path.join(folder, 'tables', 'runs.csv')) as stream:
        # a head, and two seeds
        assert len(stream.readlines()) == 1 + 2


def test_repeats_with_a_file_of_others_are_left_as_they_are(
        repeated, tmpdir, capsys):
    subprocess.check_call(['cp', '-rp', repeated.folder, str(tmpdir)])
    folder = only_folder(tmpdir)
    with open(os.path.join(folder, 'runs', 'seed-1234', 'notes.txt'),
              'w') as stream:
        stream.write('mine')
    before = times(folder)
    assert run_here(['--resume', folder]) == 0
    assert 'runs/seed-1234/notes.txt is not of the run' in \
        capsys.readouterr()[0]
    assert before == times(folder)


def test_two_processes_do_not_write_to_one_folder(tiny, tmpdir):
    process = start(['--data', tiny, '--out', tmpdir, '--epochs', '100000']
                    + LONG[:2])
    while not os.listdir(str(tmpdir)) or 'config.json' not in os.listdir(
            only_folder(tmpdir)):
        assert process.poll() is None
        time.sleep(.01)
    second = script(['--resume', only_folder(tmpdir)])
    told = second.communicate()[1]
    process.kill()
    process.communicate()
    assert second.returncode == 2
    assert 'is still going on in another process' in told
    assert told.count('\n') == 1


@pytest.fixture
def ended(whole, tmpdir):
    """A copy of the whole run that a test may spoil."""
    subprocess.check_call(['cp', '-rp', whole.folder, str(tmpdir)])
    return only_folder(tmpdir)


def test_a_complete_run_is_left_as_it_is(whole, capsys):
    before = times(whole.folder)
    assert run_here(['--resume', whole.folder]) == 0
    assert 'nothing is left to do' in capsys.readouterr()[0]
    assert before == times(whole.folder)


@pytest.mark.parametrize('name', ['notes.txt', 'm2/notes.txt',
                                  'caf\xc3\xa9', 'caf\xe9'])
def test_a_complete_run_with_a_file_of_others_is_left_as_it_is(
        ended, capsys, name):
    with open(os.path.join(ended, name), 'w') as stream:
        stream.write('mine')
    before = times(ended)
    assert run_here(['--resume', ended]) == 0
    told = capsys.readouterr()[0]
    assert 'nothing is left to do' in told
    assert 'is not of the run and was left alone' in told
    assert before == times(ended)


@pytest.mark.parametrize('name', ['metrics.json', 'm2/parameters.npz',
                                  'log.txt'])
@pytest.mark.parametrize('spoil', ['changed', 'missing', 'a folder'])
def test_a_complete_run_that_was_changed_is_not_trained_again(
        ended, capsys, name, spoil):
    path = os.path.join(ended, name)
    if spoil == 'changed':
        with open(path, 'a') as stream:
            stream.write('more')
    else:
        os.unlink(path)
    if spoil == 'a folder':
        os.mkdir(path)
    before = times(ended)
    assert run_here(['--resume', ended]) == 2
    told = capsys.readouterr()[1]
    assert name in told and told.count('\n') == 1
    after = times(ended)
    if name == 'log.txt' and spoil == 'missing':
        del after[path]         # empty: what keeps a second process away
    assert before == after


@pytest.mark.parametrize('spoil', [
    lambda m: m['ran_on'].update(code=[]),
    lambda m: m['ran_on'].pop('code'), lambda m: m['ran_on'].update(pins=3),
    lambda m: m['ran_on']['code'].update(sha256='no hash'),
    lambda m: m['ran_on']['code'].update(commit=['a']),
    lambda m: m['ran_on'].pop('python'),
    lambda m: m['sessions'][0].clear(), lambda m: m.update(sessions=[]),
    lambda m: m.update(seeds=3), lambda m: m['data'].clear(),
    lambda m: m.update(outputs=3), lambda m: m.update(parameters_sha256=3),
    lambda m: m.update(status='other')])
def test_a_manifest_that_is_none_is_refused_before_training(ended, capsys,
                                                            spoil):
    name = os.path.join(ended, 'manifest.json')
    manifest = read_json(ended, 'manifest.json')
    manifest['status'] = 'running'
    spoil(manifest)
    with open(name, 'w') as stream:
        json.dump(manifest, stream)
    before = times(ended)
    assert run_here(['--resume', ended]) == 2
    told = capsys.readouterr()[1]
    assert told.count('\n') == 1 and ('manifest.json' in told or
                                      'data/' in told)
    assert before == times(ended)


@pytest.mark.parametrize('arguments, part', [
    (['--resume', 'NOWHERE'], 'there is no folder'),
    (['--resume', 'EMPTY'], 'config.json cannot be read'),
    (['--resume', 'EMPTY', '--epochs', '3'], 'expected no --epochs'),
])
def test_what_cannot_be_resumed_is_one_sentence(tmpdir, capsys, arguments,
                                                part):
    names = {'NOWHERE': str(tmpdir.join('nowhere')), 'EMPTY': str(tmpdir)}
    try:
        status = run_here([names.get(a, a) for a in arguments])
    except SystemExit as ended:
        status = ended.code
    assert status == 2
    told = capsys.readouterr()[1]
    assert part in told and told.count('\n') == 1


def test_another_experiments_run_and_changed_data_are_refused(
        whole, tiny, tmpdir, capsys):
    from untapped.experiments import runner
    assert runner.main('libs', ['--resume', whole.folder]) == 2
    assert 'is a run of crism, not of libs' in capsys.readouterr()[1]
    subprocess.check_call(['cp', '-r', whole.folder, str(tmpdir)])
    folder = only_folder(tmpdir)
    name = os.path.join(folder, 'manifest.json')
    with open(name) as stream:
        manifest = json.load(stream)
    manifest['status'] = 'running'
    manifest['data']['sha256']['x'] = '0' * 64
    with open(name, 'w') as stream:
        json.dump(manifest, stream)
    files = sorted(os.listdir(folder))
    assert run_here(['--resume', folder]) == 2
    told = capsys.readouterr()[1]
    assert 'data/sha256/x was 0000' in told and told.count('\n') == 1
    assert sorted(os.listdir(folder)) == files


def test_resume_works_through_the_module_too(whole):
    process = subprocess.Popen(
        [sys.executable, '-m', 'untapped.experiments', '--experiment',
         'crism', '--resume', whole.folder],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT,
        universal_newlines=True)
    out, told = process.communicate()
    assert process.returncode == 0, told
    assert 'has ended (complete)' in out

"""Full disks, removed folders, damaged compile folders: caused for real."""
from __future__ import division, print_function

import ctypes
import os
import shutil
import socket
import subprocess
import sys
import time

import pytest

from test_resume import LONG, contents, finish, resume, wait_for_checkpoint
from test_runner import ROOT, SMALL, script, start
from untapped.runs import checkpoints
from untapped.runs.run_folder import RunFolder


@pytest.fixture
def small_disk(tmpdir):
    """A file system of 12 MB of its own."""
    path = str(tmpdir.mkdir('disk'))
    try:
        with open(os.devnull, 'w') as null:
            subprocess.check_call(
                ['mount', '-t', 'tmpfs', '-o', 'size=12m', 'tmpfs', path],
                stderr=null)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip('mounting a tmpfs needs to be root')
    yield path
    subprocess.check_call(['umount', path])


def fill(path):
    """Write to a disk until nothing more goes onto it."""
    with open(path, 'wb') as stream:
        handle = stream.fileno()
        size = 1 << 16
        while size:
            try:
                os.write(handle, b'\0' * size)
            except OSError:
                size //= 2


def told_and_failed(process):
    """What a process said on stderr, one line that is no traceback."""
    told = process.communicate()[1]
    assert process.returncode == 2, told
    assert 'Traceback' not in told
    return told.strip().split('\n')[-1]


def test_a_full_disk_ends_the_run_and_loses_nothing(
        whole_m2, tiny, small_disk):
    out = os.path.join(small_disk, 'results')
    os.mkdir(out)
    process = start(['--data', tiny, '--out', out, '--model', 'm2'] + LONG)
    folder = wait_for_checkpoint(process, out, 10, '.')
    fill(os.path.join(small_disk, 'filler'))
    told = told_and_failed(process)
    assert 'cannot write ' + folder in told
    assert 'No space left on device' in told
    assert '--resume %s goes on' % folder in told
    assert not [n for n in os.listdir(folder) if n.endswith('.part')]
    assert checkpoints.latest(folder)[0]['epoch'] >= 10
    # still full: the same again, and still nothing lost
    told = told_and_failed(resume(folder))
    assert 'cannot write ' + folder in told
    os.unlink(os.path.join(small_disk, 'filler'))
    finish(resume(folder))
    assert contents(folder) == whole_m2.contents


def test_a_disk_that_is_full_from_the_start(tiny, small_disk):
    fill(os.path.join(small_disk, 'filler'))
    out = os.path.join(small_disk, 'results')
    told = told_and_failed(start(['--data', tiny, '--out', out] + SMALL))
    assert out in told and 'No space left on device' in told


def test_a_results_folder_that_is_removed_ends_the_run(tiny, tmpdir):
    process = start(['--data', tiny, '--out', tmpdir] + LONG)
    folder = wait_for_checkpoint(process, tmpdir, 5)
    # a file may be made while the others go
    while os.path.exists(folder):
        shutil.rmtree(folder, ignore_errors=True)
    told = told_and_failed(process)
    assert 'cannot write ' + folder in told
    assert 'No such file or directory' in told


def test_two_runs_of_the_same_second_get_a_folder_each(tiny, tmpdir):
    both = [script(['--data', tiny, '--out', tmpdir] + SMALL
                   + ['--model', 'm2']) for _ in range(2)]
    for process in both:
        finish(process)
    folders = [os.path.join(str(tmpdir), n) for n in os.listdir(str(tmpdir))]
    assert len(folders) == 2
    assert contents(folders[0]) == contents(folders[1])


# The compile folder.  A small program in place of a run: compiling a run's
# functions anew takes minutes.

PROGRAM = '''
import sys
from untapped.experiments import compile_faults
try:
    import untapped, theano, theano.tensor as T
    x = T.fvector()
    print(theano.function([x], T.exp(x) + 2)([0, 0]))
except Exception as error:
    found = compile_faults.explained(error, sys.exc_info()[2])
    if found is None:
        raise
    sys.exit(str(found))
'''


def compile_in(folder, flags='', program=PROGRAM, **options):
    """Run a program with its own compile folder."""
    environment = dict(os.environ, UNTAPPED_COMPILEDIR=str(folder),
                       THEANO_FLAGS=flags)
    process = subprocess.Popen(
        [sys.executable, '-c', program], env=environment,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT,
        universal_newlines=True, **options)
    out, told = process.communicate()
    return process.returncode, out, told


@pytest.fixture(scope='module')
def compiled(tmpdir_factory):
    folder = tmpdir_factory.mktemp('compiled').join('theano')
    status, out, told = compile_in(folder)
    assert status == 0 and '[ 3.  3.]' in out, told
    return folder


@pytest.fixture
def folder(compiled, tmpdir):
    shutil.copytree(str(compiled), str(tmpdir.join('theano')))
    return tmpdir.join('theano')


def test_a_damaged_compile_folder_is_named(folder):
    for path in folder.visit('*.so'):
        path.write('')
    status, out, told = compile_in(folder)
    assert status == 1
    # Theano itself may have logged more before
    assert told.strip().split('\n')[-1].startswith(
        'Theano cannot use its compile folder %s (' % folder)
    shutil.rmtree(str(folder))
    assert compile_in(folder)[0] == 0


STEP = '''
import sys
from untapped.experiments import compile_faults
try:
    import untapped, theano, theano.tensor as T
    from untapped.compiled.modes import step_mode
    x = T.fvector()
    print(theano.function([x], T.exp(x) + 2, mode=step_mode())([0, 0]))
except Exception as error:
    found = compile_faults.explained(error, sys.exc_info()[2])
    if found is None:
        raise
    sys.exit(str(found))
'''


def test_a_damaged_step_of_training_is_named_with_its_folder(folder):
    """The library that a whole step is compiled to."""
    assert compile_in(folder, program=STEP)[0] == 0
    libraries = list(folder.join('untapped').visit('*.so'))
    assert libraries
    for path in libraries:
        path.write(path.read('rb')[:100], 'wb')
    status, out, told = compile_in(folder, program=STEP)
    assert status == 1
    assert told.strip().split('\n')[-1].startswith(
        'Theano cannot use its compile folder %s (' % folder)


def test_a_full_disk_under_the_compile_folder_is_named(small_disk):
    """Theano alone would wait for a lock that it could not write."""
    folder = os.path.join(small_disk, 'theano')
    os.mkdir(folder)
    fill(os.path.join(small_disk, 'filler'))
    status, out, told = compile_in(folder)
    assert status == 0 and '[ 3.  3.]' in out, told
    assert 'the compile folder %s cannot be used' % folder in told
    os.unlink(os.path.join(small_disk, 'filler'))
    status, out, told = compile_in(folder)
    assert status == 0 and '[ 3.  3.]' in out and not told, told


def test_a_compile_folder_that_becomes_full_is_one_sentence(small_disk):
    folder = os.path.join(small_disk, 'theano')
    os.mkdir(folder)
    fill(os.path.join(small_disk, 'filler'))
    with open(os.path.join(small_disk, 'filler'), 'r+b') as stream:
        stream.truncate(os.path.getsize(stream.name) - (200 << 10))
    status, out, told = compile_in(folder, program=PROGRAM)
    assert status == 1 and not out.strip()
    assert told.startswith('Theano cannot use its compile folder %s (' %
                           folder)
    assert told.count('\n') == 1


# The environment.  The script ends before numpy and Theano are loaded.

SETTINGS = {
    'no compiler': ({'PATH': '/nowhere'}, 'PATH: expected a C++ compiler'),
    'a compiler that is none': (
        {'THEANO_FLAGS': 'cxx=/nope'},
        "THEANO_FLAGS: Theano's cxx: expected a C++ compiler that runs"),
    'a compiler that fails': (
        {'THEANO_FLAGS': 'cxx=/bin/false'}, 'got /bin/false (it ends with'),
    'no docstrings': ({'PYTHONOPTIMIZE': '2'}, 'PYTHONOPTIMIZE: expected'),
    'THEANORC that is no file of settings': (
        {'THEANORC': '/bin/sh', 'UNTAPPED_PINS': 'environment'},
        'THEANORC: expected a file of settings, got /bin/sh')}


@pytest.mark.parametrize('case', sorted(SETTINGS))
def test_an_environment_that_cannot_compile_is_one_sentence(tmpdir, case):
    changed, part = SETTINGS[case]
    process = subprocess.Popen(
        [sys.executable, os.path.join(ROOT, 'run_crism.py'), '--quick',
         '--out', str(tmpdir.join('out'))], env=dict(os.environ, **changed),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        universal_newlines=True)
    out, told = process.communicate()
    assert process.returncode == 2 and not out
    assert told.startswith('run_crism.py: error: ') and part in told
    assert told.count('\n') == 1
    assert not tmpdir.join('out').check()


def test_an_environment_without_path_finds_the_compiler_and_its_linker():
    """g++ is found in the usual places; ld is not, without PATH."""
    program = ('from untapped.machine import compiler; import os, subprocess;'
               'compiler.check(); print(os.environ["PATH"])')
    told = subprocess.check_output([sys.executable, '-c', program], env={},
                                   cwd=ROOT, universal_newlines=True)
    assert '/usr/bin' in told


def held_by(pid):
    """What Theano writes into its lock: process, a number, host."""
    return '%d_123456_%s' % (pid, socket.gethostname())


def test_a_folder_locked_by_a_living_process_is_waited_for(folder):
    """Theano names the lock; it takes it when its holder keeps silent."""
    lock = folder.mkdir('lock_dir').join('lock')
    lock.write(held_by(os.getpid()))
    for path in folder.visit('key.pkl'):
        path.remove()       # there must be something to compile
    begun = time.time()
    status, out, told = compile_in(folder,
                                   'compile.timeout=4,compile.wait=1')
    assert status == 0 and '[ 3.  3.]' in out, told
    assert time.time() - begun > 3
    assert str(folder.join('lock_dir')) in told


def test_a_folder_locked_by_a_dead_process_is_taken(folder):
    dead = subprocess.Popen([sys.executable, '-c', ''])
    dead.wait()
    folder.mkdir('lock_dir').join('lock').write(held_by(dead.pid))
    for path in folder.visit('key.pkl'):
        path.remove()
    begun = time.time()
    status, out, told = compile_in(folder, 'compile.timeout=300')
    assert status == 0 and '[ 3.  3.]' in out, told
    assert time.time() - begun < 200


def obey_modes():
    """Give up what lets root write where modes forbid it (Linux)."""
    if os.getuid() == 0:
        # PR_CAPBSET_DROP; CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH
        for capability in (1, 2):
            assert ctypes.CDLL(None).prctl(24, capability, 0, 0, 0) == 0


@pytest.mark.parametrize('closed', ['.', 'tmp1'])
def test_a_compile_folder_that_cannot_be_read_is_not_asked_for(tmpdir,
                                                               closed):
    """Another user's: an empty private folder is taken, and said."""
    folder = tmpdir.mkdir('theano')
    folder.mkdir('tmp1').join('key.pkl').write('')
    folder.join(closed).chmod(0)
    program = ('from untapped.machine import compile_folders as c\n'
               'c._prepare()\n'
               'import os\n'
               'print(c.in_use(), os.listdir(c.in_use()))')
    status, out, told = compile_in(folder, program=program,
                                   preexec_fn=obey_modes)
    folder.join(closed).chmod(0o700)
    assert status == 0 and '[]' in out and str(folder) not in out
    assert told.startswith('untapped: the compile folder %s cannot be read; '
                           'compiling in ' % folder)
    assert told.count('\n') == 1


def test_a_compile_folder_that_cannot_be_written_is_left_alone(folder):
    for path in folder.visit(lambda p: p.isdir()):
        path.chmod(0o555)
    folder.chmod(0o555)
    before = sorted(str(path) for path in folder.visit())
    status, out, told = compile_in(folder, preexec_fn=obey_modes)
    assert status == 0 and '[ 3.  3.]' in out, told
    assert 'the compile folder %s cannot be used' % folder in told
    assert sorted(str(path) for path in folder.visit()) == before


def test_a_folder_that_became_read_only_is_left_as_it_is(small_disk):
    folder = RunFolder(small_disk, 'crism', 'own')
    folder.write_json('config.json', {})
    subprocess.check_call(['mount', '-o', 'remount,ro', small_disk])
    folder.discard()
    assert os.listdir(folder.path) == ['config.json']

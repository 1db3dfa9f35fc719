"""Compile folders for processes side by side."""
from __future__ import division, print_function

import os
import subprocess
import sys

import pytest

from untapped import pins
from untapped.machine.slots import LIBRARIES, Slot


@pytest.fixture
def base(tmpdir, monkeypatch):
    """A compile folder with something in it, in use."""
    folder = tmpdir.mkdir('compiled')
    folder.mkdir('tmp1').join('key.pkl').write('a module')
    folder.mkdir(LIBRARIES).join('step.so').write('a library')
    monkeypatch.setenv('THEANO_FLAGS', pins.with_compile_folder(str(folder)))
    return folder


def test_slots_that_are_held_differ_and_are_free_again(base):
    with Slot() as first, Slot() as second, Slot() as third:
        assert [slot.folder for slot in (first, second, third)] == [
            str(base), str(base) + '-job-2', str(base) + '-job-3']
        second.release()
        with Slot() as again:
            assert again.folder == second.folder
    with Slot() as again:
        assert again.folder == str(base)


def test_a_slot_is_warm_shares_libraries_and_no_lock(base):
    base.mkdir('lock_dir')
    with Slot(), Slot() as slot:
        made = base.dirpath('compiled-job-2')
        assert slot.folder == str(made)
        assert made.join('tmp1', 'key.pkl').read() == 'a module'
        assert not made.join('lock_dir').check()
        base.join(LIBRARIES, 'later.so').write('another')
        assert made.join(LIBRARIES, 'later.so').read() == 'another'
        made.join('tmp1', 'key.pkl').write('its own')
        assert base.join('tmp1', 'key.pkl').read() == 'a module'
    # a compile folder may be removed; its slots still work
    base.remove()
    with Slot(), Slot() as slot:
        assert os.path.isdir(os.path.join(slot.folder, LIBRARIES))


def test_a_shared_folder_of_libraries_that_has_gone_is_made_again(
        base, monkeypatch):
    """Theano removes empty folders from a compile folder."""
    import theano
    from untapped.compiled import library
    base.join(LIBRARIES).remove()
    with Slot(), Slot() as slot:
        base.join(LIBRARIES).remove()
        assert os.path.islink(os.path.join(slot.folder, LIBRARIES))
        monkeypatch.setitem(vars(vars(type(theano.config))['compiledir']),
                            'val', slot.folder)
        made = library.built('int nothing;', [])
        assert os.path.dirname(made) == str(base.join(LIBRARIES))


def test_the_flags_name_the_slot_and_keep_the_rest(base):
    with Slot(), Slot() as slot:
        flags = pins.parse(slot.flags('floatX=float64,compiledir=/elsewhere'))
        assert flags['compiledir'] == slot.folder
        assert flags['floatX'] == 'float64'
        assert flags['optimizer'] == 'fast_compile'


def test_without_room_beside_it_a_slot_is_temporary(base, monkeypatch):
    def refused(path):
        raise IOError(13, 'Permission denied')

    monkeypatch.setattr('untapped.machine.slots._lock', refused)
    with Slot() as slot:
        assert slot.temporary and slot.folder != str(base)
        assert os.path.exists(os.path.join(slot.folder, 'tmp1', 'key.pkl'))
    assert not os.path.exists(slot.folder)


def test_a_killed_process_leaves_its_slot(base):
    process = subprocess.Popen(
        [sys.executable, '-c', 'from untapped.machine.slots import Slot; '
         's = Slot(); print(s.folder); import sys, time; sys.stdout.flush(); '
         'time.sleep(600)'], stdout=subprocess.PIPE, universal_newlines=True)
    assert process.stdout.readline().strip() == str(base)
    with Slot() as slot:
        assert slot.folder == str(base) + '-job-2'
    process.kill()
    process.communicate()
    with Slot() as slot:
        assert slot.folder == str(base)


BELOW = '''
import untapped
from untapped.machine.slots import Slot
with Slot() as first, Slot() as second:
    print(first.folder)
    print(second.folder)
    print(second.flags())
import theano
print(theano.config.compiledir)
'''


def test_below_the_base_that_is_named_slots_begin_with_a_runs_own(
        tmpdir, monkeypatch):
    monkeypatch.setenv('THEANO_FLAGS', 'base_compiledir=%s' % tmpdir)
    first, second, flags, own = subprocess.check_output(
        [sys.executable, '-W', 'ignore', '-c', BELOW],
        universal_newlines=True).splitlines()
    assert os.path.dirname(own) == str(tmpdir)
    assert (first, second) == (own, own + '-job-2')
    assert pins.parse(flags)['compiledir'] == second


FORKS = '''
import multiprocessing
import untapped
import theano
from theano.gof import cmodule
from untapped.compiled.modes import compile_mode

def compiles_in(barrier):
    before = theano.config.compiledir
    compile_mode()
    barrier.wait()
    return before, cmodule.get_module_cache(
        theano.config.compiledir).dirname, theano.config.compiledir

class Barrier(object):
    """Both forked processes get there before either goes on."""
    def __init__(self):
        self.left = multiprocessing.Value('i', 2)
        self.open = multiprocessing.Event()
    def wait(self):
        with self.left.get_lock():
            self.left.value -= 1
            if not self.left.value:
                self.open.set()
        self.open.wait(60)

barrier = Barrier()
queue = multiprocessing.Queue()
started = [multiprocessing.Process(
    target=lambda: queue.put(compiles_in(barrier))) for _ in range(2)]
for each in started: each.start()
for line in sorted(queue.get() for _ in started): print(' '.join(line))
for each in started: each.join()
print(theano.config.compiledir)
'''


def test_forked_processes_compile_in_folders_of_their_own(base):
    printed = subprocess.check_output(
        [sys.executable, '-W', 'ignore', '-c', FORKS],
        universal_newlines=True).split()
    base = str(base)
    assert printed == [base, base, base, base, base + '-job-2',
                       base + '-job-2', base]


LOADED = '''
import multiprocessing
import untapped
import theano
import theano.tensor as T
from untapped.compiled.modes import compile_mode

def compiled():
    x = T.scalar()
    return theano.function([x], x + 2, mode=compile_mode())(40)

def forked(queue):
    compile_mode()
    queue.put((compiled(), theano.config.compiledir))

queue = multiprocessing.Queue()
print(compiled())
first = multiprocessing.Process(target=forked, args=(queue,))
from untapped.machine.slots import Slot
with Slot():
    first.start()
    print(' '.join(map(str, queue.get(True, 60))))
    first.join()
'''


def test_a_forked_process_compiles_what_its_parent_has_loaded(tmpdir,
                                                              monkeypatch):
    """Theano would find the parent's module of the same name, and stop."""
    folder = str(tmpdir.join('compiled'))
    monkeypatch.setenv('THEANO_FLAGS', pins.with_compile_folder(folder))
    printed = subprocess.check_output(
        [sys.executable, '-W', 'ignore', '-c', LOADED],
        universal_newlines=True).split()
    assert printed == ['42.0', '42.0', folder + '-job-2']

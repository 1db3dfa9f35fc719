"""What others can change is never run from a compile folder."""
from __future__ import division, print_function

import os
import subprocess
import sys

import pytest

from untapped import pins
from untapped.machine import compile_folders
from untapped.machine.slots import Slot

#: a user that owns nothing here
NOBODY = 65534

needs_root = pytest.mark.skipif(
    os.geteuid() != 0, reason='only root can act as another user')


@pytest.fixture
def folder(tmpdir):
    """A compile folder as this user makes one."""
    made = tmpdir.mkdir('compiled')
    made.chmod(0o755)
    made.mkdir('tmp1').join('key.pkl').write('a module')
    return made


def test_a_folder_of_ones_own_is_used_also_before_it_is_there(folder):
    assert compile_folders.ours(str(folder))
    assert compile_folders.ours(str(folder.dirpath('later')))
    assert compile_folders.ours(str(folder.dirpath('a', 'b', 'later')))


@pytest.mark.parametrize('name, mode', [
    ('.', 0o777), ('.', 0o775), ('tmp1', 0o777), ('tmp1/key.pkl', 0o666)])
def test_what_others_may_write_to_is_refused(folder, name, mode):
    folder.join(name).chmod(mode)
    assert not compile_folders.ours(str(folder))


def test_within_a_folder_that_nobody_enters_modes_do_not_matter(folder):
    folder.join('tmp1').chmod(0o775)
    folder.chmod(0o700)
    assert compile_folders.ours(str(folder))


def test_a_link_is_refused_whoever_made_it(folder, tmpdir):
    os.symlink(str(folder), str(tmpdir.join('link')))
    assert not compile_folders.ours(str(tmpdir.join('link')))


@pytest.mark.parametrize('mode, expected', [
    (0o777, False), (0o775, False), (0o1777, True)])
def test_where_others_could_put_another_folder_it_is_refused(
        folder, mode, expected):
    folder.dirpath().chmod(mode)
    assert compile_folders.ours(str(folder)) is expected
    assert compile_folders.ours(str(folder.dirpath('later'))) is expected


@needs_root
@pytest.mark.parametrize('name', ['.', 'tmp1', 'tmp1/key.pkl'])
def test_what_another_user_made_is_refused(folder, name):
    os.chown(str(folder.join(name)), NOBODY, -1)
    assert not compile_folders.ours(str(folder))


def test_a_planted_module_is_not_run(folder, tmpdir):
    """Theano loads cutils_ext, whatever is in it, at its import."""
    cutils = folder.mkdir('cutils_ext')
    cutils.join('__init__.py').write('')
    cutils.join('cutils_ext.py').write(
        'open(%r, "w").write("was here")' % str(tmpdir.join('proof')))
    cutils.chmod(0o777)
    process = subprocess.Popen(
        [sys.executable, '-c', 'import untapped, theano\n'
         'print(theano.config.compiledir)'], stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, universal_newlines=True, env=dict(
            os.environ, TMPDIR=str(tmpdir.mkdir('scratch')),
            THEANO_FLAGS=pins.with_compile_folder(str(folder))))
    out, told = process.communicate()
    assert process.returncode == 0, told
    assert str(folder) != out.strip()
    assert 'can be changed by others' in told
    assert not tmpdir.join('proof').check()


@needs_root
def test_a_slot_is_not_taken_from_who_made_it_first(folder, monkeypatch):
    """In a folder like /tmp another user plants the second slot."""
    folder.dirpath().chmod(0o1777)
    monkeypatch.setenv('THEANO_FLAGS', pins.with_compile_folder(str(folder)))
    planted = folder.dirpath('compiled-job-2')
    planted.mkdir().join('key.pkl').write('planted')
    for path in (planted, planted.join('key.pkl')):
        os.chown(str(path), NOBODY, -1)
    with Slot() as first, Slot() as second:
        assert first.folder == str(folder)
        assert second.temporary and second.folder != str(planted)
        assert not os.path.exists(os.path.join(second.folder, 'key.pkl'))


def test_a_link_in_a_locks_place_makes_no_file_elsewhere(folder, monkeypatch,
                                                         tmpdir):
    monkeypatch.setenv('THEANO_FLAGS', pins.with_compile_folder(str(folder)))
    os.symlink(str(tmpdir.join('elsewhere')), str(folder) + '.taken')
    with Slot() as slot:
        assert slot.temporary
    assert not tmpdir.join('elsewhere').check()


@needs_root
def test_a_lock_of_another_user_is_not_waited_for(folder, monkeypatch):
    monkeypatch.setenv('THEANO_FLAGS', pins.with_compile_folder(str(folder)))
    lock = folder.dirpath('compiled.taken')
    lock.write('')
    os.chown(str(lock), NOBODY, -1)
    with Slot() as slot:
        assert slot.temporary

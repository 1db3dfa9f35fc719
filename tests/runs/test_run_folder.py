"""Run folders are new, and their files whole or absent."""
from __future__ import division, print_function

import json
import os
import signal
import subprocess
import threading

import numpy as np
import pytest

from untapped.errors import SavingError, UserError
from untapped.runs import run_folder
from untapped.runs.run_folder import RunFolder, to_json


@pytest.fixture
def folder(tmpdir):
    return RunFolder(str(tmpdir.join('results')), 'crism')


def test_runs_of_the_same_second_get_different_folders(tmpdir, monkeypatch):
    monkeypatch.setattr(run_folder.time, 'strftime',
                        lambda *args: 'crism-20200101T000000Z')
    made = []

    def make():
        made.append(RunFolder(str(tmpdir), 'crism').path)

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 8
    assert all(os.path.isdir(path) for path in made)


def test_a_parent_that_another_run_makes_just_now_will_do(tmpdir,
                                                          monkeypatch):
    makedirs = os.makedirs

    def just_before(path):
        makedirs(path)
        makedirs(path)

    monkeypatch.setattr(run_folder.os, 'makedirs', just_before)
    folder = RunFolder(str(tmpdir.join('runs')), 'crism', 'seed-1')
    assert os.listdir(str(tmpdir.join('runs'))) == ['seed-1']
    assert os.path.isdir(folder.path)


def test_a_file_appears_when_it_is_whole(folder):
    with folder.file('a.txt') as stream:
        stream.write(b'first')
        assert not os.path.exists(folder.join('a.txt'))
    assert os.listdir(folder.path) == ['a.txt']


@pytest.mark.parametrize('error', [KeyboardInterrupt, ValueError])
def test_an_interrupted_write_leaves_the_earlier_version(folder, error):
    folder.write_text('a.txt', 'earlier')
    with pytest.raises(error):
        with folder.file('a.txt') as stream:
            stream.write(b'half')
            raise error()
    assert os.listdir(folder.path) == ['a.txt']
    with open(folder.join('a.txt')) as stream:
        assert stream.read() == 'earlier'


def test_a_full_disk_is_told_with_the_file(folder):
    if not os.path.exists('/dev/full'):
        pytest.skip('this machine has no /dev/full')
    with pytest.raises(SavingError) as error:
        with folder.file('a.txt') as stream:
            with open('/dev/full', 'wb') as full:
                full.write(b'x' * 10)
            stream.write(b'never reached')
    assert 'a.txt' in str(error.value) and 'No space' in str(error.value)
    assert os.listdir(folder.path) == []


def test_a_removed_folder_is_told_with_the_file(folder):
    os.rmdir(folder.path)
    with pytest.raises(SavingError, match='metrics.json'):
        folder.write_json('metrics.json', {})


def test_files_can_be_read_by_whom_the_umask_lets(folder):
    previous = os.umask(0o022)
    try:
        folder.write_text('a.txt', 'a')
    finally:
        os.umask(previous)
    assert os.stat(folder.join('a.txt')).st_mode & 0o777 == 0o644


def test_json_reads_back_to_the_same_bits():
    numbers = [float(np.float32(.1)), 1 / 3, 5e-324, -0., 1e300]
    back = json.loads(to_json({'numbers': numbers}))['numbers']
    assert [repr(n) for n in back] == [repr(n) for n in numbers]


def test_json_has_no_nan_or_infinity_but_their_names():
    text = to_json([float('nan'), float('inf'), -float('inf')])
    assert json.loads(text) == ['nan', 'inf', '-inf']


def test_json_is_ascii_whatever_the_path_holds():
    text = to_json([u'd\xe4ta', b'd\xff', 'data'])
    text.encode('ascii')
    # a byte that is no text comes back as that byte, see files.texts
    assert json.loads(text) == [u'd\xe4ta', u'd\udcff', u'data']


def test_npz_reads_back_and_equal_arrays_make_equal_files(folder):
    arrays = {'z1->y.W': np.arange(6, dtype='float32').reshape(2, 3),
              'lr': np.array(.5)}
    folder.write_npz('a.npz', arrays)
    folder.write_npz('b.npz', arrays)
    with np.load(folder.join('a.npz')) as back:
        assert sorted(back.files) == sorted(arrays)
        for name, array in arrays.items():
            assert back[name].dtype == array.dtype
            assert np.array_equal(back[name], array)
    with open(folder.join('a.npz'), 'rb') as a, \
            open(folder.join('b.npz'), 'rb') as b:
        assert a.read() == b.read()


def test_npz_refuses_objects(folder):
    with pytest.raises(ValueError):
        folder.write_npz('a.npz', {'a': np.array([{}])})
    assert os.listdir(folder.path) == []


def test_discard_removes_what_the_run_wrote_and_nothing_else(folder):
    folder.write_text('config.json', '{}')
    folder.open_log().close()
    folder.discard()
    assert not os.path.exists(folder.path)


def test_discard_leaves_a_file_that_is_not_the_runs(folder):
    with open(folder.join('notes.txt'), 'w') as stream:
        stream.write('mine')
    folder.discard()
    assert os.listdir(folder.path) == ['notes.txt']


def test_a_file_in_the_place_of_the_parent_is_refused(tmpdir):
    taken = tmpdir.join('taken')
    taken.write('')
    for parent in (str(taken), str(taken.join('below'))):
        with pytest.raises(UserError, match='--out'):
            run_folder.check_parent(parent)
        with pytest.raises(UserError, match='--out'):
            RunFolder(parent, 'crism')


def test_checking_the_parent_makes_nothing(tmpdir):
    run_folder.check_parent(str(tmpdir.join('a', 'b')))
    assert tmpdir.listdir() == []


# a folder that goes on, from anybody

@pytest.mark.parametrize('name', [
    'log.txt', 'metrics.json', 'm2', 'm2/parameters.npz', 'runs',
    'runs/seed-1', 'runs/seed-1/report.json', 'checkpoint-00000001'])
def test_a_link_in_a_folder_that_goes_on_is_refused(folder, tmpdir, name):
    """What is written or read through it would be somebody else's."""
    folder.write_text('config.json', '{}')
    for outside in (tmpdir.mkdir('outside'), tmpdir.join('none'),
                    tmpdir.join('file')):
        if outside.basename == 'file':
            outside.write('mine')
        place = folder.join(os.path.dirname(name))
        if not os.path.isdir(place):
            os.makedirs(place)
        os.symlink(str(outside), folder.join(name))
        with pytest.raises(UserError) as error:
            RunFolder.again(folder.path)
        assert folder.join(name) in str(error.value)
        assert '\n' not in str(error.value)
        os.unlink(folder.join(name))
    assert tmpdir.join('file').read() == 'mine'
    assert not tmpdir.join('none').check()
    assert tmpdir.join('outside').listdir() == []


@pytest.mark.parametrize('name', ['log.txt', 'm2/parameters.npz', 'more'])
def test_a_pipe_in_a_folder_that_goes_on_is_refused(folder, name):
    folder.write_text('m2/records.csv', '')
    os.mkfifo(folder.join(name))
    signal.alarm(60)        # if it is waited for
    with pytest.raises(UserError) as error:
        RunFolder.again(folder.path)
    signal.alarm(0)
    assert folder.join(name) in str(error.value)


def test_a_folder_that_nests_without_end_is_refused(folder):
    # neither os.makedirs nor shutil.rmtree comes so far
    subprocess.check_call(['mkdir', '-p', folder.join('a/' * 1500)])
    try:
        with pytest.raises(UserError, match='a folder that cannot be read'):
            RunFolder.again(folder.path)
    finally:
        subprocess.check_call(['rm', '-r', folder.join('a')])


def test_hidden_files_and_those_of_others_keep_no_run_from_going_on(folder):
    """An editor's lock is a link that leads nowhere."""
    os.symlink('nowhere', folder.join('.#notes.txt'))
    for name in ('notes.txt', 'caf\xe9', '.config.json-x.part'):
        with open(folder.join(name), 'w') as stream:
            stream.write('mine')
    again = RunFolder.again(folder.path)
    assert sorted(os.listdir(folder.path)) == [
        '.#notes.txt', 'caf\xe9', 'log.txt', 'notes.txt']
    assert 'notes.txt' in again.written


def test_the_folder_itself_may_be_a_link(folder, tmpdir):
    link = str(tmpdir.join('link'))
    os.symlink(folder.path, link)
    RunFolder.again(link).write_text('a.txt', 'a')
    assert os.path.isfile(folder.join('a.txt'))


def test_a_refused_folder_can_go_on_once_it_is_mended(folder):
    os.symlink('nowhere', folder.join('link'))
    with pytest.raises(UserError):
        RunFolder.again(folder.path)
    os.unlink(folder.join('link'))
    RunFolder.again(folder.path)

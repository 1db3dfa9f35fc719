"""--resume from a checkpoint that anybody may have made."""
from __future__ import division, print_function

import os
import shutil

import numpy as np
import pytest

from test_resume import LONG, wait_for_checkpoint
from test_runner import run_here, start
from untapped.runs import checkpoints


@pytest.fixture(scope='module')
def killed(tiny, tmpdir_factory):
    """The folder of a run of one model that was killed."""
    parent = tmpdir_factory.mktemp('killed')
    process = start(['--data', tiny, '--out', parent, '--model', 'm2']
                    + LONG)
    folder = wait_for_checkpoint(process, parent, 20, '.')
    process.kill()
    process.communicate()
    return folder


@pytest.fixture
def folder(killed, tmpdir):
    """A copy of it that a test may spoil."""
    copy = str(tmpdir.join('run'))
    shutil.copytree(killed, copy)
    return copy


def newest(folder):
    return os.path.join(folder, checkpoints.names(folder)[0])


def spoilt(folder, spoil):
    """Change the newest checkpoint's state; its hash is right again."""
    path = newest(folder)
    state = checkpoints.read(path)
    spoil(state)
    with open(path, 'wb') as stream:
        stream.write(checkpoints.to_bytes(state))
    return path


def files(folder):
    """Bytes of all but what says that it was tried to go on."""
    found = {}
    for place, _, names in os.walk(folder):
        for name in set(names) - set(['log.txt', 'manifest.json']):
            with open(os.path.join(place, name), 'rb') as stream:
                found[os.path.join(place, name)] = stream.read()
    return found


def change(name, value):
    return lambda state: state.update({name: np.array(value)})


@pytest.mark.parametrize('spoil, part', [
    (change('generator position', [10 ** 9, 0]), 'generator position'),
    (change('generator position', [-10 ** 9, 0]), 'generator position'),
    (lambda state: state['order train'].__iadd__(1), 'order train'),
    (change('lr', np.nan), 'lr'), (lambda state: state.pop('lr'), 'lr'),
    (change('more', 3), 'more'),
    (lambda state: state.pop('epoch'), 'another epoch than its name'),
    (change('epoch', 20.5), 'another epoch than its name'),
    (change('epoch', b'20'), 'another epoch than its name'),
    (change('epoch', np.nan), 'another epoch than its name'),
    (change('epoch', [20]), 'another epoch than its name'),
    (change('epoch', -1), 'another epoch than its name'),
    (change('epoch', 10 ** 9), 'another epoch than its name'),
    (lambda state: state.pop('run hashes'), 'SHA-256 of the parameters'),
    (lambda state: state.pop('record epochs'), 'SHA-256 of the parameters'),
    (change('run evaluations', [1, 2]), 'SHA-256 of the parameters'),
    (lambda state: state['run hashes'].fill(b'../../x'), 'SHA-256')])
def test_a_hostile_checkpoint_is_one_sentence_that_names_it(
        folder, capsys, spoil, part):
    path = spoilt(folder, spoil)
    before = files(folder)
    assert run_here(['--resume', folder]) == 2
    told = capsys.readouterr()[1]
    assert path in told and part in told and told.count('\n') == 1
    assert files(folder) == before


def test_a_checkpoint_beyond_the_last_epoch_is_refused(folder, capsys):
    path = spoilt(folder, change('epoch', 81))
    beyond = os.path.join(folder, 'checkpoint-00000081')
    os.rename(path, beyond)
    assert run_here(['--resume', folder]) == 2
    told = capsys.readouterr()[1]
    assert '%s is of epoch 81; the run has 80' % beyond in told


def test_a_huge_checkpoint_is_not_read(folder, capsys):
    path = newest(folder)
    with open(path, 'r+b') as stream:
        stream.truncate(1 << 40)
    assert run_here(['--resume', folder]) == 2
    told = capsys.readouterr()[1]
    assert '%s has more than' % path in told and told.count('\n') == 1


@pytest.mark.parametrize('make', [
    os.mkfifo, lambda path: os.symlink(__file__, path)])
def test_what_is_no_file_is_not_waited_for(folder, capsys, make):
    path = newest(folder)
    os.unlink(path)
    make(path)
    before = sorted(os.listdir(folder))
    assert run_here(['--resume', folder]) == 2
    told = capsys.readouterr()[1]
    assert '%s is a link, a pipe' % path in told and told.count('\n') == 1
    assert sorted(os.listdir(folder)) == before

"""Checkpoints in a run's folder, whole, damaged or hostile."""
from __future__ import division, print_function

import hashlib
import json
import os

import numpy as np
import pytest

from untapped.runs import checkpoints

STATE = {'epoch': np.array(7), 'a': np.arange(5.), 'b': np.array(b'text')}


class Folder(object):
    """What checkpoints ask of a run folder."""

    def __init__(self, path):
        self.path = str(path)

    def join(self, name):
        return os.path.join(self.path, name)

    def file(self, name):
        return open(self.join(name), 'wb')


def test_two_checkpoints_are_kept(tmpdir):
    for epoch in (1, 5, 12, 100):
        checkpoints.write(Folder(tmpdir), dict(STATE, epoch=np.array(epoch)))
    assert sorted(os.listdir(str(tmpdir))) == ['checkpoint-00000012',
                                               'checkpoint-00000100']
    state, complaints, path = checkpoints.latest(str(tmpdir))
    assert state['epoch'] == 100 and not complaints
    assert path == str(tmpdir.join('checkpoint-00000100'))
    assert state['a'].tolist() == STATE['a'].tolist()
    assert state['b'] == b'text'


def test_a_truncated_or_changed_checkpoint_gives_way_to_the_one_before(
        tmpdir):
    for epoch in (1, 2):
        checkpoints.write(Folder(tmpdir), dict(STATE, epoch=np.array(epoch)))
    last = tmpdir.join('checkpoint-00000002')
    content = last.read_binary()
    damaged = [content[:n] for n in range(len(content))]
    for place in range(0, len(content), 7):
        changed = bytearray(content)
        changed[place] ^= 4
        damaged.append(bytes(changed))
    for bad in damaged:
        last.write_binary(bad)
        state, complaints, _ = checkpoints.latest(str(tmpdir))
        assert state['epoch'] == 1
        assert str(last) in complaints[0] and len(complaints) == 1


def test_without_a_whole_checkpoint_there_is_none(tmpdir):
    assert checkpoints.latest(str(tmpdir)) == (None, [], None)
    tmpdir.join('checkpoint-00000002').write('')
    state, complaints, _ = checkpoints.latest(str(tmpdir))
    assert state is None and 'is no checkpoint' in complaints[0]


def with_hash(body):
    """A file whose hash is right, whatever it holds."""
    return b'\n'.join([checkpoints.FIRST_LINE[:-1], hashlib.sha256(
        body).hexdigest().encode('ascii'), body])


GOOD = checkpoints.to_bytes(STATE).split(b'\n', 2)[2]
LINE, ARRAYS = GOOD.split(b'\n', 1)


@pytest.mark.parametrize('body', [
    b'', b'\n', b'{}\n', b'3\n', b'[', b'[' * 10 ** 5 + b'\n' + ARRAYS,
    b'[["a"], {}, 3]\n' + ARRAYS, b'["a", "a", "a"]\n' + ARRAYS,
    json.dumps(['%d' % n for n in range(10 ** 5)]).encode('ascii') + b'\n',
    b'["' + b'a' * 10 ** 7 + b'"]\n' + ARRAYS, LINE + b'\n', GOOD[:-1],
    GOOD + b'more', GOOD.replace(b'<f8', b'|O8'),
    GOOD.replace(b'(5,)', b'(9999999999,)'), GOOD.replace(b'(5,)', b'(-5,)'),
    GOOD.replace(b'(5,), ', b'1+1+1,')])
def test_a_file_of_the_right_hash_that_is_no_state_is_refused(tmpdir, body):
    """It does not give way to the one before: no accident made it."""
    checkpoints.write(Folder(tmpdir), dict(STATE, epoch=np.array(1)))
    path = tmpdir.join('checkpoint-00000002')
    path.write_binary(with_hash(GOOD))
    assert checkpoints.latest(str(tmpdir))[0]['epoch'] == 7
    path.write_binary(with_hash(body))
    with pytest.raises(checkpoints.CheckpointError) as error:
        checkpoints.latest(str(tmpdir))
    assert str(path) in str(error.value) and '\n' not in str(error.value)


def test_a_file_of_more_bytes_than_expected_is_refused(tmpdir):
    path = tmpdir.join('checkpoint-00000002')
    path.write_binary(checkpoints.to_bytes(STATE))
    size = path.size()
    assert checkpoints.latest(str(tmpdir), size)[0]
    with pytest.raises(checkpoints.CheckpointError, match='more than'):
        checkpoints.latest(str(tmpdir), size - 1)


def test_what_is_no_regular_file_is_passed_over(tmpdir):
    """A pipe would be waited for, a link leads elsewhere."""
    elsewhere = tmpdir.join('elsewhere')
    elsewhere.write_binary(checkpoints.to_bytes(STATE))
    os.mkfifo(str(tmpdir.join('checkpoint-00000003')))
    tmpdir.join('checkpoint-00000004').mksymlinkto(elsewhere)
    tmpdir.mkdir('checkpoint-00000005')
    state, complaints, _ = checkpoints.latest(str(tmpdir))
    assert state is None and len(complaints) == 2
    assert 'is a symbolic link' in complaints[0]
    assert 'is no regular file' in complaints[1]
    for epoch in (6, 7, 8):
        checkpoints.write(Folder(tmpdir), dict(STATE, epoch=np.array(epoch)))
    assert elsewhere.check()
    assert sorted(os.listdir(str(tmpdir))) == [
        'checkpoint-00000005', 'checkpoint-00000007', 'checkpoint-00000008',
        'elsewhere']

"""Files from strangers: what one may cost before it is looked at."""
from __future__ import division, print_function

import gzip
import os
import pickle
import time

import numpy as np
import pytest

import strangers
from untapped.errors import DataError
from untapped.files.packed import Limits, read_bytes
from untapped.files.pickles import read_pickle


def test_a_gzip_bomb_is_stopped_at_the_limit(tmpdir):
    path = str(tmpdir.join('bomb.gz'))
    with gzip.open(path, 'wb') as stream:
        for _ in range(20):
            stream.write(b'\0' * (1 << 20))
    assert os.path.getsize(path) < 100000
    with pytest.raises(DataError, match='unpacks to more than 1000000'):
        read_bytes(path, Limits(unpacked=1000000))


def test_a_gzip_bomb_costs_what_its_own_size_allows(tmpdir):
    path = str(tmpdir.join('bomb.pkl.gz'))
    with gzip.open(path, 'wb') as stream:
        for _ in range(400):
            stream.write(b'\0' * (1 << 20))
    with pytest.raises(DataError, match='more than 67108864'):
        read_bytes(path)
    assert strangers.memory(
        'from untapped.files.pickles import read_pickle',
        'read_pickle(sys.argv[1])', path) < 100 << 20


def test_members_of_gzip_are_read_one_after_the_other(tmpdir):
    packed = b''
    for part in (b'one ', b'', b'two' * 400000):
        path = str(tmpdir.join('member.gz'))
        with gzip.open(path, 'wb') as stream:
            stream.write(part)
        with open(path, 'rb') as stream:
            packed += stream.read()
    tmpdir.join('all.gz').write(packed + b'\0' * 512, 'wb')
    assert read_bytes(str(tmpdir.join('all.gz'))) == \
        b'one ' + b'two' * 400000


def test_so_many_empty_members_are_refused_at_once(tmpdir):
    path = tmpdir.join('empty.gz')
    with gzip.open(str(path), 'wb'):
        pass
    path.write(path.read('rb') * 300000, 'wb')
    begun = time.time()
    with pytest.raises(DataError, match='more than 1000 gzip members'):
        read_bytes(str(path))
    assert time.time() - begun < 5


def test_a_file_that_packs_well_is_read(tmpdir):
    path = str(tmpdir.join('even.pkl.gz'))
    with gzip.open(path, 'wb') as stream:
        stream.write(pickle.dumps(np.zeros(1000000), 2))
    assert not read_pickle(path).any()
    assert Limits().most(1 << 24) == 1 << 31


def test_a_large_file_is_not_read(tmpdir):
    path = tmpdir.join('large')
    path.write(b'x' * 1000, 'wb')
    with pytest.raises(DataError, match='has 1000 bytes'):
        read_bytes(str(path), Limits(stored=999))


def test_every_truncation_of_gzip_is_an_error(pickled, tmpdir):
    with open(pickled(np.arange(10.)), 'rb') as stream:
        whole = stream.read()
    path = tmpdir.join('cut.pkl.gz')
    for length in range(len(whole)):
        path.write(whole[:length], 'wb')
        with pytest.raises(DataError, match='cut.pkl.gz'):
            read_pickle(str(path))


def test_a_wrong_checksum_in_gzip_is_an_error(pickled):
    path = pickled(np.arange(10.))
    with open(path, 'r+b') as stream:
        stream.seek(-8, 2)
        stream.write(b'\0\0\0\0')
    with pytest.raises(DataError, match='corrupt'):
        read_pickle(path)


def test_a_plain_pickle_is_read_without_gzip(tmpdir):
    path = tmpdir.join('plain.pkl')
    path.write(pickle.dumps(np.ones(3), 2), 'wb')
    assert read_pickle(str(path)).tolist() == [1, 1, 1]


def test_missing_empty_folder_and_text_name_the_file(tmpdir):
    tmpdir.join('empty').write('')
    tmpdir.join('text').write('not a pickle')
    tmpdir.mkdir('folder')
    for name, why in (('missing', 'no such file'), ('empty', 'is empty'),
                      ('folder', 'is a folder'),
                      ('text', 'does not need')):
        path = str(tmpdir.join(name))
        with pytest.raises(DataError, match=why) as error:
            read_pickle(path)
        assert path in str(error.value)


def test_a_pipe_is_refused_and_not_waited_for(tmpdir):
    path = str(tmpdir.join('pipe'))
    os.mkfifo(path)
    with pytest.raises(DataError, match='no regular file'):
        read_bytes(path)

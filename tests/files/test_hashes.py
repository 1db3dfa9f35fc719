"""Hashes: one for bytes, files, arrays and lists of files."""
from __future__ import division, print_function

import hashlib
import subprocess

import numpy as np
import pytest

from untapped.files import hashes


def test_a_files_hash_is_that_of_its_bytes_and_of_sha256sum(tmpdir):
    content = b'0123456789' * 300000        # more than a chunk
    path = tmpdir.join('file')
    path.write(content, mode='wb')
    expected = hashlib.sha256(content).hexdigest()
    assert hashes.file_sha256(str(path)) == expected
    assert hashes.sha256([content[:7], content[7:]]) == expected
    assert hashes.file_sha256(str(tmpdir.join('none'))) is None


def test_the_hash_of_a_list_is_that_of_sha256sums_lines(tmpdir):
    for name in 'ba':
        tmpdir.join(name).write(name)
    lines = subprocess.check_output(['sha256sum', 'a', 'b'],
                                    cwd=str(tmpdir))
    assert hashes.listing_sha256(dict(
        (name, hashes.file_sha256(str(tmpdir.join(name))))
        for name in 'ab')) == hashlib.sha256(lines).hexdigest()


def test_names_hash_alike_as_bytes_and_as_text():
    names = [np.array(each, dtype=object)
             for each in ([u'a', u'b', u''], [b'a', b'b', None])]
    first, other = [hashes.array_sha256(each) for each in names]
    assert first == other


@pytest.mark.parametrize('make', [
    lambda a: a, lambda a: a.T, lambda a: a[::2, ::3], lambda a: a[:0],
    lambda a: a[3, 4], lambda a: a.astype('>f4'), lambda a: a.astype('i1')])
def test_an_array_is_hashed_in_c_order_whatever_its_size(monkeypatch, make):
    array = make(np.random.RandomState(1).normal(size=(70, 50)))
    little = np.ascontiguousarray(array, array.dtype.newbyteorder('<'))
    expected = hashlib.sha256(
        ('%s %s\n' % (little.dtype.str, array.shape)).encode('ascii')
        + little.tobytes()).hexdigest()
    for chunk in (hashes.CHUNK, 10):        # 160 bytes at a time
        monkeypatch.setattr(hashes, 'CHUNK', chunk)
        assert hashes.array_sha256(array) == expected


@pytest.mark.parametrize('library', [hashes._LIBRARY, None])
def test_openssls_and_pythons_sha256_are_one(monkeypatch, library):
    monkeypatch.setattr(hashes, '_LIBRARY', library)
    parts = [b'', b'\0' * 63, bytearray(b'ab' * 5000),
             np.arange(3, dtype='<i2').tobytes()]
    assert hashes.sha256(parts) == hashlib.sha256(
        b''.join(bytes(part) for part in parts)).hexdigest()

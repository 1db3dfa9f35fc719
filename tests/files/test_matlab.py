"""MATLAB's files from strangers: numbers alone, within bounds."""
from __future__ import division, print_function

import io
import struct
import zlib

import numpy as np
import pytest
from scipy.io import savemat

from untapped.errors import DataError
from untapped.files.matlab import LIMITS, read_mat
from untapped.files.packed import Limits


def mat(content, **options):
    stream = io.BytesIO()
    savemat(stream, content, **options)
    return stream.getvalue()


@pytest.mark.parametrize('packed', [False, True])
def test_arrays_of_numbers_come_back(tmpdir, packed):
    arrays = {'a': np.arange(6.).reshape(2, 3), 'b': np.ones((4, 1), 'u2'),
              'lambda': np.zeros((1, 2), 'i1')}
    path = tmpdir.join('a.mat')
    path.write(mat(arrays, do_compression=packed), 'wb')
    found = read_mat(str(path))
    assert set(found) == set(arrays)
    for name, array in arrays.items():
        assert np.array_equal(found[name], array)


def test_what_is_no_array_of_numbers_is_passed_over(tmpdir):
    path = tmpdir.join('a.mat')
    path.write(mat({'text': 'words', 'a': np.ones((1, 1)),
                    'cell': np.array([[1, 'x']], object),
                    'struct': {'field': 2.}, 'complex': np.ones((1, 1)) * 1j,
                    'z': np.zeros((1, 2))}), 'wb')
    assert set(read_mat(str(path))) == {'a', 'z'}


def element(kind, content):
    return struct.pack('<II', kind, len(content)) + content


HEADER = mat({})[:128]


@pytest.mark.parametrize('content, message', [
    (HEADER[:60], 'another format'),
    (b'\x89HDF\r\n\x1a\n' + bytes(bytearray(200)), 'another format'),
    (mat({'a': np.ones((9, 9))})[:-8], 'it ends early'),
    (HEADER + b'abc', 'version 5 to 7'),
    (HEADER + element(3, b'12345678'), 'an element of type 3'),
    (HEADER + element(15, b'12345678'), 'Error -3|header'),
    (HEADER + element(14, b'\xff' * 64), 'version 5 to 7'),
    # four cells of two billion each, in a few bytes
    (HEADER + element(15, zlib.compress(bytes(bytearray(
        LIMITS.unpacked + 9)))), 'unpacks to more than 67108864 bytes'),
], ids=['half a head', 'HDF', 'cut', 'three bytes', 'unknown', 'packed',
        'full', 'a bomb'])
def test_other_files_are_refused_in_a_sentence(tmpdir, content, message):
    path = tmpdir.join('a.mat')
    path.write(content, 'wb')
    with pytest.raises(DataError, match=message) as error:
        read_mat(str(path))
    assert str(error.value).startswith(str(path))
    assert '\n' not in str(error.value)


def test_claims_of_size_are_not_believed(tmpdir):
    """A cell array that says it holds 2**31 cells is not made."""
    cells = element(14, element(6, struct.pack('<II', 1, 0)) +
                    element(5, struct.pack('<ii', 2 ** 30, 2)) +
                    element(1, b'a' + bytes(bytearray(7))))
    path = tmpdir.join('a.mat')
    path.write(HEADER + cells, 'wb')
    assert read_mat(str(path)) == {}
    path.write(mat({'a': np.ones((20, 20))}), 'wb')
    with pytest.raises(DataError, match='at most 1000 were expected'):
        read_mat(str(path), Limits(stored=1000))

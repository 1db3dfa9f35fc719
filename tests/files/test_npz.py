"""Files of arrays from strangers: nothing is run, nothing is believed."""
from __future__ import division, print_function

import io
import os
import struct
import zipfile

import numpy as np
import pytest

from untapped.errors import InputError
from untapped.files.npz import read_array, read_npz, write_npz


class Attack(object):
    def __reduce__(self):
        return os.system, ('touch ran',)


def npy(array):
    content = io.BytesIO()
    np.lib.format.write_array(content, np.asarray(array))
    return content.getvalue()


def npz(path, entries, method=zipfile.ZIP_STORED):
    with zipfile.ZipFile(str(path), 'w', method) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return str(path)


@pytest.mark.parametrize('method', [zipfile.ZIP_STORED,
                                    zipfile.ZIP_DEFLATED])
def test_what_is_written_is_read_and_equal_arrays_make_equal_bytes(tmpdir,
                                                                   method):
    arrays = {'one': np.zeros((100, 100)), 'two': np.array([u'\xe9', u'b'])}
    files = [io.BytesIO(), io.BytesIO()]
    for stream in files:
        write_npz(stream, arrays, method)
    one, two = [stream.getvalue() for stream in files]
    assert one == two
    assert (len(one) < 10000) == (method == zipfile.ZIP_DEFLATED)
    path = tmpdir.join('a.npz')
    path.write(one, 'wb')
    found = read_npz(str(path))
    assert set(found) == set(arrays)
    for name, array in arrays.items():
        assert np.array_equal(found[name], array)
        assert np.array_equal(np.load(str(path))[name], array)


def test_objects_are_not_written():
    with pytest.raises(ValueError):
        write_npz(io.BytesIO(), {'a': np.array([None])})


def test_arrays_come_back_in_their_order(tmpdir):
    arrays = [('z', np.arange(6.).reshape(2, 3)), ('a', np.array(3)),
              ('m', np.zeros((0, 4), 'f4')),
              ('f', np.asfortranarray(np.ones((2, 3))))]
    found = read_npz(npz(tmpdir.join('a.npz'), [
        (name + '.npy', npy(array)) for name, array in arrays]))
    assert list(found) == [name for name, _ in arrays]
    for name, array in arrays:
        assert found[name].dtype == array.dtype
        assert np.array_equal(found[name], array)


def test_what_numpy_saves_is_read(tmpdir):
    path = str(tmpdir.join('a.npz'))
    np.savez_compressed(path, one=np.arange(3), two=np.array([u'x']))
    found = read_npz(path)
    assert found['one'].tolist() == [0, 1, 2]
    assert found['two'].tolist() == [u'x']


def test_an_array_of_objects_is_refused_and_not_run(tmpdir):
    path = npz(tmpdir.join('a.npz'), [
        ('x.npy', npy(np.array([Attack()], object)))])
    with tmpdir.as_cwd():
        with pytest.raises(InputError, match='array of objects'):
            read_npz(path)
        assert not os.path.exists('ran')
        # numpy's own reader would have
        np.load(path)['x']
        assert os.path.exists('ran')


def test_a_bomb_is_stopped_at_the_limit(tmpdir):
    path = npz(tmpdir.join('a.npz'), [
        ('x.npy', npy(np.zeros(10 ** 7)))], zipfile.ZIP_DEFLATED)
    assert os.path.getsize(path) < 10 ** 6
    with pytest.raises(InputError, match='unpacks to more than 1000000'):
        read_npz(path, largest=10 ** 6)


@pytest.mark.parametrize('shape', ['(99999999999999,)', '(-1,)', '(1e3,)',
                                   '(2, 2)'])
def test_a_shape_that_the_file_does_not_hold_sets_no_memory_aside(shape):
    content = npy(np.zeros(3))
    lie = content.replace(b'(3,)', shape.encode('ascii'))
    # the header keeps its length
    spare = len(lie) - len(content)
    at = lie.index(b'}') + 1
    lie = lie[:at] + lie[at + spare:] if spare > 0 else \
        lie[:at] + b' ' * -spare + lie[at:]
    with pytest.raises(ValueError):
        read_array(io.BytesIO(lie))


@pytest.mark.parametrize('spoil', [
    lambda data: data[:len(data) // 2], lambda data: b'', lambda data: b'PK',
    lambda data: data.replace(b'NUMPY', b'MUNPY'),
    lambda data: data.replace(b"'<f8'", b"'|O8'")])
def test_a_damaged_file_is_one_sentence_that_names_it(tmpdir, spoil):
    path = npz(tmpdir.join('a.npz'), [('x.npy', npy(np.arange(9.)))])
    with open(path, 'rb') as stream:
        data = stream.read()
    with open(path, 'wb') as stream:
        stream.write(spoil(data))
    with pytest.raises(InputError) as error:
        read_npz(path)
    assert path in str(error.value) and '\n' not in str(error.value)


def lying(header, version=b'\x01\x00'):
    """An array's bytes with another header."""
    code = '<H' if version == b'\x01\x00' else '<I'
    return (b'\x93NUMPY' + version + struct.pack(code, len(header))
            + header + b'\0' * 64)


@pytest.mark.parametrize('shape', [b'1+' * 10 ** 4 + b'1', b'-' * 10 ** 4,
                                   b'(' * 10 ** 4, b'[' * 90 + b']' * 90,
                                   b'(' + b'1, ' * 33 + b')', b'(1,,2)',
                                   b'(' + b'9' * 4000 + b',)', b'3'])
@pytest.mark.parametrize('version', [b'\x01\x00', b'\x02\x00'])
def test_a_header_is_not_evaluated(shape, version):
    """Python's own parser crashes on some that are deep."""
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': %s, }\n"
    assert read_array(io.BytesIO(lying(header % b'(8,)', version))).size == 8
    with pytest.raises(ValueError, match='header|dimensions|shape'):
        read_array(io.BytesIO(lying(header % shape, version)))


@pytest.mark.parametrize('descr', [
    b"'|O'", b"'|V8'", b"'<M8[s]'", b"'<f3'", b"'|S0'",
    b"[('a', '<f8')]", b"'<f8", b"'<i999999999'"])
def test_other_types_than_numbers_and_texts_are_refused(descr):
    header = b"{'descr': %s, 'fortran_order': False, 'shape': (), }\n"
    with pytest.raises(ValueError):
        read_array(io.BytesIO(lying(header % descr)))


def test_a_header_that_says_it_is_long_is_not_read():
    content = b'\x93NUMPY\x02\x00\xff\xff\xff\xff'
    with pytest.raises(ValueError, match='header of 4294967295 bytes'):
        read_array(io.BytesIO(content))


def test_a_text_that_is_not_unicode_is_refused():
    content = npy(np.array([u'x'])).replace(b'x\0\0\0', b'\xff' * 4)
    with pytest.raises(ValueError, match='not Unicode'):
        read_array(io.BytesIO(content))


def test_an_array_keeps_its_order_and_may_be_written_to():
    for given in (np.ones((2, 3)), np.asfortranarray(np.ones((2, 3)))):
        found = read_array(io.BytesIO(npy(given)))
        assert found.flags.c_contiguous == given.flags.c_contiguous
        assert found.flags.writeable and found.flags.owndata


def test_a_name_with_dots_leads_nowhere(tmpdir):
    place = tmpdir.mkdir('inside')
    path = npz(place.join('a.npz'), [('../escaped.npy', npy(np.ones(2)))])
    with place.as_cwd():
        assert list(read_npz(path)) == ['../escaped']
    assert sorted(p.basename for p in tmpdir.visit()) == ['a.npz', 'inside']


def test_a_bomb_costs_what_its_own_size_allows(tmpdir):
    path = npz(tmpdir.join('a.npz'), [
        ('x.npy', npy(np.zeros(30 << 20, 'u1')))] + [
        ('y%d.npy' % n, npy(np.zeros(30 << 20, 'u1'))) for n in range(3)],
        zipfile.ZIP_DEFLATED)
    with pytest.raises(InputError, match='more than 67108864 bytes'):
        read_npz(path)


def test_a_name_that_moves_the_cursor_is_refused(tmpdir):
    path = npz(tmpdir.join('a.npz'), [('x\n\x1b[2J.npy', npy(1.))])
    with pytest.raises(InputError, match='control characters'):
        read_npz(path)


def test_a_pipe_is_refused_and_not_waited_for(tmpdir):
    path = str(tmpdir.join('a.npz'))
    os.mkfifo(path)
    with pytest.raises(InputError, match='no regular file'):
        read_npz(path)

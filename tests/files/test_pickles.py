"""Files from strangers: what is read, what is refused, what it may cost."""
from __future__ import division, print_function

import base64
import os
import pickle
import struct
import sys

import numpy as np
import pytest

from untapped.errors import DataError
from untapped.files.packed import Limits
from untapped.files.pickles import unpickle

PY2 = sys.version_info[0] == 2


# pickle.dumps((numpy.array([1., -0.1]), numpy.array([b'ab']),
# numpy.array([u'\u03b1', None], object), b'', numpy.float32(2.5)), 2)
# of Python 3.11 and numpy 1.26.
FROM_PYTHON_3 = (
    'gAIoY251bXB5LmNvcmUubXVsdGlhcnJheQpfcmVjb25zdHJ1Y3QKcQBjbnVtcHkKbmRhcn'
    'JheQpxAUsAhXECY19jb2RlY3MKZW5jb2RlCnEDWAEAAABicQRYBgAAAGxhdGluMXEFhnEG'
    'UnEHh3EIUnEJKEsBSwKFcQpjbnVtcHkKZHR5cGUKcQtYAgAAAGY4cQyJiIdxDVJxDihLA1'
    'gBAAAAPHEPTk5OSv////9K/////0sAdHEQYoloA1gZAAAAAAAAAAAAw7A/wprCmcKZwpnC'
    'mcKZwrnCv3ERaAWGcRJScRN0cRRiaABoAUsAhXEVaAeHcRZScRcoSwFLAYVxGGgLWAIAAA'
    'BTMnEZiYiHcRpScRsoSwNYAQAAAHxxHE5OTksCSwFLAHRxHWKJaANYAgAAAGFicR5oBYZx'
    'H1JxIHRxIWJoAGgBSwCFcSJoB4dxI1JxJChLAUsChXElaAtYAgAAAE84cSaJiIdxJ1JxKC'
    'hLA2gcTk5OSv////9K/////0s/dHEpYoldcSooWAIAAADOsXErTmV0cSxiY19fYnVpbHRp'
    'bl9fCmJ5dGVzCnEtKVJxLmNudW1weS5jb3JlLm11bHRpYXJyYXkKc2NhbGFyCnEvaAtYAg'
    'AAAGY0cTCJiIdxMVJxMihLA2gPTk5OSv////9K/////0sAdHEzYmgDWAQAAAAAACBAcTRo'
    'BYZxNVJxNoZxN1JxOHRxOS4=')


def assert_equal(read, written):
    assert type(read) is type(written)
    if isinstance(written, np.ndarray):
        assert read.dtype == written.dtype and read.shape == written.shape
        assert read.flags.f_contiguous == written.flags.f_contiguous
        assert np.array_equal(read, written)
    elif isinstance(written, (list, tuple)):
        assert len(read) == len(written)
        for one, other in zip(read, written):
            assert_equal(one, other)
    else:
        assert read == written


ARRAYS = [
    np.arange(6.).reshape(2, 3), np.asfortranarray(np.ones((3, 4), 'f4')),
    np.arange(5, dtype='i8'), np.arange(5, dtype='u1'), np.array(3.5),
    np.zeros((0, 4)), np.array([True, False]),
    np.array([b'SiO2', b'MgO']), np.array([u'a', u'\u03b1\u03b2']),
    np.array([b'quartz', None], object),
    np.arange(24.).reshape(2, 3, 4)]


class TestUnpickle(object):
    @pytest.mark.parametrize('protocol', [0, 1, 2])
    @pytest.mark.parametrize('array', ARRAYS, ids=lambda a: str(a.dtype))
    def test_arrays_come_back_as_they_were(self, array, protocol):
        assert_equal(unpickle(pickle.dumps(array, protocol)), array)

    @pytest.mark.parametrize('protocol', [0, 1, 2])
    def test_containers_and_scalars_come_back_as_they_were(self, protocol):
        content = ([1, -5, 2 ** 40, 1.5, None, True, u'text'],
                   (np.float64(2.5),), {u'a': [np.ones(2)]}, [], ())
        read = unpickle(pickle.dumps(content, protocol))
        assert repr(read) == repr(content)

    def test_an_array_that_is_used_twice_is_one_array(self):
        array = np.ones(3)
        first, second = unpickle(pickle.dumps((array, array), 2))
        assert first is second

    def test_arrays_are_writable_aligned_and_native(self):
        big = np.arange(4, dtype='>f8')
        read = unpickle(pickle.dumps(big, 2))
        assert read.flags.writeable and read.flags.aligned
        assert read.dtype.isnative and np.array_equal(read, big)

    def test_a_python_3_pickle_of_protocol_2_is_read(self):
        data = base64.b64decode(FROM_PYTHON_3)
        # numpy 2 calls the module numpy._core.
        for version in (data, data.replace(b'numpy.core.', b'numpy._core.')):
            numbers, names, mixed, empty, scalar = unpickle(version)
            assert numbers.tolist() == [1., -0.1]
            assert names.tolist() == [b'ab']
            assert mixed.tolist() == [u'\u03b1', None]
            assert empty == b'' and scalar == np.float32(2.5)
            assert scalar.dtype == np.float32

    @pytest.mark.skipif(not PY2, reason='Python 3 reads protocol 4')
    def test_a_later_protocol_is_named(self):
        with pytest.raises(DataError, match='protocol 4; protocol 2 was'):
            unpickle(b'\x80\x04K\x01.')


class Attack(object):
    """Pickles into a call of `function`."""

    def __init__(self, function, *arguments):
        self.call = (function, arguments)

    def __reduce__(self):
        return self.call


class Instance(object):
    pass


def hostile():
    if PY2:
        builtin, system = b'__builtin__', b'posix'
    else:
        builtin, system = b'builtins', b'posix'
    array = pickle.dumps(np.ones(2), 2)
    return [
        ('os.system', pickle.dumps(Attack(os.system, 'touch {0}'), 2)),
        ('os.system protocol 0', pickle.dumps(
            Attack(os.system, 'touch {0}'), 0)),
        ('in a tuple', pickle.dumps(
            (np.ones(2), [Attack(os.system, 'touch {0}')]), 2)),
        ('eval', b'\x80\x02c' + builtin + b'\neval\n'
         b'X\x1c\x00\x00\x00open("{0}","w").close() or 1.0\x85R.'),
        ('import', b'\x80\x02c' + builtin + b'\n__import__\n'
         b'X\x04\x00\x00\x00this\x85R.'),
        ('getattr', b'\x80\x02c' + builtin + b'\ngetattr\n.'),
        ('instance', pickle.dumps(Instance(), 2)),
        ('instance protocol 0', pickle.dumps(Instance(), 0)),
        ('inst opcode', b'(i' + system + b'\nsystem\n.'),
        ('obj opcode', b'(c' + system + b'\nsystem\nU\x04trueo.'),
        ('newobj opcode', b'\x80\x02cnumpy\nndarray\nK\x01\x85\x81.'),
        ('persistent id', b'Pname\n.'),
        ('binary persistent id', b'U\x04nameQ.'),
        ('extension', b'\x80\x02\x82\x01.'),
        ('lambda through numpy', b'\x80\x02cnumpy.core.multiarray\n'
         b'_reconstruct\n(cnumpy\nmatrix\nK\x00\x85U\x01btR.'),
        ('numpy.load', b'\x80\x02cnumpy\nload\nU\x09/dev/zero\x85R.'),
        ('a bare global', b'\x80\x02cnumpy\nndarray\n.'),
        ('a call of an array', b'\x80\x02]K\x01\x85R.'),
        ('build on a list', b'\x80\x02]}U\x01aK\x01sb.'),
        ('bytes with a size', b'\x80\x02c' + builtin +
         b'\nbytes\nJ\xff\xff\xff\x7f\x85R.'),
        ('other codec', b'\x80\x02c_codecs\nencode\nX\x02\x00\x00\x00aa'
         b'X\x03\x00\x00\x00zip\x86R.'),
        ('array of objects', pickle.dumps(
            np.array([{}, None], object), 2)),
        ('record array', pickle.dumps(np.zeros(2, 'f8,i4'), 2)),
        ('dates', pickle.dumps(np.zeros(2, 'M8[s]'), 2)),
        ('claims more than it has', array.replace(
            b'K\x02\x85', b'J\xff\xff\xff\x7f\x85')),
        ('claims less than it has', array.replace(
            b'K\x02\x85', b'K\x01\x85')),
        ('negative shape', array.replace(
            b'K\x02\x85', b'J\xff\xff\xff\xff\x85')),
        ('a shape that overflows', array.replace(
            b'K\x02\x85', b'J\xff\xff\xff\x7fJ\xff\xff\xff\x7f'
            b'J\xff\xff\xff\x7f\x87')),
        ('huge item size', array.replace(
            b'f8', b'S9').replace(b'K\x02\x85', b'K\x01\x85')),
        ('strange type', array.replace(b'f8', b'zz')),
        ('no unicode', pickle.dumps(np.array([u'ab']), 2).replace(
            b'a\x00\x00\x00', b'\xff\xff\xff\x7f')),
        ('a long number', b'L' + b'9' * 5000 + b'L\n.'),
        ('a list in itself', b'\x80\x02]q\x01h\x01a.'),
        ('no list', b'\x80\x02K\x01K\x02a.'),
        ('no memo', b'\x80\x02h\x05.'),
        ('empty stack', b'\x80\x02.'),
        ('no pickle', b'hello, world'),
        ('nothing', b''),
        ('a later protocol', b'\x80\x09K\x01.'),
        ('unhashable', b'\x80\x02}]K\x01s.'),
    ]


class TestHostilePickles(object):
    @pytest.mark.parametrize(
        'data', [data for _, data in hostile()],
        ids=[name.replace(' ', '-') for name, _ in hostile()])
    def test_refused_in_one_sentence_and_not_run(self, data, tmpdir):
        mark = str(tmpdir.join('ran'))
        data = data.replace(b'touch {0}', b'touch ran')
        with tmpdir.as_cwd():
            with pytest.raises(DataError) as error:
                unpickle(data.replace(b'{0}', b'ran'))
        assert not os.path.exists(mark)
        assert str(error.value).endswith('.')
        assert '\n' not in str(error.value)

    def test_os_system_would_have_run_under_pickle(self, tmpdir):
        # Shows that the test above can fail.
        with tmpdir.as_cwd():
            pickle.loads(pickle.dumps(Attack(os.system, 'touch ran'), 2))
            assert os.path.exists('ran')

    def test_every_truncation_is_an_error(self):
        data = pickle.dumps((np.arange(3.), [u'a', 1], b'b'), 2)
        for length in range(len(data)):
            with pytest.raises(DataError):
                unpickle(data[:length])

    def test_every_changed_byte_is_read_or_refused(self):
        data = pickle.dumps((np.arange(3.), np.array([b'x', None], object),
                             [u'a', 2 ** 40]), 2)
        for position in range(len(data)):
            for value in (0, 40, 82, 98, 255):
                changed = bytearray(data)
                changed[position] = value
                try:
                    unpickle(bytes(changed))
                except DataError:
                    pass

    def test_deep_nesting_is_refused_and_does_not_crash(self):
        for depth in (14, 10000, 400000):
            data = b'\x80\x02' + b']' * depth + b'a' * (depth - 1) + b'.'
            with pytest.raises(DataError, match='deep'):
                unpickle(data)

    def test_a_list_that_doubles_again_and_again_is_refused(self):
        data = b'\x80\x02]q\x00' + b'K\x01a' + b''.join(
            b'](' + b'h' + struct.pack('B', i) + b'h' +
            struct.pack('B', i) + b'h' + struct.pack('B', i) + b'e' +
            b'q' + struct.pack('B', i + 1) for i in range(11))
        with pytest.raises(DataError, match='too many parts'):
            unpickle(data + b'.', Limits(opcodes=20000))

    def test_one_string_for_many_arrays_is_counted_each_time(self):
        array = (b'cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\n'
                 b'K\x00\x85U\x01b\x87R(K\x01K\x7d\x85cnumpy\ndtype\n'
                 b'U\x02f8K\x00K\x01\x87R\x89h\x00tb')
        data = (b'\x80\x02(T\xe8\x03\x00\x00' + bytes(bytearray(1000)) +
                b'q\x000' + array * 5 + b't.')
        assert [a.shape for a in unpickle(data)] == [(125,)] * 5
        with pytest.raises(DataError, match='more than 4999 bytes'):
            unpickle(data, Limits(unpacked=4999))

    def test_one_string_for_many_scalars_is_counted_each_time(self):
        scalar = (b'cnumpy.core.multiarray\nscalar\ncnumpy\ndtype\n'
                  b'U\x05S1000K\x00K\x01\x87Rh\x00\x86R')
        data = (b'\x80\x02(T\xe8\x03\x00\x00' + b'a' * 1000 + b'q\x000' +
                scalar * 5 + b't.')
        assert unpickle(data) == (b'a' * 1000,) * 5
        with pytest.raises(DataError, match='more than 4999 bytes'):
            unpickle(data, Limits(unpacked=4999))

    def test_too_many_opcodes_are_refused(self):
        data = pickle.dumps(list(range(2000)), 2)
        assert unpickle(data) == list(range(2000))
        with pytest.raises(DataError, match='too many parts'):
            unpickle(data, Limits(opcodes=1000))

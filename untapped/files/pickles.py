"""Reading files that others made, without trusting them.

A pickle is a program. `read_pickle` runs none of it: it interprets the
format's data opcodes only, builds plain containers, numbers, strings and
numpy arrays from them, and refuses everything else. numpy's own
`__setstate__` methods are not called either; an array is made from its bytes
with `numpy.frombuffer`, so that a wrong shape or type is an error and never
a read beyond the data.
"""
from __future__ import division, print_function

import pickle
import re
import sys

import numpy as np

from untapped.errors import DataError
from untapped.files.packed import Limits, read_bytes

__all__ = ['read_pickle', 'unpickle']

PY2 = sys.version_info[0] == 2
if PY2:
    # reads the bytes where they are; io.BytesIO copies them
    from cStringIO import StringIO as _Stream
else:
    from io import BytesIO as _Stream
TOO_MANY = 'the pickle has too many parts for a file of arrays.'
SIMPLE_TYPE = re.compile(r'([fiub][0-9]{1,2}|[SU][0-9]{1,9})\Z')


def read_pickle(path, limits=None):
    """The content of a pickle file, plain or gzip, without running it.

    Parameters
    ----------
    path : str
    limits : Limits, optional

    Returns
    -------
    object
        Lists, tuples, dicts, numbers, strings, None and ndarrays. Object
        arrays are refused if they hold anything but strings and None.

    Raises
    ------
    DataError
        If the file cannot be read, is no pickle, or asks for anything else.
    """
    limits = limits or Limits()
    data = read_bytes(path, limits)
    try:
        return unpickle(data, limits)
    except DataError as error:
        raise DataError('{0}: {1}'.format(path, error))


def unpickle(data, limits=None):
    """`read_pickle` on bytes."""
    limits = limits or Limits()
    reader = _DataUnpickler(_Stream(data), limits)
    try:
        value = reader.load()
    except DataError:
        raise
    except EOFError:
        raise DataError('the pickle is truncated.')
    except Exception as error:
        # Whatever a malformed stream makes the interpreter trip over (an
        # empty stack, a memo entry that is not there, a bad number) is one
        # and the same fault of the file.
        raise DataError('expected a pickle of arrays, gzipped or not, and '
                        'this is none ({0}).'.format(type(error).__name__))
    try:
        return _Resolver(limits).resolve(value)
    except DataError:
        raise
    except (ValueError, TypeError, OverflowError, KeyError,
            MemoryError) as error:
        raise DataError('the pickle holds a malformed array ({0}).'.format(
            str(error)[:80]))


# What stands in for a global or an unfinished array while a pickle is read.

class _Global(object):
    def __init__(self, name):
        self.name = name


class _Dtype(object):
    """A simple dtype; `state` may set its byte order later."""

    def __init__(self, code):
        self.code = code
        self.order = '='

    def set_state(self, state):
        # (version, byte order, subarray, names, fields, size, alignment,
        # flags); a subarray or fields would make it a compound type.
        if not isinstance(state, tuple) or len(state) < 5:
            raise DataError('the pickle holds a malformed array type.')
        if any(part is not None for part in state[2:5]):
            raise DataError('the pickle holds a compound array type; plain '
                            'numbers or strings were expected.')
        self.order = _latin1(state[1])

    def dtype(self):
        code = _latin1(self.code)
        if not SIMPLE_TYPE.match(code):
            raise DataError('the pickle holds an array of type {0!r}; '
                            'numbers or strings were expected.'.format(
                                code[:10]))
        if self.order not in ('<', '>', '=', '|'):
            raise DataError('the pickle holds a malformed array type.')
        return np.dtype(self.order + code)


class _Array(object):
    """An array whose state comes later, as numpy pickles them."""

    def __init__(self):
        self.state = None
        self.value = None

    def set_state(self, state):
        if not isinstance(state, tuple) or len(state) != 5:
            raise DataError('the pickle holds a malformed array.')
        self.state = state


class _Scalar(object):
    def __init__(self, dtype, data):
        self.dtype = dtype
        self.data = data


def _make_dtype(code, align=0, copy=1):
    return _Dtype(code)


def _make_array(subtype, shape, code):
    if not isinstance(subtype, _Global) or subtype.name != 'numpy.ndarray':
        raise DataError('the pickle holds a subclass of numpy arrays; plain '
                        'arrays were expected.')
    return _Array()


def _make_scalar(dtype, data=b''):
    return _Scalar(dtype, data)


def _encode(text, encoding='latin1'):
    # How Python 3 writes bytes for Python 2 (protocol 2).
    if _latin1(encoding).lower() not in ('latin1', 'latin-1'):
        raise DataError('the pickle encodes a string in an unexpected way.')
    return text.encode('latin1')


def _make_bytes(*args):
    # Python 3 writes b'' as a call of bytes without arguments.
    if args:
        raise DataError('the pickle calls bytes, which is not expected.')
    return b''


GLOBALS = {'numpy.ndarray': None, 'numpy.dtype': _make_dtype,
           '_codecs.encode': _encode,
           '__builtin__.bytes': _make_bytes, 'builtins.bytes': _make_bytes}
for _core in ('numpy.core', 'numpy._core'):
    GLOBALS[_core + '.multiarray._reconstruct'] = _make_array
    GLOBALS[_core + '.multiarray.scalar'] = _make_scalar

ALLOWED = ('PROTO STOP MARK POP POP_MARK DUP NONE NEWTRUE NEWFALSE INT BININT '
           'BININT1 BININT2 LONG LONG1 FLOAT BINFLOAT STRING BINSTRING '
           'SHORT_BINSTRING UNICODE BINUNICODE EMPTY_LIST APPEND APPENDS LIST '
           'EMPTY_TUPLE TUPLE TUPLE1 TUPLE2 TUPLE3 EMPTY_DICT DICT SETITEM '
           'SETITEMS GET BINGET LONG_BINGET PUT BINPUT LONG_BINPUT GLOBAL '
           'REDUCE BUILD '
           # Python 3 only
           'BINBYTES SHORT_BINBYTES BINBYTES8 SHORT_BINUNICODE '
           'BINUNICODE8 STACK_GLOBAL MEMOIZE FRAME').split()

if PY2:
    _Unpickler = pickle.Unpickler
else:
    _Unpickler = pickle._Unpickler  # the one in Python, with its dispatch


class _DataUnpickler(_Unpickler):
    """pickle's interpreter with the data opcodes only.

    The standard library's pure Python interpreter keeps its own stack, so
    deep nesting costs no recursion. `dispatch` is a copy without the opcodes
    that make instances, call persistent_load or look in the extension
    registry; GLOBAL yields a name, REDUCE and BUILD know the names above.
    """

    dispatch = dict(
        (getattr(pickle, name) if PY2 else getattr(pickle, name)[0],
         _Unpickler.dispatch[getattr(pickle, name) if PY2
                             else getattr(pickle, name)[0]])
        for name in ALLOWED if hasattr(pickle, name))

    def __init__(self, stream, limits):
        if PY2:
            _Unpickler.__init__(self, stream)
        else:
            _Unpickler.__init__(self, stream, encoding='latin1')
        self.dispatch = _Counted(self.dispatch, limits.opcodes)

    def find_class(self, module, name):
        full = '{0}.{1}'.format(module, name)
        if full not in GLOBALS:
            raise DataError('the pickle asks for {0}, which a file of arrays '
                            'does not need; it was not run.'.format(
                                full[:60]))
        return _Global(full)

    def load_reduce(self):
        arguments = self.stack.pop()
        function = self.stack.pop()
        call = (GLOBALS.get(function.name)
                if isinstance(function, _Global) else None)
        if call is None or not isinstance(arguments, tuple):
            raise DataError('the pickle makes a call that a file of arrays '
                            'does not need; it was not run.')
        self.stack.append(call(*arguments))

    def load_build(self):
        state = self.stack.pop()
        target = self.stack[-1]
        if not isinstance(target, (_Array, _Dtype)):
            raise DataError('the pickle sets the state of something that is '
                            'no array.')
        target.set_state(state)

    def load_long(self):
        # Decimal numbers take quadratic time to read: bound their length.
        line = self.readline()
        if len(line) > 100:
            raise DataError('the pickle holds a number of {0} digits.'.format(
                len(line)))
        self.stack.append(int(line.strip().rstrip(b'L')))

    def load_int(self):
        # Protocols 0 and 1 write booleans as the integers 00 and 01.
        line = self.readline()
        if line.strip() in (b'00', b'01'):
            self.stack.append(line.strip() == b'01')
        elif len(line) > 100:
            raise DataError('the pickle holds a number of {0} digits.'.format(
                len(line)))
        else:
            self.stack.append(int(line))

    def load_proto(self):
        protocol = ord(self.read(1))
        if protocol > (2 if PY2 else 4):
            raise DataError('the pickle has protocol {0}; protocol 2 was '
                            'expected.'.format(protocol))

    for _name, _method in (('REDUCE', load_reduce), ('BUILD', load_build),
                           ('LONG', load_long), ('INT', load_int),
                           ('PROTO', load_proto)):
        _code = getattr(pickle, _name)
        dispatch[_code if PY2 else _code[0]] = _method
    del _name, _method, _code


class _Counted(object):
    """dispatch that counts look-ups and explains missing opcodes."""

    def __init__(self, methods, limit):
        self.methods = methods
        self.left = limit

    def __getitem__(self, code):
        self.left -= 1
        if self.left < 0:
            raise DataError(TOO_MANY)
        if code == '':
            raise EOFError
        if code not in self.methods:
            raise DataError('the pickle has an opcode ({0!r}) that a file of '
                            'arrays does not need; it was not run.'.format(
                                code if PY2 else chr(code)))
        return self.methods[code]


class _Resolver(object):
    """Turns what `_DataUnpickler` read into arrays, containers and scalars.

    Depth is bounded by the limit, and so is the number of values visited: a
    few hundred bytes of pickle can name the same list in itself over and
    over, or make one string the content of many arrays.
    """

    def __init__(self, limits):
        self.limits = limits
        self.left = limits.opcodes
        self.bytes_left = limits.unpacked

    def resolve(self, value, depth=0):
        self.left -= 1
        if self.left < 0:
            raise DataError(TOO_MANY)
        if depth > self.limits.depth:
            raise DataError('the pickle nests more than {0} deep.'.format(
                self.limits.depth))
        if isinstance(value, (list, tuple)):
            return type(value)([self.resolve(v, depth + 1) for v in value])
        if isinstance(value, dict):
            return dict((self.resolve(k, depth + 1),
                         self.resolve(v, depth + 1))
                        for k, v in value.items())
        if isinstance(value, _Array):
            if value.value is None:
                value.value = self.array(value, depth)
            return value.value
        if isinstance(value, _Scalar):
            return self.scalar(value)
        if isinstance(value, (_Global, _Dtype)):
            raise DataError('the pickle holds a function or type where data '
                            'were expected.')
        return value

    def array(self, placeholder, depth):
        if placeholder.state is None:
            raise DataError('the pickle holds a malformed array.')
        _, shape, dtype, fortran, data = placeholder.state
        if _is_object(dtype):
            return self.strings(shape, fortran, data)
        return self.numbers(data, dtype, shape, fortran)

    def numbers(self, data, dtype, shape, fortran):
        """An array of its own from bytes that others may share."""
        if isinstance(data, (bytes, u''.__class__)):
            self.bytes_left -= len(data)
        if self.bytes_left < 0:
            raise DataError('the pickle holds arrays of more than {0} bytes.'
                            .format(self.limits.unpacked))
        return _from_bytes(data, dtype, shape, fortran)

    def strings(self, shape, fortran, items):
        """An object array, which may hold strings and None only."""
        shape = _shape(shape)
        if not isinstance(items, list) or len(items) != _size(shape):
            raise DataError('the pickle holds a malformed array.')
        self.left -= len(items)
        items = [self.scalar(v) if isinstance(v, _Scalar) else v
                 for v in items]
        if not all(v is None or isinstance(v, (bytes, u''.__class__))
                   for v in items):
            raise DataError('the pickle holds an array of objects; numbers '
                            'or strings were expected.')
        array = np.empty(len(items), object)
        array[:] = items
        return array.reshape(shape, order='F' if fortran else 'C')

    def scalar(self, placeholder):
        if _is_object(placeholder.dtype):
            raise DataError('the pickle holds an object scalar.')
        return self.numbers(placeholder.data, placeholder.dtype, (),
                            False)[()]


def _is_object(dtype):
    return isinstance(dtype, _Dtype) and _latin1(dtype.code)[:1] == 'O'


def _shape(shape):
    integers = (int, np.integer) if not PY2 else (int, long, np.integer)  # noqa
    if (not isinstance(shape, tuple) or len(shape) > 8 or
            not all(isinstance(n, integers) and n >= 0 for n in shape)):
        raise DataError('the pickle holds an array of a malformed shape.')
    return tuple(int(n) for n in shape)


def _size(shape):
    size = 1
    for n in shape:
        size *= n
    return size


def _from_bytes(data, dtype, shape, fortran):
    """An aligned, writable array that owns a copy of `data`."""
    if not isinstance(dtype, _Dtype):
        raise DataError('the pickle holds a malformed array.')
    dtype, shape = dtype.dtype(), _shape(shape)
    if not PY2 and isinstance(data, str):
        data = data.encode('latin1')
    if not isinstance(data, (bytes, bytearray)):
        raise DataError('the pickle holds an array without its data.')
    expected = _size(shape) * dtype.itemsize
    if dtype.kind == 'O' or len(data) != expected:
        raise DataError('the pickle holds {0} bytes for an array of {1} '
                        'bytes.'.format(len(data), expected))
    if not expected:
        return np.zeros(shape, dtype)
    flat = np.frombuffer(data, dtype)
    if dtype.kind == 'U' and flat.view(
            dtype.byteorder.replace('|', '=') + 'u4').max() > 0x10ffff:
        raise DataError('the pickle holds a string that is not Unicode.')
    return np.array(flat.reshape(shape, order='F' if fortran else 'C'),
                    dtype=dtype.newbyteorder('='), order='K')


def _latin1(text):
    if isinstance(text, bytes):
        return text.decode('latin1')
    if not isinstance(text, u''.__class__):
        raise DataError('the pickle holds a malformed array type.')
    return text

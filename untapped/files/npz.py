"""Arrays in .npz and .npy files: others' are read without trusting them.

`numpy.load` of the pinned numpy runs the pickles in arrays of objects, and
believes a file's word on how large its arrays are.
"""
from __future__ import division, print_function

import io
import os
import re
import struct
import zipfile
from collections import OrderedDict

import numpy as np

from untapped.errors import InputError
from untapped.files import regular

__all__ = ['read_array', 'read_npz', 'write_npz']

#: Bytes of all arrays of a file together, unpacked: at most; what any file
#: may have; and what each of its own bytes may become.
LARGEST = 1 << 31
SMALL = 1 << 26
PACKED = 128
_CONTROL = re.compile(r'[\x00-\x1f\x7f]')


def read_npz(path, largest=LARGEST):
    """The arrays of an .npz file, by name, in the file's order.

    Parameters
    ----------
    path : str
    largest : int, bytes that the arrays may have together

    Raises
    ------
    InputError, one sentence that names the file, if it cannot be read, is
    no whole .npz of plain arrays, or unpacks to more than `largest`
    """
    found = OrderedDict()
    try:
        with regular.open_regular(path) as file_, \
                zipfile.ZipFile(file_) as archive:
            stored = os.fstat(file_.fileno()).st_size
            largest = left = min(largest, max(SMALL, PACKED * stored))
            for info in archive.infolist():
                if _CONTROL.search(info.filename):
                    raise ValueError('a name with control characters')
                with archive.open(info) as stream:
                    # not info.file_size, which the file may lie about
                    content = stream.read(left + 1)
                left -= len(content)
                if left < 0:
                    raise InputError('%s unpacks to more than %d bytes, the '
                                     'most that was expected'
                                     % (path, largest))
                name = info.filename
                found[name[:-4] if name.endswith('.npy') else name] = \
                    read_array(io.BytesIO(content))
    except InputError:
        raise
    except EnvironmentError as error:
        raise InputError('%s cannot be read: %s' % (
            path, error.strerror or error))
    except Exception as error:
        # whatever a malformed file makes zipfile and numpy trip over
        raise InputError('%s: expected an .npz of plain arrays (%s)' % (
            path, ' '.join(str(error).split())[:80] or type(error).__name__))
    return found


def write_npz(stream, arrays, method=zipfile.ZIP_STORED):
    """Write arrays as an .npz, as numpy.load reads it.

    numpy.savez stamps the time into the file; here equal arrays make equal
    files.  Nothing is pickled.

    Parameters
    ----------
    stream : file open for binary writing
    arrays : dict of str to array, in the order that the file is to have
    method : zipfile.ZIP_STORED or ZIP_DEFLATED

    Raises
    ------
    ValueError if an array holds objects
    """
    with zipfile.ZipFile(stream, 'w', method) as archive:
        for name, array in arrays.items():
            content = io.BytesIO()
            np.lib.format.write_array(content, np.asarray(array),
                                      allow_pickle=False)
            # else a ZipInfo of its own is stored, whatever the archive's way
            info = zipfile.ZipInfo(name + '.npy', (1980, 1, 1, 0, 0, 0))
            info.compress_type = method
            archive.writestr(info, content.getvalue())


def read_array(stream):
    """The next array of a stream of bytes, as numpy writes it.

    numpy's own reader evaluates the header, of up to 4 GB, as Python.

    Parameters
    ----------
    stream : file that can be sought in

    Raises
    ------
    ValueError if it holds anything but numbers or texts, or is not all there
    """
    dtype, fortran, shape = _header(stream)
    size = dtype.itemsize
    for length in shape:
        if length > LARGEST:
            raise ValueError('an array of a malformed shape')
        size *= length
    start = stream.tell()
    stream.seek(0, io.SEEK_END)
    if size > stream.tell() - start:
        raise ValueError('an array that ends early')
    stream.seek(start)
    if not size:
        return np.zeros(shape, dtype)
    flat = np.frombuffer(stream.read(size), dtype)
    if dtype.kind == 'U' and flat.view(dtype.str[0] + 'u4').max() > 0x10ffff:
        raise ValueError('a text that is not Unicode')
    # an array of its own, in the order that the file has
    return np.array(flat.reshape(shape, order='F' if fortran else 'C'),
                    order='K')


#: bytes of a header; those of an array in 32 dimensions have 500
LONGEST_HEADER = 4096
MOST_DIMENSIONS = 32
_HEADER = re.compile(
    r"\{'descr': '([<>|=][a-zA-Z][0-9]{0,9})', "
    r"'fortran_order': (True|False), "
    r"'shape': \(((?:[0-9]{1,19}L?, ?)*(?:[0-9]{1,19}L?)?)\),? ?\} *\n?\Z")
#: booleans, integers, floats, complex numbers, bytes, texts
_PLAIN = 'biufcSU'


def _header(stream):
    """(dtype, whether in Fortran's order, shape) of the next array."""
    version = np.lib.format.read_magic(stream)
    if version not in ((1, 0), (2, 0)):
        raise ValueError('an array of an unknown format')
    code = '<H' if version == (1, 0) else '<I'
    stored = stream.read(struct.calcsize(code))
    if len(stored) < struct.calcsize(code):
        raise ValueError('an array that ends early')
    length, = struct.unpack(code, stored)
    if length > LONGEST_HEADER:
        raise ValueError('an array with a header of %d bytes' % length)
    found = _HEADER.match(stream.read(length).decode('latin1'))
    if found is None:
        raise ValueError('an array with a malformed header')
    name, fortran, shape = found.groups()
    if name[1] == 'O':
        raise ValueError('an array of objects')
    try:
        dtype = np.dtype(str(name))
    except TypeError:
        dtype = None
    if dtype is None or dtype.kind not in _PLAIN or not dtype.itemsize:
        raise ValueError('an array of type %s' % name)
    shape = tuple(int(n.strip(' L')) for n in shape.split(',') if n.strip())
    if len(shape) > MOST_DIMENSIONS:
        raise ValueError('an array of %d dimensions' % len(shape))
    return dtype, fortran == 'True', shape

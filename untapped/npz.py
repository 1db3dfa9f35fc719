"""Arrays from .npz and .npy files that others made, without trusting them.

`numpy.load` of the pinned numpy runs the pickles in arrays of objects, and
believes a file's word on how large its arrays are.
"""
from __future__ import division, print_function

import io
import zipfile
from collections import OrderedDict

import numpy as np

from untapped.errors import InputError

__all__ = ['read_array', 'read_npz']

#: bytes of all arrays of a file together, unpacked
LARGEST = 1 << 31


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
    found, left = OrderedDict(), largest
    try:
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist():
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


def read_array(stream):
    """The next array of a stream of bytes, as numpy writes it.

    Parameters
    ----------
    stream : io.BytesIO

    Raises
    ------
    ValueError if it holds objects, or is not all there
    """
    at = stream.tell()
    version = np.lib.format.read_magic(stream)
    shape, _, dtype = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0}[version](stream)
    if dtype.hasobject:
        raise ValueError('an array of objects')
    size = dtype.itemsize
    for length in shape:
        # numpy would set this much memory aside before it reads
        if not 0 <= length <= LARGEST:
            raise ValueError('an array of a malformed shape')
        size *= length
    start = stream.tell()
    if size > stream.seek(0, io.SEEK_END) - start:
        raise ValueError('an array that ends early')
    stream.seek(at)
    return np.lib.format.read_array(stream, allow_pickle=False)

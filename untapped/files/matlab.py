"""The plain arrays of MATLAB's .mat files, read within bounds.

`scipy.io.loadmat` believes a file's word on how large its cells are, and
unpacks whatever it holds.  What it is given here has been unpacked and
measured before, and only arrays of numbers are asked of it.
"""
from __future__ import division, print_function

import io
import struct
import warnings
import zlib

import numpy as np
from scipy.io import loadmat, whosmat

from untapped.errors import DataError
from untapped.files.packed import Limits, read_bytes

__all__ = ['LIMITS', 'read_mat']

#: Bytes of a file, and of its arrays: spectrometers' files have 200 kB.
LIMITS = Limits(stored=1 << 24, unpacked=1 << 26, small=1 << 26)
#: What is in front of the first element.
HEADER = 128
_MATRIX, _PACKED = 14, 15
_NUMBERS = {'double', 'single', 'logical', 'int8', 'int16', 'int32', 'int64',
            'uint8', 'uint16', 'uint32', 'uint64'}


def read_mat(path, limits=LIMITS):
    """The arrays of numbers in a MATLAB file of format 5 (versions 5 to 7).

    Everything else in it (texts, cells, structures, functions) is passed
    over.

    Parameters
    ----------
    path : str
    limits : Limits, optional

    Returns
    -------
    dict of str to ndarray

    Raises
    ------
    DataError
        If it cannot be read, is no such file, is cut, or unpacks to more
        than the limits.
    """
    content = read_bytes(path, limits)
    try:
        content = _unpacked(content, limits.most(len(content)))
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')
            names = [name for name, _, kind in whosmat(io.BytesIO(content))
                     if kind in _NUMBERS]
            found = loadmat(io.BytesIO(content), variable_names=names)
        # of what it cannot read scipy returns a sentence
        return dict((name, found[name]) for name in names
                    if isinstance(found.get(name), np.ndarray)
                    and found[name].dtype.kind in 'fiub')
    except DataError as error:
        raise DataError('%s %s' % (path, error))
    except Exception as error:
        # whatever a malformed file makes zlib and scipy trip over
        raise DataError('%s: expected a MATLAB file of version 5 to 7, whole '
                        '(%s).' % (path, ' '.join(str(error).split())[:80]
                                   or type(error).__name__))


def _unpacked(content, most):
    """The same file with each packed element unpacked, of `most` bytes."""
    order = {b'IM': '<', b'MI': '>'}.get(content[HEADER - 2:HEADER])
    if order is None or len(content) < HEADER:
        raise ValueError('another format')
    # without the place of the subsystem's data, which no number needs
    parts = [content[:HEADER - 12] + bytes(bytearray(8))
             + content[HEADER - 4:HEADER]]
    start, size = HEADER, 0
    while start < len(content):
        kind, length = struct.unpack_from(order + 'II', content, start)
        end = start + 8 + length
        if end > len(content):
            raise ValueError('it ends early')
        if kind == _MATRIX:
            parts.append(content[start:end])
        elif kind == _PACKED:
            unpacked = zlib.decompressobj()
            parts.append(unpacked.decompress(content[start + 8:end],
                                             most - size + 1))
        else:
            raise ValueError('an element of type %d' % kind)
        size += len(parts[-1])
        if size > most:
            raise DataError('unpacks to more than %d bytes, the most that '
                            'was expected.' % most)
        start = end
    return b''.join(parts)

"""SHA-256 of bytes, files, arrays and lists of files, as hex."""
from __future__ import division, print_function

import binascii
import ctypes
import hashlib
import itertools
import pkgutil

import numpy as np

__all__ = ['array_sha256', 'chunks', 'file_sha256', 'listing_sha256',
           'sha256', 'stream_sha256', 'text']

CHUNK = 1 << 20


def _openssl():
    """OpenSSL's library, where hashlib is not made of it; else None.

    Python's own SHA-256, of a Python that was built without OpenSSL, takes
    seconds for the 400 MB of the installed packages; OpenSSL's a fifth.
    """
    if pkgutil.find_loader('_hashlib') is not None:
        return None
    for name in ('libcrypto.so.3', 'libcrypto.so.1.1'):
        try:
            return ctypes.CDLL(name)
        except OSError:
            continue
    return None


_LIBRARY = _openssl()


class _OpenSSL(object):
    """SHA-256 with the methods of hashlib's."""

    def __init__(self):
        self._context = ctypes.create_string_buffer(256)    # 112 are needed
        _LIBRARY.SHA256_Init(self._context)

    def update(self, part):
        part = bytes(part)
        _LIBRARY.SHA256_Update(self._context, part,
                               ctypes.c_size_t(len(part)))

    def hexdigest(self):
        digest = ctypes.create_string_buffer(32)
        _LIBRARY.SHA256_Final(digest, self._context)
        return str(binascii.hexlify(digest.raw).decode('ascii'))


def sha256(parts):
    """SHA-256 of parts, bytes or buffers, one after the other."""
    digest = _OpenSSL() if _LIBRARY else hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.hexdigest()


def chunks(stream):
    """The rest of a stream, a megabyte at a time."""
    return iter(lambda: stream.read(CHUNK), b'')


def stream_sha256(stream):
    """SHA-256 of the rest of a stream."""
    return sha256(chunks(stream))


def file_sha256(path):
    """SHA-256 of a file, as sha256sum prints it; None if unreadable."""
    try:
        with open(path, 'rb') as stream:
            return stream_sha256(stream)
    except EnvironmentError:
        return None


def listing_sha256(files):
    """SHA-256 of the lines that sha256sum prints, in the order of the names.

    Parameters
    ----------
    files : dict from name to SHA-256
    """
    return sha256(('%s  %s\n' % (digest, name)).encode('utf-8')
                  for name, digest in sorted(files.items()))


def array_sha256(array):
    """SHA-256 of an array's type, shape and values.

    The values are hashed in C order and little-endian: equal numbers have
    equal hashes on every machine.

    Parameters
    ----------
    array : ndarray

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    array = np.asarray(array)
    if array.dtype.kind == 'O':
        # Names, one of which may be None: hashed as text.
        array = np.array([u'' if name is None else text(name)
                          for name in array.ravel()]).reshape(array.shape)
    dtype = array.dtype
    if dtype.byteorder == '>' or (dtype.byteorder == '=' and
                                  not np.little_endian):
        dtype = dtype.newbyteorder('<')
    header = '%s %s\n' % (dtype.str, array.shape)
    return sha256(itertools.chain([header.encode('ascii')],
                                  _blocks(array, dtype)))


def _blocks(array, dtype):
    """The bytes of an array in C order, some rows at a time."""
    if not array.ndim or not array.size:
        yield array.astype(dtype).tobytes()
        return
    rows = max(1, 16 * CHUNK * len(array) // array.nbytes)
    for start in range(0, len(array), rows):
        yield np.asarray(array[start:start + rows], dtype).tobytes()


def text(name):
    """A name as text, whether it was bytes or text in the file."""
    if isinstance(name, bytes):
        return name.decode('utf-8', 'replace')
    return u'%s' % (name,)

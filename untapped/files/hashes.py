"""SHA-256 of bytes, files, arrays and lists of files, as hex."""
from __future__ import division, print_function

import hashlib

import numpy as np

__all__ = ['array_sha256', 'chunks', 'file_sha256', 'listing_sha256',
           'sha256', 'stream_sha256', 'text']

CHUNK = 1 << 20


def sha256(parts):
    """SHA-256 of parts, bytes or buffers, one after the other."""
    digest = hashlib.sha256()
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
    array = np.ascontiguousarray(array).reshape(np.shape(array))
    if array.dtype.kind == 'O':
        # Names, one of which may be None: hashed as text.
        array = np.array([u'' if name is None else text(name)
                          for name in array.ravel()]).reshape(array.shape)
    if array.dtype.byteorder == '>' or (array.dtype.byteorder == '=' and
                                        not np.little_endian):
        array = array.astype(array.dtype.newbyteorder('<'))
    header = '%s %s\n' % (array.dtype.str, array.shape)
    return sha256([header.encode('ascii'), array.tobytes()])


def text(name):
    """A name as text, whether it was bytes or text in the file."""
    if isinstance(name, bytes):
        return name.decode('utf-8', 'replace')
    return u'%s' % (name,)

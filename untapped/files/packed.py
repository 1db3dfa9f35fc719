"""The bytes of files that others made, gzipped or not, within bounds."""
from __future__ import division, print_function

import os
import zlib

from untapped.errors import DataError
from untapped.files import regular

__all__ = ['Limits', 'file_in', 'read_bytes']

GZIP_MAGIC = b'\x1f\x8b'
#: Members of a gzip file: each takes time, however little it holds.
MEMBERS = 1000
CHUNK = 1 << 20


class Limits(object):
    """What a file may cost.

    The published files stay far below: the largest, mnist.pkl.gz, is 16 MB
    and unpacks to 220 MB, in a tuple of tuples of arrays.

    Parameters
    ----------
    stored : int
        Bytes on disk.
    unpacked : int
        Bytes after gzip, and so of all arrays together.
    packed : int
        Bytes that one byte of gzip may become, so that what a file costs
        follows from its size; gzip itself reaches 1,032.  mnist.pkl.gz has
        14.
    small : int
        Bytes that any file may unpack to.
    opcodes : int
        Opcodes of a pickle; bounds its numbers of containers, memo entries
        and loose scalars.
    depth : int
        Containers within containers.
    """

    def __init__(self, stored=1 << 30, unpacked=1 << 31, opcodes=1000000,
                 depth=12, packed=128, small=1 << 26):
        self.stored = stored
        self.unpacked = unpacked
        self.packed = packed
        self.small = small
        self.opcodes = opcodes
        self.depth = depth

    def most(self, stored):
        """Bytes that a gzip file of so many may unpack to."""
        return min(self.unpacked, max(self.small, self.packed * stored))


def file_in(path, name):
    """The file of this name if path is a folder, else path itself."""
    return os.path.join(path, name) if os.path.isdir(path) else path


def read_bytes(path, limits=None):
    """The bytes of a file, unpacked if it is gzip.

    Parameters
    ----------
    path : str
    limits : Limits, optional

    Returns
    -------
    bytes

    Raises
    ------
    DataError
        If it is no readable file, is empty, truncated or corrupt, or is
        larger than the limits, packed or unpacked.
    """
    limits = limits or Limits()
    if os.path.isdir(path):
        raise DataError('{0} is a folder; a file was expected.'.format(path))
    if os.path.exists(path) and not os.path.isfile(path):
        # A pipe would wait for ever, a device might never end.
        raise DataError('{0} is no regular file; one was expected.'.format(
            path))
    try:
        with regular.open_regular(path) as stream:
            stored = os.fstat(stream.fileno()).st_size
            if stored > limits.stored:
                raise DataError('{0} has {1} bytes; at most {2} were '
                                'expected.'.format(path, stored,
                                                   limits.stored))
            packed = stream.read(2) == GZIP_MAGIC
            stream.seek(0)
            if packed:
                chunks, most = _members(stream, path), limits.most(stored)
            else:
                chunks, most = _chunks(stream), limits.unpacked
            data = _at_most(chunks, most, path)
    except (IOError, OSError, zlib.error) as error:
        if getattr(error, 'errno', None):
            raise DataError('{0} cannot be read: {1}.'.format(
                path, os.strerror(error.errno).lower()))
        raise DataError('{0} is corrupt: its gzip data do not unpack ({1}).'
                        .format(path, error))
    if not data:
        raise DataError('{0} is empty.'.format(path))
    return data


def _chunks(stream):
    return iter(lambda: stream.read(CHUNK), b'')


def _members(stream, path):
    """What the members of a gzip file unpack to, in pieces."""
    unpack, members = None, 0
    for packed in _chunks(stream):
        while packed:
            if unpack is None:
                # zeros may fill a file up
                packed = packed.lstrip(b'\0') if members else packed
                if not packed:
                    break
                members += 1
                if members > MEMBERS:
                    raise DataError('%s has more than %d gzip members; one '
                                    'was expected.' % (path, MEMBERS))
                unpack = zlib.decompressobj(16 + zlib.MAX_WBITS)
            yield unpack.decompress(packed, CHUNK)
            packed = unpack.unconsumed_tail or unpack.unused_data
            if unpack.unused_data:
                unpack = None
    # a member that has ended leaves what follows alone
    if unpack is not None and (unpack.decompress(b'\0') or
                               not unpack.unused_data):
        raise DataError('%s is truncated: its gzip data end early.' % path)


def _at_most(chunks, limit, path):
    kept, size = [], 0
    for chunk in chunks:
        size += len(chunk)
        if size > limit:
            raise DataError('%s unpacks to more than %d bytes, the most that '
                            'was expected.' % (path, limit))
        kept.append(chunk)
    return b''.join(kept)

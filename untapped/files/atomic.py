"""Files that are written whole or not at all."""
from __future__ import division, print_function

import errno
import gzip
import os
import pickle
import tempfile
from contextlib import contextmanager

from untapped.errors import DataError
from untapped.files import folders

__all__ = ['write_pickle', 'atomically', 'whole']


def write_pickle(content, path):
    """Pickle `content` (protocol 2, gzip) to `path`, whole or not at all.

    Parameters
    ----------
    content : object
    path : str

    Raises
    ------
    DataError
        If it cannot be written there.
    """
    def write(stream):
        # No name and no time in the header: the same data, the same bytes.
        packed = gzip.GzipFile(filename='', mode='wb', compresslevel=6,
                               fileobj=stream, mtime=0)
        try:
            pickle.dump(content, packed, protocol=2)
        finally:
            packed.close()

    atomically(path, write)


def atomically(path, write):
    """Call `write` with a stream whose content becomes `path` at the end.

    Parameters
    ----------
    path : str
    write : callable
        Given a stream open for binary writing. If it raises, nothing stays.

    Raises
    ------
    DataError
        If it cannot be written there.
    """
    try:
        folders.make(os.path.dirname(os.path.abspath(path)))
        with whole(path) as stream:
            write(stream)
    except EnvironmentError as error:
        raise DataError('%s cannot be written: %s.' % (
            path, (error.strerror or str(error)).lower()))


@contextmanager
def whole(path):
    """A binary file to write; it gets its name when all is on disk.

    Its folder is there. If anything is raised, EnvironmentError or other,
    what had the name before keeps it.
    """
    if os.path.exists(path) and not os.path.isfile(path):
        # a device would be replaced
        raise IOError(errno.EINVAL, 'it is no regular file', path)
    folder, name = os.path.split(os.path.abspath(path))
    handle, temporary = tempfile.mkstemp(prefix='.' + name + '-',
                                         suffix='.part', dir=folder)
    try:
        with os.fdopen(handle, 'wb') as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        # mkstemp makes files for their owner only; these are to be read by
        # whoever the user's umask lets read
        os.chmod(temporary, 0o666 & ~_umask())
        os.rename(temporary, path)
    except BaseException:
        if os.path.exists(temporary):
            os.unlink(temporary)
        raise
    _sync_folder(folder)


def _umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _sync_folder(path):
    """Make the renaming itself last, where the file system can."""
    try:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except EnvironmentError:
        pass

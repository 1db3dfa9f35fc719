"""Writing files in the published format."""
from __future__ import division, print_function

import gzip
import os
import pickle
import tempfile

from untapped.errors import DataError
from untapped.files import folders

__all__ = ['write_pickle', 'atomically']


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
    """
    folder = os.path.dirname(os.path.abspath(path))
    try:
        folders.make(folder)
        handle, temporary = tempfile.mkstemp(
            prefix=os.path.basename(path) + '.', suffix='.part', dir=folder)
    except (IOError, OSError) as error:
        raise DataError('{0} cannot be written: {1}.'.format(
            path, error.strerror.lower()))
    try:
        with os.fdopen(handle, 'wb') as stream:
            write(stream)
        os.chmod(temporary, 0o666 & ~_umask())
        os.rename(temporary, path)
    except (IOError, OSError) as error:
        os.remove(temporary)
        raise DataError('{0} cannot be written: {1}.'.format(
            path, (error.strerror or str(error)).lower()))
    except BaseException:
        os.remove(temporary)
        raise


def _umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask

"""Files that others made: regular ones, and whatever else a folder holds."""
from __future__ import division, print_function

import errno
import os
import stat

from untapped.errors import InputError

__all__ = ['alone', 'below', 'open_regular', 'read']

#: Folders within folders that `below` goes into.
DEEPEST = 40


def open_regular(path, links=True):
    """Open a file for its bytes; never wait for a pipe, never end up in a
    device.

    Parameters
    ----------
    path : str
    links : bool
        Whether a symbolic link is followed, which leads to a file that is
        not the folder's own.

    Raises
    ------
    EnvironmentError
        If it cannot be opened or is no regular file.
    """
    # before it is opened: opening alone moves some devices
    _check_regular(os.stat(path) if links else os.lstat(path), path)
    # should something else have taken its place
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK
                     | (0 if links else os.O_NOFOLLOW))
    try:
        _check_regular(os.fstat(handle), path)
        return os.fdopen(handle, 'rb')
    except EnvironmentError:
        os.close(handle)
        raise


def _check_regular(found, path):
    if stat.S_ISDIR(found.st_mode):
        raise IOError(errno.EISDIR, os.strerror(errno.EISDIR), path)
    if stat.S_ISLNK(found.st_mode):
        raise IOError(errno.EINVAL, 'It is a symbolic link, which is not '
                      'followed here', path)
    if not stat.S_ISREG(found.st_mode):
        raise IOError(errno.EINVAL, 'It is no regular file', path)


def read(path, largest, links=True):
    """The bytes of a regular file.

    Parameters
    ----------
    path : str
    largest : int, bytes that it may have
    links : bool, as `open_regular`

    Raises
    ------
    InputError, one sentence that names the file
    """
    try:
        with open_regular(path, links) as stream:
            content = stream.read(largest + 1)
    except EnvironmentError as error:
        raise InputError('%s cannot be read: %s' % (path, error.strerror))
    if len(content) > largest:
        raise InputError('%s has more than %d bytes, the most that was '
                         'expected' % (path, largest))
    return content


def below(path):
    """What a folder and the folders in it hold; no link is followed.

    Parameters
    ----------
    path : str, an existing folder

    Returns
    -------
    (files, others) : sorted lists of str
        Names relative to `path`: of regular files, and of everything else
        that is no folder (links, pipes, devices) or a folder that cannot be
        read or is nested too deep.

    Raises
    ------
    EnvironmentError
        If `path` itself cannot be read.
    """
    files, others = [], []
    waiting = [(name, 1) for name in os.listdir(path)]
    while waiting:
        name, depth = waiting.pop()
        whole = os.path.join(path, name)
        try:
            mode = os.lstat(whole).st_mode
            if stat.S_ISDIR(mode) and depth <= DEEPEST:
                waiting += [(os.path.join(name, inner), depth + 1)
                            for inner in os.listdir(whole)]
                continue
        except EnvironmentError as error:
            if error.errno == errno.ENOENT:
                continue        # it has gone meanwhile
            mode = 0
        (files if stat.S_ISREG(mode) else others).append(name)
    return sorted(files), sorted(others)


def alone(path, hidden=True):
    """The names of `below`'s files, where there is nothing else.

    A link leads out of the folder, a pipe keeps its reader waiting.

    Parameters
    ----------
    path : str, an existing folder
    hidden : bool
        Whether what is no file is refused also where its name says that it
        is hidden.

    Raises
    ------
    InputError
        It names the first thing that is neither file nor folder.
    EnvironmentError
        If `path` itself cannot be read.
    """
    names, others = below(path)
    for name in others:
        if hidden or not os.path.basename(name).startswith('.'):
            raise InputError('%s is a link, a pipe, a device or a folder '
                             'that cannot be read; expected files alone'
                             % os.path.join(path, name))
    return names

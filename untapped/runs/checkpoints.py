"""Files that hold the state of a run, from which it goes on to the bit.

A checkpoint is a line with a name, a line with the SHA-256 of all that
follows, a line of JSON with the arrays' names, and the arrays one after
another as numpy writes them.  Nothing in it is pickled.  One that was cut
short or changed does not fit its hash; the one before it is kept for that.
One that fits its hash and is no state was not made by a run: it is refused.
"""
from __future__ import division, print_function

import io
import json
import os
import re
from collections import OrderedDict

import numpy as np

from untapped.errors import InputError
from untapped.files import hashes, regular
from untapped.files.npz import read_array

__all__ = ['CheckpointError', 'Damaged', 'below', 'epoch_of', 'latest',
           'names', 'read', 'to_bytes', 'write']

FIRST_LINE = b'untapped checkpoint 1\n'
KEPT = 2
#: bytes of a file, unless whoever reads it knows better
LARGEST = 1 << 31
#: bytes of the line of names, and how many there may be
LONGEST_LINE = 1 << 20
MOST_ARRAYS = 10000
_NAME = re.compile(r'checkpoint-([0-9]{8})\Z')


class CheckpointError(InputError):
    """A file that is no checkpoint; one sentence that names it."""


class Damaged(CheckpointError):
    """A file that cannot be read, was cut short or changed."""


def to_bytes(state):
    """A state, OrderedDict from name to ndarray, as a checkpoint's bytes."""
    body = io.BytesIO()
    body.write(json.dumps(list(state)).encode('ascii') + b'\n')
    for array in state.values():
        np.lib.format.write_array(body, np.asarray(array),
                                  allow_pickle=False)
    body = body.getvalue()
    digest = hashes.sha256([body]).encode('ascii')
    return FIRST_LINE + digest + b'\n' + body


def read(path, largest=LARGEST):
    """The state in a checkpoint file.

    Takes the memory of its arrays, and of the largest once more.

    Parameters
    ----------
    path : str
    largest : int, bytes that the file may have

    Raises
    ------
    Damaged if the file is not whole, or no regular one
    CheckpointError if it is whole, but larger or no state
    """
    try:
        with regular.open_regular(path, links=False) as stream:
            return _read(stream, path, largest)
    except EnvironmentError as error:
        raise Damaged('%s cannot be read: %s' % (path, error.strerror))


def _read(stream, path, largest):
    if os.fstat(stream.fileno()).st_size > largest:
        raise CheckpointError('%s has more than %d bytes, the most that was '
                              'expected' % (path, largest))
    first, digest = stream.readline(100), stream.readline(100)
    if first != FIRST_LINE:
        raise Damaged('%s is no checkpoint' % path)
    if digest != hashes.stream_sha256(stream).encode('ascii') + b'\n':
        raise Damaged('%s is truncated or was changed: its SHA-256 is not '
                      'the one that it names' % path)
    stream.seek(len(first) + len(digest))
    try:
        state = OrderedDict((name, read_array(stream))
                            for name in _names(stream))
        if stream.read(1):
            raise ValueError('more than its arrays')
    except Exception as error:
        # it has the hash of what it is, but that is no state
        raise CheckpointError('%s is no checkpoint: %s' % (
            path, ' '.join(str(error).split())[:80] or type(error).__name__))
    return state


def _names(stream):
    """The line of the arrays' names."""
    line = stream.readline(LONGEST_LINE)
    found = json.loads(line.decode('ascii'))
    if not (line.endswith(b'\n') and isinstance(found, list) and
            len(found) <= MOST_ARRAYS and
            all(isinstance(name, type(u'')) for name in found) and
            len(set(found)) == len(found)):
        raise ValueError('no list of names')
    return found


def names(path):
    """Checkpoint files of a folder, the newest first; none without it."""
    if not os.path.isdir(path):
        return []
    return sorted((name for name in os.listdir(path) if _NAME.match(name)
                   and not os.path.isdir(os.path.join(path, name))),
                  reverse=True)


def epoch_of(path):
    """The epoch that the name of a checkpoint file says."""
    return int(_NAME.match(os.path.basename(path)).group(1))


def below(path):
    """Paths of all checkpoint files of a folder and the folders in it."""
    return [os.path.join(folder, name)
            for folder, _, found in sorted(os.walk(path))
            for name in sorted(found) if _NAME.match(name)]


def write(folder, state, place=''):
    """Write a state to a run folder; the one before it is kept too.

    Parameters
    ----------
    folder : runs.run_folder.RunFolder
    state : OrderedDict from name to ndarray, with 'epoch'
    place : str, what the file's name begins with: '' or 'm2/'
    """
    with folder.file('%scheckpoint-%08d' % (
            place, int(state['epoch']))) as stream:
        stream.write(to_bytes(state))
    for name in names(folder.join(place))[KEPT:]:
        os.unlink(folder.join(place + name))


def latest(path, largest=LARGEST):
    """The newest whole checkpoint of a folder.

    Parameters
    ----------
    path : str
    largest : int, bytes that the file may have

    Returns
    -------
    (state, complaints, file) : the state or None; a sentence about each
        newer file that is not whole; the path of the one that is, or None

    Raises
    ------
    CheckpointError if that file is whole, but no state
    """
    complaints = []
    for name in names(path):
        whole = os.path.join(path, name)
        try:
            return read(whole, largest), complaints, whole
        except Damaged as error:
            complaints.append(str(error))
    return None, complaints, None

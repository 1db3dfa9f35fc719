"""Files that hold the state of a run, from which it goes on to the bit.

A checkpoint is a line with a name, a line with the SHA-256 of all that
follows, a line of JSON with the arrays' names, and the arrays one after
another as numpy writes them.  Nothing in it is pickled.  One that was cut
short or changed does not fit its hash; the one before it is kept for that.
"""
from __future__ import division, print_function

import hashlib
import io
import json
import os
import re
from collections import OrderedDict

import numpy as np

from untapped.errors import InputError
from untapped.npz import read_array

__all__ = ['CheckpointError', 'below', 'latest', 'names', 'read', 'to_bytes',
           'write']

FIRST_LINE = b'untapped checkpoint 1\n'
KEPT = 2
_NAME = re.compile(r'checkpoint-([0-9]{8})\Z')


class CheckpointError(InputError):
    """A file that is no whole checkpoint; one sentence that names it."""


def to_bytes(state):
    """A state, OrderedDict from name to ndarray, as a checkpoint's bytes."""
    body = io.BytesIO()
    body.write(json.dumps(list(state)).encode('ascii') + b'\n')
    for array in state.values():
        np.lib.format.write_array(body, np.asarray(array),
                                  allow_pickle=False)
    body = body.getvalue()
    digest = hashlib.sha256(body).hexdigest().encode('ascii')
    return FIRST_LINE + digest + b'\n' + body


def read(path):
    """The state in a checkpoint file.

    Raises
    ------
    CheckpointError if the file is not whole
    """
    try:
        with open(path, 'rb') as stream:
            first, digest = stream.readline(100), stream.readline(100)
            body = stream.read()
    except EnvironmentError as error:
        raise CheckpointError('%s cannot be read: %s'
                              % (path, error.strerror))
    if first != FIRST_LINE:
        raise CheckpointError('%s is no checkpoint' % path)
    found = hashlib.sha256(body).hexdigest().encode('ascii')
    if found != digest.rstrip(b'\n'):
        raise CheckpointError('%s is truncated or was changed: its SHA-256 '
                              'is not the one that it names' % path)
    body = io.BytesIO(body)
    try:
        return OrderedDict(
            (name, read_array(body))
            for name in json.loads(body.readline().decode('ascii')))
    except Exception as error:
        # it has the hash of what it is, but that is no state
        raise CheckpointError('%s is no checkpoint: %s' % (
            path, ' '.join(str(error).split())[:80]))


def names(path):
    """Checkpoint files of a folder, the newest first; none without it."""
    if not os.path.isdir(path):
        return []
    return sorted((name for name in os.listdir(path) if _NAME.match(name)),
                  reverse=True)


def below(path):
    """Paths of all checkpoint files of a folder and the folders in it."""
    return [os.path.join(folder, name)
            for folder, _, found in sorted(os.walk(path))
            for name in sorted(found) if _NAME.match(name)]


def write(folder, state, place=''):
    """Write a state to a run folder; the one before it is kept too.

    Parameters
    ----------
    folder : experiments.run_folder.RunFolder
    state : OrderedDict from name to ndarray, with 'epoch'
    place : str, what the file's name begins with: '' or 'm2/'
    """
    with folder.file('%scheckpoint-%08d' % (
            place, int(state['epoch']))) as stream:
        stream.write(to_bytes(state))
    for name in names(folder.join(place))[KEPT:]:
        os.unlink(folder.join(place + name))


def latest(path):
    """The newest whole checkpoint of a folder.

    Returns
    -------
    (state, complaints) : the state or None, and a sentence about each newer
        file that is not whole
    """
    complaints = []
    for name in names(path):
        try:
            return read(os.path.join(path, name)), complaints
        except CheckpointError as error:
            complaints.append(str(error))
    return None, complaints

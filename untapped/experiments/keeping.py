"""Checkpoints while a run trains, and going on from the last of them."""
from __future__ import division, print_function

import re
import time

import numpy as np

from untapped.runs import checkpoints
from untapped.runs.checkpoints import CheckpointError

__all__ = ['Keeper']

#: A stop between checkpoints loses at most this of the training, in seconds
#: (and the epoch that it came in); taking a state costs milliseconds.
SNAPSHOT_SECONDS = 1.
_SHA256 = re.compile(br'[0-9a-f]{64}\Z')


class Keeper(object):
    """Writes checkpoints: at evaluations, every so many seconds, at the end.

    Called with the events of `SSDGM.fit`.

    Parameters
    ----------
    folder : RunFolder
    prefix : str, what the names of the model's files begin with: '' or
        'm2/'
    model : SSDGM
    seconds : float, at most so long between checkpoints, at ends of epochs

    Attributes
    ----------
    evaluations : list of (epoch, SHA-256 of the parameters)
    restored : str, the checkpoint that `restore` read; None without
    """

    def __init__(self, folder, prefix, model, seconds):
        self.folder, self.prefix = folder, prefix
        self.model, self.seconds = model, seconds
        self.evaluations = []
        self.restored = None
        self._unwritten = None
        self._written = self._taken = time.time()
        self._evaluated = False

    def __call__(self, event):
        if event.kind == 'evaluation':
            self.evaluations.append((event.epoch,
                                     self.model.parameters_sha256()))
            self._evaluated = True
        elif event.whole:
            self._epoch(event)

    def _epoch(self, event):
        now = time.time()
        due = (self._evaluated or event.epoch == event.num_epochs or
               now - self._written >= self.seconds)
        if due or now - self._taken >= SNAPSHOT_SECONDS:
            self._unwritten = self._state()
            self._taken = now
        if due:
            self.write()

    def write(self):
        """Write the last state, unless it has been written."""
        if self._unwritten is not None:
            checkpoints.write(self.folder, self._unwritten, self.prefix)
            self._unwritten = None
            self._written = time.time()
            self._evaluated = False

    def _state(self):
        state = self.model.state()
        state['run evaluations'] = np.array(
            [epoch for epoch, _ in self.evaluations], dtype='int64')
        state['run hashes'] = np.array(
            [digest.encode('ascii') for _, digest in self.evaluations],
            dtype='S64')
        return state

    def restore(self):
        """The state to go on from, or None; and sentences about files that
        were passed over.

        Raises
        ------
        CheckpointError at a file that is whole, but no checkpoint of the run
        """
        state, complaints, path = checkpoints.latest(
            self.folder.join(self.prefix), _largest(self.model))
        if state is not None:
            _check_epoch(state, path, self.model.num_epochs)
            self.evaluations = _evaluations(state, path)
            self.restored = path
        return state, complaints


def _largest(model):
    """Bytes that a model's checkpoint may have: far more than it has.

    Parameters and two moments of each; a few MB of streams, orders and
    generator; less than a kB of records an evaluation.
    """
    parameters = sum(value.nbytes for value in model.parameters().values())
    return min(checkpoints.LARGEST, 8 * parameters + (64 << 20)
               + (model.num_epochs // model.eval_freq << 10))


def _check_epoch(state, path, num_epochs):
    """CheckpointError unless the epoch is that of the file's name.

    What else a state must hold is decided by the model, see
    `untapped.model.state`; this is told before there is one to ask.
    """
    epoch = state.get('epoch')
    if epoch is None or epoch.shape != () or epoch.dtype.kind != 'i' or \
            int(epoch) != checkpoints.epoch_of(path):
        raise CheckpointError('%s holds another epoch than its name says, or '
                              'none' % path)
    if epoch > num_epochs:
        raise CheckpointError('%s is of epoch %d; the run has %d'
                              % (path, epoch, num_epochs))


def _evaluations(state, path):
    """Take the evaluations' (epoch, SHA-256) out of a state."""
    epochs = state.pop('run evaluations', np.array(0))
    hashes = state.pop('run hashes', np.array(0))
    recorded = state.get('record epochs', np.array(0))
    if epochs.dtype != 'int64' or hashes.dtype != 'S64' or \
            epochs.ndim != 1 or epochs.shape != hashes.shape or \
            epochs.tolist() != recorded.tolist() or \
            not all(_SHA256.match(digest) for digest in hashes.tolist()):
        raise CheckpointError('%s: expected a SHA-256 of the parameters for '
                              'each evaluation' % path)
    return [(int(epoch), digest.decode('ascii'))
            for epoch, digest in zip(epochs, hashes)]

"""The whole state of a training run, as named arrays.

It is what decides the bits of all that follows an epoch:

- the parameters and Adam's moments;
- the random streams that the compiled functions draw from (the MRG
  generators of the sample layers) and numpy's generator;
- the order of X_ in training and validation data;
- the epoch and the learning rate.

The records come along, so that they are complete at the end.

A state may come from a file that others made.  numpy's generator reads
beyond its memory at a position that is out of range, and a training step
fails at a row that does not exist.  So everything is checked before anything
is set.  Parameters and moments may be any numbers, as training may come to
any.
"""
from __future__ import division, print_function

from collections import OrderedDict

import numpy as np

from untapped.errors import InputError

__all__ = ['State', 'StateError', 'are_streams', 'check']

RECORDS = ('train', 'eval1', 'evalN')
#: words of the Mersenne Twister
TWISTER = 624
#: moduli of both halves of MRG31k3p, see `untapped.parmesan.streams`
MODULI = (2147483647, 2147462579)


class StateError(InputError):
    """A state that is not one of this model; one sentence."""


class State(object):
    """Takes the state of a model in training, and goes back to one.

    Parameters
    ----------
    networks : Networks
    passes : (train_pass, eval_pass), each a ``training.Pass``
    rng : numpy.random.RandomState, of the order of minibatches
    progress : training.Progress
    schedule : training.Schedule
    history : training.History

    Attributes
    ----------
    variables : OrderedDict from name to shared variable
    """
    def __init__(self, networks, passes, rng, progress, schedule, history):
        self.passes = OrderedDict(zip(('train', 'eval'), passes))
        self.rng, self.progress = rng, progress
        self.schedule, self.history = schedule, history
        params = networks.named_params()
        self.variables = OrderedDict(
            ('parameter ' + name, param) for name, param in params.items())
        moments = [variable for variable in self.passes['train'].updates
                   if variable not in networks.params]
        for number, moment in enumerate(moments):
            self.variables['adam %d' % number] = moment
        self.variables.update(self._streams(networks))

    def _streams(self, networks):
        """Shared variables of the streams that training draws from.

        Named by network, sample layer and stream number.  None of these
        depends on the order in which expressions were built.
        """
        found = OrderedDict()
        for name, network in networks.items():
            for number, layer in enumerate(network.samplers()):
                for position, drawn in layer._srng.drawn:
                    if drawn in found.values() or not any(
                            walk.draws_from(drawn)
                            for walk in self.passes.values()):
                        continue
                    key = 'stream %s %d %d' % (name, number, position)
                    # two expressions may draw from one stream
                    while key in found:
                        key += ' again'
                    found[key] = drawn
        return found

    def get(self):
        """The state now; OrderedDict from name to ndarray.

        InputError in the middle of an epoch.
        """
        if not self.progress.whole:
            raise InputError('this SSDGM is in the middle of an epoch, which '
                             'has no state to go on from: expected the end '
                             'of one')
        state = OrderedDict((name, variable.get_value())
                            for name, variable in self.variables.items())
        _, keys, position, has_gauss, gauss = self.rng.get_state()
        state['generator keys'] = keys
        state['generator position'] = np.array([position, has_gauss])
        state['generator gauss'] = np.array(gauss)
        for name, walk in self.passes.items():
            if walk.data.order_of_X_ is not None:
                state['order ' + name] = walk.data.order_of_X_.copy()
        state['epoch'] = np.array(self.progress.epoch)
        state['lr'] = np.array(self.progress.lr, dtype='float64')
        state['record epochs'] = np.array(self.history.epochs, dtype='int64')
        for record in RECORDS:
            for term, values in getattr(self.history, record).items():
                state['record %s %s' % (record, term)] = np.array(values)
        return state

    def set(self, state):
        """Go back to a state.

        StateError, and nothing is set, if it is no state of this model.
        """
        check(state, self.get(), self.schedule.num_epochs,
              self.schedule.eval_freq)
        for name, variable in self.variables.items():
            variable.set_value(state[name])
        position, has_gauss = state['generator position']
        self.rng.set_state(('MT19937', state['generator keys'],
                            int(position), int(has_gauss),
                            float(state['generator gauss'])))
        for name, walk in self.passes.items():
            if 'order ' + name in state:
                walk.data.order_of_X_ = state['order ' + name]
        self.progress.epoch = int(state['epoch'])
        self.progress.lr = float(state['lr'])
        self.history.epochs[:] = [int(e) for e in state['record epochs']]
        for record in RECORDS:
            for term, values in getattr(self.history, record).items():
                values[:] = list(state['record %s %s' % (record, term)])


def check(state, present, num_epochs, eval_freq):
    """Refuse a state that cannot be one of the same model and data.

    Another loss, seed or data of the same shapes cannot be told.

    Parameters
    ----------
    state : dict from name to ndarray
    present : the same, of the model as it starts
    num_epochs, eval_freq : int, of the model

    Raises
    ------
    StateError
    """
    odd = sorted(name if isinstance(name, str) else repr(name)
                 for name in set(state) ^ set(present))
    odd += sorted(name for name in present if name in state and
                  not name.startswith('record ') and
                  _layout(name, state[name]) !=
                  _layout(name, present[name]))
    if odd:
        raise StateError('state: expected that of a fit with the same '
                         'settings and data, found a difference at %r'
                         % odd[0][:80])
    for name in present:
        expected = _expected(name, state[name], num_epochs)
        if expected is not None:
            raise StateError('state: expected %s at %r' % (expected, name))
    _check_records(state, eval_freq)


def _layout(name, array):
    """What two arrays of a name have alike; None of what is no array.

    Parameters and moments may be in Fortran's order: a step's result can be,
    where what it was made from is.
    """
    if not isinstance(array, np.ndarray):
        return None
    either = name.startswith(('parameter ', 'adam '))
    return (array.shape, array.dtype, array.flags.c_contiguous or
            either and array.flags.f_contiguous)


def _expected(name, value, num_epochs):
    """What an array should have been, in words; None if it is."""
    if name == 'epoch' and not 0 <= value <= num_epochs:
        return 'an epoch from 0 to %d' % num_epochs
    if name == 'lr' and not (np.isfinite(value) and value >= 0):
        return 'a finite learning rate of at least 0'
    if name == 'generator keys' and not value.any():
        return 'keys that are not all 0'
    if name == 'generator position' and not (
            0 <= value[0] <= TWISTER and 0 <= value[1] <= 1):
        return 'a position from 0 to %d and 0 or 1' % TWISTER
    if name == 'generator gauss' and not np.isfinite(value):
        return 'a finite number'
    if name.startswith('stream ') and not are_streams(value):
        return 'states of MRG31k3p'
    if name.startswith('order ') and not np.array_equal(
            np.sort(value), np.arange(len(value))):
        return 'each row once'
    return None


def are_streams(states):
    """Whether these are states (..., 6) that the generator can be in."""
    return (states >= 0).all() and all(
        (half < modulus).all() and half.any(axis=-1).all()
        for half, modulus in zip((states[..., :3], states[..., 3:]),
                                 MODULI))


def _check_records(state, eval_freq):
    """StateError unless the records are of each evaluation so far."""
    epochs = state['record epochs']
    number = int(state['epoch']) // eval_freq
    if _layout('', epochs) != ((number,), np.dtype('int64'), True) or \
            not np.array_equal(epochs, eval_freq * np.arange(1, 1 + number)):
        raise StateError("state: expected the evaluations' epochs, every %d, "
                         'at \'record epochs\'' % eval_freq)
    for name in state:
        if name.startswith('record ') and name != 'record epochs' and \
                not _is_record(state[name], number):
            raise StateError('state: expected a number for each evaluation '
                             'at %r' % name)


def _is_record(values, number):
    return isinstance(values, np.ndarray) and values.shape == (number,) and \
        values.dtype in (np.dtype('float32'), np.dtype('float64'))

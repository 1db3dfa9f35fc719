"""What a state must be so that a model can go on from it.

A state may come from a file that others made.  numpy's generator reads
beyond its memory at a position that is out of range, and a training step
ends with an error at a row that is none: everything is checked before
anything is set.  Parameters and moments may be any numbers, as training may
come to any.
"""
from __future__ import division, print_function

import numpy as np

from untapped.errors import InputError

__all__ = ['StateError', 'check']

#: words of the Mersenne Twister
TWISTER = 624
#: moduli of both halves of MRG31k3p, see `untapped.parmesan.streams`
MODULI = (2147483647, 2147462579)


class StateError(InputError):
    """A state that is not one of this model; one sentence."""


def check(state, present, num_epochs, eval_freq):
    """Refuse a state that is not one of the same model and data.

    Parameters
    ----------
    state : dict from name to ndarray
    present : the same, of the model as it starts
    num_epochs, eval_freq : int, of the model

    Raises
    ------
    StateError
    """
    odd = sorted(set(state) ^ set(present))
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
    if name.startswith('stream ') and not _are_streams(value):
        return 'states of MRG31k3p'
    if name.startswith('order ') and not np.array_equal(
            np.sort(value), np.arange(len(value))):
        return 'each row once'
    return None


def _are_streams(states):
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

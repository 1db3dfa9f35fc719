"""Checks that every reader makes of what it read."""
from __future__ import division, print_function

import numbers

import numpy as np

from untapped.errors import DataError
from untapped.files.texts import TEXTS

__all__ = ['check_choice', 'check_finite', 'check_matrix', 'check_present',
           'check_simplex', 'check_whole']


def check_whole(name, value, least, most=None):
    """DataError unless an argument is a whole number of a range."""
    whole = isinstance(value, numbers.Integral) and not isinstance(
        value, (bool, np.timedelta64))
    if not whole or value < least or most is not None and value > most:
        raise DataError('%s is %s; a whole number %s was expected.' % (
            name, _shown(value), 'of at least %d' % least if most is None
            else 'from %d to %d' % (least, most)))


def check_choice(name, value, choices):
    """DataError unless an argument is one of some words."""
    if not isinstance(value, TEXTS) or value not in choices:
        raise DataError('%s is %s; %s was expected.' % (
            name, _shown(value), ' or '.join(choices)))


def _shown(value):
    """A value in a sentence: in short."""
    return ' '.join(repr(value).split())[:60]


def check_matrix(array, shape, where, name):
    """`array` as an ndarray of numbers of the given shape.

    Parameters
    ----------
    array : object
        What a file held.
    shape : tuple of int or None
        None for an axis of any length but zero.
    where : str
        The file, for the message.
    name : str
        The array, for the message.

    Raises
    ------
    DataError
    """
    wanted = ' x '.join('n' if n is None else str(n) for n in shape)
    if not isinstance(array, np.ndarray) or array.dtype.kind not in 'fiub':
        raise DataError('%s: %s is no array of numbers; [%s] was expected.'
                        % (where, name, wanted))
    if array.ndim != len(shape) or not array.size or any(
            n is not None and n != m for n, m in zip(shape, array.shape)):
        raise DataError('%s: %s has shape %s; [%s] was expected.' % (
            where, name, array.shape, wanted))
    return array


def check_finite(array, where, name):
    """Refuse NaN, infinity and what becomes infinity in float32, in which
    the models compute; says where the first one is."""
    with np.errstate(invalid='ignore'):
        # a NaN is not at most anything
        bad = ~(np.abs(array) <= np.finfo(np.float32).max)
    if bad.any():
        first = tuple(int(i) for i in np.argwhere(bad)[0])
        raise DataError('%s: %s holds NaN, infinity or a number beyond '
                        'float32, first at %s; finite numbers were expected.'
                        % (where, name, first))
    return array


def check_simplex(y, where, name):
    """Refuse rows that are negative or do not sum to 1 (within 1e-5)."""
    off = np.flatnonzero((y < 0).any(axis=1) |
                         (np.abs(y.sum(axis=1) - 1) > 1e-5))
    if len(off):
        raise DataError('%s: row %d of %s is off the simplex (it sums to '
                        '%.6g); parts from 0 to 1 that sum to 1 were '
                        'expected.' % (where, off[0], name,
                                       float(y[off[0]].sum())))
    return y


def check_present(y, names, where):
    """Refuse labels in which a part is zero throughout: an empty class."""
    for name, column in zip(names, np.asarray(y).T):
        if not (column > 0).any():
            raise DataError('%s: no spectrum holds any %s; every part was '
                            'expected at least once.' % (where, name))

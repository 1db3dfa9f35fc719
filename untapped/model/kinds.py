"""What a setting may be: kinds of values, told in words.

A kind is a function of a value.  It returns None for one that it takes, and
what was expected, in words, for one that it does not.
"""
from __future__ import division, print_function

import functools
import inspect
import numbers

import numpy as np

from untapped.errors import InputError
from untapped.files.texts import TEXTS

__all__ = ['SEEDS', 'alike', 'choice', 'count', 'dictionary', 'flag', 'flows',
           'function', 'gain', 'named', 'number', 'optional', 'path',
           'plain', 'require', 'same', 'shown', 'subclass', 'units']

#: seeds of numpy's generator lie below
SEEDS = 2 ** 32
#: Theano's counts are int32, its numbers float32
MOST = 2 ** 31 - 1
LARGEST = float(np.finfo('float32').max)


def shown(value):
    """A value in a sentence: one line, of at most 60 characters."""
    try:
        told = ' '.join(repr(value).split())
    except Exception:
        # whatever a stranger's __repr__ raises
        told = 'a ' + type(value).__name__
    return told if len(told) <= 60 else told[:57] + '...'


def require(kind, name, value):
    """InputError, one sentence, unless the value is of the kind."""
    expected = kind(value)
    if expected is not None:
        raise InputError('%s: expected %s, got %s' % (name, expected,
                                                      shown(value)))


def same(value, default):
    """Whether a setting is at its default."""
    if value is default:
        return True
    try:
        return type(value) is type(default) and bool(value == default)
    except Exception:
        # arrays have no one truth, and a stranger's == may raise
        return False


def alike(one, other):
    """Whether two settings have the same parts."""
    if isinstance(one, functools.partial):
        one = [one.func, one.args, one.keywords or {}]
        other = [other.func, other.args, other.keywords or {}] \
            if isinstance(other, functools.partial) else None
    if isinstance(one, dict):
        return isinstance(other, dict) and set(one) == set(other) and all(
            alike(one[name], other[name]) for name in one)
    if isinstance(one, (list, tuple, np.ndarray)):
        return isinstance(other, (list, tuple, np.ndarray)) and \
            len(one) == len(other) and all(map(alike, one, other))
    return one is other or same(plain(one), plain(other))


def plain(value):
    """Numbers as Python's integers and floats; all else as it is.

    Theano takes Python's numbers as float32, and numpy's in their own
    precision.  It has no whole numbers beyond int64.
    """
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        return value
    whole = isinstance(value, numbers.Integral) and abs(value) < 2 ** 63
    return int(value) if whole else float(value)


def _is_number(value, kind):
    # numpy's differences of times count as its integers
    return isinstance(value, kind) and not isinstance(
        value, (bool, np.timedelta64))


def count(least=1, most=MOST):
    """Whole numbers from ``least`` to ``most``."""
    def kind(value):
        if not _is_number(value, numbers.Integral) or value < least:
            return 'a whole number of at least %d' % least
        if value > most:
            return 'a whole number of at most %d' % most
    return kind


def number(value):
    """Numbers from 0 on."""
    if not _is_number(value, numbers.Real) or not 0 <= value < np.inf:
        return 'a number of at least 0'
    if value > LARGEST:
        return 'a number of at most %g' % LARGEST


def gain(value):
    """Numbers above 0, or 'relu', Lasagne's word for the root of 2."""
    named = isinstance(value, TEXTS) and value == 'relu'
    if not named and (number(value) or value == 0):
        return "a number above 0 or 'relu'"


def flag(value):
    """True and False."""
    if not isinstance(value, (bool, np.bool_)):
        return 'True or False'


def choice(values):
    """One of some words or numbers."""
    def kind(value):
        alike = TEXTS if isinstance(values[0], TEXTS) else numbers.Integral
        if not _is_number(value, alike) or value not in values:
            return ' or '.join(map(repr, values))
    return kind


def function(value):
    """What can be called."""
    if not callable(value):
        return 'a function'


def named(table):
    """Functions, or their names in a table."""
    def kind(value):
        known = isinstance(value, TEXTS) and value in table
        if not known and not callable(value):
            return 'a function or one of %s' % ', '.join(sorted(table))
    return kind


def optional(other):
    """None, or what another kind takes."""
    def kind(value):
        if value is not None and other(value) is not None:
            return 'None or %s' % other(value)
    return kind


def units(value):
    """Numbers of units, a list."""
    if not isinstance(value, (list, tuple, np.ndarray)) or \
            isinstance(value, np.ndarray) and value.ndim != 1 or any(
                count()(each) is not None for each in value):
        return 'a list of whole numbers of at least 1'


def flows(value):
    """Flow layers, a list."""
    if not isinstance(value, (list, tuple)) or not all(map(callable, value)):
        return "a list of flow layers' classes"


def subclass(classes):
    """Classes derived from one of some."""
    def kind(value):
        if not inspect.isclass(value) or not issubclass(value, classes):
            return 'a subclass of %s' % ' or '.join(
                each.__name__ for each in classes)
    return kind


def dictionary(value):
    """Dictionaries."""
    if not isinstance(value, dict):
        return 'a dict'


def path(value):
    """Paths of files."""
    if not isinstance(value, TEXTS) or not value or '\0' in value:
        return "a file's path"

"""The kinds of values that options take.

A kind says how the text on the command line is read, and what --help shows
in the value's place.
"""
from __future__ import division, print_function

import argparse
import math
from collections import namedtuple

__all__ = ['FLAG', 'LARGEST_SEED', 'SEARCH', 'Kind', 'alphas', 'below',
           'folds', 'fraction', 'not_negative', 'numbers', 'one_of',
           'positive', 'seed', 'split', 'text', 'whole']

#: numpy's RandomState takes 32 bits
LARGEST_SEED = 2 ** 32 - 1
#: of what is counted: the names of checkpoints have eight digits
LARGEST_COUNT = 10 ** 8 - 1


class Kind(namedtuple('Kind', 'metavar read choices count')):
    """How a value is shown and read.

    Attributes
    ----------
    metavar : str or None, what --help shows for it; of several values a
        tuple of str
    read : function of the text, or None for the text itself
    choices : function of the experiment, or None; the values it may have
    count : int or None, how many values an option has, if not one
    """

    def __new__(cls, metavar, read, choices, count=None):
        return super(Kind, cls).__new__(cls, metavar, read, choices, count)


#: in the place of four weights: they are searched for
SEARCH = 'search'
#: an option without a value
FLAG = Kind(None, None, None)


def text(metavar):
    """Any text that can be printed, in any encoding."""
    return Kind(metavar, _text, None)


def one_of(*choices):
    """One of some words."""
    return Kind(None, None, lambda experiment: choices)


def whole(least, metavar='N'):
    """A whole number, of at least `least`."""
    return Kind(metavar, lambda value: _whole(value, least, LARGEST_COUNT),
                None)


def seed(metavar='S'):
    """A seed of numpy's RandomState."""
    return Kind(metavar, _seed, None)


def split():
    """The number of a split, or all of them."""
    return Kind('N|all', lambda value: value if value == 'all' else _whole(
        value, 0, LARGEST_COUNT), None)


def folds(other):
    """The number of folds, or the word for another way to split."""
    return Kind('K|' + other, lambda value: value if value == other else
                _whole(value, 2, LARGEST_COUNT), None)


def numbers(*metavars):
    """Several numbers, one after the other."""
    def read(value):
        number = _number(value)
        if number != number:
            raise argparse.ArgumentTypeError(
                'expected a number, got %r' % value)
        return number
    return Kind(metavars, read, None, len(metavars))


def below(count, metavar='N'):
    """A whole number from 0 on, below `count`."""
    def read(value):
        number = _whole(value, 0, LARGEST_COUNT)
        if number >= count:
            raise argparse.ArgumentTypeError(
                'expected a number below %d, got %r' % (count, value))
        return number
    return Kind(metavar, read, None)


def alphas():
    """Four numbers of at least 0 with commas between them, or `SEARCH`."""
    def read(value):
        if value == SEARCH:
            return value
        numbers = tuple(_number(part) for part in value.split(','))
        if len(numbers) != 4 or not all(each >= 0 for each in numbers):
            raise argparse.ArgumentTypeError(
                'expected search or four numbers of at least 0, as '
                '1,1,0.01,1, got %r' % value)
        return numbers
    return Kind('F,FD,R,RD|search', read, None)


def fraction(metavar):
    """A number of at least 0 and below 1."""
    def read(value):
        number = _number(value)
        if not 0 <= number < 1:
            raise argparse.ArgumentTypeError(
                'expected a number of at least 0 and below 1, got %r' % value)
        return number
    return Kind(metavar, read, None)


def positive(metavar):
    """A number above 0."""
    def read(value):
        number = _number(value)
        if not number > 0:
            raise argparse.ArgumentTypeError(
                'expected a number above 0, got %r' % value)
        return number
    return Kind(metavar, read, None)


def not_negative(metavar):
    """A number of at least 0."""
    def read(value):
        number = _number(value)
        if not number >= 0:
            raise argparse.ArgumentTypeError(
                'expected a number of at least 0, got %r' % value)
        return number
    return Kind(metavar, read, None)


def _text(value):
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in value):
        raise argparse.ArgumentTypeError(
            'expected a text without control characters, got %r' % value)
    return value


def _whole(value, least, most):
    try:
        number = int(value)
    except ValueError:
        number = None
    if number is None or number < least:
        raise argparse.ArgumentTypeError(
            'expected a whole number of at least %d, got %r' % (least, value))
    if number > most:
        raise argparse.ArgumentTypeError(
            'expected a whole number of at most %d, got %r' % (most, value))
    return number


def _seed(value):
    number = _whole(value, 0, float('inf'))
    if number > LARGEST_SEED:
        raise argparse.ArgumentTypeError(
            'expected a seed below 2**32, got %r' % value)
    return number


def _number(value):
    """A finite number; NaN for what is none."""
    try:
        number = float(value)
    except ValueError:
        number = float('nan')
    return float('nan') if math.isinf(number) else number

"""Where a compiled function's time goes: milliseconds and bytes of each step.

Functions that are compiled after `start` look at the clock between their
steps; others do not.
"""
from __future__ import division, print_function

import csv
from collections import Counter, namedtuple

import numpy as np
import six

from untapped.compiled import fusion
from untapped.compiled.instructions import Array, Product, Reduction

__all__ = ['Row', 'clock', 'described', 'megabytes', 'rows', 'start',
           'table', 'to_csv']


class Row(namedtuple('Row', 'function step what parts calls ms megabytes')):
    """A step: what it does, how often it ran, and what one call took.

    Attributes
    ----------
    function : str
    step : int, its number in the function
    what : str
    parts : int, that threads may take
    calls : int
    ms : float, milliseconds a call
    megabytes : float, read from memory and written to it, a call
    """


class _Profile(object):
    """What is kept in this process; `watched` is None before `start`."""
    watched = None


_this = _Profile()


def start():
    """From now on, functions that are compiled keep their times."""
    _this.watched = []


def clock(name, plan):
    """An array for the nanoseconds of each step; None if nobody asks.

    Its last number is how often the function ran.

    Parameters
    ----------
    name : str, of the function
    plan : plan.Plan
    """
    if _this.watched is None:
        return None
    times = np.zeros(len(plan.described) + 2, 'int64')
    before = [other.split(' (')[0] for other, _, _ in _this.watched].count(
        name)
    if before:
        name = '%s (%d)' % (name, before + 1)
    _this.watched.append((name, plan.described, times))
    return times


def rows():
    """A Row for each step of each function that ran, the slowest first."""
    found = []
    for name, steps, times in _this.watched or ():
        calls = int(times[-1])
        found += [Row(name, number, what, parts, calls,
                      nanoseconds / calls / 1e6, size)
                  for number, ((what, parts, size), nanoseconds) in
                  enumerate(zip(steps, times.tolist())) if calls]
    return sorted(found, key=lambda row: -row.ms * row.calls)


def table(found, most=25):
    """Lines of text: each function's total, and the steps that take most."""
    lines = []
    for name in sorted(set(row.function for row in found)):
        ones = [row for row in found if row.function == name]
        total = sum(row.ms for row in ones)
        lines += ['%s: %.4g ms in %d steps, %.4g MB, mean of %d calls' % (
            name, total, len(ones), sum(row.megabytes for row in ones),
            ones[0].calls),
            '      ms      %      MB   GB/s  parts  step']
        for row in ones[:most]:
            lines.append('%8.4f %6.1f %7.3f %6.1f %6d  %d: %s' % (
                row.ms, 100 * row.ms / total if total else 0, row.megabytes,
                row.megabytes / row.ms if row.ms else 0, row.parts, row.step,
                row.what))
    return lines


def to_csv(found):
    """The rows as a text."""
    text = six.StringIO()
    writer = csv.writer(text, lineterminator='\n')
    writer.writerow(Row._fields)
    writer.writerows(found)
    return text.getvalue()


def described(step):
    """What a step does, in words."""
    if isinstance(step, fusion.Loop):
        names = Counter(i.name for i in step.instructions)
        done = ', '.join('%s%s' % (name, ' x %d' % n if n > 1 else '')
                         for name, n in sorted(names.items()))
        sums = len(step.reductions)
        return 'loop %s: %s%s' % (_shown(step.axes), done,
                                  '; %d sums' % sums if sums else '')
    shapes = [_shown(a.shape) for a in step.reads]
    if isinstance(step, Product):
        return 'product (%s) (%s)' % tuple(shapes)
    if isinstance(step, Reduction):
        return 'sum of %s over %s' % (shapes[0], ', '.join(
            map(str, step.reduced)))
    return '%s of %s' % (type(step).__name__.lower(), ', '.join(shapes))


def _shown(shape):
    return ' x '.join(map(str, shape)) or '1'


def megabytes(source, step):
    """What a step reads from memory and writes to it."""
    arrays = dict((fusion.access(a), a) for a in step.reads + step.writes
                  if source.in_memory(a))
    return sum(_once(a).size * a.dtype.itemsize
               for a in arrays.values()) / 1e6


def _once(array):
    """An array without the axes along which it is repeated."""
    return Array(array.buffer, [n for n, s in zip(array.shape, array.strides)
                                if s], [s for s in array.strides if s])

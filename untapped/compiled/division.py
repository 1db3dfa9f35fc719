"""Where a step is cut into parts, for as many threads as there are.

A part is a range of one axis of the result.  Each number of a result is
computed whole and in its order by one thread: along an axis that is summed
nothing is cut.  Where the cuts are depends on shapes alone.
"""
from __future__ import division, print_function

from collections import namedtuple

from untapped.compiled import fusion
from untapped.compiled.instructions import (ElementWise, Gather, Maximum,
                                            Product, Reduction, SoftMax,
                                            SoftMaxGradient, Uniform)

__all__ = ['Cut', 'cuts', 'STREAMS']

#: nanoseconds, about: that a step must take to be cut, that a part takes at
#: least, and that all such steps of a function must take
WORTH, PART, WHOLE = 30e3, 8e3, 2e6
#: parts of a step, at most; of one that sums columns, as each part goes
#: through all rows
PARTS, PARTS_OF_COLUMNS = 32, 8
#: numbers that a part of a row is a multiple of: whole vectors, and no line
#: of the cache that two threads write
NUMBERS = 16
#: columns that are summed row by row by one thread, at least
COLUMNS = 64
#: streams of random numbers that are turned in memory at a time
STREAMS = 256

#: nanoseconds for one number, about: of a simple operation, a sum, a function
#: of `exact` or `fast`, a random number, the C library's functions; and for a
#: multiplication and an addition of a product
_SIMPLE, _SUMMED, _FUNCTION, _DRAWN, _CALLED = .3, .5, 1.5, 3.5, 10
_MULTIPLIED = .03


class Cut(namedtuple('Cut', 'axis length block')):
    """Parts of ``block`` indices of an axis (None: cut by the product)."""

    @property
    def count(self):
        """How many parts there are."""
        return -(-self.length // self.block)


def cuts(source, steps):
    """A Cut for each step, None for a step that is not cut.

    Parameters
    ----------
    source : source.Source
    steps : list of fusion.Loop and instructions
    """
    found = [_cut(source, step) for step in steps]
    cost = sum(_cost(step) for step, cut in zip(steps, found)
               if cut is not None)
    return found if cost >= WHOLE else [None] * len(found)


def _cost(step):
    """Nanoseconds, about."""
    if isinstance(step, fusion.Loop):
        return sum(map(_cost, step.instructions + step.reductions))
    if isinstance(step, Product):
        a, b = step.reads
        return _MULTIPLIED * a.size * b.shape[1]
    if isinstance(step, ElementWise):
        # the code of an element, to see what it calls
        text = step.code(['x'] * len(step.reads), ['y'] * len(step.writes))
        return step.writes[0].size * (
            _CALLED if step.calls else
            _FUNCTION if 'exact_' in text or 'fast_' in text else _SIMPLE)
    if isinstance(step, Uniform):
        return _DRAWN * step.writes[1].size
    if isinstance(step, (SoftMax, SoftMaxGradient)):
        return _CALLED * step.writes[0].size
    return _SUMMED * max(a.size for a in step.reads[:1] + step.writes)


def _cut(source, step):
    cost = _cost(step)
    if cost < WORTH:
        return None
    if isinstance(step, fusion.Loop):
        return _of_loop(source, step, cost)
    if isinstance(step, Product):
        return Cut(None, 1, 1)
    if isinstance(step, Uniform):
        return _parts(0, step.reads[0].shape[0], cost, STREAMS)
    if isinstance(step, (Reduction, Maximum)):
        shape = step.reads[0].shape
        if not step.kept:
            return None
        longest = max(step.kept, key=lambda k: shape[k])
        return _parts(longest, shape[longest], cost, NUMBERS)
    if isinstance(step, (Gather, SoftMax, SoftMaxGradient)):
        return _parts(0, step.writes[0].shape[0], cost, 1)
    return None


def _of_loop(source, loop, cost):
    order = fusion.order(source, loop)
    last = len(order) - 1
    if not loop.axes:
        return None
    if loop.reductions:
        columns = [fusion.of_columns(step) for step in loop.reductions]
        if all(columns):
            return _parts(last, loop.axes[last], cost, COLUMNS,
                          PARTS_OF_COLUMNS)
        if any(columns) or not all(step.writes[0].squeezed().shape
                                   for step in loop.reductions):
            return None
        return _parts(0, loop.axes[0], cost, 1) if last else None
    axis = order[0]
    if loop.axes[axis] < PARTS:
        axis = max(order, key=lambda k: loop.axes[k])
    return _parts(axis, loop.axes[axis], cost,
                  NUMBERS if axis == order[-1] else 1)


def _parts(axis, length, cost, multiple, most=PARTS):
    """Parts that are long enough, each a multiple of some numbers."""
    count = max(1, min(most, int(cost / PART)))
    block = -(-length // count)
    block = -(-block // multiple) * multiple
    return Cut(axis, length, block) if block < length else None

"""Element-wise instructions to loops, buffers to memory.

Instructions over the same axes whose operands meet element by element share
one loop; what nothing else reads is never stored.  The numbers stay those of
separate loops: each value is rounded to its own type, and no value moves
across a sum.
"""
from __future__ import division, print_function

import numpy as np

from untapped.compiled.instructions import ElementWise, Reduction

__all__ = ['Loop', 'absorb', 'access', 'axes_of', 'of_columns', 'offsets',
           'order', 'schedule', 'sink', 'stored']

#: bytes that the start of each buffer is a multiple of
ALIGNMENT = 64


def axes_of(shape):
    """The axes that are walked: those longer than 1."""
    return tuple(n for n in shape if n != 1)


def access(array):
    """Where an array's elements are, along the axes that are walked."""
    return (array.buffer, array.offset) + tuple(
        s for n, s in zip(array.shape, array.strides) if n != 1)


class Loop(object):
    """Element-wise instructions in one loop over ``axes``.

    Attributes
    ----------
    axes : tuple of int
    instructions : list of ElementWise
    calls : whether they call the C library; those that do not are kept
        apart, as their loop can become vector instructions
    reductions : list of Reduction, of arrays that the loop makes, done row by
        row
    """
    def __init__(self, axes, calls=False):
        self.axes, self.calls = axes, calls
        self.instructions, self.reductions = [], []

    @property
    def reads(self):
        """Arrays read from memory."""
        made = set(access(a) for a in self.writes)
        return [a for i in self.instructions for a in i.reads
                if access(a) not in made]

    @property
    def writes(self):
        """Arrays made, in memory or not."""
        return [a for i in self.instructions + self.reductions
                for a in i.writes]

    def accepts(self, instruction):
        """Whether an element-wise instruction may be one of the loop's."""
        return (axes_of(instruction.writes[0].shape) == self.axes and
                instruction.calls == self.calls)

    def whole(self, array):
        """Whether an array has an element of its own for every element."""
        return axes_of(array.shape) == self.axes and \
            (0 not in access(array)[2:] or not self.axes)


def _overlap(one, other):
    try:
        return np.shares_memory(one.stand_in()[0], other.stand_in()[0],
                                max_work=10000)
    except Exception:  # numpy.TooHardError: they may
        return True


def schedule(instructions):
    """Steps, each a Loop or another instruction, in a possible order.

    An instruction joins the earliest loop over its axes that comes after
    all it reads, or is made where what it reads is made.
    """
    steps = []
    #: buffer to the (step, array, axes) of those that write and read it
    writers, readers = {}, {}
    for instruction in instructions:
        joins = isinstance(instruction, ElementWise)
        axes = axes_of(instruction.writes[0].shape)
        earliest = 0
        for array in instruction.reads:
            for step, written, written_axes in writers.get(array.buffer, ()):
                same = joins and isinstance(steps[step], Loop) and \
                    written_axes == axes and \
                    axes_of(array.shape) == axes and \
                    access(array) == access(written)
                earliest = max(earliest, step if same else step + 1)
        for array in instruction.writes:
            for step, written, _ in writers.get(array.buffer, ()):
                together = not _overlap(array, written)
                earliest = max(earliest, step if together else step + 1)
            # an input that is written over: when all have read it
            for step, read, read_axes in readers.get(array.buffer, ()):
                same = joins and isinstance(steps[step], Loop) and \
                    read_axes == axes and axes_of(array.shape) == axes and \
                    access(array) == access(read)
                earliest = max(earliest, step if same else step + 1)
        place = None
        if joins:
            for step in range(earliest, len(steps)):
                if isinstance(steps[step], Loop) and \
                        steps[step].accepts(instruction):
                    place = step
                    break
        if place is None:
            place = len(steps)
            steps.append(Loop(axes, instruction.calls) if joins
                         else instruction)
        if joins:
            steps[place].instructions.append(instruction)
        for array in instruction.writes:
            writers.setdefault(array.buffer, []).append((place, array, axes))
        for array in instruction.reads:
            readers.setdefault(array.buffer, []).append((place, array, axes))
    return steps


def sink(steps):
    """Move what a single later loop reads into that loop.

    Its results need not be stored then.  Done where the later loop has no
    more arrays to read than are no longer written.

    Parameters
    ----------
    steps : as ``schedule`` gives them; changed
    """
    #: buffer to the numbers of the steps that use it
    users = {}
    for number, step in enumerate(steps):
        for array in _read(step) + step.writes:
            users.setdefault(array.buffer, set()).add(number)
    for number in reversed(range(len(steps))):
        if isinstance(steps[number], Loop):
            for instruction in reversed(list(steps[number].instructions)):
                later = _only_reader(steps, users, number, instruction)
                if later is not None and \
                        _operands_last(steps, number, later, instruction) \
                        and _pays(steps[later], instruction):
                    steps[number].instructions.remove(instruction)
                    steps[later].instructions.insert(0, instruction)
                    for array in instruction.reads + instruction.writes:
                        users[array.buffer].add(later)
    return [step for step in steps
            if not isinstance(step, Loop) or step.instructions]


def _only_reader(steps, users, number, instruction):
    """The number of the loop that alone reads the results; None if none."""
    results = dict((a.buffer, a) for a in instruction.writes)
    reader = None
    for later in sorted(set().union(*[users[b] for b in results])):
        step = steps[later]
        for array in _read(step):
            if array.buffer not in results:
                continue
            if later == number or reader not in (None, later) or \
                    not isinstance(step, Loop) or \
                    not step.accepts(instruction) or \
                    access(array) != access(results[array.buffer]):
                return None
            reader = later
        for array in step.writes:
            if array.buffer in results and array is not \
                    results[array.buffer]:
                return None
    if reader is None or any(b.kind != 'memory' for b in results):
        return None
    return reader


def _operands_last(steps, number, later, instruction):
    """Whether a later loop still finds what an instruction reads."""
    loop = steps[number]
    operands = dict((a.buffer, a) for a in instruction.reads)
    for step in steps[number:later + 1]:
        for array in step.writes:
            if array.buffer not in operands or \
                    step is loop and array.buffer.kind == 'memory':
                continue
            # over itself, after it has been read
            if step is not steps[later] or not loop.whole(array) or \
                    access(array) != access(operands[array.buffer]):
                return False
    return True


def absorb(steps, reorder):
    """Move reductions into the loops that make what they read.

    A row is added up while it is in the cache, and need not be stored for
    that.  In the order of memory each column has its sum in the same order
    as in a reduction of its own; other sums must be free to take another.

    Parameters
    ----------
    steps : as ``sink`` gives them; changed
    reorder : bool, whether sums may be taken in another order
    """
    writers = {}
    for step in steps:
        for array in step.writes:
            writers.setdefault(array.buffer, []).append(step)
    left = []
    for step in steps:
        if isinstance(step, Reduction):
            maker = writers.get(step.reads[0].buffer, [])
            if len(maker) == 1 and isinstance(maker[0], Loop) and \
                    _goes_with(step, maker[0], reorder):
                maker[0].reductions.append(step)
                continue
        left.append(step)
    return left


#: numbers in a row: of fewer, sums would not be worth it; more would not stay
#: in the cache
SHORTEST, LONGEST = 64, 2 ** 15


def _goes_with(step, loop, reorder):
    array = step.reads[0]
    if not loop.axes or axes_of(array.shape) != loop.axes or \
            not SHORTEST <= loop.axes[-1] <= LONGEST or \
            access(array) not in [access(a) for i in loop.instructions
                                  for a in i.writes]:
        return False
    # one order in memory, so that the loop's is that of the axes
    if any(list(access(a)[2:]) != sorted(access(a)[2:], reverse=True)
           for a in loop.writes if loop.whole(a)):
        return False
    kept = [k for k in step.kept if array.shape[k] != 1]
    walked = [k for k, n in enumerate(array.shape) if n != 1]
    if of_columns(step):
        return True
    return reorder and kept in ([], walked[:-1])


def of_columns(step):
    """Whether a reduction keeps the last axis, and no other."""
    array = step.reads[0]
    walked = [k for k, n in enumerate(array.shape) if n != 1]
    return len(walked) > 1 and walked[-1:] == [
        k for k in step.kept if array.shape[k] != 1]


def _read(step):
    """All that a step reads, from memory or not."""
    if isinstance(step, Loop):
        return [a for i in step.instructions for a in i.reads]
    return step.reads


def _pays(loop, instruction):
    there = set(access(a) for a in _read(loop) + loop.writes)
    new = set(access(a) for a in instruction.reads
              if loop.whole(a)) - there
    return len(new) <= len(instruction.writes)


def order(source, loop):
    """A loop's axes, outermost first: as what it writes lies in memory.

    Parameters
    ----------
    source : source.Source, which knows what is in memory
    loop : Loop
    """
    axes = list(range(len(loop.axes)))
    kept = [a for i in loop.instructions for a in i.writes
            if source.in_memory(a)]
    if kept and not loop.reductions:
        strides = kept[0].squeezed().strides
        axes.sort(key=lambda k: -strides[k])
    return axes


def stored(steps):
    """The buffers that need memory: read outside the loop they are made in.

    Returns
    -------
    dict from buffer to (first step, last step) that uses it
    """
    spans = {}
    for number, step in enumerate(steps):
        for array in step.reads:
            if array.buffer in spans:
                spans[array.buffer][1] = number
        for array in step.writes:
            if array.buffer.kind == 'memory':
                spans.setdefault(array.buffer, [number, None])
    return dict((buffer, (first, last)) for buffer, (first, last)
                in spans.items() if last is not None)


def offsets(spans, numbers):
    """Where buffers begin in one piece of memory, by first fit.

    Buffers that are never alive together may share bytes.

    Parameters
    ----------
    spans : as ``stored`` gives them
    numbers : dict from buffer to its number, which settles the order

    Returns
    -------
    dict from buffer to offset in bytes, and the size of the memory
    """
    begins, size = {}, 0
    alive = []
    order = sorted(spans.items(), key=lambda item: (
        item[1][0], -item[0].size * item[0].dtype.itemsize,
        numbers[item[0]]))
    for buffer, (first, last) in order:
        alive = [a for a in alive if a[2] >= first]
        need = buffer.size * buffer.dtype.itemsize
        need = -(-max(1, need) // ALIGNMENT) * ALIGNMENT
        start = 0
        for begin, end, _ in sorted(alive):
            if begin - start >= need:
                break
            start = max(start, end)
        alive.append((start, start + need, last))
        begins[buffer] = start
        size = max(size, start + need)
    return begins, size

"""Copies that need not be made.

Theano copies where an array gets further axes or becomes a part of a join.
Here readers use the original instead; or the original is computed where the
copy would lie.  No number changes.
"""
from __future__ import division, print_function

from untapped.compiled.instructions import (Array, ElementWise, Gather,
                                            compact, copy)

__all__ = ['without_copies']


def without_copies(instructions):
    """Without the copies of whole arrays, and of gathered rows into a join.

    Parameters
    ----------
    instructions : list, of a trace

    Returns
    -------
    list
    """
    done = 0
    while done < len(instructions):
        candidate = instructions[done]
        move = _without(candidate, instructions)
        if move is None:
            done += 1
            continue
        buffers = [a.buffer for a in candidate.reads + candidate.writes]
        instructions = [
            i._replace(reads=[move(a) for a in i.reads],
                       writes=[move(a) for a in i.writes])
            if any(a.buffer in buffers for a in i.reads + i.writes) else i
            for k, i in enumerate(instructions) if k != done]
    return instructions


def _without(candidate, instructions):
    """From the arrays with an instruction to those without; None if needed."""
    if not isinstance(candidate, ElementWise) or candidate.code is not copy:
        return None
    source, place = candidate.reads[0], candidate.writes[0]
    if source.buffer.kind != 'memory' or place.buffer.kind != 'memory' or \
            source.dtype != place.dtype:
        return None
    if _is_whole(source) and _is_whole(place) and all(
            len(_writers(a.buffer, instructions)) == 1
            for a in (source, place)):
        return _renamed(place.buffer, source.buffer)
    if _may_go_to(place, source, candidate, instructions):
        return _moved(source, place)
    return None


def _writers(buffer, instructions):
    return [i for i in instructions
            if any(a.buffer is buffer for a in i.writes)]


def _is_whole(array):
    """Whether it is its buffer, in the order of memory."""
    return (array.offset == 0 and array.size == array.buffer.size and
            array.has_strides(compact(array.shape)))


def _renamed(old, new):
    def move(array):
        if array.buffer is not old:
            return array
        return Array(new, array.shape, array.strides, array.offset)
    return move


def _may_go_to(place, rows, candidate, instructions):
    """Whether rows may be made in another place, and be read there."""
    if len(rows.shape) != 2 or min(rows.shape) < 2 or not _is_whole(rows) or \
            place.strides[1] != 1:
        return False
    makers = _writers(rows.buffer, instructions)
    if len(makers) != 1 or not isinstance(makers[0], Gather) or \
            makers[0].writes[0].shape != rows.shape:
        return False
    if not all(_beside(a, place)
               for i in instructions if i is not candidate
               for a in i.writes if a.buffer is place.buffer):
        return False
    # nobody has another view of the rows than as rows
    limits = {0: float('inf'), 1: rows.shape[1],
              rows.strides[0]: rows.shape[0]}
    return all(a.offset == 0 and all(n <= limits.get(s, 1) for n, s in
                                     zip(a.shape, a.strides))
               for i in instructions for a in i.reads
               if a.buffer is rows.buffer)


def _beside(one, other):
    """Whether two parts of the same rows have no column in common."""
    if one.strides != other.strides or len(one.shape) != 2:
        return False
    first, second = sorted([(a.offset % a.strides[0], a.shape[1])
                            for a in (one, other)])
    return sum(first) <= second[0] and sum(second) <= one.strides[0]


def _moved(rows, place):
    strides = {0: 0, 1: 1, rows.strides[0]: place.strides[0]}

    def move(array):
        if array.buffer is not rows.buffer:
            return array
        # what an axis of length 1 has for a stride does not count
        return Array(place.buffer, array.shape,
                     [strides.get(s, 0) for s in array.strides], place.offset)
    return move

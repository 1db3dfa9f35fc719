"""Copies that are not made, and those that must be."""
from __future__ import division, print_function

import pytest
from test_fusion import made, memory

from untapped.compiled.copies import without_copies
from untapped.compiled.instructions import (Array, Buffer, ElementWise, Gather,
                                            Product, copy)


def copied(to, array):
    return ElementWise([to], [array], copy, '')


@pytest.fixture
def join():
    """Rows that are gathered, joined with others, and multiplied."""
    rows, more = memory(5, 8), memory(5, 3)
    joined = Buffer('memory', 'float32', 55)
    left = Array(joined, (5, 8), (11, 1))
    right = Array(joined, (5, 3), (11, 1), 8)
    whole = Array(joined, (5, 11), (11, 1))
    return [Gather([rows], [memory(9, 8, kind='input'), memory(5)]),
            made([more], [Array(rows.buffer, (5, 3), (8, 0))]),
            copied(left, rows), copied(right, more),
            Product([memory(5, 5)], [whole, memory(11, 5)]),
            Product([memory(8, 8)], [Array(rows.buffer, (8, 5), (1, 8)),
                                     rows])]


def test_a_whole_copy_is_read_where_it_was():
    a, b, c = memory(4, 6), memory(4, 1, 6), memory(4, 1, 6)
    found = without_copies([
        made([a], [memory(4, 6)]),
        copied(b, Array(a.buffer, (4, 1, 6), (6, 0, 1))), made([c], [b])])
    assert [i.writes[0].buffer for i in found] == [a.buffer, c.buffer]
    read, = found[1].reads
    assert read.buffer is a.buffer and read.strides == b.strides


@pytest.mark.parametrize('case', ['transposed', 'an output', 'written twice'])
def test_other_copies_stay(case):
    a, b = memory(4, 6), memory(4, 6)
    instructions = [made([a], [memory(4, 6)]), copied(b, a),
                    made([memory(4, 6)], [b])]
    if case == 'transposed':
        b = memory(6, 4)
        instructions[1] = copied(b, Array(a.buffer, (6, 4), (1, 6)))
    elif case == 'an output':
        instructions[1] = copied(memory(4, 6, kind='output'), a)
    else:
        instructions.append(made([Array(b.buffer, (2, 6), (6, 1))],
                                 [memory(2, 6)]))
    assert without_copies(instructions) == instructions


def test_gathered_rows_are_made_in_the_join(join):
    found = without_copies(join)
    assert len(found) == 5
    gathered = found[0].writes[0]
    assert gathered.buffer is join[2].writes[0].buffer
    assert gathered.strides == (11, 1)
    assert found[1].reads[0].strides == (11, 0)
    assert [a.strides for a in found[-1].reads] == [(1, 11), (11, 1)]


@pytest.mark.parametrize('case', ['flat view', 'not gathered', 'overlap'])
def test_other_rows_are_copied_into_the_join(join, case):
    rows = join[0].writes[0]
    if case == 'flat view':
        join.append(made([memory(40)], [Array(rows.buffer, (40,), (1,))]))
    elif case == 'not gathered':
        join[0] = Product([rows], [memory(5, 2), memory(2, 8)])
    else:
        place = join[2].writes[0]
        join.append(made([Array(place.buffer, (5, 2), (11, 1), 7)],
                         [memory(5, 2)]))
    assert without_copies(join) == join

"""Instructions share loops; what a later loop reads alone is made there."""
from __future__ import division, print_function

import re

import numpy as np
import pytest
import theano
import theano.tensor as T
from theano.compile.mode import Mode

from untapped.compiled import fusion
from untapped.compiled.instructions import (Array, Buffer, ElementWise,
                                            Product, Reduction)
from untapped.compiled.linker import WholeGraph


def memory(*shape, **kind):
    size = int(np.prod(shape))
    strides = [int(np.prod(shape[i + 1:])) for i in range(len(shape))]
    return Array(Buffer(kind.get('kind', 'memory'), 'float32', size), shape,
                 strides)


def made(writes, reads, calls=False):
    return ElementWise(writes, reads, lambda ins, outs: '', '', calls)


@pytest.fixture
def arrays():
    return [memory(4, 4) for _ in range(6)]


def steps(instructions):
    return fusion.sink(fusion.schedule(instructions))


def test_neighbours_share_a_loop(arrays):
    a, b, c = arrays[:3]
    loop, = steps([made([b], [a]), made([c], [b])])
    assert len(loop.instructions) == 2
    assert [x.buffer for x in loop.reads] == [a.buffer]


def test_calls_of_the_library_have_loops_of_their_own(arrays):
    a, b, c = arrays[:3]
    found = steps([made([b], [a], calls=True), made([c], [b])])
    assert [loop.calls for loop in found] == [True, False]


def test_what_one_later_loop_reads_is_made_there(arrays):
    a, b, c, d, e = arrays[:5]
    # b could be made at once, and would wait for the product d
    found = steps([made([b], [a]), Product([d], [a, c]),
                   made([e], [b, d])])
    assert [type(step) for step in found] == [Product, fusion.Loop]
    assert len(found[1].instructions) == 2
    assert list(fusion.stored(found)) == [d.buffer]


@pytest.mark.parametrize('other', ['product', 'loop', 'row'])
def test_what_others_read_stays(arrays, other):
    a, b, c, d, e, f = arrays
    last = {'product': Product([f], [b, b]), 'loop': made([f], [b, d], True),
            'row': made([f], [Array(b.buffer, (4, 4), (0, 1))])}[other]
    found = steps([made([b], [a]), Product([d], [a, c]), made([e], [b, d]),
                   last])
    assert [i.writes[0] for i in found[0].instructions] == [b]


def test_what_would_be_read_twice_as_much_stays(arrays):
    a, b, c, d, e, f = arrays
    found = steps([made([b], [a, c, f]), Product([d], [a, c]),
                   made([e], [b, d])])
    assert [i.writes[0] for i in found[0].instructions] == [b]


def test_an_operand_that_is_written_over_is_read_before():
    state, other = memory(4, 4, kind='input'), memory(4, 4, kind='input')
    half, product, total = [memory(4, 4) for _ in range(3)]
    found = steps([made([half], [state]), Product([product], [other, other]),
                   made([total], [half, product]), made([state], [total])])
    loop = found[-1]
    assert [i.writes[0] for i in loop.instructions] == [half, total, state]
    # but not if another step writes over it in between
    found = steps([made([half], [state]), Product([product], [other, other]),
                   made([state], [product]),
                   Product([memory(4, 4)], [other, state]),
                   made([total], [half, product, other], calls=True)])
    assert half in found[0].writes


def reduction(made, array, kept):
    return Reduction([made], [array], kept,
                     [k for k in range(len(array.shape)) if k not in kept],
                     '0', lambda ins, outs: '', np.dtype('float64'), '')


@pytest.mark.parametrize('kept, total, reorder, joins', [
    ([1], memory(80), False, True), ([0], memory(70), False, False),
    ([0], memory(70), True, True), ([], memory(), False, False),
    ([], memory(), True, True)])
def test_a_sum_joins_the_loop_that_makes_its_rows(kept, total, reorder,
                                                  joins):
    """Where its order stays, or need not."""
    a, b = memory(70, 80), memory(70, 80)
    found = fusion.absorb(steps([made([b], [a]), reduction(total, b, kept)]),
                          reorder)
    assert len(found) == 2 - joins
    assert len(found[0].reductions) == joins
    assert (b.buffer in fusion.stored(found)) == (not joins)


def test_a_sum_of_what_others_read_joins_too():
    a, b, c, total = (memory(70, 80), memory(70, 80), memory(70, 70),
                      memory(80))
    found = fusion.absorb(steps([made([b], [a]), reduction(total, b, [1]),
                                 Product([c], [b, a])]), False)
    assert [type(step) for step in found] == [fusion.Loop, Product]
    assert b.buffer in fusion.stored(found)


@pytest.mark.parametrize('case', ['short', 'transposed', 'not a loop'])
def test_other_sums_stay_apart(case):
    a, b, total = memory(70, 80), memory(70, 80), memory(80)
    maker = made([b], [a])
    if case == 'short':
        a, b, total = memory(70, 8), memory(70, 8), memory(8)
        maker = made([b], [a])
    elif case == 'transposed':
        b = Array(b.buffer, (80, 70), (1, 80))
        total = memory(70)
        maker = made([b], [Array(a.buffer, (80, 70), (1, 80))])
    else:
        maker = Product([b], [a, memory(80, 80)])
    found = fusion.absorb(steps([maker, reduction(total, b, [1])]), False)
    assert len(found) == 2


def test_moments_are_read_and_written_once():
    """Adam's decayed moments are made in the loop that needs them."""
    w, m = [theano.shared(np.ones((50, 40), 'float32')) for _ in range(2)]
    x = T.matrix()
    gradient = T.grad(T.sqr(T.dot(x, w)).sum(), w)
    moment = np.float32(.9) * m + np.float32(.1) * gradient
    step = theano.function(
        [x], [], updates=[(m, moment), (w, w - np.float32(.01) * moment)],
        mode=Mode(WholeGraph(), theano.config.optimizer))
    step(np.ones((3, 50), 'float32'))
    loops = re.findall('i0 < 50;.*?return 0', step.fn.sources[0], re.S)
    assert len(loops) == 1

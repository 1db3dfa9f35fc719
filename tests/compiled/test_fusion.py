"""Instructions share loops; what a later loop reads alone is made there."""
from __future__ import division, print_function

import re

import numpy as np
import pytest
import theano
import theano.tensor as T
from theano.compile.mode import Mode

from untapped.compiled import fusion
from untapped.compiled.linker import WholeGraph
from untapped.compiled.trace import Array, Buffer, ElementWise, Product


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

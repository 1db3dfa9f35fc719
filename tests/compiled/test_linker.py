"""A graph compiled as a whole gives the bits that Theano gives."""
from __future__ import division, print_function

import gc
import os
import resource
from collections import OrderedDict

import numpy as np
import pytest
import theano
import theano.tensor as T
from theano.compile.mode import Mode
from theano.sandbox.rng_mrg import MRG_RandomStreams

from untapped.compiled import modes
from untapped.compiled.linker import WholeGraph

X = T.matrix('x')
ROW = T.vector('row')
INDEX = T.ivector('index')
N = T.iscalar('n')
#: rows long enough that a loop takes their sums along
WIDE = T.concatenate([X * 3, T.sqr(X), X + ROW, X[::-1]], axis=1)


def whole():
    return Mode(WholeGraph(), theano.config.optimizer)


def case_values():
    rng = np.random.RandomState(3)
    x = rng.normal(size=(37, 21)).astype('float32')
    x[0, 0] = 0.
    x[1, 1] = -0.
    return [x, rng.normal(size=21).astype('float32'),
            np.array([3, 0, 36, 3], 'int32'), 7]


#: what it is to the expression
EXPRESSIONS = OrderedDict([
    ('arithmetic', (X * 2 - X / 3.) * T.abs_(X) + ROW),
    ('functions', T.exp(X) + T.log(X ** 2 + 1) + T.tanh(X) * T.sin(X) +
     T.cos(X) + T.nnet.sigmoid(X)),
    ('softplus', T.nnet.softplus(X * 5)),
    ('powers', X ** 2 + X ** 3 + T.abs_(X) ** .5),
    ('choices', T.switch(X > 0, X, -X) + X.clip(-.5, .5) + T.eq(X, 0)),
    ('sum of all', X.sum()),
    ('sum of columns', X.sum(axis=0)),
    ('sum of rows', X.sum(axis=1)),
    ('sum of a transposed matrix', (X * 2).T.sum(axis=0)),
    ('sum over the outer axes', X.reshape((37, 3, 7)).sum(axis=[0, 1])),
    ('sum over the inner axes', X.reshape((37, 3, 7)).sum(axis=[1, 2])),
    ('sum over the first and the last', X.reshape((37, 3, 7)).sum(
        axis=[0, 2])),
    ('sum over an axis of length 1', X.dimshuffle(0, 'x', 1).sum(axis=1)),
    ('sum of columns that a loop makes', T.exp(WIDE).sum(axis=0)),
    ('sum of columns that others read', T.dot(WIDE * 2, (
        (WIDE * 2) + (WIDE * 2).sum(axis=0)).T)),
    ('sum of columns over two axes', T.sqr(WIDE[1:].reshape(
        (4, 9, 84))).sum(axis=[0, 1])),
    ('sum of columns of a part', T.exp(WIDE)[:20].sum(axis=0)),
    ('sum of some columns', T.exp(WIDE * 3)[:, :70].sum(axis=0)),
    ('product of columns', (WIDE * .5).prod(axis=0)),
    ('sum of rows that a loop makes', T.exp(WIDE).sum(axis=1)),
    ('sum of all that a loop makes', T.exp(WIDE).sum()),
    ('sum of columns of a transposed matrix', T.exp(
        T.concatenate([X, X], axis=0).T * 2).sum(axis=0)),
    ('mean and norm', X.mean() + T.sqrt(T.sum(T.sqr(X)))),
    ('product of rows', X.prod(axis=1)),
    ('product of no rows', T.grad(X.prod(axis=1).sum(), X)),
    ('maximum of rows', X.max(axis=1)),
    ('maximum of columns', X.max(axis=0)),
    ('maximum over two axes', X.reshape((37, 3, 7)).max(axis=[1, 2])),
    ('matrix by matrix', T.dot(X, X.T)),
    ('transposed by matrix', T.dot(X.T, X + 1)),
    ('matrix by column', T.dot(X, ROW.dimshuffle(0, 'x'))),
    ('row by matrix', T.dot(ROW.dimshuffle('x', 0), X.T)),
    ('element-wise on transposed, then a product', T.dot(
        X.T * 2, X.reshape((37, 21)) + 1)),
    ('slice', X[2:, 1:-1] * 2),
    ('slice by a number', X[:N, N] * 2),
    ('slice backwards', X[::-1, ::3] * 2),
    ('rows by index', X[INDEX]),
    ('reshape of a transposed matrix', X.T.reshape((37, 21))),
    ('a constant', T.mean(T.constant(np.float32(-1.0986)))),
    ('repeated', T.tile(X.dimshuffle(0, 'x', 1), (1, 2, 1))),
    ('a repeated row by elements', T.alloc(ROW * 2, 37, 21) * X + T.alloc(
        X.sum(), 37, 21)),
    ('a repeated row in a product', T.dot(T.alloc(ROW, 37, 21), X.T)),
    ('a repeated row, transposed', T.dot(T.alloc(ROW, 37, 21).T, X)),
    ('a repeated row with a further axis', T.alloc(ROW, 37, 21).dimshuffle(
        0, 'x', 1) * X.dimshuffle(0, 'x', 1)),
    ('sum of a repeated row', T.alloc(ROW, 37, 21).sum(axis=0)),
    ('nothing but a repeated row', T.alloc(ROW, 3, 21)),
    ('filled with a row', T.fill(X * 2, ROW) * X),
    ('filled with a number', T.dot(T.fill(X, X.sum()).T, X)),
    ('filled with a matrix', T.fill(X[:1], X + 1)),
    ('join of columns', T.concatenate([X, X[:, :1]], axis=1)),
    ('gathered, joined and read apart', T.dot(T.concatenate(
        [X[INDEX], X[INDEX][:, :2] * 2], axis=1).T, X[INDEX] + 1)),
    ('gathered, with more axes', T.exp(X[INDEX].dimshuffle(
        0, 'x', 'x', 1)) * T.tile(X[INDEX].dimshuffle('x', 0, 1), (2, 1, 1)
                                  )[1].dimshuffle(0, 'x', 'x', 1)),
    ('join of rows', T.concatenate([X, X[:2]], axis=0)),
    ('gradient through a slice', T.grad(T.sqr(X[1:, :2]).sum(), X)),
    ('set', T.set_subtensor(X[:, 0], X[:, 1])),
    ('increased', T.inc_subtensor(X[1:3], ROW)),
    ('softmax', T.nnet.softmax(X)),
    ('gradient of softmax', T.grad(T.sqr(T.nnet.softmax(X)).sum(), X)),
    ('counts', T.arange(N) * N + T.arange(N) % 3),
    ('shapes', X.shape[0] * X.shape[1] + X.sum() / X.shape[0]),
    ('numbers to a vector', T.stack([X.sum(), X.max(), ROW[0]])),
])


@pytest.fixture(scope='module')
def both():
    """The functions of all expressions, Theano's and ours."""
    inputs = [X, ROW, INDEX, N]
    return [theano.function(inputs, list(EXPRESSIONS.values()), mode=mode)
            for mode in (None, whole())]


def same_bits(one, other):
    assert one.dtype == other.dtype and one.shape == other.shape
    assert one.tobytes() == other.tobytes()


def test_nothing_is_left_to_theano(both):
    both[1](*case_values())
    assert both[1].fn.left_to_theano is None


@pytest.mark.parametrize('name', list(EXPRESSIONS))
def test_bits(both, name):
    theirs, ours = [f(*case_values()) for f in both]
    position = list(EXPRESSIONS).index(name)
    same_bits(np.asarray(theirs[position]), np.asarray(ours[position]))


def test_layouts(both):
    """They decide how numpy multiplies what comes next."""
    theirs, ours = [f(*case_values()) for f in both]
    for name, a, b in zip(EXPRESSIONS, theirs, ours):
        if np.ndim(a) > 1 and min(np.shape(a)) > 1:
            assert (a.flags.f_contiguous, a.flags.c_contiguous) == \
                (b.flags.f_contiguous, b.flags.c_contiguous) or \
                not a.flags.forc, name


def test_inputs_of_another_shape_compile_anew(both):
    x, row, index, n = case_values()
    for number in (n, 4, n):
        for f in both:
            f(x, row, index, number)
        theirs, ours = [f(x, row, index, number) for f in both]
        for a, b in zip(theirs, ours):
            same_bits(np.asarray(a), np.asarray(b))


def test_transposed_input(both):
    x, row, index, n = case_values()
    theirs, ours = [f(np.asfortranarray(x), row, index, n) for f in both]
    for a, b in zip(theirs, ours):
        same_bits(np.asarray(a), np.asarray(b))


def test_an_index_out_of_range_is_an_error(both):
    x, row, index, n = case_values()
    with pytest.raises(IndexError):
        both[1](x, row, np.array([37], 'int32'), n)
    # and does no harm
    both[1](x, row, index, n)


def address_space():
    """Bytes; also of memory that nobody has written to yet."""
    with open('/proc/self/statm') as f:
        return int(f.read().split()[0]) * resource.getpagesize()


@pytest.mark.skipif(not os.path.exists('/proc/self/statm'),
                    reason='needs /proc')
def test_an_error_leaves_no_outputs_behind():
    f = theano.function([X, INDEX], [T.alloc(X[0, 0], 1000, 1000), X[INDEX]],
                        mode=whole())
    x = case_values()[0]
    f(x, np.array([0], 'int32'))
    before = address_space()
    for _ in range(50):
        with pytest.raises(IndexError):
            f(x, np.array([37], 'int32'))
    assert address_space() - before < 100e6     # of 200e6


@pytest.mark.skipif(not os.path.exists('/proc/self/statm'),
                    reason='needs /proc')
def test_a_function_that_is_gone_leaves_no_arrays_behind():
    """And takes none with it: a product's input and output are not its."""
    x = np.ones((250000, 8), 'float32')
    before = None
    for _ in range(10):
        f = theano.function([X], T.dot(X + 1, X[:8]), mode=whole())
        found = f(x)
        del f
        gc.collect()
        assert x[0, 0] == 1 and found[0, 0] == 16
        before = before or address_space()
    assert address_space() - before < 40e6      # of 72e6, and more


def random_numbers(mode):
    streams = MRG_RandomStreams(5)
    return theano.function([N], [
        streams.uniform((N, 3)), streams.normal((N, 4)),
        streams.binomial((N,), p=.3)], mode=mode)


def test_random_numbers_and_their_streams():
    """More numbers than streams, too: then the streams are used in turn."""
    theirs, ours = random_numbers(None), random_numbers(whole())
    for n in (5, 5, 6000, 5):
        for a, b in zip(theirs(n), ours(n)):
            same_bits(a, b)
    assert ours.fn.left_to_theano is None


def test_the_number_of_a_minibatch_is_no_shape():
    """Normal numbers for the rows of each minibatch need one step for all."""
    samples = T.iscalar('samples')

    def noisy(mode):
        streams = MRG_RandomStreams(5)
        rows = X[(N * 4 + T.arange(4)) % X.shape[0]]
        noise = streams.normal((rows.shape[0] * samples, rows.shape[1]))
        return theano.function([X, N, samples], [rows, noise], mode=mode)

    theirs, ours = noisy(None), noisy(whole())
    x = case_values()[0]
    for number, drawn, steps in ((0, 2, 1), (3, 2, 1), (9, 2, 1), (0, 3, 2)):
        for a, b in zip(theirs(x, number, drawn), ours(x, number, drawn)):
            same_bits(a, b)
        assert len(ours.fn.sources) == steps


def updated(mode):
    w = theano.shared(np.arange(6, dtype='float32').reshape(2, 3))
    v = theano.shared(np.ones((2, 3), 'float32'))
    old = w * 1
    f = theano.function([X], [old, w.sum()], mode=mode, updates=OrderedDict([
        (w, w - .1 * T.dot(X, v)), (v, w.reshape((2, 3)) + v)]))
    return f, w, v


def test_updates_use_the_values_from_before():
    x = np.array([[1, 2], [3, -1]], 'float32')
    found = []
    for mode in (None, whole()):
        f, w, v = updated(mode)
        steps = [f(x) for _ in range(3)]
        w.set_value(v.get_value())
        steps.append(f(x))
        found.append([a for step in steps for a in step] +
                     [w.get_value(), v.get_value()])
    for a, b in zip(*found):
        same_bits(np.asarray(a), np.asarray(b))


def test_two_shared_variables_change_places():
    a, b = [theano.shared(np.full(3, n, 'float32')) for n in (1, 2)]
    theano.function([], [], updates=[(a, b), (b, a)], mode=whole())()
    assert a.get_value().tolist() == [2, 2, 2]
    assert b.get_value().tolist() == [1, 1, 1]


def test_what_a_function_gave_is_not_written_over():
    f, w, _ = updated(whole())
    x = np.eye(2, dtype='float32')
    first = f(x)[0]
    kept = first.copy()
    f(x)
    same_bits(first, kept)


def test_operations_without_an_instruction_are_left_to_theano():
    f = theano.function([X], [T.argmax(X, axis=1), X * 2], mode=whole())
    x = case_values()[0]
    found = f(x)
    assert f.fn.left_to_theano == 'argmax'
    assert found[0].tolist() == x.argmax(axis=1).tolist()
    same_bits(found[1], x * 2)


def test_updates_of_a_function_left_to_theano():
    w = theano.shared(np.zeros(37, 'float32'))
    f = theano.function([X], [], updates=[
        (w, w + T.argmax(X, axis=1).astype('float32'))], mode=whole())
    x = case_values()[0]
    f(x)
    f(x)
    assert w.get_value().tolist() == (2. * x.argmax(axis=1)).tolist()


def test_steps_are_compiled_so_under_the_pins_only(monkeypatch):
    assert isinstance(modes.step_mode().linker, WholeGraph)
    monkeypatch.setattr(theano.config, 'optimizer', 'fast_run')
    assert not isinstance(modes.step_mode().linker, WholeGraph)


def test_the_source_is_the_same_each_time(both):
    """So that the library is found in the compile folder."""
    sources = []
    for _ in range(2):
        f = theano.function([X, ROW], [T.dot(X, ROW.dimshuffle(0, 'x')) + 1,
                                       T.exp(X).sum(axis=0)], mode=whole())
        f(*case_values()[:2])
        sources.append(f.fn.sources[0])
    assert sources[0] == sources[1]

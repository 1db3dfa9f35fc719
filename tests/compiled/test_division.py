"""Steps cut into parts give the same bits on any number of threads.

What is cut where, and whole functions whose every step is cut that can be.
"""
from __future__ import division, print_function

import numpy as np
import pytest
import theano
import theano.tensor as T
from theano.compile.mode import Mode
from theano.sandbox.rng_mrg import MRG_RandomStreams

from test_linker import EXPRESSIONS, INDEX, N, ROW, X, case_values
from untapped.compiled import division, pool, products
from untapped.compiled.library import exact_flags
from untapped.compiled.linker import WholeGraph

COUNTS = (1, 2, 3, 8)


@pytest.fixture
def short(monkeypatch, threads):
    """Every step is cut that can be, into parts as short as can be."""
    for name in ('WORTH', 'WHOLE'):
        monkeypatch.setattr(division, name, 0)
    monkeypatch.setattr(division, 'PART', 1e-9)
    monkeypatch.setattr(division, 'COLUMNS', division.NUMBERS)
    return threads


def assert_same(found, wanted, name=None):
    for one, other in zip(found, wanted):
        one, other = np.asarray(one), np.asarray(other)
        assert one.dtype == other.dtype and one.tobytes() == \
            other.tobytes(), name


def whole(exact=True):
    return Mode(WholeGraph(exact=exact), theano.config.optimizer)


def test_every_kind_of_step_on_any_number_of_threads(short):
    """There are more rows than parts, so that a part has several."""
    values = case_values()
    names = list(EXPRESSIONS)
    expressions = list(EXPRESSIONS.values())
    theirs = theano.function([X, ROW, INDEX, N], expressions,
                             on_unused_input='ignore')
    ours = theano.function([X, ROW, INDEX, N], expressions,
                           on_unused_input='ignore', mode=whole())
    wanted = theirs(*values)
    for count in COUNTS:
        short(count)
        for name, one, other in zip(names, ours(*values), wanted):
            assert_same([one], [other], (name, count))
    assert ours.fn.left_to_theano is None
    assert 'p->pool->run(part' in ours.fn.sources[0]


def drawn():
    streams = MRG_RandomStreams(5)
    return theano.function([N], [streams.uniform((N, 3)),
                                 streams.normal((N, 4))], mode=whole())


def test_random_numbers_and_their_streams(short):
    """More numbers than streams, too, and more streams than a part has."""
    found = []
    for count in COUNTS:
        short(count)
        function = drawn()
        found.append([a for n in (5, 300, 6000, 5) for a in function(n)])
    for other in found[1:]:
        assert_same(other, found[0])


def test_an_index_out_of_range_is_an_error_in_any_thread(short):
    f = theano.function([X, INDEX], [X[INDEX] * 2], mode=whole())
    x = case_values()[0]
    for count in (1, 3):
        short(count)
        for wrong in (np.arange(200), np.array([37])):
            with pytest.raises(IndexError):
                f(x, wrong.astype('int32'))
        assert_same(f(x, np.arange(37).astype('int32')), [x * 2])


def trained(exact):
    """Functions of a model's kind: products, functions, sums, an update."""
    rng = np.random.RandomState(1)
    w, v = [theano.shared(rng.normal(size=size).astype('float32'))
            for size in ((70, 130), (130, 65))]
    hidden = T.nnet.softplus(T.dot(X, w))
    loss = T.sqr(T.nnet.sigmoid(T.dot(hidden, v)) - X[:, :65]).sum(
        axis=1).mean() + T.log(1 + T.exp(hidden)).mean()
    updates = [(p, p - .1 * g) for p, g in zip((w, v),
                                               T.grad(loss, [w, v]))]
    step = theano.function([X], [loss], updates=updates, mode=whole(exact))
    x = rng.normal(size=(333, 70)).astype('float32')
    return [step(x)[0] for _ in range(3)] + [w.get_value(), v.get_value()]


@pytest.mark.parametrize('exact', [True, False])
def test_a_training_on_any_number_of_threads(short, exact):
    found = []
    for count in COUNTS:
        short(count)
        found.append(trained(exact))
    for other in found[1:]:
        assert_same(other, found[0])


def test_products_of_any_shape_on_any_number_of_threads(threads):
    rng = np.random.RandomState(7)
    functions = products.variants(True, exact_flags())
    if not functions:
        pytest.skip('neither AVX-512 nor AVX2, or not the pinned BLAS')
    for case in range(96):
        m, n, k = [int(2 + np.exp(rng.uniform(0, np.log(high))))
                   for high in ((700, 1200, 1500), (150, 4000, 700),
                                (150, 100, 8000))[case // 4 % 3]]
        a, b = [rng.normal(size=size).astype('float32')
                for size in ((m, k), (k, n))]
        a = np.asfortranarray(a) if case & 1 else a
        b = np.asfortranarray(b) if case & 2 else b
        wanted = np.dot(a, b).tobytes()
        threads(2 + case % 7)
        for function in functions:
            found = products.multiplied(function, a, b, pool.address())
            assert found.tobytes() == wanted, (a.shape, b.shape, a.strides)


def test_small_functions_are_not_cut(threads):
    f = theano.function([X], [T.exp(X).sum(axis=0), T.dot(X.T, X)],
                        mode=whole())
    f(case_values()[0])
    assert 'p->pool->run' not in f.fn.sources[0]


def test_a_cut_has_all_of_an_axis_in_whole_vectors():
    for length in (2, 15, 16, 17, 500, 10000):
        for cost in (1e4, 1e5, 1e8):
            for multiple in (1, division.NUMBERS):
                cut = division._parts(0, length, cost, multiple)
                if cut is None:
                    continue
                assert cut.block % multiple == 0
                assert (cut.count - 1) * cut.block < length <= \
                    cut.count * cut.block
                assert 1 < cut.count <= division.PARTS

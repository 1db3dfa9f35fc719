"""Products have numpy's bits, or where those may move, float32's precision.

All shapes go through the one library that steps use.
"""
from __future__ import division, print_function

import itertools

import numpy as np
import pytest
import theano
import theano.tensor as T
from theano.compile.mode import Mode

from untapped.compiled import fast, products
from untapped.compiled.instructions import Array, Buffer
from untapped.compiled.library import exact_flags
from untapped.compiled.linker import WholeGraph

FLAGS = {True: exact_flags, False: fast.flags}


def functions(exact):
    found = products.variants(exact, FLAGS[exact]())
    if not found:
        pytest.skip('neither AVX-512 nor AVX2, or not the pinned BLAS')
    return found


@pytest.fixture(scope='module')
def exact():
    return functions(True)


def operands(m, n, k, layout=0, seed=0):
    """layout: bit 0 for a transposed in memory, bit 1 for b."""
    rng = np.random.RandomState(seed)
    a, b = [rng.normal(size=shape).astype('float32')
            for shape in ((m, k), (k, n))]
    return (np.asfortranarray(a) if layout & 1 else a,
            np.asfortranarray(b) if layout & 2 else b)


def assert_bits(function, a, b):
    found, wanted = products.multiplied(function, a, b), np.dot(a, b)
    assert found.tobytes() == wanted.tobytes(), (a.shape, b.shape, a.strides,
                                                 b.strides)


def test_bits_of_small_products(exact):
    """All that is left of a tile, in rows, columns and sums."""
    sizes = range(2, 20)
    for function in exact:
        for m, n, k in itertools.product(sizes, sizes, (2, 3, 4, 5, 7, 8, 13)):
            assert_bits(function, *operands(m, n, k, (m + n + k) % 4))


@pytest.mark.parametrize('k', [
    511, 512, 513, 514, 515, 517, 1022, 1023, 1024, 1025, 1537, 5485])
def test_bits_where_sums_are_cut(exact, k):
    for function in exact:
        for layout in range(4):
            for m, n in ((3, 5), (14, 37), (6, 33)):
                assert_bits(function, *operands(m, n, k, layout))


@pytest.mark.parametrize('m, n, k', [
    (503, 517, 100), (1201, 23, 77), (23, 1201, 77), (100, 2741, 50),
    (2741, 25, 100), (30, 16007, 2), (16007, 30, 2), (127, 1025, 523)])
def test_bits_of_several_blocks(exact, m, n, k):
    for function in exact:
        for layout in range(4):
            assert_bits(function, *operands(m, n, k, layout))


def test_bits_of_strided_operands(exact):
    a, b = operands(60, 46, 90)
    views = [(a[::2], b[:, ::3]), (a[:, ::-1], b), (a[5:-3, 1:], b[:-1]),
             (a, b[::-1, 7:]), (a.T[:60], b[:60])]
    for function in exact:
        for x, y in views:
            assert_bits(function, x, y)


def test_special_values(exact):
    """Infinities, NaN, zeros of both signs, numbers below 1e-38."""
    rng = np.random.RandomState(4)
    values = np.array([0, -0., 1, np.inf, -np.inf, np.nan, 1e-30, -1e-30,
                       3e38, -3e38, 1e-42, -1e-42], 'float32')
    for kept in (values, values[[0, 1, 2, 6, 7, 10, 11]]):
        a, b = rng.choice(kept, size=(45, 19)), rng.choice(kept, (19, 37))
        b[:, :20] = np.where(np.isfinite(b[:, :20]), b[:, :20], 1)
        wanted = np.dot(a, b)
        for function in exact:
            found = products.multiplied(function, a, b)
            numbers = ~np.isnan(wanted)
            assert found[numbers].tobytes() == wanted[numbers].tobytes()
            assert np.isnan(found[~numbers]).all()


@pytest.mark.parametrize('m, n, k', [
    (2, 2, 2), (37, 45, 19), (100, 5, 5485), (13, 530, 1025), (500, 33, 784)])
def test_fast_products_are_as_precise_as_float32(m, n, k):
    for function, layout in itertools.product(functions(False), range(4)):
        a, b = operands(m, n, k, layout)
        bound = np.dot(np.abs(a).astype('float64'), np.abs(b))
        error = products.multiplied(function, a, b) - np.dot(
            a.astype('float64'), b)
        assert (np.abs(error) / bound).max() < 1e-6


def array(m, n):
    return Array(Buffer('memory', 'float32', m * n), (m, n), (n, 1))


def test_a_function_with_other_bits_is_found_out(exact):
    a, b = array(10000, 700), array(700, 5485)
    assert all(products.agrees(function, a, b) for function in exact)
    assert not products.agrees(functions(False)[0], a, b)


def a_step(mode):
    x, w = T.matrix('x'), T.matrix('w')
    return theano.function([x, w], [T.dot(x, w), T.dot(x.T, T.dot(x, w) + 1)],
                           mode=mode)


def test_a_step_without_vectors_has_the_same_bits(exact, monkeypatch):
    values = operands(100, 23, 165)
    with_vectors = a_step(Mode(WholeGraph(), theano.config.optimizer))
    found = with_vectors(*values)
    assert not with_vectors.fn.left_to_theano
    monkeypatch.setattr(products, 'variants', lambda exact, flags: [])
    for mode in (Mode(WholeGraph(), theano.config.optimizer), None):
        for one, other in zip(found, a_step(mode)(*values)):
            assert one.tobytes() == other.tobytes()


def test_steps_use_the_functions(exact, monkeypatch):
    taken = []
    choose = products.chosen
    monkeypatch.setattr(products, 'chosen', lambda *arguments: taken.append(
        choose(*arguments)) or taken[-1])
    a_step(Mode(WholeGraph(), theano.config.optimizer))(*operands(9, 8, 7))
    assert [len(taken[0]), 0 in taken[0]] == [2, False]

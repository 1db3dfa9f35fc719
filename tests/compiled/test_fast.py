"""The functions for speed are as precise as float32, and fill vectors."""
from __future__ import division, print_function

import numpy as np
import pytest
import theano
import theano.tensor as T
from theano.compile.mode import Mode

from untapped.compiled import fast
from untapped.compiled.linker import WholeGraph


def compiled(expression, x):
    return theano.function([x], expression(x), mode=Mode(
        WholeGraph(exact=False), theano.config.optimizer))


def spread(low, high, count=40001):
    return np.linspace(low, high, count).astype('float32')


def both_signs(smallest, largest):
    values = np.logspace(np.log10(smallest), np.log10(largest), 20001)
    return np.concatenate([-values, values]).astype('float32')


def softplus(x):
    return np.logaddexp(0, x)


#: function of Theano, of numpy in double precision, where, and the largest
#: error: of the value, except where the value itself may be 0
FUNCTIONS = {
    'exp': (T.exp, np.exp, spread(-87, 88), 3e-7),
    'expm1': (T.expm1, np.expm1, np.concatenate([
        both_signs(1e-30, 80), spread(-2, 2)]), 3e-7),
    'log': (T.log, np.log, np.concatenate([
        np.logspace(-37, 38, 40001), spread(.5, 2)]).astype('float32'), 3e-7),
    'tanh': (T.tanh, np.tanh, both_signs(1e-6, 20), 3e-7),
    'sigmoid': (T.nnet.sigmoid, lambda x: 1 / (1 + np.exp(-x)),
                spread(-80, 80), 4e-7),
    'softplus': (T.nnet.softplus, softplus, spread(-80, 80), 4e-7),
    'sin': (T.sin, np.sin, spread(-200, 200), 3e-7),
    'cos': (T.cos, np.cos, spread(-200, 200), 3e-7),
    'abs': (T.abs_, np.abs, spread(-3, 3), 0),
    'maximum': (lambda x: T.maximum(x, .5), lambda x: np.maximum(x, .5),
                spread(-3, 3), 0),
    'clip': (lambda x: x.clip(-1, 2), lambda x: x.clip(-1, 2), spread(-3, 3),
             0),
}


@pytest.mark.parametrize('name', sorted(FUNCTIONS))
def test_precision(name):
    function, true, values, bound = FUNCTIONS[name]
    found = compiled(function, T.vector())(values)
    wanted = true(values.astype('float64'))
    # sin and cos pass through 0, where float32's arguments are too coarse
    scale = np.maximum(np.abs(wanted), 1 if name in ('sin', 'cos') else 0)
    error = np.abs(found - wanted)[scale > 0] / scale[scale > 0]
    assert error.max() <= bound


def test_all_functions_are_tested():
    assert len(FUNCTIONS) == len(fast.FUNCTIONS)


@pytest.mark.parametrize('function, value, wanted', [
    (T.exp, -1e4, 0), (T.exp, 1e4, np.inf), (T.expm1, -1e4, -1),
    (T.expm1, 1e4, np.inf), (T.log, 0, -np.inf),
    (T.log, np.inf, np.inf), (T.log, 1e-40, np.log(1e-40)),
    (T.tanh, -1e4, -1), (T.nnet.sigmoid, 1e4, 1), (T.nnet.sigmoid, -1e4, 0),
    (T.nnet.softplus, 1e4, 1e4), (T.nnet.softplus, -1e4, 0)])
def test_ends_of_the_range(function, value, wanted):
    found = compiled(function, T.vector())(np.array([value] * 9, 'float32'))
    np.testing.assert_allclose(found, [wanted] * 9, rtol=1e-5)


@pytest.mark.parametrize('function', [
    T.exp, T.expm1, T.log, T.tanh, T.nnet.sigmoid, T.nnet.softplus,
    lambda x: x.clip(0, 1), lambda x: T.maximum(x, 1),
    lambda x: T.maximum(1, x)])
def test_nan_stays_nan(function):
    """Or else a training that has diverged would go unseen."""
    found = compiled(function, T.vector())(np.full(9, np.nan, 'float32'))
    assert np.isnan(found).all()


def test_logarithm_of_a_negative_number_is_nan():
    found = compiled(T.log, T.vector())(np.full(9, -1, 'float32'))
    assert np.isnan(found).all()


@pytest.mark.parametrize('columns', [64, 101])
@pytest.mark.parametrize('axis', [None, 0, 1])
@pytest.mark.parametrize('where', ['a loop', 'an input'])
def test_sums_in_parts(columns, axis, where):
    """Each of 16 accumulators and what is left over counts once."""
    values = np.random.RandomState(columns).normal(
        size=(33, columns)).astype('float32')
    made = (lambda x: x * 2) if where == 'a loop' else (lambda x: x)
    found = compiled(lambda x: made(x).sum(axis=axis), T.matrix())(values)
    np.testing.assert_allclose(
        found, made(values).astype('float64').sum(axis=axis), rtol=1e-6,
        atol=1e-6)


def test_products_in_parts():
    values = np.random.RandomState(1).uniform(
        .9, 1.1, (5, 77)).astype('float32')
    found = compiled(lambda x: (x * 1.01).prod(axis=1), T.matrix())(values)
    np.testing.assert_allclose(found, (
        values * np.float32(1.01)).prod(axis=1, dtype='float64'), rtol=1e-5)

"""The rewrite of powers is made where it may be, and moves no bit."""
from __future__ import division, print_function

import numpy as np
import pytest
import theano
import theano.tensor as T

from untapped.numerics import compile_mode


def compiled(power, mode=None):
    x = T.vector()
    return theano.function([x], power(x), mode=mode)


def square(x):
    return x ** 2


def ops(function):
    return [str(node.op) for node in function.maker.fgraph.toposort()]


def floats(count, seed=0):
    """Floats of all magnitudes: random bit patterns, and the special."""
    bits = np.random.RandomState(seed).randint(
        0, 2 ** 32, size=count).astype('uint32').view('float32')
    special = np.array([0., -0., np.inf, -np.inf, 1e-45, 3.4e38, 1.],
                       dtype='float32')
    values = np.concatenate([bits, special])
    return values[~np.isnan(values)]


def test_squares_keep_every_bit_of_pow():
    values = floats(10 ** 6)
    with_pow, without = compiled(square), compiled(square, compile_mode())
    assert any('pow' in op for op in ops(with_pow))
    assert not any('pow' in op for op in ops(without))
    np.testing.assert_array_equal(with_pow(values).view('int32'),
                                  without(values).view('int32'))


def test_nan_stays_nan():
    nan = np.array([np.nan], dtype='float32')
    assert np.isnan(compiled(square, compile_mode())(nan)).all()


def test_first_power_is_the_value_itself():
    f = compiled(lambda x: x ** 1, compile_mode())
    assert not any('pow' in op for op in ops(f))
    values = floats(1000)
    np.testing.assert_array_equal(f(values).view('int32'),
                                  values.view('int32'))


@pytest.mark.parametrize('power', [
    lambda x: x ** 3, lambda x: x ** .5, lambda x: x ** np.float32(2.),
    lambda x: T.cast(x, 'float64') ** 2, lambda x: 2 ** x])
def test_other_powers_are_left_alone(power):
    assert any('pow' in op for op in ops(compiled(power, compile_mode())))

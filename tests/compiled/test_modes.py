"""The rewrite of powers is made where it may be, and moves no bit."""
from __future__ import division, print_function

import numpy as np
import pytest
import theano
import theano.tensor as T

from tiny import data, model, validation
from untapped.compiled.modes import KINDS, compile_mode
from untapped.errors import InputError


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


@pytest.fixture(scope='module')
def steps():
    """Parameters after one step, exact and fast, and the learning rate."""
    found = {}
    for kind in KINDS:
        one = model(numerics=kind, num_epochs=1, lr=.01,
                    **{'batch_size_%s_train' % group: 24
                       for group in ('Xy', 'X_', '_y')})
        found[kind] = one.fit(**dict(data(), **validation()))
    return found


def test_a_fast_step_is_the_exact_one_but_for_rounding(steps):
    """Adam's steps are of the size of the learning rate, .01."""
    exact, quick = [steps[kind].parameters() for kind in KINDS]
    for name in exact:
        assert np.abs(exact[name] - quick[name]).max() <= 1e-5, name


def test_the_two_do_differ(steps):
    """Or else one would not test the other."""
    assert steps['exact'].parameters_sha256() != \
        steps['fast'].parameters_sha256()


def test_terms_of_a_fast_step_equal_the_exact_ones(steps):
    exact, quick = [steps[kind].history_ for kind in KINDS]
    for record in ('train', 'eval1', 'evalN'):
        for term, values in getattr(exact, record).items():
            np.testing.assert_allclose(getattr(quick, record)[term], values,
                                       rtol=1e-4, atol=1e-4, err_msg=term)


def test_unknown_numerics():
    with pytest.raises(InputError) as error:
        model(numerics='quick').fit(**data())
    assert "numerics: expected 'exact' or 'fast'" in str(error.value)

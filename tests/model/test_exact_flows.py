"""Exact flows: numerical Jacobians, inverses, ends of the support."""
from __future__ import division, print_function

import lasagne
import numpy as np
import pytest
import theano.tensor as T

from given_noise import function
from untapped.model import exact_flows
from untapped.parmesan import flow

pytestmark = pytest.mark.usefixtures('double_precision')

UNITS = 3
POINTS = 2 * np.random.RandomState(1).normal(size=(4, UNITS))
MADE = {
    'simplex': exact_flows.SimplexFlow, 'softplus': exact_flows.SoftplusFlow,
    'logistic': exact_flows.LogisticFlow, 'other interval': lambda incoming:
    exact_flows.LogisticFlow(incoming, lo=-.2, hi=3.)}


def layer(kind):
    return MADE[kind](lasagne.layers.InputLayer((None, UNITS)))


def apply(made, values):
    z = T.matrix()
    return function([z], made.get_output_for(z))(values)


def undo(made, values):
    inverse, argument = made.inverse
    return apply(inverse(lasagne.layers.InputLayer((None, UNITS)), argument),
                 np.asarray(values, dtype='float64'))


@pytest.mark.parametrize('kind', sorted(MADE))
def test_log_determinant_equals_numerical_jacobians(kind):
    made, step = layer(kind), 1e-6
    columns = [(apply(made, POINTS + step * e)[0] -
                apply(made, POINTS - step * e)[0]) / (2 * step)
               for e in np.eye(UNITS)]
    numerical = np.linalg.slogdet(np.stack(columns, axis=2))[1]
    np.testing.assert_allclose(apply(made, POINTS)[1], numerical, rtol=1e-7)


@pytest.mark.parametrize('kind', sorted(MADE))
def test_inverse_undoes_the_flow(kind):
    made = layer(kind)
    np.testing.assert_allclose(undo(made, apply(made, POINTS)[0]), POINTS,
                               rtol=1e-7)


@pytest.mark.parametrize('kind', sorted(MADE))
def test_far_points_stay_finite(kind):
    """Where the published flows' constants hold the logarithm up."""
    far = np.array([[300., -300., 0.], [-300., -300., -300.],
                    [300., 300., 300.]])
    for value in apply(layer(kind), far):
        assert np.isfinite(value).all()


def test_the_simplex_is_reached_by_softmax_with_a_last_logit_of_zero():
    e = np.exp(np.column_stack([POINTS, np.zeros(len(POINTS))]))
    np.testing.assert_allclose(
        apply(layer('simplex'), POINTS)[0],
        (e / e.sum(axis=1, keepdims=True))[:, :-1], rtol=1e-12)


def test_intervals_end_where_they_should():
    ends = apply(layer('logistic'), np.array([[-40., 0., 40.]]))[0]
    np.testing.assert_allclose(ends, [[-1.5, 0., 1.5]], atol=1e-12)
    ends = apply(layer('other interval'), np.array([[-40., 0., 40.]]))[0]
    np.testing.assert_allclose(ends, [[-.2, 1.4, 3.]], atol=1e-12)


def test_parts_of_a_composition_are_held_to_a_ten_thousandth():
    """Of y = (1, 0, 0 | 0) and (0, .5, .2 | .3)."""
    back = undo(layer('simplex'), [[1., 0., 0.], [0., .5, .2]])
    np.testing.assert_allclose(back, [
        [np.log(1 / 1e-4), 0., 0.],
        [np.log(1e-4 / .3), np.log(.5 / .3), np.log(.2 / .3)]], rtol=1e-9)


def test_ends_of_an_interval_are_held_off():
    back = undo(layer('logistic'), [[-1.5, 1.5, 0.], [-9., 9., 1.]])
    far = np.log((1 - 1e-6) / 1e-6)
    np.testing.assert_allclose(back, [[-far, far, 0.],
                                      [-far, far, np.log(5.)]], atol=1e-9)


def test_positive_values_are_held_to_a_millionth():
    back = undo(layer('softplus'), [[0., -3., 1e-6]])
    np.testing.assert_allclose(back, np.log(np.expm1([[1e-6] * 3])),
                               rtol=1e-9)


def test_published_flows_are_exchanged_for_exact_ones():
    published = [flow.NICE, flow.NormalizingSimplexFlowLayer,
                 flow.SoftplusFlowLayer, flow.NormalizingPlanarFlowLayer]
    assert exact_flows.exact(published) == [
        flow.NICE, exact_flows.SimplexFlow, exact_flows.SoftplusFlow,
        flow.NormalizingPlanarFlowLayer]
    incoming = lasagne.layers.InputLayer((None, UNITS))
    for of_z, end in ((True, 1.5), (False, np.pi / 2)):
        made, = exact_flows.exact([flow.LogisticFlowLayer], of_z)
        made = made(incoming)
        assert (made.lo, made.hi) == (-end, end)

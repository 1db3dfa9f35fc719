"""Flows: log-determinants against numerical Jacobians, and inverses."""
from __future__ import division, print_function

import lasagne
import numpy as np
import pytest
import theano
import theano.tensor as T

from untapped.parmesan import flow

UNITS = 4
Z = np.random.RandomState(1).normal(size=(5, UNITS))
PYTHON_ONLY = theano.Mode(linker='py', optimizer=None)

FLOWS = [flow.NormalizingSimplexFlowLayer, flow.LogisticFlowLayer,
         flow.SoftplusFlowLayer, flow.NICE, flow.NormalizingPlanarFlowLayer]


@pytest.fixture(autouse=True)
def weights_of_a_seed(double_precision):
    """Numerical derivatives need float64 parameters."""
    before = lasagne.random.get_rng()
    lasagne.random.set_rng(np.random.RandomState(2))
    yield
    lasagne.random.set_rng(before)


def made(cls):
    layer = cls(lasagne.layers.InputLayer((None, UNITS)))
    # weights of Lasagne's default size leave the planar flow at identity
    for param in layer.get_params():
        param.set_value(param.get_value() + .5)
    return layer


def apply(layer, values):
    z = T.matrix()
    outputs = layer.get_output_for(z)
    return theano.function([z], outputs, mode=PYTHON_ONLY)(values)


def numerical_log_determinant(layer, row, step=1e-6):
    jacobian = np.empty((UNITS, UNITS))
    for i in range(UNITS):
        ahead, behind = row.copy(), row.copy()
        ahead[i] += step
        behind[i] -= step
        f = apply(layer, np.stack([ahead, behind]))[0]
        jacobian[:, i] = (f[0] - f[1]) / (2 * step)
    return np.linalg.slogdet(jacobian)[1]


@pytest.mark.parametrize('cls', FLOWS)
def test_log_determinant_equals_numerical_jacobians(cls, monkeypatch):
    monkeypatch.setattr(flow, 'sf', 0.)
    layer = made(cls)
    ours = apply(layer, Z)[1]
    numerical = [numerical_log_determinant(layer, row) for row in Z]
    np.testing.assert_allclose(ours, numerical, atol=1e-6)


@pytest.mark.parametrize('cls', FLOWS)
def test_safety_constant_moves_the_log_determinant_little(cls, monkeypatch):
    layer = made(cls)
    with_it = apply(layer, Z)[1]
    monkeypatch.setattr(flow, 'sf', 0.)
    np.testing.assert_allclose(with_it, apply(layer, Z)[1], atol=2e-2)


@pytest.mark.parametrize('cls', FLOWS[:-1])
def test_inverse_undoes_the_flow(cls):
    layer = made(cls)
    there = apply(layer, Z)[0]
    inverse, argument = layer.inverse
    back = inverse(lasagne.layers.InputLayer((None, UNITS)), argument)
    np.testing.assert_allclose(apply(back, there), Z, atol=2e-3)


def test_planar_flow_has_no_inverse():
    assert made(flow.NormalizingPlanarFlowLayer).inverse is None


def test_simplex_flow_lands_inside_the_simplex_for_huge_logits():
    layer = made(flow.NormalizingSimplexFlowLayer)
    extreme = np.array([[1e4, 0, 0, 0], [-1e4] * 4, [1e4] * 4])
    parts = apply(layer, extreme)[0]
    assert np.isfinite(parts).all()
    assert (parts >= 0).all() and (parts.sum(axis=1) <= 1 + 1e-12).all()


def test_logistic_flow_keeps_to_its_interval():
    layer = flow.LogisticFlowLayer(
        lasagne.layers.InputLayer((None, UNITS)), lo=-1.5, hi=1.5)
    z = apply(layer, 50 * Z)[0]
    assert z.min() >= -1.5 and z.max() <= 1.5


def test_nice_refuses_a_single_unit():
    with pytest.raises(ValueError, match='at least 2 units, got 1'):
        flow.NICE(lasagne.layers.InputLayer((None, 1)))

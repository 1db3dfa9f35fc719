"""Losses and priors against numpy and scipy."""
from __future__ import division, print_function

import numpy as np
import pytest
import theano.tensor as T
from scipy import stats

from expressions import value
from untapped import M12
from untapped.model import losses

RNG = np.random.RandomState(0)
FULL = RNG.dirichlet(np.ones(4), size=(2, 6))
PREDICTED, ACTUAL = FULL[..., :-1]


pytestmark = pytest.mark.usefixtures('double_precision')


def four_axes(array):
    return T.constant(array[:, None, None, :])


def loss(name):
    return value(getattr(losses, name)(four_axes(PREDICTED),
                                       four_axes(ACTUAL)))[:, 0, 0]


def test_l2_is_the_euclidean_distance():
    np.testing.assert_allclose(
        loss('L2'), np.linalg.norm(PREDICTED - ACTUAL, axis=1), rtol=1e-12)


def test_rep_is_the_relative_error():
    np.testing.assert_allclose(
        loss('REP'), abs(PREDICTED / ACTUAL - 1).sum(axis=1), rtol=1e-9)


def test_kl_is_scipys_entropy_of_the_completed_parts():
    np.testing.assert_allclose(
        loss('KL'), [stats.entropy(q, p) for p, q in zip(*FULL)], rtol=1e-9)


def test_kl_holds_parts_off_zero():
    certain, other = np.array([[1., 0.]]), np.array([[0., 1.]])
    found = value(losses.KL(four_axes(other), four_axes(certain)))[0, 0, 0]
    assert found == pytest.approx((1 - 1e-6) * np.log(1e6), rel=1e-9)


def test_dirichlet_is_scipys_log_density():
    alpha = np.array([.5, 2., 1., 3.])
    ours = value(losses.dirichlet(T.constant(FULL[0][:, :-1]), alpha,
                                  eps=1e-12))
    theirs = [stats.dirichlet(alpha).logpdf(row) for row in FULL[0]]
    np.testing.assert_allclose(ours, theirs, rtol=1e-9)


def test_categorical_is_the_published_sum():
    x, p = np.array([[0., 1.]]), np.array([.3, .6])
    assert value(losses.categorical(T.constant(x), p)) == pytest.approx(1.6)


def test_supervised_loss_averages_over_samples():
    rows, eq, iw = 4, 2, 3
    predicted = RNG.normal(size=(rows * eq * iw, 2))
    actual = RNG.normal(size=(rows, 2))

    def mean_loss(one):
        return value(losses.supervised_loss(
            T.constant(predicted), T.constant(actual), 2, eq, iw, one))

    def square(p, a):
        return T.sqr(p - a).sum(axis=3)

    repeated = np.repeat(actual, eq * iw, axis=0)
    by_hand = ((predicted - repeated) ** 2).sum(axis=1).mean()
    assert mean_loss(square) == pytest.approx(by_hand, rel=1e-12)
    assert mean_loss(None) == 0
    published = M12.sup_error(
        T.constant(predicted), T.constant(actual), num_output=2,
        eq_samples=eq, iw_samples=iw, loss=square)
    assert value(published) == mean_loss(square)

"""Metrics against other ways to compute them."""
from __future__ import division, print_function

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from scipy.stats import entropy

from untapped.studies import metrics


@pytest.fixture
def compositions():
    rng = np.random.RandomState(3)
    return (rng.dirichlet(np.ones(4), 50), rng.dirichlet(np.ones(4), 50))


def test_kl_divergence_equals_scipys_entropy(compositions):
    true, predicted = compositions
    expected = np.mean([entropy(t, p) for t, p in zip(true, predicted)])
    assert abs(metrics.kl_divergence(true, predicted) - expected) < 1e-12


def test_kl_divergence_has_the_truth_first():
    true, predicted = [[.5, .5]], [[.9, .1]]
    assert abs(metrics.kl_divergence(true, predicted)
               - .5 * np.log(.5 / .9) - .5 * np.log(.5 / .1)) < 1e-12


def test_kl_divergence_of_a_missed_corner_is_finite_and_known():
    # By hand: the corner predicted as 1e-6 counts log(1e6).
    value = metrics.kl_divergence([[1., 0.]], [[0., 1.]])
    assert abs(value - (np.log(1e6) - 1e-6 * np.log(1e6))) < 1e-9


def test_validation_kl_appends_the_last_part(compositions):
    true, predicted = compositions
    result = metrics.validation_kl(true[:, :3], predicted[:, :3])
    assert list(result) == ['kl']
    assert abs(result['kl'] - metrics.kl_divergence(true, predicted)) < 1e-12


def test_validation_kl_of_all_parts_names_both_definitions(compositions):
    true, predicted = compositions
    result = metrics.validation_kl(true, 2 * predicted, has_all=True)
    # Scaled back to sum 1.
    assert abs(result['kl_all_parts']
               - metrics.kl_divergence(true, predicted)) < 1e-12
    # The published loss sees the doubled prediction clipped to 1, and a last
    # part of 1 - 2 = -1 clipped to 1e-6, which equals the true one, 0.
    doubled = np.clip(2 * predicted, 1e-6, 1)
    expected = np.mean((true * np.log(true / doubled)).sum(axis=1))
    assert abs(result['kl'] - expected) < 1e-6


def test_complete_simplex_keeps_the_precision_and_sums_to_one():
    y = np.array([[.25, .5], [0, 1]], dtype='float32')
    completed = metrics.complete_simplex(y)
    assert completed.dtype == np.float32
    assert completed.tolist() == [[.25, .5, .25], [0, 1, 0]]


def test_euclidean_error_equals_scipys_distance():
    rng = np.random.RandomState(4)
    a, b = rng.normal(size=(7, 5)), rng.normal(size=(7, 5))
    assert abs(metrics.euclidean_error(a, b)
               - np.diag(cdist(a, b)).mean()) < 1e-12
    assert np.allclose(metrics.endmember_errors(a, b), np.diag(cdist(a, b)),
                       rtol=1e-12)


@pytest.mark.parametrize('all_parts, expected', [
    (False, [[1, 0], [0, 1], [0, 0]]), (True, [[1, 0], [0, 1]])])
def test_corners_are_the_pure_compositions(all_parts, expected):
    corners = metrics.corners(2, all_parts)
    assert corners.tolist() == expected and corners.dtype == np.float32

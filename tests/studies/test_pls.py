"""Partial least squares, held against scikit-learn and against counting."""
from __future__ import division, print_function

import numpy as np
import pytest
from sklearn.cross_decomposition import PLSRegression

from untapped.studies import pls as baselines


@pytest.fixture(scope='module')
def mixtures():
    """Ten mixtures of three spectra, six noisy replicates each."""
    rng = np.random.RandomState(0)
    y = np.repeat(rng.dirichlet(np.ones(3), 10), 6, axis=0)
    x = y.dot(rng.uniform(size=(3, 40)))
    return x + .02 * rng.normal(size=x.shape), y[:, :2]


def test_replicates_are_rows_of_equal_y():
    y = np.array([[.1, .2], [.3, .4], [.1, .2], [.1, .3]])
    assert baselines.replicates(y).tolist() == [0, 1, 0, 2]


def test_no_sample_is_in_training_and_held_out(mixtures):
    splits, grouped = baselines.folds(mixtures[1], 5)
    groups = baselines.replicates(mixtures[1])
    assert grouped and len(splits) == 5
    for train, test in splits:
        assert not set(groups[train]) & set(groups[test])
    assert sorted(np.concatenate([t for _, t in splits])) == list(range(60))


def test_of_classes_rows_are_held_out_not_the_class():
    y = np.eye(3)[np.arange(30) % 3]
    splits, grouped = baselines.folds(y, 5)
    assert not grouped
    for train, _ in splits:
        assert len(np.unique(baselines.replicates(y)[train])) == 3


def test_cross_validation_is_that_of_a_model_fitted_for_each_number(
        mixtures):
    x, y = mixtures
    splits, _ = baselines.folds(y, 5)
    found = baselines.cross_validate(x, y, splits, 6)
    for components in range(1, 7):
        squares = []
        for train, test in splits:
            pls = PLSRegression(n_components=components, scale=False)
            pls.fit(x[train], y[train])
            squares.append((pls.predict(x[test]) - y[test]) ** 2)
        expected = np.sqrt(np.concatenate(squares).mean())
        assert abs(found[components - 1] / expected - 1) < 1e-6


def test_the_chosen_number_has_the_least_error(mixtures):
    pls = baselines.PLS(max_components=8, num_folds=5).fit(*mixtures)
    assert pls.rmsecv_[pls.n_components_ - 1] == pls.rmsecv_.min()
    # x has rank two but for the noise
    assert pls.n_components_ <= 4 and pls.rmsecv_.min() < .05
    assert pls.predict(mixtures[0]).shape == (60, 2)


def test_few_samples_end_the_components_early():
    rng = np.random.RandomState(1)
    y = np.repeat(rng.dirichlet(np.ones(4), 3), 5, axis=0)[:, :3]
    x = y.dot(rng.uniform(size=(3, 20)))
    pls = baselines.PLS().fit(x, y)
    # two samples of three in training span one direction
    assert np.isfinite(pls.rmsecv_).all() and len(pls.rmsecv_) == 9
    assert pls.n_components_ == 1
    assert np.isfinite(pls.predict(x)).all()


def test_of_many_rows_evenly_spaced_ones_are_used(mixtures):
    few = baselines.PLS(max_components=3, max_rows=30).fit(*mixtures)
    same = baselines.PLS(max_components=3).fit(
        mixtures[0][::2], mixtures[1][::2])
    assert np.array_equal(few.rmsecv_, same.rmsecv_)

"""The two PLS protocols, held against the published plots' arithmetic."""
from __future__ import division, print_function

import numpy as np
import pytest
from sklearn.cross_decomposition import PLSRegression

from untapped import datasets
from untapped.report import paper
from untapped.studies import baselines, metrics


class Mixtures(object):
    """Ten mixtures of three spectra, six noisy replicates each."""
    names = ['a', 'b', 'c']
    meta = {'mean_removed': True}

    def __init__(self, noise=.02):
        rng = np.random.RandomState(0)
        self.endmembers = rng.uniform(size=(3, 40))
        parts = np.repeat(rng.dirichlet(np.ones(3), 20), 6, axis=0)
        x = parts.dot(self.endmembers) + noise * rng.normal(size=(120, 40))
        self.mean = x[:60].mean(axis=0)
        x, y = (x - self.mean).astype('float32'), parts.astype(
            'float32')[:, :2]
        self.X, self.y, self.X_valid, self.y_valid = (
            x[:60], y[:60], x[60:], y[60:])


def published_kl(predicted, true):
    """As the published plots compute it, over all parts."""
    true, predicted = [np.clip(each, 1e-6, 1) for each in (true, predicted)]
    return (true * np.log(true / predicted)).sum(axis=1).mean()


@pytest.fixture(scope='module')
def made():
    data = Mixtures()
    return data, baselines.published(data)


def test_the_published_protocol_divides_by_the_sum_and_clips_in_kl_alone(
        made):
    data, found = made
    y, y_valid = [np.hstack([each, 1 - each.sum(axis=1, keepdims=True)])
                  for each in (data.y, data.y_valid)]
    fitted = PLSRegression(n_components=8, scale=False).fit(data.X, y)
    expected = fitted.predict(data.X_valid)
    expected = expected / expected.sum(axis=1)[:, np.newaxis]
    assert np.allclose(metrics.all_parts(found.answers['predicted']),
                       expected, rtol=0, atol=1e-12)
    # predictions off the simplex stay there
    assert found.answers['predicted'].min() < 0
    kl = published_kl(expected, y_valid)
    assert abs(found.validation['kl'] / kl - 1) < 1e-9
    assert found.details['components'] == 8


def test_x_is_generated_by_the_regression_on_all_parts(made):
    data, found = made
    y, y_valid = [np.hstack([each, 1 - each.sum(axis=1, keepdims=True)])
                  for each in (data.y, data.y_valid)]
    fitted = PLSRegression(n_components=3, scale=False).fit(y, data.X)
    error = np.linalg.norm(fitted.predict(y_valid.astype('float64'))
                           - data.X_valid, axis=1).mean()
    assert abs(found.validation['generation_error'] / error - 1) < 1e-9
    pure = data.mean + fitted.predict(np.eye(3))
    errors = np.linalg.norm(pure - data.endmembers, axis=1)
    assert np.allclose(list(found.endmember_error.values()),
                       list(errors) + [errors.mean()], rtol=1e-6)
    assert list(found.endmember_error) == ['a', 'b', 'c', 'mean']


def test_of_spectra_without_noise_pls_closes_the_loop():
    found = baselines.published(Mixtures(0)).findings
    assert np.allclose(found['round_trip']['matrix'], np.eye(3), atol=1e-3)
    assert found['round_trip']['x_error'] < 1e-3
    assert found['endmember_error_once']['mean'] < 1e-3


def test_both_protocols_are_methods_with_a_name_of_their_own(made):
    data, found = made
    names = dict(paper.METHODS)
    assert [names[key] for key in baselines.wanted(data)] == [
        'PLS, published', 'PLS, cross-validated']
    assert paper.KL['crism']['pls_published'] == .036
    other = baselines.cross_validated(data)
    assert other.validation['kl'] != found.validation['kl']
    parts = metrics.all_parts(other.answers['predicted'])
    assert parts.min() > 0 and np.allclose(parts.sum(axis=1), 1)


def test_of_mnist_the_published_plots_have_no_pls():
    data = datasets.prepare(datasets.load('mnist', 'simulated'),
                            np.random.RandomState(0))
    assert list(baselines.wanted(data)) == ['pls']

"""The paper's numbers of a demo, held against scipy's."""
from __future__ import division, print_function

import numpy as np
from scipy.spatial.distance import cdist
from scipy.stats import entropy

from untapped.verify import child


class Demo(object):
    """Predicts what it is told; z = x_0; generates (z + y_0, z - y_1)."""

    def __init__(self, predicted):
        self.predicted = predicted

    def predict(self, x, deterministic):
        assert deterministic and len(x) == len(self.predicted)
        return self.predicted

    def getZ2(self, x, y, deterministic):
        return x[:, :1]

    def generate(self, y, z2, deterministic):
        return np.hstack([z2 + y[:, :1], z2 - y[:, 1:2]])


def test_kl_and_endmember_error_are_scipys():
    rng = np.random.RandomState(0)
    true, predicted = rng.dirichlet(np.ones(3), (2, 20))
    x = np.array([[1., 0.], [3., 0.]])                  # mean z is 2
    data = {'X': x, 'y': np.zeros((2, 2)), 'X_valid': np.zeros((20, 2)),
            'y_valid': true[:, :2]}
    model = Demo(predicted[:, :2])
    numbers = child.demo_numbers(model, data, {})
    assert [label for label, _ in numbers] == ['KL of y, validation']
    expected = np.mean([entropy(t, p) for t, p in zip(true, predicted)])
    assert abs(numbers[0][1] - expected) < 1e-12

    # as in the file: a first column, then the endmembers from the last on
    known = rng.uniform(size=(2, 4))
    ux = np.array([.5, .25])
    _, (label, error) = child.demo_numbers(model, data, {
        'get_endmembers': lambda: known, 'remove_mean': True, 'ux': ux})
    generated = ux + np.array([[3., 2.], [2., 1.], [2., 2.]])
    assert label == 'mean endmember error'
    assert abs(error - np.diag(cdist(
        generated, known[:, [3, 2, 1]].T)).mean()) < 1e-12

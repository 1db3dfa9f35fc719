"""Log-sum-exp against scipy's; the confusion matrix against counting."""
from __future__ import division, print_function

import numpy as np
import pytest
import theano
import theano.tensor as T
from scipy.misc import logsumexp

from untapped.parmesan.utils import (ConfusionMatrix, log_mean_exp,
                                     log_sum_exp)

A = np.array([[[1000., 999.], [3., -2.]], [[-1000., -1001.], [0., 5.]]],
             dtype='float32')


@pytest.fixture(scope='module')
def made():
    """Of each axis, log_sum_exp and log_mean_exp of A."""
    a = T.tensor3('a')
    axes = [None, 0, 2, (0, 2), -1]
    found = theano.function([a], [
        f(a, axis) for axis in axes for f in (log_sum_exp, log_mean_exp)])(A)
    return {axis: found[2 * n:2 * n + 2] for n, axis in enumerate(axes)}


@pytest.mark.parametrize('axis', [None, 0, 2, (0, 2)])
def test_log_sum_exp_is_scipys_and_overflows_nowhere(made, axis):
    np.testing.assert_allclose(made[axis][0], logsumexp(A, axis), rtol=1e-6)
    assert made[axis][0].shape == np.sum(A, axis).shape


@pytest.mark.parametrize('axis', [None, 0, 2, (0, 2)])
def test_log_mean_exp_is_less_by_the_log_of_the_number_of_terms(made, axis):
    terms = A.size / np.size(np.sum(A, axis))
    np.testing.assert_allclose(made[axis][0] - made[axis][1], np.log(terms),
                               atol=1e-4)


def test_an_axis_counted_from_the_end_stays_with_length_1(made):
    np.testing.assert_array_equal(made[-1][0][..., 0], made[2][0])


TRUE = np.array([0, 0, 0, 1, 1, 1, 2, 2, 0, 2])
PREDICTED = np.array([0, 0, 0, 0, 1, 1, 2, 2, 2, 0])
PRINTED = """\
     -------------
 ab   | 3 0 1 |4
 clay | 1 2 0 |3
 d    | 1 0 2 |3
     -------------
        5 2 3
"""

#: rates of these pairs in the published class
RATES = {
    'sensitivity': [0.428571, 0.222222, 0.25],
    'specificity': [0.333333, 1.0, 0.5],
    'positivepredictivevalue': [0.6, 1.0, 0.666667],
    'negativepredictivevalue': [0.2, 0.125, 0.142857],
    'falsepositiverate': [0.666667, 0.0, 0.5],
    'falsediscoveryrate': [0.4, 0.0, 0.333333],
    'F1': [0.5, 0.363636, 0.363636],
    'matthewscorrelation': [-0.218218, 0.166667, -0.218218],
}


@pytest.fixture
def matrix():
    made = ConfusionMatrix(3, ['ab', 'clay', 'd'])
    made.batchadd(PREDICTED, TRUE)
    return made


def test_rows_are_true_classes_and_columns_predicted_ones(matrix):
    counted = np.zeros((3, 3), dtype='int')
    for pair in zip(TRUE, PREDICTED):
        counted[pair] += 1
    np.testing.assert_array_equal(matrix.mat, counted)
    assert str(matrix) == PRINTED
    matrix.zero()
    assert not matrix.mat.any()


def test_errors_are_counted_by_class(matrix):
    for k, found in enumerate(zip(*matrix.geterrors())):
        assert found == (((TRUE == k) & (PREDICTED == k)).sum(),
                         ((TRUE == k) & (PREDICTED != k)).sum(),
                         ((TRUE != k) & (PREDICTED == k)).sum(),
                         ((TRUE != k) & (PREDICTED != k)).sum())
    assert matrix.accuracy() == .7


@pytest.mark.parametrize('name', sorted(RATES))
def test_rates_are_those_of_the_published_class(matrix, name):
    np.testing.assert_allclose(getattr(matrix, name)(), RATES[name],
                               atol=1e-6)


def test_a_class_that_was_never_predicted_has_no_rate_of_predictions():
    made = ConfusionMatrix(2)
    made.batchadd(np.array([0]), np.array([0]))
    assert made.positivepredictivevalue().tolist() == [1.]


def test_a_mask_leaves_pairs_out(matrix):
    mask = np.arange(10) < 3
    before = matrix.mat.copy()
    matrix.batchaddmask(TRUE, PREDICTED, mask)
    assert (matrix.mat - before).tolist() == [[3, 0, 0], [0, 0, 0],
                                              [0, 0, 0]]
    with pytest.raises(ValueError, match='mask: expected booleans'):
        matrix.batchaddmask(TRUE, PREDICTED, mask.astype('int'))


@pytest.mark.parametrize('predicted, true, told', [
    ([0, 1], [0], 'y_true: expected the shape'),
    ([0, 3], [0, 1], 'y_pred: expected classes from 0 to 2, got 0 to 3'),
    ([0, 1], [0, -1], 'y_true: expected classes from 0 to 2, got -1 to 0')])
def test_what_are_no_pairs_of_classes_is_refused(matrix, predicted, true,
                                                 told):
    before = matrix.mat.copy()
    with pytest.raises(ValueError, match=told):
        matrix.batchadd(np.array(predicted), np.array(true))
    np.testing.assert_array_equal(matrix.mat, before)

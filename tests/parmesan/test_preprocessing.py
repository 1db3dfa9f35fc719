"""Contrast normalisation and ZCA do what their definitions say."""
from __future__ import division, print_function

import numpy as np
import pytest

from untapped.parmesan.preprocessing import ZCA, ContrastNorm

X = np.array([[1., 2, 0], [0, 1, 3], [2, 5, 1], [4, 0, 2]])
#: of X and the default filter_bias in the published class
P = [[0.6752415299415588, 0.06788312643766403, 0.06233343854546547],
     [0.06788312643766403, 0.5764329433441162, 0.18112891912460327],
     [0.06233343854546547, 0.18112891912460327, 0.9612917304039001]]


def test_rows_get_mean_0_and_the_norm_asked_for():
    made = ContrastNorm(scale=5).apply(X, copy=True)
    np.testing.assert_allclose(made.sum(axis=1), 0, atol=1e-12)
    np.testing.assert_allclose(np.sqrt((made ** 2).sum(axis=1)), 5)
    assert X[0].tolist() == [1, 2, 0]


def test_images_keep_their_shape_and_change_in_place():
    images = X.reshape(2, 2, 3).copy()
    made = ContrastNorm().apply(images)
    np.testing.assert_array_equal(made, images)
    assert made.shape == (2, 2, 3)
    np.testing.assert_allclose(made.reshape(2, 6).sum(axis=1), 0, atol=1e-12)


def test_a_row_of_one_value_becomes_0():
    assert not ContrastNorm().apply(np.ones((1, 3))).any()


def test_whitened_data_are_uncorrelated():
    rows = np.random.RandomState(0).normal(size=(50, 3)).dot(X[1:])
    zca = ZCA(3, rows, filter_bias=0)
    np.testing.assert_allclose(np.cov(zca.apply(rows), rowvar=0, bias=1),
                               np.eye(3), atol=1e-5)
    np.testing.assert_array_equal(zca.P, zca.P.T)


def test_the_matrix_is_that_of_the_published_class():
    np.testing.assert_allclose(ZCA(3, X).P, P, rtol=1e-6)


def test_inv_undoes_apply_on_images():
    zca = ZCA()
    images = X.reshape(4, 1, 3)
    zca.fit(3, images)
    whitened = zca.apply(images)
    assert whitened.shape == (4, 1, 3)
    np.testing.assert_allclose(zca.inv(whitened), images, atol=1e-6)
    np.testing.assert_allclose(
        zca.inv(zca.apply(images, remove_mean=False), add_mean=False),
        images, atol=1e-6)


def test_what_cannot_be_whitened_is_told():
    with pytest.raises(ValueError, match='expected all 3 of the data, got 2'):
        ZCA(2, X)
    with pytest.raises(ValueError, match='a call of fit first'):
        ZCA().apply(X)
    with pytest.raises(ValueError, match='positive definite'):
        ZCA(3, np.ones((4, 3)), filter_bias=0)
    with pytest.raises(ValueError, match=r'expected rows of the shape'):
        ZCA(3, X).apply(X[:, :2])

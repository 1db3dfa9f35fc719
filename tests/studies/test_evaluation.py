"""The evaluation of a model whose answers are known in closed form."""
from __future__ import division, print_function

import numpy as np
import pytest

from untapped.studies import evaluation


class Linear(object):
    """Predicts y = (1/2, 1/4); z = x_0; generates x = (y_0 + z, y_1)."""

    def predict(self, X):
        return np.tile([[.5, .25]], (len(X), 1))

    def infer(self, target, x, y):
        assert target == 'z2' and len(x) == len(y)
        return x[:, :1]

    def generate(self, y, z2):
        return np.hstack([y[:, :1] + z2, y[:, 1:2]])


class Data(object):
    names = ['a', 'b', 'c']
    meta = {'mean_removed': True}
    mean = np.array([10., 20.])
    X = np.array([[1., 0.], [3., 0.]])          # z_bar = 2
    y = np.array([[0., 0.], [1., 0.]])
    X_valid = np.array([[2., 4.], [5., 0.]])
    y_valid = np.array([[0., 1.], [0., 0.]])
    endmembers = np.array([[13., 20.], [12., 24.], [12., 20.]])


def test_generation_uses_the_mean_z_of_the_training_pairs():
    validation, _ = evaluation.evaluate(Linear(), Data)
    # x_bar = (2, 1) and (2, 0): distances 3 and 3.
    assert abs(validation['generation_error'] - 3) < 1e-12
    # Own z: (2, 1) and (5, 0): distances 3 and 0.
    assert abs(validation['generation_error_own_z'] - 1.5) < 1e-12


def test_validation_kl_is_that_of_the_predictions():
    validation, _ = evaluation.evaluate(Linear(), Data)
    # Corners b and c, both predicted with 1/4.
    assert abs(validation['kl'] - np.log(4)) < 1e-4


def test_endmembers_are_generated_at_the_corners_with_the_mean_added():
    spectra = evaluation.endmembers(Linear(), Data)
    assert spectra.tolist() == [[13., 20.], [12., 21.], [12., 20.]]
    _, errors = evaluation.evaluate(Linear(), Data)
    assert list(errors.items()) == [('a', 0.), ('b', 3.), ('c', 0.),
                                    ('mean', 1.)]


def test_a_part_without_a_pure_spectrum_is_left_out():
    class Some(Data):
        endmembers = np.array(Data.endmembers, 'float64')
    Some.endmembers[0] = np.nan
    _, errors = evaluation.evaluate(Linear(), Some)
    assert list(errors.items()) == [('b', 3.), ('c', 0.), ('mean', 1.5)]


def test_without_known_endmembers_there_is_no_error_of_them():
    class Unknown(Data):
        endmembers = None

    assert evaluation.evaluate(Linear(), Unknown)[1] == {}


@pytest.mark.parametrize('names, expected', [('abc', False), ('ab', True)])
def test_y_holds_all_parts_if_it_has_as_many_columns_as_names(names,
                                                              expected):
    class Named(Data):
        pass

    Named.names = list(names)
    assert evaluation.has_all_parts(Named) is expected

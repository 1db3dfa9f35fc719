"""The published objective's weights, and what it records."""
from __future__ import division, print_function

from collections import namedtuple

import numpy as np

from tiny import model
from untapped.model.data import Data
from untapped.model.published import Published
from untapped.model.objective import Settings

Bounds = namedtuple('Bounds', 'model_type')


def objective(**changes):
    settings = dict(coeff_x=1, coeff_y=.1, coeff_x_dis=2, coeff_y_dis=0,
                    coeff_x_prob=1, coeff_y_prob=0)
    settings.update(changes)
    return Published(Settings.of(model(**settings)))


def everything():
    rows = np.ones((5, 1))
    return Data(dict.fromkeys(('X', 'y', 'X_', '_y', 'z2'), rows), (1, 1, 1))


def test_J_holds_what_has_a_weight_above_zero_and_data():
    assert objective().weighted(everything(), 1) == [
        ('x_sup', 1), ('x_sup_dis', 2), ('x', 1), ('y', .1)]
    # the reconstruction objective has no labelled bounds
    assert objective(variational=False).weighted(everything(), 1) == [
        ('x_sup_dis', 2), ('x', 1), ('y', .1)]
    # y without z2 is of use to M1 only
    only_y = Data({'_y': np.ones((5, 1))}, (1, 1, 1))
    assert objective().weighted(only_y, 1) == []
    assert objective().weighted(only_y, 0) == [('y', .1)]


def test_recorded_terms_are_the_held_ones_with_their_parts():
    def names(weighted, model_type):
        return [term.name for term in objective().recorded(
            weighted, Bounds(model_type))]

    assert names([('x_sup', 1), ('x_sup_dis', 1), ('y', 1)], 1) == [
        'M2_x_sup_dis', 'M2_x_sup_rec_z2_sup', 'M2_x_sup_gen_z1_sup',
        'M2_x_sup', 'M2_y_rec_z1', 'M2_y_gen_y', 'M2_y']
    assert names([('x', 1)], 2) == [
        'M1_x_gen_x', 'M1_x', 'M2_x_rec_y', 'M2_x_rec_z2', 'M2_x_gen_z1',
        'M2_x']

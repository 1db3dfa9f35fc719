"""A model small enough to be trained in a test, and its data."""
from __future__ import division, print_function

import numpy as np

from untapped.model.architectures import architecture
from untapped.model.losses import KL
from untapped.model.ssdgm import SSDGM

FEATURES, PARTS, LATENTS = 6, 3, 1


def data(rows=24, seed=0):
    spectra = np.random.RandomState(9).uniform(size=(PARTS, FEATURES))
    rng = np.random.RandomState(seed)
    y = rng.dirichlet(np.ones(PARTS), size=rows)
    x = y.dot(spectra) + .01 * rng.normal(size=(rows, FEATURES))
    corners = rng.dirichlet(.1 * np.ones(PARTS), size=rows)
    z2 = rng.uniform(-1.5, 1.5, size=(rows, LATENTS))
    return {'X': x, 'y': y[:, :-1], 'X_': x[::-1], '_y': corners[:, :-1],
            'z2': z2}


def validation():
    return {'X_valid': data(seed=1)['X'], 'y_valid': data(seed=1)['y']}


def networks():
    return {
        'z1->y': architecture([4], PARTS - 1, flows=['simplex']),
        'z1y->z2': architecture([3], LATENTS, flows=['logistic']),
        'yz2->_z1': architecture([5], FEATURES)}


def model(**options):
    settings = dict(
        model_dict=networks(), variational=True, loss_y=KL, coeff_x=1,
        coeff_y=.1, coeff_x_dis=1, coeff_y_dis=1, coeff_x_prob=1,
        coeff_y_prob=.1, num_epochs=2, eval_freq=1, lr=.01,
        batch_size_Xy_train=10, batch_size_X__train=10,
        batch_size__y_train=10)
    settings.update(options)
    return SSDGM(FEATURES, PARTS - 1, **settings)


def small(**options):
    """A model of one term, a loss of sampled y."""
    settings = dict(coeff_x=0, coeff_y=0, coeff_y_dis=0, num_epochs=1)
    settings.update(options)
    return model(**settings)

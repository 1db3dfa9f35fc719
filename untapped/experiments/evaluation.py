"""A trained model held against the validation data."""
from __future__ import division, print_function

from collections import OrderedDict

import numpy as np

from untapped.experiments import metrics

__all__ = ['has_all_parts', 'evaluate', 'endmembers']


def has_all_parts(data):
    """Whether y holds all parts of a composition (MNIST's ten digits)."""
    return data.y.shape[1] == len(data.names)


def evaluate(model, data):
    """What metrics.json says of a model, as plain numbers.

    Everything is generated and predicted by means, without sampling.

    Parameters
    ----------
    model : SSDGM, trained
    data : untapped.datasets.Prepared

    Returns
    -------
    (validation, endmember_error) : OrderedDicts
        ``validation``: kl (see `metrics.validation_kl`); generation_error,
        the mean of ||x_bar - x||_2 with x_bar the mean of p(x|y,z_bar),
        z_bar the mean of q(z|x,y) over the training pairs, as in eq. (18);
        generation_error_own_z, the same with each pair's own z.
        ``endmember_error``: per name and mean; empty where no endmembers
        are known.
    """
    validation = metrics.validation_kl(
        data.y_valid, model.predict(data.X_valid), has_all_parts(data))
    z_bar = _mean_z(model, data)
    generated = model.generate(y=data.y_valid,
                               z2=_repeat(z_bar, len(data.y_valid)))
    validation['generation_error'] = metrics.euclidean_error(
        data.X_valid, generated)
    own_z = model.infer('z2', x=data.X_valid, y=data.y_valid)
    validation['generation_error_own_z'] = metrics.euclidean_error(
        data.X_valid, model.generate(y=data.y_valid, z2=own_z))

    errors = OrderedDict()
    if data.endmembers is not None:
        each = metrics.endmember_errors(data.endmembers,
                                        endmembers(model, data))
        errors.update(zip(data.names, each))
        errors['mean'] = float(np.mean(each))
    return validation, errors


def endmembers(model, data):
    """Spectra of the pure compositions at z_bar, shape ``(K, features)``.

    The mean that the data were centred with is added again: the unit of the
    measured x.
    """
    y = metrics.corners(data.y.shape[1], has_all_parts(data))
    return data.mean + model.generate(
        y=y, z2=_repeat(_mean_z(model, data), len(y)))


def _mean_z(model, data):
    """z_bar of eq. (18): mean over the training pairs, shape ``(1, L)``."""
    z = model.infer('z2', x=data.X, y=data.y)
    return z.mean(axis=0, keepdims=True)


def _repeat(row, times):
    return np.repeat(row, times, axis=0)

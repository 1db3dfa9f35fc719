"""A trained model held against the validation data."""
from __future__ import division, print_function

from collections import OrderedDict

import numpy as np

from untapped.studies import metrics

__all__ = ['has_all_parts', 'evaluate', 'endmember_error', 'endmembers',
           'answers', 'judge', 'mean_z']


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
    z_bar = mean_z(model, data)
    generated = model.generate(y=data.y_valid,
                               z2=_repeat(z_bar, len(data.y_valid)))
    validation['generation_error'] = metrics.euclidean_error(
        data.X_valid, generated)
    own_z = model.infer('z2', x=data.X_valid, y=data.y_valid)
    validation['generation_error_own_z'] = metrics.euclidean_error(
        data.X_valid, model.generate(y=data.y_valid, z2=own_z))

    errors = OrderedDict()
    if data.endmembers is not None:
        errors = endmember_error(endmembers(model, data), data)
    return validation, errors


def endmember_error(spectra, data):
    """||x_bar - x||_2 of each known endmember by its name, and ``mean``.

    A part of which no pure spectrum was measured is left out.
    """
    each = [(name, error) for name, error in zip(
        data.names, metrics.endmember_errors(data.endmembers, spectra))
        if np.isfinite(data.endmembers[list(data.names).index(name)]).all()]
    return OrderedDict(each + [('mean', float(np.mean(
        [error for _, error in each])))]) if each else OrderedDict()


def endmembers(model, data, once=False):
    """Spectra of the pure compositions at z_bar, shape ``(K, features)``.

    The mean that the data were centred with, if they were, is added again:
    the unit of the measured x.

    Parameters
    ----------
    once : bool
        x_bar is the mean of p(x|y, z_bar) itself, eq. (3); by default it has
        gone through the model once more, as in the published code.
    """
    y = metrics.corners(data.y.shape[1], has_all_parts(data))
    options = {'once': True} if once else {}
    generated = model.generate(
        y=y, z2=_repeat(mean_z(model, data), len(y)), **options)
    if not data.meta['mean_removed']:
        return generated
    return data.mean + generated


def answers(model, data):
    """What a trained model says, for tables and figures; arrays.

    Returns
    -------
    OrderedDict
        ``predicted`` y of the validation x ``(n, num_output)``;
        ``nuisance``, the mean of q(z|x, y) of the validation pairs
        ``(n, L)``; ``mean_nuisance``, z_bar of eq. (18) ``(1, L)``;
        ``endmembers`` and ``endmembers_once`` ``(K, features)``, see
        `endmembers`.
    """
    return OrderedDict([
        ('predicted', model.predict(data.X_valid)),
        ('nuisance', model.infer('z2', x=data.X_valid, y=data.y_valid)),
        ('mean_nuisance', mean_z(model, data)),
        ('endmembers', endmembers(model, data)),
        ('endmembers_once', endmembers(model, data, once=True))])


def judge(answers, data):
    """Numbers that follow from answers, for every experiment.

    Returns
    -------
    OrderedDict
        ``rmse``: part -> root mean square error of its prediction, and
        ``mean``, over all parts and rows; ``r2``: part -> see `metrics.r2`,
        and ``mean``, over the parts that vary; ``endmember_error_once``, as
        `evaluate`'s, of what is generated once.
    """
    has_all = has_all_parts(data)
    each = metrics.rmse(data.y_valid, answers['predicted'], has_all)
    found = OrderedDict([('rmse', OrderedDict(zip(data.names, each)))])
    found['rmse']['mean'] = float(np.sqrt(np.mean(np.square(each))))
    each = metrics.r2(data.y_valid, answers['predicted'], has_all)
    found['r2'] = OrderedDict(zip(data.names, each))
    each = [share for share in each if share == share]
    found['r2']['mean'] = float(np.mean(each)) if each else float('nan')
    if data.endmembers is not None and 'endmembers_once' in answers:
        found['endmember_error_once'] = endmember_error(
            answers['endmembers_once'], data)
    return found


def mean_z(model, data):
    """z_bar of eq. (18): mean over the training pairs, shape ``(1, L)``."""
    z = model.infer('z2', x=data.X, y=data.y)
    return z.mean(axis=0, keepdims=True)


def _repeat(row, times):
    return np.repeat(row, times, axis=0)

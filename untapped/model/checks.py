"""Settings and data that cannot be what they should be are refused."""
from __future__ import division, print_function

import numpy as np

from untapped.compiled.modes import KINDS
from untapped.errors import InputError
from untapped.model import objectives, training

__all__ = ['check_data', 'check_settings']


def check_settings(model):
    """Raise InputError for a setting that cannot be meant."""
    for name in ('num_features', 'num_output', 'num_epochs', 'eval_freq',
                 'iw_samples', 'eq_samples'):
        _check_count(name, getattr(model, name))
    for kind in ('train', 'eval'):
        for group in ('Xy', 'X_', '_y'):
            name = 'batch_size_%s_%s' % (group, kind)
            # the second evaluation takes a fifth of a batch
            least = training.EVAL_IW_SAMPLES if kind == 'eval' else 1
            _check_count(name, getattr(model, name), least)
    for name in ('lr', 'anneal_lr_factor'):
        value = getattr(model, name)
        if not 0 <= value < np.inf:
            raise InputError('%s: expected a number of at least 0, got %r'
                             % (name, value))
    for name in ('x', 'y', 'x_dis', 'y_dis', 'x_prob', 'y_prob'):
        value = getattr(model, 'coeff_' + name)
        if not 0 <= value < np.inf:
            raise InputError('coeff_%s: expected a number of at least 0, '
                             'got %r' % (name, value))
    if model.numerics not in KINDS:
        raise InputError("numerics: expected 'exact' or 'fast', got %r"
                         % (model.numerics,))
    objectives.choose(model).check_settings()


def _check_count(name, value, least=1):
    try:
        whole = int(value) == value and value >= least
    except (TypeError, ValueError):
        whole = False
    if not whole:
        raise InputError('%s: expected a whole number of at least %d, got %r'
                         % (name, least, value))


def check_data(model, arrays, suffix):
    """Raise InputError for data that cannot be what they should be.

    Parameters
    ----------
    model : SSDGM, built
    arrays : dict from group to array or None
    suffix : str, '_valid' for validation data
    """
    objective, nets = model.objective_, model.networks_
    _check_arrays(model, arrays, suffix)
    _check_pairs(arrays, suffix, nets.model_type, objective.needs_z2)
    if not suffix and all(arrays[n] is None for n in ('X', 'X_', '_y')):
        raise InputError('X, X_ or _y: expected training data, got none')
    objective.check_data(arrays, suffix, nets)


def _check_arrays(model, arrays, suffix):
    """InputError for an array's shape or numbers."""
    widths = {'X': model.num_features, 'X_': model.num_features,
              'y': model.num_output, '_y': model.num_output}
    if model.networks_.model_type != 0:
        widths['z2'] = model.networks_['z1y->z2'].num_output
    for name, value in arrays.items():
        if value is None:
            continue
        shown = name + suffix
        value = np.asarray(value)
        width = widths.get(name, None)
        if value.ndim != 2 or width not in (None, value.shape[1]):
            raise InputError('%s: expected an array of shape (rows, %s), '
                             'got shape %s' % (shown, width, value.shape))
        if not len(value):
            raise InputError('%s: expected at least one row' % shown)
        if not np.isfinite(value).all():
            raise InputError('%s: expected finite numbers, found NaN or '
                             'infinity' % shown)


def _check_pairs(arrays, suffix, model_type, needs_z2):
    """InputError for groups that belong together and do not fit."""
    for one, other in (('X', 'y'), ('_y', 'z2')):
        a, b = arrays[one], arrays[other]
        if other == 'z2' and (model_type == 0 or
                              b is None and not needs_z2):
            continue
        if (a is None) != (b is None):
            absent = one if a is None else other
            raise InputError('%s: expected together with %s, got None' % (
                absent + suffix, (other if a is None else one) + suffix))
        if a is not None and len(a) != len(b):
            raise InputError('%s and %s: expected the same number of rows, '
                             'got %d and %d' % (one + suffix, other + suffix,
                                                len(a), len(b)))

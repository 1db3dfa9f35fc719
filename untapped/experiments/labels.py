"""Labels that are fewer, wider or smoother than the experiment's.

What an ablation varies, after every random draw: the draws are those of the
whole run.  The labels of validation pairs stay as they are.
"""
from __future__ import division, print_function

import copy

import numpy as np

from untapped.errors import UserError
from untapped.experiments.inputs import Draws, spaced
from untapped.studies import evaluation, metrics

__all__ = ['floored', 'smoothed', 'varied', 'widened']


def widened(parts, times):
    """Compositions at so many times their distance from the next corner.

    Parameters
    ----------
    parts : array ``(n, K)``, rows that sum to 1
    times : float; 0 makes pure compositions

    Raises
    ------
    UserError if a part would be below 0
    """
    corners = np.eye(parts.shape[1])[parts.argmax(axis=1)]
    made = corners + times * (parts - corners)
    # what rounding makes of a part that is 0
    if made.min() < -1e-6:
        raise UserError('argument --labels-width: expected one that keeps '
                        'every part at 0 or more, got %g, which makes %.3g '
                        'of one' % (times, made.min()))
    return np.maximum(made, 0)


def smoothed(parts, share):
    """Compositions of which an equal mixture makes a share.

    ``(1 - share) y + share / K``
    """
    return (1 - share) * parts + share / parts.shape[1]


def floored(parts, floor):
    """Compositions with at least so much of each part before they are
    scaled to sum 1.

    Raises
    ------
    UserError where that is more than there is
    """
    if floor * parts.shape[1] >= 1:
        raise UserError('argument --label-floor: expected less than 1 / %d, '
                        'the number of parts, got %g'
                        % (parts.shape[1], floor))
    held = np.maximum(parts, floor)
    return held / held.sum(axis=1, keepdims=True)


def varied(draws, options):
    """Draws with the labels that the options ask for.

    Parameters
    ----------
    draws : inputs.Draws
    options : Namespace

    Returns
    -------
    inputs.Draws
        The same object where nothing is asked for.
    """
    # of spectra it counts samples, and the split has left them out
    labelled = None if options.experiment == 'spectra' else options.labelled
    asked = [labelled, options.labels_only, options.labels_width,
             options.smooth_labels, options.label_floor]
    if asked == [None] * len(asked):
        return draws
    data, z2, z2_valid, sample_seeds = draws
    made = copy.copy(data)
    rows = spaced(len(data.X), labelled)
    made.X, made.y = data.X[rows], _changed(
        data, data.y[rows], (smoothed, options.smooth_labels),
        (floored, options.label_floor))
    rows = spaced(len(data._y), options.labels_only)
    made._y = made._y_valid = _changed(
        data, data._y[rows], (widened, options.labels_width),
        (floored, options.label_floor))
    return Draws(made, z2[rows], z2_valid[rows], sample_seeds)


def _changed(data, y, *changes):
    """Labels after each change that has a value, in y's own parts."""
    changes = [(change, value) for change, value in changes
               if value is not None]
    if not changes:
        return y
    parts = metrics.all_parts(y.astype('float64'),
                              evaluation.has_all_parts(data))
    for change, value in changes:
        parts = change(parts, value)
    return parts[:, :y.shape[1]].astype(y.dtype)

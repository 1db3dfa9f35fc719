"""Parts of the training data, held out whole: what weights are chosen by.

A part is made of samples, not of spectra: replicates of a sample (rows of
equal y) lie in one part.  The validation data of the run are not looked at.
"""
from __future__ import division, print_function

import copy

import numpy as np

from untapped.errors import UserError
from untapped.experiments.inputs import Draws
from untapped.experiments.options import FOLDS
from untapped.studies import pls

__all__ = ['held_out', 'parts']


def parts(y):
    """(rows to train on, rows to hold out) of each part; a list.

    Parameters
    ----------
    y : array, labels of the training pairs

    Raises
    ------
    UserError if there are fewer samples than parts
    """
    splits, grouped = pls.folds(y, FOLDS)
    classes = np.all((y == 0) | (y == 1))
    if len(splits) < FOLDS or not (grouped or classes):
        raise UserError(
            'argument --alphas: search: expected labelled spectra of at '
            'least %d samples to train on, got %d' % (
                FOLDS, len(set(pls.replicates(y)))))
    return splits


def held_out(draws, fold):
    """Draws that train on two parts of the labelled pairs, validate on one.

    Spectra of the held-out samples are not trained on without their labels
    either, where it is known which they are (CRISM).  What was drawn stays.

    Parameters
    ----------
    draws : inputs.Draws
    fold : int, below `FOLDS`

    Returns
    -------
    inputs.Draws
        Its data have the held-out pairs as X_valid and y_valid.

    Raises
    ------
    UserError, see `parts`
    """
    data, z2, z2_valid, sample_seeds = draws
    train, test = parts(data.y)[fold]
    part = copy.copy(data)
    part.X, part.y = data.X[train], data.y[train]
    part.X_valid, part.y_valid = data.X[test], data.y[test]
    known = data.meta.get('labels_of_unlabelled')
    if known is not None:
        away = set(row.tobytes() for row in part.y_valid)
        part.X_ = part.X__valid = data.X_[np.array([
            row.tobytes() not in away
            for row in np.ascontiguousarray(known, data.y.dtype)], bool)]
    return Draws(part, z2, z2_valid, sample_seeds)

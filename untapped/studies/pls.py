"""Partial least squares: what spectroscopists compare against.

H. Wold's regression on few components of x that covary with y (S. Wold, M.
Sjostrom and L. Eriksson 2001, Chemometr. Intell. Lab. 58, 109), by two
protocols.  `PublishedPLS` is that of the published plots, whose numbers the
paper prints: eight components, and the regression of x on y beside it.  `PLS`
takes as many components as have the least error in cross-validation on the
training set, in which replicates of a sample are held out together.
"""
from __future__ import division, print_function

import warnings

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.cross_decomposition import PLSRegression
from sklearn.model_selection import GroupKFold, KFold

from untapped.studies import metrics

__all__ = ['PLS', 'PublishedPLS', 'replicates', 'folds', 'cross_validate']


class PLS(BaseEstimator, RegressorMixin):
    """PLS regression with a cross-validated number of components.

    x is centred and not scaled: the channels of a spectrum share a unit.

    Parameters
    ----------
    max_components : int
        The most that is tried; fewer where the training set is smaller.
    num_folds : int
        Of the cross-validation.
    max_rows : int or None
        Of more rows than that, so many, evenly spaced, are used (MNIST).

    Attributes
    ----------
    n_components_ : int
    rmsecv_ : ndarray
        Root mean square error of cross-validation over all rows and parts,
        of 1, 2, ... components; in the unit of y.
    grouped_ : bool
        Whether replicates were held out together.
    pls_ : sklearn.cross_decomposition.PLSRegression
    """

    def __init__(self, max_components=30, num_folds=10, max_rows=5000):
        self.max_components = max_components
        self.num_folds = num_folds
        self.max_rows = max_rows

    def fit(self, X, y):
        """Choose the number of components, then fit all rows.

        Parameters
        ----------
        X, y : arrays ``(n, features)`` and ``(n, outputs)``
        """
        X, y = np.asarray(X, 'float64'), np.asarray(y, 'float64')
        if self.max_rows is not None and len(X) > self.max_rows:
            rows = np.arange(self.max_rows) * len(X) // self.max_rows
            X, y = X[rows], y[rows]
        splits, self.grouped_ = folds(y, self.num_folds)
        self.rmsecv_ = cross_validate(X, y, splits, self.max_components)
        self.n_components_ = int(np.argmin(self.rmsecv_)) + 1
        self.pls_ = _fit(X, y, self.n_components_)
        return self

    def predict(self, X):
        """y of x, ``(n, outputs)``; may lie off the simplex."""
        return self.pls_.predict(np.asarray(X, 'float64'))


class PublishedPLS(BaseEstimator):
    """PLS as the published plots fit it, from x to y and from y to x.

    Every part of a composition is regressed on, the last included.  Neither
    x nor y is scaled.

    Parameters
    ----------
    num_components : int
        Fewer where x, or y of the regression from y to x, has fewer columns.

    Attributes
    ----------
    forward_, backward_ : sklearn.cross_decomposition.PLSRegression
        From x to y and from y to x.
    """

    def __init__(self, num_components=8):
        self.num_components = num_components

    def fit(self, X, y):
        """Fit both directions.

        Parameters
        ----------
        X, y : arrays ``(n, features)`` and ``(n, K - 1)``
            y without its last part.
        """
        parts = metrics.complete_simplex(y)
        self.forward_, self.backward_ = [
            _fit(given, wanted, min(self.num_components, given.shape[1]))
            for given, wanted in ((np.asarray(X), parts),
                                  (parts, np.asarray(X)))]
        return self

    def predict(self, X):
        """y of x, divided by the sum of all parts; ``(n, K - 1)``.

        Parts may lie outside [0, 1].
        """
        parts = self.forward_.predict(np.asarray(X))
        return (parts / parts.sum(axis=1, keepdims=True))[:, :-1]

    def generate(self, y):
        """x of y ``(n, K - 1)``; ``(n, features)``."""
        # where parts sum to 1, the last of K components was fitted to their
        # rounding: in single precision it would add noise
        return self.backward_.predict(
            metrics.complete_simplex(y).astype('float64'))


def replicates(y):
    """The number of each row's sample: rows of equal y are replicates.

    Returns
    -------
    ndarray of int
        ``(n,)``.
    """
    number = {}
    return np.array([number.setdefault(row.tobytes(), len(number))
                     for row in np.ascontiguousarray(y)])


def folds(y, num_folds):
    """Training and held-out rows of each fold, and whether by samples.

    Samples (rows of equal y) are held out whole where there are at least
    three and y is a composition.  Where y names a class (rows of 0 and 1)
    that would leave out the class; then every num_folds-th row of a fixed
    shuffle is held out.

    Returns
    -------
    (list of (train, test), grouped)
    """
    groups = replicates(y)
    samples = groups.max() + 1
    classes = bool(np.all((y == 0) | (y == 1)))
    if samples < 3 or classes:
        splitter = KFold(min(num_folds, len(y)), shuffle=True,
                         random_state=0)
        return list(splitter.split(y)), False
    splitter = GroupKFold(min(num_folds, samples))
    return list(splitter.split(y, groups=groups)), True


def cross_validate(X, y, splits, max_components):
    """RMSECV of 1, 2, ... components, ``(components,)``.

    One fit a fold: the first a columns of the rotations and loadings of a
    larger model are the model with a components.
    """
    most = min([max_components, X.shape[1]] +
               [len(train) - 1 for train, _ in splits])
    squares = np.zeros(max(most, 1))
    held_out = 0
    for train, test in splits:
        pls = _fit(X[train], y[train], len(squares))
        scores = (X[test] - pls.x_mean_).dot(pls.x_rotations_)
        predicted = pls.y_mean_ + np.zeros((len(test), y.shape[1]))
        for a in range(len(squares)):
            # beyond the rank of x nothing is added
            part = np.outer(scores[:, a], pls.y_loadings_[:, a])
            if np.isfinite(part).all():
                predicted = predicted + part
            squares[a] += ((predicted - y[test]) ** 2).sum()
        held_out += predicted.size
    return np.sqrt(squares / held_out)


def _fit(X, y, components):
    pls = PLSRegression(n_components=components, scale=False)
    with warnings.catch_warnings():
        # y residuals of few samples run out before the components do
        warnings.simplefilter('ignore')
        with np.errstate(all='ignore'):
            return pls.fit(X, y)

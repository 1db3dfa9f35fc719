"""Kernel ridge regression and the mean composition, beside PLS."""
from __future__ import division, print_function

from collections import OrderedDict

import numpy as np
from sklearn.dummy import DummyRegressor
from sklearn.kernel_ridge import KernelRidge
from sklearn.metrics.pairwise import euclidean_distances
from sklearn.model_selection import GridSearchCV

from untapped.studies import baselines, metrics, pls

__all__ = ['BASELINES', 'kernel_ridge', 'mean_composition']

#: What the search tries: ridges, and kernel widths in units of the median
#: distance of two spectra.
ALPHAS = (1e-4, 1e-3, 1e-2, 1e-1, 1.)
WIDTHS = (0.3, 1., 3., 10.)
#: Folds of the search, and the most rows that it sees.
FOLDS, SEARCHED = 5, 600


def kernel_ridge(data):
    """Ridge regression with a Gaussian kernel (scikit-learn).

    Ridge and width have the least squared error in cross-validation on the
    training pairs, replicates of a sample held out together.

    Returns
    -------
    baselines.Baseline
    """
    x, y = [np.asarray(a, 'float64') for a in (data.X, data.y)]
    few = np.arange(min(len(x), SEARCHED)) * len(x) // min(len(x), SEARCHED)
    apart = euclidean_distances(x[few])
    # of spectra that are all the same any width will do
    median = np.median(apart[apart > 0]) if (apart > 0).any() else 1.
    mean = y.mean(axis=0)
    splits, grouped = pls.folds(y[few], FOLDS)
    search = GridSearchCV(
        KernelRidge(kernel='rbf'),
        {'alpha': list(ALPHAS), 'gamma': [
            .5 / (width * median) ** 2 for width in WIDTHS]},
        scoring='neg_mean_squared_error', cv=splits, refit=False)
    search.fit(x[few], y[few] - mean)
    chosen = KernelRidge(kernel='rbf', **search.best_params_)
    chosen.fit(x, y - mean)
    return _judged(data, lambda given: mean + chosen.predict(
        np.asarray(given, 'float64')), OrderedDict([
            ('ridge', float(chosen.alpha)),
            ('width', float(np.sqrt(.5 / chosen.gamma))),
            ('replicates_held_out_together', grouped)]))


def mean_composition(data):
    """One answer for all: the mean of the labels trained on."""
    fitted = DummyRegressor(strategy='mean').fit(data.X, data.y)
    return _judged(data, lambda x: np.reshape(
        fitted.predict(x), (len(x), -1)), OrderedDict())


def _judged(data, predict, details):
    """Compositions of the validation data and of the training pairs."""
    answers = OrderedDict(
        (name, metrics.onto_simplex(predict(x)).astype('float32'))
        for name, x in (('predicted', data.X_valid),
                        ('predicted_train', data.X)))
    return baselines.judged(data, answers, metrics.validation_kl(
        data.y_valid, answers['predicted']), details)


#: Key of a method -> function of the data that makes its `Baseline`.
BASELINES = OrderedDict([('kernel_ridge', kernel_ridge),
                         ('mean', mean_composition)])

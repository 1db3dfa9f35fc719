"""What a trained model is judged by.  numpy only.

Compositions have K parts, each in [0, 1], summing to 1.  Models of CRISM,
LIBS and Raman carry the first K - 1 parts; the last one is 1 minus their sum.
MNIST's model carries all ten.
"""
from __future__ import division, print_function

import itertools
from collections import OrderedDict

import numpy as np

__all__ = ['EPSILON', 'complete_simplex', 'kl_divergence', 'validation_kl',
           'kl_of_namings', 'euclidean_error', 'corners', 'endmember_errors',
           'all_parts', 'onto_simplex', 'r2', 'rmse', 'row_errors']

# Parts are clipped to [EPSILON, 1] before the logarithm, as in the published
# code: a predicted 0 where the truth is above 0 would make the KL infinite.
EPSILON = 1e-6


def complete_simplex(y):
    """Append the last part, 1 minus the sum of the others.

    Parameters
    ----------
    y : array of shape ``(n, K - 1)``

    Returns
    -------
    array of shape ``(n, K)``, in y's precision.
    """
    y = np.asarray(y)
    return np.hstack([y, 1 - y.sum(axis=1, keepdims=True)])


def kl_divergence(true, predicted):
    """KL(true || predicted) in nats, averaged over the rows.

    ``mean_n sum_k t_nk (log t_nk - log p_nk)``, t and p clipped to
    [1e-6, 1] and not normalized again, as in the published evaluation.

    Parameters
    ----------
    true, predicted : arrays of shape ``(n, K)``
    """
    true = np.clip(np.asarray(true, dtype='float64'), EPSILON, 1.)
    predicted = np.clip(np.asarray(predicted, dtype='float64'), EPSILON, 1.)
    divergence = true * (np.log(true) - np.log(predicted))
    return float(divergence.sum(axis=1).mean())


def validation_kl(true, predicted, has_all=False):
    """The paper's validation error, in nats: Tables 2, 3 and 4.

    Returns an OrderedDict with

    kl
        The KL of the published objective: over y and a last part, 1 minus
        its sum.  The published code appends that part to MNIST's ten-part y
        too, where it adds next to nothing, as the ten sum to 1.
    kl_all_parts
        Only if y holds all parts: over these parts alone, each prediction
        scaled to sum 1, as the published MNIST demo reports it.

    Parameters
    ----------
    true, predicted : arrays of shape ``(n, num_output)``
    has_all : bool
        Whether y holds all parts of the composition (MNIST) or all but the
        last (CRISM, LIBS, Raman).
    """
    result = OrderedDict([('kl', kl_divergence(complete_simplex(true),
                                               complete_simplex(predicted)))])
    if has_all:
        predicted = np.asarray(predicted)
        scaled = predicted / predicted.sum(axis=1, keepdims=True)
        result['kl_all_parts'] = kl_divergence(true, scaled)
    return result


def kl_of_namings(true, predicted, parts):
    """The KL of `validation_kl` for every way to name some of the parts.

    Where no label tells which of `parts` stands for what, each order of
    those columns of `predicted` says the same.  The KL is a sum over parts,
    so that one table of (true part, predicted part) gives all of them.

    Parameters
    ----------
    true, predicted : arrays of shape ``(n, num_output)``
    parts : list of int
        Columns that trade places.

    Returns
    -------
    array of shape ``(len(parts)!,)``
        In nats, in the order of `itertools.permutations`; the first is the
        KL of `predicted` as it is.
    """
    true, predicted = [complete_simplex(y) for y in (true, predicted)]
    t, p = [np.clip(np.asarray(y[:, parts], 'float64'), EPSILON, 1.)
            for y in (true, predicted)]
    table = (t * np.log(t)).mean(axis=0)[:, np.newaxis] \
        - t.T.dot(np.log(p)) / len(t)
    others = kl_divergence(true, predicted) - table.trace()
    rows = range(len(parts))
    return np.array([others + table[rows, list(order)].sum()
                     for order in itertools.permutations(rows)])


def all_parts(y, has_all=False):
    """Every part of a composition: y itself, or y and its last part."""
    return np.asarray(y) if has_all else complete_simplex(y)


def onto_simplex(y, has_all=False):
    """A linear regression's answers made compositions.

    All parts clipped to [1e-6, 1], then scaled to sum 1: a prediction that
    strays below 0 would otherwise be judged by where the clipping lies.

    Parameters
    ----------
    y : array of shape ``(n, num_output)``
    has_all : bool
        Whether y holds all parts, or all but the last.

    Returns
    -------
    array of y's shape
    """
    parts = np.clip(all_parts(np.asarray(y, dtype='float64'), has_all),
                    EPSILON, 1.)
    parts = parts / parts.sum(axis=1, keepdims=True)
    return parts[:, :np.shape(y)[1]]


def rmse(true, predicted, has_all=False):
    """Root mean square error of each part over the rows.

    Parameters
    ----------
    true, predicted : arrays of shape ``(n, num_output)``
    has_all : bool
        As in `onto_simplex`.

    Returns
    -------
    list of float
        One per part, the last included; fractions of 1.
    """
    difference = (all_parts(np.asarray(predicted, 'float64'), has_all)
                  - all_parts(np.asarray(true, 'float64'), has_all))
    return [float(e) for e in np.sqrt((difference ** 2).mean(axis=0))]


def r2(true, predicted, has_all=False):
    """1 - sum of squared errors / sum of squares about the mean, by part.

    Parameters
    ----------
    true, predicted, has_all
        As in `rmse`.

    Returns
    -------
    list of float
        One per part, the last included; NaN of a part that does not vary.
    """
    true, predicted = [all_parts(np.asarray(y, 'float64'), has_all)
                       for y in (true, predicted)]
    squares = ((true - true.mean(axis=0)) ** 2).sum(axis=0)
    left = ((predicted - true) ** 2).sum(axis=0)
    # what float32 makes of a part that is 1 minus the others
    return [float(1 - e / s) if s > 1e-10 * len(true) else float('nan')
            for e, s in zip(left, squares)]


def euclidean_error(true, generated):
    """||x_bar - x||_2, averaged over the rows; in the unit of x.

    Parameters
    ----------
    true, generated : arrays of shape ``(n, num_features)``
    """
    return float(row_errors(true, generated).mean())


def corners(num_output, has_all=False):
    """Pure compositions in the model's parts, one a row, float32.

    Shape ``(K, K - 1)``, or ``(K, K)`` where y holds all parts.
    """
    parts = num_output if has_all else num_output + 1
    return np.eye(parts, dtype='float32')[:, :num_output]


def endmember_errors(true, generated):
    """||x_bar - x||_2 of each endmember (Figure 5); in the unit of x.

    Parameters
    ----------
    true, generated : arrays of shape ``(K, num_features)``
    """
    return [float(error) for error in row_errors(true, generated)]


def row_errors(true, generated):
    """||x_bar - x||_2 of each row, ``(n,)``; in the unit of x.

    Parameters
    ----------
    true, generated : arrays of shape ``(n, num_features)``
    """
    difference = (np.asarray(generated, dtype='float64')
                  - np.asarray(true, dtype='float64'))
    return np.sqrt((difference ** 2).sum(axis=1))

"""Discriminative losses L of eqs. (13) and (14), and priors, in Theano.

A loss takes ``predicted`` of shape (batch, eq_samples, iw_samples, units)
and ``actual`` of shape (batch, 1, 1, units) and returns (batch, eq_samples,
iw_samples).  A prior takes a value (..., units) and returns (...).
"""
from __future__ import division, print_function

import theano.tensor as T
from scipy.special import gammaln

__all__ = ['L2', 'REP', 'KL', 'KL_all_parts', 'dirichlet', 'categorical',
           'supervised_loss']

#: probabilities are held to [PARTS_EPS, 1] inside KL's logarithms
PARTS_EPS = 1e-6


def L2(predicted, actual):
    """Euclidean distance, ||predicted - actual||_2."""
    square = T.sqr(predicted - actual)
    return T.sqrt(T.sum(square, axis=3))


def REP(predicted, actual):
    """Relative error, sum_i |(predicted_i - actual_i) / actual_i|."""
    ratio = (predicted - actual) / actual
    return T.sum(T.abs_(ratio), axis=3)


def KL(predicted, actual):
    """KL(actual || predicted) of points on the simplex.

    Both carry all parts but the last, which is 1 - sum of the others; every
    part is held to [1e-6, 1].  That last part is there, and near 0, for
    labels that carry all parts, too (MNIST's one-hots).
    """
    last = _divergence(1. - T.sum(actual, axis=3),
                       1. - T.sum(predicted, axis=3))
    return KL_all_parts(predicted, actual) + last


def KL_all_parts(predicted, actual):
    """KL(actual || predicted) of points that carry all their parts.

    sum_i y_i log(y_i / predicted_i), every part held to [1e-6, 1].
    """
    return T.sum(_divergence(actual, predicted), axis=3)


def _divergence(p, q):
    p, q = (parts.clip(PARTS_EPS, 1.) for parts in (p, q))
    return p * (T.log(p) - T.log(q))


def dirichlet(x, alpha, eps=1e-3, axis=-1):
    """log Dir(x; alpha), every part held to [eps, 1].

    Parameters
    ----------
    x : Theano expression, all parts but the last along ``axis``
    alpha : ndarray, one concentration for each part, the last included
    """
    log_beta = gammaln(alpha).sum() - gammaln(alpha.sum())
    last = 1. - T.sum(x, axis=axis)
    given = T.sum(T.log(x.clip(eps, 1.)) * (alpha[:-1] - 1.), axis=axis)
    return -log_beta + given + T.log(last.clip(eps, 1.)) * (alpha[-1] - 1.)


def categorical(x, p, axis=-1):
    """sum_i p_i^x_i, the published form; it is not a log-probability."""
    return T.sum(p ** x, axis=axis)


def supervised_loss(predicted, actual, units, eq_samples, iw_samples, loss):
    """Mean loss between samples and what they should be.

    Parameters
    ----------
    predicted : (batch * eq_samples * iw_samples, units)
    actual : (batch, units)
    loss : a loss of this module; None is no loss: 0
    """
    target = actual.dimshuffle(0, 'x', 'x', 1)
    if loss is None:
        return T.mean(T.mean(0. * target, axis=3))
    samples = predicted.reshape((-1, eq_samples, iw_samples, units))
    return T.mean(loss(samples, target))

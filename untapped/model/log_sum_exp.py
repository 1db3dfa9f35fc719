"""log sum exp over the last axis, without overflow."""
from __future__ import division, print_function

import theano.tensor as T

__all__ = ['log_mean_exp', 'log_sum_exp']


def log_sum_exp(value, total=T.sum, zero=False):
    """log sum_j exp(v_j) over the last axis, which is kept.

    Parameters
    ----------
    value : (..., n)
    total : T.sum, or T.mean for the logarithm of the mean
    zero : bool, v_0 = 0 is summed too

    Returns
    -------
    (..., 1)
    """
    top = T.max(value, axis=-1, keepdims=True)
    if zero:
        top = T.maximum(top, 0)
    inner = total(T.exp(value - top), axis=-1, keepdims=True)
    if zero:
        inner = T.exp(-top) + inner
    return top + T.log(inner)


def log_mean_exp(value):
    """log mean_j exp(v_j) over the last axis, which goes."""
    return log_sum_exp(value, T.mean).dimshuffle(*range(value.ndim - 1))

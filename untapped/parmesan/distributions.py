"""Log-densities and Kullback-Leibler divergences as Theano expressions.

Every function is element-wise unless its docstring says otherwise: sum over
the last axis for a multivariate distribution with independent elements.
``eps`` guards a logarithm or a division; its place inside the expression is
the published one and decides the bits.
"""
from __future__ import division, print_function

import math

import theano.tensor as T

__all__ = [
    'log_normal', 'log_normal1', 'log_normal2', 'log_normal3',
    'log_stdnormal', 'log_bernoulli', 'log_multinomial',
    'log_gumbel_softmax',
    'kl_normal1_stdnormal', 'kl_normal2_stdnormal',
    'kl_normal1_normal1', 'kl_normal2_normal2',
]

#: log of the standard normal density at zero
c = -0.5 * math.log(2 * math.pi)

#: the published safety constant
sf = 1e-5


def log_stdnormal(x):
    """log N(x; 0, 1), element-wise."""
    return c - x ** 2 / 2


def log_normal(x, mean, std, eps=sf):
    """log N(x; mean, (std + eps)^2), element-wise.

    The density of q(y|x), q(z|x, y) and p(x|y, z) under the
    reparameterisation of eq. (16).

    Parameters
    ----------
    x, mean, std : Theano expressions, broadcastable to each other
    eps : float, added to the standard deviation
    """
    sigma = std + eps
    quadratic = (x - mean) ** 2 / (2 * sigma ** 2)
    return c - T.log(T.abs_(sigma)) - quadratic


def log_normal1(x, mean, var, eps=sf):
    """log N(x; mean, var + eps), element-wise, by variance."""
    v = var + eps
    return c - T.log(v) / 2 - (x - mean) ** 2 / (2 * v)


def log_normal2(x, mean, log_var, eps=sf):
    """log N(x; mean, exp(log_var)), element-wise, by log variance.

    ``eps`` is added to twice the variance, in the denominator only.
    """
    twice_var = 2 * T.exp(log_var) + eps
    return c - log_var / 2 - (x - mean) ** 2 / twice_var


def log_normal3(x, mean, invstd, eps=sf):
    """log N(x; mean, invstd^-2), element-wise, by inverse std.

    ``eps`` is accepted for symmetry with the other forms and not used.
    """
    return c + T.log(T.abs_(invstd)) - 0.5 * ((x - mean) * invstd) ** 2


def log_bernoulli(x, p, eps=sf):
    """log B(x; p), element-wise, p held to [eps, 1 - eps].

    Parameters
    ----------
    x : Theano expression, 0 or 1 (or a value between, as a target)
    p : Theano expression, probability of x = 1
    """
    held = T.clip(p, eps, 1.0 - eps)
    return -T.nnet.binary_crossentropy(held, x)


def log_multinomial(x, p, eps=sf):
    """Log-probability of classes: sum_k x_k log(p_k + eps).

    Parameters
    ----------
    x : integer vector (n,) of classes, or matrix (n, k) of probabilities
    p : matrix (n, k) of predicted probabilities

    Returns
    -------
    vector (n,)
    """
    return -T.nnet.categorical_crossentropy(p + eps, x)


def log_gumbel_softmax(y, logits, tau=1):
    """Log-density of the Concrete distribution, summed over the last axis.

    Maddison et al. 2016, eq. (10), with class probabilities in place of the
    unnormalised weights:
    log G(k) + (k - 1) log tau - k log sum_i p_i / y_i^tau
    + sum_i log p_i / y_i^(tau + 1).

    Parameters
    ----------
    y : Theano expression (..., k), a point inside the simplex
    logits : Theano expression (..., k)
    tau : temperature

    Returns
    -------
    Theano expression (...,), float64 where k is a symbolic shape
    """
    dims = logits.shape
    k = dims[-1]
    p = T.nnet.softmax(logits.reshape((-1, k))).reshape(dims)
    log_sum = T.log(T.sum(p / (y ** tau), axis=-1))
    sum_log = T.sum(T.log(p / (y ** (tau + 1))), axis=-1)
    return T.gammaln(k) + (k - 1) * T.log(tau) - k * log_sum + sum_log


def kl_normal1_stdnormal(mean, var, eps=sf):
    """KL(N(mean, var + eps) || N(0, 1)), element-wise."""
    v = var + eps
    return -0.5 * (1 + T.log(v) - mean ** 2 - v)


def kl_normal2_stdnormal(mean, log_var):
    """KL(N(mean, exp(log_var)) || N(0, 1)), element-wise.

    Kingma and Welling 2013, appendix B.
    """
    return -0.5 * (1 + log_var - mean ** 2 - T.exp(log_var))


def kl_normal1_normal1(mean1, var1, mean2, var2, eps=sf):
    """KL(N(mean1, var1 + eps) || N(mean2, var2 + eps)), element-wise."""
    v1, v2 = var1 + eps, var2 + eps
    spread = (v1 + (mean1 - mean2) ** 2) / (2 * v2)
    return 0.5 * T.log(v2 / v1) + spread - 0.5


def kl_normal2_normal2(mean1, log_var1, mean2, log_var2, eps=sf):
    """KL(N(mean1, exp(log_var1)) || N(mean2, exp(log_var2))), element-wise.

    ``eps`` is added to twice the second variance, in the denominator.
    """
    twice_var2 = 2 * T.exp(log_var2) + eps
    spread = (T.exp(log_var1) + (mean1 - mean2) ** 2) / twice_var2
    return 0.5 * log_var2 - 0.5 * log_var1 + spread - 0.5

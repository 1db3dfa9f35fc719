"""Parts of the published bounds: log q of a sample, log p of a value.

Shapes: a density has shape (batch, eq_samples^k, iw_samples^k), where k
counts the sample layers that it has run through.
"""
from __future__ import division, print_function

import theano.tensor as T

from untapped.parmesan.distributions import (log_bernoulli,
                                             log_gumbel_softmax, log_normal)

__all__ = ['log_generative', 'log_recognition', 'logsumexp']


def logsumexp(a, sf=1e-5):
    """Mean over batch and Monte Carlo samples of log mean exp over the last.

    Burda et al. 2015, eq. (8).  The mean over importance samples is inside
    the logarithm, and ``sf`` is added to it.  The order of operations is the
    published one and decides bits, so that this is no call of
    ``log_sum_exp``.

    Parameters
    ----------
    a : (batch, eq_samples, iw_samples)
    """
    top = T.max(a, axis=2, keepdims=True)
    inner = T.mean(T.exp(a - top), axis=2)
    return T.mean(top) + T.mean(T.log(sf + inner))


def _log_density(value, outputs, as_rows):
    """log-density of a value under a network, its flows left out.

    ``as_rows`` brings a parameter into the value's shape.
    """
    if 'l_logits' in outputs:
        return log_gumbel_softmax(value, as_rows(outputs['l_logits']))
    mean = as_rows(outputs['l_mu'])
    if 'l_log_var' in outputs:
        std = as_rows(outputs['l_log_var'])
        return log_normal(value, mean, std).sum(axis=3)
    return log_bernoulli(value, mean).sum(axis=3)


def _log_determinants(outputs, shape):
    """Sum of a network's log-determinants, (batch, eq, iw); None if none."""
    found = [value for name, value in outputs.items() if 'l_nf_' in name]
    if found:
        return sum([value.reshape(shape) for value in found])


def _powers(count, power):
    """Sample counts before and after the last of ``power`` samplings."""
    return count ** (power - 1), count ** power


def log_recognition(outputs, units, eq_samples, iw_samples, power=1):
    """log q of a network's own sample: log q(z0) - log|det|, averaged.

    Parameters
    ----------
    outputs : OrderedDict of the network's key layers' expressions
    units : int, of the network's output
    power : int, the number of sample layers from the data to the sample,
        this network's included

    Returns
    -------
    scalar, see ``logsumexp``
    """
    eq_before, eq = _powers(eq_samples, power)
    iw_before, iw = _powers(iw_samples, power)

    def as_rows(parameter):
        if power == 1:
            return parameter.dimshuffle(0, 'x', 'x', 1)
        before = parameter.reshape((-1, eq_before, iw_before, units))
        return T.tile(before, (1, eq_samples, iw_samples, 1))

    z0 = outputs['l_z'].reshape((-1, eq, iw, units))
    # the published sum starts from 0, and 0 + x is part of its graph
    total = 0 + _log_density(z0, outputs, as_rows)
    log_det = _log_determinants(outputs, (-1, eq, iw))
    if log_det is not None:
        total = total - log_det
    return logsumexp(total)


def log_generative(latents, outputs, value, units, eq_samples, iw_samples,
                   power=1):
    """log p of a given value under a network, with the latents' priors.

    sum_i log p(latent_i) + log p(value0 | latents) - log|det|, where value0
    is the value before the network's flows.

    Parameters
    ----------
    latents : list of (sample, units, prior or None)
    outputs : OrderedDict of the generating network's key layers
    value : (batch, units), the value before the flows
    units : int, of the value
    power : int, the number of sample layers from the data to the network's
        own sample

    Returns
    -------
    scalar, see ``logsumexp``
    """
    eq_before, eq = _powers(eq_samples, power)
    iw_before, iw = _powers(iw_samples, power)

    def as_rows(parameter, width=units):
        if power == 1:
            return parameter.dimshuffle(0, 'x', 'x', 1)
        return parameter.reshape((-1, eq_before, iw_before, width))

    total = 0
    for sample, width, prior in latents:
        if prior is not None:
            log_prior = prior(as_rows(sample, width))
            total += T.tile(log_prior, (1, eq_samples, iw_samples))
    given = value.dimshuffle(0, 'x', 'x', 1)
    log_p = _log_density(given, outputs, as_rows)
    total += T.tile(log_p, (1, eq_samples, iw_samples))
    log_det = _log_determinants(outputs, (-1, eq, iw))
    if log_det is not None:
        total -= log_det
    return logsumexp(total)

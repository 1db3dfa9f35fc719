"""Flows without safety constants, for the paper's own objective.

The maps of ``parmesan.flow`` with log-determinants that are exact: computed
in logarithms, so that none needs a constant to stay finite.  A flow's output
is ``[f(v), log|det df/dv|]``, its inverse as there.  What has no base value,
a point on the border of the support, is held off it by a documented floor.
"""
from __future__ import division, print_function

import functools

import lasagne
import numpy as np
import theano.tensor as T

from untapped.parmesan import flow

__all__ = ['SimplexFlow', 'LogisticFlow', 'SoftplusFlow', 'exact',
           'PART_FLOOR', 'EDGE', 'POSITIVE_FLOOR', 'Z_LIMIT']

#: parts of a given composition are held to at least this: 0.01 %
PART_FLOOR = 1e-4
#: positions in an interval of length 1 are held to [EDGE, 1 - EDGE]
EDGE = 1e-6
#: given values of a positive variable are held to at least this
POSITIVE_FLOOR = 1e-6
#: p(z) = U(-1.5, 1.5), eq. (2)
Z_LIMIT = 1.5


class SimplexFlow(lasagne.layers.Layer):
    """Additive logistic map from R^n to the open n-simplex, eq. (17).

    f(v)_i = exp(v_i) / (1 + sum_j exp(v_j)), all parts but the last.  With
    l = log(1 + sum_j exp(v_j)), log|det| = sum_i v_i - (n + 1) l, which is
    the sum of the logarithms of all n + 1 parts.
    """
    @property
    def inverse(self):
        return [SimplexInverse, None]

    def get_output_for(self, value, **kwargs):
        log_norm = log_sum_with_one(value)
        parts = T.exp(value - log_norm)
        units = self.input_shape[1]
        log_det = T.sum(value, axis=1) - (units + 1.) * log_norm[:, 0]
        return [parts, log_det]


def log_sum_with_one(value):
    """log(1 + sum_j exp(v_j)) over the last axis, which is kept."""
    top = T.maximum(T.max(value, axis=-1, keepdims=True), 0)
    total = T.sum(T.exp(value - top), axis=-1, keepdims=True)
    return top + T.log(T.exp(-top) + total)


class SimplexInverse(flow._InverseLayer):
    """Log-ratios of all parts but the last to the last.

    Every part is held to at least ``PART_FLOOR``.  Scaling the parts to sum
    to 1 again would not change their ratios.
    """
    def get_output_for(self, value, **kwargs):
        last = 1. - T.sum(value, axis=1, keepdims=True)
        return (T.log(T.maximum(value, PART_FLOOR)) -
                T.log(T.maximum(last, PART_FLOOR)))


class LogisticFlow(lasagne.layers.Layer):
    """f(v) = lo + (hi - lo) sigmoid(v), element by element.

    log|det| = sum_i log(hi - lo) + log sigmoid(v_i) + log sigmoid(-v_i).

    Parameters
    ----------
    incoming : Layer of shape (batch, units)
    lo, hi : float, the interval's ends
    """
    def __init__(self, incoming, lo=-Z_LIMIT, hi=Z_LIMIT, **kwargs):
        self.lo, self.hi = float(lo), float(hi)
        super(LogisticFlow, self).__init__(incoming, **kwargs)

    @property
    def inverse(self):
        return [LogisticInverse, (self.lo, self.hi)]

    def get_output_for(self, value, **kwargs):
        length = self.hi - self.lo
        log_slopes = (float(np.log(length)) - T.nnet.softplus(value) -
                      T.nnet.softplus(-value))
        return [self.lo + length * T.nnet.sigmoid(value),
                T.sum(log_slopes, axis=1)]


class LogisticInverse(flow._InverseLayer):
    """Logit of the position in the interval, held to [EDGE, 1 - EDGE]."""

    def get_output_for(self, value, **kwargs):
        lo, hi = self.arg
        position = T.clip((value - lo) / (hi - lo), EDGE, 1 - EDGE)
        return T.log(position) - T.log1p(-position)


class SoftplusFlow(lasagne.layers.Layer):
    """f(v) = log(1 + exp(v)); log|det| = sum_i log sigmoid(v_i)."""

    @property
    def inverse(self):
        return [SoftplusInverse, None]

    def get_output_for(self, value, **kwargs):
        return [T.nnet.softplus(value),
                -T.sum(T.nnet.softplus(-value), axis=1)]


class SoftplusInverse(flow._InverseLayer):
    """x + log(1 - exp(-x)), x held to at least ``POSITIVE_FLOOR``."""

    def get_output_for(self, value, **kwargs):
        held = T.maximum(value, POSITIVE_FLOOR)
        return held + T.log(-T.expm1(-held))


#: published flow -> its exact form; NICE and the planar flow are exact
_EXACT = {
    flow.NormalizingSimplexFlowLayer: SimplexFlow,
    flow.SoftplusFlowLayer: SoftplusFlow,
    flow.LogisticFlowLayer: functools.partial(
        LogisticFlow, lo=-np.pi / 2, hi=np.pi / 2),
}


def exact(flows, of_z=False):
    """The exact forms of an architecture's flows.

    Parameters
    ----------
    flows : list of flow layers' classes
    of_z : bool, the network is of z: a logistic flow then ends on the
        interval of p(z), eq. (2)
    """
    table = dict(_EXACT)
    if of_z:
        table[flow.LogisticFlowLayer] = LogisticFlow
    return [table.get(f, f) for f in flows]

"""Flows without safety constants, for the paper's own objective.

These are the maps of ``parmesan.flow`` with exact log-determinants.  They are
computed in logarithms, so that none needs a constant to stay finite.  A
flow's output is ``[f(v), log|det df/dv|]``; its inverse is as there.  A point
on the border of the support has no base value, and is held off the border by
a documented floor.
"""
from __future__ import division, print_function

import functools

import lasagne
import numpy as np
import theano.tensor as T

from untapped.model.log_sum_exp import log_sum_exp
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
        """[the inverse's class, its argument]."""
        return [SimplexInverse, None]

    def get_output_for(self, value, **kwargs):
        """[f(v), log|det|] of v (batch, units)."""
        log_norm = log_sum_exp(value, zero=True)
        parts = T.exp(value - log_norm)
        units = self.input_shape[1]
        log_det = T.sum(value, axis=1) - (units + 1.) * log_norm[:, 0]
        return [parts, log_det]


class SimplexInverse(flow._InverseLayer):
    """Log-ratios of all parts but the last to the last.

    Every part is held to at least ``PART_FLOOR``.  Scaling the parts to sum
    to 1 again would not change their ratios.
    """
    def get_output_for(self, value, **kwargs):
        """The value before the flow."""
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
        """[the inverse's class, its argument]."""
        return [LogisticInverse, (self.lo, self.hi)]

    def get_output_for(self, value, **kwargs):
        """[f(v), log|det|] of v (batch, units)."""
        length = self.hi - self.lo
        log_slopes = (float(np.log(length)) - T.nnet.softplus(value) -
                      T.nnet.softplus(-value))
        return [self.lo + length * T.nnet.sigmoid(value),
                T.sum(log_slopes, axis=1)]


class LogisticInverse(flow._InverseLayer):
    """Logit of the position in the interval, held to [EDGE, 1 - EDGE]."""

    def get_output_for(self, value, **kwargs):
        """The value before the flow."""
        lo, hi = self.arg
        position = T.clip((value - lo) / (hi - lo), EDGE, 1 - EDGE)
        return T.log(position) - T.log1p(-position)


class SoftplusFlow(lasagne.layers.Layer):
    """f(v) = log(1 + exp(v)); log|det| = sum_i log sigmoid(v_i)."""

    @property
    def inverse(self):
        """[the inverse's class, its argument]."""
        return [SoftplusInverse, None]

    def get_output_for(self, value, **kwargs):
        """[f(v), log|det|] of v (batch, units)."""
        return [T.nnet.softplus(value),
                -T.sum(T.nnet.softplus(-value), axis=1)]


class SoftplusInverse(flow._InverseLayer):
    """x + log(1 - exp(-x)), x held to at least ``POSITIVE_FLOOR``."""

    def get_output_for(self, value, **kwargs):
        """The value before the flow."""
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

"""Invertible maps of random variables, with their log-determinants.

A flow's output is the list ``[f(z), log|det df/dz|]`` of shapes
``(batch, units)`` and ``(batch,)``.  Its attribute ``inverse`` is a pair
``[layer class, argument]`` that builds the layer computing z from f(z), or
None where there is none.  The safety constant ``sf`` and its places are the
published ones: they bias the log-determinants by about 1e-5 and decide bits.

References
----------
Rezende and Mohamed 2015, Variational inference with normalizing flows.
Dinh, Krueger and Bengio 2014, NICE.
Aitchison 1986, The statistical analysis of compositional data (the additive
logistic transformation to the simplex).
"""
from __future__ import division, print_function

import lasagne
import numpy as np
import theano.tensor as T

__all__ = [
    'NormalizingPlanarFlowLayer',
    'NormalizingSimplexFlowLayer', 'NormalizingSimplexFlowLayer_Inverse',
    'LogisticFlowLayer', 'LogisticFlowLayer_Inverse',
    'SoftplusFlowLayer', 'SoftplusFlowLayer_Inverse',
    'IdentityFlowLayer',
    'NICE', 'NICE_Inverse', 'sf',
]

#: the published safety constant
sf = 1e-5


class _InverseLayer(lasagne.layers.Layer):
    """A layer that undoes a flow; ``arg`` is what the flow hands on."""
    def __init__(self, incoming, arg=None, **kwargs):
        self.arg = arg
        super(_InverseLayer, self).__init__(incoming, **kwargs)


class NormalizingPlanarFlowLayer(lasagne.layers.Layer):
    """f(z) = z + u' tanh(w.z + b), Rezende and Mohamed 2015, eq. (10).

    u' is u shifted along w so that w.u' >= -1, which keeps f invertible
    (their appendix A.1); log|1 + u'.psi(z)| is their eq. (12).  There is no
    inverse in closed form, so ``inverse`` is None.

    Parameters
    ----------
    incoming : Layer of shape (batch, units)
    u, w : initialisers of shape (units,)
    b : initialiser of a scalar
    """
    inverse = None

    def __init__(self, incoming, u=lasagne.init.Normal(),
                 w=lasagne.init.Normal(), b=lasagne.init.Constant(0.0),
                 **kwargs):
        super(NormalizingPlanarFlowLayer, self).__init__(incoming, **kwargs)
        units = int(np.prod(self.input_shape[1:]))
        self.u = self.add_param(u, (units,), name='u')
        self.w = self.add_param(w, (units,), name='w')
        self.b = self.add_param(b, tuple(), name='b')

    def get_output_for(self, value, **kwargs):
        u_dot_w = T.dot(self.u, self.w)
        m = -1 + T.nnet.softplus(u_dot_w)
        u_hat = self.u + (m - u_dot_w) * self.w / T.sum(self.w ** 2)
        h = T.tanh(T.dot(value, self.w) + self.b)
        f_z = value + u_hat.dimshuffle('x', 0) * h.dimshuffle(0, 'x')
        psi = T.dot((1 - h ** 2).dimshuffle(0, 'x'),
                    self.w.dimshuffle('x', 0))
        return [f_z, T.log(T.abs_(1 + T.dot(psi, u_hat)))]


class NormalizingSimplexFlowLayer(lasagne.layers.Layer):
    """Additive logistic map from R^n to the open n-simplex, eq. (17).

    f(z)_i = exp(z_i) / (1 + sum_j exp(z_j)): all parts but the last, whose
    logit is 0.  The log-determinant is sum_i log f_i + log(1 - sum_i f_i).
    Exponents are shifted by max(0, max_i z_i) so that none overflows.
    """
    @property
    def inverse(self):
        return [NormalizingSimplexFlowLayer_Inverse, None]

    def get_output_for(self, value, **kwargs):
        top = T.max(value, axis=1, keepdims=True)
        top = T.clip(top, 0, top.max())
        shifted = value - top
        total = T.sum(T.exp(shifted), axis=1, keepdims=True)
        # the last part's logit, 0, is shifted too: exp(0 - top)
        log_norm = T.log(sf + total + T.exp(-top))
        parts = T.exp(shifted - log_norm)
        last = 1 + T.sum(-parts, axis=1)
        log_det = (T.log(sf + T.abs_(last)) +
                   T.sum(T.log(sf + parts), axis=1))
        return [parts, log_det]


class NormalizingSimplexFlowLayer_Inverse(_InverseLayer):
    """Log-ratios of all parts but the last to the last, parts >= 1e-5."""

    def get_output_for(self, value, **kwargs):
        last = 1. - T.sum(value, axis=1, keepdims=True)
        return T.log(T.clip(value, sf, 1.)) - T.log(T.clip(last, sf, 1.))


class LogisticFlowLayer(lasagne.layers.Layer):
    """Element-wise sigmoid from R^n to (lo, hi)^n.

    The published interval is (-pi/2, pi/2); the paper's p(z), eq. (2), is
    uniform on (-1.5, 1.5).

    Parameters
    ----------
    incoming : Layer of shape (batch, units)
    lo, hi : float, the interval's ends
    """
    def __init__(self, incoming, lo=-np.pi / 2, hi=np.pi / 2, **kwargs):
        self.scale, self.offset = hi - lo, lo
        super(LogisticFlowLayer, self).__init__(incoming, **kwargs)

    @property
    def inverse(self):
        return [LogisticFlowLayer_Inverse, (self.scale, self.offset)]

    def get_output_for(self, value, **kwargs):
        s = T.nnet.sigmoid(value)
        f_z = self.scale * s + self.offset
        slopes = self.scale * s * (1. - s)
        return [f_z, T.log(sf + T.prod(slopes, axis=1))]


class LogisticFlowLayer_Inverse(_InverseLayer):
    """Logit of the position in the interval, held to [1e-5, 1 - 1e-5].

    ``arg`` is the pair (scale, offset) of the flow.
    """
    @property
    def scale(self):
        return self.arg[0] if self.arg else 1

    @property
    def offset(self):
        return self.arg[1] if self.arg else 0

    def get_output_for(self, value, **kwargs):
        s = T.clip((value - self.offset) / self.scale, sf, 1. - sf)
        return T.log(s / (1 - s))


class SoftplusFlowLayer(lasagne.layers.Layer):
    """Element-wise log(1 + exp(z)) from R^n to the positive orthant.

    The slope is written exp(z) / (1 + exp(z)) as published; it overflows in
    float32 for z > 88.
    """
    @property
    def inverse(self):
        return [SoftplusFlowLayer_Inverse, None]

    def get_output_for(self, value, **kwargs):
        e = T.exp(value)
        slopes = e / (1 + e)
        log_det = T.log(sf + T.prod(slopes, axis=1))
        return [T.nnet.softplus(value), log_det]


class SoftplusFlowLayer_Inverse(_InverseLayer):
    """log(1e-5 + exp(x) - 1), the difference held to be >= 0."""

    def get_output_for(self, value, **kwargs):
        e = T.exp(value)
        return T.log(sf + T.clip(e - 1, 0, e.max() - 1))


class IdentityFlowLayer(lasagne.layers.Layer):
    """A layer that passes its value on; it is no flow: it has no inverse."""
    inverse = None

    def get_output_for(self, value, **kwargs):
        return value


class NICE(lasagne.layers.Layer):
    """Additive coupling layers, Dinh et al. 2014; volume preserving.

    The value is cut into a first part of ``units // 2`` and a rest; coupling
    layer n adds nonlin(W_n a + b_n) of one part a to the other: the rest
    shifts the first part for even n, the first the rest for odd n.

    Parameters
    ----------
    incoming : Layer of shape (batch, units), units > 1
    nonlin : callable on Theano expressions
    nlayers : int, the number of coupling layers
    """
    def __init__(self, incoming, nonlin=lasagne.nonlinearities.tanh,
                 nlayers=3, **kwargs):
        super(NICE, self).__init__(incoming, **kwargs)
        units = int(np.prod(self.input_shape[1:]))
        if units < 2:
            raise ValueError('NICE couples two parts of its value: expected '
                             'at least 2 units, got %d' % units)
        first, rest = units // 2, units - units // 2
        self.Ws, self.bs = [], []
        for n in range(nlayers):
            sizes = (first, rest) if n % 2 else (rest, first)
            self.Ws.append(self.add_param(
                lasagne.init.GlorotUniform(), sizes, name='W_%d' % n))
            self.bs.append(self.add_param(
                lasagne.init.Constant(0.0), sizes[1:], name='b_%d' % n))
        self.nonlin = nonlin
        self.nlayers = nlayers
        self.inverse = [NICE_Inverse, (nonlin, list(zip(self.Ws, self.bs)))]

    def get_output_for(self, value, **kwargs):
        z = value
        for n, couple in enumerate(zip(self.Ws, self.bs)):
            first, rest = _halves(z)
            shift = _shifts(first, rest, n, couple, self.nonlin)
            z = T.concatenate([first + shift[0], rest + shift[1]], axis=1)
        return [z, 0. * T.sum(value, axis=1)]


class NICE_Inverse(_InverseLayer):
    """The coupling layers of a NICE, undone from the last to the first.

    ``arg`` is the pair (nonlin, [(W_0, b_0), ...]) of the flow.
    """
    def get_output_for(self, value, **kwargs):
        nonlin, couples = self.arg
        z = value
        for n in reversed(range(len(couples))):
            first, rest = _halves(z)
            shift = _shifts(first, rest, n, couples[n], nonlin)
            z = T.concatenate([first - shift[0], rest - shift[1]], axis=1)
        return z


def _halves(z):
    """The columns of z in two parts: the first units // 2, and the rest."""
    width = z.shape[1]
    cut = width // 2
    return T.split(z, [cut, width - cut], 2, axis=1)


def _shifts(first, rest, n, couple, nonlin):
    """What coupling layer n adds to the two parts; one of them is 0."""
    W, b = couple
    source = first if n % 2 else rest
    moved = nonlin(T.dot(source, W) + b.dimshuffle('x', 0))
    return (0, moved) if n % 2 else (moved, 0)

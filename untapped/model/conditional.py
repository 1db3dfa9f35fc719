"""A network as a conditional distribution, with its exact density.

A ``Conditional`` given values of what it depends on is a distribution.  It
can be drawn from.  Its log-density is known at its own samples and at given
values:

=========  =======================================================
family     log-density
=========  =======================================================
Normal     log N(v; mu, sigma^2) - log|det| at v, the value before
           the flows, eqs. (16) and (17)
Bernoulli  sum_i x_i l_i - log(1 + exp(l_i)), logits l
Concrete   Maddison et al. 2016, eq. (10), at temperature 1
=========  =======================================================

No safety constant enters.  Rows: a distribution given (batch, units) has as
many rows; ``spread`` repeats each for several samples, one after another.
"""
from __future__ import division, print_function

import math
from collections import OrderedDict

import lasagne
import theano
import theano.tensor as T

from untapped.model.exact_flows import PART_FLOOR
from untapped.model.log_sum_exp import log_sum_exp
from untapped.parmesan import sample as samples

__all__ = ['Bernoulli', 'Concrete', 'Conditional', 'Normal', 'spread']

#: half the logarithm of 2 pi
HALF_LOG_2_PI = 0.5 * math.log(2 * math.pi)
#: uniform noise of the Concrete distribution is held to this resolution of
#: float32 off 0 and 1, where the Gumbel variable would be infinite
NOISE_EDGE = 2. ** -24


def spread(value, times):
    """Each row ``times`` times; (rows, n) to (rows * times, n)."""
    copies = T.zeros((times,), dtype=value.dtype).dimshuffle('x', 0, 'x')
    wide = value.dimshuffle(0, 'x', 1) + copies
    return wide.reshape((-1, value.shape[1]))


class Conditional(object):
    """A network of the model; ``given`` makes it a distribution.

    Parameters
    ----------
    network : networks.Network
    """
    def __init__(self, network):
        self.network = network
        self.units = network.num_output
        self.family = _family(network)

    def given(self, inputs):
        """The distribution, given values of layers.

        Parameters
        ----------
        inputs : dict from layer to expression (rows, n)
        """
        return self.family.of(self.network, inputs)


def _family(network):
    layer = network.sample_layer
    if isinstance(layer, samples.SampleLayer):
        return Normal
    return Bernoulli if isinstance(layer, samples.BernoulliSampleLayer) \
        else Concrete


def _flow_outputs(network):
    """Layers of the flows' log-determinants, by name."""
    return OrderedDict((name, layer)
                       for name, layer in network.key_layers.items()
                       if name.startswith('l_nf_'))


class _Distribution(object):
    """What the families share: parameters, and the network's flows.

    Parameters
    ----------
    network : Network
    parameters : tuple of expressions (rows, units)
    """
    def __init__(self, network, *parameters):
        self.network = network
        self.parameters = parameters

    @classmethod
    def of(cls, network, inputs):
        """The distribution, given values of layers."""
        layers = [network.key_layers[name] for name in cls.layer_names]
        return cls(network, *lasagne.layers.get_output(layers, inputs=inputs))

    def spread(self, times):
        """The same with each row ``times`` times."""
        return type(self)(self.network,
                          *[spread(p, times) for p in self.parameters])

    def noise(self, streams):
        """Noise for a sample of each row, from the layer's generator."""
        shape = (self.parameters[0].shape[0], self.network.num_output)
        return streams.uniform(shape, dtype=theano.config.floatX)

    def _through_flows(self, base):
        """(value, log|det|) of a value before the flows."""
        net = self.network
        log_dets = list(_flow_outputs(net).values())
        outputs = lasagne.layers.get_output(
            [net.output] + log_dets, inputs={net.sample_layer: base})
        return outputs[0], sum(outputs[1:])

    def _before_flows(self, value):
        net = self.network
        return lasagne.layers.get_output(
            net.base, inputs={net.base_input: value})


class Normal(_Distribution):
    """Diagonal Gaussian of mean and standard deviation, then flows."""
    layer_names = ('l_mu', 'l_log_var')

    def noise(self, streams):
        """Standard normal noise for a sample of each row."""
        shape = [self.parameters[0].shape[0], self.network.num_output]
        return streams.normal(shape, dtype=theano.config.floatX)

    def mean(self):
        """The Gaussian's mean taken through the flows."""
        return self._through_flows(self.parameters[0])[0]

    def draw(self, noise):
        """(sample, its log-density) from standard normal noise."""
        mean, std = self.parameters
        value, log_det = self._through_flows(mean + std * noise)
        return value, self._log_base(noise) - log_det

    def log_density(self, value):
        """Log-density of given values (rows, units); (rows,)."""
        mean, std = self.parameters
        base = self._before_flows(value)
        log_det = self._through_flows(base)[1]
        return self._log_base((base - mean) / std) - log_det

    def _log_base(self, standardised):
        terms = (-HALF_LOG_2_PI - T.log(self.parameters[1]) -
                 T.sqr(standardised) / 2)
        return T.sum(terms, axis=1)


class Bernoulli(_Distribution):
    """Independent zeros and ones; no gradient goes through its samples."""

    @classmethod
    def of(cls, network, inputs):
        """The distribution, given values of layers."""
        # logits in place of the probabilities: log p needs no clipping
        dense = network.key_layers['l_mu']
        below = lasagne.layers.get_output(dense.input_layer, inputs=inputs)
        return cls(network, T.dot(below, dense.W) + dense.b)

    def noise(self, streams):
        """The zeros and ones themselves."""
        p = T.nnet.sigmoid(self.parameters[0])
        return streams.binomial(size=p.shape, p=p, dtype=p.dtype)

    def mean(self):
        """The probability of a one."""
        return T.nnet.sigmoid(self.parameters[0])

    def draw(self, noise):
        """(sample, its log-probability); the noise is the sample."""
        return noise, self.log_density(noise)

    def log_density(self, value):
        """Log-probability of given values (rows, units); (rows,)."""
        logits = self.parameters[0]
        return T.sum(value * logits - T.nnet.softplus(logits), axis=1)


class Concrete(_Distribution):
    """Maddison et al. 2016, at temperature 1, over all parts of y.

    With log-weights a, y = softmax(a + Gumbel noise) and
    log p(y) = log (k-1)! + sum_i (a_i - 2 log y_i)
    - k log sum_i exp(a_i - log y_i).
    """
    layer_names = ('l_logits',)

    def mean(self):
        """softmax(a): the probability of each part to be the largest."""
        return T.exp(_log_softmax(self.parameters[0]))

    def draw(self, noise):
        """(sample, its log-density) from uniform noise."""
        held = T.clip(noise, NOISE_EDGE, 1 - NOISE_EDGE)
        gumbel = -T.log(-T.log(held))
        log_parts = _log_softmax(self.parameters[0] + gumbel)
        return T.exp(log_parts), self._log_density(log_parts)

    def log_density(self, value):
        """Log-density of given values (rows, units); (rows,).

        Parts are held to at least ``PART_FLOOR``, then scaled to sum to 1:
        the density has no value at a one-hot label.
        """
        held = T.maximum(value, PART_FLOOR)
        return self._log_density(
            T.log(held) - T.log(T.sum(held, axis=1, keepdims=True)))

    def _log_density(self, log_parts):
        a = self.parameters[0]
        k = self.network.num_output
        log_sum = log_sum_exp(a - log_parts)[:, 0]
        return (math.lgamma(k) + T.sum(a - 2 * log_parts, axis=1) -
                k * log_sum)


def _log_softmax(value):
    return value - log_sum_exp(value)

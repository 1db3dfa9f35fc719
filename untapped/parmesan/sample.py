"""Layers that draw samples by reparameterisation, eqs. (16) and (17).

Each layer owns the ``Streams`` of its ``seed``, and every call of its
``get_output_for`` without ``deterministic=True`` takes the next stream: the
order and the number of such calls decide the bits.  With
``deterministic=True`` nothing is drawn and the layer outputs its mean (a
Bernoulli layer its mode).

The plain layers output shape ``(batch * eq_samples * iw_samples, units)``:
for each row ``eq_samples`` Monte Carlo samples of the expectation over the
posterior, times ``iw_samples`` importance samples (Burda, Grosse and
Salakhutdinov 2015, eq. (8)), the last index varying fastest.  The simple
layers output one sample a row.
"""
from __future__ import division, print_function

import lasagne
import theano
import theano.tensor as T

from untapped.parmesan.streams import Streams

__all__ = ['SimpleSampleLayer', 'SampleLayer',
           'SimpleBernoulliSampleLayer', 'BernoulliSampleLayer',
           'SimpleConcreteSampleLayer', 'ConcreteSampleLayer']


class _Sampler(object):
    """What all sample layers share: streams from a seed.

    ``default_seed`` and ``default_reseed`` are None here, so that a seed
    must be given; the published names set them (see ``layers``).
    """
    default_seed = None
    default_reseed = None

    def _init_streams(self, seed):
        seed = self.default_seed if seed is None else seed
        if seed is None:
            raise ValueError('seed: expected an integer from 1 to 2147462578 '
                             'for %s, got None' % type(self).__name__)
        self._srng = Streams(seed)

    def seed(self, seed=None):
        """Start the layer's streams anew, those already drawn from too."""
        seed = self.default_reseed if seed is None else seed
        self._srng.seed(int(seed))


class _Importance(_Sampler):
    """Sample layers that repeat each row eq_samples * iw_samples times."""
    def _init_samples(self, eq_samples, iw_samples):
        self.eq_samples, self.iw_samples = eq_samples, iw_samples

    def _sample_shape(self, parameter):
        rows, units = parameter.shape
        return rows, self.eq_samples, self.iw_samples, units

    def _repeated_shape(self, shape):
        rows, units = shape
        factors = (rows, self.eq_samples, self.iw_samples)
        if all(isinstance(f, int) for f in factors):
            return rows * self.eq_samples * self.iw_samples, units
        return None, units


def _spread(parameter):
    """(batch, units) to (batch, 1, 1, units)."""
    return parameter.dimshuffle(0, 'x', 'x', 1)


def _rows(samples, units):
    """(batch, eq, iw, units) to (batch * eq * iw, units)."""
    return samples.reshape((-1, units))


class SimpleSampleLayer(_Sampler, lasagne.layers.MergeLayer):
    """One sample of N(mean, exp(log_var)) a row.

    Parameters
    ----------
    mean, log_var : Layers of shape (batch, units)
    seed : int
    """
    def __init__(self, mean, log_var, seed=None, **kwargs):
        self._init_streams(seed)
        super(SimpleSampleLayer, self).__init__([mean, log_var], **kwargs)

    def get_output_shape_for(self, input_shapes):
        return input_shapes[0]

    def get_output_for(self, inputs, deterministic=False, **kwargs):
        mean, log_var = inputs
        if deterministic:
            return mean
        noise = self._srng.normal(mean.shape, dtype=theano.config.floatX)
        return mean + T.exp(0.5 * log_var) * noise


class SampleLayer(_Importance, lasagne.layers.MergeLayer):
    """Samples of N(mean, nonlinearity(log_var)^2).

    Parameters
    ----------
    mean, log_var : Layers of shape (batch, units)
    eq_samples, iw_samples : int or Theano scalar
    nonlinearity : callable from the second layer's output to the standard
        deviation; by default that output is the log variance
    seed : int
    """
    def __init__(self, mean, log_var, eq_samples=1, iw_samples=1,
                 nonlinearity=lambda v: T.exp(0.5 * v), seed=None, **kwargs):
        self._init_streams(seed)
        self._init_samples(eq_samples, iw_samples)
        self.nonlinearity = nonlinearity
        super(SampleLayer, self).__init__([mean, log_var], **kwargs)

    def get_output_shape_for(self, input_shapes):
        return self._repeated_shape(input_shapes[0])

    def get_output_for(self, inputs, deterministic=False, **kwargs):
        mean, log_var = inputs
        shape = self._sample_shape(mean)
        if deterministic:
            z = _spread(mean) * T.ones(shape)
        else:
            noise = self._srng.normal(list(shape),
                                      dtype=theano.config.floatX)
            z = _spread(mean) + self.nonlinearity(_spread(log_var)) * noise
        return _rows(z, shape[-1])


class SimpleBernoulliSampleLayer(_Sampler, lasagne.layers.Layer):
    """One sample of B(mean) a row; deterministic: 1 where mean >= 0.5.

    Parameters
    ----------
    mean : Layer of shape (batch, units), values in [0, 1]
    seed : int
    """
    def __init__(self, mean, seed=None, **kwargs):
        self._init_streams(seed)
        super(SimpleBernoulliSampleLayer, self).__init__(mean, **kwargs)

    def get_output_for(self, mean, deterministic=False, **kwargs):
        if deterministic:
            return T.switch(mean >= 0.5, T.ones_like(mean),
                            T.zeros_like(mean))
        return self._srng.binomial(size=mean.shape, p=mean, dtype=mean.dtype)


class BernoulliSampleLayer(_Importance, lasagne.layers.Layer):
    """Samples of B(mean); deterministic: 1 where mean >= 0.5.

    Parameters
    ----------
    mean : Layer of shape (batch, units), values in [0, 1]
    eq_samples, iw_samples : int or Theano scalar
    seed : int
    """
    def __init__(self, mean, eq_samples=1, iw_samples=1, seed=None,
                 **kwargs):
        self._init_streams(seed)
        self._init_samples(eq_samples, iw_samples)
        super(BernoulliSampleLayer, self).__init__(mean, **kwargs)

    def get_output_shape_for(self, shape):
        return self._repeated_shape(shape)

    def get_output_for(self, mean, deterministic=False, **kwargs):
        shape = self._sample_shape(mean)
        p = T.repeat(_spread(mean), axis=1, repeats=self.eq_samples)
        p = T.repeat(p, axis=2, repeats=self.iw_samples)
        dtype = theano.config.floatX
        if deterministic:
            x = T.switch(p >= 0.5, T.ones(shape, dtype=dtype),
                         T.zeros(shape, dtype=dtype))
        else:
            x = self._srng.binomial(size=shape, p=p, dtype=dtype)
        return _rows(x, shape[-1])


class SimpleConcreteSampleLayer(_Sampler, lasagne.layers.Layer):
    """One sample of the Concrete distribution at temperature 1 a row.

    Parameters
    ----------
    logits : Layer of shape (batch, units)
    seed : int
    """
    def __init__(self, logits, seed=None, **kwargs):
        self._init_streams(seed)
        super(SimpleConcreteSampleLayer, self).__init__(logits, **kwargs)

    def get_output_for(self, logits, deterministic=False, **kwargs):
        if deterministic:
            return T.nnet.softmax(logits)
        u = self._srng.uniform(logits.shape, dtype=theano.config.floatX)
        return T.nnet.softmax(logits + _gumbel(u, 1e-20))


class ConcreteSampleLayer(_Importance, lasagne.layers.Layer):
    """Samples of the Concrete distribution (Gumbel-softmax), temperature 1.

    Maddison, Mnih and Teh 2016; Jang, Gu and Poole 2016.
    deterministic: softmax(logits).

    Parameters
    ----------
    logits : Layer of shape (batch, units)
    eq_samples, iw_samples : int or Theano scalar
    seed : int
    """
    def __init__(self, logits, eq_samples=1, iw_samples=1, seed=None,
                 **kwargs):
        self._init_streams(seed)
        self._init_samples(eq_samples, iw_samples)
        super(ConcreteSampleLayer, self).__init__(logits, **kwargs)

    def get_output_shape_for(self, shape):
        return self._repeated_shape(shape)

    def get_output_for(self, logits, deterministic=False, **kwargs):
        shape = self._sample_shape(logits)
        if deterministic:
            p = T.nnet.softmax(logits)
            return _rows(_spread(p) * T.ones(shape), shape[-1])
        u = self._srng.uniform(shape, dtype=theano.config.floatX)
        scores = _spread(logits) + _gumbel(u, 1e-4)
        # the division by the temperature is the published graph's
        return T.nnet.softmax(_rows(scores, shape[-1]) / 1)


def _gumbel(u, eps):
    """A standard Gumbel variable from a uniform one, held off 0 by eps."""
    return -T.log(-T.log(u + eps) + eps)

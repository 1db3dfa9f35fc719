"""Networks, their densities and flows, and losses."""
from __future__ import division, print_function

import math

import numpy as np
from scipy.special import gammaln

from given_noise import normal, uniform

NONLINEARITIES = {
    'tanh': np.tanh, 'softplus': lambda a: np.log1p(np.exp(a)),
    'sigmoid': lambda a: 1 / (1 + np.exp(-a)), 'linear': lambda a: a,
    'rectify': lambda a: np.maximum(a, 0)}
softplus, sigmoid = (NONLINEARITIES[n] for n in ('softplus', 'sigmoid'))


class Net(object):
    """A network: ``about`` has hidden, nonlin, sample, flows (by name),
    num_output, batch_norm, and the interval of a logistic flow."""

    def __init__(self, name, about, params):
        self.about, self.units = about, about['num_output']
        self.flows = about['flows']
        self.p = dict((key[len(name) + 1:], value)
                      for key, value in params.items()
                      if key.startswith(name + ' '))

    def parameters(self, *inputs):
        """(mean, standard deviation), or the logits of zeros and ones or of
        classes."""
        a = np.concatenate(inputs, axis=1)
        for n in range(len(self.about['hidden'])):
            a = a.dot(self.p['l_%d.W' % n])
            if self.about.get('batch_norm'):
                a = (a - a.mean(axis=0)) / np.sqrt(a.var(axis=0) + 1e-10)
                a = (a * self.p['l_%d_scale.gamma' % n] +
                     self.p['l_%d_scale.beta' % n])
            else:
                a = a + self.p['l_%d.b' % n]
            a = NONLINEARITIES[self.about['nonlin']](a)

        def dense(layer):
            return a.dot(self.p[layer + '.W']) + self.p[layer + '.b']

        if self.about['sample'] == 'normal':
            return dense('l_mu'), softplus(dense('l_log_var'))
        return (dense('l_logits' if self.about['sample'] == 'concrete'
                      else 'l_mu'),)

    # flows, each with its inverse

    def _nice_shift(self, n, layer, first, rest):
        source = first if layer % 2 else rest
        return np.tanh(source.dot(self.p['l_nf_%d.W_%d' % (n, layer)]) +
                       self.p['l_nf_%d.b_%d' % (n, layer)])

    def _nice(self, n, v, sign):
        cut = v.shape[1] // 2
        first, rest = v[:, :cut], v[:, cut:]
        for layer in (range(3) if sign > 0 else reversed(range(3))):
            shift = self._nice_shift(n, layer, first, rest)
            if layer % 2:
                rest = rest + sign * shift
            else:
                first = first + sign * shift
        return np.concatenate([first, rest], axis=1)

    def _planar(self, n, v):
        u, w, b = (self.p['l_nf_%d.%s' % (n, k)] for k in 'uwb')
        dot = u.dot(w)
        u = u + (np.log1p(np.exp(dot)) - 1 - dot) * w / w.dot(w)
        return v + np.tanh(v.dot(w) + b)[:, None] * u

    def forward(self, v):
        """Through all flows."""
        for n, kind in enumerate(self.flows):
            v = self.flow(n, kind, v)
        return v

    def flow(self, n, kind, v):
        """Through flow n."""
        if kind == 'simplex':
            e = np.exp(v)
            return e / (1 + e.sum(axis=1, keepdims=True))
        if kind == 'logistic':
            lo, hi = self.about['interval']
            return lo + (hi - lo) * sigmoid(v)
        if kind == 'softplus':
            return softplus(v)
        if kind == 'nice':
            return self._nice(n, v, 1)
        return self._planar(n, v)

    def back(self, n, kind, value):
        """(value before flow n, log|det| of the flow there)."""
        if kind == 'simplex':
            last = 1 - value.sum(axis=1, keepdims=True)
            parts = np.concatenate([value, last], axis=1)
            # the Jacobian's determinant is the product of all parts
            return (np.log(value / last), np.log(parts).sum(axis=1))
        if kind == 'logistic':
            lo, hi = self.about['interval']
            slope = (value - lo) * (hi - value) / (hi - lo)
            return (np.log((value - lo) / (hi - value)),
                    np.log(slope).sum(axis=1))
        if kind == 'softplus':
            # 1 - exp(-x) is the slope where softplus is x
            return (np.log(np.expm1(value)),
                    np.log(-np.expm1(-value)).sum(axis=1))
        assert kind == 'nice'
        return self._nice(n, value, -1), np.zeros(len(value))

    def log_density(self, value, parameters):
        """Log-density at a point of the support."""
        if self.about['sample'] == 'bernoulli':
            p = sigmoid(parameters[0])
            return np.log(np.where(value > .5, p, 1 - p)).sum(axis=1)
        if self.about['sample'] == 'concrete':
            return concrete(value, np.exp(parameters[0]))
        total = 0.
        for n in reversed(range(len(self.flows))):
            value, log_det = self.back(n, self.flows[n], value)
            total = total - log_det
        mean, std = parameters
        return total + gauss(value, mean, std).sum(axis=1)

    def sample(self, label, parameters):
        """(sample, its log-density) from the noise behind the label."""
        first = parameters[0]
        if self.about['sample'] == 'bernoulli':
            value = 1. * (uniform(label, first.shape) < sigmoid(first))
        elif self.about['sample'] == 'concrete':
            gumbel = -np.log(-np.log(uniform(label, first.shape)))
            e = np.exp(first + gumbel)
            value = e / e.sum(axis=1, keepdims=True)
        else:
            base = first + parameters[1] * normal(label, first.shape)
            value = self.forward(base)
            if 'planar' in self.flows:
                return value, self._by_jacobian(base, parameters)
        return value, self.log_density(value, parameters)

    def _by_jacobian(self, base, parameters):
        """Log-density of forward(base): no inverse is needed."""
        step, units = 1e-5, base.shape[1]
        columns = [(self.forward(base + step * e) -
                    self.forward(base - step * e)) / (2 * step)
                   for e in np.eye(units)]
        log_det = np.linalg.slogdet(np.stack(columns, axis=2))[1]
        return gauss(base, *parameters).sum(axis=1) - log_det

    def mean(self, parameters):
        if self.about['sample'] == 'bernoulli':
            return sigmoid(parameters[0])
        if self.about['sample'] == 'concrete':
            e = np.exp(parameters[0])
            return e / e.sum(axis=1, keepdims=True)
        return self.forward(parameters[0])


def gauss(v, mean, std):
    """log N(v; mean, std^2)"""
    return (-.5 * math.log(2 * math.pi) - np.log(std) -
            (v - mean) ** 2 / (2 * std ** 2))


def concrete(y, weights):
    """Maddison et al. 2016, definition 1, at temperature 1."""
    k = y.shape[1]
    return (gammaln(k) + np.log(weights / y ** 2).sum(axis=1) -
            k * np.log((weights / y).sum(axis=1)))


def L2(predicted, actual):
    return np.sqrt(((predicted - actual) ** 2).sum(axis=-1))


def KL(predicted, actual):
    """Of points that carry all parts but the last; 0 log 0 = 0."""
    parts = [np.concatenate([v, 1 - v.sum(axis=-1)[..., None]], axis=-1)
             for v in (actual, predicted)]
    return KL_all_parts(parts[1], parts[0])


def KL_all_parts(predicted, actual):
    held = np.where(actual > 0, actual, 1)
    return (actual * (np.log(held) - np.log(predicted))).sum(axis=-1)

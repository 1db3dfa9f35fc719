"""The terms of the joint objective J, eq. (15), as Theano expressions.

A term is to be minimised.  The recorded names are the published ones:
``M2_x`` is minus the bound on log p(x), ``..._rec_...`` the recognition
part, log q, ``..._gen_...`` the generative part, log p; ``sup`` marks
labelled pairs, ``dis`` the discriminative losses.  ``TERMS`` says what each
is.  The terms follow the published code, which leaves out parts of the
paper's bounds (docs/model.md lists them).

Shapes: a term's pieces have shape (batch, eq_samples^k, iw_samples^k), where
k counts the sample layers that the piece has run through.
"""
from __future__ import division, print_function

from collections import OrderedDict

import lasagne
import theano.tensor as T

from untapped.parmesan.distributions import (log_bernoulli, log_gumbel_softmax,
                                             log_normal)

__all__ = ['Bounds', 'Symbols', 'TERMS', 'RECONSTRUCTION_TERMS',
           'term_names', 'logsumexp', 'log_recognition', 'log_generative',
           'supervised_loss']

#: (label, equation) of each recorded quantity
TERMS = OrderedDict([
    ('train', ('objective J on training minibatches', 'eq. (15)')),
    ('eval', ('objective J on validation data', 'eq. (15)')),
    ('M2_x_sup_dis', ('y-discriminative loss of x', 'eq. (13)')),
    ('M2_y_sup_dis', ('x-discriminative loss of y, z', 'eq. (14)')),
    ('M2_x_sup', ('- labelled bound, forward', 'eq. (7)')),
    ('M2_x_sup_rec_z2_sup', ('  log q(z|x,y)', 'eq. (7)')),
    ('M2_x_sup_gen_z1_sup', ('  log p(x|y,z) + log p(z)', 'eq. (7)')),
    ('M2_y_sup', ('- labelled bound, reverse', 'eq. (9)')),
    ('M2_y_sup_gen_y_sup', ('  log q(y|x) + log q(x)', 'eq. (9)')),
    ('M2_x', ('- unlabelled bound on log p(x)', 'eq. (8)')),
    ('M2_x_rec_y', ('  log q(y|x)', 'eq. (8)')),
    ('M2_x_rec_z2', ('  log q(z|x,y)', 'eq. (8)')),
    ('M2_x_gen_z1', ('  log p(x|y,z) + log p(y) + log p(z)', 'eq. (8)')),
    ('M2_y', ('- unfeatured bound on log q(y,z)', 'eq. (20)')),
    ('M2_y_rec_z1', ('  log p(x|y,z)', 'eq. (20)')),
    ('M2_y_gen_y', ('  log q(y|x) + log q(x)', 'eq. (20)')),
    ('M1_x_sup_dis', ('y-discriminative loss of x', 'eq. (13)')),
    ('M1_y_sup_dis', ('x-discriminative loss of y', 'eq. (14)')),
    ('M1_x_sup', ('- labelled bound, forward', 'M1')),
    ('M1_x_sup_gen_x_sup', ('  log p(x|y)', 'M1')),
    ('M1_y_sup', ('- labelled bound, reverse', 'M1')),
    ('M1_y_sup_gen_y_sup', ('  log q(y|x)', 'M1')),
    ('M1_x', ('- unlabelled bound on log p(x)', 'M1')),
    ('M1_x_rec_y', ('  log q(y|x)', 'M1')),
    ('M1_x_gen_x', ('  log p(x|y) + log p(y)', 'M1')),
    ('M1_y', ('- unfeatured bound on log q(y)', 'M1')),
    ('M1_y_rec_x', ('  log p(x|y)', 'M1')),
    ('M1_y_gen_y', ('  log q(y|x) + log q(x)', 'M1')),
])

#: what the same names stand for in the reconstruction objective
RECONSTRUCTION_TERMS = OrderedDict(TERMS)
RECONSTRUCTION_TERMS.update(
    (model + name, (label, 'reconstruction'))
    for model in ('M1_', 'M2_')
    for name, label in (('x', 'error of x inferred and generated again'),
                        ('y', 'error of y generated and inferred again')))

#: terms of each model and objective, in the published order
_NAMES = {
    ('M1', True): ('M1_x_rec_y', 'M1_x_gen_x', 'M1_x', 'M1_y_rec_x',
                   'M1_y_gen_y', 'M1_y', 'M1_x_sup_gen_x_sup', 'M1_x_sup',
                   'M1_y_sup_gen_y_sup', 'M1_y_sup', 'M1_x_sup_dis',
                   'M1_y_sup_dis'),
    ('M2', True): ('M2_x_rec_y', 'M2_x_rec_z2', 'M2_x_gen_z1', 'M2_x',
                   'M2_y_rec_z1', 'M2_y_gen_y', 'M2_y',
                   'M2_x_sup_rec_z2_sup', 'M2_x_sup_gen_z1_sup', 'M2_x_sup',
                   'M2_y_sup_gen_y_sup', 'M2_y_sup', 'M2_x_sup_dis',
                   'M2_y_sup_dis'),
    ('M1', False): ('M1_x', 'M1_y', 'M1_x_sup', 'M1_y_sup', 'M1_x_sup_dis',
                    'M1_y_sup_dis'),
    ('M2', False): ('M2_x', 'M2_y', 'M2_x_sup', 'M2_y_sup', 'M2_x_sup_dis',
                    'M2_y_sup_dis'),
}


def term_names(model_type, variational):
    """The terms of a model in the published order.

    M1+M2 takes only the bound on log p(x) from M1, and its parts as far as
    the published code keeps them.
    """
    names = []
    if model_type in (0, 2):
        m1 = _NAMES['M1', variational]
        names += [n for n in m1 if model_type == 0 or
                  not ('y' in n or 'sup' in n)]
    if model_type in (1, 2):
        names += _NAMES['M2', variational]
    return names


class Symbols(object):
    """The model's symbolic inputs.

    x, y, z1, z2 : matrices of unlabelled x, unfeatured y and their z
    x_sup, y_sup : matrices of labelled pairs
    eq_samples, iw_samples : int32 scalars, Monte Carlo and importance
        samples
    lr : float scalar, the learning rate
    """
    def __init__(self):
        for name in ('x', 'y', 'z1', 'z2', 'x_sup', 'y_sup'):
            setattr(self, name, T.matrix(name))
        self.eq_samples = T.iscalar('eq_samples')
        self.iw_samples = T.iscalar('iw_samples')
        self.lr = T.scalar('lr')


def logsumexp(a, sf=1e-5):
    """Mean over batch and Monte Carlo samples of log mean exp over the last.

    Burda et al. 2015, eq. (8): a has shape (batch, eq_samples, iw_samples),
    the mean over importance samples is inside the logarithm.  ``sf`` is
    added to that mean.
    """
    top = T.max(a, axis=2, keepdims=True)
    inner = T.mean(T.exp(a - top), axis=2)
    return T.mean(top) + T.mean(T.log(sf + inner))


def supervised_loss(predicted, actual, units, eq_samples, iw_samples, loss):
    """Mean loss between samples and what they should be.

    Parameters
    ----------
    predicted : (batch * eq_samples * iw_samples, units)
    actual : (batch, units)
    loss : see ``losses``; None is no loss: 0
    """
    target = actual.dimshuffle(0, 'x', 'x', 1)
    if loss is None:
        return T.mean(T.mean(0. * target, axis=3))
    samples = predicted.reshape((-1, eq_samples, iw_samples, units))
    return T.mean(loss(samples, target))


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


class Bounds(object):
    """Every term of a model, built when first asked for.

    Parameters
    ----------
    networks : Networks
    symbols : Symbols
    passes : Passes
    loss_x, loss_y : losses of generated x and predicted y, or None
    prior_x, prior_y, prior_z1, prior_z2 : callables or None (uniform)
    """
    def __init__(self, networks, symbols, passes, loss_x=None, loss_y=None,
                 prior_x=None, prior_y=None, prior_z1=None, prior_z2=None):
        self.model_type = networks.model_type
        self._models = {}
        if self.model_type in (0, 2):
            self._models['M1'] = _M1(
                networks, symbols, passes, loss_x, loss_y,
                {'x': prior_x, 'z1': prior_z1})
        if self.model_type in (1, 2):
            # what M2 generates is x itself, or M1's latent
            prior_xz1 = prior_x if self.model_type == 1 else prior_z1
            self._models['M2'] = _M2(
                networks, symbols, passes, loss_x, loss_y,
                {'z1': prior_xz1, 'y': prior_y, 'z2': prior_z2})

    def term(self, name, variational):
        """The term's scalar expression."""
        return self._models[name[:2]].term(name[3:], variational)

    def total(self, kind, variational):
        """A kind of term, summed over M1 and M2 where both have it.

        kind : 'x', 'y', 'x_sup', 'y_sup', 'x_sup_dis' or 'y_sup_dis'
        """
        names = ['M2_' + kind] if 'M2' in self._models else ['M1_' + kind]
        if kind == 'x' and self.model_type == 2:
            names.insert(0, 'M1_x')
        return T.sum([self.term(name, variational) for name in names])


class _Model(object):
    """What M1 and M2 share: passes and terms are built once and kept."""
    prefix = None

    def __init__(self, networks, symbols, passes, loss_x, loss_y, priors):
        self.networks = networks
        self.sym = symbols
        self.samples = (symbols.eq_samples, symbols.iw_samples)
        self.loss_x, self.loss_y = loss_x, loss_y
        self.priors = priors
        self._passes = passes
        self._kept = {}

    def term(self, name, variational):
        key = ('term', name, variational)
        if key not in self._kept:
            build = self.variational if variational else self.reconstruction
            self._kept[key] = build(name)
        return self._kept[key]

    def reconstruction(self, name):
        """A term of the objective of means, which draws nothing."""
        if name in ('x', 'y'):
            return self.reconstruction_error(name)
        if name.endswith('sup_dis'):
            return self.discriminative(name, True)
        # counted already as the discriminative losses: published as zeros
        other = 'y_sup_dis' if name == 'x_sup' else 'x_sup_dis'
        return 0 * self.term(other, False)

    def run(self, label, inputs, det):
        """A pass of the table in ``draws``; built once."""
        key = (label, det)
        if key not in self._kept:
            target = label.split()[-1]
            self._kept[key] = self._passes.run(
                (self.prefix, label), target, inputs, det)
        return self._kept[key]

    def tiled(self, value):
        """Copies of the rows, one block a sample, as published."""
        eq, iw = self.samples
        return T.tile(value, (eq * iw, 1))

    def before_flows(self, network, value):
        """The value that the network's flows take to the given one."""
        net = self.networks[network]
        net.require_inverse(network)
        return lasagne.layers.get_output(
            net.base, inputs={net.base_input: value}, deterministic=True)

    def units(self, network):
        return self.networks[network].num_output

    def loss(self, network, outputs, actual, power, loss):
        """Loss of a network's output after ``power`` sample layers."""
        eq, iw = self.samples
        return supervised_loss(
            outputs[self.networks[network].output_name], actual,
            self.units(network), eq ** power, iw ** power, loss)

    def recognition(self, network, outputs, power):
        eq, iw = self.samples
        return log_recognition(outputs, self.units(network), eq, iw, power)

    def generative(self, latents, network, outputs, value, power):
        eq, iw = self.samples
        return log_generative(latents, outputs, value, self.units(network),
                              eq, iw, power)


class _M1(_Model):
    """M1 of Kingma et al. 2014: p(x|z1), q(z1|x), with z1 in y's place."""
    prefix = 'M1'

    def forward(self, det):
        """(x -> z1, z1 -> x) of unlabelled x."""
        given = {'x': self.sym.x}
        return (self.run('x: x->z1', given, det),
                self.run('x: z1->_x', given, det))

    def reverse(self, det):
        """(y -> x, x -> y) of unfeatured y."""
        generated = self.run('y: z1->_x', {'z1': self.sym.y}, det)
        x = generated['l_sample']
        return generated, self.run('y: x->z1', {'x': x}, det)

    def labelled(self, det):
        """(x -> y, y -> x) of labelled pairs."""
        return (self.run('sup: x->z1', {'x': self.sym.x_sup}, det),
                self.run('sup: z1->_x', {'z1': self.sym.y_sup}, det))

    def discriminative(self, name, det):
        predicted, generated = self.labelled(det)
        if name == 'x_sup_dis':
            return self.loss('x->z1', predicted, self.sym.y_sup, 1,
                             self.loss_y)
        return self.loss('z1->_x', generated, self.sym.x_sup, 1, self.loss_x)

    def variational(self, name):
        if name in ('x', 'y'):
            first, last = (('x_rec_y', 'x_gen_x') if name == 'x' else
                           ('y_rec_x', 'y_gen_y'))
            return self.term(first, True) - self.term(last, True)
        if name in ('x_sup', 'y_sup'):
            part = 'x_sup_gen_x_sup' if name == 'x_sup' else \
                'y_sup_gen_y_sup'
            return -self.term(part, True)
        if name.endswith('sup_dis'):
            return self.discriminative(name, False)
        if name == 'x_rec_y':
            return self.recognition('x->z1', self.forward(False)[0], 1)
        if name == 'y_rec_x':
            return self.recognition('z1->_x', self.reverse(False)[0], 1)
        return self._generative_part(name)

    def _generative_part(self, name):
        sym = self.sym
        if name == 'x_gen_x':
            encoded, decoded = self.forward(False)
            latent = (encoded['l_sample'], self.units('x->z1'),
                      self.priors['z1'])
            return self.generative([latent], 'z1->_x', decoded,
                                   self.before_flows('z1->_x', sym.x), 2)
        if name == 'y_gen_y':
            generated, recognised = self.reverse(False)
            latent = (generated['l_sample'], self.units('z1->_x'),
                      self.priors['x'])
            return self.generative([latent], 'x->z1', recognised,
                                   self.before_flows('x->z1', sym.y), 2)
        predicted, generated = self.labelled(False)
        if name == 'x_sup_gen_x_sup':
            return self.generative([], 'z1->_x', generated,
                                   self.before_flows('z1->_x', sym.x_sup), 1)
        return self.generative([], 'x->z1', predicted,
                               self.before_flows('x->z1', sym.y_sup), 1)

    def reconstruction_error(self, name):
        if name == 'x':
            return self.loss('z1->_x', self.forward(True)[1], self.sym.x, 2,
                             self.loss_x)
        return self.loss('x->z1', self.reverse(True)[1], self.sym.y, 2,
                         self.loss_y)


class _M2(_Model):
    """The paper's model; z1 is x, or M1's latent in M1+M2."""
    prefix = 'M2'

    def __init__(self, networks, *args):
        super(_M2, self).__init__(networks, *args)
        self.stacked = networks.model_type == 2

    def z1_of(self, x):
        """Mean z1 of the symbol x or x_sup: the symbol itself in M2.

        One expression serves all terms: in M1+M2 gradients flow through it,
        and the order in which they are added decides bits.
        """
        key = ('mean z1', x)
        if key not in self._kept:
            layers = self.networks.layers
            self._kept[key] = lasagne.layers.get_output(
                layers['z1'], inputs={layers['x']: x}, deterministic=True)
        return self._kept[key]

    def forward(self, det):
        """(x -> y, x, y -> z2, y, z2 -> z1) of unlabelled x."""
        given = {'x': self.sym.x}
        y_out = self.run('x: z1->y', given, det)
        z1 = self.tiled(self.run('x: z1', given, det))
        y = y_out['l_sample']
        z2_out = self.run('x: z1y->z2', {'z1': z1, 'y': y}, det)
        z1_out = self.run('x: yz2->_z1', {
            'y': self.tiled(y), 'z2': z2_out['l_sample']}, det)
        return y_out, z2_out, z1_out

    def reverse(self, det):
        """(y, z2 -> z1, z1 -> y) of unfeatured y with observed z2."""
        given = {'y': self.sym.y, 'z2': self.sym.z2}
        z1_out = self.run('y: yz2->_z1', given, det)
        y_out = self.run('y: z1->y', {'z1': z1_out['l_sample']}, det)
        return z1_out, y_out

    def labelled_y(self, det):
        """x -> y of labelled pairs."""
        return self.run('sup: z1->y', {'x': self.sym.x_sup}, det)

    def labelled_z1(self, det):
        """(x, y -> z2, y, z2 -> z1) of labelled pairs."""
        z1 = self.run('sup: z1', {'x': self.sym.x_sup}, det)
        y = self.sym.y_sup
        if self.stacked:
            y = self.tiled(y)
        z2_out = self.run('sup: z1y->z2', {'z1': z1, 'y': y}, det)
        z1_out = self.run('sup: yz2->_z1', {
            'z2': z2_out['l_sample'], 'y': self.tiled(y)}, det)
        return z2_out, z1_out

    def discriminative(self, name, det):
        if name == 'x_sup_dis':
            return self.loss('z1->y', self.labelled_y(det), self.sym.y_sup,
                             1 + self.stacked, self.loss_y)
        return self.loss('yz2->_z1', self.labelled_z1(det)[1],
                         self.z1_of(self.sym.x_sup), 2, self.loss_x)

    def variational(self, name):
        if name == 'x':
            return (self.term('x_rec_y', True) +
                    self.term('x_rec_z2', True) -
                    self.term('x_gen_z1', True))
        if name == 'y':
            return self.term('y_rec_z1', True) - self.term('y_gen_y', True)
        if name == 'x_sup':
            return (self.term('x_sup_rec_z2_sup', True) -
                    self.term('x_sup_gen_z1_sup', True))
        if name == 'y_sup':
            return -self.term('y_sup_gen_y_sup', True)
        if name.endswith('sup_dis'):
            return self.discriminative(name, False)
        if '_rec_' in name:
            return self._recognition_part(name)
        return self._generative_part(name)

    def _recognition_part(self, name):
        if name == 'x_rec_y':
            return self.recognition('z1->y', self.forward(False)[0], 1)
        if name == 'x_rec_z2':
            return self.recognition('z1y->z2', self.forward(False)[1],
                                    2 + self.stacked)
        if name == 'y_rec_z1':
            return self.recognition('yz2->_z1', self.reverse(False)[0], 1)
        return self.recognition('z1y->z2', self.labelled_z1(False)[0],
                                1 + self.stacked)

    def _generative_part(self, name):
        sym, priors = self.sym, self.priors
        if name == 'x_gen_z1':
            y_out, z2_out, z1_out = self.forward(False)
            latents = [
                (self.tiled(y_out['l_sample']), self.units('z1->y'),
                 priors['y']),
                (z2_out['l_sample'], self.units('z1y->z2'), priors['z2'])]
            value = self.before_flows('yz2->_z1', self.z1_of(sym.x))
            return self.generative(latents, 'yz2->_z1', z1_out, value, 3)
        if name == 'y_gen_y':
            z1_out, y_out = self.reverse(False)
            latent = (z1_out['l_sample'], self.units('yz2->_z1'),
                      priors['z1'])
            return self.generative([latent], 'z1->y', y_out,
                                   self.before_flows('z1->y', sym.y), 2)
        if name == 'y_sup_gen_y_sup':
            z1 = self.run('sup: prior z1', {'x': sym.x_sup}, False)
            latent = (z1 * T.ones_like(z1), self.units('yz2->_z1'),
                      priors['z1'])
            return self.generative([latent], 'z1->y', self.labelled_y(False),
                                   self.before_flows('z1->y', sym.y_sup),
                                   1 + self.stacked)
        z2_out, z1_out = self.labelled_z1(False)
        latent = (z2_out['l_sample'], self.units('z1y->z2'), priors['z2'])
        value = self.before_flows('yz2->_z1', self.z1_of(sym.x_sup))
        return self.generative([latent], 'yz2->_z1', z1_out, value, 2)

    def reconstruction_error(self, name):
        if name == 'x':
            return self.loss('yz2->_z1', self.forward(True)[2],
                             self.z1_of(self.sym.x), 3, self.loss_x)
        return self.loss('z1->y', self.reverse(True)[1], self.sym.y, 2,
                         self.loss_y)

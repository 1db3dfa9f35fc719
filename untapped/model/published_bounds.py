"""The terms of J, eq. (15), as the published code has them.

A term is to be minimised: minus a bound, or a loss.  ``terms.published``
names them all.  The published code leaves out parts of the paper's bounds;
docs/model.md lists them.  Equations (8), (20), (7) and (9) are the methods
of ``M2`` with these numbers in their names.
"""
from __future__ import division, print_function

from collections import OrderedDict

import lasagne
import theano.tensor as T

from untapped.model import terms
from untapped.model.losses import supervised_loss
from untapped.model.published_densities import (log_generative,
                                                log_recognition)

__all__ = ['M1', 'M2', 'PublishedBounds']


class PublishedBounds(object):
    """Every term of a model, built when first asked for.

    Parameters
    ----------
    networks : Networks
    symbols : Symbols
    passes : Passes
    losses : (loss of generated x, loss of predicted y), or None for either
    priors : dict from 'x', 'y', 'z1', 'z2' to a log-density or None
        (uniform)
    """
    def __init__(self, networks, symbols, passes, losses, priors):
        self.model_type = networks.model_type
        self._models = OrderedDict()
        given = networks, symbols, passes, losses
        if self.model_type in (0, 2):
            self._models['M1'] = M1(*given, priors={
                'x': priors['x'], 'z1': priors['z1']})
        if self.model_type in (1, 2):
            # what M2 generates is x itself, or M1's latent
            z1 = priors['x' if self.model_type == 1 else 'z1']
            self._models['M2'] = M2(*given, priors={
                'z1': z1, 'y': priors['y'], 'z2': priors['z2']})

    def term(self, term, variational):
        """The scalar expression of a ``terms.Term``."""
        return self._models[term.model].term(term.kind, term.part,
                                             variational)

    def total(self, kind, variational):
        """A kind of term, summed over M1 and M2 where both have it."""
        found = [term for term in terms.published(self.model_type,
                                                  variational)
                 if term.kind == kind and term.part is None]
        return T.sum([self.term(term, variational) for term in found])


class _Model(object):
    """What M1 and M2 share: passes and terms are built once and kept."""
    name = None

    def __init__(self, networks, symbols, passes, losses, priors):
        self.networks = networks
        self.sym = symbols
        self.samples = (symbols.eq_samples, symbols.iw_samples)
        self.loss_x, self.loss_y = losses
        self.priors = priors
        self._passes = passes
        self._kept = {}

    def term(self, kind, part, variational):
        """A term, or a part of a bound; a scalar."""
        key = ('term', kind, part, variational)
        if key not in self._kept:
            self._kept[key] = (self._variational(kind, part) if variational
                               else self._reconstruction(kind))
        return self._kept[key]

    def part(self, kind, part):
        """A part of a bound."""
        return self.term(kind, part, True)

    def _variational(self, kind, part):
        if kind in ('x_sup_dis', 'y_sup_dis'):
            return self.discriminative(kind, False)
        return self.bounds()[kind, part]()

    def _reconstruction(self, kind):
        """A term of the objective of means, which draws nothing."""
        if kind in ('x', 'y'):
            return self.reconstruction_error(kind)
        if kind in ('x_sup_dis', 'y_sup_dis'):
            return self.discriminative(kind, True)
        # counted already as the discriminative losses: published as zeros
        other = 'y_sup_dis' if kind == 'x_sup' else 'x_sup_dis'
        return 0 * self.term(other, None, False)

    def run(self, label, inputs, det):
        """A pass of the tables in ``passes``; built once."""
        key = (label, det)
        if key not in self._kept:
            target = label.split()[-1]
            self._kept[key] = self._passes.run(
                (self.name, label), target, inputs, det)
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
        """Units of a network's output."""
        return self.networks[network].num_output

    def loss(self, network, outputs, actual, power, loss):
        """Loss of a network's output after ``power`` sample layers."""
        eq, iw = self.samples
        return supervised_loss(
            outputs[self.networks[network].output_name], actual,
            self.units(network), eq ** power, iw ** power, loss)

    def recognition(self, network, outputs, power):
        """log q of a network's own sample, see ``log_recognition``."""
        eq, iw = self.samples
        return log_recognition(outputs, self.units(network), eq, iw, power)

    def generative(self, latents, network, outputs, value, power):
        """log p of a value under a network, see ``log_generative``."""
        eq, iw = self.samples
        before = self.before_flows(network, value)
        return log_generative(latents, outputs, before, self.units(network),
                              eq, iw, power)


class M1(_Model):
    """M1 of Kingma et al. 2014: p(x|z1), q(z1|x), with z1 in y's place."""
    name = 'M1'

    def bounds(self):
        """(kind, part) -> what builds it."""
        return {
            ('x', None): self.unlabelled, ('x', 'rec_y'): self._x_rec_y,
            ('x', 'gen_x'): self._x_gen_x,
            ('y', None): self.unfeatured, ('y', 'rec_x'): self._y_rec_x,
            ('y', 'gen_y'): self._y_gen_y,
            ('x_sup', None): self.labelled_forward,
            ('x_sup', 'gen_x_sup'): self._x_sup_gen_x,
            ('y_sup', None): self.labelled_reverse,
            ('y_sup', 'gen_y_sup'): self._y_sup_gen_y}

    # passes through the networks

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

    # minus the bounds

    def unlabelled(self):
        """log q(y|x) - log p(x|y) p(y), y ~ q(y|x)."""
        return self.part('x', 'rec_y') - self.part('x', 'gen_x')

    def unfeatured(self):
        """log p(x|y) - log q(y|x) q(x), x ~ p(x|y)."""
        return self.part('y', 'rec_x') - self.part('y', 'gen_y')

    def labelled_forward(self):
        """- log p(x|y)"""
        return -self.part('x_sup', 'gen_x_sup')

    def labelled_reverse(self):
        """- log q(y|x)"""
        return -self.part('y_sup', 'gen_y_sup')

    def _x_rec_y(self):
        return self.recognition('x->z1', self.forward(False)[0], 1)

    def _x_gen_x(self):
        encoded, decoded = self.forward(False)
        latent = (encoded['l_sample'], self.units('x->z1'),
                  self.priors['z1'])
        return self.generative([latent], 'z1->_x', decoded, self.sym.x, 2)

    def _y_rec_x(self):
        return self.recognition('z1->_x', self.reverse(False)[0], 1)

    def _y_gen_y(self):
        generated, recognised = self.reverse(False)
        latent = (generated['l_sample'], self.units('z1->_x'),
                  self.priors['x'])
        return self.generative([latent], 'x->z1', recognised, self.sym.y, 2)

    def _x_sup_gen_x(self):
        generated = self.labelled(False)[1]
        return self.generative([], 'z1->_x', generated, self.sym.x_sup, 1)

    def _y_sup_gen_y(self):
        predicted = self.labelled(False)[0]
        return self.generative([], 'x->z1', predicted, self.sym.y_sup, 1)

    # losses

    def discriminative(self, kind, det):
        """Eqs. (13) and (14), of samples, or of means where ``det``."""
        predicted, generated = self.labelled(det)
        if kind == 'x_sup_dis':
            return self.loss('x->z1', predicted, self.sym.y_sup, 1,
                             self.loss_y)
        return self.loss('z1->_x', generated, self.sym.x_sup, 1, self.loss_x)

    def reconstruction_error(self, kind):
        """Of x inferred and generated again, or y the other way round."""
        if kind == 'x':
            return self.loss('z1->_x', self.forward(True)[1], self.sym.x, 2,
                             self.loss_x)
        return self.loss('x->z1', self.reverse(True)[1], self.sym.y, 2,
                         self.loss_y)


class M2(_Model):
    """The paper's model; z1 is x, or M1's latent in M1+M2."""
    name = 'M2'

    def __init__(self, networks, *args, **kwargs):
        super(M2, self).__init__(networks, *args, **kwargs)
        self.stacked = networks.model_type == 2

    def bounds(self):
        """(kind, part) -> what builds it."""
        return {
            ('x', None): self.eq_8_unlabelled,
            ('x', 'rec_y'): self._x_rec_y, ('x', 'rec_z2'): self._x_rec_z2,
            ('x', 'gen_z1'): self._x_gen_z1,
            ('y', None): self.eq_20_unfeatured,
            ('y', 'rec_z1'): self._y_rec_z1, ('y', 'gen_y'): self._y_gen_y,
            ('x_sup', None): self.eq_7_labelled_forward,
            ('x_sup', 'rec_z2_sup'): self._x_sup_rec_z2,
            ('x_sup', 'gen_z1_sup'): self._x_sup_gen_z1,
            ('y_sup', None): self.eq_9_labelled_reverse,
            ('y_sup', 'gen_y_sup'): self._y_sup_gen_y}

    # passes through the networks

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

    # minus the bounds

    def eq_8_unlabelled(self):
        """log q(y|x) q(z|x,y) - log p(x|y,z) p(y) p(z)."""
        return (self.part('x', 'rec_y') + self.part('x', 'rec_z2') -
                self.part('x', 'gen_z1'))

    def eq_20_unfeatured(self):
        """log p(x|y,z) - log q(y|x) q(x), z observed, x ~ p(x|y,z)."""
        return self.part('y', 'rec_z1') - self.part('y', 'gen_y')

    def eq_7_labelled_forward(self):
        """log q(z|x,y) - log p(x|y,z) p(z), z ~ q(z|x,y)."""
        return (self.part('x_sup', 'rec_z2_sup') -
                self.part('x_sup', 'gen_z1_sup'))

    def eq_9_labelled_reverse(self):
        """- log q(y|x) q(x)"""
        return -self.part('y_sup', 'gen_y_sup')

    def _x_rec_y(self):
        return self.recognition('z1->y', self.forward(False)[0], 1)

    def _x_rec_z2(self):
        return self.recognition('z1y->z2', self.forward(False)[1],
                                2 + self.stacked)

    def _x_gen_z1(self):
        y_out, z2_out, z1_out = self.forward(False)
        latents = [
            (self.tiled(y_out['l_sample']), self.units('z1->y'),
             self.priors['y']),
            (z2_out['l_sample'], self.units('z1y->z2'), self.priors['z2'])]
        return self.generative(latents, 'yz2->_z1', z1_out,
                               self.z1_of(self.sym.x), 3)

    def _y_rec_z1(self):
        return self.recognition('yz2->_z1', self.reverse(False)[0], 1)

    def _y_gen_y(self):
        z1_out, y_out = self.reverse(False)
        latent = (z1_out['l_sample'], self.units('yz2->_z1'),
                  self.priors['z1'])
        return self.generative([latent], 'z1->y', y_out, self.sym.y, 2)

    def _x_sup_rec_z2(self):
        return self.recognition('z1y->z2', self.labelled_z1(False)[0],
                                1 + self.stacked)

    def _x_sup_gen_z1(self):
        z2_out, z1_out = self.labelled_z1(False)
        latent = (z2_out['l_sample'], self.units('z1y->z2'),
                  self.priors['z2'])
        return self.generative([latent], 'yz2->_z1', z1_out,
                               self.z1_of(self.sym.x_sup), 2)

    def _y_sup_gen_y(self):
        z1 = self.run('sup: prior z1', {'x': self.sym.x_sup}, False)
        latent = (z1 * T.ones_like(z1), self.units('yz2->_z1'),
                  self.priors['z1'])
        return self.generative([latent], 'z1->y', self.labelled_y(False),
                               self.sym.y_sup, 1 + self.stacked)

    # losses

    def discriminative(self, kind, det):
        """Eqs. (13) and (14), of samples, or of means where ``det``."""
        if kind == 'x_sup_dis':
            return self.loss('z1->y', self.labelled_y(det), self.sym.y_sup,
                             1 + self.stacked, self.loss_y)
        return self.loss('yz2->_z1', self.labelled_z1(det)[1],
                         self.z1_of(self.sym.x_sup), 2, self.loss_x)

    def reconstruction_error(self, kind):
        """Of x inferred and generated again, or y the other way round."""
        if kind == 'x':
            return self.loss('yz2->_z1', self.forward(True)[2],
                             self.z1_of(self.sym.x), 3, self.loss_x)
        return self.loss('z1->y', self.reverse(True)[1], self.sym.y, 2,
                         self.loss_y)

"""The terms of J as the paper writes them, as Theano expressions.

Forward, y and z make x; in reverse, x makes y and z; each model is the
other's recognition model.  Every bound is the expectation of

    log w = sum of generative log-densities - sum of recognition ones,

and has every term of its equation, constants included:

=======  =============  =============================================
kind     equation       log w
=======  =============  =============================================
x_sup    (7)            p(x|y,z) p(y) p(z) / q(z|x,y)
x        (8)            p(x|y,z) p(y) p(z) / q(y|x) q(z|x,y)
y_sup    (9)            q(x) q(y|x) q(z|x,y) / p(z)
y        (20) observed  q(x) q(y|x) q(z|x,y) / p(x|y,z)
y        (10) latent    the same / p(z)
y        (21) auxiliary the same / q(z|y)
=======  =============  =============================================

With several samples a bound is the mean over ``eq_samples`` of
log mean_k w_k over ``iw_samples`` draws of all latents together (Burda et
al. 2015, eq. (8)).

M1 has no z: its bounds are these without it.  In M1+M2 a further latent h
(z1) lies between x and (y, z): p(x|h) p(h|y,z) forward, q(h|x) q(y|h)
q(z|h,y) in reverse.

Terms are to be minimised; ``terms.paper`` names them all.  The parts
``gen_v`` and ``rec_v`` of a bound are the means of the generative and of the
recognition log-density of variable v.
"""
from __future__ import division, print_function

import math
from collections import OrderedDict

import theano
import theano.tensor as T

from untapped.model import terms
from untapped.model.architectures import AUXILIARY
from untapped.model.conditional import Bernoulli, Concrete, Conditional, spread
from untapped.model.exact_flows import Z_LIMIT
from untapped.model.log_sum_exp import log_mean_exp
from untapped.model.losses import KL, KL_all_parts, supervised_loss

__all__ = ['GAMMA', 'PaperBounds']

#: gamma of q(x) = U(-gamma, gamma), eq. (4): it adds a constant
GAMMA = 10.
#: samples of x that approximate the integral of eq. (22)
CONSISTENCY_SAMPLES = 10

#: what noise is drawn for, each from a stream of its own.  Sample layers of
#: one class share a seed, so that streams are told apart across all networks.
NOISE = ('x_sup h', 'x_sup z', 'x h', 'x y', 'x z', 'y_sup z', 'y_sup h',
         'y z', 'y h', 'y x', 'consistency z', 'consistency h')


class PaperBounds(object):
    """Every term of a model, built when first asked for.

    Parameters
    ----------
    networks : Networks, with the flows of ``exact_flows``
    symbols : Symbols
    passes : Passes, after whose streams those of ``NOISE`` are taken
    losses : (loss of the mean of generated x, that of predicted y)
    priors : (log-density of x, that of y), None: uniform, eqs. (4) and (1)
    reverse : 'observed', 'latent' or 'auxiliary', the bound of unfeatured y
    """
    def __init__(self, networks, symbols, passes, losses,
                 priors=(None, None), reverse='observed'):
        self.model_type = networks.model_type
        self.reverse_kind = reverse
        self.sym = symbols
        self.samples = symbols.eq_samples * symbols.iw_samples
        self._passes, self._layers = passes, networks.layers
        self._kept = {}
        self._name_networks(networks)
        self.loss_x, self.loss_y = losses
        if self.loss_y is KL and self.q_y.family is Concrete:
            # labels with all their parts have no further one
            self.loss_y = KL_all_parts
        self._prior_x = priors[0] or _constant(
            self._x_units() * -math.log(self._x_width()))
        self._prior_y = priors[1] or _constant(self._log_dirichlet())

    def _name_networks(self, networks):
        """The networks by what they are in the equations."""
        def conditional(name):
            return Conditional(networks[name]) if name in networks else None

        if self.model_type == 0:
            self.q_y, self.p_h = map(conditional, ('x->z1', 'z1->_x'))
            self.q_z = self.q_h = self.p_x = self.q_z_of_y = None
        else:
            self.q_y, self.q_z, self.p_h, self.q_h, self.p_x = map(
                conditional, ('z1->y', 'z1y->z2', 'yz2->_z1', 'x->z1',
                              'z1->_x'))
            self.q_z_of_y = conditional(AUXILIARY)

    # priors

    def _x_units(self):
        return (self.p_x or self.p_h).units

    def _x_width(self):
        """The measure of one element of x under q(x): two values, or an
        interval."""
        discrete = (self.p_x or self.p_h).family is Bernoulli
        return 2. if discrete else 2 * GAMMA

    def _log_dirichlet(self):
        """log Dir(1) = log (K - 1)!, K parts."""
        last_left_out = self.q_y.family is not Concrete
        return math.lgamma(self.q_y.units + last_left_out)

    def _log_p_z(self):
        return -self.q_z.units * math.log(2 * Z_LIMIT)

    # distributions at values; h is x itself but in M1+M2

    def _given(self, conditional, **values):
        """``conditional`` given values of x, h, y and z."""
        variables = {'x': 'x', 'h': 'x' if self.model_type == 0 else 'z1',
                     'y': 'z1' if self.model_type == 0 else 'y', 'z': 'z2'}
        return conditional.given({
            self._layers[variables[name]]: value
            for name, value in values.items() if value is not None})

    def _draw(self, label, distribution):
        """(sample, its log-density) from the label's own stream."""
        noise = self._noise(label, distribution.network.sample_layer,
                            distribution.noise)
        return distribution.draw(noise)

    def _noise(self, label, layer, draw):
        layer._srng.seek(self._passes.taken + NOISE.index(label))
        return draw(layer._srng)

    def _draw_p_z(self, label, rows):
        """z ~ p(z), eq. (2): (rows, units)."""
        layer = self.q_z.network.sample_layer
        uniform = self._noise(label, layer, lambda streams: streams.uniform(
            (rows, self.q_z.units), dtype=theano.config.floatX))
        return Z_LIMIT * (2 * uniform - 1)

    def _once(self, key, build):
        if key not in self._kept:
            self._kept[key] = build()
        return self._kept[key]

    # bounds: OrderedDicts from part to log-density of the rows

    def eq_7_labelled_forward(self):
        """p(x|y,z) p(y) p(z) / q(z|x,y), z ~ q(z|x,y)."""
        return self._forward('x_sup', self.sym.x_sup, self.sym.y_sup)

    def eq_8_unlabelled(self):
        """p(x|y,z) p(y) p(z) / q(y|x) q(z|x,y), y and z ~ q."""
        return self._forward('x', self.sym.x)

    def eq_9_labelled_reverse(self):
        """q(x) q(y|x) q(z|x,y) / p(z), z ~ p(z)."""
        return self._reverse('y_sup', self.sym.y_sup, x=self.sym.x_sup)

    def eq_20_unfeatured(self):
        """q(x) q(y|x) q(z|x,y) / p(x|y,z), x ~ p(x|y,z), z observed."""
        return self._reverse('y', self.sym.y, z=self.sym.z2)

    def eq_10_or_21_unfeatured(self):
        """Eq. (10): eq. (20)'s weight over p(z), z ~ p(z).

        Eq. (21): over q(z|y), z ~ q(z|y).
        """
        return self._reverse('y', self.sym.y)

    def _forward(self, kind, x, y=None):
        """Parts of (7), or of (8) where y is not given."""
        parts = OrderedDict()
        q_h = h = None
        if self.q_h is not None:
            q_h = self._given(self.q_h, x=x).spread(self.samples)
            h, parts['rec_h'] = self._draw(kind + ' h', q_h)
        x_rows = spread(x, self.samples)
        h_rows = x_rows if h is None else h
        if y is None:
            q_y = self._given(self.q_y, h=h) if h is not None else \
                self._given(self.q_y, h=x).spread(self.samples)
            y_rows, parts['rec_y'] = self._draw(kind + ' y', q_y)
        else:
            y_rows = spread(y, self.samples)
        z_rows = None
        if self.q_z is not None:
            z_rows, parts['rec_z'] = self._draw(
                kind + ' z', self._given(self.q_z, h=h_rows, y=y_rows))
            parts['gen_z'] = self._log_p_z()
        p_h = self._given(self.p_h, y=y_rows, z=z_rows)
        if self.p_x is None:
            parts['gen_x'] = p_h.log_density(x_rows)
        else:
            parts['gen_h'] = p_h.log_density(h)
            parts['gen_x'] = self._given(self.p_x, h=h).log_density(x_rows)
        parts['gen_y'] = self._prior_y(y_rows)
        return parts

    def _reverse(self, kind, y, x=None, z=None):
        """Parts of (9), or of (20), (10) or (21) where x is not given."""
        parts = OrderedDict()
        y_rows = spread(y, self.samples)
        z_rows = self._reverse_z(kind, y_rows, z, parts)
        h_rows = x_rows = None if x is None else spread(x, self.samples)
        if x is None or self.p_x is not None:
            h_rows, parts['rec_h'] = self._draw(
                kind + ' h', self._given(self.p_h, y=y_rows, z=z_rows))
        if x is None and self.p_x is not None:
            x_rows, parts['rec_x'] = self._draw(
                kind + ' x', self._given(self.p_x, h=h_rows))
        if self.p_x is None:
            x_rows = h_rows
            if 'rec_h' in parts:
                parts['rec_x'] = parts.pop('rec_h')
        else:
            parts['gen_h'] = self._given(self.q_h, x=x_rows).log_density(
                h_rows)
        q_y = self._given(self.q_y, h=h_rows) if x is None or self.p_x else \
            self._q_y_of_pairs().spread(self.samples)
        parts['gen_y'] = q_y.log_density(y_rows)
        if self.q_z is not None:
            parts['gen_z'] = self._given(
                self.q_z, h=h_rows, y=y_rows).log_density(z_rows)
        parts['gen_x'] = self._prior_x(x_rows)
        return parts

    def _reverse_z(self, kind, y_rows, z, parts):
        """z of a reverse bound; its log-density joins the parts."""
        if self.q_z is None:
            return None
        if z is not None:
            return spread(z, self.samples)
        if kind == 'y' and self.reverse_kind == 'auxiliary':
            z_rows, parts['rec_z'] = self._auxiliary_z()
            return z_rows
        parts['rec_z'] = self._log_p_z()
        if kind == 'y_sup':
            return self._pairs_z()
        return self._draw_p_z('y z', y_rows.shape[0])

    def _pairs_z(self):
        """The z ~ p(z) of labelled pairs that (9) and (14) share."""
        return self._once('pairs z', lambda: self._draw_p_z(
            'y_sup z', self.sym.y_sup.shape[0] * self.samples))

    def _q_y_of_pairs(self):
        """q(y|x) of labelled x that (9) and (13) share, where h is x."""
        return self._once('q_y of pairs', lambda: self._given(
            self.q_y, h=self.sym.x_sup))

    def _auxiliary_z(self):
        """z ~ q(z|y) of unfeatured y that (21) and (22) share."""
        return self._once('auxiliary z', lambda: self._draw(
            'y z', self._given(self.q_z_of_y, y=self.sym.y).spread(
                self.samples)))

    def parts(self, kind):
        """OrderedDict from part's name to log-density of the rows."""
        build = {
            'x_sup': self.eq_7_labelled_forward, 'x': self.eq_8_unlabelled,
            'y_sup': self.eq_9_labelled_reverse,
            'y': self.eq_20_unfeatured if self.reverse_kind == 'observed'
            else self.eq_10_or_21_unfeatured}[kind]
        return self._once(('parts', kind), build)

    def log_weights(self, kind):
        """log w of a bound, (batch, eq_samples, iw_samples)."""
        parts = self.parts(kind)
        total = sum(log_density if name.startswith('gen_') else -log_density
                    for name, log_density in parts.items())
        return total.reshape((-1, self.sym.eq_samples, self.sym.iw_samples))

    # losses

    def _predicted(self):
        """The mean of q(y|x) of labelled x."""
        if self.q_h is None:
            return self._q_y_of_pairs().mean()
        h = self._given(self.q_h, x=self.sym.x_sup).mean()
        return self._given(self.q_y, h=h).mean()

    def _generated(self):
        """The mean of p(x|y,z), z ~ p(z), of labelled y."""
        y = spread(self.sym.y_sup, self.samples)
        z = None if self.q_z is None else self._pairs_z()
        h = self._given(self.p_h, y=y, z=z).mean()
        return h if self.p_x is None else self._given(self.p_x, h=h).mean()

    def eq_13_loss_of_predicted(self):
        """L(y, mean of q(y|x)) of labelled pairs."""
        return supervised_loss(self._predicted(), self.sym.y_sup,
                               self.q_y.units, 1, 1, self.loss_y)

    def eq_14_loss_of_generated(self):
        """L(x, mean of p(x|y,z)), z ~ p(z), of labelled pairs."""
        return supervised_loss(
            self._generated(), self.sym.x_sup, self._x_units(),
            self.sym.eq_samples, self.sym.iw_samples, self.loss_x)

    def eq_22_consistency(self):
        """KL(q(z|y) || mean over x of q(z|x,y)).

        x ~ p(x|y,z'), z' ~ p(z): ``CONSISTENCY_SAMPLES`` draws for each z
        of q(z|y).  The logarithm of their mean is, in expectation, below
        that of the integral, so that this estimates the KL from above.
        """
        z, log_q = self._auxiliary_z()
        y = spread(spread(self.sym.y, self.samples), CONSISTENCY_SAMPLES)
        h, _ = self._draw('consistency h', self._given(
            self.p_h, y=y, z=self._draw_p_z('consistency z', y.shape[0])))
        each = self._given(self.q_z, h=h, y=y).log_density(
            spread(z, CONSISTENCY_SAMPLES))
        mixed = log_mean_exp(each.reshape((-1, CONSISTENCY_SAMPLES)))
        return T.mean(log_q - mixed)

    # what the objective and the records ask for

    def recorded(self, kind):
        """A kind's terms: the parts of a bound, then the bound."""
        found = [term for term in terms.paper(self.model_type,
                                              self.reverse_kind)
                 if term.kind == kind]
        held = self.parts(kind) if len(found) > 1 else ()
        return [term for term in found
                if term.part is None or term.part in held]

    def term(self, term):
        """The scalar expression of a ``terms.Term``."""
        if term.part is None:
            return self.total(term.kind)
        return self._once((term.kind, term.part), lambda: T.mean(
            T.as_tensor_variable(self.parts(term.kind)[term.part])))

    def total(self, kind):
        """A kind of term: minus a bound, a loss, or the consistency."""
        return self._once((kind, None), lambda: {
            'consistency': self.eq_22_consistency,
            'x_sup_dis': self.eq_13_loss_of_predicted,
            'y_sup_dis': self.eq_14_loss_of_generated,
        }.get(kind, lambda: self._minus_bound(kind))())

    def _minus_bound(self, kind):
        return -T.mean(log_mean_exp(self.log_weights(kind)))


def _constant(value):
    """A uniform log-density: the value, whatever the argument."""
    return lambda argument: value

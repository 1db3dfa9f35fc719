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

Terms are to be minimised, their names follow ``bounds``: ``M2_x`` is minus
the bound, ``..._gen_v`` and ``..._rec_v`` the means of the generative and
recognition log-density of variable v.
"""
from __future__ import division, print_function

import math
from collections import OrderedDict

import theano
import theano.tensor as T

from untapped.model.conditional import Bernoulli, Concrete, Conditional, spread
from untapped.model.exact_flows import Z_LIMIT
from untapped.model.losses import KL, KL_all_parts
from untapped.model.networks import AUXILIARY
from untapped.model.published_bounds import supervised_loss

__all__ = ['PaperBounds', 'REVERSE', 'terms', 'GAMMA', 'log_mean_exp']

#: gamma of q(x) = U(-gamma, gamma), eq. (4): it adds a constant
GAMMA = 10.
#: samples of x that approximate the integral of eq. (22)
CONSISTENCY_SAMPLES = 10

#: the reverse bound of unfeatured y -> its equation
REVERSE = OrderedDict([('observed', 'eq. (20)'), ('latent', 'eq. (10)'),
                       ('auxiliary', 'eq. (21)')])

#: what is drawn, each from a stream of its own.  Sample layers of one class
#: share a seed, so that streams are told apart across all networks.
DRAWS = ('x_sup h', 'x_sup z', 'x h', 'x y', 'x z', 'y_sup z', 'y_sup h',
         'y z', 'y h', 'y x', 'consistency z', 'consistency h')

_KINDS = ('x_sup_dis', 'y_sup_dis', 'x_sup', 'y_sup', 'x', 'y',
          'consistency')

_LABELS = OrderedDict([
    ('x_sup_dis', 'y-discriminative loss of x'),
    ('y_sup_dis', 'x-discriminative loss of y, z'),
    ('x_sup', '- labelled bound, forward'),
    ('y_sup', '- labelled bound, reverse'),
    ('x', '- unlabelled bound on log p(x)'),
    ('y', '- unfeatured bound, reverse'),
    ('consistency', 'KL(q(z|y) || integral of q(z|x,y) over x)')])
_EQUATIONS = {'x_sup_dis': 'eq. (13)', 'y_sup_dis': 'eq. (14)',
              'x_sup': 'eq. (7)', 'y_sup': 'eq. (9)', 'x': 'eq. (8)',
              'consistency': 'eq. (22)'}

#: part of a forward or reverse bound -> the log-density that it is
_PARTS = {
    'x': OrderedDict([
        ('gen_x', 'log p(x|y,z)'), ('gen_h', 'log p(h|y,z)'),
        ('gen_y', 'log p(y)'), ('gen_z', 'log p(z)'),
        ('rec_h', 'log q(h|x)'), ('rec_y', 'log q(y|x)'),
        ('rec_z', 'log q(z|x,y)')]),
    'y': OrderedDict([
        ('gen_x', 'log q(x)'), ('gen_h', 'log q(h|x)'),
        ('gen_y', 'log q(y|x)'), ('gen_z', 'log q(z|x,y)'),
        ('rec_z', 'log p(z)'), ('rec_h', 'log p(h|y,z)'),
        ('rec_x', 'log p(x|y,z)')])}


def terms(reverse='observed'):
    """(label, equation) of each recorded quantity, as ``bounds.TERMS``.

    Parameters
    ----------
    reverse : 'observed', 'latent' or 'auxiliary'
        The bound of unfeatured y.
    """
    made = OrderedDict([
        ('train', ('objective J on training minibatches', 'eq. (15)')),
        ('eval', ('objective J on validation data', 'eq. (15)'))])
    equations = dict(_EQUATIONS, y=REVERSE[reverse])
    for model in ('M2_', 'M1_'):
        for kind in _KINDS:
            made[model + kind] = _LABELS[kind], equations[kind]
            if kind.endswith('dis') or kind == 'consistency':
                continue
            for part, density in _PARTS[kind[0]].items():
                made['%s%s_%s' % (model, kind, part)] = (
                    '  ' + density, equations[kind])
        if reverse == 'auxiliary':
            made[model + 'y_rec_z'] = '  log q(z|y)', equations['y']
    return made


def log_mean_exp(a):
    """log mean exp over the last axis."""
    top = theano.gradient.disconnected_grad(T.max(a, axis=-1))
    shifted = a - T.shape_padright(top)
    return T.log(T.mean(T.exp(shifted), axis=-1)) + top


class PaperBounds(object):
    """Every term of a model, built when first asked for.

    Parameters
    ----------
    networks : Networks, with the flows of ``exact_flows``
    symbols : Symbols
    passes : Passes, after whose streams those of ``DRAWS`` are taken
    loss_x, loss_y : losses of the means of generated x and predicted y
    prior_x, prior_y : log-densities or None: uniform, eqs. (1) and (4)
    reverse : 'observed', 'latent' or 'auxiliary'
    """
    def __init__(self, networks, symbols, passes, loss_x, loss_y,
                 prior_x=None, prior_y=None, reverse='observed'):
        self.model_type = networks.model_type
        self.prefix = 'M1_' if self.model_type == 0 else 'M2_'
        self.reverse_kind = reverse
        self.sym = symbols
        self.samples = symbols.eq_samples * symbols.iw_samples
        self._passes, self._layers = passes, networks.layers
        self._kept = {}
        self._name_networks(networks)
        self.loss_x, self.loss_y = loss_x, loss_y
        if loss_y is KL and self.q_y.family is Concrete:
            # labels with all their parts have no further one
            self.loss_y = KL_all_parts
        self._prior_x = prior_x or _constant(
            self._x_units() * -math.log(self._x_width()))
        self._prior_y = prior_y or _constant(self._log_dirichlet())

    def _name_networks(self, networks):
        """The networks by what they are in the equations."""
        def conditional(name):
            return Conditional(networks[name]) if name in networks else None

        self.networks = networks
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
        places = {'x': 'x', 'h': 'x' if self.model_type == 0 else 'z1',
                  'y': 'z1' if self.model_type == 0 else 'y', 'z': 'z2'}
        return conditional.given({
            self._layers[places[name]]: value
            for name, value in values.items() if value is not None})

    def _draw(self, label, distribution):
        """(sample, its log-density) from the label's own stream."""
        noise = self._noise(label, distribution.network.sample_layer,
                            distribution.noise)
        return distribution.draw(noise)

    def _noise(self, label, layer, draw):
        layer._srng.seek(self._passes.taken + DRAWS.index(label))
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
        sym = self.sym
        build = {
            'x_sup': lambda: self._forward('x_sup', sym.x_sup, sym.y_sup),
            'x': lambda: self._forward('x', sym.x),
            'y_sup': lambda: self._reverse('y_sup', sym.y_sup, x=sym.x_sup),
            'y': lambda: self._reverse('y', sym.y, z=self._observed_z()),
        }[kind]
        return self._once(('parts', kind), build)

    def _observed_z(self):
        return self.sym.z2 if self.reverse_kind == 'observed' else None

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

    def _discriminative(self, kind):
        sym = self.sym
        if kind == 'x_sup_dis':
            return supervised_loss(self._predicted(), sym.y_sup,
                                   self.q_y.units, 1, 1, self.loss_y)
        return supervised_loss(
            self._generated(), sym.x_sup, self._x_units(), sym.eq_samples,
            sym.iw_samples, self.loss_x)

    def _consistency(self):
        """KL(q(z|y) || mean over x of q(z|x,y)), eq. (22).

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

    def term_names(self, kind):
        """A kind's recorded terms: the parts of a bound, then the bound."""
        parts = []
        if kind in ('x_sup', 'y_sup', 'x', 'y'):
            held = self.parts(kind)
            parts = [p for p in _PARTS[kind[0]] if p in held]
        return ['%s%s_%s' % (self.prefix, kind, part) for part in parts] + [
            self.prefix + kind]

    def term(self, name, variational=True):
        """The term's scalar expression."""
        return self._once(('term', name), lambda: self._term(
            name[len(self.prefix):]))

    def total(self, kind, variational=True):
        """A kind of term: minus a bound, a loss, or the consistency."""
        return self.term(self.prefix + kind)

    def _term(self, name):
        if name == 'consistency':
            return self._consistency()
        if name.endswith('_dis'):
            return self._discriminative(name)
        if '_gen_' in name or '_rec_' in name:
            kind, side, variable = name.rsplit('_', 2)
            return T.mean(T.as_tensor_variable(
                self.parts(kind)[side + '_' + variable]))
        return -T.mean(log_mean_exp(self.log_weights(name)))


def _constant(value):
    """A uniform log-density: the value, whatever the argument."""
    return lambda argument: value

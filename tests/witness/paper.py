"""The bounds as the paper writes them."""
from __future__ import division, print_function

import numpy as np
from scipy.special import gammaln, logsumexp

from given_noise import uniform
from witness.networks import KL, L2


class Paper(object):
    """The paper's bounds; nets by their names in the equations.

    nets : dict with q_y, p_h and, where there are any, q_z, q_h, p_x,
        q_z_of_y.  In M2 h is x.
    data : dict with x, y, z (unlabelled x, unfeatured y, observed z), x_sup,
        y_sup
    """
    def __init__(self, nets, data, eq, iw, reverse='observed', loss_x=L2,
                 loss_y=KL, log_p_y=None, log_q_x=None):
        self.n, self.d, self.eq, self.iw = nets, data, eq, iw
        self.reverse_kind = reverse
        self.loss_x, self.loss_y = loss_x, loss_y
        parts = nets['q_y'].units + (
            nets['q_y'].about['sample'] != 'concrete')
        x_net = nets.get('p_x', nets['p_h'])
        width = 2. if x_net.about['sample'] == 'bernoulli' else 20.
        self.log_p_y = log_p_y or (lambda y: gammaln(parts))
        self.log_q_x = log_q_x or (lambda x: -x_net.units * np.log(width))

    def rows(self, v):
        return np.repeat(v, self.eq * self.iw, axis=0)

    def log_p_z(self):
        return self.n['q_z'].units * np.log(1 / 3.)

    def p_z(self, label, rows):
        return -1.5 + 3 * uniform(label, (rows, self.n['q_z'].units))

    def density(self, net, value, *given):
        return self.n[net].log_density(value, self.n[net].parameters(*given))

    def sample(self, net, label, *given):
        return self.n[net].sample(label, self.n[net].parameters(*given))

    def forward(self, kind):
        """(7) and (8)."""
        parts = {}
        labelled = kind == 'x_sup'
        x = self.rows(self.d['x_sup' if labelled else 'x'])
        h = x
        if 'q_h' in self.n:
            h, parts['rec_h'] = self.sample('q_h', kind + ' h', x)
        if labelled:
            y = self.rows(self.d['y_sup'])
        else:
            y, parts['rec_y'] = self.sample('q_y', kind + ' y', h)
        given = (y,)
        if 'q_z' in self.n:
            z, parts['rec_z'] = self.sample('q_z', kind + ' z', h, y)
            parts['gen_z'] = self.log_p_z()
            given = (y, z)
        if 'p_x' in self.n:
            parts['gen_h'] = self.density('p_h', h, *given)
            parts['gen_x'] = self.density('p_x', x, h)
        else:
            parts['gen_x'] = self.density('p_h', x, *given)
        parts['gen_y'] = self.log_p_y(y)
        return parts

    def reverse(self, kind):
        """(9), and (20), (10) or (21)."""
        parts = {}
        labelled = kind == 'y_sup'
        y = self.rows(self.d['y_sup' if labelled else 'y'])
        given, z = (y,), None
        if 'q_z' in self.n:
            if not labelled and self.reverse_kind == 'observed':
                z = self.rows(self.d['z'])
            elif not labelled and self.reverse_kind == 'auxiliary':
                z, parts['rec_z'] = self.sample('q_z_of_y', 'y z', y)
            else:
                z = self.p_z(kind + ' z', len(y))
                parts['rec_z'] = self.log_p_z()
            given = (y, z)
        stacked = 'p_x' in self.n
        if labelled:
            x = h = self.rows(self.d['x_sup'])
        if stacked:
            h, parts['rec_h'] = self.sample('p_h', kind + ' h', *given)
            if not labelled:
                x, parts['rec_x'] = self.sample('p_x', kind + ' x', h)
            parts['gen_h'] = self.density('q_h', h, x)
        elif not labelled:
            x, parts['rec_x'] = self.sample('p_h', kind + ' h', *given)
            h = x
        parts['gen_y'] = self.density('q_y', y, h)
        if z is not None:
            parts['gen_z'] = self.density('q_z', z, h, y)
        parts['gen_x'] = self.log_q_x(x)
        return parts

    def bound(self, parts):
        log_w = sum(v if name.startswith('gen') else -v
                    for name, v in parts.items())
        log_w = log_w.reshape(-1, self.eq, self.iw)
        return (logsumexp(log_w, axis=2) - np.log(self.iw)).mean()

    def predicted(self):
        h = self.d['x_sup']
        if 'q_h' in self.n:
            h = self.n['q_h'].mean(self.n['q_h'].parameters(h))
        return self.n['q_y'].mean(self.n['q_y'].parameters(h))

    def generated(self):
        given = (self.rows(self.d['y_sup']),)
        if 'q_z' in self.n:
            given += (self.p_z('y_sup z', len(given[0])),)
        x = self.n['p_h'].mean(self.n['p_h'].parameters(*given))
        if 'p_x' in self.n:
            x = self.n['p_x'].mean(self.n['p_x'].parameters(x))
        return x

    def consistency(self, samples=10):
        """(22): x ~ p(x|y,z'), z' ~ p(z), ``samples`` of them."""
        y = self.rows(self.d['y'])
        z, log_q = self.sample('q_z_of_y', 'y z', y)
        wide = np.repeat(y, samples, axis=0)
        h, _ = self.sample('p_h', 'consistency h', wide,
                           self.p_z('consistency z', len(wide)))
        each = self.density('q_z', np.repeat(z, samples, axis=0), h, wide)
        mixture = np.exp(each).reshape(-1, samples).mean(axis=1)
        return (log_q - np.log(mixture)).mean()

    def terms(self, kinds):
        """Every recorded number of some kinds, without its model's name."""
        found = {}
        for kind in kinds:
            if kind == 'x_sup_dis':
                found[kind] = self.loss_y(self.predicted(),
                                          self.d['y_sup']).mean()
            elif kind == 'y_sup_dis':
                found[kind] = self.loss_x(
                    self.generated(), self.rows(self.d['x_sup'])).mean()
            elif kind == 'consistency':
                found[kind] = self.consistency()
            else:
                parts = (self.forward if kind[0] == 'x' else
                         self.reverse)(kind)
                found[kind] = -self.bound(parts)
                for name, value in parts.items():
                    found['%s_%s' % (kind, name)] = np.mean(value)
        return found

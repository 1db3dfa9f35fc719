"""The terms of the published code."""
from __future__ import division, print_function

import numpy as np
from scipy.special import gammaln

from given_noise import normal, uniform
from witness.networks import L2, gauss, sigmoid


def KL_held(predicted, actual):
    """The published KL: every part, and 1 less their sum, in [1e-6, 1]."""
    q, p = [np.concatenate([v, 1 - v.sum(axis=-1)[..., None]],
                           axis=-1).clip(1e-6, 1)
            for v in (predicted, actual)]
    return (p * np.log(p / q)).sum(axis=-1)


class Published(object):
    """The published code's terms; nets by the published names.

    Its safety constant 1e-5 stands where it stands there.  Samples are
    repeated row by row, what is known beside them block by block.

    data : dict with x, y, z, x_sup, y_sup
    priors : dict from 'x', 'y', 'z1', 'z2' to a log-density or None
    deterministic : bool, the reconstruction objective
    """
    SF = 1e-5

    def __init__(self, nets, data, eq, iw, priors=None, loss_x=L2,
                 loss_y=KL_held, deterministic=False):
        self.n, self.d, self.eq, self.iw = nets, data, eq, iw
        self.priors = priors or {}
        self.loss_x, self.loss_y = loss_x, loss_y
        self.det = deterministic
        self.stacked = 'x->z1' in nets and 'z1->y' in nets

    def tile(self, v):
        return np.tile(v, (self.eq * self.iw, 1))

    def flow(self, net, n, kind, v):
        """(value, log|det|) with the safety constant."""
        sf = self.SF
        if kind == 'simplex':
            top = np.maximum(v.max(axis=1, keepdims=True), 0)
            e = np.exp(v)
            parts = e / (sf * np.exp(top) + 1 + e.sum(axis=1, keepdims=True))
            return parts, (np.log(sf + abs(1 - parts.sum(axis=1))) +
                           np.log(sf + parts).sum(axis=1))
        value = net.flow(n, kind, v)
        if kind == 'nice':
            return value, 0.
        length = np.pi if kind == 'logistic' else 1.
        slope = length * sigmoid(v) * (sigmoid(-v) if kind == 'logistic'
                                       else 1.)
        return value, np.log(sf + slope.prod(axis=1))

    def before(self, name, value):
        """Back through the flows, held off the borders."""
        net, sf = self.n[name], self.SF
        for n in reversed(range(len(net.flows))):
            kind = net.flows[n]
            if kind == 'simplex':
                last = 1 - value.sum(axis=1, keepdims=True)
                value = np.log(value.clip(sf, 1) / last.clip(sf, 1))
            elif kind == 'logistic':
                s = ((value + np.pi / 2) / np.pi).clip(sf, 1 - sf)
                value = np.log(s / (1 - s))
            elif kind == 'softplus':
                value = np.log(sf + np.maximum(np.exp(value) - 1, 0))
            else:
                value = net.back(n, kind, value)[0]
        return value

    def run(self, label, name, *inputs):
        """A network's parameters, samples before and after its flows, and
        the sum of its log-determinants."""
        net = self.n[name]
        p = net.parameters(*inputs)
        shape = (len(p[0]), self.eq, self.iw, net.units)
        label = '%s/%s' % (label, name)
        spread = [v[:, None, None, :] for v in p]
        kind = net.about['sample']
        if kind == 'normal':
            noise = 0 if self.det else normal(label, shape)
            z = spread[0] + spread[1] * noise
        elif kind == 'concrete':
            u = uniform(label, shape)
            noise = 0 if self.det else -np.log(
                -np.log(u + 1e-4) + 1e-4)
            e = np.exp(spread[0] + noise)
            z = e / e.sum(axis=3, keepdims=True)
        else:
            edge = .5 if self.det else uniform(label, shape)
            z = 1. * (sigmoid(spread[0]) >= edge)
        z = (z * np.ones(shape)).reshape(-1, net.units)
        out, log_det = z, 0.
        for n, flow in enumerate(net.flows):
            out, found = self.flow(net, n, flow, out)
            log_det = log_det + found
        return dict(net=net, p=p, z=z, out=out, log_det=log_det)

    def log_density(self, net, v, p):
        """Before the flows; the last axis is summed over."""
        kind = net.about['sample']
        if kind == 'normal':
            return gauss(v, p[0], p[1] + self.SF).sum(axis=3)
        if kind == 'bernoulli':
            held = sigmoid(p[0]).clip(self.SF, 1 - self.SF)
            return (v * np.log(held) + (1 - v) * np.log(1 - held)).sum(axis=3)
        weights, k = np.exp(p[0]), v.shape[3]
        return (gammaln(k) + np.log(weights / v ** 2).sum(axis=3) -
                k * np.log((weights / v).sum(axis=3)))

    def logsumexp(self, a):
        top = a.max(axis=2, keepdims=True)
        inner = np.exp(a - top).mean(axis=2)
        return top.mean() + np.log(self.SF + inner).mean()

    def before_last(self, v, power):
        """A parameter's rows by samples drawn before the last sampling."""
        return v.reshape(-1, self.eq ** (power - 1), self.iw ** (power - 1),
                         v.shape[-1])

    def by_samples(self, v, power, *width):
        """Rows by all samples."""
        return np.reshape(v, (-1, self.eq ** power, self.iw ** power) + width)

    def less_flows(self, total, out, power):
        if np.ndim(out['log_det']):
            return total - self.by_samples(out['log_det'], power)
        return total

    def recognition(self, out, power):
        p = [np.tile(self.before_last(v, power), (1, self.eq, self.iw, 1))
             for v in out['p']]
        z = self.by_samples(out['z'], power, out['net'].units)
        total = self.log_density(out['net'], z, p)
        return self.logsumexp(self.less_flows(total, out, power))

    def generative(self, latents, out, value, power):
        given = value[:, None, None, :]
        p = [self.before_last(v, power) for v in out['p']]
        total = self.log_density(out['net'], given, p)
        for sample, prior in latents:
            if self.priors.get(prior) is not None:
                total = total + self.priors[prior](
                    self.before_last(sample, power))
        total = np.tile(total, (1, self.eq, self.iw))
        # as published: the log-determinant of the network's own sample
        return self.logsumexp(self.less_flows(total, out, power))

    def loss(self, out, actual, power, loss):
        predicted = self.by_samples(out['out'], power, out['net'].units)
        return loss(predicted, actual[:, None, None, :]).mean()

    # M2; z1 is x, or M1's latent

    def z1(self, label, x):
        return self.run(label, 'x->z1', x)['out'] if self.stacked else x

    def mean_z1(self, x):
        if not self.stacked:
            return x
        net = self.n['x->z1']
        v = net.parameters(x)[0]
        for n, kind in enumerate(net.flows):
            v = self.flow(net, n, kind, v)[0]
        # one copy a sample: the layer that has the mean repeats it
        return np.repeat(v, self.eq * self.iw, axis=0)

    def m2_forward(self):
        x = self.d['x']
        y = self.run('x: z1->y', 'z1->y', self.z1('x: z1->y', x))
        z1 = self.tile(self.z1('x: z1', x))
        z = self.run('x: z1y->z2', 'z1y->z2', z1, y['out'])
        x_ = self.run('x: yz2->_z1', 'yz2->_z1', self.tile(y['out']),
                      z['out'])
        return y, z, x_

    def m2_reverse(self):
        x = self.run('y: yz2->_z1', 'yz2->_z1', self.d['y'], self.d['z'])
        return x, self.run('y: z1->y', 'z1->y', x['out'])

    def m2_labelled(self):
        x, y = self.d['x_sup'], self.d['y_sup']
        predicted = self.run('sup: z1->y', 'z1->y',
                             self.z1('sup: z1->y', x))
        known = self.tile(y) if self.stacked else y
        z = self.run('sup: z1y->z2', 'z1y->z2', self.z1('sup: z1', x), known)
        x_ = self.run('sup: yz2->_z1', 'yz2->_z1', self.tile(known),
                      z['out'])
        return predicted, z, x_

    def m2(self):
        d, deeper = self.d, int(self.stacked)
        x_prior = 'z1' if self.stacked else 'x'
        y, z, x_ = self.m2_forward()
        f = {'x_rec_y': self.recognition(y, 1),
             'x_rec_z2': self.recognition(z, 2 + deeper),
             'x_gen_z1': self.generative(
                 [(self.tile(y['out']), 'y'), (z['out'], 'z2')], x_,
                 self.before('yz2->_z1', self.mean_z1(d['x'])), 3)}
        f['x'] = f['x_rec_y'] + f['x_rec_z2'] - f['x_gen_z1']
        x, y = self.m2_reverse()
        f['y_rec_z1'] = self.recognition(x, 1)
        f['y_gen_y'] = self.generative([(x['out'], x_prior)], y,
                                       self.before('z1->y', d['y']), 2)
        f['y'] = f['y_rec_z1'] - f['y_gen_y']
        predicted, z, x_ = self.m2_labelled()
        f['x_sup_rec_z2_sup'] = self.recognition(z, 1 + deeper)
        f['x_sup_gen_z1_sup'] = self.generative(
            [(z['out'], 'z2')], x_,
            self.before('yz2->_z1', self.mean_z1(d['x_sup'])), 2)
        f['x_sup'] = f['x_sup_rec_z2_sup'] - f['x_sup_gen_z1_sup']
        f['y_sup_gen_y_sup'] = self.generative(
            [(self.z1('sup: prior z1', d['x_sup']), x_prior)], predicted,
            self.before('z1->y', d['y_sup']), 1 + deeper)
        f['y_sup'] = -f['y_sup_gen_y_sup']
        f.update(self.m2_losses(predicted, x_, deeper))
        return self.named('M2_', f)

    def m2_losses(self, predicted, x_, deeper):
        return {'x_sup_dis': self.loss(predicted, self.d['y_sup'],
                                       1 + deeper, self.loss_y),
                'y_sup_dis': self.loss(x_, self.mean_z1(self.d['x_sup']), 2,
                                       self.loss_x)}

    def m2_reconstruction(self):
        predicted, _, x_ = self.m2_labelled()
        f = self.m2_losses(predicted, x_, int(self.stacked))
        f['x'] = self.loss(self.m2_forward()[2], self.mean_z1(self.d['x']),
                           3, self.loss_x)
        f['y'] = self.loss(self.m2_reverse()[1], self.d['y'], 2, self.loss_y)
        f['x_sup'] = f['y_sup'] = 0.
        return self.named('M2_', f)

    # M1; z1 stands for y

    def m1_runs(self):
        d = self.d
        x = self.run('y: z1->_x', 'z1->_x', d['y'])
        return dict(
            generated=x, recognised=self.run('y: x->z1', 'x->z1', x['out']),
            predicted=self.run('sup: x->z1', 'x->z1', d['x_sup']),
            made=self.run('sup: z1->_x', 'z1->_x', d['y_sup']))

    def m1_forward(self):
        """The terms that M1+M2 has, too.

        As published, what is generated from is drawn once more, apart from
        the sample whose density and prior are taken.
        """
        x = self.d['x']
        encoded = self.run('x: x->z1', 'x->z1', x)
        again = self.run('x: z1->_x', 'x->z1', x)['out']
        decoded = self.run('x: z1->_x', 'z1->_x', again)
        if self.det:
            return {'M1_x': self.loss(decoded, x, 2, self.loss_x)}
        f = {'x_rec_y': self.recognition(encoded, 1),
             'x_gen_x': self.generative(
                 [(encoded['out'], 'z1')], decoded,
                 self.before('z1->_x', x), 2)}
        f['x'] = f['x_rec_y'] - f['x_gen_x']
        return self.named('M1_', f)

    def m1(self):
        d, r = self.d, self.m1_runs()
        f = {'y_rec_x': self.recognition(r['generated'], 1),
             'y_gen_y': self.generative(
                 [(r['generated']['out'], 'x')], r['recognised'],
                 self.before('x->z1', d['y']), 2),
             'x_sup_gen_x_sup': self.generative(
                 [], r['made'], self.before('z1->_x', d['x_sup']), 1),
             'y_sup_gen_y_sup': self.generative(
                 [], r['predicted'], self.before('x->z1', d['y_sup']), 1)}
        f['y'] = f['y_rec_x'] - f['y_gen_y']
        f['x_sup'] = -f['x_sup_gen_x_sup']
        f['y_sup'] = -f['y_sup_gen_y_sup']
        f.update(self.m1_losses(r))
        return dict(self.named('M1_', f), **self.m1_forward())

    def m1_losses(self, r):
        return {'x_sup_dis': self.loss(r['predicted'], self.d['y_sup'], 1,
                                       self.loss_y),
                'y_sup_dis': self.loss(r['made'], self.d['x_sup'], 1,
                                       self.loss_x)}

    def m1_reconstruction(self):
        r = self.m1_runs()
        f = self.m1_losses(r)
        f['y'] = self.loss(r['recognised'], self.d['y'], 2, self.loss_y)
        f['x_sup'] = f['y_sup'] = 0.
        return dict(self.named('M1_', f), **self.m1_forward())

    @staticmethod
    def named(prefix, found):
        return dict((prefix + name, value) for name, value in found.items())

    def terms(self):
        """Every term by its recorded name."""
        if 'z1->y' not in self.n:
            return self.m1_reconstruction() if self.det else self.m1()
        found = self.m2_reconstruction() if self.det else self.m2()
        if self.stacked:
            found.update(self.m1_forward())
        return found

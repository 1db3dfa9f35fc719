"""Bounds against the marginal likelihoods that they bound, by quadrature.

A model small enough to be integrated: one feature, two parts, one latent,
linear networks.  The samples are those of the layers' own generators.
"""
from __future__ import division, print_function

import numpy as np
import pytest
import theano
from scipy import special

import given_noise
import witness
from untapped.model.architectures import architecture
from untapped.model.exact_flows import LogisticFlow
from untapped.model.paper_bounds import GAMMA, PaperBounds
from untapped.model.ssdgm import SSDGM

ABOUT = {'z1->y': dict(num_output=1, flows=['simplex']),
         'z1y->z2': dict(num_output=1, flows=['logistic']),
         'yz2->_z1': dict(num_output=1, flows=[]),
         'y->z2': dict(num_output=1, flows=['logistic'])}
PARAMETERS = {
    'z1->y l_mu.W': [[2.]], 'z1->y l_mu.b': [.1],
    'z1y->z2 l_mu.W': [[1.5], [-.4]], 'z1y->z2 l_mu.b': [.2],
    'yz2->_z1 l_mu.W': [[1.], [.4]], 'yz2->_z1 l_mu.b': [-.2],
    'y->z2 l_mu.W': [[.3]], 'y->z2 l_mu.b': [.1]}
#: before the softplus that makes a standard deviation of it
STD = {'z1->y': 1.7, 'z1y->z2': 1.7, 'yz2->_z1': .8, 'y->z2': 1.6}
DATA = dict(x=np.array([[.4], [-.9]]), y=np.array([[.3], [.8]]),
            z=np.array([[.5], [-1.]]))
DRAWN = 4800
#: kind and reverse -> the marginal that it bounds
BOUNDS = {('x_sup', 'observed'): 'p(x,y)', ('x', 'observed'): 'p(x)',
          ('y_sup', 'observed'): 'q(x,y)', ('y', 'observed'): 'q(y,z)',
          ('y', 'latent'): 'q(y)', ('y', 'auxiliary'): 'q(y)'}


def parameters():
    made = dict((name, np.array(value, dtype='float64'))
                for name, value in PARAMETERS.items())
    for name, std in STD.items():
        W = name + ' l_log_var.W'
        made[W] = np.zeros_like(made[name + ' l_mu.W'])
        made[name + ' l_log_var.b'] = np.array([std])
    return made


class Tiny(object):
    def __init__(self):
        nets = dict((name, architecture([], **about))
                    for name, about in ABOUT.items())
        self.model = model = SSDGM(
            1, 1, model_dict=nets, variational=True, objective='paper',
            reverse='auxiliary', sample_seeds=3).build()
        model.set_parameters(parameters())
        self._functions = {}

    def bounds(self, reverse):
        m = self.model
        return PaperBounds(m.networks_, m.symbols_, m._passes,
                           (None, None), reverse=reverse)

    def __call__(self, kind, reverse, iw):
        """(bound, log w (rows, samples)) with DRAWN samples a row."""
        sym = self.model.symbols_
        key = (kind, reverse)
        if key not in self._functions:
            made = self.bounds(reverse)
            self._functions[key] = given_noise.function(
                [sym.x, sym.y, sym.z2, sym.x_sup, sym.y_sup, sym.eq_samples,
                 sym.iw_samples],
                [-made.total(kind), made.log_weights(kind)])
        d = DATA
        bound, log_w = self._functions[key](
            d['x'], d['y'], d['z'], d['x'], d['y'], np.int32(DRAWN // iw),
            np.int32(iw))
        return float(bound), log_w.reshape(len(d['x']), -1)


@pytest.fixture(scope='module')
def tiny():
    before = theano.config.floatX
    theano.config.floatX = 'float64'
    try:
        yield Tiny()
    finally:
        theano.config.floatX = before


@pytest.fixture(scope='module')
def marginals():
    """log-marginals of the rows of DATA, on grids in plain numpy."""
    interval = {'z1y->z2': (-1.5, 1.5), 'y->z2': (-1.5, 1.5)}
    nets = dict((name, witness.Net(name, dict(
        about, hidden=[], sample='normal', interval=interval.get(name)),
        parameters())) for name, about in ABOUT.items())

    def density(name, value, *given):
        return np.exp(nets[name].log_density(
            value, nets[name].parameters(*given)))

    n = 400
    z = -1.5 + 3 * (np.arange(n) + .5)[:, None] / n
    y = (np.arange(n) + .5)[:, None] / n
    x = np.linspace(-GAMMA, GAMMA, 4001)[:, None]
    dx = x[1, 0] - x[0, 0]
    ones = np.ones_like
    found = dict((name, []) for name in set(BOUNDS.values()))
    for i in range(len(DATA['x'])):
        at = dict((name, value[i:i + 1]) for name, value in DATA.items())
        found['p(x,y)'].append(density(
            'yz2->_z1', at['x'] * ones(z), at['y'] * ones(z), z).mean())
        ys, zs = np.repeat(y, n, axis=0), np.tile(z, (n, 1))
        found['p(x)'].append(density(
            'yz2->_z1', at['x'] * ones(ys), ys, zs).mean())
        found['q(x,y)'].append(
            density('z1->y', at['y'], at['x'])[0] / (2 * GAMMA))
        of_y = density('z1->y', at['y'] * ones(x), x) / (2 * GAMMA)
        of_z = density('z1y->z2', at['z'] * ones(x), x, at['y'] * ones(x))
        found['q(y,z)'].append((of_y * of_z).sum() * dx)
        found['q(y)'].append(of_y.sum() * dx)
    return dict((name, np.log(values)) for name, values in found.items())


@pytest.mark.parametrize('kind, reverse', sorted(BOUNDS))
def test_bounds_lie_below_their_marginal_and_tighten(tiny, marginals, kind,
                                                     reverse):
    marginal = marginals[BOUNDS[kind, reverse]]
    values = [tiny(kind, reverse, iw)[0] for iw in (1, 6, 60)]
    log_w = tiny(kind, reverse, 1)[1]
    error = log_w.std() / np.sqrt(log_w.size)
    gaps = marginal.mean() - np.array(values)
    assert gaps[0] > 10 * error
    assert gaps[0] > 1.5 * gaps[1] > 2.25 * gaps[2] > -9 * error
    assert abs(gaps[2]) < .1


@pytest.mark.parametrize('kind, reverse', sorted(BOUNDS))
def test_weights_average_to_the_marginal(tiny, marginals, kind, reverse):
    """E[w] is the marginal: what makes log w bound its logarithm."""
    marginal = marginals[BOUNDS[kind, reverse]]
    log_w = tiny(kind, reverse, 1)[1]
    w = np.exp(log_w - marginal[:, None])
    error = w.std(axis=1) / np.sqrt(w.shape[1])
    np.testing.assert_array_less(abs(w.mean(axis=1) - 1), 5 * error)


def test_consistency_is_the_kl_to_the_mean_over_x(tiny):
    """Eq. (22), by quadrature; the estimate lies a little above it."""
    sym, m = tiny.model.symbols_, tiny.model
    consistency = given_noise.function(
        [sym.y, sym.eq_samples, sym.iw_samples],
        m.bounds_.total('consistency'))(DATA['y'], np.int32(800),
                                        np.int32(1))
    nets = dict((name, witness.Net(name, dict(
        about, hidden=[], sample='normal', interval=(-1.5, 1.5)),
        parameters())) for name, about in ABOUT.items())
    n = 60
    v = special.expit(np.linspace(-9, 9, 600))
    z = -1.5 + 3 * (v[1:] + v[:-1])[:, None] / 2
    dz = 3 * np.diff(v)
    prior_z = -1.5 + 3 * (np.arange(n) + .5)[:, None] / n
    noise = special.ndtri((np.arange(n) + .5) / n)[:, None]
    total = 0
    for y in DATA['y']:
        mean, std = nets['yz2->_z1'].parameters(y * np.ones_like(prior_z),
                                                prior_z)
        x = np.repeat(mean, n, axis=0) + np.repeat(std, n, axis=0) * \
            np.tile(noise, (n, 1))
        net = nets['z1y->z2']
        p = net.parameters(x, y * np.ones_like(x))
        mixed = [np.exp(net.log_density(np.full_like(x, at), p)).mean()
                 for at in z[:, 0]]
        aux = nets['y->z2']
        log_q = aux.log_density(z, aux.parameters(y * np.ones_like(z)))
        total += (np.exp(log_q) * (log_q - np.log(mixed)) * dz).sum()
    kl = total / len(DATA['y'])
    assert kl - .01 < consistency < kl + .05
    assert m.networks_['y->z2'].arch['flows'] == [LogisticFlow]

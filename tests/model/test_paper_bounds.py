"""The paper's objective against the derivation in ``witness``.

Terms, gradients and the choices at the border of a support.  All in float64
and in Python: nothing is compiled.
"""
from __future__ import division, print_function

import numpy as np
import pytest
import theano
import theano.tensor as T

import given_noise
import witness
from untapped.errors import InputError
from untapped.model import losses, paper_bounds
from untapped.model.architectures import architecture
from untapped.model.ssdgm import SSDGM

pytestmark = pytest.mark.usefixtures('double_precision')

KINDS = ('x_sup_dis', 'y_sup_dis', 'x_sup', 'y_sup', 'x', 'y')
WEIGHTS = dict(coeff_x=.7, coeff_x_dis=.4, coeff_y=.3, coeff_y_dis=.6)
ROWS = 3
Z_INTERVAL = {'z1y->z2': (-1.5, 1.5), 'y->z2': (-1.5, 1.5)}


def net(hidden, num_output, sample='normal', flows=(), nonlin='tanh',
        batch_norm=False):
    return dict(hidden=hidden, num_output=num_output, sample=sample,
                flows=list(flows), nonlin=nonlin, batch_norm=batch_norm)


#: networks of each case: (features of x, columns of y, networks)
CASES = {
    'crism': (3, 2, {
        'z1->y': net([3], 2, flows=['simplex']),
        'z1y->z2': net([2], 1, flows=['logistic']),
        'yz2->_z1': net([3], 3)}),
    'mnist': (3, 3, {
        'z1->y': net([3], 3, 'concrete', nonlin='softplus'),
        'z1y->z2': net([2], 2, flows=['logistic'], nonlin='softplus'),
        'yz2->_z1': net([3], 3, 'bernoulli', nonlin='sigmoid')}),
    'libs': (3, 2, {
        'z1->y': net([], 2, flows=['nice', 'simplex']),
        'z1y->z2': net([3], 2, flows=['nice', 'logistic'],
                       nonlin='rectify'),
        'yz2->_z1': net([3], 3, flows=['nice', 'softplus'],
                        batch_norm=True)}),
    'm1': (3, 2, {
        'x->z1': net([3], 2, flows=['simplex']),
        'z1->_x': net([2], 3, flows=['logistic'])}),
    'm1_m2': (2, 1, {
        'x->z1': net([2], 2, flows=['nice']),
        'z1->_x': net([2], 2),
        'z1->y': net([2], 1, flows=['simplex']),
        'z1y->z2': net([2], 1, flows=['logistic']),
        'yz2->_z1': net([2], 2)}),
    'planar': (2, 2, {
        'z1->y': net([2], 2, flows=['planar', 'simplex']),
        'z1y->z2': net([2], 2, flows=['planar', 'logistic']),
        'yz2->_z1': net([2], 2)}),
}


def built(case, **options):
    """A model in float64 with random parameters, and its witness's nets."""
    features, parts, about = CASES[case]
    settings = dict(WEIGHTS, variational=True, objective='paper',
                    loss_y=losses.KL)
    settings.update(options)
    model = SSDGM(features, parts, model_dict=dict(
        (name, architecture(**arch)) for name, arch in about.items()),
        **settings).build()
    rng = np.random.RandomState(3)
    model.set_parameters(dict(
        (name, value if name.split('.')[-1] in ('mean', 'var') else
         value + .4 * rng.normal(size=value.shape))
        for name, value in model.parameters().items()))
    return model


def nets(model, case, params=None):
    """The witness's networks, by their names in the equations."""
    about = dict(CASES[case][2])
    if 'y->z2' in model.networks_ and 'y->z2' not in about:
        about['y->z2'] = about['z1y->z2']
    m1 = model.networks_.model_type == 0
    names = {'x->z1': 'q_y' if m1 else 'q_h', 'z1->_x': 'p_h' if m1 else
             'p_x', 'z1->y': 'q_y', 'z1y->z2': 'q_z', 'yz2->_z1': 'p_h',
             'y->z2': 'q_z_of_y'}
    params = params or model.parameters()
    half_pi = (-np.pi / 2, np.pi / 2)
    return dict((names[name], witness.Net(
        name, dict(arch, interval=Z_INTERVAL.get(name, half_pi)), params))
        for name, arch in about.items())


def data(case):
    """Points of every support, off its border."""
    features, parts, about = CASES[case]
    rng = np.random.RandomState(8)
    labels = about.get('z1->y', about.get('x->z1'))
    concrete = labels['sample'] == 'concrete'

    def y():
        p = rng.dirichlet(2 * np.ones(parts + (not concrete)), size=ROWS)
        return .02 + .94 * (p if concrete else p[:, :-1])

    def x():
        if case == 'mnist':
            return 1. * (rng.uniform(size=(ROWS, features)) < .5)
        return .1 + rng.uniform(size=(ROWS, features))

    latents = about['z1y->z2']['num_output'] if 'z1y->z2' in about else 1
    made = dict(x=x(), y=y(), z=rng.uniform(-1.4, 1.4, (ROWS, latents)),
                x_sup=x(), y_sup=y())
    if concrete:
        for name in ('y', 'y_sup'):
            made[name] /= made[name].sum(axis=1, keepdims=True)
    return made


def label(noise):
    """What the paper's bounds draw, by the position of its stream."""
    return paper_bounds.NOISE[noise.position - noise.first]


class Compiled(object):
    """Terms and gradients of a case as functions of its data."""

    def __init__(self, case, reverse='observed', kinds=KINDS, **options):
        if reverse == 'auxiliary':
            kinds += ('consistency',)
            options['coeff_consistency'] = .2
        self.case, self.kinds, self.reverse_kind = case, kinds, reverse
        self.prefix = 'M1_' if case == 'm1' else 'M2_'
        self.model = model = built(case, reverse=reverse, **options)
        given_noise.listen(model, label, first=model._passes.taken)
        bounds, sym = model.bounds_, model.symbols_
        found = [term for kind in kinds for term in bounds.recorded(kind)]
        self.names = [term.name for term in found]
        terms = [bounds.term(term) for term in found]
        J = 0
        for kind in kinds:
            J += self.weight(kind) * bounds.total(kind)
        self.params = [p for p in model.networks_.trainable]
        grads = T.grad(J, self.params, disconnected_inputs='ignore')
        inputs = [sym.x, sym.y, sym.z2, sym.x_sup, sym.y_sup,
                  sym.eq_samples, sym.iw_samples]
        self._call = given_noise.function(inputs, terms + [J] + grads)

    def weight(self, kind):
        m = self.model
        return {'x': m.coeff_x, 'x_sup': m.coeff_x, 'y': m.coeff_y,
                'y_sup': m.coeff_y, 'x_sup_dis': m.coeff_x_dis,
                'y_sup_dis': m.coeff_y_dis,
                'consistency': m.coeff_consistency}[kind]

    def __call__(self, given, eq, iw):
        """(term -> value, J, gradients)."""
        values = self._call(*[given[n] for n in (
            'x', 'y', 'z', 'x_sup', 'y_sup')] + [np.int32(eq), np.int32(iw)])
        n = len(self.names)
        return dict(zip(self.names, values[:n])), values[n], values[n + 1:]

    def witness(self, given, eq, iw, params=None, **options):
        concrete = self.case == 'mnist'
        w = witness.Paper(
            nets(self.model, self.case, params), given, eq, iw,
            self.reverse_kind,
            loss_y=witness.KL_all_parts if concrete else witness.KL,
            **options)
        return w.terms(self.kinds)

    def witness_J(self, given, eq, iw, params):
        found = self.witness(given, eq, iw, params)
        return sum(self.weight(kind) * found[kind] for kind in self.kinds)


def variants():
    made = [(case, 'observed') for case in sorted(CASES) if case != 'planar']
    return made + [(case, reverse)
                   for case in ('crism', 'libs', 'mnist', 'm1_m2')
                   for reverse in ('latent', 'auxiliary')]


@pytest.fixture(scope='module', params=variants(), ids='-'.join)
def compiled(request):
    with given_noise.double_precision():
        yield Compiled(*request.param)


@pytest.mark.parametrize('eq, iw', [(1, 1), (2, 3)])
def test_every_term_equals_the_witness(compiled, eq, iw):
    given = data(compiled.case)
    ours = compiled(given, eq, iw)[0]
    theirs = compiled.witness(given, eq, iw)
    prefix = compiled.prefix
    assert set(ours) == set(prefix + name for name in theirs)
    for name, value in theirs.items():
        np.testing.assert_allclose(ours[prefix + name], value, rtol=1e-8,
                                   atol=1e-10, err_msg=name)


def finite_differences(compiled, given, eq, iw, step=1e-5):
    """Assert that the gradients of J are those of the witness."""
    gradients = compiled(given, eq, iw)[2]
    names = dict((p, name) for name, p in
                 compiled.model.networks_.named_params().items())
    params = compiled.model.parameters()
    for param, gradient in zip(compiled.params, gradients):
        where = params[names[param]]
        numerical = np.empty(where.shape)
        for i in np.ndindex(*where.shape):
            kept = where[i]
            values = []
            for moved in (kept + step, kept - step):
                where[i] = moved
                values.append(compiled.witness_J(given, eq, iw, params))
            where[i] = kept
            numerical[i] = (values[0] - values[1]) / (2 * step)
        np.testing.assert_allclose(gradient, numerical, rtol=1e-5, atol=1e-6,
                                   err_msg=names[param])


def test_gradients_equal_the_witness_finite_differences(compiled):
    """Of J, by every parameter that training moves."""
    finite_differences(compiled, data(compiled.case), 1, 2)


def test_J_is_the_weighted_sum_of_the_terms(compiled):
    terms, J, _ = compiled(data(compiled.case), 1, 1)
    prefix = compiled.prefix
    total = sum(compiled.weight(kind) * terms[prefix + kind]
                for kind in compiled.kinds)
    assert J == pytest.approx(total, rel=1e-12)


def test_planar_flows_serve_the_forward_bounds():
    """Their own samples' density needs no inverse; that of M2, alpha_r 0."""
    kinds = ('x_sup_dis', 'y_sup_dis', 'x_sup', 'x')
    forward = Compiled('planar', kinds=kinds, coeff_y=0)
    given = data('planar')
    ours = forward(given, 2, 2)[0]
    for name, value in forward.witness(given, 2, 2).items():
        assert ours['M2_' + name] == pytest.approx(value, rel=1e-6)
    with pytest.raises(InputError, match="'z1->y'.*: expected flows that"):
        built('planar')


def test_priors_and_losses_that_are_given_take_their_place():
    def log_prior(v):
        return -(v ** 2).sum(axis=-1)

    one = Compiled('crism', prior_x=log_prior, prior_y=log_prior,
                   loss_x=losses.REP, loss_y=losses.L2)
    given = data('crism')
    ours = one(given, 1, 2)[0]

    w = witness.Paper(
        nets(one.model, 'crism'), given, 1, 2, log_p_y=log_prior,
        log_q_x=log_prior, loss_y=witness.L2,
        loss_x=lambda p, a: abs((p - a) / a).sum(axis=-1))
    for name, value in w.terms(KINDS).items():
        assert ours['M2_' + name] == pytest.approx(value, rel=1e-8)


def test_single_precision_keeps_five_digits(monkeypatch):
    monkeypatch.setattr(theano.config, 'floatX', 'float32')
    one = Compiled('crism', 'auxiliary')
    given = dict((k, v.astype('float32')) for k, v in data('crism').items())
    ours = one(given, 2, 3)[0]
    doubles = dict((k, v.astype('float64')) for k, v in given.items())
    params = dict((k, v.astype('float64'))
                  for k, v in one.model.parameters().items())
    for name, value in one.witness(doubles, 2, 3, params).items():
        assert ours['M2_' + name].dtype == np.float32
        assert ours['M2_' + name] == pytest.approx(value, rel=1e-5, abs=1e-6)

"""Distributions: their densities integrate to one, their samples fit."""
from __future__ import division, print_function

import numpy as np
import pytest
import theano.tensor as T
from scipy import special, stats

import witness
from given_noise import function
from untapped.errors import InputError
from untapped.model import conditional
from untapped.model.architectures import architecture
from untapped.model.conditional import Conditional, spread
from untapped.model.ssdgm import SSDGM

pytestmark = pytest.mark.usefixtures('double_precision')

SAMPLES = 1500
GIVEN = np.array([[.3, -.2]])
#: (sample, flows, number of outputs), the flows that M2's x can have
FAMILIES = {
    'normal': ('normal', [], 2), 'nice': ('normal', ['nice'], 2),
    'simplex': ('normal', ['simplex'], 2),
    'nice simplex': ('normal', ['nice', 'simplex'], 2),
    'logistic': ('normal', ['logistic'], 1),
    'softplus': ('normal', ['softplus'], 1),
    'bernoulli': ('bernoulli', [], 2), 'concrete': ('concrete', [], 3)}


def network(sample, flows, units):
    """q(y|x) of two features with random weights, by name x->z1 of M1."""
    nets = {'x->z1': architecture([2], units, sample=sample, flows=flows),
            'z1->_x': architecture([2], 2)}
    model = SSDGM(2, units, model_dict=nets, variational=True,
                  objective='paper', seed=5,
                  prior_z1=lambda y: 0).build()
    rng = np.random.RandomState(7)
    model.set_parameters(dict((name, value + .3 * rng.normal(
        size=value.shape)) for name, value in model.parameters().items()))
    return model, Conditional(model.networks_['x->z1'])


def distribution(family):
    model, made = network(*FAMILIES[family])
    x = T.matrix()
    return x, made.given({model.networks_.layers['x']: x})


def density(family, points):
    """The density at points (n, units), given GIVEN."""
    x, made = distribution(family)
    v = T.matrix()
    log_p = made.spread(v.shape[0]).log_density(v)
    return np.exp(function([x, v], log_p)(GIVEN, points))


def cells(edges):
    """Midpoints and the volume of the cells between edges."""
    middles = [(e[1:] + e[:-1]) / 2 for e in edges]
    widths = [np.diff(e) for e in edges]
    grid = np.meshgrid(*middles, indexing='ij')
    volume = np.meshgrid(*widths, indexing='ij')
    return (np.column_stack([g.ravel() for g in grid]),
            np.prod([w.ravel() for w in volume], axis=0))


def of_the_simplex(n):
    """Cells of the triangle, from a square by stick-breaking."""
    edges = special.expit(np.linspace(-9, 9, n))
    square, volume = cells([edges, edges])
    a, b = square.T
    return np.column_stack([a, (1 - a) * b]), volume * (1 - a)


@pytest.mark.parametrize('family, support', [
    ('normal', lambda: cells([np.linspace(-9, 9, 150)] * 2)),
    ('nice', lambda: cells([np.linspace(-9, 9, 150)] * 2)),
    ('simplex', lambda: of_the_simplex(150)),
    ('nice simplex', lambda: of_the_simplex(150)),
    ('logistic', lambda: cells([np.pi * (special.expit(np.linspace(
        -12, 12, 2000)) - .5)])),
    ('softplus', lambda: cells([np.exp(np.linspace(-12, 3, 2000))])),
    ('concrete', lambda: of_the_simplex(150))])
def test_density_integrates_to_one(family, support):
    points, volume = support()
    if family == 'concrete':
        points = np.column_stack([points, 1 - points.sum(axis=1)])
        # held parts are scaled to sum to 1: leave the rim out
        inside = (points > 1e-4).all(axis=1)
        points, volume = points[inside], volume[inside]
    total = (density(family, points) * volume).sum()
    assert total == pytest.approx(1, abs=3e-3)


def test_probabilities_of_zeros_and_ones_sum_to_one():
    points = np.array([[0., 0.], [0., 1.], [1., 0.], [1., 1.]])
    assert density('bernoulli', points).sum() == pytest.approx(1, abs=1e-9)


def draws(family):
    """Samples of one row from the layer's own generator, their
    log-densities, and the parameters."""
    x, made = distribution(family)
    many = made.spread(SAMPLES)
    value, log_p = many.draw(many.noise(made.network.sample_layer._srng))
    outputs = [value, log_p, many.log_density(value)] + list(made.parameters)
    found = function([x], outputs)(GIVEN)
    return found[0], found[1], found[2], found[3:]


@pytest.mark.parametrize('family', sorted(FAMILIES))
def test_a_samples_own_density_is_that_of_its_value(family):
    value, own, given, _ = draws(family)
    # the density of given compositions is held off the border
    inside = (value > 1e-4).all(axis=1) | (family != 'concrete')
    assert inside.mean() > .99
    np.testing.assert_allclose(own[inside], given[inside], rtol=1e-6,
                               atol=1e-7)


def fits(values, cdf):
    assert stats.kstest(values, cdf)[1] > .01


def test_samples_fit_their_distribution():
    """Kolmogorov and Smirnov's test on what the noise should make normal,
    or logistic: the log-ratio of two Concrete parts."""
    value, _, _, (mean, std) = draws('normal')
    for i in range(2):
        fits(value[:, i], stats.norm(mean[0, i], std[0, i]).cdf)
    value, _, _, (mean, std) = draws('simplex')
    ratio = np.log(value / (1 - value.sum(axis=1, keepdims=True)))
    for i in range(2):
        fits(ratio[:, i], stats.norm(mean[0, i], std[0, i]).cdf)
    value, _, _, (mean, std) = draws('logistic')
    fits(special.logit(value[:, 0] / np.pi + .5),
         stats.norm(mean[0, 0], std[0, 0]).cdf)
    value, _, _, (mean, std) = draws('softplus')
    fits(np.log(np.expm1(value[:, 0])), stats.norm(mean[0, 0],
                                                   std[0, 0]).cdf)
    value, _, _, (logits,) = draws('concrete')
    for i in range(2):
        # the difference of two Gumbel variables is logistic
        fits(np.log(value[:, i] / value[:, 2]),
             stats.logistic(logits[0, i] - logits[0, 2]).cdf)


def test_zeros_and_ones_come_as_often_as_they_should():
    value, _, _, (logits,) = draws('bernoulli')
    p = special.expit(logits[0])
    expected = np.column_stack([1 - p, p]) * SAMPLES
    seen = np.column_stack([(value == 0).sum(axis=0),
                            (value == 1).sum(axis=0)])
    assert (stats.chisquare(seen, expected, axis=1)[1] > .01).all()


def test_means_are_those_of_the_family():
    for family, mean in (
            ('bernoulli', special.expit), ('normal', lambda m: m),
            ('softplus', lambda m: np.log1p(np.exp(m))),
            ('logistic', lambda m: np.pi * (special.expit(m) - .5)),
            ('concrete', lambda a: np.exp(a) / np.exp(a).sum()),
            ('simplex', lambda m: np.exp(m) / (1 + np.exp(m).sum()))):
        x, made = distribution(family)
        ours, first = function([x], [made.mean(), made.parameters[0]])(GIVEN)
        np.testing.assert_allclose(ours, mean(first), rtol=1e-9)


def test_one_hot_labels_have_a_concrete_density():
    """That of the point with parts of 1e-4, scaled to sum to 1."""
    logits = draws('concrete')[3][0]
    held = np.array([[1., 1e-4, 1e-4]]) / 1.0002
    np.testing.assert_allclose(
        np.log(density('concrete', np.array([[1., 0, 0]]))),
        witness.concrete(held, np.exp(logits)), rtol=1e-9)


def test_gumbel_noise_at_the_ends_of_its_range_stays_finite():
    x, made = distribution('concrete')
    u = T.matrix()
    for value in function([x, u], list(made.draw(u)))(
            GIVEN, np.array([[0., 1., .5]])):
        assert np.isfinite(value).all()
    assert 0 < conditional.NOISE_EDGE < 1e-7


def test_spreading_repeats_row_by_row():
    v = T.matrix()
    values = np.arange(6.).reshape(3, 2)
    np.testing.assert_array_equal(function([v], spread(v, 2))(values),
                                  np.repeat(values, 2, axis=0))


def test_a_planar_flow_has_no_density_at_given_values():
    nets = {'x->z1': architecture([2], 2, flows=['planar', 'simplex']),
            'z1->_x': architecture([2], 2)}
    with pytest.raises(InputError, match="model_dict.'x->z1'.: expected"):
        SSDGM(2, 2, model_dict=nets, variational=True, objective='paper',
              coeff_y=1).build()


def test_large_logits_do_not_overflow():
    """exp(1000) would be infinite in float64."""
    logits = T.constant(np.array([[1000., 0.], [0., -1000.]]))
    np.testing.assert_allclose(conditional._log_softmax(logits).eval(),
                               [[0, -1000], [0, -1000]])

"""Densities and divergences against scipy, and by integration."""
from __future__ import division, print_function

import numpy as np
import pytest
import theano.tensor as T
from scipy import integrate, special, stats

from expressions import value
from untapped.parmesan import distributions

RNG = np.random.RandomState(0)
X, MEAN = RNG.normal(size=(2, 6, 3))
STD = RNG.uniform(.3, 2, size=(6, 3))


pytestmark = pytest.mark.usefixtures('double_precision')


def const(array):
    return T.constant(np.asarray(array, dtype='float64'))


@pytest.mark.parametrize('name, parameter', [
    ('log_normal', STD), ('log_normal1', STD ** 2),
    ('log_normal2', 2 * np.log(STD)), ('log_normal3', 1 / STD)])
def test_normal_log_density_equals_scipys(name, parameter):
    density = getattr(distributions, name)
    ours = value(density(const(X), const(MEAN), const(parameter), eps=0.))
    np.testing.assert_allclose(ours, stats.norm(MEAN, STD).logpdf(X),
                               rtol=1e-12)


def test_normal_eps_is_added_to_the_standard_deviation():
    ours = value(distributions.log_normal(const(X), const(MEAN), const(STD)))
    np.testing.assert_allclose(
        ours, stats.norm(MEAN, STD + 1e-5).logpdf(X), rtol=1e-12)


def test_standard_normal_equals_scipys():
    np.testing.assert_allclose(value(distributions.log_stdnormal(const(X))),
                               stats.norm.logpdf(X), rtol=1e-12)


def test_bernoulli_equals_scipys_and_is_held_off_zero():
    p = np.array([[.2, .7], [0., 1.]])
    x = np.array([[1., 0.], [1., 0.]])
    held = np.clip(p, 1e-5, 1 - 1e-5)
    np.testing.assert_allclose(
        value(distributions.log_bernoulli(const(x), const(p))),
        stats.bernoulli(held).logpmf(x), rtol=1e-6)


def test_multinomial_is_the_log_probability_of_the_class():
    p = RNG.dirichlet(np.ones(4), size=5)
    classes = np.array([0, 3, 1, 2, 2])
    ours = value(distributions.log_multinomial(
        T.constant(classes), const(p), eps=0.))
    np.testing.assert_allclose(ours, np.log(p[np.arange(5), classes]),
                               rtol=1e-12)


def test_concrete_density_integrates_to_one_over_the_two_part_simplex():
    edges = special.expit(np.linspace(-12, 12, 2001))
    first = (edges[1:] + edges[:-1]) / 2
    points = np.column_stack([first, 1 - first])
    logits = np.tile([.4, -.3], (len(points), 1))
    density = np.exp(value(distributions.log_gumbel_softmax(
        const(points), const(logits))))
    assert abs((density * np.diff(edges)).sum() - 1) < 1e-3


def test_kl_of_normals_equals_integral():
    m1, s1, m2, s2 = .3, .8, -.5, 1.7

    def integrand(x):
        p = stats.norm(m1, s1)
        return p.pdf(x) * (p.logpdf(x) - stats.norm(m2, s2).logpdf(x))

    by_hand = integrate.quad(integrand, -9, 9)[0]
    ones = const([1.])
    ours = [
        distributions.kl_normal1_normal1(
            m1 * ones, s1 ** 2 * ones, m2 * ones, s2 ** 2 * ones, eps=0.),
        distributions.kl_normal2_normal2(
            m1 * ones, 2 * np.log(s1) * ones, m2 * ones,
            2 * np.log(s2) * ones, eps=0.)]
    for expression in ours:
        assert value(expression)[0] == pytest.approx(by_hand, abs=1e-7)


def test_kl_to_standard_normal_is_the_general_one():
    zeros = const(np.zeros_like(MEAN))
    general = value(distributions.kl_normal1_normal1(
        const(MEAN), const(STD ** 2), zeros, zeros + 1, eps=0.))
    for to_standard in (
            distributions.kl_normal1_stdnormal(const(MEAN), const(STD ** 2),
                                               eps=0.),
            distributions.kl_normal2_stdnormal(const(MEAN),
                                               const(2 * np.log(STD)))):
        np.testing.assert_allclose(value(to_standard), general, rtol=1e-10)


def test_safety_constant_stands_where_it_is_published():
    """1e-5 with the variance, or with twice the variance below the square."""
    eps, var, log_var = 1e-5, STD ** 2, np.log(STD)
    square, other = (X - MEAN) ** 2, var[::-1]
    half_log = -.5 * np.log(2 * np.pi)

    def to(v1, m1, v2, m2):
        """KL of normals by mean and variance."""
        return .5 * (np.log(v2 / v1) + (v1 + (m1 - m2) ** 2) / v2 - 1)

    ours = [
        distributions.log_normal1(const(X), const(MEAN), const(var)),
        distributions.log_normal2(const(X), const(MEAN), const(log_var)),
        distributions.kl_normal1_stdnormal(const(MEAN), const(var)),
        distributions.kl_normal1_normal1(const(MEAN), const(var), const(X),
                                         const(other)),
        distributions.kl_normal2_normal2(const(MEAN), const(log_var),
                                         const(X), const(np.log(other)))]
    by_hand = [
        half_log - np.log(var + eps) / 2 - square / (2 * (var + eps)),
        half_log - log_var / 2 - square / (2 * np.exp(log_var) + eps),
        to(var + eps, MEAN, 1, 0),
        to(var + eps, MEAN, other + eps, X),
        .5 * (np.log(other) - log_var) - .5 + (
            np.exp(log_var) + square) / (2 * other + eps)]
    for expression, values in zip(ours, by_hand):
        np.testing.assert_allclose(value(expression), values, rtol=1e-9)


def test_multinomial_holds_probabilities_off_zero():
    p = np.array([[0., 1.], [.25, .75]])
    ours = value(distributions.log_multinomial(T.constant(np.array([0, 1])),
                                               const(p)))
    np.testing.assert_allclose(ours, np.log([1e-5, .75 + 1e-5]), rtol=1e-9)


def test_concrete_density_at_another_temperature():
    """Maddison et al. 2016, definition 1."""
    y, a, tau = RNG.dirichlet(np.ones(3), size=4), RNG.normal(size=(4, 3)), .7
    p = np.exp(a)
    by_hand = (np.log(2 * tau ** 2) +
               np.log(p / y ** (tau + 1)).sum(axis=1) -
               3 * np.log((p / y ** tau).sum(axis=1)))
    ours = value(distributions.log_gumbel_softmax(const(y), const(a), tau))
    np.testing.assert_allclose(ours, by_hand, rtol=1e-9)

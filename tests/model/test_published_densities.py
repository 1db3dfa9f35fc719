"""Parts of the published bounds against numpy."""
from __future__ import division, print_function

import numpy as np
import pytest
import theano.tensor as T
from scipy import special, stats

import expressions
from untapped.model import published_densities as densities

ROWS, EQ, IW, UNITS = 4, 2, 3, 2
EQ_SYMBOL, IW_SYMBOL = T.iscalar('eq_samples'), T.iscalar('iw_samples')
RNG = np.random.RandomState(0)


pytestmark = pytest.mark.usefixtures('double_precision')


def value(expression):
    return expressions.value(expression, givens={
        EQ_SYMBOL: np.int32(EQ), IW_SYMBOL: np.int32(IW)})


def counts():
    return EQ_SYMBOL, IW_SYMBOL


def mean_log_mean_exp(a):
    return (special.logsumexp(a, axis=2) - np.log(a.shape[2])).mean()


def test_logsumexp_averages_importance_samples_inside_the_logarithm():
    a = RNG.normal(size=(ROWS, EQ, IW))
    ours = value(densities.logsumexp(T.constant(a), sf=0.))
    assert ours == pytest.approx(mean_log_mean_exp(a), rel=1e-9)


def test_logsumexp_does_not_overflow():
    a = np.full((1, 1, 2), 5000.)
    assert value(densities.logsumexp(T.constant(a), sf=0.)) == 5000.


def outputs(rows, **more):
    made = {'l_mu': RNG.normal(size=(rows, UNITS)),
            'l_log_var': RNG.uniform(.5, 2, size=(rows, UNITS))}
    made.update(more)
    return made


def constants(values):
    return {name: T.constant(v) for name, v in values.items()}


def test_recognition_is_the_density_of_the_own_sample_less_the_flows():
    given = outputs(ROWS, l_z=RNG.normal(size=(ROWS * EQ * IW, UNITS)),
                    l_nf_0=RNG.normal(size=ROWS * EQ * IW))
    eq, iw = counts()
    ours = value(densities.log_recognition(
        constants(given), UNITS, eq, iw))
    repeat = {name: np.repeat(given[name], EQ * IW, axis=0)
              for name in ('l_mu', 'l_log_var')}
    log_q = stats.norm(repeat['l_mu'], repeat['l_log_var'] + 1e-5).logpdf(
        given['l_z']).sum(axis=1) - given['l_nf_0']
    by_hand = mean_log_mean_exp(log_q.reshape(ROWS, EQ, IW))
    assert ours == pytest.approx(by_hand, abs=1e-4)


def test_generative_is_the_density_of_the_data_with_the_priors():
    """Two sample layers deep: the network saw ROWS * EQ * IW latents."""
    deep = ROWS * EQ * IW
    latent = RNG.normal(size=(deep, 1))
    x = RNG.normal(size=(ROWS, UNITS))
    given = outputs(deep)
    eq, iw = counts()

    def prior(v):
        return -T.sqr(v).sum(axis=3)

    ours = value(densities.log_generative(
        [(T.constant(latent), 1, prior)], constants(given), T.constant(x),
        UNITS, eq, iw, power=2))
    log_p = stats.norm(given['l_mu'], given['l_log_var'] + 1e-5).logpdf(
        np.repeat(x, EQ * IW, axis=0)).sum(axis=1) - latent[:, 0] ** 2
    by_hand = mean_log_mean_exp(log_p.reshape(ROWS, EQ, IW))
    assert ours == pytest.approx(by_hand, abs=1e-4)

"""Presets against the numbers of the paper's appendix and of the demos."""
from __future__ import division, print_function

import json

import pytest

from untapped.experiments import presets

ALL = [(experiment, name) for experiment in presets.EXPERIMENTS
       for name in presets.names(experiment)]

# Appendix A.2: (alpha_f, alpha_fd, alpha_r, alpha_rd), learning rate,
# epochs, batch size, dimensions of z, hidden units of the three networks.
PAPER = {
    'crism': ((1, 1, .01, 1), .003, 5000, 100, 1, ([5], [5], [20])),
    'libs': ((.01, 10, .0001, .0001), .01, 2000, 100, 2,
             ([25, 10], [5, 5], [50])),
    'mnist': ((.1, 1, .1, .1), .001, 1000, 10000, 2, ([500], [500], [500])),
}


@pytest.mark.parametrize('experiment', sorted(PAPER))
def test_paper_preset_holds_the_appendix(experiment):
    weights, lr, epochs, batch, latents, hidden = PAPER[experiment]
    chosen = presets.preset(experiment, 'paper')
    assert (chosen['coeff_x'], chosen['coeff_x_dis'], chosen['coeff_y'],
            chosen['coeff_y_dis']) == weights
    assert (chosen['lr'], chosen['num_epochs'], chosen['num_latent_z2']) == (
        lr, epochs, latents)
    assert set(chosen[key] for key in presets.BATCH_SIZES) == set([batch])
    assert tuple(net['hidden']
                 for net in chosen['networks'].values()) == hidden
    assert chosen['variational'] is True
    assert chosen['anneal_lr_factor'] == 1


@pytest.mark.parametrize('experiment', sorted(PAPER))
def test_paper_preset_is_the_papers_objective(experiment):
    chosen = presets.preset(experiment, 'paper')
    assert (chosen['objective'], chosen['reverse'], chosen['prior_y']) == (
        'paper', 'observed', None)
    # eq. (15) has four weights and no more
    assert (chosen['coeff_x_prob'], chosen['coeff_y_prob']) == (
        chosen['coeff_x'], chosen['coeff_y'])
    assert presets.as_paper(chosen) == chosen


@pytest.mark.parametrize('experiment', ['crism', 'mnist'])
def test_paper_presets_networks_go_with_the_published_terms(experiment):
    paper = presets.preset(experiment, 'paper')
    terms = presets.preset(experiment, 'paper', 'published')
    changed = [key for key in paper if paper[key] != terms[key]]
    assert changed == ['objective'] + ['coeff_y_prob'] * (
        experiment == 'mnist')
    assert terms['objective'] == 'published'


@pytest.mark.parametrize('experiment, epochs', [
    ('crism', 5000), ('libs', 2000), ('mnist', 1000), ('raman', 2000)])
def test_default_epochs_are_those_of_the_published_demo(experiment, epochs):
    assert presets.preset(experiment)['num_epochs'] == epochs


def test_mnists_one_hot_labels_have_no_density_under_q():
    # log q(y|x) of a one-hot y is log 0 under the Concrete distribution.
    for name in presets.names('mnist'):
        assert presets.preset('mnist', name, 'published')[
            'coeff_y_prob'] == 0


def test_published_presets_differ_from_the_paper_where_known():
    libs, mnist = presets.preset('libs'), presets.preset('mnist')
    assert libs['variational'] is False
    assert (libs['coeff_x_prob'], libs['coeff_y_prob']) == (0, 0)
    assert [net['hidden'] for net in mnist['networks'].values()] == [
        [50, 50], [10, 10], [250, 500]]
    assert (mnist['lr'], mnist['coeff_y_dis']) == (.01, .01)


@pytest.mark.parametrize('experiment, name', ALL)
def test_presets_are_plain_data(experiment, name):
    chosen = presets.preset(experiment, name)
    assert json.loads(json.dumps(chosen)) == chosen


def test_m2_takes_the_weight_of_the_reverse_model_alone():
    untapped = presets.preset('crism', 'paper')
    m2 = presets.as_m2(untapped)
    changed = [key for key in untapped if untapped[key] != m2[key]]
    assert changed == ['coeff_y', 'coeff_y_prob']
    assert m2['coeff_y'] == 0


def test_a_preset_is_a_copy():
    presets.preset('crism')['networks']['z1->y']['hidden'].append(7)
    assert presets.preset('crism')['networks']['z1->y']['hidden'] == [5]

"""Every preset becomes a model of the right shape."""
from __future__ import division, print_function

import numpy as np
import pytest
import theano.tensor as T
from scipy.stats import dirichlet

from untapped.errors import UserError
from untapped.experiments import build, presets
from untapped.machine import memory
from untapped.model import losses
from untapped.parmesan import streams

SEEDS = streams.sample_seeds(np.random.RandomState(1))


@pytest.mark.parametrize('experiment, name', [
    (experiment, name) for experiment in presets.EXPERIMENTS
    for name in presets.names(experiment)])
def test_a_preset_becomes_a_model_of_its_shape(experiment, name):
    settings = presets.preset(experiment, name)
    model = build.model(settings, 7, 3, SEEDS).build()
    shapes = dict((key, value.shape)
                  for key, value in model.parameters().items())
    latents = settings['num_latent_z2']
    for net, (inputs, outputs) in {'z1->y': (7, 3), 'z1y->z2': (10, latents),
                                   'yz2->_z1': (3 + latents, 7)}.items():
        widths = [inputs] + settings['networks'][net]['hidden'] + [outputs]
        weights = sorted(shape for key, shape in shapes.items()
                         if key.startswith(net + ' l_') and len(shape) == 2
                         and 'log_var' not in key)
        assert weights == sorted(zip(widths, widths[1:]))


def test_names_become_losses_and_settings_parameters():
    settings = presets.preset('libs')
    model = build.model(settings, 7, 3, SEEDS)
    assert model.loss_x is losses.L2 and model.loss_y is losses.KL
    for key in set(settings) - set(build.RESOLVED):
        assert getattr(model, key) == settings[key]


def test_the_raman_prior_is_the_dirichlet_density():
    prior = build.model(presets.preset('raman'), 7, 3, SEEDS).prior_y
    y = np.array([[.1, .2, .3], [.25, .25, .25]])
    expected = [dirichlet.logpdf(list(row) + [1 - sum(row)], [1e-3] * 4)
                for row in y]
    symbol = T.dmatrix()
    assert np.allclose(prior(symbol).eval({symbol: y}), expected, rtol=1e-10)


def test_an_unknown_prior_is_refused():
    settings = presets.preset('raman')
    settings['prior_y'] = {'name': 'uniform'}
    with pytest.raises(ValueError, match='uniform'):
        build.model(settings, 7, 3, SEEDS)


def test_a_step_beyond_memory_is_refused_with_both_numbers(monkeypatch):
    settings = presets.preset('crism', 'published')
    monkeypatch.setattr(memory, 'left', lambda: (2 * 10 ** 9, 'ulimit -v'))
    build.check_memory(settings, 165, 2)
    settings.update((key, 10 ** 6) for key in presets.BATCH_SIZES)
    with pytest.raises(UserError) as refused:
        build.check_memory(settings, 165, 2)
    assert str(refused.value) == (
        'argument --batch-size or --hidden: a step of so many rows and units '
        'takes at least 26.4 GB of memory; 2.0 GB are left (ulimit -v)')


def test_a_system_that_tells_no_memory_refuses_no_step(monkeypatch):
    settings = presets.preset('crism', 'published')
    settings.update((key, 10 ** 9) for key in presets.BATCH_SIZES)
    monkeypatch.setattr(memory, 'left', lambda: None)
    build.check_memory(settings, 165, 2)

"""The table of passes gives each pass the stream of the published order."""
from __future__ import division, print_function

import lasagne
import numpy as np
import pytest
import theano.tensor as T

from untapped.model.architectures import complete
from untapped.model.networks import Networks
from untapped.model.passes import INFERENCE, M1_BOUNDS, M2_BOUNDS, Passes
from untapped.parmesan.sample import _Sampler


def networks(model_type):
    archs = complete({}, model_type, 6, num_output=2, hidden=[3],
                     num_latent_z1=4)
    one = T.iscalar('eq_samples'), T.iscalar('iw_samples')
    return Networks(archs, 6, one[0], one[1],
                    {'SampleLayer': 11})


def eager_states(nets):
    """First stream states of every pass, all built in sequence.

    The streams advance by themselves here; nothing is looked up.
    """
    bounds = [('M1', M1_BOUNDS)] * (nets.model_type in (0, 2)) + \
        [('M2', M2_BOUNDS)] * (nets.model_type in (1, 2))
    passes = [((model, label), target, given) for model, table in bounds
              for label, target, given in table]
    for target, given, steps in INFERENCE[nets.model_type]:
        passes += [(('infer', target, given, n), name.split()[-1], inputs)
                   for n, (name, inputs) in enumerate(steps)]
    states = {}
    for key, target, given in passes:
        layers = list(nets[target].key_layers.values()) \
            if target in nets else nets.layers[target]
        before = count(nets)
        lasagne.layers.get_output(
            layers, inputs={nets.layers[g]: T.matrix() for g in given})
        states[key] = changed(nets, before)
    return states


def samplers(nets):
    return [net.sample_layer for net in nets.values()]


def count(nets):
    return [len(s._srng.state_updates) for s in samplers(nets)]


def changed(nets, before):
    """(layer's place, its new stream's first state) of what drew."""
    found = []
    for place, (sampler, n) in enumerate(zip(samplers(nets), before)):
        for update in sampler._srng.state_updates[n:]:
            found.append((place, update[0].get_value()[0].tolist()))
    return found


@pytest.mark.parametrize('model_type', [0, 1, 2])
def test_passes_built_backwards_draw_as_if_built_in_sequence(model_type):
    expected = eager_states(networks(model_type))
    nets = networks(model_type)
    passes = Passes(nets)
    for key in reversed(sorted(expected, key=str)):
        target, given = target_and_given(key, model_type)
        before = count(nets)
        passes.run(key, target, {g: T.matrix() for g in given},
                   deterministic=False)
        assert changed(nets, before) == expected[key], key


def target_and_given(key, model_type):
    if key[0] != 'infer':
        table = {'M1': M1_BOUNDS, 'M2': M2_BOUNDS}[key[0]]
        return [(t, g) for label, t, g in table if label == key[1]][0]
    for target, given, passes in INFERENCE[model_type]:
        if (target, given) == key[1:3]:
            name, inputs = passes[key[3]]
            return name.split()[-1], inputs


def test_deterministic_passes_draw_nothing():
    nets = networks(1)
    before = count(nets)
    Passes(nets).run(('M2', 'x: z1->y'), 'z1->y', {'x': T.matrix()},
                     deterministic=True)
    assert changed(nets, before) == []
    assert all(isinstance(s, _Sampler) for s in samplers(nets))


def test_sequences_start_from_the_layers_seed():
    first = eager_states(networks(1))['M2', 'x: z1->y']
    assert first == [(0, [11] * 6)]
    np.testing.assert_equal(len(first), 1)


def test_published_noise_of_y_and_z2_is_one_stream():
    """Layers of a class share a seed, and both are the first to draw: in
    bound (8) y and z2 are not independent.  The paper's objective is."""
    states = eager_states(networks(1))
    (_, y), = states['M2', 'x: z1->y']
    (_, z2), = states['M2', 'x: z1y->z2']
    assert y == z2

"""Architectures become connected layers."""
from __future__ import division, print_function

import lasagne
import numpy as np
import pytest
import theano.tensor as T

from untapped.model import networks
from untapped.model.architectures import architecture, complete
from untapped.parmesan import flow, sample


def built(archs, num_features=6):
    seeds = {'SampleLayer': 1, 'BernoulliSampleLayer': 2,
             'ConcreteSampleLayer': 3}
    return networks.Networks(archs, num_features, T.iscalar(), T.iscalar(),
                             seeds)


def m2(sample_y='normal', flows_y=('simplex',), sample_x='normal', **options):
    return dict([
        ('z1->y', architecture([3], 2, sample=sample_y, flows=flows_y,
                               **options)),
        ('z1y->z2', architecture([4], 1, flows=['logistic'])),
        ('yz2->_z1', architecture([5], 6, sample=sample_x))])


def names(params):
    return [p.name for p in params]


def test_model_type_follows_from_the_networks_given():
    assert built(complete(m2(), num_features=6)).model_type == 1
    m1 = {'x->z1': architecture([3], 6), 'z1->_x': architecture([3], 6)}
    assert built(complete(m1, num_features=6)).model_type == 0
    both = dict(m2(), **m1)
    assert built(complete(both, num_features=6)).model_type == 2


def test_parameters_come_network_by_network_in_layer_order():
    nets = built(complete(m2(), num_features=6))
    one = ['l_0.W', 'l_0.b', 'l_mu.W', 'l_mu.b', 'l_log_var.W',
           'l_log_var.b']
    assert names(nets.params) == 3 * one
    shapes = [p.get_value().shape for p in nets['z1y->z2'].params]
    # x and y in: 6 + 2 columns
    assert shapes == [(8, 4), (4,), (4, 1), (1,), (4, 1), (1,)]


def test_standard_deviation_starts_at_log_two():
    nets = built(complete(m2(), num_features=6))
    std = nets['z1->y'].key_layers['l_log_var']
    out = lasagne.layers.get_output(
        std, {nets.layers['x']: T.constant(np.ones((2, 6), 'float32'))})
    np.testing.assert_allclose(out.eval(), np.log(2), rtol=1e-6)


@pytest.mark.parametrize('kind, first, layer', [
    ('normal', ['l_mu', 'l_log_var', 'l_z'], sample.SampleLayer),
    ('bernoulli', ['l_mu', 'l_z'], sample.BernoulliSampleLayer),
    ('concrete', ['l_logits', 'l_z'], sample.ConcreteSampleLayer)])
def test_key_layers_of_each_distribution(kind, first, layer):
    net = built(complete(m2(kind, ['nice', 'simplex']),
                         num_features=6))['z1->y']
    assert list(net.key_layers) == first + ['l_z2', 'l_nf_0', 'l_nf_1']
    assert isinstance(net.sample_layer, layer)
    assert net.output is net.key_layers['l_z2']


def test_way_back_undoes_the_flows_and_is_the_identity_without_inverse():
    y = np.array([[.2, .5]], dtype='float32')
    for flows, expected in ((['simplex'], np.log(y / .3)), (['planar'], y),
                            ([], y)):
        net = built(complete(m2(flows_y=flows), num_features=6))['z1->y']
        back = lasagne.layers.get_output(net.base,
                                         {net.base_input: T.constant(y)})
        np.testing.assert_allclose(back.eval(), expected, rtol=1e-4)


def test_batch_norm_adds_its_layers_and_statistics_do_not_train():
    nets = built(complete(m2(batch_norm=True), num_features=6))
    assert nets.batch_norm
    found = names(nets['z1->y'].params)
    assert 'l_0_normalize.mean' in found and 'l_0_scale.gamma' in found
    trained = names(nets['z1->y'].trainable)
    assert 'l_0_normalize.mean' not in trained and 'l_0.b' not in trained


def test_default_networks_follow_the_published_rules():
    """The last flow is dropped for latents, one unit gets no flow."""
    made = complete({}, 2, 6, num_output=1, hidden=[3], num_latent_z1=4,
                    num_latent_z2=2, nflows=2, simplexflow=False)
    flows = {name: made[name]['arch']['flows'] for name in made}
    assert flows == {'x->z1': [flow.NICE], 'z1->_x': [], 'z1->y': [],
                     'z1y->z2': [flow.NICE], 'yz2->_z1': []}


@pytest.mark.parametrize('change, message', [
    (lambda a: a.pop('z1y->z2'), 'found no z1y->z2'),
    (lambda a: a.update({'x->z1': architecture([], 3)}), 'found no z1->_x'),
    (lambda a: a['yz2->_z1']['arch'].update(num_output=5),
     'expected num_output = num_features = 6')])
def test_incomplete_descriptions_are_refused(change, message):
    archs = m2()
    change(archs)
    with pytest.raises(ValueError, match=message):
        complete(archs, num_features=6)


@pytest.mark.parametrize('options, message', [
    ({'nonlin': 'cosine'}, 'nonlin: expected one of linear, rectify'),
    ({'sample': 'poisson'}, 'sample: expected one of bernoulli'),
    ({'flows': ['radial']}, 'flows: expected one of logistic, nice')])
def test_unknown_names_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        architecture([3], 2, **options)

"""Choosing an objective: errors, weights, updates, and whole trainings.

Trained in Python and float32: nothing is compiled.
"""
from __future__ import division, print_function

import numpy as np
import pytest

import given_noise
from test_paper_bounds import CASES, data, net
from untapped.errors import InputError
from untapped.model import losses
from untapped.model.architectures import architecture
from untapped.model.ssdgm import SSDGM


@pytest.fixture(autouse=True)
def nothing_compiled(monkeypatch):
    given_noise.compile_nothing(monkeypatch)


def described(nets):
    return dict((name, architecture(**arch)) for name, arch in nets.items())


def model(case='crism', **options):
    features, parts, nets = CASES[case]
    settings = dict(
        model_dict=described(nets), variational=True, objective='paper',
        loss_y=losses.KL, coeff_x=1, coeff_y=.1, coeff_x_dis=1,
        coeff_y_dis=1, num_epochs=2, eval_freq=1, lr=.01)
    settings.update(options)
    return SSDGM(features, parts, **settings)


def groups(case='crism', without=()):
    d = data(case)
    made = dict(X=d['x_sup'], y=d['y_sup'], X_=d['x'], _y=d['y'], z2=d['z'],
                X_valid=d['x_sup'], y_valid=d['y_sup'])
    return dict((name, value) for name, value in made.items()
                if name not in without)


@pytest.mark.parametrize('case, reverse', [
    ('crism', 'observed'), ('mnist', 'latent'), ('libs', 'auxiliary'),
    ('m1', 'observed'), ('m1_m2', 'latent')])
def test_every_model_trains_and_answers(case, reverse):
    given = groups(case, ['z2'] * (case == 'm1' or reverse != 'observed'))
    one = model(case, reverse=reverse,
                coeff_consistency=.1 * (reverse == 'auxiliary')).fit(**given)
    assert one.history_.epochs == [1, 2]
    for record in (one.history_.train, one.history_.evalN):
        assert all(np.isfinite(v).all() for v in record.values())
    assert len(one.history_.train) > len(one.history_.evalN) > 5
    assert one.predict(given['X']).shape == given['y'].shape
    assert np.isfinite(one.objective_value('x', given['X'])).all()
    prefix = 'M1_' if case == 'm1' else 'M2_'
    total = sum(weight * one.history_.train[prefix + kind][-1]
                for kind, weight in one.objective_.weighted(
                    _Everything(), one.networks_.model_type))
    assert one.history_.train['train'][-1] == pytest.approx(total, rel=1e-4)


class _Everything(object):
    """Data of all groups."""
    labelled = True

    def has(self, name):
        return True


def test_training_goes_on_from_a_state_with_the_same_bits():
    states = []
    whole = model(reverse='latent')
    whole.fit(monitor=lambda event: event.kind == 'epoch' and
              states.append(whole.state()), **groups())
    again = model(reverse='latent')
    again.fit(state=states[0], **groups())
    assert again.parameters_sha256() == whole.parameters_sha256()
    assert again.history_.train == whole.history_.train


def test_learning_rate_is_constant():
    rates = []
    model(anneal_lr_epoch=1, anneal_lr_factor=.5).fit(
        monitor=lambda event: rates.append(event.lr), **groups())
    assert set(rates) == {.01}


def seeks(reverse):
    """(class of layer, position) of each draw of the bounds."""
    one = model(reverse=reverse,
                coeff_consistency=.1 * (reverse == 'auxiliary')).build()
    taken = []

    class Seeking(given_noise.GivenNoise):
        def seek(self, position):
            taken.append(position)

    for network in one.networks_.values():
        network.sample_layer._srng = Seeking('', lambda noise: 'x', 0)
    one.bounds_.total('x')
    for kind in ('x_sup', 'y_sup', 'y_sup_dis', 'y') + (
            ('consistency',) if reverse == 'auxiliary' else ()):
        one.bounds_.total(kind)
    return one._passes.taken, taken


@pytest.mark.parametrize('reverse, draws', [
    # y, z | z | z, shared with (14) | x, z | and those of (22)
    ('observed', 5), ('latent', 6), ('auxiliary', 8)])
def test_each_draw_has_a_stream_of_its_own(reverse, draws):
    """Sample layers of one class share a seed: across networks, too."""
    first, positions = seeks(reverse)
    assert len(positions) == len(set(positions)) == draws
    assert min(positions) >= first


def test_a_network_more_leaves_the_others_their_weights():
    plain, more = model().build(), model(reverse='auxiliary').build()
    for name, value in plain.parameters().items():
        np.testing.assert_array_equal(value, more.parameters()[name])
    assert 'y->z2 l_0.W' in more.parameters()


def test_the_network_of_z_given_y_can_be_described():
    nets = described(dict(CASES['crism'][2], **{
        'y->z2': net([7], 1, flows=['logistic'])}))
    one = model(reverse='auxiliary', model_dict=nets).build()
    assert one.parameters()['y->z2 l_0.W'].shape == (2, 7)


@pytest.mark.parametrize('model_type', [0, 1, 2])
def test_networks_not_described_end_on_their_supports(model_type):
    """p(y) = Dir(1), p(z) = U(-1.5, 1.5)."""
    one = model(model_dict=None, model_type=model_type, hidden=(3,),
                num_latent_z1=2, nflows=1).build()
    y = one.networks_['x->z1' if model_type == 0 else 'z1->y']
    assert [f.__name__ for f in y.arch['flows']] == ['NICE', 'SimplexFlow']
    if model_type:
        z = one.networks_['z1y->z2']
        assert [f.__name__ for f in z.arch['flows']] == ['NICE',
                                                         'LogisticFlow']


def other(**nets):
    """Networks of the CRISM case with some exchanged, by short names."""
    names = {'y': 'z1->y', 'z': 'z1y->z2', 'x': 'yz2->_z1',
             'aux': 'y->z2'}
    made = dict(CASES['crism'][2])
    made.update((names[name], value) for name, value in nets.items())
    return {'model_dict': described(made)}


@pytest.mark.parametrize('options, message', [
    (dict(objective='other'), "^objective: expected 'published' or 'paper', "
     "got 'other'"),
    (dict(reverse='other'), "^reverse: expected 'observed' or 'latent'"),
    (dict(objective='published', reverse='latent'),
     "^reverse: expected 'observed' under objective='published'"),
    (dict(objective='published', coeff_consistency=1),
     '^coeff_consistency: expected 0 under'),
    (dict(coeff_consistency=1), '^coeff_consistency: expected 0 unless'),
    (dict(reverse='auxiliary', coeff_consistency=-1),
     '^coeff_consistency: expected a number of at least 0'),
    (dict(variational=False), '^variational: expected True under'),
    (dict(prior_z2=lambda z: 0), '^prior_z2: expected None'),
    (dict(prior_z1=lambda z: 0), '^prior_z1: expected None'),
    (dict(case='m1', prior_y=lambda y: 0), '^prior_y: expected None'),
    (dict(case='m1', reverse='auxiliary'), '^reverse: expected .* in M1'),
    (other(y=net([3], 2)), "^model_dict.'z1->y'.: expected .* 'simplex'"),
    (other(y=net([3], 2, 'bernoulli')), "^model_dict.'z1->y'.: expected"),
    (other(y=net([3], 2, 'concrete', ['simplex'])),
     "^model_dict.'z1->y'.: expected"),
    (other(z=net([3], 1)), "^model_dict.'z1y->z2'.: expected .* 'logistic'"),
    (other(z=net([3], 1, 'bernoulli', ['logistic'])),
     "^model_dict.'z1y->z2'.: expected .* 'logistic'"),
    (dict(other(aux=net([3], 2, flows=['logistic'])), reverse='auxiliary'),
     "^model_dict.'y->z2'.: expected num_output = 1, .* got 2"),
    (dict(other(aux=net([3], 1, flows=['logistic'])), reverse='latent'),
     "^model_dict.'y->z2'.: expected only with reverse='auxiliary'"),
    (dict(other(aux=net([3], 1)), objective='published'),
     "^model_dict.'y->z2'.: expected only with reverse='auxiliary'"),
    (other(x=net([3], 3, flows=['planar'])),
     "^model_dict.'yz2->_z1'.: expected flows that have an inverse")])
def test_settings_that_do_not_go_together_are_told(options, message):
    with pytest.raises(InputError, match=message) as caught:
        model(**options).build()
    assert '\n' not in str(caught.value)


@pytest.mark.parametrize('case, changes, message', [
    ('crism', dict(y=[[.9, .2]] * 3), '^y: expected points on the simplex'),
    ('crism', dict(_y=[[-.1, .2]] * 3), '^_y: expected points on the'),
    ('crism', dict(y_valid=[[.9, .2]] * 3), '^y_valid: expected points'),
    ('mnist', dict(y=[[.2, .2, .2]] * 3), '^y: .* all their parts'),
    ('crism', dict(z2=[[1.6]] * 3), '^z2: expected values from -1.5 to 1.5'),
    ('libs', dict(X=-np.ones((3, 3))), '^X: expected values from 0'),
    ('libs', dict(X_=-np.ones((3, 3))), '^X_: expected values from 0'),
    ('mnist', dict(X=np.full((3, 3), .5)), '^X: expected zeros and ones')])
def test_data_off_their_support_are_told(case, changes, message):
    given = groups(case)
    given.update((name, np.array(value)) for name, value in changes.items())
    with pytest.raises(InputError, match=message) as caught:
        model(case).fit(**given)
    assert '\n' not in str(caught.value)


def test_latents_that_are_not_observed_need_not_be_given():
    given = groups(without=['z2'])
    assert 'M2_y' in model(reverse='latent').fit(**given).history_.train
    with pytest.raises(InputError, match='^z2: expected together with _y'):
        model().fit(**given)


def test_a_weight_of_zero_takes_its_terms_out():
    names = model(coeff_y=0, coeff_y_dis=0).fit(**groups()).history_.train
    assert 'M2_x' in names and 'M2_x_sup_rec_z' in names
    assert not [n for n in names if n.startswith('M2_y')]

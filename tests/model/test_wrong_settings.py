"""Settings that cannot be meant: each is one sentence that names it.

Grouped by argument.  Nothing is compiled before a setting is refused.
"""
from __future__ import division, print_function

from fractions import Fraction
from functools import partial

import lasagne
import numpy as np
import pytest
import theano
import theano.tensor as T

from tiny import FEATURES, LATENTS, PARTS, model, networks
from untapped.errors import InputError
from untapped.model import checks
from untapped.model.architectures import FLOWS, architecture
from untapped.model.losses import KL
from untapped.model.ssdgm import SSDGM
from untapped.parmesan.flow import (LogisticFlowLayer,
                                    NormalizingSimplexFlowLayer_Inverse)

INFINITY, NAN = float('inf'), float('nan')
#: what is no count, and none below the least
NO_COUNT = [0, -1, 2.5, 10., 1e3, INFINITY, NAN, 10 ** 10, '3', None, True,
            [3], np.array(3), 3j, np.timedelta64(3)]
NO_NUMBER = [-1, -.1, INFINITY, NAN, 1e39, 10 ** 400, '1', None, True, 1j,
             [1.], np.ones(2), np.timedelta64(3)]
NO_FLAG = ['yes', 2, None, 1.]
NO_FUNCTION = ['KL', 3, [KL], len, lambda: 0, lambda *a: None,
               lambda first, *others: first]
#: losses that nothing can be learned from
NO_LOSS = [lambda p, a: T.cast(KL(p, a), 'int32'), lambda p, a: KL(a, a),
           lambda p, a: 0, lambda p, a: KL(p, a) + 1j]

WRONG = [(names, values) for names, values in (
    ('num_features num_output', NO_COUNT),
    ('iw_samples', NO_COUNT),
    ('eq_samples', [0, 1.5, INFINITY]),
    ('num_epochs', NO_COUNT),
    ('eval_freq', [0, 1e3, 'often']),
    ('num_latent_z1 num_latent_z2', [0, 1.]),
    ('nflows', [-1, 1.5, 'nice', 10 ** 9]),
    ('anneal_lr_epoch', [-1, 2.5, INFINITY]),
    ('batch_size_Xy_train', NO_COUNT),
    ('batch_size_X__train batch_size__y_train', [0, INFINITY]),
    ('batch_size_Xy_eval', [4, 1e3]),
    ('batch_size_X__eval batch_size__y_eval', [4, INFINITY]),
    ('lr', NO_NUMBER),
    ('anneal_lr_factor', [-1, NAN, '1']),
    ('coeff_x', NO_NUMBER),
    ('coeff_y coeff_x_dis coeff_y_dis coeff_x_prob coeff_y_prob',
     [-1, NAN, None]),
    ('coeff_consistency', [-1, 1j]),
    ('variational', NO_FLAG),
    ('simplexflow batch_norm warm_start', ['no', 1]),
    ('model_type', [3, -1, 1., 'M2', None, True]),
    ('numerics', ['slow', None, 1, ['exact']]),
    ('objective', ['other', None, ['paper'], 2]),
    ('reverse', ['other', None, {}]),
    ('loss_x loss_y', NO_FUNCTION + NO_LOSS),
    ('prior_x prior_y prior_z1 prior_z2', NO_FUNCTION[:2] + NO_FUNCTION[4:]),
    ('nonlin_enc nonlin_dec', ['sine', 3, lambda: 0, len]),
    ('gain_enc gain_dec', [0, -1, INFINITY, 'tanh', None]),
    ('hidden', [5, 'many', [0], [-3], [2.5], [True], None, [[3]],
                np.array(3), np.ones((1, 2), int)]),
    ('default_data', [3, [], {'X': 1}, {'x_': 1}]),
    ('seed', [-1, 2 ** 32, 1.5, '1234', True, [1]]),
    ('sample_seeds', [-1, 1.5, '1', None, True, [1], 2 ** 32,
                      {'SampleLayer': 0}, {'SampleLayer': 1.5}, {3: 3}]),
    ('model_dict', [3, [], 'M2', {'z1->x': networks()['z1->y']},
                    {'x->y': networks()['z1->y']}, {3: 3}]))]

CASES = [(name, value) for names, values in WRONG
         for name in names.split() for value in values]


@pytest.fixture(autouse=True)
def nothing_compiled(monkeypatch):
    def function(*args, **options):
        raise AssertionError('compiled')
    monkeypatch.setattr(theano, 'function', function)


def told(call):
    """The one sentence that a wrong call ends with."""
    with pytest.raises(InputError) as caught:
        call()
    sentence = str(caught.value)
    assert '\n' not in sentence and len(sentence) < 500
    assert 'expected' in sentence
    return sentence


def test_every_parameter_has_a_kind():
    assert sorted(checks.SETTINGS) == sorted(SSDGM._get_param_names())
    assert len(checks.SETTINGS) == 48


def test_every_parameter_is_among_the_wrong_settings():
    assert set(name for name, _ in CASES) == set(checks.SETTINGS)


@pytest.mark.parametrize('name, value', CASES, ids=[
    '%s-%d' % (name, number) for number, (name, _) in enumerate(CASES)])
def test_a_wrong_setting_is_one_sentence_with_its_name(name, value):
    sentence = told(lambda: SSDGM(**dict(
        dict(num_features=FEATURES, num_output=PARTS - 1, model_type=1),
        **{name: value})).build())
    assert sentence.startswith(name + ': expected ')


def test_fit_refuses_a_wrong_setting_too():
    assert told(lambda: model(lr=-1).fit()).startswith('lr: ')


@pytest.mark.parametrize('name, value', [
    ('num_features', np.int64(FEATURES)), ('lr', np.float64(.1)),
    ('lr', np.float32(.1)), ('lr', 1), ('coeff_x', np.float64(1)),
    ('coeff_y', np.int32(0)), ('seed', None), ('seed', np.uint8(3)),
    ('hidden', (3,)), ('hidden', np.array([3, 2])), ('hidden', []),
    ('gain_enc', 'relu'), ('nonlin_enc', 'tanh'), ('nonlin_enc', u'tanh'),
    ('nonlin_dec', u'linear'), ('nonlin_dec', T.tanh),
    ('variational', np.bool_(True)), ('loss_x', None), ('loss_y', KL),
    ('prior_z2', lambda z: -(z ** 2).sum(axis=-1)),
    ('prior_x', lambda x: 0), ('batch_size_Xy_train', np.int64(7)),
    ('objective', u'published'), ('default_data', {}),
    ('sample_seeds', np.int64(0)), ('num_features', np.uint64(FEATURES)),
    ('num_output', np.uint64(2)), ('nflows', np.uint64(2)),
    ('hidden', np.array([3, 2], 'u8')), ('num_latent_z2', np.uint64(2)),
    ('gain_enc', Fraction(1, 2))])
def test_right_settings_are_taken(name, value):
    settings = dict(num_features=FEATURES, num_output=PARTS - 1,
                    model_type=1)
    SSDGM(**dict(settings, **{name: value})).build()


# descriptions of networks


def arch(name='z1->y', **changes):
    """The tiny networks with one description changed."""
    nets = networks()
    nets[name]['arch'].update(changes)
    return nets


def without(name, key):
    nets = networks()
    del nets[name]['arch'][key]
    return nets


def unicode_key():
    nets = networks()
    nets['z1->y']['arch'][u'\xe9'] = 3
    return nets


def logistic(**ends):
    return arch('z1y->z2', flows=[partial(LogisticFlowLayer, **ends)])


LAYER = networks()['z1->y']['arch']['sample_layer']


@pytest.mark.parametrize('nets, beginning', [
    (arch(hidden=5), "model_dict['z1->y']['arch']['hidden']: expected a li"),
    (arch(hidden=[0]), "model_dict['z1->y']['arch']['hidden']: expected"),
    (arch(hidden=[-1]), "model_dict['z1->y']['arch']['hidden']: expected"),
    (arch(hidden='3'), "model_dict['z1->y']['arch']['hidden']: expected"),
    (arch(hidden=[3.]), "model_dict['z1->y']['arch']['hidden']: expected"),
    (arch(num_output=0), "model_dict['z1->y']['arch']['num_output']"),
    (arch(num_output=2.), "model_dict['z1->y']['arch']['num_output']"),
    (arch(gain=-1), "model_dict['z1->y']['arch']['gain']: expected a numb"),
    (arch(nonlin='tanh'), "model_dict['z1->y']['arch']['nonlin']: expected"),
    (arch(sample_layer='normal'),
     "model_dict['z1->y']['arch']['sample_layer']: expected a subclass of"),
    (arch(sample_layer=dict), "model_dict['z1->y']['arch']['sample_layer']"),
    (arch(flows='simplex'), "model_dict['z1->y']['arch']['flows']: expected"),
    (arch(flows=['simplex']), "model_dict['z1->y']['arch']['flows']"),
    (arch(nonlin=len), "model_dict['z1->y']['arch']['nonlin']: expected a f"),
    (arch(flows=[dict]), 'flows: expected classes of flow layers for 2 units'
     ", got <type 'dict'>"),
    (arch('z1y->z2', flows=[FLOWS['nice']]),
     'flows: expected classes of flow layers for 1 units, got <class'),
    (arch(flows=[lasagne.layers.DropoutLayer]), 'flows: expected classes'),
    (arch(flows=[NormalizingSimplexFlowLayer_Inverse]), 'flows: expected cl'),
    (arch(flows=[lambda incoming, name: None]), 'flows: expected classes of'),
    (logistic(lo=1, hi=-1), "model_dict['z1y->z2']['arch']['flows']: expect"
     'ed a logistic flow from lo to a number hi above it, got lo=1, hi=-1'),
    (logistic(lo=2), "model_dict['z1y->z2']['arch']['flows']: expected a lo"),
    (logistic(hi=NAN), "model_dict['z1y->z2']['arch']['flows']: expected a"),
    (logistic(hi='1'), "model_dict['z1y->z2']['arch']['flows']: expected a"),
    (arch(batch_norm=1), "model_dict['z1->y']['arch']['batch_norm']"),
    (arch(depth=3), "model_dict['z1->y']['arch']: expected exactly the keys"),
    (arch(**{'d\xc3\xa9': 3}), "model_dict['z1->y']['arch']: expected ex"),
    (unicode_key(), "model_dict['z1->y']['arch']: expected exactly the keys"),
    (without('z1->y', 'gain'), "model_dict['z1->y']['arch']: expected ex"),
    (dict(networks(), **{'z1->y': 3}), "model_dict['z1->y']: expected what"),
    (dict(networks(), **{'z1->y': {}}), "model_dict['z1->y']: expected what"),
    (dict(networks(), **{'z1->Y': networks()['z1->y']}),
     "model_dict: expected None or a dict with no other keys than 'x->z1', "),
    (dict(networks(), **{'z1->_x': networks()['z1->y']}),
     'model_dict: expected the networks of M2, z1->y, z1y->z2, yz2->_z1, '
     "got 'z1->_x'"),
    ({'z1->y': networks()['z1->y']}, 'model_dict: expected the networks'),
    (arch(num_output=PARTS),
     "model_dict['z1->y']: expected num_output = num_output = 2, got 3"),
    (arch('yz2->_z1', num_output=5),
     "model_dict['yz2->_z1']: expected num_output = num_features = 6, got 5"),
    ({'x->z1': architecture([3], 4), 'z1->_x': architecture([3], FEATURES)},
     "model_dict['x->z1']: expected num_output = num_output = 2, got 4"),
    ({'x->z1': architecture([3], 2), 'z1->_x': architecture([3], 4)},
     "model_dict['z1->_x']: expected num_output = num_features = 6, got 4"),
    (dict(networks(), **{'x->z1': architecture([3], 4),
                         'z1->_x': architecture([3], FEATURES)}),
     "model_dict['yz2->_z1']: expected num_output = that of 'x->z1' = 4")])
def test_a_wrong_description_is_one_sentence(nets, beginning):
    assert told(lambda: model(model_dict=nets).build()).startswith(beginning)


@pytest.mark.parametrize('name, arguments', [
    ('hidden', dict(hidden=3)), ('hidden', dict(hidden=[0])),
    ('hidden', dict(hidden='3')), ('hidden', dict(hidden=np.array(3))),
    ('hidden', dict(hidden=[1.5])),
    ('num_output', dict(num_output=0)), ('num_output', dict(num_output=2.)),
    ('nonlin', dict(nonlin='sine')), ('nonlin', dict(nonlin=3)),
    ('sample', dict(sample='cauchy')), ('sample', dict(sample=dict)),
    ('sample', dict(sample=None)), ('flows', dict(flows=['other'])),
    ('flows', dict(flows='simplex')), ('flows', dict(flows=[3])),
    ('gain', dict(gain=-1)), ('gain', dict(gain=None)),
    ('batch_norm', dict(batch_norm='no'))])
def test_architecture_refuses_what_it_cannot_describe(name, arguments):
    given = dict(dict(hidden=[3], num_output=2), **arguments)
    assert told(lambda: architecture(**given)).startswith(name + ': expected')


def test_names_may_be_of_either_kind_of_text():
    given = dict(nonlin='tanh', sample='normal', flows=['simplex'])
    made = architecture([3], 2, **dict(
        given, nonlin=u'tanh', sample=u'normal', flows=[u'simplex']))
    assert made == architecture([3], 2, **given)


def test_sample_seeds_need_the_layers_of_the_model():
    assert told(lambda: model(sample_seeds={'ConcreteSampleLayer': 3})
                .build()) == \
        'sample_seeds: expected a seed of SampleLayer, got none'


def test_a_wrong_value_is_shown_in_short():
    class Hostile(object):
        def __repr__(self):
            raise KeyError('no')

    assert len(told(lambda: model(lr='9' * 10 ** 6).build())) < 200
    assert told(lambda: model(lr='a\nb').build())
    assert 'got a Hostile' in told(lambda: model(lr=Hostile()).build())


def test_the_tiny_model_is_right():
    assert model().build().networks_['z1y->z2'].num_output == LATENTS

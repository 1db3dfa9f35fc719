"""A call that is refused leaves a fitted model as it was.

Trained in Python: nothing is compiled.
"""
from __future__ import division, print_function

import copy
from fractions import Fraction

import numpy as np
import pytest

from tiny import data, model, networks, small, validation
from test_wrong_settings import told
from untapped.experiments import build
from untapped.model.architectures import architecture
from untapped.model.losses import L2
from untapped.model.ssdgm import SSDGM

pytestmark = pytest.mark.usefixtures('in_python')

X, Y = data()['X'], data()['y']


@pytest.fixture(scope='module')
def fitted():
    one = small().fit(X, Y, **validation())
    one.predict(X, deterministic=False)
    return one


def first_is(number):
    changed = np.array(X)
    changed[0, 0] = number
    return changed


def without_x(one):
    nets = networks()
    nets['z1->y']['arch']['batch_norm'] = True
    one.set_params(model_dict=nets, coeff_y=1)
    one.fit(_y=data()['_y'], z2=data()['z2'])


def new_seeds(one):
    one.set_params(sample_seeds={'Other': 3}).fit(X, Y)


REFUSED = [
    lambda one: one.fit(X[:, :3], Y),
    lambda one: one.fit(first_is(np.nan), Y),
    lambda one: one.fit(X, Y[:5]),
    lambda one: one.fit(X, Y + 1),
    lambda one: one.fit(),
    lambda one: one.fit(X, Y, X_valid=X),
    lambda one: one.fit(X_=X),
    lambda one: one.set_params(batch_size_Xy_train=10 ** 7).fit(X, Y),
    lambda one: one.set_params(lr=-1).fit(X, Y),
    lambda one: one.set_params(reverse='latent').fit(X, Y),
    new_seeds,
    lambda one: one.set_params(sample_seeds={'Other': 3}).build(),
    lambda one: one.fit(X, Y, state={'a': np.ones(3)}),
    lambda one: one.fit(X, Y, state=dict(one.state(), lr=np.array(-1.))),
    without_x]


@pytest.mark.parametrize('warm', [False, True])
@pytest.mark.parametrize('call', REFUSED, ids=map(str, range(len(REFUSED))))
def test_a_refused_call_leaves_a_fitted_model_as_it_was(fitted, call, warm):
    settings = fitted.get_params()
    before = {name: value for name, value in vars(fitted).items()
              if name not in settings}
    state = fitted.state()
    bits = fitted.parameters_sha256(), fitted.predict(X).tobytes()
    fitted.warm_start = warm
    try:
        # seeds are of new networks alone
        if not (warm and call is new_seeds):
            told(lambda: call(fitted))
    finally:
        vars(fitted).update(settings)
    assert {name: value for name, value in vars(fitted).items()
            if name not in settings} == before
    assert bits == (fitted.parameters_sha256(), fitted.predict(X).tobytes())
    after = fitted.state()
    assert list(after) == list(state)
    for name in state:
        np.testing.assert_array_equal(after[name], state[name])


# default_data


_Y, Z2 = data()['_y'], data()['z2']
#: the labels that make no pairs: eq. (10)
LATENT = dict(objective='paper', reverse='latent')


@pytest.mark.parametrize('options, given, rows', [
    (LATENT, {}, 24), (LATENT, {'_y': _Y[:5]}, 5),
    ({}, {'_y': _Y[:5], 'z2': Z2[:5]}, 5),
    (dict(model_dict=None, hidden=[3], default_data={'_y': _Y}), {}, 24)])
def test_default_data_stand_in_for_what_is_not_given_alone(options, given,
                                                           rows):
    both = {'_y': _Y, 'z2': Z2} if options is not LATENT or given else \
        {'_y': _Y}
    one = small(**dict(dict(coeff_y=1, variational=False, default_data=both),
                       **options))
    if options is LATENT:
        one.variational = True
    one.fit(X, Y, **given)
    data_ = one._state.passes['train'].data
    assert len(data_.arrays['_y']) == rows
    assert [name for name in one.history_.train if '_y_sup' not in name and
            name.endswith('_y')]


@pytest.mark.parametrize('default, given, beginning', [
    ({'_y': _Y}, {}, 'z2: expected together with _y, got None'),
    ({'z2': Z2}, {}, '_y: expected together with z2, got None'),
    ({'_y': _Y, 'z2': Z2}, {'_y': _Y[:5]}, 'z2: expected together with _y'),
    ({'_y': _Y[:, :1], 'z2': Z2}, {}, '_y: expected an array of shape'),
    (3, {}, 'default_data: expected None or a dict'),
    ([1], {}, 'default_data: expected None or a dict'),
    ('X_', {}, 'default_data: expected None or a dict'),
    (X, {}, 'default_data: expected None or a dict')])
def test_default_data_that_cannot_stand_in_are_told(default, given,
                                                    beginning):
    assert told(lambda: small(default_data=default).fit(X, Y, **given)) \
        .startswith(beginning)


# settings that were changed after fit


OTHER = dict(networks(), **{'z1->y': architecture([9], 2, flows=['simplex'])})


@pytest.mark.parametrize('changes, beginning', [
    (dict(objective='paper'), "objective: expected the value that this "),
    (dict(loss_y=L2), 'loss_y: expected the value that this SSDGM was built'),
    (dict(prior_z2=lambda z: 0), 'prior_z2: expected the value that this'),
    (dict(num_output=3), "model_dict['z1->y']: expected num_output"),
    (dict(model_dict=None, hidden=[7], model_type=1),
     'model_dict, or the defaults of networks: expected the settings that'),
    (dict(model_dict=OTHER),
     'model_dict, or the defaults of networks: expected the settings that'),
    (dict(coeff_x_dis=-1), 'coeff_x_dis: expected a number of at least 0'),
    (dict(coeff_x_dis='a'), 'coeff_x_dis: expected a number of at least 0'),
    (dict(coeff_y_dis=None), 'coeff_y_dis: expected a number of at least')])
@pytest.mark.parametrize('call', [
    lambda one: one.score(X, Y), lambda one: one.loss(X, Y),
    lambda one: one.objective_value('x_sup_dis', X, Y),
    lambda one: one.set_params(warm_start=True).fit(X, Y)])
def test_settings_that_need_a_new_fit_are_told(fitted, call, changes,
                                               beginning):
    settings = fitted.get_params()
    try:
        assert told(lambda: call(fitted.set_params(**changes))).startswith(
            beginning)
    finally:
        vars(fitted).update(settings)


@pytest.mark.parametrize('options', [
    {}, dict(objective='paper'),
    dict(model_dict=None, model_type=1, hidden=(3,), nflows=1,
         gain_enc=np.float32(1), prior_y=build._prior(
             {'name': 'dirichlet', 'alpha': .3, 'eps': 1e-3}, 2))],
    ids=['published', 'paper', 'defaults'])
@pytest.mark.parametrize('kept', [
    lambda one, path: one, lambda one, path: copy.deepcopy(one),
    lambda one, path: one.save(path) or SSDGM.load(path)],
    ids=['itself', 'copy', 'file'])
def test_settings_that_are_as_they_were_need_none(options, kept, tmpdir):
    one = kept(model(**options).build(), str(tmpdir.join('model.npz')))
    one.set_params(lr=.5, coeff_x_dis=2, num_epochs=1, eval_freq=3, seed=9)
    one._require_as_built()


# numbers of any kind


@pytest.mark.parametrize('name, value, plain', [
    ('coeff_x_dis', Fraction(1, 2), .5), ('coeff_x_dis', 10 ** 20, 1e20),
    ('coeff_x_dis', np.longdouble(.5), .5), ('coeff_x_dis', 2 ** 40, 2 ** 40),
    ('num_features', np.uint64(6), 6), ('num_output', np.uint64(2), 2),
    ('num_epochs', np.uint64(2), 2), ('eval_freq', np.uint64(2), 2),
    ('anneal_lr_epoch', np.uint64(1), 1), ('lr', Fraction(1, 8), .125),
    ('batch_size_Xy_train', np.uint64(9), 9), ('seed', np.uint64(3), 3)])
def test_numbers_of_any_kind_count_as_pythons(name, value, plain):
    found = [small(), small()]
    for one, each in zip(found, (value, plain)):
        setattr(one, name, each)
        one.fit(X, Y, **validation())
    assert found[0].parameters_sha256() == found[1].parameters_sha256()
    scores = [one.score(X, Y) for one in found]
    assert scores[0].dtype == scores[1].dtype


# arrays that Theano cannot use as they are


def misaligned(value):
    """An array of the same numbers that begins at an odd byte."""
    value = np.asarray(value, dtype='float32')
    made = np.empty(value.nbytes + 1, 'u1')[1:].view('f4').reshape(
        value.shape)
    made[...] = value
    assert not made.flags.aligned
    return made


def test_arrays_that_begin_at_an_odd_byte_are_taken(fitted):
    x, y = misaligned(X), misaligned(Y)
    assert fitted.predict(x).tobytes() == fitted.predict(X).tobytes()
    fitted.score(x, y)
    assert small().fit(x, y).parameters_sha256() == \
        small().fit(X, Y).parameters_sha256()

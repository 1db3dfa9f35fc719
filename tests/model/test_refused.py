"""A call that is refused leaves a fitted model as it was.

Trained in Python: nothing is compiled.
"""
from __future__ import division, print_function

import numpy as np
import pytest
from _pytest.monkeypatch import MonkeyPatch

import given_noise
from tiny import data, model, networks, validation
from test_wrong_settings import told

X, Y = data()['X'], data()['y']


@pytest.fixture(scope='module', autouse=True)
def nothing_compiled():
    patch = MonkeyPatch()
    given_noise.compile_nothing(patch)
    yield
    patch.undo()


def small(**options):
    """A model of one term, a loss of sampled y."""
    settings = dict(coeff_x=0, coeff_y=0, coeff_y_dis=0, num_epochs=1)
    settings.update(options)
    return model(**settings)


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
        # these two are refused where networks are made anew
        if not (warm and call in (new_seeds, without_x)):
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

"""SSDGM as an estimator: constructor, fitting, inference, bad input."""
from __future__ import division, print_function

import inspect

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from tiny import PARTS, data, model, networks, validation
from untapped.errors import InputError
from untapped.model.ssdgm import SSDGM
from untapped.model.training import TrainingDiverged


@pytest.fixture(scope='module')
def fitted():
    return model().fit(**dict(data(), **validation()))


def small(**options):
    """A model of few terms, quick to compile: predict y, generate x."""
    settings = dict(variational=False, coeff_x=0, coeff_y=0, num_epochs=1)
    settings.update(options)
    return model(**settings)


def pairs():
    return {name: data()[name] for name in ('X', 'y')}


def test_constructor_stores_and_does_nothing_else():
    made = model()
    names = inspect.getargspec(SSDGM.__init__).args[1:]
    assert sorted(vars(made)) == sorted(names)


def test_clone_has_the_same_parameters_and_is_not_fitted(fitted):
    copy = clone(fitted)
    assert not copy.built
    assert copy.get_params()['lr'] == .01
    assert copy.set_params(lr=.5).lr == .5


def test_same_seeds_give_the_same_bits(fitted):
    again = model().fit(**dict(data(), **validation()))
    assert again.parameters_sha256() == fitted.parameters_sha256()
    assert again.history_.evalN == fitted.history_.evalN


def test_seed_and_sample_seeds_each_decide():
    shas = set()
    for options in ({}, {'seed': 1}, {'sample_seeds': 2}):
        shas.add(small(variational=True, **options).fit(
            **pairs()).parameters_sha256())
    assert len(shas) == 3


def test_numpys_generator_is_neither_read_nor_written():
    np.random.seed(5)
    first = small().fit(**pairs()).parameters_sha256()
    drawn = np.random.randint(10 ** 6)
    np.random.seed(5)
    assert drawn == np.random.randint(10 ** 6)
    np.random.seed(6)
    assert small().fit(**pairs()).parameters_sha256() == first


def test_fit_again_starts_anew_unless_warm():
    cold = small()
    once = cold.fit(**pairs()).parameters_sha256()
    assert cold.fit(**pairs()).parameters_sha256() == once
    cold.warm_start = True
    assert cold.fit(**pairs()).parameters_sha256() != once


def test_training_lowers_the_objective():
    one = small(num_epochs=80, eval_freq=40, lr=.02).fit(
        **dict(pairs(), **validation()))
    for term in ('M2_x_sup_dis', 'M2_y_sup_dis'):
        assert one.history_.eval1[term][1] < one.history_.eval1[term][0]
    y = validation()['y_valid']
    blind = abs(y - pairs()['y'].mean(axis=0)).mean()
    predicted = one.predict(validation()['X_valid'])
    assert abs(y - predicted).mean() < .5 * blind


def test_history_holds_each_term_at_each_evaluation(fitted):
    history = fitted.history_
    assert history.epochs == [1, 2]
    assert list(history.train)[0] == 'train'
    assert list(history.eval1)[0] == 'eval'
    # no unlabelled validation data were given
    assert 'M2_x' in history.train and 'M2_x' not in history.eval1
    for record in (history.train, history.eval1, history.evalN):
        assert all(len(values) == 2 for values in record.values())


def test_objective_is_the_weighted_sum_of_its_terms(fitted):
    """eq. (15) with the weights of ``model``."""
    last = {name: values[-1] for name, values in
            fitted.history_.train.items()}
    total = (last['M2_x_sup'] + .1 * last['M2_y_sup'] +
             last['M2_x_sup_dis'] + last['M2_y_sup_dis'] + last['M2_x'] +
             .1 * last['M2_y'])
    assert last['train'] == pytest.approx(total, rel=1e-5)


def test_predictions_lie_on_the_simplex(fitted):
    for deterministic in (True, False):
        y = fitted.predict(data()['X'], deterministic=deterministic)
        assert y.shape == (24, PARTS - 1) and y.dtype == np.float32
        assert (y >= 0).all() and (y.sum(axis=1) <= 1 + 1e-6).all()


def test_latents_lie_in_their_interval(fitted):
    z2 = fitted.infer('z2', x=data()['X'], y=data()['y'],
                      deterministic=False)
    assert (abs(z2) <= np.pi / 2).all()


def test_generating_from_x_goes_through_y_and_z2(fitted):
    """x -> y -> z2 -> x by hand equals the one call, for means."""
    x = data()['X'].astype('float32')
    y = fitted.predict(x)
    z2 = fitted.infer('z2', x=x, y=y)
    once = fitted.generate(y=y, z2=z2, once=True)
    np.testing.assert_allclose(once, fitted.generate(x=x), rtol=1e-4)
    # as published, what was generated goes through the model again
    np.testing.assert_allclose(fitted.generate(y=y, z2=z2),
                               fitted.generate(x=once), rtol=1e-4)


def test_loss_is_the_weighted_discriminative_losses(fitted):
    x, y = data()['X'], data()['y']
    dis = fitted.objective_value('x_sup_dis', x, y)
    assert np.isfinite(dis) and dis > 0
    # each value is of new samples
    assert fitted.score(x, y) < 0


def test_parameters_go_out_and_in(fitted):
    values = fitted.parameters()
    assert list(values)[:2] == ['z1->y l_0.W', 'z1->y l_0.b']
    other = model().build()
    other.set_parameters(values)
    assert other.parameters_sha256() == fitted.parameters_sha256()
    x = data()['X']
    np.testing.assert_array_equal(other.predict(x), fitted.predict(x))


@pytest.mark.parametrize('change, message', [
    (lambda v: v.popitem(), 'expected exactly the parameters'),
    (lambda v: v.update({'z1->y l_0.b': np.ones(3)}),
     r'expected shape \(4L?,\)')])
def test_wrong_parameters_are_refused_and_change_nothing(
        fitted, change, message):
    before = fitted.parameters_sha256()
    values = fitted.parameters()
    change(values)
    with pytest.raises(InputError, match=message):
        fitted.set_parameters(values)
    assert fitted.parameters_sha256() == before


def test_request_stop_ends_after_the_present_step():
    events = []
    one = small(num_epochs=50)

    def monitor(event):
        events.append((event.kind, event.epoch))
        if event.kind == 'epoch' and event.epoch == 2:
            one.request_stop()

    one.fit(monitor=monitor, **pairs())
    assert one.stopped_early_
    assert events[-1] == ('epoch', 2)
    assert one.history_.epochs == [1, 2]


def test_learning_rate_is_annealed_from_its_epoch_on():
    rates = []
    small(num_epochs=4, eval_freq=9, anneal_lr_epoch=3,
          anneal_lr_factor=.5).fit(
              monitor=lambda event: rates.append(event.lr), **pairs())
    assert rates == [.01, .01, .005, .0025]


def test_divergence_is_told_and_the_last_good_parameters_kept():
    one = small(variational=True, num_epochs=30, lr=1e30, eval_freq=100)
    seen = {}

    def monitor(event):
        seen[event.epoch] = one.parameters_sha256()

    with pytest.raises(TrainingDiverged) as caught:
        one.fit(monitor=monitor, **pairs())
    epoch = caught.value.epoch
    assert caught.value.term in str(caught.value)
    assert caught.value.term != 'train'
    if epoch > 1:
        assert one.parameters_sha256() == seen[epoch - 1]
    assert all(np.isfinite(v).all() for v in one.parameters().values())


@pytest.mark.parametrize('groups', [('X', 'y'), ('X_',), ('_y', 'z2')])
@pytest.mark.parametrize('variational', [True, False])
def test_each_group_alone_can_be_learned_from(groups, variational):
    given = {name: data()[name] for name in groups}
    one = model(variational=variational, num_epochs=1).fit(**given)
    assert np.isfinite(one.history_.train['train'][0])


def test_batch_norm_trains_and_keeps_statistics():
    nets = networks()
    nets['z1->y']['arch']['batch_norm'] = True
    one = small(model_dict=nets).fit(**dict(pairs(), **validation()))
    means = one.parameters()['z1->y l_0_normalize.mean']
    assert np.isfinite(one.predict(data()['X'])).all()
    assert abs(means).max() > 0


def test_grid_search_finds_a_setting():
    search = GridSearchCV(small(), {'lr': [0., .05]}, cv=2)
    search.set_params(estimator__num_epochs=20)
    search.fit(data()['X'], data()['y'])
    assert search.best_params_ == {'lr': .05}
    assert search.best_estimator_.predict(data()['X']).shape == (24, 2)


def test_default_data_stand_in_for_those_not_given():
    given = {name: data()[name] for name in ('X_', '_y', 'z2')}
    settings = dict(variational=False, num_epochs=1)
    one = model(default_data=given, **settings).fit(**pairs())
    assert 'M2_x' in one.history_.train and 'M2_y' in one.history_.train


def changed(**changes):
    given = dict(data(), **validation())
    given.update(changes)
    return given


@pytest.mark.parametrize('given, message', [
    (changed(X=None), '^X: expected together with y, got None'),
    (changed(z2=None), '^z2: expected together with _y'),
    (changed(X=np.ones((24, 5))), r'^X: expected an array of shape'),
    (changed(y=np.ones(24)), r'^y: expected an array of shape \(rows, 2\)'),
    (changed(X=np.ones((3, 6))), '^X and y: expected the same number'),
    (changed(X_=np.full((4, 6), np.nan)), '^X_: expected finite'),
    (changed(X_valid=np.ones((0, 6))), '^X_valid: expected at least one'),
    (dict(), '^X, X_ or _y: expected training data')])
def test_bad_data_are_told_in_one_sentence(given, message):
    with pytest.raises(InputError, match=message) as caught:
        model().fit(**given)
    assert '\n' not in str(caught.value)


@pytest.mark.parametrize('options, message', [
    ({'num_epochs': 0}, '^num_epochs: expected a whole number of at least'),
    ({'lr': -1}, '^lr: expected a number of at least 0'),
    ({'lr': float('nan')}, '^lr: expected'),
    ({'batch_size_Xy_eval': 4}, '^batch_size_Xy_eval: expected .* 5'),
    ({'coeff_y': -1}, '^coeff_y: expected'),
    ({'objective': 'other'}, '^objective: expected'),
    ({'model_dict': None, 'model_type': 5}, '^model_type: expected'),
    ({'coeff_x': 0, 'coeff_x_dis': 0, 'coeff_y_dis': 0, 'coeff_y': 0,
      'coeff_x_prob': 0, 'coeff_y_prob': 0},
     '^training data: expected at least one group with a weight')])
def test_bad_settings_are_told_in_one_sentence(options, message):
    with pytest.raises(ValueError, match=message) as caught:
        model(**options).fit(**data())
    assert '\n' not in str(caught.value)


def test_inference_before_fitting_is_refused():
    with pytest.raises(InputError, match='not fitted'):
        model().predict(data()['X'])


def test_inference_from_too_little_is_refused(fitted):
    with pytest.raises(InputError, match='_x: expected to be inferred from'):
        fitted.generate(y=data()['y'])

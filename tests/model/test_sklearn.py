"""SSDGM among scikit-learn's tools, and scikit-learn's own checks.

docs/model.md lists the checks that cannot pass, with the reason.  Trained in
Python: nothing is compiled.
"""
from __future__ import division, print_function

import io
import os
import re
import sys
import types

import numpy as np
import pytest
import theano.tensor as T
from sklearn.base import clone
from sklearn.externals import joblib
from sklearn.model_selection import (GridSearchCV, RandomizedSearchCV,
                                     cross_val_predict, cross_val_score)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tiny import FEATURES, PARTS, data, model
from untapped.model.losses import KL, L2
from untapped.model.ssdgm import SSDGM

try:
    from sklearn.utils import estimator_checks
except ImportError:
    # two names of nose, which is not of the stack; no check uses them
    sys.modules['nose'] = types.ModuleType('nose')
    sys.modules['nose.tools'] = types.ModuleType('nose.tools')
    sys.modules['nose'].with_setup = lambda *setups: lambda test: test
    sys.modules['nose.tools'].raises = None
    from sklearn.utils import estimator_checks
    del sys.modules['nose'], sys.modules['nose.tools']

pytestmark = pytest.mark.usefixtures('in_python')

X, Y = data()['X'], data()['y']
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))


def small(**options):
    """A model of few terms: predict y, generate x."""
    return model(variational=False, coeff_x=0, coeff_y=0, num_epochs=1,
                 eval_freq=9, **options)


# scikit-learn's checks


def squared(predicted, actual):
    """L2 has no gradient where both are equal, as of a row of zeros."""
    return T.sum(T.sqr(predicted - actual), axis=3)


def of(num_features):
    """A class whose constructor needs no argument, as the checks ask.

    Its labels are one column of any numbers.
    """
    class Checked(SSDGM):
        def __init__(self, num_features=num_features, num_output=1,
                     coeff_x=0, coeff_x_dis=1, num_epochs=1):
            super(Checked, self).__init__(
                num_features, num_output, coeff_x=coeff_x, hidden=(3,),
                coeff_x_dis=coeff_x_dis, num_epochs=num_epochs,
                model_type=1, loss_y=squared)
    # pickle finds it by its name
    Checked.__name__ = 'Checked%d' % num_features
    globals()[Checked.__name__] = Checked
    return Checked


#: the columns that each check's data have
PASSED = {
    'check_estimators_dtypes': 5, 'check_fit_score_takes_y': 3,
    'check_estimators_fit_returns_self': 4,
    'check_estimators_empty_data_messages': 3,
    'check_pipeline_consistency': 3, 'check_estimators_nan_inf': 3,
    'check_estimators_overwrite_params': 2,
    'check_estimator_sparse_data': 10, 'check_estimators_pickle': 3,
    'check_estimators_unfitted': 13, 'check_fit2d_predict1d': 3,
    'check_fit2d_1sample': 10, 'check_fit2d_1feature': 1,
    'check_fit1d_1feature': 1, 'check_fit1d_1sample': 1,
    'check_get_params_invariance': 3, 'check_dict_unchanged': 3,
    'check_supervised_y_2d': 3, 'check_non_transformer_estimators_n_iter': 3}
#: those that docs/model.md explains
NOT_PASSED = ('check_parameters_default_constructible', 'check_dtype_object')


@pytest.mark.parametrize('check', sorted(set(PASSED) - {
    'check_supervised_y_2d', 'check_non_transformer_estimators_n_iter'}))
def test_scikit_learns_check_passes(check):
    # the name says to it that labels have columns
    getattr(estimator_checks, check)('MultiTaskSSDGM', of(PASSED[check]))


def test_every_check_of_an_estimator_is_passed_or_explained():
    asked = [check.__name__ for check in
             estimator_checks._yield_all_checks('SSDGM', SSDGM)]
    asked.append('check_parameters_default_constructible')
    assert set(asked) <= set(PASSED) | set(NOT_PASSED)
    with io.open(os.path.join(ROOT, 'docs', 'model.md'),
                 encoding='utf8') as page:
        explained = re.findall(r'^\| `(check_\w+)`', page.read(), re.M)
    assert sorted(explained) == sorted(NOT_PASSED)


# its tools


def test_a_pipeline_scales_fits_predicts_and_scores():
    line = make_pipeline(StandardScaler(), small()).fit(X, Y)
    scaled = StandardScaler().fit(X).transform(X)
    alone = small().fit(scaled, Y)
    assert line.predict(X).tobytes() == alone.predict(scaled).tobytes()
    assert line.score(X, Y) == alone.score(scaled, Y) < 0


def test_other_groups_go_through_a_pipeline_by_their_names():
    line = make_pipeline(StandardScaler(), model(num_epochs=1))
    line.fit(X, Y, ssdgm__X_=data()['X_'])
    assert 'M2_x' in line.named_steps['ssdgm'].history_.train


def test_cross_validation_scores_and_predicts():
    scores = cross_val_score(small(), X, Y, cv=3)
    assert scores.shape == (3,) and (scores < 0).all()
    assert cross_val_predict(small(), X, Y, cv=3).shape == Y.shape
    own = cross_val_score(small(), X, Y, cv=3,
                          scoring='neg_mean_squared_error')
    assert (own < 0).all()


def test_a_search_over_numpys_numbers_has_the_bits_of_pythons():
    grid = {'lr': np.logspace(-3, -1, 2), 'coeff_x_dis': np.array([1.]),
            'batch_size_Xy_train': np.array([7]), 'seed': np.arange(2)}
    search = GridSearchCV(make_pipeline(StandardScaler(), small()), dict(
        ('ssdgm__' + name, values) for name, values in grid.items()), cv=2)
    best = search.fit(X, Y).best_estimator_.named_steps['ssdgm']
    assert isinstance(best.lr, np.floating)
    plain = small().set_params(**dict(
        (name, getattr(best, name).item()) for name in grid))
    scaled = StandardScaler().fit(X).transform(X)
    assert plain.fit(scaled, Y).parameters_sha256() == \
        best.parameters_sha256()
    assert best.history_.train['train'] == plain.history_.train['train']


def test_parameters_with_two_underscores_can_be_set_too():
    one = small().set_params(batch_size_X__train=7, lr=.5)
    assert (one.batch_size_X__train, one.lr) == (7, .5)
    piped = make_pipeline(StandardScaler(), small()).set_params(
        ssdgm__batch_size__y_eval=9)
    assert piped.steps[1][1].batch_size__y_eval == 9
    with pytest.raises(ValueError, match='Invalid parameter'):
        one.set_params(batch__size=3)


def test_a_random_search_with_two_jobs_finds_the_same():
    def found(n_jobs):
        return RandomizedSearchCV(
            small(), {'lr': [.1, .01, .001]}, n_iter=2, cv=2,
            random_state=0, n_jobs=n_jobs).fit(X, Y).cv_results_[
                'mean_test_score']
    np.testing.assert_array_equal(found(1), found(2))


def test_clone_takes_every_parameter_of_a_fitted_model():
    fitted = small().fit(X, Y)
    copied = clone(fitted)
    assert copied.get_params().keys() == fitted.get_params().keys()
    assert not copied.built and not hasattr(copied, 'n_features_')
    assert fitted.n_features_ == FEATURES


def test_joblib_remembers_what_a_model_predicted(tmpdir):
    calls = []

    def predicted(one, x):
        calls.append(one)
        return one.predict(x)

    remembered = joblib.Memory(str(tmpdir), verbose=0).cache(predicted)
    fitted = small().fit(X, Y)
    first = remembered(fitted, X)
    assert remembered(small().fit(X, Y), X).tobytes() == first.tobytes()
    assert len(calls) == 1
    remembered(small(lr=.5).fit(X, Y), X)
    assert len(calls) == 2


def test_score_is_minus_the_weighted_losses():
    fitted = small(coeff_x_dis=3, coeff_y_dis=.5).fit(X, Y)
    parts = [fitted.objective_value(kind, X, Y)
             for kind in ('x_sup_dis', 'y_sup_dis')]
    assert fitted.score(X, Y) == pytest.approx(
        -3 * parts[0] - .5 * parts[1])


def test_repr_has_the_parameters_that_are_not_at_their_defaults():
    one = SSDGM(6, 2, lr=.01, hidden=[3], loss_y=KL, loss_x=L2,
                default_data={'X_': X})
    told = repr(one)
    assert told.startswith('SSDGM(default_data={')
    assert re.findall(r'(?:\A\w+\(|,\s+)(\w+)=', told) == [
        'default_data', 'hidden', 'loss_y', 'lr', 'num_features',
        'num_output']
    assert repr(SSDGM(6, 2)) == 'SSDGM(num_features=6, num_output=2)'
    assert repr(SSDGM(PARTS, X)).count('num_') == 2

"""The published class: what it does when made, its names and its files."""
from __future__ import division, print_function

import copy
import inspect
import os
import pickle
import subprocess
import sys

import numpy as np
import pytest

from untapped.errors import InputError

FEATURES, PARTS = 6, 3

#: positional arguments that other code relies on
POSITIONAL = ['num_features', 'num_output', 'model_dict', 'variational',
              'model_type', 'iw_samples', 'eq_samples', 'lr',
              'anneal_lr_factor', 'anneal_lr_epoch', 'prior_x', 'prior_y',
              'prior_z1', 'prior_z2', 'nonlin_enc', 'nonlin_dec', 'gain_enc',
              'gain_dec', 'hidden', 'num_latent_z1', 'num_latent_z2',
              'nflows', 'simplexflow', 'batch_norm', 'default_data',
              'loss_x', 'loss_y', 'coeff_x', 'coeff_y', 'coeff_x_dis',
              'coeff_y_dis', 'coeff_x_prob', 'coeff_y_prob',
              'batch_size_Xy_train', 'batch_size_X__train',
              'batch_size__y_train', 'batch_size_Xy_eval',
              'batch_size_X__eval', 'batch_size__y_eval', 'num_epochs',
              'eval_freq', 'res_out', 'seed', 'verbose', 'debug']


@pytest.fixture(scope='module')
def SSDGM():
    """The class; importing its module draws from numpy's generator."""
    from untapped.S2S_DGM import SSDGM
    return SSDGM


@pytest.fixture(scope='module')
def data():
    rng = np.random.RandomState(0)
    y = rng.dirichlet(np.ones(PARTS), size=20)
    x = y.dot(rng.uniform(size=(PARTS, FEATURES))).astype('float32')
    return {'X': x, 'y': y[:, :-1].astype('float32')}


@pytest.fixture(scope='module')
def make(SSDGM, tmpdir_factory):
    def make(**options):
        settings = dict(
            model_type=1, hidden=[3], num_latent_z2=1, coeff_x=0,
            coeff_x_dis=1, coeff_y_dis=1, num_epochs=2, eval_freq=1,
            res_out=str(tmpdir_factory.mktemp('run').join('out')),
            verbose=False, debug=False)
        settings.update(options)
        return SSDGM(FEATURES, PARTS - 1, **settings)
    return make


@pytest.fixture(scope='module')
def fitted(make, data):
    model = make()
    model.fit(verbose=False, debug=False, X_valid=data['X'],
              y_valid=data['y'], **data)
    return model


def test_signature_is_the_published_one(SSDGM):
    assert inspect.getargspec(SSDGM.__init__).args[1:] == POSITIONAL
    assert inspect.getargspec(SSDGM.fit).args[1:] == [
        'X', 'y', 'X_', '_y', 'z2', 'X_valid', 'y_valid', 'X__valid',
        '_y_valid', 'z2_valid', 'params', 'variational', 'lr', 'verbose',
        'debug']


def test_making_one_seeds_numpy_and_draws_the_weights_from_it(make):
    make(seed=77)
    after = np.random.randint(10 ** 6)
    np.random.seed(77)
    fresh = np.random.randint(10 ** 6)
    make(seed=77)
    assert after == np.random.randint(10 ** 6) != fresh


def test_without_a_seed_the_generator_goes_on(make):
    np.random.seed(1)
    first = make(seed=None).model_dict['params']['all'][0].get_value()
    second = make(seed=None).model_dict['params']['all'][0].get_value()
    assert not np.array_equal(first, second)


def test_making_one_fills_model_dict(make):
    model = make()
    filled = model.model_dict
    assert [p.name for p in filled['params']['all']][:2] == ['l_0.W',
                                                             'l_0.b']
    assert len(filled['params']['all']) == 18
    assert set(filled['params']['nonvar'] + filled['params']['var']) == \
        set(filled['params']['all'])
    assert filled['z1->y']['arch']['num_output'] == PARTS - 1
    assert 'M2_x_rec_z2' in filled['objs']['var']
    assert filled['objs']['nonvar']['M2_x_sup_dis'].ndim == 0
    assert filled['sym']['x_sup'].name == 'x_sup'


def test_what_only_the_core_class_has_is_told_in_a_sentence(make, tmpdir):
    from untapped import architecture, S2S_DGM
    path = str(tmpdir.join('model.npz'))
    with pytest.raises(InputError, match='^save: expected a model of unt'):
        make().save(path)
    with pytest.raises(InputError, match='^load: expected a class that ta'):
        S2S_DGM.SSDGM.load(path)
    with pytest.raises(InputError, match='^model_dict: expected sample lay'):
        make(model_dict={'x->z1': architecture([3], PARTS - 1),
                         'z1->_x': architecture([3], FEATURES)})


def test_m1_lists_the_recognition_network_twice(make):
    params = make(model_type=0).model_dict['params']
    assert params['all'] == 2 * params['x->z1']
    assert params['z1->_x'] == params['x->z1']
    assert params['z1->_x__nonvar'][0] not in params['all']


def test_making_one_makes_its_folder_and_fit_its_log_and_plots(fitted):
    found = os.listdir(fitted.res_out)
    assert sorted(found) == ['S2S_DGM.py', 'eval_L1.png', 'eval_LN.png',
                             'logfile.log', 'train.png']
    log = open(fitted.logfile).read()
    assert '# num_features:\t6' in log
    assert log.count('*Epoch=') == 2 and "Eval1_ 'M2_x_sup_dis'" in log


def test_records_hold_the_published_terms(fitted):
    assert list(fitted.train_record) == ['train', 'M2_x_sup_dis',
                                         'M2_y_sup_dis']
    assert list(fitted.evalN_record)[0] == 'eval'
    assert len(fitted.eval1_record['eval']) == 2


def test_fit_goes_on_from_the_parameters_it_finds(make, data):
    model = make(num_epochs=1, eval_freq=9)
    model.fit(verbose=False, debug=False, **data)
    first = model.parameters_sha256()
    model.fit(verbose=False, debug=False, lr=0., **data)
    assert model.parameters_sha256() == first
    model.fit(verbose=False, debug=False, lr=.01, **data)
    assert model.parameters_sha256() != first


def test_fit_can_be_told_which_parameters_to_move(make, data):
    model = make(num_epochs=1, eval_freq=9)
    params = model.model_dict['params']
    before = [p.get_value() for p in params['all']]
    model.fit(params=params['z1->y'], verbose=False, debug=False, **data)
    moved = [not np.array_equal(p.get_value(), old)
             for p, old in zip(params['all'], before)]
    assert any(moved[:6]) and not any(moved[6:])


def test_functions_by_their_published_names(fitted, data):
    x, y = data['X'], data['y']
    z2 = fitted.getZ2(x=x, y=y)
    np.testing.assert_array_equal(fitted.predict(x), fitted.getY(x=x))
    np.testing.assert_array_equal(fitted.generate(y=y, z2=z2),
                                  fitted.get_X(y=y, z2=z2))
    assert fitted.get_Z1(y=y, z2=z2).shape == x.shape
    inferred = fitted.getYZ2(x=x)
    np.testing.assert_array_equal(inferred[0], fitted.getY(x=x))
    np.testing.assert_array_equal(
        inferred[1], fitted.getZ2(x=x, y=inferred[0]))
    assert fitted.getX(x) is x
    assert fitted.score(x, y) == -fitted.loss(x, y)
    assert fitted.loss(x, y) == pytest.approx(
        fitted.getXY_obj(x, y) + fitted.getYX_obj(x, y))
    for name in ('getXsup_obj', 'getYsup_obj'):
        # the reconstruction objective counts these as 0
        assert getattr(fitted, name)(x, y) == 0


def test_objectives_of_means_are_reconstruction_errors(fitted, data):
    """loss_x and loss_y are Euclidean distances here."""
    x, y = data['X'], data['y']
    z2 = fitted.getZ2(x=x, y=y)
    there = np.linalg.norm(x - fitted.generate(x=x), axis=1).mean()
    assert fitted.getX_obj(x) == pytest.approx(there, rel=1e-4)
    again = fitted.getY(x=fitted.get_Z1(y=y, z2=z2))
    back = np.linalg.norm(y - again, axis=1).mean()
    assert fitted.getY_obj(y, z2) == pytest.approx(back, rel=1e-4)


@pytest.mark.parametrize('call, error', [
    (lambda m, x: m.getZ1(x), NotImplementedError),
    (lambda m, x: m.generate(y=x[:, :2]), AssertionError),
    (lambda m, x: m.getYZ2(), AssertionError),
    (lambda m, x: m.getY(y=x), TypeError)])
def test_wrong_calls_fail_as_callers_expect(fitted, data, call, error):
    with pytest.raises(error) as caught:
        call(fitted, data['X'])
    assert str(caught.value).startswith('S2S_DGM msg: ') or \
        'got an unexpected keyword argument' in str(caught.value)


def test_nan_ends_training_with_the_parameters_as_they_are(make, data):
    model = make(lr=1e30, num_epochs=50, variational=True)
    model.fit(verbose=False, debug=False, **data)
    values = model.parameters().values()
    assert not all(np.isfinite(v).all() for v in values)
    assert len(model.train_record['train']) < 50


def test_labels_off_the_simplex_are_taken_as_published(make, data):
    model = make(num_epochs=1, eval_freq=9)
    model.fit(verbose=False, debug=False, X=data['X'], y=data['y'] + 1)
    assert model.parameters_sha256() != make().parameters_sha256()


def test_a_model_is_pickled_with_its_names_and_parameters(fitted, data):
    kept = pickle.loads(pickle.dumps(fitted, 2))
    assert kept.getY(x=data['X']).tobytes() == \
        fitted.getY(x=data['X']).tobytes()
    assert kept.train_record == fitted.train_record
    assert [p.name for p in kept.model_dict['params']['all']] == [
        p.name for p in fitted.model_dict['params']['all']]
    assert list(kept.model_dict) == list(fitted.model_dict)
    assert kept.args_dict.keys() == fitted.args_dict.keys()
    assert copy.deepcopy(fitted).parameters_sha256() == \
        kept.parameters_sha256() == fitted.parameters_sha256()


def test_objective_without_a_term_is_refused(make, data):
    with pytest.raises(InputError, match='at least one group'):
        make(coeff_x_dis=0, coeff_y_dis=0).fit(verbose=False, debug=False,
                                               **data)


def test_losses_and_priors_are_there_by_their_names():
    from untapped import M12
    for name in ('L2', 'KL', 'REP', 'dirichlet', 'categorical', 'logsumexp'):
        assert callable(getattr(M12, name))


def test_single_precision_holds_for_callers_that_import_theano_first():
    code = ('import theano; theano.config.floatX = "float64"; '
            'import untapped.S2S_DGM; '
            'assert theano.config.floatX == "float32"')
    subprocess.check_call([sys.executable, '-c', code])


def test_verify_sees_the_parameters_after_every_epoch(make, data,
                                                      monkeypatch):
    from untapped.verify import child
    model = make(num_epochs=3, eval_freq=3)
    watch = child.Watch()
    for name in ('fit', '_train'):
        monkeypatch.setattr(type(model), name, getattr(type(model), name))
    watch.install(type(model))
    model.fit(verbose=False, debug=False, **data)
    digests = [digest for digest, _ in watch.fits[0]]
    assert len(set(digests)) == 3
    assert digests[-1] == child.arrays_sha256(
        [shared.get_value() for shared in model.model_dict['params']['all']])
    assert watch.model is model

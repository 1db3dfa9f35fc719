"""GridSearchCV: the same bits alone, with n_jobs, and on a cluster."""
from __future__ import division, print_function

import os

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from untapped import cluster as clusters
from untapped.cluster import pickles
from untapped.errors import InputError
from untapped.model.architectures import architecture
from untapped.model.losses import KL
from untapped.model.ssdgm import SSDGM

FEATURES, PARTS, LATENTS = 4, 3, 1


def data(rows=16):
    rng = np.random.RandomState(0)
    y = rng.dirichlet(np.ones(PARTS), size=rows)
    x = y.dot(rng.uniform(size=(PARTS, FEATURES)))
    return x, y[:, :-1]


def search(n_jobs=1, **options):
    x, y = data()
    settings = dict(
        model_dict={'z1->y': architecture([3], PARTS - 1, flows=['simplex']),
                    'z1y->z2': architecture([3], LATENTS),
                    'yz2->_z1': architecture([3], FEATURES)},
        loss_y=KL, coeff_x=0, coeff_x_dis=1, coeff_y_dis=1, num_epochs=2,
        eval_freq=2, default_data={'X_': x[::-1], '_y': y,
                                   'z2': np.zeros((len(y), LATENTS))})
    settings.update(options)
    return GridSearchCV(SSDGM(FEATURES, PARTS - 1, **settings),
                        {'lr': [.02, .01]}, cv=2, n_jobs=n_jobs)


def bits(search):
    """All that a search found, but for the times that it took."""
    found = dict((name, repr(list(value)))
                 for name, value in search.cv_results_.items()
                 if 'time' not in name)
    found['best'] = search.best_params_, search.best_index_, repr(
        search.best_score_)
    found['parameters'] = search.best_estimator_.parameters_sha256()
    return found


@pytest.fixture(scope='module')
def alone():
    return bits(search().fit(*data()))


@pytest.fixture(scope='module')
def forked():
    # before this process has the threads of a client
    return bits(search(n_jobs=2).fit(*data()))


def test_two_jobs_find_the_same_bits(alone, forked):
    assert forked == alone
    assert len(set(alone['split0_test_score'].split(','))) == 2


def test_a_cluster_finds_the_same_bits(alone, forked, cluster):
    cluster.need('one', 'other')
    with clusters.searches(cluster.address):
        found = search().fit(*data())
    assert bits(found) == alone


def test_a_mistake_is_told_as_where_there_is_no_cluster(forked, cluster):
    cluster.need('one')
    with clusters.searches(cluster.address):
        with pytest.raises(InputError) as error:
            search(coeff_y_dis=-1).fit(*data())
    assert 'coeff_y_dis: expected a number of at least 0, got -1' in str(
        error.value)


def test_no_scheduler_is_one_sentence(monkeypatch):
    monkeypatch.setattr(clusters, 'ANSWERS', 1)
    with pytest.raises(InputError) as error:
        with clusters.searches('tcp://127.0.0.1:1'):
            raise AssertionError('connected')
    assert 'argument address: expected the address of a dask' in str(
        error.value)


@pytest.mark.parametrize('order', 'CF')
def test_large_arrays_go_apart_once_and_come_back_alike(tmpdir, order):
    large = np.asarray(np.random.RandomState(0).normal(size=(300, 40)),
                       order=order)
    given = {'a': large, 'b': large.copy(order='K'), 'small': large[:2],
             'model': SSDGM(3, 2, default_data={'X_': large})}
    payload, arrays = pickles.packed(given)
    assert len(arrays) == 1 and len(payload) < large.nbytes / 4
    for name, array in arrays.items():
        np.save(str(tmpdir.join(name + '.npy')), array)
    got = pickles.unpacked(payload, str(tmpdir))
    for array in (got['a'], got['b'], got['model'].default_data['X_']):
        assert array.tobytes() == large.tobytes()
        assert array.strides == large.strides and array.dtype == large.dtype
    assert got['small'].tobytes() == large[:2].tobytes()


def test_an_estimator_with_a_prior_of_its_own_goes_to_a_worker(tmpdir):
    model = clone(SSDGM(3, 2, prior_z2=lambda z: -z ** 2))
    payload, _ = pickles.packed(model)
    assert pickles.unpacked(payload, str(tmpdir)).prior_z2(3) == -9


def test_an_answer_is_a_result_or_what_was_raised(tmpdir, capsys):
    import pickle

    def fails():
        raise InputError('lr: expected more')

    assert pickle.loads(pickles.answer_of(lambda: 5)) == (True, 5)
    well, error = pickle.loads(pickles.answer_of(fails))
    assert not well and isinstance(error, InputError)
    assert 'Traceback' in capsys.readouterr()[1]
    assert not os.listdir(str(tmpdir))

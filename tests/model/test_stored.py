"""A fitted model is kept: pickle, copy, joblib, and files of one's own.

Trained in Python: nothing is compiled.
"""
from __future__ import division, print_function

import copy
import functools
import io
import json
import os
import pickle
import zipfile
from collections import OrderedDict

import lasagne
import numpy as np
import pytest
from six.moves import cPickle
from sklearn.externals import joblib

from tiny import (FEATURES, LATENTS, PARTS, data, model, networks, small,
                  validation)
from untapped.errors import DataError, InputError
from untapped.experiments import build
from untapped.model import losses, stored
from untapped.model.architectures import architecture
from untapped.model.ssdgm import SSDGM

pytestmark = pytest.mark.usefixtures('in_python')

X, Y = data()['X'], data()['y']


GIVEN = dict({'X': X, 'y': Y}, **validation())


@pytest.fixture(scope='module')
def fitted():
    one = small().fit(**GIVEN)
    # streams that have moved
    one.predict(X, deterministic=False)
    return one


def by_joblib(one, tmpdir):
    path = str(tmpdir.join('model.joblib'))
    joblib.dump(one, path)
    return joblib.load(path)


def by_file(one, tmpdir):
    path = str(tmpdir.join('model.npz'))
    one.save(path)
    return SSDGM.load(path)


WAYS = OrderedDict([
    ('pickle 0', lambda one, _: pickle.loads(pickle.dumps(one))),
    ('pickle 2', lambda one, _: pickle.loads(pickle.dumps(one, 2))),
    ('cPickle', lambda one, _: cPickle.loads(cPickle.dumps(one, 2))),
    ('deepcopy', lambda one, _: copy.deepcopy(one)),
    ('copy', lambda one, _: copy.copy(one)),
    ('joblib', by_joblib),
    ('save', by_file)])
ways = pytest.mark.parametrize('keep', list(WAYS.values()), ids=list(WAYS))


@ways
def test_a_kept_model_answers_with_the_same_bits(fitted, keep, tmpdir):
    kept = keep(fitted, tmpdir)
    assert kept is not fitted and type(kept) is SSDGM
    assert kept.parameters_sha256() == fitted.parameters_sha256()
    assert kept.predict(X).tobytes() == fitted.predict(X).tobytes()
    for record in ('epochs', 'train', 'eval1', 'evalN'):
        assert getattr(kept.history_, record) == \
            getattr(fitted.history_, record)
    assert kept.n_features_ == FEATURES and kept.stopped_early_ is False
    assert kept.get_params()['loss_y'] is losses.KL


@ways
def test_a_kept_model_has_the_streams_and_the_generator(fitted, keep,
                                                        tmpdir):
    built, other = [stored.taken(one)['_built']
                    for one in (fitted, keep(fitted, tmpdir))]
    moved = 0
    for name, streams in built['streams'].items():
        assert streams.keys() == other['streams'][name].keys()
        for position in streams:
            for one, another in zip(streams[position],
                                    other['streams'][name][position]):
                assert np.array_equal(one, another)
                moved += len(one)
    assert moved > 2 * len(X)
    for one, another in zip(built['generator'], other['generator']):
        assert np.array_equal(one, another)


two_ways = pytest.mark.parametrize(
    'keep', [WAYS['pickle 2'], WAYS['save']], ids=['pickle', 'save'])


@two_ways
def test_samples_go_on_where_they_were(keep, tmpdir):
    one = small().build()
    one.predict(X, deterministic=False)
    one.score(X, Y)
    kept = keep(keep(one, tmpdir), tmpdir)
    for _ in range(2):
        assert kept.predict(X, deterministic=False).tobytes() == \
            one.predict(X, deterministic=False).tobytes()
        # of streams that no function of the copy's has drawn from yet
        assert kept.infer('z2', x=X, deterministic=False).tobytes() == \
            one.infer('z2', x=X, deterministic=False).tobytes()
        assert kept.score(X, Y) == one.score(X, Y)


@two_ways
def test_refitted_it_has_the_same_bits(fitted, keep, tmpdir):
    kept = keep(fitted, tmpdir).fit(**GIVEN)
    assert kept.parameters_sha256() == fitted.parameters_sha256()
    assert kept.history_.evalN == fitted.history_.evalN


@pytest.mark.parametrize('keep, options', [
    (WAYS['pickle 2'], {}), (WAYS['save'], {'objective': 'paper'})],
    ids=['pickle', 'save'])
def test_trained_on_it_has_the_same_bits(keep, options, tmpdir):
    """Bound (8) draws y and z2 in every step."""
    one = model(num_epochs=1, warm_start=True, **options).fit(X_=X)
    kept = keep(one, tmpdir)
    for each in (one, kept):
        each.fit(X_=X)
    assert kept.parameters_sha256() == one.parameters_sha256()
    assert kept.history_.train == one.history_.train


def test_a_copy_goes_on_from_a_state(tmpdir):
    one, states = small(num_epochs=2), []
    one.fit(X=X, y=Y, monitor=lambda event: event.kind == 'epoch' and
            states.append(one.state()))
    kept = WAYS['pickle 2'](one, tmpdir)
    with pytest.raises(InputError, match='no state to go on from'):
        kept.state()
    kept.fit(X=X, y=Y, state=states[0])
    assert kept.parameters_sha256() == one.parameters_sha256()


def test_settings_changed_after_fit_are_kept_beside_what_was_fitted(tmpdir):
    one = small().build()
    one.set_params(lr=.5, num_output=7, model_dict=None, loss_y=losses.L2)
    for keep in (WAYS['pickle 2'], WAYS['save']):
        kept = keep(one, tmpdir)
        assert (kept.lr, kept.num_output, kept.model_dict) == (.5, 7, None)
        assert kept.predict(X).tobytes() == one.predict(X).tobytes()


def change_layers(nets, seeds, hidden):
    nets['z1->y']['arch']['hidden'][:] = [9]


def change_nonlinearity(nets, seeds, hidden):
    nets['z1->y']['arch']['nonlin'] = lasagne.nonlinearities.linear


def change_flows(nets, seeds, hidden):
    del nets['z1->y']['arch']['flows'][:]


def change_seeds(nets, seeds, hidden):
    seeds['SampleLayer'] = 'none'


def change_hidden(nets, seeds, hidden):
    hidden[:] = [0]


@pytest.mark.parametrize('objective', ['published', 'paper'])
@pytest.mark.parametrize('change', [
    change_layers, change_nonlinearity, change_flows, change_seeds,
    change_hidden])
def test_what_was_given_may_change_and_the_model_does_not(change, objective,
                                                          tmpdir):
    given = networks(), {'SampleLayer': 3}, [3]
    one = small(model_dict=given[0], sample_seeds=given[1], hidden=given[2],
                objective=objective).build()
    assert one.model_dict is given[0] and one.sample_seeds is given[1]
    before = one.parameters_sha256(), one.predict(X).tobytes()
    change(*given)
    kept = copy.deepcopy(one)
    assert before == (kept.parameters_sha256(), kept.predict(X).tobytes())
    if change in (change_layers, change_nonlinearity):
        kept = by_file(one, tmpdir)
        assert before == (kept.parameters_sha256(), kept.predict(X).tobytes())


def test_a_pickle_is_small(fitted):
    """Parameters, settings and the substreams that moved."""
    parameters = sum(v.nbytes for v in fitted.parameters().values())
    assert len(pickle.dumps(fitted, 2)) < parameters + 10 ** 5
    # an attribute of the user's stays
    fitted.note = 'mine'
    assert pickle.loads(pickle.dumps(fitted, 2)).note == 'mine'
    del fitted.note


@ways
def test_a_model_that_is_not_fitted_is_kept_too(keep, tmpdir):
    kept = keep(model(lr=.3), tmpdir)
    assert not kept.built and kept.lr == .3
    built = keep(model().build(), tmpdir)
    assert built.parameters_sha256() == model().build().parameters_sha256()
    assert not hasattr(built, 'history_')


@pytest.mark.parametrize('options', [
    dict(model_dict=None, model_type=0, hidden=(3,), nflows=1),
    dict(model_dict=None, model_type=2, hidden=[3], num_latent_z1=2),
    dict(model_dict=dict(networks(), **{
        'z1->y': architecture([4, 3], PARTS, sample='concrete'),
        'yz2->_z1': architecture([3], FEATURES, 'softplus', 'bernoulli',
                                 batch_norm=True)}), num_output=PARTS),
    dict(model_dict=dict(networks(), **{
        'z1->y': architecture(
            [3], 2, lasagne.nonlinearities.very_leaky_rectify,
            flows=['nice', 'simplex'])})),
    dict(nonlin_enc='tanh', gain_dec='relu', default_data={'X_': X},
         seed=np.int64(3), lr=np.float32(.1), coeff_x=True and 1),
    dict(prior_y=build._prior({'name': 'dirichlet', 'alpha': .3,
                               'eps': 1e-3}, 2)),
    dict(objective='paper', reverse='latent')],
    ids=lambda o: ' '.join(sorted(o))[:40])
def test_every_kind_of_network_and_setting_goes_through_a_file(options,
                                                               tmpdir):
    settings = dict(num_output=PARTS - 1)
    settings.update(options)
    one = model().set_params(**settings).build()
    for keep in (WAYS['pickle 2'], WAYS['save']):
        kept = keep(one, tmpdir)
        assert kept.parameters_sha256() == one.parameters_sha256()
        assert kept.build().parameters_sha256() == one.parameters_sha256()


def mine(predicted, actual):
    return losses.L2(predicted, actual)


def steep(value):
    return 2 * value


@pytest.mark.parametrize('name, options', [
    ('loss_y', dict(loss_y=mine)),
    ('prior_z2', dict(prior_z2=lambda z: -(z ** 2).sum(axis=-1))),
    ('nonlin_enc', dict(nonlin_enc=lambda v: v)),
    ('prior_y', dict(prior_y=functools.partial(mine, actual=1))),
    ('model_dict z1->y arch nonlin', dict(model_dict=dict(
        networks(), **{'z1->y': architecture([3], 2, steep)})))])
def test_a_function_of_the_users_is_not_saved(name, options, tmpdir):
    path = tmpdir.join('model.npz')
    with pytest.raises(InputError) as caught:
        model(**options).save(str(path))
    sentence = str(caught.value)
    assert sentence.startswith('settings ' + name) and '\n' not in sentence
    assert not path.exists() and not tmpdir.listdir()


def test_the_published_sample_layers_are_not_saved(tmpdir):
    from untapped.parmesan import layers
    nets = dict(networks(), **{
        'z1->y': architecture([3], 2, sample=layers.SampleLayer)})
    with pytest.raises(InputError, match='function or class of untapped.mod'):
        model(model_dict=nets).save(str(tmpdir.join('model.npz')))


@pytest.mark.parametrize('name, value', [
    ('hidden', [0]), ('lr', -1), ('seed', 'a'), ('model_dict', {'a': 3})])
def test_what_load_would_refuse_is_not_saved(fitted, name, value, tmpdir):
    path = str(tmpdir.join('model.npz'))
    for one in (model(), copy.copy(fitted)):
        with pytest.raises(InputError, match='^%s: expected ' % name):
            one.set_params(**{name: value}).save(path)
    assert not os.path.exists(path)


def test_a_pickle_of_a_lambda_is_pickles_own_error():
    with pytest.raises(Exception, match='lambda'):
        pickle.dumps(model(prior_z2=lambda z: -z ** 2), 2)
    named = pickle.loads(pickle.dumps(model(loss_y=mine), 2))
    assert named.loss_y is mine


def test_a_file_is_written_whole_or_not_at_all(fitted, tmpdir, monkeypatch):
    path = tmpdir.join('model.npz')
    fitted.save(str(path))
    before = path.read_binary()

    def full(stream, **arrays):
        stream.write(b'half')
        raise IOError(28, 'No space left on device')

    monkeypatch.setattr(np, 'savez', full)
    with pytest.raises(DataError, match='cannot be written: no space'):
        fitted.save(str(path))
    assert path.read_binary() == before
    assert [f.basename for f in tmpdir.listdir()] == ['model.npz']


def test_paths_of_any_text_are_written_read_and_told(fitted, tmpdir):
    folder = tmpdir.mkdir('a\nb')
    path = str(folder.join('f.npz')).decode('ascii')[:-5] + u'\xe9.npz'
    fitted.save(path)
    assert SSDGM.load(path).parameters_sha256() == fitted.parameters_sha256()
    for call in (lambda: SSDGM.load(path + u'x'), lambda: SSDGM.load(
            str(folder.join('none')))):
        with pytest.raises(InputError) as caught:
            call()
        sentence = str(caught.value)
        assert u'%s' % caught.value == sentence.decode('utf-8')
        assert 'a\\nb' in sentence and 'cannot be read' in sentence
        assert '\n' not in sentence
    with pytest.raises(DataError) as caught:
        fitted.save(u'/proc/x/\xe9.npz')
    assert str(caught.value).startswith('/proc/x/\xc3\xa9.npz cannot be wri')


class Sub(SSDGM):
    """A class of the user's."""


def test_a_class_of_the_users_is_loaded_as_that_class(fitted, tmpdir):
    path = str(tmpdir.join('model.npz'))
    fitted.save(path)
    kept = Sub.load(path)
    assert type(kept) is Sub
    assert kept.predict(X).tobytes() == fitted.predict(X).tobytes()
    kept.save(path)
    assert type(SSDGM.load(path)) is SSDGM


def test_a_class_with_fewer_parameters_loads_none(fitted, tmpdir):
    class Narrow(SSDGM):
        def __init__(self, num_features=6, num_output=2):
            SSDGM.__init__(self, num_features, num_output)

    path = str(tmpdir.join('model.npz'))
    fitted.save(path)
    with pytest.raises(InputError, match='^load: expected a class that '
                       'takes every parameter of untapped.SSDGM, got'):
        Narrow.load(path)


# files that others made


@pytest.fixture(scope='module')
def saved(fitted, tmpdir_factory):
    path = tmpdir_factory.mktemp('saved').join('model.npz')
    fitted.save(str(path))
    return path.read_binary()


def refused(content, tmpdir):
    """The sentence that a file is refused with."""
    path = tmpdir.join('other.npz')
    path.write_binary(content)
    with pytest.raises(InputError) as caught:
        SSDGM.load(str(path))
    sentence = str(caught.value)
    assert str(path) in sentence and '\n' not in sentence
    assert len(sentence) < 600
    return sentence


@pytest.mark.parametrize('spoil', [
    lambda b: b'', lambda b: b[:100], lambda b: b[:-1], lambda b: b[:-400],
    lambda b: b[:len(b) // 2], lambda b: b'nothing',
    lambda b: pickle.dumps([1])])
def test_a_damaged_file_is_one_sentence(saved, spoil, tmpdir):
    refused(spoil(saved), tmpdir)


def test_a_changed_byte_is_told_or_changes_nothing(saved, fitted, tmpdir):
    rng = np.random.RandomState(0)
    told = 0
    for number in range(60):
        content = bytearray(saved)
        content[rng.randint(len(content))] ^= 1 << rng.randint(8)
        path = tmpdir.join('%d.npz' % number)
        path.write_binary(bytes(content))
        try:
            kept = SSDGM.load(str(path))
        except InputError:
            told += 1
        else:
            # a date or a flag of the zip file
            assert kept.parameters_sha256() == fitted.parameters_sha256()
    assert told > 40


def test_what_is_not_there_is_one_sentence(tmpdir):
    with pytest.raises(InputError, match='cannot be read'):
        SSDGM.load(str(tmpdir.join('none.npz')))
    with pytest.raises(InputError):
        SSDGM.load(str(tmpdir))


def rewritten(saved, change):
    """The file with its arrays changed by a function of the dict."""
    with np.load(io.BytesIO(saved)) as stream:
        arrays = OrderedDict((name, stream[name]) for name in stream.files)
    change(arrays)
    out = io.BytesIO()
    np.savez(out, **arrays)
    return out.getvalue()


def text(change):
    """A change of the JSON text, by a function of the text."""
    def spoil(arrays):
        before = str(arrays['model'])
        after = change(before)
        assert after != before
        arrays['model'] = np.array(after)
    return spoil


def put(name, value):
    return lambda arrays: arrays.update({name: value})


def all_like(arrays, wanted, change):
    """Change every array that a test accepts."""
    found = [name for name, value in arrays.items() if wanted(value)]
    assert found
    for name in found:
        arrays[name] = change(arrays[name])


def is_keys(value):
    return value.shape == (624,)


def is_stream(value):
    return value.ndim == 2 and value.shape[1] == 6 and \
        value.dtype == np.dtype('i4') and len(value)


@pytest.mark.parametrize('change', [
    put('format', np.array('untapped SSDGM 9')),
    put('model', np.array('{')), put('model', np.array('[]')),
    put('model', np.array('{"dict": []}')),
    put('model', np.array('[' * 100000)),
    put('model', np.array(' ' * (1 << 21))),
    lambda a: a.pop('format'), lambda a: a.pop('model'),
    lambda a: a.pop('array 0'),
    text(lambda t: t.replace('losses.KL', 'os.system')),
    text(lambda t: t.replace('losses.KL', 'losses.L3')),
    text(lambda t: t.replace('losses.KL', 'sample.SampleLayer')),
    text(lambda t: t.replace('"named"', '"call"')),
    text(lambda t: t.replace('flow.LogisticFlowLayer', 'losses.L2')),
    text(lambda t: t.replace('"lr", 0.01', '"lr", -1')),
    text(lambda t: t.replace('"hidden", [4]', '"hidden", [4000000000]')),
    text(lambda t: t.replace('"hidden", [4]', '"hidden", [400000]')),
    text(lambda t: t.replace('"hidden", [4]', '"hidden", [5]')),
    text(lambda t: t.replace('"num_features", 6', '"num_features", 6000000'
                             ).replace('"num_output", 6',
                                       '"num_output", 6000000')),
    text(lambda t: t.replace('"num_epochs", 1', '"num_epochs", "1"')),
    text(lambda t: t.replace('["lr", 0.01], ', '', 1)),
    text(lambda t: t.replace('["lr", 0.01], ', '')),
    text(lambda t: t.replace('["seed", 1234], ', '')),
    text(lambda t: t.replace('["lr", 0.01]', '["lr", 0.01], ["lr", 0.02]')),
    text(lambda t: t.replace('["lr", 0.01]', '["lr", 0.01], ["lx", 0.02]')),
    text(lambda t: t.replace('"MT19937"', '"MT19938"')),
    text(lambda t: t.replace('l_0.W', 'l_0.V')),
    text(lambda t: t.replace('"stopped early", false',
                             '"stopped early", 3')),
    lambda a: all_like(a, is_keys, np.zeros_like),
    lambda a: all_like(a, is_keys, lambda v: v[:9]),
    lambda a: all_like(a, is_stream, lambda v: -v),
    lambda a: all_like(a, is_stream, lambda v: v.astype('i8')),
    lambda a: all_like(a, is_stream, lambda v: v[:, :5]),
    lambda a: all_like(a, is_stream, lambda v: np.ones((20000, 6), 'i4')),
    lambda a: all_like(a, lambda v: v.shape == (FEATURES, 4),
                       lambda v: v[:3]),
    lambda a: all_like(a, lambda v: v.shape == (FEATURES, 4),
                       lambda v: v.astype('S8')),
    lambda a: all_like(a, lambda v: v.shape == (2,) and
                       v.dtype.kind == 'f' and len(v) == 2,
                       lambda v: np.zeros(5))])
def test_a_hostile_file_is_one_sentence(saved, change, tmpdir):
    assert 'expected a file that SSDGM.save wrote' in refused(
        rewritten(saved, change), tmpdir)


def test_a_file_with_a_pickle_in_it_is_refused(saved, tmpdir):
    class Evil(object):
        def __reduce__(self):
            return os.mkdir, (str(tmpdir.join('ran')),)

    refused(rewritten(saved, put('array 0', np.array([Evil()]))), tmpdir)
    assert not tmpdir.join('ran').exists()


def test_a_file_holds_no_pickle(saved):
    with zipfile.ZipFile(io.BytesIO(saved)) as archive:
        for name in archive.namelist():
            assert b"'|O" not in archive.read(name)[:200]
    with np.load(io.BytesIO(saved)) as stream:
        assert json.loads(str(stream['model']))


def test_rewriting_alone_changes_nothing(saved, fitted, tmpdir):
    path = tmpdir.join('same.npz')
    path.write_binary(rewritten(saved, lambda arrays: None))
    assert SSDGM.load(str(path)).predict(X).tobytes() == \
        fitted.predict(X).tobytes()
    assert fitted.infer('z2', x=X).shape[1] == LATENTS

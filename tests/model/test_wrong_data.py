"""Arrays that cannot be meant: each is one sentence with the argument's name.

Grouped by method and argument.  Nothing is compiled before they are refused.
"""
from __future__ import division, print_function

import resource

import numpy as np
import pytest
import theano
from scipy import sparse

from tiny import FEATURES, LATENTS, PARTS, data, model, networks, validation
from test_wrong_settings import told
from untapped.errors import InputError
from untapped.model import checks, memory
from untapped.model.architectures import architecture
from untapped.model.losses import KL, L2

ROWS = 24


@pytest.fixture(scope='module')
def built():
    return model().build()


@pytest.fixture(autouse=True)
def nothing_compiled(monkeypatch):
    def function(*args, **options):
        raise AssertionError('compiled')
    monkeypatch.setattr(theano, 'function', function)


def spoilt(value, row, number):
    value = np.array(value)
    value[row, 0] = number
    return value


def objects(value):
    value = value.astype(object)
    value[3, 0] = 'a'
    return value


#: (what is wrong, a function that makes it of an array, what is said)
WRONG = [
    ('columns', lambda a: np.ones((ROWS, 9)), 'an array of shape (rows, '),
    ('1-D', lambda a: a[:, 0], 'an array of shape (rows, '),
    ('3-D', lambda a: a[None], 'an array of shape (rows, '),
    ('a number', lambda a: 3., 'an array of shape (rows, '),
    ('no rows', lambda a: a[:0], 'at least one row'),
    ('no columns', lambda a: a[:, :0], 'got 0 feature(s) (shape=(24, 0))'),
    ('sparse', sparse.csr_matrix, 'a dense array, got a sparse matrix'),
    ('masked', lambda a: np.ma.masked_where(a == a[5, 0], a),
     'found one in row 5'),
    ('masked rows', lambda a: [np.ma.masked_where(row == a[5, 0], row)
                               for row in a], 'found one in row 5'),
    ('NaN', lambda a: spoilt(a, 4, np.nan), 'found NaN or infinity in row 4'),
    ('infinity', lambda a: spoilt(a, 7, -np.inf), 'infinity in row 7'),
    ('beyond float32', lambda a: spoilt(a, 2, 1e39), 'found 1e+39 in row 2'),
    ('complex', lambda a: a + spoilt(0j * a, 6, 1j),
     'got complex numbers in row 6'),
    ('text', lambda a: a.astype('S8'), 'got texts in row 0'),
    ('unicode', lambda a: a.astype('U8'), 'got texts in row 0'),
    ('objects', objects, 'got objects in row 3'),
    ('ragged', lambda a: [[1.], [1., 2.]], 'got objects in row 0'),
    ('times', lambda a: np.zeros(a.shape, 'M8[s]'), 'got times'),
    ('a dict', lambda a: {'a': a}, 'got objects')]
IDS = [case[0] for case in WRONG]
#: those that differ most, for arguments that go the same way
FEW = [case for case in WRONG if case[0] in (
    'columns', '1-D', 'sparse', 'masked', 'NaN', 'complex', 'objects')]
FEW_IDS = [case[0] for case in FEW]


def everything(**changes):
    given = dict(data(), **validation())
    given.update(_y_valid=data()['_y'], z2_valid=data()['z2'],
                 X__valid=data()['X_'])
    return dict(given, **changes)


@pytest.mark.parametrize('name', sorted(everything()))
@pytest.mark.parametrize('what, spoil, said', WRONG, ids=IDS)
def test_fit_refuses(name, what, spoil, said):
    if name.startswith('z2') and what == 'beyond float32':
        said = 'float32'
    given = everything()
    sentence = told(lambda: model().fit(**dict(
        given, **{name: spoil(given[name])})))
    assert sentence.startswith(name + ': expected ') and said in sentence


@pytest.mark.parametrize('what, spoil, said', WRONG + [
    ('None', lambda a: None, 'got None')], ids=IDS + ['None'])
def test_predict_refuses(built, what, spoil, said):
    sentence = told(lambda: built.predict(spoil(data()['X'])))
    assert sentence.startswith('X: expected ') and said in sentence


@pytest.mark.parametrize('name, of', [('X', 'X'), ('y', 'y')])
@pytest.mark.parametrize('what, spoil, said', FEW, ids=FEW_IDS)
@pytest.mark.parametrize('method', ['score', 'loss'])
def test_score_and_loss_refuse(built, method, name, of, what, spoil, said):
    given = {'X': data()['X'], 'y': data()['y']}
    given[name] = spoil(given[name])
    sentence = told(lambda: getattr(built, method)(**given))
    assert sentence.startswith(name + ': expected ') and said in sentence


KNOWN = {'x': data()['X'], 'y': data()['y'], 'z1': data()['X'],
         'z2': data()['z2']}


@pytest.mark.parametrize('method', ['infer', 'generate'])
@pytest.mark.parametrize('name, beside', [
    ('x', 'y'), ('y', 'z2'), ('z1', 'y'), ('z2', 'y')])
@pytest.mark.parametrize('what, spoil, said', FEW, ids=FEW_IDS)
def test_infer_and_generate_refuse(built, method, name, beside, what, spoil,
                                   said):
    given = {name: spoil(KNOWN[name]), beside: KNOWN[beside]}
    sentence = told(lambda: built.infer('_x', **given)
                    if method == 'infer' else built.generate(**given))
    assert sentence.startswith(name + ': expected ') and said in sentence


@pytest.mark.parametrize('kind, names', [
    ('x', ['x']), ('y', ['y', 'z2']), ('x_sup', ['x', 'y']),
    ('x_sup_dis', ['x', 'y'])])
@pytest.mark.parametrize('what, spoil, said', FEW, ids=FEW_IDS)
def test_objective_value_refuses(built, kind, names, what, spoil, said):
    for wrong in names:
        given = [spoil(KNOWN[name]) if name == wrong else KNOWN[name]
                 for name in names]
        sentence = told(lambda: built.objective_value(kind, *given))
        assert sentence.startswith(wrong + ': expected ')
        assert said in sentence


X, Y = data()['X'], data()['y']


@pytest.mark.parametrize('call, beginning', [
    (lambda m: m.infer('x', x=X), "target: expected '_x' or '_z1' or 'y' "),
    (lambda m: m.infer(3, x=X), 'target: expected'),
    (lambda m: m.infer([], x=X), 'target: expected'),
    (lambda m: m.infer(None, x=X), 'target: expected'),
    (lambda m: m.infer('y'), 'y: expected to be inferred from one of'),
    (lambda m: m.infer('y', y=Y), 'y: expected to be inferred from one of'),
    (lambda m: m.generate(), '_x: expected to be inferred from one of'),
    (lambda m: m.generate(x=X, y=Y[:3]), 'x and y: expected the same number'),
    (lambda m: m.generate(x=X, once=3), 'once: expected True or False'),
    (lambda m: m.predict(X, deterministic='no'), 'deterministic: expected'),
    (lambda m: m.predict(X, deterministic=None), 'deterministic: expected'),
    (lambda m: m.score(X, Y[:3]), 'X and y: expected the same number'),
    (lambda m: m.score(X, None), 'y: expected an array of shape (rows, 2)'),
    (lambda m: m.objective_value('z', X), "kind: expected 'x' or 'x_sup' or "),
    (lambda m: m.objective_value(None, X), 'kind: expected'),
    (lambda m: m.objective_value('consistency', Y), 'kind: expected'),
    (lambda m: m.objective_value('x'), "objective_value('x'): expected x, "),
    (lambda m: m.objective_value('y', Y), "objective_value('y'): expected"),
    (lambda m: m.objective_value('x', X, Y), "objective_value('x'): exp"),
    (lambda m: m.objective_value('x_sup', X, Y[:2]), 'x and y: expected'),
    (lambda m: m.set_parameters(None), 'values: expected a dict'),
    (lambda m: m.set_parameters({}), 'values: expected exactly the param'),
    (lambda m: m.set_parameters(dict(m.parameters(), **{
        'z1->y l_0.b': ['a'] * 4})), "values['z1->y l_0.b']: expected real"),
    (lambda m: m.set_parameters(dict(m.parameters(), **{
        'z1->y l_0.b': np.ma.masked_equal([0, 0, 1, 0.], 1)})),
     "values['z1->y l_0.b']: expected an array without masked values"),
    (lambda m: m.set_parameters(dict(m.parameters(), **{
        'z1->y l_0.b': [0, 0, 1e300, 0]})),
     "values['z1->y l_0.b']: expected numbers that float32 holds"),
    (lambda m: m.state(), 'this SSDGM has no state to go on from: expected'),
    (lambda m: m.save(3), "path: expected a file's path, got 3"),
    (lambda m: m.save(''), "path: expected a file's path"),
    (lambda m: m.load(None), "path: expected a file's path, got None"),
    (lambda m: m.load('a\0b'), "path: expected a file's path"),
    (lambda m: m.fit(state={3: 3}, **data()), 'state: expected that of a f'),
    (lambda m: m.fit(state={u'\xe9': 3}, **data()), 'state: expected that o'),
    (lambda m: m.set_parameters({u'\xe9': 3}), 'values: expected exactly th'),
    (lambda m: m.fit(monitor=3, **data()), 'monitor: expected None or a fu'),
    (lambda m: m.fit(state=[], **data()), 'state: expected None or a dict')])
def test_a_wrong_call_is_one_sentence(built, call, beginning):
    before = built.parameters_sha256()
    assert told(lambda: call(built)).startswith(beginning)
    assert built.parameters_sha256() == before


@pytest.mark.parametrize('given, said', [
    (dict(z2=KNOWN['z2'][:3]), '_y: expected together with z2, got None'),
    (dict(z2=KNOWN['z2'][:3], _y=Y), '_y and z2: expected the same number')])
def test_m1_takes_no_z2_that_fits_nothing(given, said):
    one = model(model_dict=None, model_type=0, hidden=[3])
    assert told(lambda: one.fit(X, Y, **given)).startswith(said)
    checks.check_data(one.build(), everything_but_valid(), '')


@pytest.mark.parametrize('call', [
    lambda m: m.generate(y=Y, z2=KNOWN['z2']),
    lambda m: m.generate(y=Y, z2=KNOWN['z2'], once=True),
    lambda m: m.infer('y', x=X, z2=KNOWN['z2'])])
def test_m1_has_no_z2(call):
    one = model(model_dict=None, model_type=0, hidden=[3]).build()
    assert told(lambda: call(one)) == \
        'z2: expected None in M1, which has no z2, got one'


@pytest.mark.parametrize('call', [
    lambda m: m.predict(X), lambda m: m.infer('y', x=X),
    lambda m: m.generate(x=X), lambda m: m.generate(y=Y, once=True),
    lambda m: m.score(X, Y), lambda m: m.loss(X, Y),
    lambda m: m.objective_value('x', X), lambda m: m.parameters(),
    lambda m: m.set_parameters({}), lambda m: m.parameters_sha256(),
    lambda m: m.state()])
def test_before_fit_every_method_says_so(call):
    assert told(lambda: call(model())) == \
        'this SSDGM is not fitted: expected a call of fit (or build) first'


def test_a_name_that_fit_does_not_have_is_pythons_error():
    with pytest.raises(TypeError, match="unexpected keyword argument 'Z'"):
        model().fit(Z=X, **data())


# labels and latents off their supports


def labels(*first):
    made = np.full((ROWS, PARTS - 1), .25)
    made[3] = first
    return made


SIMPLEX = [
    (labels(-.1, .2), 'a part of -0.1 in row 3'),
    (labels(-1e-3, 1.001), 'a part of -0.001 in row 3'),
    (labels(1.2, 0), 'parts that sum to 1.2 in row 3'),
    (labels(.6, .5), 'parts that sum to 1.1 in row 3'),
    (labels(-5, 50), 'a part of -5 in row 3')]


@pytest.mark.parametrize('objective', ['published', 'paper'])
@pytest.mark.parametrize('name', ['y', '_y', 'y_valid', '_y_valid'])
@pytest.mark.parametrize('value, said', SIMPLEX)
def test_labels_off_the_simplex_are_told_with_their_row(
        objective, name, value, said):
    sentence = told(lambda: model(objective=objective).fit(
        **everything(**{name: value})))
    assert sentence.startswith(name + ': expected points on the simplex')
    assert said in sentence


@pytest.mark.parametrize('call, said', [
    (lambda m: m.score(X, Y + 1), 'y: expected points on the simplex'),
    (lambda m: m.loss(X, -Y), 'y: expected points on the simplex'),
    (lambda m: m.generate(y=labels(2, 0), z2=KNOWN['z2']), 'y: expected po'),
    (lambda m: m.infer('z2', x=X, y=labels(-1, 0)), 'y: expected points on'),
    (lambda m: m.generate(y=Y, z2=KNOWN['z2'] + 9), 'z2: expected values fr'),
    (lambda m: m.objective_value('x_sup', X, Y + 1), 'y: expected points'),
    (lambda m: m.objective_value('y', Y, KNOWN['z2'] - 9), 'z2: expected')])
def test_answers_are_of_labels_and_latents_that_can_be(built, call, said):
    assert told(lambda: call(built)).startswith(said)


def paper(**x):
    nets = dict(networks(), **{'yz2->_z1': architecture([5], FEATURES, **x)})
    return model(objective='paper', model_dict=nets).build()


def test_what_is_neither_zero_nor_one_is_told_with_its_row():
    one = paper(sample='bernoulli')
    x = (X > .5).astype(float)
    x[7, 2] = .25
    assert told(lambda: one.fit(x, Y)).endswith('got 0.25 in row 7')


def plain_labels():
    nets = dict(networks(), **{'z1->y': architecture([4], PARTS - 1)})
    return model(model_dict=nets).build()


@pytest.mark.parametrize('make, call, said', [
    (lambda: paper(sample='bernoulli'),
     lambda m: m.objective_value('x', X), 'x: expected zeros and ones'),
    (lambda: paper(flows=['softplus']),
     lambda m: m.objective_value('x_sup', -X, Y), 'x: expected values from'),
    (lambda: paper(flows=['softplus']), lambda m: m.score(-X, Y),
     'X: expected values from'),
    (plain_labels, lambda m: m.score(X, Y + 1), 'y: expected points on the')])
def test_an_objective_has_no_value_where_fit_sees_none(make, call, said):
    assert told(lambda: call(make())).startswith(said)


@pytest.mark.parametrize('options', [
    # the loss alone asks for points on the simplex
    dict(loss_y=KL), dict(loss_y=L2, sample='normal', flows=['simplex']),
    dict(loss_y=L2, sample='concrete')])
def test_what_asks_for_points_on_the_simplex(options):
    nets = networks()
    others = dict(options)
    loss = others.pop('loss_y')
    nets['z1->y'] = architecture([4], PARTS - 1, **others)
    sentence = told(lambda: model(model_dict=nets, loss_y=loss).fit(
        X=X, y=labels(1.2, 0)))
    assert sentence.startswith('y: expected points on the simplex')


def test_labels_that_round_to_the_simplex_are_taken(built):
    near = labels(1 + 5e-6, -5e-6)
    checks.check_data(built, everything_but_valid(y=near), '')


def everything_but_valid(**changes):
    return dict(data(), **changes)


def test_labels_of_no_simplex_may_be_any_numbers(built):
    nets = networks()
    nets['z1->y'] = architecture([4], PARTS - 1)
    one = model(model_dict=nets, loss_y=L2).build()
    checks.check_data(one, everything_but_valid(y=labels(-3, 9)), '')


@pytest.mark.parametrize('name', ['z2', 'z2_valid'])
@pytest.mark.parametrize('objective, end', [
    ('published', np.pi / 2), ('paper', 1.5)])
@pytest.mark.parametrize('sign', [-1, 1])
def test_latents_outside_their_interval_are_told(name, objective, end, sign):
    z2 = np.zeros((ROWS, LATENTS))
    z2[8] = sign * (end + .01)
    sentence = told(lambda: model(objective=objective).fit(
        **everything(**{name: z2})))
    assert sentence.startswith('%s: expected values from -%g to %g' % (
        name, end, end)) and sentence.endswith('in row 8')


# minibatches


@pytest.mark.parametrize('name', [
    'batch_size_%s_%s' % (group, kind) for group in ('Xy', 'X_', '_y')
    for kind in ('train', 'eval')])
def test_a_minibatch_without_end_is_refused(name):
    sentence = told(lambda: model(**{name: 10 ** 9}).fit(**everything()))
    assert sentence == (
        '%s: expected at most 10000, the rows of the data or 10000, '
        'whichever is more, got 1000000000' % name)


@pytest.mark.parametrize('options, beginning', [
    (dict(iw_samples=10 ** 7),
     'batch_size_Xy_train, eq_samples or iw_samples: expected a step of at '
     'most'),
    (dict(eq_samples=2 ** 31 - 1, iw_samples=2 ** 31 - 1),
     'batch_size_Xy_train, eq_samples or iw_samples: expected a step of at '
     'most'),
    (dict(model_dict=None, model_type=1, hidden=[10 ** 9]),
     'model_dict or hidden: expected networks of at most 3.0 GB, the memory'),
    (dict(model_dict=None, model_type=2, num_latent_z1=10 ** 9),
     'model_dict or hidden: expected networks of at most')])
def test_what_the_memory_does_not_hold_is_told_with_both_numbers(
        options, beginning, monkeypatch):
    monkeypatch.setattr(memory, 'available', lambda: 3 * 10 ** 9)
    sentence = told(lambda: model(**options).fit(**everything()))
    assert sentence.startswith(beginning)
    assert '3.0 GB, the memory that there is; got at least ' in sentence


def test_the_memory_that_there_is_follows_ulimit():
    before = resource.getrlimit(resource.RLIMIT_AS)
    whole = memory.available()
    assert 10 ** 8 < whole < 10 ** 16
    try:
        resource.setrlimit(resource.RLIMIT_AS, (whole - 4096, before[1]))
        assert memory.available() == whole - 4096
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def test_lists_and_whole_numbers_are_arrays_too(built):
    for value in (X.tolist(), np.ma.array(X), np.matrix(X),
                  X.astype('f2'), (X > .5), (9 * X).astype('u1')):
        got = checks.matrices(built.networks_, [('X', value)])['X']
        assert got.shape == (ROWS, FEATURES) and got.dtype == np.float32


def test_a_sparse_matrix_is_a_type_error_as_scikit_learn_asks(built):
    with pytest.raises(TypeError, match='sparse') as caught:
        built.predict(sparse.csr_matrix(X))
    assert isinstance(caught.value, InputError)

"""A fit that goes on from a state ends with the same bits.

A state that is not the model's is refused before anything is set.
"""
from __future__ import division, print_function

import numpy as np
import pytest

import states
from states import EPOCHS, EVERY, ROWS, present
from tiny import data, model, networks, validation
from untapped.errors import InputError
from untapped.model.state import StateError, check as check_state
from untapped.runs import checkpoints


def fit(one, **options):
    given = dict(data(), **validation())
    given.update(X__valid=data(seed=2)['X_'], _y_valid=data(seed=2)['_y'],
                 z2_valid=data(seed=2)['z2'])
    return one.fit(**dict(given, **options))


def whole_run(**options):
    """A model of six epochs, and its state after each."""
    states = []

    def monitor(event):
        if event.kind == 'epoch':
            states.append(one.state())

    one = model(num_epochs=6, eval_freq=2, anneal_lr_epoch=2, **options)
    return fit(one, monitor=monitor), states


@pytest.fixture(scope='module')
def run():
    return whole_run()


def assert_same(state, expected):
    assert list(state) == list(expected)
    for name in expected:
        assert state[name].dtype == expected[name].dtype, name
        assert state[name].tobytes() == expected[name].tobytes(), name


@pytest.mark.parametrize('epoch', [1, 2, 5])
def test_a_fit_from_a_state_ends_with_the_same_bits(run, epoch, tmpdir):
    one, states = run
    path = tmpdir.join('checkpoint')
    path.write_binary(checkpoints.to_bytes(states[epoch - 1]))
    again = fit(model(num_epochs=6, eval_freq=2, anneal_lr_epoch=2),
                state=checkpoints.read(str(path)))
    assert_same(again.state(), states[-1])
    assert again.parameters_sha256() == one.parameters_sha256()
    assert again.history_.epochs == [2, 4, 6]
    for record in ('train', 'eval1', 'evalN'):
        assert getattr(again.history_, record) == \
            getattr(one.history_, record)


def test_a_fit_from_its_last_state_changes_nothing(run):
    one, states = run
    again = fit(model(num_epochs=6, eval_freq=2, anneal_lr_epoch=2),
                state=states[-1])
    assert_same(again.state(), states[-1])


def test_taking_states_changes_no_bit(run):
    one = fit(model(num_epochs=6, eval_freq=2, anneal_lr_epoch=2))
    assert one.parameters_sha256() == run[0].parameters_sha256()


def test_the_state_holds_every_variable_that_training_updates(run):
    """Compared with what Theano itself lists as updated."""
    state = run[0]._state
    kept = [v.container for v in state.variables.values()]
    updated = [given for walk in state.passes.values()
               for given in walk._function.maker.expanded_inputs
               if given.update is not None]
    assert len(updated) > 20
    for given in updated:
        assert any(given.value is container for container in kept), given
    streams = [name for name in state.variables
               if name.startswith('stream ')]
    assert len(streams) > 3


def test_each_part_of_the_state_moves(run):
    """What never changed would not need to be kept."""
    _, states = run
    still = [name for name in states[0]
             if states[0][name].tobytes() == states[-1][name].tobytes()]
    # whether numpy's generator holds a spare normal number: it never does
    assert still == ['generator gauss'], still


def test_a_states_arrays_are_its_own(run):
    _, states = run
    assert not any(np.may_share_memory(states[0][name], states[1][name])
                   for name in states[0])


def test_another_models_state_is_refused(run):
    state = run[1][0]
    with pytest.raises(InputError, match='found a difference at'):
        fit(model(num_epochs=6, coeff_y_dis=0), state=state)
    other = dict(state)
    name = [n for n in other if n.startswith('parameter ')][0]
    other[name] = other[name][:1]
    with pytest.raises(InputError, match='found a difference at'):
        fit(model(num_epochs=6), state=other)


@pytest.mark.parametrize('name, spoil', [
    ('generator position', lambda a: np.array([10 ** 9, 0])),
    ('generator position', lambda a: np.array([-1, 0])),
    ('order train', lambda a: a + 1),
    ('epoch', lambda a: np.array(7)),
    ('lr', lambda a: np.array(np.nan)),
    ('record epochs', lambda a: a[:0]),
    ('adam 0', lambda a: a.astype('float64'))])
def test_a_hostile_state_is_refused_and_nothing_is_set(run, name, spoil):
    """numpy's generator crashes at a position that is out of range."""
    one, states = run
    before = one.state()
    hostile = dict(states[2])
    hostile[name] = spoil(hostile[name])
    with pytest.raises(StateError, match=name):
        one._state.set(hostile)
    assert_same(one.state(), before)


def test_in_the_middle_of_an_epoch_there_is_no_state():
    one = model(num_epochs=3, eval_freq=1, coeff_y=0, variational=False)
    said = []

    def monitor(event):
        if event.kind == 'evaluation':
            one.request_stop()
        else:
            said.append(event.whole)

    fit(one, monitor=monitor)
    assert one.stopped_early_ and said == [False]
    with pytest.raises(InputError, match='middle of an epoch'):
        one.state()
    with pytest.raises(InputError, match='expected a call of fit'):
        model().build().state()


def test_batch_normalisation_goes_on_too():
    nets = networks()
    for net in nets.values():
        net['arch']['batch_norm'] = True
    # of few terms, quick to compile
    options = dict(model_dict=nets, variational=False, coeff_x=0, coeff_y=0)
    _, states = whole_run(**options)
    again = fit(model(num_epochs=6, eval_freq=2, anneal_lr_epoch=2,
                      **options), state=states[2])
    assert_same(again.state(), states[-1])


# what is no state of the model


def check(one):
    check_state(one, present(), EPOCHS, EVERY)


@pytest.mark.parametrize('epoch', [0, 1, 5, EPOCHS])
def test_a_state_of_the_model_is_taken(epoch):
    check(states.state(epoch))


def test_numbers_that_training_may_come_to_are_taken():
    one = states.state()
    one['parameter W'][0] = np.nan, np.inf, -np.inf, 0
    one['record train train'][0] = np.nan
    one['generator position'][0] = 0
    one['adam 0'] = np.asfortranarray(one['adam 0'])
    one['stream z 0 1'][0] = [2147483646] * 3 + [2147462578] * 3
    check(one)


def put(name, value):
    """A function that gives a state another array."""
    return lambda one: one.update({name: value(one[name])})


def at(name, index, value):
    """The same, of one number in it."""
    def spoil(one):
        one[name][index] = value
    return spoil


SPOILED = [
    ('missing', lambda one: one.pop('adam 0'), 'adam 0'),
    ('more', lambda one: one.update(more=np.array(1)), 'more'),
    ('no epoch', lambda one: one.pop('epoch'), 'epoch'),
    ('no records', lambda one: one.pop('record epochs'), 'record epochs'),
    ('shape', put('parameter W', lambda a: a[:2]), 'parameter W'),
    ('type', put('parameter W', lambda a: a.astype('f8')), 'parameter W'),
    ('byte order', put('adam 0', lambda a: a.astype('>f4')), 'adam 0'),
    ('no order', put('adam 0', lambda a: np.repeat(a, 2, 1)[:, ::2]),
     'adam 0'),
    ("Fortran's order", put('stream z 0 1', np.asfortranarray), 'stream z'),
    ('a list', put('adam 0', lambda a: a.tolist()), 'adam 0'),
    ('epoch below 0', at('epoch', (), -1), 'epoch'),
    ('epoch beyond', at('epoch', (), EPOCHS + 1), 'epoch'),
    ('epoch of floats', put('epoch', lambda a: np.array(5.)), 'epoch'),
    ('epoch of NaN', put('epoch', lambda a: np.array(np.nan)), 'epoch'),
    ('epoch of text', put('epoch', lambda a: np.array(b'5')), 'epoch'),
    ('rate of NaN', at('lr', (), np.nan), 'lr'),
    ('rate of infinity', at('lr', (), np.inf), 'lr'),
    ('rate below 0', at('lr', (), -1), 'lr'),
    ('position beyond', at('generator position', 0, 10 ** 9), 'position'),
    ('position just beyond', at('generator position', 0, 625), 'position'),
    ('position below 0', at('generator position', 0, -1), 'position'),
    ('has_gauss', at('generator position', 1, 2), 'position'),
    ('position of floats', put('generator position',
                               lambda a: a.astype(float)), 'position'),
    ('keys of 0', at('generator keys', slice(None), 0), 'generator keys'),
    ('few keys', put('generator keys', lambda a: a[:623]), 'generator keys'),
    ('gauss', at('generator gauss', (), np.nan), 'generator gauss'),
    ('stream below 0', at('stream z 0 1', (0, 0), -1), 'stream z 0 1'),
    ('stream of M1', at('stream z 0 1', (4, 2), 2147483647), 'stream z 0 1'),
    ('stream of M2', at('stream z 0 1', (4, 3), 2147462579), 'stream z 0 1'),
    ('stream of 0', at('stream z 0 1', (1, slice(3)), 0), 'stream z 0 1'),
    ('few streams', put('stream z 0 1', lambda a: a[:4]), 'stream z 0 1'),
    ('streams of int64', put('stream z 0 1', lambda a: a.astype('i8')),
     'stream z 0 1'),
    ('row beyond', at('order train', 0, ROWS), 'order train'),
    ('row below 0', at('order train', 0, -1), 'order train'),
    ('row far off', at('order train', 0, 2 ** 62), 'order train'),
    ('row twice', at('order train', slice(2), 3), 'order train'),
    ('few rows', put('order train', lambda a: a[:-1]), 'order train'),
    ('epochs of records', at('record epochs', 0, 1), 'record epochs'),
    ('few records', put('record epochs', lambda a: a[:1]), 'record epochs'),
    ('records of floats', put('record epochs', lambda a: a.astype(float)),
     'record epochs'),
    ('few numbers', put('record train train', lambda a: a[:1]),
     'record train train'),
    ('many numbers', put('record evalN eval', lambda a: np.zeros(10 ** 6)),
     'record evalN eval'),
    ('texts as numbers', put('record train train',
                             lambda a: a.astype('S4')), 'record train'),
    ('a table', put('record train train', lambda a: a[:, None]),
     'record train train')]


@pytest.mark.parametrize('spoil, name', [case[1:] for case in SPOILED],
                         ids=[case[0] for case in SPOILED])
def test_a_state_that_is_none_is_one_sentence(spoil, name):
    one = states.state()
    spoil(one)
    with pytest.raises(StateError) as error:
        check(one)
    assert name in str(error.value) and '\n' not in str(error.value)
    assert str(error.value).startswith('state: expected ')


def test_a_long_name_is_cut_short():
    with pytest.raises(StateError) as error:
        check(dict(states.state(), **{'a' * 10 ** 6: np.array(1)}))
    assert len(str(error.value)) < 300

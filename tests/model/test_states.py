"""A state that is not the model's is refused before anything is set."""
from __future__ import division, print_function

from collections import OrderedDict

import numpy as np
import pytest

from untapped.model import states

EPOCHS, EVERY, ROWS = 10, 2, 12


def state(epoch=5):
    """What `Resumable.get` gives, of a model without Theano."""
    rng = np.random.RandomState(0)
    _, keys, position, has_gauss, gauss = rng.get_state()
    number = epoch // EVERY
    return OrderedDict([
        ('parameter W', rng.normal(size=(3, 4)).astype('f4')),
        ('adam 0', rng.normal(size=(3, 4)).astype('f4')),
        ('adam 1', np.array(5, 'f4')),
        ('stream z 0 1', rng.randint(1, 2147462579, (5, 6)).astype('i4')),
        ('generator keys', keys),
        ('generator position', np.array([position, has_gauss])),
        ('generator gauss', np.array(gauss)),
        ('order train', rng.permutation(ROWS)),
        ('epoch', np.array(epoch)), ('lr', np.array(.01)),
        ('record epochs', EVERY * np.arange(1, 1 + number)),
        ('record train train', np.arange(float(number))),
        ('record evalN eval', np.arange(number, dtype='f4'))])


def present():
    return state(0)


def check(one):
    states.check(one, present(), EPOCHS, EVERY)


@pytest.mark.parametrize('epoch', [0, 1, 5, EPOCHS])
def test_a_state_of_the_model_is_taken(epoch):
    check(state(epoch))


def test_numbers_that_training_may_come_to_are_taken():
    one = state()
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
    one = state()
    spoil(one)
    with pytest.raises(states.StateError) as error:
        check(one)
    assert name in str(error.value) and '\n' not in str(error.value)
    assert str(error.value).startswith('state: expected ')


def test_a_long_name_is_cut_short():
    with pytest.raises(states.StateError) as error:
        check(dict(state(), **{'a' * 10 ** 6: np.array(1)}))
    assert len(str(error.value)) < 300

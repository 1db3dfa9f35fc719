"""Minibatches and the order of rows."""
from __future__ import division, print_function

import numpy as np
import theano
import theano.tensor as T

from untapped.model.data import Data, Symbols


def groups(pairs=7, x=11, y=5):
    rows = np.arange
    return {'X': rows(pairs)[:, None] * np.ones(2), 'y': rows(pairs)[:, None],
            'X_': rows(x)[:, None] * np.ones(2), '_y': rows(y)[:, None],
            'z2': 10. * rows(y)[:, None]}


def minibatches(data, steps):
    symbols, index = Symbols(), T.iscalar()
    givens = data.givens(symbols, index, data.batch_sizes)
    names = ('x_sup', 'y_sup', 'x', 'y', 'z2')
    f = theano.function([index], [givens[getattr(symbols, n)]
                                  for n in names])
    return [f(step) for step in range(steps)]


def test_groups_walk_at_their_own_batch_size_and_wrap():
    """Rows index * size onwards, modulo the rows there are."""
    data = Data(groups(), (3, 4, 12))
    for step, (x_sup, y_sup, x, y, z2) in enumerate(minibatches(data, 4)):
        np.testing.assert_array_equal(
            x_sup[:, 0], (3 * step + np.arange(3)) % 7)
        np.testing.assert_array_equal(y_sup[:, 0], x_sup[:, 0])
        np.testing.assert_array_equal(x[:, 0],
                                      (4 * step + np.arange(4)) % 11)
        # a batch larger than the data repeats it
        np.testing.assert_array_equal(y[:, 0],
                                      (12 * step + np.arange(12)) % 5)
        np.testing.assert_array_equal(z2, 10 * y)


def test_an_epoch_is_as_many_steps_as_the_group_that_needs_most():
    assert Data(groups(), (3, 4, 12)).batches((3, 4, 12)) == 3
    assert Data(groups(), (1, 4, 12)).batches((1, 4, 12)) == 7
    only_y = Data({'_y': np.ones((5, 1))}, (1, 1, 2))
    assert only_y.batches((1, 1, 2)) == 3


def test_shuffling_equals_numpys_shuffle_of_the_arrays_themselves():
    """Pairs and y afresh each epoch, X_ on from its last order."""
    data = Data(groups(), (7, 11, 5))
    rng, again = np.random.RandomState(4), np.random.RandomState(4)
    x = groups()['X_']
    for _ in range(3):
        data.shuffle(rng)
        pairs, y = np.arange(7), np.arange(5)
        again.shuffle(pairs)
        again.shuffle(y)
        again.shuffle(x)
        got = minibatches(data, 1)[0]
        np.testing.assert_array_equal(got[0][:, 0], pairs)
        np.testing.assert_array_equal(got[2], x)
        np.testing.assert_array_equal(got[3][:, 0], y)
    assert rng.randint(10 ** 6) == again.randint(10 ** 6)


def test_data_given_by_the_caller_stay_as_they_are():
    given = {k: v.astype('float32') for k, v in groups().items()}
    before = {k: v.copy() for k, v in given.items()}
    Data(given, (3, 4, 12)).shuffle(np.random.RandomState(0))
    for name in given:
        np.testing.assert_array_equal(given[name], before[name])

"""The state of a training run as plain arrays, without Theano."""
from __future__ import division, print_function

from collections import OrderedDict

import numpy as np

EPOCHS, EVERY, ROWS = 10, 2, 12


def state(epoch=5):
    """What `State.get` gives after an epoch."""
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

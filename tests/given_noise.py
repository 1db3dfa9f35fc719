"""Models that draw given noise, and functions that compile nothing.

``listen`` puts a source of known numbers in the place of every sample
layer's generator, so that an expression of the model is a function of its
inputs alone and can be held against a derivation in numpy.
"""
from __future__ import division, print_function

import contextlib
import zlib

import numpy as np
import theano
import theano.tensor as T
from scipy import special

PYTHON_ONLY = theano.Mode(linker='py', optimizer=None)
BANK = 20000


def uniforms(label):
    """The uniform numbers behind a label."""
    rng = np.random.RandomState(zlib.crc32(label.encode('ascii')) % 2 ** 32)
    # off the edges, so that finite differences see no kink
    return rng.uniform(.02, .98, BANK)


def uniform(label, shape):
    return uniforms(label)[:int(np.prod(shape))].reshape(shape)


def normal(label, shape):
    return special.ndtri(uniform(label, shape))


class GivenNoise(object):
    """In the place of a sample layer's ``Streams``."""

    def __init__(self, name, label, first):
        self.name, self.label, self.first = name, label, first
        self.position = None

    def seek(self, position):
        self.position = position

    def _bank(self, numbers, size, dtype):
        size = [T.as_tensor_variable(s) for s in size]
        count = T.prod(T.stack(size) if len(size) > 1 else size[0])
        bank = T.constant(numbers.astype(dtype))
        return bank[:count].reshape(size, ndim=len(size))

    def uniform(self, size, dtype):
        return self._bank(uniforms(self.label(self)), size, dtype)

    def normal(self, size, dtype):
        return self._bank(special.ndtri(uniforms(self.label(self))), size,
                          dtype)

    def binomial(self, size, p, dtype):
        size = [size[i] for i in range(p.ndim)]
        return T.cast(self.uniform(size, dtype) < p, dtype)


def listen(model, label, first=0):
    """Replace the generators of a built model.

    label : callable from a ``GivenNoise`` to the name of what is drawn
    first : int, for it: the first position that is of interest
    """
    for name, network in model.networks_.items():
        network.sample_layer._srng = GivenNoise(name, label, first)


def function(inputs, outputs, givens=None):
    """A function of numpy arrays that runs in Python."""
    return theano.function(inputs, outputs, givens=givens, mode=PYTHON_ONLY,
                           on_unused_input='ignore')


@contextlib.contextmanager
def double_precision():
    """Theano's floatX is float64, as in the conftest's fixture of the name,
    for fixtures of a module."""
    before = theano.config.floatX
    theano.config.floatX = 'float64'
    try:
        yield
    finally:
        theano.config.floatX = before


def compile_nothing(monkeypatch):
    """Let models run in Python, too."""
    monkeypatch.setattr(theano.compile.mode, 'get_default_mode',
                        lambda: PYTHON_ONLY)
    monkeypatch.setattr('untapped.model.training.step_mode',
                        lambda *args: PYTHON_ONLY)

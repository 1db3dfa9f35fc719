"""Random streams whose place in the sequence is explicit.

A sample layer owns one multiple recursive generator (MRG31k3p).  Every call
of ``lasagne.layers.get_output`` that draws from the layer takes the next
stream of its generator: the streams' starts lie 2^134 steps apart, and each
is cut into 15,360 substreams 2^72 steps apart.  Which stream an expression
gets is therefore observable in the bits.  ``Streams.seek`` sets it, so that
an expression built late draws what it would have drawn built early.

Source: L'Ecuyer and Touzin 2000, Fast combined multiple recursive
generators; the numbers are those of ``theano.sandbox.rng_mrg``.
"""
from __future__ import division, print_function

from collections import OrderedDict

import numpy as np
from theano.sandbox import rng_mrg

__all__ = ['Streams', 'sample_seeds', 'SAMPLE_LAYERS']

#: the sample layers in the order in which their default seeds are drawn
SAMPLE_LAYERS = ('SimpleSampleLayer', 'SampleLayer',
                 'SimpleBernoulliSampleLayer', 'BernoulliSampleLayer',
                 'SimpleConcreteSampleLayer', 'ConcreteSampleLayer')

#: seeds are drawn from [1, SEED_END)
SEED_END = 2147462579


def sample_seeds(rng):
    """Seeds of the sample layers, by class name.

    Makes the twelve draws that importing the published package makes: for
    each class the seed of its streams, then that of its ``seed`` method
    (returned under the name with ``.seed`` appended).

    Parameters
    ----------
    rng : numpy.random.RandomState, or the module numpy.random

    Returns
    -------
    OrderedDict of int
    """
    seeds = OrderedDict()
    for name in SAMPLE_LAYERS:
        seeds[name] = rng.randint(1, SEED_END)
        seeds[name + '.seed'] = rng.randint(1, SEED_END)
    return seeds


def _step(matrices, states):
    """Advance states (n, 6) by the pair of 3 x 3 transition matrices.

    Products of numbers below 2^31 and sums of three of them fit uint64.
    """
    out = np.empty_like(states)
    for half, modulus in ((0, rng_mrg.M1), (1, rng_mrg.M2)):
        A = matrices[half]
        v = states[:, 3 * half:3 * half + 3]
        modulus = np.uint64(modulus)
        for row in range(3):
            out[:, 3 * half + row] = (v * A[row]).sum(axis=1) % modulus
    return out


def _squared(matrices):
    """The transition matrices of twice as many steps."""
    return [(A[:, :, None] * A[None, :, :]).sum(axis=1) % np.uint64(modulus)
            for A, modulus in zip(matrices, (rng_mrg.M1, rng_mrg.M2))]


def _as_matrices(A1, A2):
    return [np.asarray(A, dtype='uint64') for A in (A1, A2)]


class Streams(rng_mrg.MRG_RandomStreams):
    """Theano's MRG_RandomStreams with a position that can be set.

    The states equal Theano's to the bit; the substreams are made by doubling
    in numpy instead of one at a time.
    """
    def __init__(self, seed):
        # not numpy's integers: Theano looks for Python's
        seed = int(seed)
        #: (stream number, shared variable of its states) of each expression
        self.drawn = []
        super(Streams, self).__init__(seed)

    def pretty_return(self, node_rstate, *args, **kwargs):
        # its stream has been taken by now, so the position is one further
        position = self.position - 1
        if self._resumed.get(position):
            rows = self._resumed[position].pop(0)
            states = node_rstate.get_value()
            states[:len(rows)] = rows
            node_rstate.set_value(states)
        self.drawn.append((position, node_rstate))
        return super(Streams, self).pretty_return(node_rstate, *args,
                                                  **kwargs)

    def set_rstate(self, seed):
        super(Streams, self).set_rstate(seed)
        self._first = self.rstate
        #: what ``moved`` gave, of expressions that are not built yet
        self._resumed = {}
        self.position = 0

    def moved(self):
        """What has been drawn: how far each substream has moved.

        Returns
        -------
        OrderedDict from stream number to a list, for each expression that
        draws from it the states (n, 6) int32 of its first substreams, up to
        the last that has moved
        """
        found = {}
        here = self.rstate, self.position
        for position, variable in self.drawn:
            states = variable.get_value()
            self.seek(position)
            start = self.get_substream_rstates(len(states), 'float32', False)
            differing = np.flatnonzero((states != start).any(axis=1))
            rows = 1 + differing[-1] if len(differing) else 0
            found.setdefault(position, []).append(states[:rows])
        self.rstate, self.position = here
        for position, rows in self._resumed.items():
            found.setdefault(position, []).extend(rows)
        return OrderedDict(sorted(found.items()))

    def resume(self, moved):
        """Let expressions go on from what ``moved`` gave, as they are built.

        To be called before any is.
        """
        self._resumed = dict((position, list(rows))
                             for position, rows in moved.items())

    def seek(self, position):
        """Let the next expression draw from stream number ``position``."""
        state = self._first.astype('uint64').reshape(1, 6)
        jump = _as_matrices(rng_mrg.A1p134, rng_mrg.A2p134)
        for _ in range(position):
            state = _step(jump, state)
        self.rstate = state.astype('int32').reshape(6)
        self.position = position

    def inc_rstate(self):
        self.seek(self.position + 1)

    def get_substream_rstates(self, n_streams, dtype, inc_rstate=True):
        """States (n_streams, 6) int32 of the current stream's substreams."""
        states = self.rstate.astype('uint64').reshape(1, 6)
        jump = _as_matrices(rng_mrg.A1p72, rng_mrg.A2p72)
        while len(states) < n_streams:
            # states 0..n-1 are there: n steps further are n..2n-1
            states = np.concatenate([states, _step(jump, states)])
            jump = _squared(jump)
        if inc_rstate:
            self.inc_rstate()
        return states[:n_streams].astype('int32')

"""Streams equal Theano's, wherever they are entered."""
from __future__ import division, print_function

import numpy as np
import pytest
from theano.sandbox.rng_mrg import MRG_RandomStreams

from untapped.parmesan.streams import SAMPLE_LAYERS, Streams, sample_seeds

SEED = 1289543210
N = 60 * 256


@pytest.fixture(scope='module')
def theanos():
    """States of the first three streams, made one at a time by Theano."""
    streams = MRG_RandomStreams(SEED)
    return [streams.get_substream_rstates(N, 'float32') for _ in range(3)]


def test_states_equal_theanos(theanos):
    ours = Streams(SEED)
    for states in theanos:
        made = ours.get_substream_rstates(N, 'float32')
        assert made.dtype == states.dtype
        np.testing.assert_array_equal(made, states)


@pytest.mark.parametrize('n', [1, 2, 7])
def test_fewer_substreams_are_the_first(theanos, n):
    made = Streams(SEED).get_substream_rstates(n, 'float32')
    np.testing.assert_array_equal(made, theanos[0][:n])


def test_seek_enters_the_sequence_anywhere(theanos):
    ours = Streams(SEED)
    for position in (2, 0, 1):
        ours.seek(position)
        np.testing.assert_array_equal(
            ours.get_substream_rstates(N, 'float32'), theanos[position])
        assert ours.position == position + 1


def test_seed_starts_anew(theanos):
    ours = Streams(3)
    ours.get_substream_rstates(5, 'float32')
    ours.seed(SEED)
    assert ours.position == 0
    np.testing.assert_array_equal(ours.get_substream_rstates(N, 'float32'),
                                  theanos[0])


def test_sample_seeds_are_twelve_draws():
    rng = np.random.RandomState(3)
    drawn = [rng.randint(1, 2147462579) for _ in range(12)]
    again = np.random.RandomState(3)
    seeds = sample_seeds(again)
    assert list(seeds.values()) == drawn
    assert [seeds[name] for name in SAMPLE_LAYERS] == drawn[::2]
    assert again.randint(10 ** 6) == rng.randint(10 ** 6)

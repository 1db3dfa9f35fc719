"""Functions written out for vectors have the bits of the C library's."""
from __future__ import division, print_function

import re

import numpy as np
import pytest
import theano
import theano.tensor as T
from theano.compile.mode import Mode

from untapped.compiled import exact
from untapped.compiled.linker import WholeGraph
from untapped.compiled.source import MANY

FUNCTIONS = {'exp': T.exp, 'log': T.log, 'sigmoid': T.nnet.sigmoid,
             'softplus': T.nnet.softplus, 'tanh': T.tanh}
X = T.vector()


@pytest.fixture(scope='module')
def compiled():
    """Each function as Theano compiles it, and as a whole."""
    names = sorted(FUNCTIONS)
    outs = [FUNCTIONS[name](X) for name in names]
    one_by_one = theano.function([X], outs)
    whole = theano.function([X], outs, mode=Mode(
        WholeGraph(), theano.config.optimizer))
    return lambda x: [dict(zip(names, f(x))) for f in (one_by_one, whole)]


def differing(one, other):
    """How many bits differ; a NaN has many patterns."""
    both_nan = np.isnan(one) & np.isnan(other)
    return int(((one.view('int32') != other.view('int32')) &
                ~both_nan).sum())


def values(count):
    """Of every exponent and sign, infinities and NaN among them."""
    rng = np.random.RandomState(5)
    bits = rng.randint(0, 2 ** 32, count).astype('uint32').view('float32')
    near = rng.uniform(-110, 110, count).astype('float32')
    special = np.array([0., -0., np.inf, -np.inf, np.nan, 1, -1, 1e-45,
                        -1e-45, 88.72284, 88.7229, -87.33655, -103.97, -104,
                        14, 15, -88, -103, 150, -150, 1e30, -1e30] +
                       # glibc's two exp differ there
                       [float.fromhex(sign + digits) for sign in ('-', '')
                        for digits in ('0x1.04845ep+5', '0x1.f8cbb2p+5')],
                       'float32')
    return np.concatenate([special, bits, near])


# fewer than MANY are not compiled for wide vectors
@pytest.mark.parametrize('count', [300, 2 ** 20])
@pytest.mark.parametrize('name', sorted(FUNCTIONS))
def test_bits(compiled, name, count):
    x = values(count)
    assert (x.size >= MANY) == (count > 300)
    one_by_one, whole = compiled(x)
    assert differing(one_by_one[name], whole[name]) == 0


ANGLES = {'sin': T.sin, 'cos': T.cos}


@pytest.fixture(scope='module')
def angles():
    """Functions of angles, as Theano compiles them, and as a whole."""
    names = sorted(ANGLES)
    outs = [ANGLES[name](X) for name in names]
    both = [theano.function([X], outs, mode=mode) for mode in (
        None, Mode(WholeGraph(), theano.config.optimizer))]
    assert both[1](np.ones(2, 'float32')) and \
        'near_sine(' in both[1].fn.sources[0]
    return lambda x: [dict(zip(names, f(x))) for f in both]


@pytest.mark.parametrize('far', [None, 7.0000005, -1e30, np.inf, np.nan])
@pytest.mark.parametrize('count', [300, 2 ** 20])
def test_bits_of_functions_of_angles(angles, count, far):
    """Of numbers near 0 in vectors; of all in another way if one is far."""
    rng = np.random.RandomState(6)
    x = np.concatenate([
        rng.uniform(-7, 7, count), rng.uniform(-1e-3, 1e-3, count),
        [0., -0., 7, -7, 1e-45, -1e-45, 2 ** -12., -2 ** -12., 2 ** -13.],
        np.arange(-4, 5) * np.pi / 4,
        [] if far is None else [far]]).astype('float32')
    assert (x.size >= MANY) == (count > 300)
    one_by_one, whole = angles(x)
    for name in ANGLES:
        assert differing(one_by_one[name], whole[name]) == 0


def test_one_bit_would_be_seen(compiled):
    found = compiled(values(700))[1]['exp']
    moved = np.nextafter(found, np.float32(np.inf))
    assert differing(found, moved) > 600


def test_nan_keeps_its_pattern(compiled):
    """Theano's functions hand a NaN on, with its sign and payload."""
    x = np.array([0x7fc00123, 0xffc00456] * 400, 'uint32').view('float32')
    one_by_one, whole = compiled(x)
    for name in FUNCTIONS:
        np.testing.assert_array_equal(one_by_one[name].view('uint32'),
                                      whole[name].view('uint32'))


def test_table_of_powers():
    """2^(k/32), as the mathematical library has it."""
    table = re.search('power_bits.*?{(.*?)}', exact.preamble(), re.S).group(1)
    bits = [int(word.strip().rstrip('UL'), 16) for word in table.split(',')]
    powers = np.array([b + (k << 47) for k, b in enumerate(bits)],
                      'uint64').view('float64')
    np.testing.assert_allclose(powers, 2 ** (np.arange(32) / 32.),
                               rtol=2.3e-16)


def test_all_functions_are_tested():
    assert len(FUNCTIONS) == len(exact.FUNCTIONS)
    assert len(ANGLES) == len(exact.NEAR)

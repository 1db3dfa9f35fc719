"""Ladder layers by hand."""
from __future__ import division, print_function

import lasagne
import numpy as np
import pytest
import theano.tensor as T
from lasagne.layers import InputLayer

from untapped.parmesan.ladder import DecoderNormalizeLayer, DenoiseLayer

U, Z = np.random.RandomState(0).normal(size=(2, 5, 3)).astype('float32')


def test_denoise_starts_as_z_and_follows_its_formula():
    u, z = InputLayer((None, 3), T.matrix()), InputLayer((None, 3),
                                                         T.matrix())
    layer = DenoiseLayer(u, z)
    out = lasagne.layers.get_output(layer)
    given = {u.input_var: U, z.input_var: Z}
    np.testing.assert_allclose(out.eval(given), Z, rtol=1e-6)
    for param in layer.get_params():
        param.set_value(param.get_value() + np.float32(.5))
    sigmoid = 1 / (1 + np.exp(-(.5 + 1.5 * Z + .5 * U + .5 * Z * U)))
    by_hand = .5 + 1.5 * Z + .5 * sigmoid + .5 * U + .5 * Z * U
    np.testing.assert_allclose(out.eval(given), by_hand, rtol=1e-5)


def test_denoise_refuses_different_sizes():
    with pytest.raises(ValueError, match='same number of units'):
        DenoiseLayer(InputLayer((None, 3)), InputLayer((None, 4)))


def test_decoder_normalize_by_hand():
    parts = [InputLayer((None, 3), T.matrix()) for _ in range(3)]
    layer = DecoderNormalizeLayer(*parts)
    out = lasagne.layers.get_output(layer).eval(
        dict(zip([p.input_var for p in parts], (U, Z, abs(Z) + 1))))
    np.testing.assert_allclose(out, (U - Z) / np.sqrt(abs(Z) + 1), rtol=1e-5)
    assert layer.output_shape == (None, 3)

"""Batch normalisation: of the batch in training, of stored data after."""
from __future__ import division, print_function

import lasagne
import numpy as np
import pytest
import theano
import theano.tensor as T

from untapped.parmesan.normalize import NormalizeLayer, ScaleAndShiftLayer

X = np.random.RandomState(0).normal(3, 2, size=(50, 4)).astype('float32')


def outputs(layer, **options):
    x = T.matrix()
    return theano.function([x], layer.get_output_for(x, **options))


def test_batch_has_zero_mean_and_unit_variance():
    layer = NormalizeLayer((None, 4))
    out = outputs(layer)(X)
    np.testing.assert_allclose(out.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(out.std(axis=0), 1, rtol=1e-4)


def test_deterministic_pass_uses_collected_statistics():
    layer = NormalizeLayer((None, 4))
    outputs(layer, deterministic=True, collect=True)(X)
    out = outputs(layer, deterministic=True)(X[:1])
    np.testing.assert_allclose(
        out, (X[:1] - X.mean(axis=0)) / X.std(axis=0), rtol=1e-4)


def test_running_average_moves_by_alpha():
    layer = NormalizeLayer((None, 4), alpha=.25)
    outputs(layer, deterministic=True, collect=True)(X)
    np.testing.assert_allclose(layer.mean.get_value()[0],
                               .25 * X.mean(axis=0), rtol=1e-5)


def test_unknown_size_of_a_kept_axis_is_refused():
    with pytest.raises(ValueError, match='NormalizeLayer: expected known'):
        NormalizeLayer((None, None))


def test_scale_and_shift_starts_as_the_identity():
    layer = ScaleAndShiftLayer((None, 4))
    np.testing.assert_array_equal(outputs(layer)(X), X)
    layer.gamma.set_value(2 * layer.gamma.get_value())
    layer.beta.set_value(1 + layer.beta.get_value())
    np.testing.assert_allclose(outputs(layer)(X), 2 * X + 1, rtol=1e-6)
    assert [p.name for p in lasagne.layers.get_all_params(
        layer, regularizable=True)] == ['beta']

"""Sample layers: distribution, shapes, means, and their streams."""
from __future__ import division, print_function

import lasagne
import numpy as np
import pytest
import theano
import theano.tensor as T

from untapped.parmesan import sample

ROWS, UNITS = 3, 2
MEAN = np.array([[.2, .9], [.5, .1], [.7, .4]], dtype='float32')
STD = np.array([[.3, 1.], [2., .1], [.5, .5]], dtype='float32')


def layers(cls, **options):
    """The layer over inputs of its own, and their values."""
    incoming = [lasagne.layers.InputLayer((ROWS, UNITS), T.matrix())]
    values = [MEAN]
    if cls in (sample.SampleLayer, sample.SimpleSampleLayer):
        incoming.append(lasagne.layers.InputLayer((ROWS, UNITS), T.matrix()))
        values.append(STD)
    return cls(*incoming, seed=5, **options), incoming, values


def draw(cls, deterministic=False, calls=1, **options):
    layer, incoming, values = layers(cls, **options)
    outputs = [lasagne.layers.get_output(layer, deterministic=deterministic)
               for _ in range(calls)]
    f = theano.function([i.input_var for i in incoming], outputs,
                        on_unused_input='ignore')
    return [out for out in f(*values)]


def test_normal_samples_have_mean_and_standard_deviation():
    z, = draw(sample.SampleLayer, eq_samples=40, iw_samples=500,
              nonlinearity=lambda s: s)
    z = z.reshape(ROWS, 20000, UNITS)
    # five standard errors
    np.testing.assert_array_less(abs(z.mean(axis=1) - MEAN),
                                 5 * STD / np.sqrt(20000))
    np.testing.assert_allclose(z.std(axis=1), STD, rtol=.03)


def test_bernoulli_samples_have_their_probability():
    x, = draw(sample.BernoulliSampleLayer, eq_samples=20000)
    x = x.reshape(ROWS, 20000, UNITS)
    assert set(np.unique(x)) == {0., 1.}
    np.testing.assert_allclose(x.mean(axis=1), MEAN, atol=.02)


def test_concrete_samples_are_largest_with_the_softmax_probability():
    """Maddison et al.: P(part i is the largest) = softmax(logits)_i."""
    y, = draw(sample.ConcreteSampleLayer, iw_samples=20000)
    np.testing.assert_allclose(y.sum(axis=1), 1, rtol=1e-5)
    wins = (y[:, 0] > y[:, 1]).reshape(ROWS, 20000).mean(axis=1)
    odds = np.exp(MEAN)
    np.testing.assert_allclose(wins, odds[:, 0] / odds.sum(axis=1), atol=.02)


@pytest.mark.parametrize('cls, mean', [
    (sample.SampleLayer, MEAN),
    (sample.BernoulliSampleLayer, (MEAN >= .5).astype('float32')),
    (sample.ConcreteSampleLayer,
     np.exp(MEAN) / np.exp(MEAN).sum(axis=1, keepdims=True))])
def test_deterministic_output_repeats_the_mean(cls, mean):
    z, = draw(cls, deterministic=True, eq_samples=2, iw_samples=3)
    np.testing.assert_allclose(z, np.repeat(mean, 6, axis=0), rtol=1e-6)


@pytest.mark.parametrize('cls', [
    sample.SimpleSampleLayer, sample.SimpleBernoulliSampleLayer,
    sample.SimpleConcreteSampleLayer])
def test_simple_layers_draw_one_sample_a_row(cls):
    one, = draw(cls)
    mean, = draw(cls, deterministic=True)
    assert one.shape == mean.shape == (ROWS, UNITS)
    assert np.isfinite(one).all() and not np.array_equal(one, mean)


def test_each_call_draws_the_next_stream():
    first, second = draw(sample.SampleLayer, calls=2)
    assert not np.array_equal(first, second)
    layer, incoming, values = layers(sample.SampleLayer)
    layer._srng.seek(1)
    out = lasagne.layers.get_output(layer)
    again = theano.function([i.input_var for i in incoming], out)(*values)
    np.testing.assert_array_equal(again, second)


def test_shape_is_known_for_known_counts():
    layer = layers(sample.SampleLayer, eq_samples=2, iw_samples=3)[0]
    assert layer.output_shape == (ROWS * 6, UNITS)
    layer = layers(sample.SampleLayer, eq_samples=T.iscalar())[0]
    assert layer.output_shape == (None, UNITS)


def test_a_seed_must_be_given():
    incoming = lasagne.layers.InputLayer((ROWS, UNITS))
    with pytest.raises(ValueError, match='seed: expected an integer'):
        sample.BernoulliSampleLayer(incoming)

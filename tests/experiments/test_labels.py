"""Labels that are fewer, wider or smoother than the experiment's."""
from __future__ import division, print_function

import numpy as np
import pytest

from untapped import datasets
from untapped.errors import UserError
from untapped.experiments import ablations, inputs, labels, options
from untapped.studies import metrics


@pytest.fixture(scope='module')
def draws():
    return inputs.training_data(datasets.load('libs', 'simulated'), 1, 2)


def varied(draws, *arguments):
    return labels.varied(draws, options.parse('libs', list(arguments)))


def test_without_an_option_nothing_is_touched(draws):
    assert varied(draws) is draws


def test_fewer_rows_are_evenly_spaced_and_keep_their_spectra_and_z(draws):
    data = draws.data
    made = varied(draws, '--labelled', '21', '--labels-only', '100')
    assert np.array_equal(made.data.X, data.X[::2])
    assert np.array_equal(made.data.y, data.y[::2])
    assert np.array_equal(made.data._y, data._y[::5])
    assert np.array_equal(made.z2, draws.z2[::5])
    assert np.array_equal(made.z2_valid, draws.z2_valid[::5])
    assert made.data.X_ is data.X_
    assert len(varied(draws, '--labelled', '999').data.X) == len(data.X)


def test_the_labels_that_are_validated_on_stay(draws):
    made = varied(draws, '--smooth-labels', '0.3', '--label-floor', '0.02',
                  '--labels-width', '2')
    assert made.data.y_valid is draws.data.y_valid
    assert not np.array_equal(made.data.y, draws.data.y)


def test_width_is_the_distance_from_the_pure_composition(draws):
    # published: 0.85 of one part, the rest evenly
    parts = metrics.all_parts(draws.data._y)
    for times in (0., .5, 2.):
        made = metrics.all_parts(varied(
            draws, '--labels-width', repr(times)).data._y)
        assert np.allclose(made.max(axis=1), 1 - .15 * times, atol=1e-6)
        assert np.array_equal(made.argmax(axis=1), parts.argmax(axis=1))
        assert np.allclose(made.sum(axis=1), 1)
    with pytest.raises(UserError, match='--labels-width: expected one that'):
        varied(draws, '--labels-width', '9')


def test_a_part_that_rounding_puts_below_0_is_0():
    """As float32 leaves the last of the parts of a corner's neighbour."""
    parts = np.array([[.9, .1, -1.9e-8], [.2, .8, 0.]])
    made = labels.widened(parts, .5)
    assert made.min() == 0 and abs(made.sum(axis=1) - 1).max() < 1e-7


def test_smoothing_by_hand():
    made = labels.smoothed(np.array([[1., 0., 0., 0.]]), .2)
    assert np.allclose(made, [[.85, .05, .05, .05]])


def test_libs_labels_without_spectra_are_pure_ones_smoothed_as_much(draws):
    """What --ablation labels-only smooths M2's labels by."""
    share = ablations.SMOOTHED['libs']
    assert abs(share - .16875) < 1e-12
    pure = np.eye(9)[metrics.all_parts(draws.data._y).argmax(axis=1)]
    assert np.allclose(labels.smoothed(pure, share)[:, :-1], draws.data._y,
                       atol=1e-6)


def test_a_floor_holds_every_part_and_sums_to_one(draws):
    # before scaling 0.8 + 0.2 + 0.1
    made = labels.floored(np.array([[.8, .2, 0.]]), .1)
    assert np.allclose(made, np.array([[.8, .2, .1]]) / 1.1)
    parts = metrics.all_parts(varied(
        draws, '--label-floor', '0.05').data.y)
    assert parts.min() > .05 / 1.5 and np.allclose(parts.sum(axis=1), 1)
    with pytest.raises(UserError, match='--label-floor: expected less than '
                                        '1 / 9'):
        varied(draws, '--label-floor', '0.2')


def test_digits_carry_all_their_parts():
    draws = inputs.training_data(datasets.load('mnist', 'simulated'), 1, 2)
    made = labels.varied(draws, options.parse('mnist', [
        '--smooth-labels', '0.5'])).data.y
    assert made.shape == draws.data.y.shape and made.dtype == 'float32'
    assert np.allclose(made, .5 * draws.data.y + .05)

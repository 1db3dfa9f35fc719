"""Every number of the tables, computed again another way."""
from __future__ import division, print_function

import itertools
import math

import numpy as np
import pytest
from scipy import signal, stats
from scipy.spatial.distance import pdist

from untapped.studies import (crism, crism_figures, crism_nuisance, evaluation,
                              libs, libs_lines, metrics, mnist)


class Data(object):
    """Of a simplex of three parts."""

    names = ['a', 'b', 'c']
    endmembers = None

    def __init__(self, y_valid, **meta):
        self.y = self.y_valid = y_valid
        self.meta = dict(meta, mean_removed=True)


# Compositions ---------------------------------------------------------------

def compositions(seed, n=50, parts=4):
    return np.random.RandomState(seed).dirichlet(np.ones(parts), n)


def test_kl_is_scipys_entropy_of_both():
    true, predicted = compositions(0), compositions(1)
    expected = np.mean([stats.entropy(t, p)
                        for t, p in zip(true, predicted)])
    found = metrics.validation_kl(true[:, :3], predicted[:, :3])['kl']
    assert abs(found - expected) < 1e-4 * expected


def test_rmse_by_hand():
    true = np.array([[.2, .3], [.4, .1]])
    predicted = np.array([[.3, .3], [.4, .4]])
    expected = [math.sqrt((.1 ** 2 + 0) / 2), math.sqrt((0 + .3 ** 2) / 2),
                math.sqrt((.1 ** 2 + .3 ** 2) / 2)]
    assert np.allclose(metrics.rmse(true, predicted), expected)
    judged = evaluation.judge({'predicted': predicted}, Data(true))
    mean = math.sqrt((.1 ** 2 + .3 ** 2 + .1 ** 2 + .3 ** 2) / 6)
    assert abs(judged['rmse']['mean'] - mean) < 1e-12
    assert list(judged['rmse']) == ['a', 'b', 'c', 'mean']


def test_a_regressions_answers_become_compositions():
    y = np.array([[.5, .7], [-.1, .4], [.2, .3]])
    found = metrics.onto_simplex(y)
    # (.5, .7, 0) over 1.2; (0, .4, .7) over 1.1; as it was
    expected = [[.5 / 1.2, .7 / 1.2], [0, .4 / 1.1], [.2, .3]]
    assert np.allclose(found, expected, atol=2e-6)
    whole = metrics.onto_simplex(np.array([[2., -1., .5]]), True)
    assert np.allclose(whole, [[1 / 1.5, 0, .5 / 1.5]], atol=2e-6)


# CRISM ----------------------------------------------------------------------

def nuisance(seed=0):
    """Three geometries of 40 spectra; five container pixels."""
    rng = np.random.RandomState(seed)
    position = np.repeat([0, 1, 2], 40)
    z = np.array([.1, .5, -.8])[position] + .05 * rng.normal(size=120)
    container = np.zeros(120, bool)
    container[[3, 7, 11, 20, 33]] = True
    z[container] += 1
    return z, position, container


def test_levels_and_their_rank_correlation_by_hand():
    z, position, container = nuisance()
    data = Data(np.zeros((120, 2)), position=position, container=container,
                positions=['Position 1', 'Position 2', 'Angle 2'])
    found = crism.findings({'nuisance': z[:, np.newaxis]}, data)
    for i, level in enumerate(found['nuisance_levels'].values()):
        here = sorted(z[position == i])
        assert abs(level - (here[19] + here[20]) / 2) < 1e-12
    # 33.9, 42.7, 12.7 degrees and about .1, .5, -.8: the same order
    assert found['incidence_rank_correlation'] == 1
    assert found['nuisance_outliers'] == 5
    assert found['container_auc'] == 1


def test_rank_correlation_is_one_minus_the_squared_rank_differences():
    a, b = np.random.RandomState(0).normal(size=(2, 30))
    ranks = [[sorted(v).index(one) for one in v] for v in (a, b)]
    squares = sum((p - q) ** 2 for p, q in zip(*ranks))
    expected = 1 - 6 * squares / (30 * (30 ** 2 - 1))
    assert abs(crism_nuisance.rank_correlation(a, b) - expected) < 1e-12
    assert math.isnan(crism_nuisance.rank_correlation([1, 1, 1], [1, 2, 3]))


def test_area_under_curve_counts_pairs():
    rng = np.random.RandomState(2)
    score, true = np.round(rng.normal(size=60), 1), rng.rand(60) < .3
    pairs = [(p > n) + .5 * (p == n) for p, n in itertools.product(
        score[true], score[~true])]
    found = crism_nuisance.area_under_curve(score, true)
    assert abs(found - np.mean(pairs)) < 1e-12
    assert math.isnan(crism_nuisance.area_under_curve(score, true < 2))


def test_outliers_are_far_in_robust_standard_deviations():
    z, position, container = nuisance()
    here = z[position == 0]
    spread = 1.4826 * np.median(abs(here - np.median(here)))
    expected = [i for i in range(40)
                if abs(z[i] - np.median(here)) > crism_nuisance.FAR * spread]
    found = crism_nuisance.outlying(z, position)
    assert sorted(found) == expected == list(np.flatnonzero(container))
    assert (np.diff(abs(z[found] - np.median(here))) <= 0).all()


def test_without_geometries_nothing_is_said_of_them():
    found = crism.findings({'nuisance': np.zeros((4, 1))},
                           Data(np.zeros((4, 2))))
    assert found == {}


def test_a_part_of_the_spectra_keeps_its_geometries():
    data = Data(np.zeros((2, 2)), position=[0, 1, 2], kept_valid=[0, 2])
    assert crism_nuisance.rows_of(data, 'position').tolist() == [0, 2]


def test_principal_components_are_the_covariances_eigenvectors():
    x = np.random.RandomState(3).normal(size=(40, 6)).dot(
        np.diag([5, 3, 2, 1, 1, 1]))
    scores, share = crism_figures.principal_components(x)
    values, vectors = np.linalg.eigh(np.cov(x.T))
    vectors = vectors[:, :2:-1]
    vectors = vectors * np.where(vectors.max(axis=0) > -vectors.min(axis=0),
                                 1, -1)
    assert np.allclose(scores, (x - x.mean(axis=0)).dot(vectors))
    assert np.allclose(share, values[:2:-1] / values.sum())


def test_corners_of_the_abundance_grid():
    points = crism_figures.in_triangle(
        np.vstack([np.eye(3), np.full(3, 1 / 3)]))
    sides = [np.linalg.norm(points[i] - points[j])
             for i, j in ((0, 1), (1, 2), (0, 2))]
    assert np.allclose(sides, 1)
    assert np.allclose(points[3], points[:3].mean(axis=0))


# LIBS -----------------------------------------------------------------------

def test_peaks_stand_out_from_both_sides():
    #         0  1  2  3    4     5  6   7  8   9 10
    values = [0, 5, 0, 9, 8.9, 8.95, 0, 10, 0, .1, 0]
    # the second of the twin tops and the bump are below 2 % of 10
    assert libs_lines.find_peaks(values).tolist() == [1, 3, 7]
    assert libs_lines.find_peaks(values, .6).tolist() == [3, 7]
    # a floor under all changes nothing
    assert libs_lines.find_peaks(100 + np.array(values)).tolist() == [1, 3, 7]


def test_noise_has_no_peaks_and_a_line_in_it_is_found():
    noise = np.random.RandomState(5).normal(size=2000)
    assert len(libs_lines.find_peaks(noise)) < 5
    noise[700] = 20
    assert 700 in libs_lines.find_peaks(noise)


def test_peaks_are_scipys_maxima_that_a_walk_downhill_leaves_far_below():
    rng = np.random.RandomState(7)
    values = np.convolve(rng.exponential(size=400), [1, 2, 1], 'same')
    values[rng.randint(400, size=20)] += 40
    median = np.median(values)
    least = max(libs_lines.PROMINENCE * (values.max() - median),
                libs_lines.NOISE * 1.4826 * np.median(abs(values - median)))
    expected = []
    for top in signal.argrelmax(values)[0]:
        valleys = []
        for step in (-1, 1):
            # walk until the ground is higher than the top, or ends
            at = lowest = top
            while 0 <= at < 400 and values[at] <= values[top]:
                lowest = at if values[at] < values[lowest] else lowest
                at += step
            valleys.append(values[lowest])
        if values[top] - max(valleys) >= least:
            expected.append(top)
    assert 10 < len(expected) < 25
    assert libs_lines.find_peaks(values).tolist() == expected


def test_no_peaks_without_light():
    assert len(libs_lines.find_peaks(np.zeros(10))) == 0
    assert len(libs_lines.find_peaks(-np.ones(10))) == 0
    assert len(libs_lines.find_peaks(np.arange(10))) == 0


def test_tolerance_is_two_channels_of_the_nearer_neighbour():
    waves = np.array([1., 1.1, 1.2, 5., 5.4])
    assert np.allclose(libs_lines.tolerances(waves), [.2, .2, .2, .8, .8])


def test_hit_rate_by_counting():
    waves = np.arange(0, 10, .1)
    lines = np.array([1.02, 3., 5.55, 8.])
    peaks = np.array([12, 31, 60])          # at 1.2, 3.1, 6.0
    hits = [any(abs(line - waves[p]) <= .2 for p in peaks)
            for line in lines]
    assert hits == [True, True, False, False]
    assert libs_lines.hit_rate(lines, peaks, waves) == .5
    assert libs_lines.hit_rate(lines, peaks[:0], waves) == 0
    assert libs_lines.hit_rate(lines[:0], peaks, waves) is None


@pytest.fixture(scope='module')
def channels():
    from untapped.datasets.chemcam import channel_axis
    from untapped.datasets.libs import KEPT
    return np.concatenate([channel_axis()[a:b] for a, b in KEPT])


def test_known_lines_hold_the_famous_ones_and_can_be_told_apart(channels):
    lines = libs_lines.known_lines('Si', channels)
    near = libs_lines.tolerances(channels)
    for famous in (251.69, 288.24, 634.89):     # Si I, Si I, Si II in vacuum
        assert abs(lines - famous).min() < .05
    for one, other in itertools.combinations(lines, 2):
        channel = abs(channels - one).argmin()
        assert abs(one - other) > near[channel] / 2
    sodium = libs_lines.known_lines('Na', channels)
    assert abs(sodium - 589.16).min() < .05


def test_a_spectrum_of_the_elements_own_lines_has_all_hits(channels):
    lines = libs_lines.known_lines('Ca', channels)
    comb = np.zeros(len(channels))
    for line in lines:
        comb[abs(channels - line).argmin()] = 1.
    data = Data(np.zeros((1, 2)))
    data.names, data.waves = ['CaO', 'Other'], channels
    data.mean = np.full(len(channels), .1)
    answers = {'endmembers': np.array([comb, 0 * comb]) + data.mean,
               'endmembers_once': np.array([data.mean, data.mean])}
    found = libs.findings(answers, data)['line_hits']
    assert list(found) == ['CaO']
    assert found['CaO']['hit_rate'] == 1 == found['CaO']['peaks_explained']
    assert found['CaO']['hit_rate_once'] == 0 == found['CaO'][
        'hit_rate_mean'] == found['CaO']['hit_rate_others']
    answers['endmembers'][1] = comb + data.mean
    found = libs.findings(answers, data)['line_hits']
    assert found['CaO']['hit_rate_others'] == 1
    # five channels around each peak, of 5485
    assert found['CaO']['chance'] <= 5 * len(lines) / len(channels) + 1e-9


def test_dependence_on_y_is_the_farthest_pair_over_the_mean_norm():
    spectra = np.random.RandomState(8).normal(3, 1, (5, 40))
    expected = pdist(spectra).max() / np.sqrt((spectra ** 2).sum(1)).mean()
    assert abs(libs.dependence_on_y(spectra) - expected) < 1e-12
    assert libs.dependence_on_y(spectra[[0] * 4]) == 0


def test_one_composition_for_all_is_the_mean_of_those_trained_on():
    data = Data(compositions(9, 30, 3)[:, :2])
    data.y = np.array([[.2, .3], [.2, .3], [.6, .1]])
    found = libs.single_composition(data)
    true = np.hstack([data.y_valid, 1 - data.y_valid.sum(1)[:, None]])

    def kl(answer):
        return np.mean([stats.entropy(t, answer) for t in true])

    mean = np.array([1., .7, 1.3]) / 3
    assert abs(found['kl'] - kl(mean)) < 1e-4
    assert abs(found['least_kl'] - min(
        kl([.2, .3, .5]), kl([.6, .1, .3]))) < 1e-4
    assert np.allclose([found['rmse'][name] for name in data.names],
                       np.sqrt(((true - mean) ** 2).mean(axis=0)))


# MNIST ----------------------------------------------------------------------

def test_digits_are_named_by_a_classifier_of_real_ones():
    from untapped import datasets
    data = datasets.prepare(datasets.load('mnist', 'simulated'),
                            np.random.RandomState(0), unlabelled=10)
    network, accuracy = mnist.classifier(data)
    assert accuracy > .85
    images, digits = data.X[:50], data.y[:50].argmax(axis=1)
    named, probabilities = mnist.name_digits(network, images)
    assert np.mean(np.array(named) == digits) > .9
    assert all(.1 <= p <= 1 for p in probabilities)
    ten = np.array([np.vstack([data.X, data.X_valid])[
        np.vstack([data.y, data.y_valid]).argmax(axis=1) == k][:40].mean(
            axis=0) for k in range(10)])
    found = mnist.findings({'means': ten, 'means_once': ten[[0] * 10],
                            'predicted': data.y_valid}, data)
    assert found['digits_covered'] == len(set(found['digits'])) >= 8
    assert found['digits_covered_once'] == 1
    assert found['kl_of_namings']['least'] < 1e-9
    assert mnist.findings({'predicted': None}, data) == {}


def test_kl_of_all_namings_is_scipys_entropy_of_shuffled_columns():
    rng = np.random.RandomState(6)
    true = np.eye(10)[rng.randint(5, 10, 60)]
    # as if 5 were called 7, 7 were 9, 9 were 5
    predicted = .7 * true[:, [0, 1, 2, 3, 4, 9, 6, 5, 8, 7]] \
        + .3 * compositions(7, 60, 10)
    expected = []
    for order in itertools.permutations(range(5, 10)):
        shuffled = predicted[:, list(range(5)) + list(order)]
        expected.append(np.mean([stats.entropy(t, p) for t, p in zip(
            true, shuffled)]))
    found = metrics.kl_of_namings(true, predicted, mnist.UNLABELLED)
    # scipy does not clip the truth's zeros to 1e-6
    assert len(found) == 120 and np.allclose(found, expected, atol=2e-4)
    assert abs(found[0] - metrics.validation_kl(
        true, predicted, True)['kl']) < 1e-9
    assert found.min() < .4 < 1. < np.median(found)


def test_tiles_put_each_image_in_its_place():
    images = np.arange(4 * 9).reshape(4, 9)
    sheet = mnist.tiles(images, 3, gap=1)
    assert sheet.shape == (7, 11)
    assert sheet[:3, 4:7].tolist() == images[1].reshape(3, 3).tolist()
    assert sheet[4:, :3].tolist() == images[3].reshape(3, 3).tolist()
    assert sheet[3].tolist() == [0] * 11

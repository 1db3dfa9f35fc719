"""Every number of the tables, computed again another way."""
from __future__ import division, print_function

import itertools
import math
from collections import OrderedDict

import numpy as np
import pytest
from scipy import signal, stats
from scipy.spatial.distance import pdist
from sklearn.decomposition import PCA
from sklearn.metrics import roc_auc_score

from untapped.experiments import repeats
from untapped.studies import crism, evaluation, libs, metrics, mnist


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
    assert abs(crism.rank_correlation(a, b) - expected) < 1e-12
    assert math.isnan(crism.rank_correlation([1, 1, 1], [1, 2, 3]))


def test_area_under_curve_counts_pairs():
    rng = np.random.RandomState(2)
    score, true = np.round(rng.normal(size=60), 1), rng.rand(60) < .3
    pairs = [(p > n) + .5 * (p == n) for p, n in itertools.product(
        score[true], score[~true])]
    found = crism.area_under_curve(score, true)
    assert abs(found - np.mean(pairs)) < 1e-12
    assert abs(found - roc_auc_score(true, score)) < 1e-12


def test_outliers_are_far_in_robust_standard_deviations():
    z, position, container = nuisance()
    here = z[position == 0]
    spread = 1.4826 * np.median(abs(here - np.median(here)))
    expected = [i for i in range(40)
                if abs(z[i] - np.median(here)) > crism.FAR * spread]
    found = crism.outlying(z, position)
    assert sorted(found) == expected == list(np.flatnonzero(container))
    assert (np.diff(abs(z[found] - np.median(here))) <= 0).all()


def test_without_geometries_nothing_is_said_of_them():
    found = crism.findings({'nuisance': np.zeros((4, 1))},
                           Data(np.zeros((4, 2))))
    assert found == {}


def test_a_part_of_the_spectra_keeps_its_geometries():
    data = Data(np.zeros((2, 2)), position=[0, 1, 2], kept_valid=[0, 2])
    assert crism.rows_of(data, 'position').tolist() == [0, 2]


def test_principal_components_are_scikit_learns():
    x = np.random.RandomState(3).normal(size=(40, 6)).dot(
        np.diag([5, 3, 2, 1, 1, 1]))
    scores, share = crism.principal_components(x)
    pca = PCA(3).fit(x)
    assert np.allclose(abs(scores), abs(pca.transform(x)))
    assert np.allclose(share, pca.explained_variance_ratio_)


def test_corners_of_the_abundance_grid():
    points = crism.in_triangle(np.vstack([np.eye(3), np.full(3, 1 / 3)]))
    sides = [np.linalg.norm(points[i] - points[j])
             for i, j in ((0, 1), (1, 2), (0, 2))]
    assert np.allclose(sides, 1)
    assert np.allclose(points[3], points[:3].mean(axis=0))


# LIBS -----------------------------------------------------------------------

def test_peaks_stand_out_from_both_sides():
    #         0  1  2  3    4     5  6   7  8   9 10
    values = [0, 5, 0, 9, 8.9, 8.95, 0, 10, 0, .1, 0]
    # the second of the twin tops and the bump are below 2 % of 10
    assert libs.find_peaks(values).tolist() == [1, 3, 7]
    assert libs.find_peaks(values, .6).tolist() == [3, 7]
    # a floor under all changes nothing
    assert libs.find_peaks(100 + np.array(values)).tolist() == [1, 3, 7]


def test_noise_has_no_peaks_and_a_line_in_it_is_found():
    noise = np.random.RandomState(5).normal(size=2000)
    assert len(libs.find_peaks(noise)) < 5
    noise[700] = 20
    assert 700 in libs.find_peaks(noise)


def test_peaks_are_scipys_maxima_that_a_walk_downhill_leaves_far_below():
    rng = np.random.RandomState(7)
    values = np.convolve(rng.exponential(size=400), [1, 2, 1], 'same')
    values[rng.randint(400, size=20)] += 40
    median = np.median(values)
    least = max(libs.PROMINENCE * (values.max() - median),
                libs.NOISE * 1.4826 * np.median(abs(values - median)))
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
    assert libs.find_peaks(values).tolist() == expected


def test_no_peaks_without_light():
    assert len(libs.find_peaks(np.zeros(10))) == 0
    assert len(libs.find_peaks(-np.ones(10))) == 0
    assert len(libs.find_peaks(np.arange(10))) == 0


def test_tolerance_is_two_channels_of_the_nearer_neighbour():
    waves = np.array([1., 1.1, 1.2, 5., 5.4])
    assert np.allclose(libs.tolerances(waves), [.2, .2, .2, .8, .8])


def test_hit_rate_by_counting():
    waves = np.arange(0, 10, .1)
    lines = np.array([1.02, 3., 5.55, 8.])
    peaks = np.array([12, 31, 60])          # at 1.2, 3.1, 6.0
    hits = [any(abs(line - waves[p]) <= .2 for p in peaks)
            for line in lines]
    assert hits == [True, True, False, False]
    assert libs.hit_rate(lines, peaks, waves) == .5
    assert libs.hit_rate(lines, peaks[:0], waves) == 0
    assert libs.hit_rate(lines[:0], peaks, waves) is None


@pytest.fixture(scope='module')
def channels():
    from untapped.datasets.chemcam import channel_axis
    from untapped.datasets.libs import KEPT
    return np.concatenate([channel_axis()[a:b] for a, b in KEPT])


def test_known_lines_hold_the_famous_ones_and_can_be_told_apart(channels):
    lines = libs.known_lines('Si', channels)
    near = libs.tolerances(channels)
    for famous in (251.69, 288.24, 634.89):     # Si I, Si I, Si II in vacuum
        assert abs(lines - famous).min() < .05
    for one, other in itertools.combinations(lines, 2):
        channel = abs(channels - one).argmin()
        assert abs(one - other) > near[channel] / 2
    sodium = libs.known_lines('Na', channels)
    assert abs(sodium - 589.16).min() < .05


def test_a_spectrum_of_the_elements_own_lines_has_all_hits(channels):
    lines = libs.known_lines('Ca', channels)
    comb = np.zeros(len(channels))
    for line in lines:
        comb[abs(channels - line).argmin()] = 1.
    data = Data(np.zeros((1, 2)))
    data.names, data.waves = ['CaO', 'Other'], channels
    data.mean = np.full(len(channels), .1)
    answers = {'endmembers': np.array([comb, comb]) + data.mean,
               'endmembers_once': np.array([data.mean, data.mean])}
    found = libs.findings(answers, data)['line_hits']
    assert list(found) == ['CaO']
    assert found['CaO']['hit_rate'] == 1 == found['CaO']['peaks_explained']
    assert found['CaO']['hit_rate_once'] == 0 == found['CaO'][
        'hit_rate_mean']
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


# Repeats --------------------------------------------------------------------

def test_the_paired_test_is_scipys():
    m2, untapped = np.random.RandomState(4).normal(size=(2, 7))
    mean, deviation, t, p = repeats.paired(list(m2), list(untapped))
    expected = stats.ttest_rel(untapped, m2)
    assert abs(t - expected[0]) < 1e-9 and abs(p - expected[1]) < 1e-9
    assert abs(mean - (untapped - m2).mean()) < 1e-12
    assert abs(deviation - (untapped - m2).std(ddof=1)) < 1e-12


def test_one_run_has_no_spread_and_no_test():
    assert repeats.summary([2.]) == (2., None, 2., 2.)
    assert repeats.paired([1.], [2.]) == (1., None, None, None)


def test_what_is_no_number_is_not_passed_over():
    nan = float('nan')
    for values in ([1., nan, 1.], [nan, 1., 1.], [1., 1., nan],
                   [1., float('inf'), 2.]):
        assert all(math.isnan(v) for v in repeats.summary(values))
        assert all(math.isnan(v) for v in repeats.paired([2., 3., 5.],
                                                         values))
        assert math.isnan(repeats.share([2., 3., 5.], values, False))
    assert repeats.summary([nan])[1] is None
    # each seed on its own: what is infinite here and there has no mean
    assert math.isnan(repeats.paired([float('inf'), 1.],
                                     [1., float('inf')])[0])
    assert repeats._sentence(
        'KL', {'m2': [1., nan], 'untapped': [1., nan]}, [False, False],
        None, {}) == 'KL: not comparable, as a value is no number in 1 of 2' \
        ' runs.'


def test_where_both_are_equal_the_ordering_has_not_failed():
    assert repeats.share([1., 1.], [1., 1.], True) == 'equal'
    assert repeats.share([1., 1.], [1., 2.], True) == .5
    found = several_runs()
    for _, each in found:
        each['untapped']['findings']['incidence_rank_correlation'] = -1.

    class Options(object):
        experiment, split, seeds = 'crism', 0, 3

    (_, tests), sentences = repeats._tables(Options, found)
    row, = [row for row in tests.rows if row[0].startswith('rank')]
    assert row[1:] == [0., 0., None, None, 'equal', 3]


def test_runs_with_a_value_that_is_no_number_are_reported():
    found = several_runs()
    found[1][1]['untapped']['validation']['kl'] = 'nan'     # as JSON has it

    class Options(object):
        experiment, split, seeds = 'crism', 0, 3

    (spread, tests), sentences = repeats._tables(Options, found)
    row, = [row for row in spread.rows if row[0].startswith('KL')
            and row[1] == 'Untapped']
    assert all(math.isnan(v) for v in row[3:7]) and row[7] == 3
    assert not any('whole ordering' in row[0] for row in tests.rows)
    assert sentences[0] == ('KL of abundances, nats: not comparable, as a '
                            'value is no number in 1 of 3 runs.')
    figure = repeats.draw_runs('crism', found)
    figure.canvas.draw()


def test_a_number_is_found_by_its_place():
    found = {'validation': OrderedDict(kl=1)}
    assert repeats.at(found, 'validation/kl') == 1.
    assert repeats.at(found, 'findings/rmse/mean') is None


def test_equal_models_are_called_equal_and_chance_is_named():
    sentence = repeats._sentence
    same = {'m2': [1., 2.], 'untapped': [1., 2.]}
    assert 'equal in all runs' in sentence('KL', same, [False, False], None,
                                           {})
    values = {'m2': [1., 2., 4.], 'untapped': [.5, 2.5, 3.]}
    test = repeats.paired(values['m2'], values['untapped'])
    text = sentence('KL', values, [True, False, True], test, {})
    assert 'better in 2 of 3 runs' in text and 'may be chance' in text
    text = sentence('KL', values, [True, False, True], test,
                    {'m2': .061, 'untapped': .058})
    assert text.endswith('in the paper 0.058 and 0.061 (M2).')
    # a difference may be sure and yet nothing
    values = {'m2': [1., 2., 4.], 'untapped': [1.0002, 2.0003, 4.0004]}
    text = sentence('KL', values, [False] * 3, repeats.paired(
        values['m2'], values['untapped']), {})
    assert 'the same to 0.2 %' in text and 'p = 0.035' in text


def metrics_of(kl, rho):
    return OrderedDict([
        ('validation', {'kl': kl}),
        ('findings', {'incidence_rank_correlation': rho})])


def several_runs():
    """Three runs of CRISM: [(unit, metrics by method)]."""
    pls, m2, untapped = [.03, .04, .09], [.06, .05, .07], [.05, .06, .04]
    return [(('seed-%d' % i, i, 0), OrderedDict([
        ('pls', {'validation': {'kl': pls[i]}}),
        ('m2', metrics_of(m2[i], 1.)),
        ('untapped', metrics_of(untapped[i], -1. if i else .5))]))
        for i in range(3)]


def test_a_quantitys_numbers_are_of_methods_that_all_runs_have():
    runs = [each for _, each in several_runs()]
    kl, absolute = [quantity for quantity in repeats.QUANTITIES['crism']
                    if quantity[1] in ('validation/kl', 'findings/'
                                       'incidence_rank_correlation')]
    assert repeats.values(kl, runs) == {
        'pls': [.03, .04, .09], 'm2': [.06, .05, .07],
        'untapped': [.05, .06, .04]}
    assert repeats.values(absolute, runs) == {
        'm2': [1., 1., 1.], 'untapped': [.5, 1., 1.]}
    assert repeats.better([1, 2], [2, 1], False) == [False, True]
    assert repeats.better([1, 2], [2, 1], True) == [True, False]


def test_orderings_are_counted_run_by_run():
    class Options(object):
        experiment, split, seeds = 'crism', 0, 3

    (spread, tests), sentences = repeats._tables(Options, several_runs())
    rows = [row for row in spread.rows if row[0].startswith('KL')]
    assert [row[1:3] for row in rows] == [
        ['PLS', .036], ['M2', .061], ['Untapped', .058]]
    assert abs(rows[1][3] - .06) < 1e-12
    kl, whole = tests.rows[:2]
    # Untapped below M2 in the first and the last; PLS below both, and
    # Untapped below M2, in the first alone
    assert kl[5:] == [2 / 3, 3] and whole[5:] == [1 / 3, 3]
    assert 'PLS < Untapped < M2: in 1 of 3 runs' in ' '.join(sentences)


def test_the_table_of_runs_has_a_row_a_run_and_method():
    class Options(object):
        experiment = 'crism'

    table = repeats._each(Options, several_runs(), {})
    assert table.columns == [
        'Run', 'Method', 'KL of abundances, nats',
        'rank correlation of levels and incidence, absolute']
    assert table.rows[:3] == [['seed-0', 'PLS', .03, None],
                              ['seed-0', 'M2', .06, 1.],
                              ['seed-0', 'Untapped', .05, .5]]
    table = repeats._each(Options, several_runs(), {0: 'A, B, C'})
    assert table.rows[8][:3] == ['seed-2', 'A, B, C', 'Untapped']


def test_every_run_is_drawn_in_a_panel_a_quantity():
    figure = repeats.draw_runs('crism', several_runs())
    assert [axes.get_title() for axes in figure.axes] == [
        'KL of abundances, nats',
        'rank correlation of levels and incidence, absolute']
    drawn = dict((line.get_label(), list(line.get_ydata()))
                 for line in figure.axes[0].get_lines())
    assert drawn == {'PLS': [.03, .04, .09], 'M2': [.06, .05, .07],
                     'Untapped': [.05, .06, .04]}


def test_splits_are_named_by_the_standards_held_out():
    from untapped import datasets

    class Options(object):
        experiment = 'libs'

    raw = datasets.load('libs', 'simulated')
    named = repeats._held_out(Options, raw)
    assert len(named) == 20 and named[0] == 'NAU2-HI, NAU2-LO, NAU2-MED'
    data = datasets.prepare(raw, np.random.RandomState(0), trial=7)
    assert named[7] == ', '.join(data.meta['validation_types'])
    Options.experiment = 'crism'
    assert repeats._held_out(Options, raw) == {}

"""Which runs make one difference, and what stands in metrics.json."""
from __future__ import division, print_function

import itertools

import pytest

from untapped.experiments import options, repeats
from untapped.runs.run_folder import to_json
from untapped.studies import comparisons, quantities
from untapped.studies.comparisons import Unit


def units(data=1, seeds=1, splits=1):
    """As `repeats.units` makes them: each data seed has its own seeds."""
    return [Unit('run', d, d * seeds + s, 0, split) for d, s, split
            in itertools.product(range(data), range(seeds), range(splits))]


@pytest.mark.parametrize('asked, groups, ratio, names, over', [
    ((1, 3, 1), [[0], [1], [2]], 0., ['seed-0', 'seed-1', 'seed-2'],
     '3 seeds: draws and initial weights, on the same data'),
    ((3, 1, 1), [[0], [1], [2]], 0., ['data-0', 'data-1', 'data-2'],
     '3 data seeds, each with draws and initial weights of its own'),
    # a data seed's runs share its data: they are one difference
    ((2, 2, 1), [[0, 1], [2, 3]], 0., ['data-0', 'data-1'],
     '2 data seeds, each with draws and initial weights of its own, each the '
     'mean of 2 seeds'),
    ((1, 2, 3), [[0, 3], [1, 4], [2, 5]], 1.,
     ['split-00', 'split-01', 'split-02'],
     '3 splits of 1 data seed, each the mean of 2 seeds'),
    ((2, 1, 2), [[0], [1], [2], [3]], 1.,
     ['data-0-split-00', 'data-0-split-01', 'data-1-split-00',
      'data-1-split-01'], '2 splits of 2 data seeds')])
def test_runs_that_share_data_and_split_are_one_difference(
        asked, groups, ratio, names, over):
    plan = comparisons.design(units(*asked))
    assert plan == comparisons.Design(groups, names, ratio, over)


def test_folds_of_spectra_are_others_for_each_seed():
    """So no fold of two seeds is one; only training sets overlap."""
    named = [unit._replace(name='run-%d' % k)
             for k, unit in enumerate(units(1, 2, 3))]
    plan = comparisons.design(named, 'spectra')
    assert plan == comparisons.Design(
        [[k] for k in range(6)], [unit.name for unit in named], .5,
        '3 folds of 2 seeds')
    assert comparisons.design(named[:1], 'spectra').ratio == 0


def test_runs_that_nothing_is_known_of_are_not_tested():
    plan, (found,) = comparisons.compare(
        'crism', [None, units()[0]], runs([(1., .9), (1., .7)]))
    assert (plan.groups, plan.ratio) == ([[0, 1]], 0.)
    assert abs(found.test.mean + .2) < 1e-12 and found.test.p is None
    assert found.verdict == 'cannot be told apart'


@pytest.mark.parametrize('experiment, arguments', [
    ('crism', ['--seeds', '2']), ('crism', ['--data-seeds', '2']),
    ('libs', ['--split', 'all', '--data-seeds', '3', '--seed', '7'])])
def test_a_folders_name_tells_its_run(experiment, arguments):
    for unit in repeats.units(options.parse(experiment, arguments)):
        found = comparisons.unit_named(unit.name)
        assert found == unit._replace(sample_seed=None)
    assert comparisons.unit_named('again') is None


def test_a_part_may_have_a_slash_in_its_name():
    metrics = {'m2': {'findings': {'round_trip': {'diagonal': {
        'Fe/Mg': .5}}}}}
    found = quantities.details([metrics])[-1]
    assert found.label.startswith('share of Fe/Mg that')
    assert quantities.at(metrics['m2'], found.place) == .5


def runs(pairs):
    return [{'m2': {'validation': {'kl': m2}},
             'untapped': {'validation': {'kl': untapped}}}
            for m2, untapped in pairs]


def test_differences_are_of_groups_and_wins_of_runs():
    plan, (found,) = comparisons.compare('crism', units(2, 2), runs([
        (1., .9), (1., 1.1), (2., 1.7), (2., 1.9)]))
    # means 0 and -0.2
    assert abs(found.test.mean + .1) < 1e-12 and found.test.tested == 2
    assert found.wins == [True, False, True, True]
    assert found.holm == found.test.p and found.verdict == \
        'cannot be told apart'


def test_metrics_json_says_over_what_an_interval_is():
    plan, found = comparisons.compare('crism', units(3), runs([
        (1., .9), (1., .8), (1., .91)]))
    plain = comparisons.plain(plan, found)
    assert plain['over'] == ('3 data seeds, each with draws and initial '
                             'weights of its own')
    assert abs(plain['variance_factor'] - 1 / 3) < 1e-12
    kl = plain['quantities']['validation/kl']
    assert (kl['tested'], kl['untapped_better'], kl['runs']) == (3, 3, 3)
    assert kl['interval'][0] < kl['mean_difference'] < kl['interval'][1]
    assert kl['p_holm'] == kl['p'] and kl['astray'] == []
    assert '"verdict": "%s"' % kl['verdict'] in to_json(plain)


def test_without_one_of_the_models_nothing_is_compared():
    plan, found = comparisons.compare('crism', units(2), [
        {'m2': {'validation': {'kl': 1.}}}] * 2)
    assert found == []

"""Several runs together: statistics, tables, sentences and the figure."""
from __future__ import division, print_function

import math
from collections import OrderedDict

import numpy as np
from scipy import stats

from untapped import datasets
from untapped.studies import over_runs, quantities, statistics


def test_the_paired_test_is_students():
    m2, untapped = np.random.RandomState(4).normal(size=(2, 7))
    mean, deviation, t, p = statistics.paired(list(m2), list(untapped))
    differences = [u - m for m, u in zip(m2, untapped)]
    assert abs(mean - math.fsum(differences) / 7) < 1e-12
    assert abs(deviation - math.sqrt(math.fsum(
        (d - mean) ** 2 for d in differences) / 6)) < 1e-12
    assert abs(t - mean / (deviation / math.sqrt(7))) < 1e-9
    assert abs(p - 2 * stats.t.sf(abs(t), 6)) < 1e-9


def test_one_run_has_no_spread_and_no_test():
    assert statistics.summary([2.]) == (2., None, 2., 2.)
    assert statistics.paired([1.], [2.]) == (1., None, None, None)


def test_what_is_no_number_is_not_passed_over():
    nan = float('nan')
    for values in ([1., nan, 1.], [nan, 1., 1.], [1., 1., nan],
                   [1., float('inf'), 2.]):
        assert all(math.isnan(v) for v in statistics.summary(values))
        assert all(math.isnan(v)
                   for v in statistics.paired([2., 3., 5.], values))
        assert math.isnan(statistics.share([2., 3., 5.], values, False))
    assert statistics.summary([nan])[1] is None
    # each seed on its own: what is infinite here and there has no mean
    assert math.isnan(statistics.paired(
        [float('inf'), 1.], [1., float('inf')])[0])
    assert over_runs.sentence(
        'KL', {'m2': [1., nan], 'untapped': [1., nan]}, [False, False],
        None, {}) == 'KL: not comparable, as a value is no number in 1 of 2' \
        ' runs.'


def test_where_both_are_equal_the_ordering_has_not_failed():
    assert statistics.share([1., 1.], [1., 1.], True) == 'equal'
    assert statistics.share([1., 1.], [1., 2.], True) == .5
    found = several_runs()
    for _, each in found:
        each['untapped']['findings']['incidence_rank_correlation'] = -1.

    class Options(object):
        experiment, split, seeds = 'crism', 0, 3

    (_, tests), sentences = over_runs.orderings(Options, found)
    row, = [row for row in tests.rows if row[0].startswith('rank')]
    assert row[1:] == [0., 0., None, None, 'equal', 3]


def test_runs_with_a_value_that_is_no_number_are_reported():
    found = several_runs()
    found[1][1]['untapped']['validation']['kl'] = 'nan'     # as JSON has it

    class Options(object):
        experiment, split, seeds = 'crism', 0, 3

    (spread, tests), sentences = over_runs.orderings(Options, found)
    row, = [row for row in spread.rows if row[0].startswith('KL')
            and row[1] == 'Untapped']
    assert all(math.isnan(v) for v in row[3:7]) and row[7] == 3
    assert not any('whole ordering' in row[0] for row in tests.rows)
    assert sentences[0] == ('KL of abundances, nats: not comparable, as a '
                            'value is no number in 1 of 3 runs.')
    figure = over_runs.draw_runs('crism', found)
    figure.canvas.draw()


def test_a_number_is_found_by_its_place():
    found = {'validation': OrderedDict(kl=1)}
    assert quantities.at(found, 'validation/kl') == 1.
    assert quantities.at(found, 'findings/rmse/mean') is None


def test_equal_models_are_called_equal_and_chance_is_named():
    sentence = over_runs.sentence
    same = {'m2': [1., 2.], 'untapped': [1., 2.]}
    assert 'equal in all runs' in sentence('KL', same, [False, False], None,
                                           {})
    values = {'m2': [1., 2., 4.], 'untapped': [.5, 2.5, 3.]}
    test = statistics.paired(values['m2'], values['untapped'])
    text = sentence('KL', values, [True, False, True], test, {})
    assert 'better in 2 of 3 runs' in text and 'may be chance' in text
    text = sentence('KL', values, [True, False, True], test,
                    {'m2': .061, 'untapped': .058})
    assert text.endswith('in the paper 0.058 and 0.061 (M2).')
    # a difference may be sure and yet nothing
    values = {'m2': [1., 2., 4.], 'untapped': [1.0002, 2.0003, 4.0004]}
    text = sentence('KL', values, [False] * 3, statistics.paired(
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
        ('pls_published', {'validation': {'kl': pls[i]}}),
        ('m2', metrics_of(m2[i], 1.)),
        ('untapped', metrics_of(untapped[i], -1. if i else .5))]))
        for i in range(3)]


def test_a_quantitys_numbers_are_of_methods_that_all_runs_have():
    runs = [each for _, each in several_runs()]
    kl, absolute = [quantity for quantity in quantities.QUANTITIES['crism']
                    if quantity[1] in ('validation/kl', 'findings/'
                                       'incidence_rank_correlation')]
    assert quantities.values(kl, runs) == {
        'pls_published': [.03, .04, .09], 'm2': [.06, .05, .07],
        'untapped': [.05, .06, .04]}
    assert quantities.values(absolute, runs) == {
        'm2': [1., 1., 1.], 'untapped': [.5, 1., 1.]}
    assert statistics.better([1, 2], [2, 1], False) == [False, True]
    assert statistics.better([1, 2], [2, 1], True) == [True, False]


def test_orderings_are_counted_run_by_run():
    class Options(object):
        experiment, split, seeds = 'crism', 0, 3

    (spread, tests), sentences = over_runs.orderings(Options, several_runs())
    rows = [row for row in spread.rows if row[0].startswith('KL')]
    assert [row[1:3] for row in rows] == [
        ['PLS, published', .036], ['M2', .061], ['Untapped', .058]]
    assert abs(rows[1][3] - .06) < 1e-12
    kl, whole = tests.rows[:2]
    # Untapped below M2 in the first and the last; PLS below both, and
    # Untapped below M2, in the first alone
    assert kl[5:] == [2 / 3, 3] and whole[5:] == [1 / 3, 3]
    assert 'PLS, published < Untapped < M2: in 1 of 3 runs' in ' '.join(
        sentences)


def test_the_loop_and_the_generated_x_are_carried_over_runs():
    found = several_runs()
    for i, (_, each) in enumerate(found):
        for key in each:
            each[key]['validation']['generation_error'] = 1. + i
            each[key].setdefault('findings', {})['round_trip'] = {
                'kl': .1, 'mean_diagonal': .9, 'x_error': 2.,
                'diagonal': {'olivine': .5 + .1 * i}}

    class Options(object):
        experiment, split, seeds = 'crism', 0, 3

    (spread, tests), _ = over_runs.orderings(Options, found)
    rows = dict(((row[0], row[1]), row[3:]) for row in spread.rows)
    for method in ('PLS, published', 'M2', 'Untapped'):
        assert rows['error of x generated from y', method] == [2, 1, 1, 3, 3]
        mean, deviation, least, most, number = rows[
            'share of olivine that comes back after y -> x -> y', method]
        assert abs(mean - .6) < 1e-12 and (least, number) == (.5, 3)
    # the diagonal is told, but its mean alone is compared
    compared = [row[0] for row in tests.rows]
    assert 'error of x after x -> y -> x' in compared
    assert not [label for label in compared if 'olivine' in label]


def test_the_table_of_runs_has_a_row_a_run_and_method():
    table = over_runs.run_by_run('crism', several_runs(), {})
    assert table.columns == [
        'Run', 'Method', 'KL of abundances, nats',
        'rank correlation of levels and incidence, absolute']
    assert table.rows[:3] == [['seed-0', 'PLS, published', .03, None],
                              ['seed-0', 'M2', .06, 1.],
                              ['seed-0', 'Untapped', .05, .5]]
    table = over_runs.run_by_run('crism', several_runs(), {0: 'A, B, C'})
    assert table.rows[8][:3] == ['seed-2', 'A, B, C', 'Untapped']


def test_every_run_is_drawn_in_a_panel_a_quantity():
    figure = over_runs.draw_runs('crism', several_runs())
    assert [axes.get_title() for axes in figure.axes] == [
        'KL of abundances, nats',
        'rank correlation of levels and incidence, absolute']
    drawn = dict((line.get_label(), list(line.get_ydata()))
                 for line in figure.axes[0].get_lines())
    assert drawn == {'PLS, published': [.03, .04, .09],
                     'M2': [.06, .05, .07],
                     'Untapped': [.05, .06, .04]}


def test_splits_are_named_by_the_standards_held_out():
    raw = datasets.load('libs', 'simulated')
    named = over_runs.held_out('libs', raw)
    assert len(named) == 20 and named[0] == 'NAU2-HI, NAU2-LO, NAU2-MED'
    data = datasets.prepare(raw, np.random.RandomState(0), trial=7)
    assert named[7] == ', '.join(data.meta['validation_types'])
    assert over_runs.held_out('crism', raw) == {}

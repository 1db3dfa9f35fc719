"""Several runs together: statistics, tables, sentences and the figure."""
from __future__ import division, print_function

import math
import re
from collections import OrderedDict

import numpy as np

from untapped import datasets
from untapped.report import content
from untapped.studies import (comparisons, over_runs, quantities,
                              statistics)


class Options(object):
    experiment, split = 'crism', 0


def test_runs_that_are_equal_are_not_a_failure():
    found = several_runs()
    for _, each in found:
        each['untapped']['findings']['incidence_rank_correlation'] = -1.
    (_, tests), sentences, _ = over_runs.orderings(Options, found)
    row, = [row for row in tests.rows if row[0].startswith('rank')]
    assert row[1:] == [0., None, None, 0., None, None, None, '3 of 3', None,
                       'equal', 3, 'cannot be told apart']
    assert 'equal in all runs' in sentences[-1]


def test_runs_with_a_value_that_is_no_number_are_reported():
    found = several_runs()
    found[1][1]['untapped']['validation']['kl'] = 'nan'     # as JSON has it
    (spread, tests), sentences, _ = over_runs.orderings(Options, found)
    row, = [row for row in spread.rows if row[0].startswith('KL')
            and row[1] == 'Untapped']
    assert all(math.isnan(v) for v in row[3:7]) and row[7] == 3
    assert not any('whole ordering' in row[0] for row in tests.rows)
    assert sentences[0] == ('KL of abundances, nats: not comparable, as a '
                            'value is no number in 1 of 3 runs.')
    assert sentences[0].reproduced == content.OPEN
    figure = over_runs.draw_runs('crism', found)
    figure.canvas.draw()


def test_a_number_is_found_by_its_place():
    found = {'validation': OrderedDict(kl=1)}
    assert quantities.at(found, 'validation/kl') == 1.
    assert quantities.at(found, 'findings/rmse/mean') is None


def said(pairs, theirs, names=None):
    """The sentence on KL of runs over data seeds."""
    plan, (found,) = comparisons.compare(
        'crism', [comparisons.Unit('', i, i, i, 0)
                  for i in range(len(pairs))],
        [{'m2': {'validation': {'kl': m2}},
          'untapped': {'validation': {'kl': untapped}}}
         for m2, untapped in pairs])
    return over_runs.sentence(found, plan, theirs)


def test_one_rule_judges_what_pleases_and_what_does_not():
    theirs = {'m2': .061, 'untapped': .058}
    lower = [(1., .9), (1.1, .99), (1.2, 1.1), (1., .91)]
    found = said(lower, theirs)
    assert found.startswith(
        'KL of abundances, nats: Untapped lower over 4 data seeds')
    assert 'better in 4 of 4 runs' in found
    assert found.endswith('in the paper 0.058 and 0.061 (M2).')
    assert found.reproduced is True
    higher = said([(u, m) for m, u in lower], theirs)
    assert ': M2 lower over 4' in higher and higher.reproduced is False
    # p of one is that of the other
    assert re.search('p = [^,]*', higher).group() == re.search(
        'p = [^,]*', found).group()
    between = said([(1., .9), (1., 1.2), (1., .7), (1., 1.3)], theirs)
    assert ': cannot be told apart over 4' in between
    assert between.reproduced == content.OPEN
    assert said(lower, {}).reproduced is None


def test_an_interval_and_who_went_astray_are_said():
    pairs = [(1., 1. - d) for d in (.1, .11, .09, .1, .105, .095, .1, .1, .1,
                                    -.4)]
    found = said(pairs, {})
    # t of 8 degrees of freedom: 2.306, times the error .0056 / 3
    assert 'difference -0.1, 95 % from -0.1043 to -0.0957' in found
    assert 'median -0.1' in found
    assert 'astray, and not in the test: data-9' in found
    pairs[0] = (1., 1.5)
    assert 'astray, too many to be left out: data-0, data-9' in said(
        pairs, {})


def metrics_of(kl, rho):
    return OrderedDict([
        ('validation', {'kl': kl}),
        ('findings', {'incidence_rank_correlation': rho})])


def several_runs():
    """Three runs of CRISM: [(unit, metrics by method)]."""
    pls, m2, untapped = [.03, .04, .09], [.06, .05, .07], [.05, .06, .04]
    return [(comparisons.Unit('seed-%d' % i, 0, i, i, 0), OrderedDict([
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


def test_orderings_are_counted_run_by_run():
    (spread, tests), sentences, (plan, _) = over_runs.orderings(
        Options, several_runs())
    rows = [row for row in spread.rows if row[0].startswith('KL')]
    assert [row[1:3] for row in rows] == [
        ['PLS, published', .036], ['M2', .061], ['Untapped', .058]]
    assert abs(rows[1][3] - .06) < 1e-12
    kl, whole = tests.rows[:2]
    # Untapped below M2 in the first and the last; PLS below both, and
    # Untapped below M2, in the first alone
    assert kl[8:] == ['3 of 3', None, 2 / 3, 3, 'cannot be told apart']
    assert whole[10:] == [1 / 3, 3, None]
    assert len(kl) == len(whole) == len(tests.columns)
    # Holm, over the two tests of the table
    chances = [row[6] for row in tests.rows if row[6] is not None]
    assert kl[7] == statistics.holm(chances)[0]
    assert plan.over in tests.note
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
    (spread, tests), _, _ = over_runs.orderings(Options, found)
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

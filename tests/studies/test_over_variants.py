"""The tables and the figure of an ablation."""
from __future__ import division, print_function

from collections import OrderedDict

import numpy as np

from untapped import datasets
from untapped.experiments.ablations import Contrast
from untapped.studies import libs, metrics, over_variants, statistics
from untapped.studies.comparisons import Unit

STATED = {'title': 'A thing', 'expectation': 'Nothing.'}


def found(differences=(.1, .12, .11, .09)):
    """Two variants, of which the second has M2 lower."""
    made = []
    for label, key, sign in (('one', 'a', -1), ('two', 'b', 1)):
        for i, difference in enumerate(differences):
            made.append((label, key, Unit('', i, i, i, 0), OrderedDict([
                ('pls_published', {'validation': {'kl': .3}}),
                ('m2', {'validation': {'kl': .5, 'generation_error': 2.}}),
                ('untapped', {'validation': {
                    'kl': .5 + sign * difference,
                    'generation_error': 2. + difference * i}})])))
    return made


CONTRASTS = [Contrast('one', ('a', 'untapped'), ('a', 'm2')),
             Contrast('two', ('b', 'untapped'), ('b', 'm2')),
             Contrast('cross', ('b', 'untapped'), ('a', 'untapped'))]


def test_every_variant_and_method_has_a_row():
    section, _ = over_variants.section('crism', STATED, found(), CONTRASTS)
    table = section.tables[0]
    assert table.columns == [
        'Variant', 'Method', 'runs', 'KL of abundances, nats',
        'standard deviation', 'error of x generated from y',
        'standard deviation']
    assert [row[:3] for row in table.rows] == [
        [label, name, 4] for label in ('one', 'two')
        for name in ('PLS, published', 'M2', 'Untapped')]
    assert table.rows[0][3:] == [.3, 0., None, None]
    assert abs(table.rows[2][3] - (.5 - .105)) < 1e-12


def test_contrasts_are_paired_and_holm_is_over_them_a_quantity():
    section, plain = over_variants.section('crism', STATED, found(),
                                           CONTRASTS)
    rows = section.tables[1].rows
    assert [row[:2] for row in rows[::2]] == [
        [label, 'KL of abundances, nats'] for label in ('one', 'two',
                                                        'cross')]
    assert [row[-1] for row in rows[::2]] == [
        statistics.UNTAPPED, statistics.M2, statistics.M2]
    for of_one in (rows[::2], rows[1::2]):
        assert len(set(row[1] for row in of_one)) == 1
        assert [row[8] for row in of_one] == statistics.holm(
            [row[7] for row in of_one])
    contrasts = dict(plain)['contrasts']
    assert contrasts['cross']['quantities']['validation/kl'][
        'p_holm'] == rows[4][8]
    assert section.sentences[0] == 'Expected before the first run: Nothing.'
    assert section.sentences[1].startswith('one. KL of abundances, nats: '
                                           'Untapped lower over 4 data seeds')


def test_runs_of_which_one_variant_has_not_ended_are_compared_as_far():
    there = found()[:-1]
    section, plain = over_variants.section('crism', STATED, there, CONTRASTS)
    assert dict(plain)['contrasts']['two']['quantities']['validation/kl'][
        'tested'] == 3
    assert over_variants.section('crism', STATED, there[:1],
                                 CONTRASTS)[0].tables[1].rows


def test_every_variant_is_drawn_in_a_panel_a_quantity():
    figure = over_variants.draw_variants('crism', found())
    figure.canvas.draw()
    assert [axes.get_title() for axes in figure.axes] == [
        'KL of abundances, nats', 'error of x generated from y']
    labels = [tick.get_text() for tick in figure.axes[1].get_xticklabels()]
    assert labels == ['one', 'two']
    assert sorted(line.get_label() for line in figure.axes[0].get_lines()
                  if not line.get_label().startswith('_')) == [
        'M2', 'PLS, published', 'Untapped']


def test_table_3_is_nearly_a_function_of_the_part_called_other():
    """Shergottite's oxides, whatever the spectrum is."""
    data = datasets.prepare(datasets.load('libs', 'simulated'),
                            np.random.RandomState(0))
    section, plain = over_variants.section('libs', STATED, [], [], data)
    constant = dict(plain)['constant_answers']
    assert [round(kl, 3) for kl in constant.values()] == [
        .647, .600, .527, .472, .260]
    assert [row[0] for row in section.tables[-1].rows] == [
        100 * share for share in over_variants.SHARES]
    # by hand, with the least part of the labels without spectra
    share = .15 / 8
    true = metrics.all_parts(data.y_valid).astype('float64')
    types = np.asarray(data.meta['types'])[data.meta['train']]
    answer = metrics.all_parts(data.y.astype('float64'))[
        types == 'SHERGOTTITE'][0]
    answer = np.append(answer[:-1] * (1 - share) / answer[:-1].sum(), share)
    logs = np.log(true.clip(1e-6)) - np.log(answer.clip(1e-6))
    assert abs(libs.with_other(data, [share])[share]
               - (true.clip(1e-6) * logs).sum(axis=1).mean()) < 1e-9

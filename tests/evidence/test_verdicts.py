"""The one rule by which claims are judged."""
from __future__ import division, print_function

from collections import OrderedDict

import numpy as np
import pytest

from evidence import plan, verdicts
from evidence.kept import all_kept
from evidence.verdicts import DIRECTION, NOT, REPRODUCED, UNTESTABLE
from untapped.studies.quantities import QUANTITIES

from made_up import seeds, write

NOISE = list(np.random.RandomState(1).normal(0, .01, 20))


def judged(folder):
    return verdicts.judged(all_kept(str(folder)))


@pytest.fixture
def crism(tmpdir):
    """Function that judges made-up runs of CRISM, published objective."""
    def judge(m2, untapped, pls=None):
        folder = tmpdir.mkdir('kept')
        write(folder, 'crism-published', seeds(
            m2, untapped, pls or [.5] * len(m2)))
        return OrderedDict((key, each['published'])
                           for key, each in judged(folder).items())
    return judge


def test_a_claim_without_a_run_is_not_testable(tmpdir):
    found = judged(tmpdir)
    assert len(found) == len(plan.CLAIMS)
    assert set((each.verdict, each.why) for by in found.values()
               for each in by.values()) == {(UNTESTABLE, 'not run')}


def test_one_run_is_not_testable(crism):
    found = crism([.061], [.058])['crism-kl']
    assert (found.verdict, found.holm) == (UNTESTABLE, None)
    assert found.why == 'too few runs for an interval'


def test_a_difference_that_reaches_the_papers_is_reproduced(crism):
    # the paper: 0.311 against 0.358, 13 % less
    found = crism([1 + each for each in NOISE], [.8] * 20)['endmembers']
    assert found.verdict == REPRODUCED
    assert found.printed == pytest.approx(-.1313, abs=1e-4)
    assert found.effect.low < found.effect.mean < found.effect.high < 0
    assert found.effect.relative[0] == pytest.approx(-.2, abs=.01)


def test_a_smaller_difference_is_reproduced_in_direction(crism):
    found = crism([1 + each for each in NOISE], [.95] * 20)['endmembers']
    assert found.verdict == DIRECTION


def test_a_difference_within_chance_is_not_reproduced(crism):
    m2 = [1 + each for each in NOISE]
    found = crism(m2, [each + (-1) ** k * .02
                       for k, each in enumerate(m2)])['endmembers']
    assert (found.verdict, found.why) == (NOT, 'cannot be told from chance')


def test_an_interval_that_holds_both_says_so(crism):
    m2 = [1.] * 20
    found = crism(m2, [.9 + (-1) ** k * .6
                       for k in range(20)])['endmembers']
    assert found.verdict == NOT
    assert found.why.startswith('neither chance nor')


def test_the_opposite_is_not_reproduced(crism):
    found = crism([.8] * 20, [1 + each for each in NOISE])['endmembers']
    assert (found.verdict, found.why) == (NOT, 'the opposite')


@pytest.mark.parametrize('gap', [.05, .2, .002])
def test_the_rule_is_the_same_whichever_wins(tmpdir, gap):
    """Untapped ahead by so much, and behind: the same p, the sign turned."""
    m2 = [1 + each for each in NOISE]
    found = []
    for name, order in (('a', 1), ('b', -1)):
        folder = tmpdir.mkdir(name)
        write(folder, 'crism-published', seeds(
            *[[m2, [1 - gap] * 20][::order][k] for k in (0, 1)]
            + [[.5] * 20]))
        found.append(judged(folder)['endmembers']['published'])
    ahead, behind = found
    assert ahead.effect.p == pytest.approx(behind.effect.p)
    assert ahead.effect.mean == pytest.approx(-behind.effect.mean)
    assert (ahead.verdict in (REPRODUCED, DIRECTION)) == (
        behind.why == 'the opposite')


def test_equal_numbers_are_not_reproduced(crism):
    found = crism([1.] * 5, [1.] * 5)['endmembers']
    assert (found.verdict, found.why) == (NOT, 'the same in all runs')


def test_p_is_corrected_for_every_claim_and_both_objectives(kept_folder):
    found = [each for by in judged(kept_folder).values()
             for each in by.values() if each.holm is not None]
    assert len(found) > 5
    assert all(each.holm >= each.effect.p for each in found)
    least = min(found, key=lambda each: each.effect.p)
    assert least.holm == pytest.approx(
        min(1, 2 * len(plan.CLAIMS) * least.effect.p))


def test_no_verdict_is_taken_back_as_more_runs_are_kept(tmpdir):
    folder = tmpdir.mkdir('kept')
    m2 = [1 + each for each in NOISE]
    runs = seeds(m2, [.8] * 20, [.5] * 20)
    write(folder, 'crism-published', runs)
    before = judged(folder)['endmembers']['published']
    write(folder, 'libs-published', runs)
    assert judged(folder)['endmembers']['published'].holm <= before.holm


def test_a_round_trip_has_to_beat_one_flat_answer(crism):
    """Two parts: a flat answer has a KL of log 2."""
    m2 = [1 + each for each in NOISE]
    assert crism(m2, [.6] * 20)['loop'].verdict == REPRODUCED


def test_a_dead_loop_is_not_reproduced(crism):
    found = crism([1 + each for each in NOISE], [.8] * 20)['loop']
    assert (found.verdict, found.why) == (
        NOT, 'no better than one flat answer for all parts, 0.693')


@pytest.mark.parametrize('lost, verdict', [('untapped', NOT),
                                           ('m2', UNTESTABLE)])
def test_a_run_that_went_astray_is_no_missing_number(tmpdir, lost, verdict):
    folder = tmpdir.mkdir('kept')
    runs = seeds([1 + each for each in NOISE], [.8] * 20, [.5] * 20)
    runs['seed-3'][lost]['endmember_error']['mean'] = float('nan')
    runs['seed-3'][lost]['findings']['incidence_rank_correlation'] = \
        float('nan')
    write(folder, 'crism-published', runs)
    found = judged(folder)
    assert found['endmembers']['published'].verdict == verdict
    assert found['endmembers']['published'].why == \
        'training went astray in 1 of 20 runs'
    assert found['levels']['published'].effect.first == (
        .95 if lost == 'untapped' else 1)


def test_a_tie_is_called_by_its_size(crism):
    found = crism([1 + each for each in NOISE],
                  [.999 + each for each in NOISE[:-1]] + [1.])['endmembers']
    assert (found.verdict, found.why) == (NOT,
                                          'smaller than 0.2 % of the numbers')


@pytest.mark.parametrize('runs', [1, 3, 5])
def test_equal_differences_of_few_runs_are_too_few(tmpdir, runs):
    folder = tmpdir.mkdir('kept')
    write(folder, 'mnist-published', seeds([1.] * runs, [2.] * runs,
                                           [3.] * runs))
    found = judged(folder)['digits']['published']
    assert (found.verdict, found.why) == (UNTESTABLE,
                                          'too few runs for an interval')


@pytest.mark.parametrize('won, runs, side', [(20, 20, 1), (3, 20, 0),
                                             (0, 20, -1)])
def test_a_share_is_held_against_chance(won, runs, side):
    wins = [True] * won + [False] * (runs - won)
    found = verdicts._share(wins, 1 / 3, verdicts.comparisons.design(
        [None] * runs))
    assert found.first == won / runs
    assert found.low <= found.mean <= found.high
    assert found.side(found.p) == side
    # Clopper and Pearson: 20 of 20 has the lower end .025 ** (1 / 20)
    if won == runs:
        assert found.low + 1 / 3 == pytest.approx(.025 ** (1 / 20))


def test_a_run_without_the_number_is_not_testable(tmpdir):
    folder = tmpdir.mkdir('kept')
    runs = seeds([1.] * 3, [2.] * 3, [3.] * 3)
    for each in runs.values():
        del each['untapped']['endmember_error']
    write(folder, 'crism-published', runs)
    found = judged(folder)['endmembers']['published']
    assert (found.verdict, found.why) == (UNTESTABLE,
                                          'the kept run lacks the number')


def test_claims_name_planned_runs_and_quantities_that_exist():
    names = set(each.name for each in plan.PLANNED)
    for claim in plan.CLAIMS:
        assert set(claim.runs.values()) <= names
        places = [each.place for each in QUANTITIES[claim.experiment]]
        assert claim.place in places or claim.kind == 'above'
    assert set(each.source for each in plan.CLAIMS) >= set(
        ['Table 2', 'Table 3', 'Table 4', 'Figure 3', 'Figure 5',
         'Figure 6', 'Figure 7', 'Figure 8'])

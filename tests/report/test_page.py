"""The verdict of a report: a few lines."""
from __future__ import division, print_function

from untapped.report import content, page

WORSE = content.ordering('KL', {'m2': .6, 'untapped': .5},
                         {'m2': .3, 'untapped': .4})
BETTER = content.ordering('error', {'m2': .6, 'untapped': .5},
                          {'m2': .3, 'untapped': .1})


def test_the_verdict_has_what_was_reproduced_what_not_and_what_to_mind():
    assert page.verdict([WORSE, 'A detail.', BETTER], [], ['One seed.']) == [
        'Reproduced: error, Untapped 0.1, M2 0.3 (in the paper Untapped 0.5, '
        'M2 0.6).',
        'Not reproduced: KL, Untapped 0.4, M2 0.3 (in the paper Untapped '
        '0.5, M2 0.6).', 'Mind: One seed.']


def test_what_several_runs_cannot_tell_is_neither():
    between = content.Finding('KL.', content.OPEN, 'KL')
    assert page.verdict([BETTER, between], [], [])[1:] == [
        'Not reproduced: nothing.', 'Cannot be told apart: KL.']


def test_a_trial_reproduces_nothing():
    lines = page.verdict([BETTER], ['A --quick run.'], [])
    assert lines[1:] == ['Unlike the paper so far: nothing.',
                         'Mind: A --quick run.']
    assert 'Reproduced' not in lines[0]


def test_what_the_paper_has_no_number_of_is_not_judged():
    unjudged = content.ordering('hits', None, {'m2': 1, 'untapped': 2})
    assert page.verdict([unjudged], [], [])[0].startswith(
        'Nothing to reproduce')


def test_all_ten_digits_are_reproduced_by_ten_alone():
    found = [content.ordering('digits', {'untapped': 10}, {
        'm2': 5, 'untapped': digits}, more_is_better=True).reproduced
        for digits in (6, 10)]
    assert found == [False, True]

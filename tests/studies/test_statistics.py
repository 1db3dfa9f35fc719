"""The one test and the one verdict, by formula and by hand."""
from __future__ import division, print_function

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from untapped.studies import statistics
from untapped.studies.statistics import APART, M2, UNTAPPED

NAN = float('nan')
#: mean -0.2, standard deviation 0.1: by hand
FIVE = [-.3, -.1, -.2, -.1 - .2, -.1]


def of(differences, ratio=0., adjusted=None, size=1.):
    """(Test, its verdict), alone in its table."""
    test = statistics.paired(differences, ratio)
    return test, statistics.verdict(test, statistics.holm([test.p])[0], size)


def test_independent_differences_have_students_paired_test():
    m2, untapped = np.random.RandomState(4).normal(size=(2, 7))
    test = statistics.paired(list(untapped - m2))
    t, p = stats.ttest_rel(untapped, m2)
    assert abs(test.t - t) < 1e-12 and abs(test.p - p) < 1e-12
    low, high = stats.t.interval(.95, 6, np.mean(untapped - m2),
                                 stats.sem(untapped - m2))
    assert abs(test.low - low) < 1e-12 and abs(test.high - high) < 1e-12
    assert abs(test.effect - np.mean(untapped - m2)
               / np.std(untapped - m2, ddof=1)) < 1e-12
    assert (test.tested, test.far) == (7, [])


def test_the_test_is_what_is_reckoned_by_hand():
    # t of 4 degrees of freedom, 2.776, times 0.1 / sqrt 5
    test, word = of(FIVE)
    assert abs(test.mean + .2) < 1e-12 and abs(test.median + .2) < 1e-12
    assert abs(test.t + .2 / (.1 / math.sqrt(5))) < 1e-9
    assert abs(test.high - (-.2 + 2.7764451 * .1 / math.sqrt(5))) < 1e-7
    assert abs(test.p - .011) < 2e-4
    assert abs(test.effect + 2.) < 1e-9
    assert word == UNTAPPED


@pytest.mark.parametrize('count, ratio', [(2, .5), (5, 1.), (20, 1.),
                                          (10, 1 / 9)])
def test_overlapping_splits_have_nadeau_and_bengios_variance(count, ratio):
    """s^2 (1/k + n_test/n_train) in place of s^2 / k."""
    differences = list(np.random.RandomState(count).normal(1, 1, count))
    plain, corrected = [statistics.mean_test(differences, each)
                        for each in (0., ratio)]
    factor = math.sqrt((1 / count + ratio) / (1 / count))
    assert abs(plain[0] / corrected[0] - factor) < 1e-12
    width = [high - low for _, _, low, high in (plain, corrected)]
    assert abs(width[1] / width[0] - factor) < 1e-12
    assert abs(corrected[1] - 2 * stats.t.sf(abs(corrected[0]), count - 1)) \
        < 1e-12


def test_what_students_test_calls_sure_overlap_leaves_open():
    assert of(FIVE)[1] == UNTAPPED
    # -0.2 / (0.1 sqrt(1/5 + 1)) = -1.826
    test, word = of(FIVE, ratio=1.)
    assert abs(test.t + 1.8257) < 1e-4 and word == APART


def test_one_difference_and_none_have_no_test():
    assert statistics.summary([2.]) == (2., None, 2., 2.)
    test, word = of([1.])
    assert (test.mean, test.p, test.effect, word) == (1., None, None, APART)
    assert of([0., 0., 0.])[0].p is None
    assert of([0., 0., 0.])[1] == APART


def test_equal_differences_have_the_sign_test():
    test, word = of([-.5] * 7)
    assert (test.p, test.low, test.high) == (2 ** -6, -.5, -.5)
    assert word == UNTAPPED and of([.5] * 7)[1] == M2
    # six heads of six; both tails
    assert abs(of([-.5] * 6)[0].p - stats.binom_test(6, 6)) < 1e-12
    assert of([-.5] * 5)[1] == APART
    assert of([-.5] * 20, ratio=1.)[0].p is None


def test_holm_is_what_its_author_prints():
    # by hand: 4 x .01, 3 x .01 after it, 2 x .03, and .06 again
    assert np.allclose(statistics.holm([.03, .01, .04, .0101]),
                       [.06, .04, .06, .04])
    assert statistics.holm([None, .02, NAN])[:2] == [None, .02]
    assert math.isnan(statistics.holm([None, .02, NAN])[2])
    assert statistics.holm([.9, .8]) == [1., 1.]
    assert statistics.holm([]) == []


def test_holm_rejects_what_its_steps_reject():
    """Step down: stop at the first p above level / (tests left)."""
    for seed in range(20):
        chances = list(np.random.RandomState(seed).uniform(0, .1, 6))
        adjusted = statistics.holm(chances)
        order = np.argsort(chances)
        rejected = list(itertools.takewhile(
            lambda rank: chances[order[rank]] < .05 / (6 - rank), range(6)))
        assert sorted(i for i, p in enumerate(adjusted) if p < .05) == \
            sorted(order[rejected])


def test_more_tests_in_a_table_ask_more_of_each():
    test = statistics.paired(FIVE)
    assert statistics.verdict(test, statistics.holm([test.p])[0], 1.) == \
        UNTAPPED
    among = statistics.holm([test.p] + [.5] * 9)[0]
    assert statistics.verdict(test, among, 1.) == APART


# One astray run -------------------------------------------------------------

TEN = [-.021, -.019, -.02, -.022, -.018, -.02, -.0205, -.0195, -.021, -.019]


def test_a_run_astray_is_named_and_does_not_make_the_spread():
    test, word = of(TEN[:-1] + [.09])
    assert (test.far, test.tested) == ([9], 9)
    assert abs(test.mean - np.mean(TEN[:-1])) < 1e-12
    assert abs(test.whole - np.mean(TEN[:-1] + [.09])) < 1e-12
    assert test.median == np.median(TEN[:-1] + [.09])
    assert word == UNTAPPED


def test_a_run_astray_that_turns_the_mean_leaves_it_open():
    assert of(TEN[:-1] + [.5])[1] == APART


@pytest.mark.parametrize('far', [-.5, .09, .5])
def test_pleasing_and_unpleasing_numbers_have_the_same_rule(far):
    word = of(TEN[:-1] + [far])[1]
    mirrored = of([-each for each in TEN[:-1] + [far]])[1]
    assert mirrored == {UNTAPPED: M2, APART: APART}[word]


def test_a_run_astray_makes_no_verdict():
    small = [.1, -.2, .15, -.1, .05, -.15, .2, -.05, .1]
    assert of(small)[1] == of(small + [-40.])[1] == APART


def test_two_of_ten_astray_are_the_methods_own():
    test, word = of(TEN[:-2] + [.09, .08])
    assert (test.far, test.tested, word) == ([8, 9], 10, APART)


def test_of_few_and_of_equal_differences_none_is_astray():
    assert statistics.astray([0., 0.001, -0.001] * 2 + [0., .001, 9.]) == []
    assert statistics.astray([0., 0., 0., 9.] * 3) == []
    # 5 times 1.4826 from the median of a spread of one
    spread = [-1., 0., 1.] * 3
    assert statistics.astray(spread + [7.4]) == []
    assert statistics.astray(spread + [7.5]) == [9]


def test_the_test_is_of_its_size():
    """Of normal differences 5 % are told from 0, few or many."""
    rng = np.random.RandomState(3)
    for count in (5, 9, 10, 20):
        found = [statistics.paired(list(rng.normal(size=count))).p
                 for _ in range(1000)]
        assert np.mean(np.array(found) < .05) < .075


# What is no number, and what is nothing -------------------------------------

def test_what_is_no_number_is_not_passed_over():
    for values in ([1., NAN, 1.], [NAN, 1., 1.], [1., 1., NAN],
                   [1., float('inf'), 2.]):
        assert all(math.isnan(v) for v in statistics.summary(values))
        test, word = of(values)
        assert math.isnan(test.p) and math.isnan(test.median)
        assert word == APART
        assert math.isnan(statistics.share([2., 3., 5.], values, False))
    assert statistics.summary([NAN])[1] is None


def test_a_difference_within_rounding_is_none():
    """0.2 % of the numbers: exact and fast numerics differ by half of it."""
    differences = [-.0011, -.0010, -.0012, -.0011, -.0010, -.0012]
    assert of(differences, size=1.)[1] == APART
    assert of(differences, size=.5)[1] == UNTAPPED


def test_where_both_are_equal_no_share_is_lost():
    assert statistics.share([1., 1.], [1., 1.], True) == 'equal'
    assert statistics.share([1., 1.], [1., 2.], True) == .5
    assert statistics.better([1, 2], [2, 1], False) == [False, True]
    assert statistics.better([1, 2], [2, 1], True) == [True, False]

"""Untapped against M2 over runs: one test and one verdict for every claim.

The rule is the same whichever way a number points; docs/running.md states it
in words. It was fixed before the runs that it judges, but for `FEWEST`, which
was set after a reading of the first of them (evidence/verdicts.py).
"""
from __future__ import division, print_function

from collections import namedtuple

import numpy as np
from scipy import stats

from untapped.report.content import TIE

__all__ = ['APART', 'ASTRAY', 'FEWEST', 'LEVEL', 'M2', 'UNTAPPED', 'Test',
           'astray', 'better', 'finite', 'holm', 'mean_test', 'paired',
           'share', 'summary', 'verdict']

NAN = float('nan')
#: of a false verdict in a table, and what an interval leaves out
LEVEL = 0.05
#: Robust standard deviations from the median beyond which a difference is
#: astray, and the fewest differences of which that is asked: among fewer, 5
#: of 100 draws of one normal distribution have one, whose leaving out makes
#: p too small (0.081 of what should be 0.05 at 5, 0.056 at 10).
ASTRAY, FEWEST = 5., 10
#: The words of a verdict.
UNTAPPED, M2, APART = 'Untapped lower', 'M2 lower', 'cannot be told apart'

#: Of differences Untapped - M2: the `mean`, its 95 % interval from `low` to
#: `high`, the `effect` size (mean over standard deviation), Student's `t` and
#: its two-sided `p`, all of the `tested` ones; `median` and `whole`, the mean,
#: of all; `far`, the positions of those astray. None where there is no test.
Test = namedtuple('Test', 'mean low high effect t p tested median whole far')


def finite(values):
    """Whether all are finite."""
    return bool(np.isfinite(values).all())


def summary(values):
    """Mean, standard deviation (n - 1; None for one), least and most.

    All are NaN where a value is no number: min and max would take it or
    leave it by its place.
    """
    several = len(values) > 1
    if not finite(values):
        return NAN, NAN if several else None, NAN, NAN
    least, most = min(values), max(values)
    if least == most:
        # PLS on the same data: not what rounding makes of a mean
        return values[0], 0. if several else None, least, most
    return float(np.mean(values)), float(np.std(values, ddof=1)), least, most


def better(m2, untapped, more):
    """In which runs Untapped is better; `more` says whether more is."""
    return [u > m if more else u < m for m, u in zip(m2, untapped)]


def share(m2, untapped, more):
    """The share of runs in which Untapped is better.

    'equal' where it is as good as M2 in all runs; NaN where a value is no
    number.
    """
    if not finite(m2 + untapped):
        return NAN
    if m2 == untapped:
        return 'equal'
    wins = better(m2, untapped, more)
    return sum(wins) / len(wins)


def mean_test(differences, ratio=0.):
    """Student's test that the mean of differences is 0, and its interval.

    ``t = mean / (s sqrt(1/n + ratio))`` with n - 1 degrees of freedom, s the
    standard deviation.  Differences between splits whose training sets
    overlap are not independent; with ``ratio = n_test / n_train`` the
    variance allows for that (C. Nadeau and Y. Bengio 2003, Machine Learning
    52, 239, the corrected resampled t-test).

    Parameters
    ----------
    differences : list of float, finite
    ratio : float
        0 for independent differences.

    Returns
    -------
    (t, two-sided p, low, high)
        None where there is no test: of one difference, or where all are 0.
        Where all are the same and independent, p is of the sign test,
        ``2^(1-n)``, and the interval has no width.
    """
    count = len(differences)
    mean, deviation, _, _ = summary(differences)
    if not deviation:
        if count == 1 or not mean or ratio:
            return None, None, None, None
        return None, 2. ** (1 - count), mean, mean
    error = deviation * np.sqrt(1 / count + ratio)
    t = mean / error
    reach = stats.t.ppf(1 - LEVEL / 2, count - 1) * error
    return tuple(float(value) for value in (
        t, 2 * stats.t.sf(abs(t), count - 1), mean - reach, mean + reach))


def astray(differences):
    """Positions of the differences that lie far from all others.

    Further than `ASTRAY` robust standard deviations (1.4826 times the median
    absolute deviation) from the median; none of fewer than `FEWEST`, and none
    where more than half are the same.
    """
    distance = np.abs(np.subtract(differences, np.median(differences)))
    spread = 1.4826 * np.median(distance)
    if len(differences) < FEWEST or not spread:
        return []
    return [int(i) for i in np.flatnonzero(distance > ASTRAY * spread)]


def paired(differences, ratio=0.):
    """What differences Untapped - M2 say; a `Test`.

    Those astray are left out of the test while they are few: one, or one in
    ten.  More are the method's own.

    Parameters
    ----------
    differences : list of float, one a unit of a `comparisons.Design`
    ratio : float, see `mean_test`
    """
    if not finite(differences):
        return Test(*[NAN] * 6 + [len(differences), NAN, NAN, []])
    far = astray(differences)
    left_out = far if len(far) <= max(1, len(differences) // 10) else []
    tested = [each for i, each in enumerate(differences)
              if i not in left_out]
    t, p, low, high = mean_test(tested, ratio)
    mean, deviation, _, _ = summary(tested)
    return Test(mean, low, high, mean / deviation if deviation else None, t,
                p, len(tested), float(np.median(differences)),
                summary(differences)[0], far)


def holm(chances):
    """p adjusted for all tests of a table (S. Holm 1979, Scand. J. Stat. 6).

    Sorted, the i-th of m is multiplied by m - i + 1, raised to the one before
    if that is larger, and capped at 1.

    Parameters
    ----------
    chances : list of float or None
        None and NaN are no tests, and stay.
    """
    tests = sorted((p, i) for i, p in enumerate(chances)
                   if p is not None and p == p)
    adjusted, least = list(chances), 0.
    for rank, (p, i) in enumerate(tests):
        least = max(least, min(1., (len(tests) - rank) * p))
        adjusted[i] = least
    return adjusted


def verdict(test, adjusted, size):
    """Which is lower, in a word: `UNTAPPED`, `M2` or `APART`.

    One is lower where Holm's p is below `LEVEL`, the difference is more than
    `TIE` of the numbers' size, and the mean of all differences and their
    median lie on the side of the mean of those tested: no run that went
    astray makes a verdict, and none is left out that would turn it.

    Parameters
    ----------
    test : Test
    adjusted : float or None, its p in `holm`
    size : float, the larger of the two means, absolute
    """
    if adjusted is None or not adjusted < LEVEL or \
            abs(test.mean) <= TIE * size:
        return APART
    sides = set(float(np.sign(each))
                for each in (test.mean, test.median, test.whole))
    if len(sides) > 1:
        return APART
    return UNTAPPED if test.mean < 0 else M2

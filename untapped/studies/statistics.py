"""Mean, spread and a paired test of numbers over several runs."""
from __future__ import division, print_function

import numpy as np
from scipy import stats

__all__ = ['better', 'finite', 'paired', 'share', 'summary']

NAN = float('nan')


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


def paired(m2, untapped):
    """Student's paired test of Untapped - M2.

    Returns
    -------
    (mean difference, its standard deviation, t, two-sided p)
        t and p are None where there is no test: of one pair, or where all
        differences are equal.  NaN where a value is no number.
    """
    mean, deviation, _, _ = summary([u - m for m, u in zip(m2, untapped)])
    if not deviation:
        return mean, deviation, None, None
    if deviation != deviation:
        return mean, deviation, NAN, NAN
    t, p = stats.ttest_rel(untapped, m2)
    return mean, deviation, float(t), float(p)

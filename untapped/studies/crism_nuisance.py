"""The nuisance z of CRISM and the geometry of the spectra, section 4.3."""
from __future__ import division, print_function

import numpy as np
from scipy import stats
from sklearn.metrics import roc_auc_score

__all__ = ['FAR', 'area_under_curve', 'levels', 'outlying',
           'rank_correlation', 'robust_distance', 'rows_of']

#: A nuisance value this many robust standard deviations from the median of
#: its geometry is an outlier, in Figure 6 and in the tables.
FAR = 5.


def rows_of(data, name):
    """One of meta's arrays over all spectra, for the validation's rows."""
    if name not in data.meta:
        return None
    values = np.asarray(data.meta[name])
    kept = data.meta.get('kept_valid')
    return values if kept is None else values[kept]


def levels(z, position):
    """The median of z in each of the three geometries."""
    return [float(np.median(z[position == i])) for i in range(3)]


def robust_distance(z, position):
    """|z - median| over the robust standard deviation of its geometry.

    The latter is 1.4826 times the median of |z - median|, which for a
    Gaussian is its standard deviation.
    """
    distance = np.zeros(len(z))
    for i in range(3):
        here = position == i
        off = np.abs(z[here] - np.median(z[here]))
        distance[here] = off / max(1.4826 * np.median(off), 1e-12)
    return distance


def outlying(z, position):
    """Rows of Position 1 with far nuisance, the farthest first."""
    distance = np.where(position == 0, robust_distance(z, position), 0)
    order = np.argsort(-distance, kind='mergesort')
    return order[distance[order] > FAR]


def rank_correlation(a, b):
    """Spearman's rho; NaN where one of them does not vary."""
    if len(set(a)) < 2 or len(set(b)) < 2:
        return float('nan')
    return float(stats.spearmanr(a, b)[0])


def area_under_curve(score, true):
    """The chance that a true one scores higher than a false one.

    The area under the receiver operating characteristic; NaN where all are
    true or all are false.
    """
    if len(set(true)) < 2:
        return float('nan')
    return float(roc_auc_score(true, score))

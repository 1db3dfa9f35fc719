"""Where labels, latents and spectra can lie, and values that lie elsewhere.

A network's last flow decides where its samples lie; a given value elsewhere
has no density under it.
"""
from __future__ import division, print_function

import functools

import numpy as np

from untapped.errors import InputError
from untapped.model.exact_flows import Z_LIMIT, LogisticFlow, SimplexFlow
from untapped.parmesan import flow
from untapped.parmesan.sample import ConcreteSampleLayer

__all__ = ['ROUNDING', 'check_interval', 'check_simplex', 'interval',
           'simplex']

#: how far given values may lie outside their support: rounding of float32
ROUNDING = 1e-5
_HALF = np.pi / 2


def simplex(arch):
    """Which parts a network of points on the simplex gives.

    'all' of a Concrete distribution, 'some', all but the last, of a flow to
    the simplex; None of any other network.
    """
    last = arch['flows'][-1:]
    if last and last[0] in (flow.NormalizingSimplexFlowLayer, SimplexFlow):
        return 'some'
    if not last and issubclass(arch['sample_layer'], ConcreteSampleLayer):
        return 'all'
    return None


def interval(arch):
    """The ends (lo, hi) where a network's last flow is logistic, or None."""
    if not arch['flows']:
        return None
    last = arch['flows'][-1]
    given = {}
    if isinstance(last, functools.partial):
        last, given = last.func, last.keywords or {}
    ends = {LogisticFlow: (-Z_LIMIT, Z_LIMIT),
            flow.LogisticFlowLayer: (-_HALF, _HALF)}.get(last)
    return ends and (given.get('lo', ends[0]), given.get('hi', ends[1]))


def check_simplex(name, value, all_parts):
    """InputError for a row that is no point on the simplex.

    all_parts : bool, whether it has its last part, too
    """
    total = value.sum(axis=1, dtype='float64')
    negative = (value < -ROUNDING).any(axis=1)
    off = (total > 1 + ROUNDING) | (all_parts & (total < 1 - ROUNDING))
    if negative.any() or off.any():
        row = (negative | off).argmax()
        raise InputError(
            '%s: expected points on the simplex, %s, got %s in row %d' % (
                name, 'all their parts' if all_parts else
                'without their last part', 'a part of %g' % value[row].min()
                if negative[row] else 'parts that sum to %.7g' % total[row],
                row))


def check_interval(name, value, lo, hi, support_of):
    """InputError for a value outside an interval."""
    off = (value < lo - ROUNDING) | (value > hi + ROUNDING)
    if off.any():
        row = off.any(axis=1).argmax()
        raise InputError(
            '%s: expected values from %g to %g, the support of %s, got %g in '
            'row %d' % (name, lo, hi, support_of, value[row][off[row]][0],
                        row))

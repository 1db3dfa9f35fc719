"""Where labels, latents and spectra can lie, and values that lie elsewhere.

A network's last flow decides where its samples lie; a given value elsewhere
has no density under it.
"""
from __future__ import division, print_function

import functools
import numbers

import numpy as np

from untapped.errors import InputError
from untapped.model import kinds
from untapped.model.exact_flows import Z_LIMIT, LogisticFlow, SimplexFlow
from untapped.parmesan import flow
from untapped.parmesan.sample import ConcreteSampleLayer

__all__ = ['ROUNDING', 'check_ends', 'check_interval', 'check_simplex',
           'interval', 'simplex']

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
    return _ends(arch['flows'][-1]) if arch['flows'] else None


def _ends(layer):
    """The ends (lo, hi) of a logistic flow, or None of any other."""
    given = {}
    if isinstance(layer, functools.partial):
        layer, given = layer.func, layer.keywords or {}
    ends = {LogisticFlow: (-Z_LIMIT, Z_LIMIT),
            flow.LogisticFlowLayer: (-_HALF, _HALF)}.get(layer)
    return ends and (given.get('lo', ends[0]), given.get('hi', ends[1]))


def check_ends(name, flows):
    """InputError for a logistic flow to what is no interval.

    name : str, of the flows' list, for the error
    """
    for ends in filter(None, map(_ends, flows)):
        if any(kinds.number(abs(end) if isinstance(end, numbers.Real)
                            else end) for end in ends) or \
                not ends[0] < ends[1]:
            raise InputError('%s: expected a logistic flow from lo to a '
                             'number hi above it, got lo=%s, hi=%s' % (
                                 (name,) + tuple(map(kinds.shown, ends))))


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

"""Distances between arrays in units in the last place, tables, verdicts.

Imports numpy alone: two sets of arrays can be compared where nothing of the
stack that made them is installed.
"""
from __future__ import division, print_function

import re
from collections import OrderedDict

import numpy as np

from untapped.files.npz import read_npz

__all__ = ['ulp_distance', 'first_difference', 'Row', 'compare_arrays',
           'format_table', 'verdict', 'load_arrays']


def ulp_distance(a, b):
    """Largest distance between two arrays in units in the last place.

    The distance of two floats is the number of steps from one to the next
    representable float that lead from a to b: 0 if and only if their bits
    are the same.  -0.0 and 0.0 are therefore one step apart, and a way
    that begins below 0 and ends above it leads through both zeros.

    Parameters
    ----------
    a, b : ndarray
        Of one shape and one dtype.

    Returns
    -------
    int or float
        inf where one is a number and the other is not (NaN).  For what is
        not floating point of at most 64 bits, the number of elements that
        differ.

    Raises
    ------
    ValueError
        If shapes or dtypes differ: no distance is defined then.
    """
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape or a.dtype != b.dtype:
        raise ValueError('a distance needs arrays of one shape and type, not '
                         '%s %s and %s %s' % (a.shape, a.dtype,
                                              b.shape, b.dtype))
    if a.size == 0:
        return 0
    if a.dtype.kind != 'f' or a.dtype.itemsize > 8:
        return int(np.sum(a != b))
    if (np.isnan(a) != np.isnan(b)).any():
        return float('inf')
    integer = {2: np.int16, 4: np.int32, 8: np.int64}[a.dtype.itemsize]
    places_a, places_b = [_places(v, integer) for v in (a, b)]
    differing = places_a != places_b
    if not differing.any():
        return 0
    # int64 places may lie further apart than int64 reaches: Python's do not
    if integer is np.int64:
        return max(abs(int(p) - int(q)) for p, q in
                   zip(places_a[differing], places_b[differing]))
    return int(np.abs(places_a - places_b).max())


def _places(values, integer):
    """Position of each float on the line of all floats, -0.0 at -1."""
    bits = np.ascontiguousarray(values).reshape(-1).view(integer)
    bits = bits.astype(np.int64)
    lowest = np.int64(np.iinfo(integer).min)
    return np.where(bits < 0, lowest - bits - 1, bits)


def first_difference(a, b):
    """Index along the first axis from which two arrays differ, or None."""
    a, b = np.atleast_1d(a), np.atleast_1d(b)
    if a.shape[1:] != b.shape[1:] or a.dtype != b.dtype:
        return 0
    for index in range(min(len(a), len(b))):
        if a[index].tobytes() != b[index].tobytes():
            return index
    return None if len(a) == len(b) else min(len(a), len(b))


class Row(object):
    """One line of a table.

    Attributes
    ----------
    quantity : str
    shape : str
    numbers : int
        How many values were compared.
    difference : str or None
        None: identical.
    """

    def __init__(self, quantity, shape, numbers, difference=None):
        self.quantity = quantity
        self.shape = shape
        self.numbers = numbers
        self.difference = difference

    @property
    def identical(self):
        """Whether there is no difference."""
        return self.difference is None


def _distance_text(want, have):
    """How far apart two arrays of one shape are, for humans."""
    distance = ulp_distance(want, have)
    if want.dtype.kind != 'f':
        return '%d of %d elements' % (distance, want.size)
    if distance == float('inf'):
        return 'NaN against a number'
    return '%d ULP' % distance


def _pair(quantity, want, have, unit=None):
    """The row of one array; unit, if its first axis counts something."""
    shape = 'x'.join(str(n) for n in want.shape) or 'number'
    if want.shape != have.shape or want.dtype != have.dtype:
        other = 'x'.join(str(n) for n in have.shape) or 'number'
        return Row(quantity, shape, want.size, 'is %s %s, not %s %s' % (
            other, have.dtype, shape, want.dtype))
    if want.tobytes() == have.tobytes():
        return Row(quantity, shape, want.size)
    text = _distance_text(want, have)
    if unit is not None:
        text = 'from %s %d on, up to %s' % (
            unit, first_difference(want, have) + 1, text)
    return Row(quantity, shape, want.size, text)


#: Keys of arrays that belong to one row: a set of parameters, a fit's epochs
_SET = re.compile(r'^(init|fit\d+|end|grid/best|epochs/fit \d+)/(\d\d)\b')


def compare_arrays(want, have, ignore=()):
    """Rows for two sets of arrays, in the order of the first.

    A set of parameters is one row, as are the parameters of a fit after
    every epoch; its distance is the largest of its arrays'.

    Parameters
    ----------
    want, have : OrderedDict
        Key to array, as :func:`case_models.run_case` names them.
    ignore : sequence of str
        Prefixes of keys in `have` that `want` need not hold.

    Returns
    -------
    list of Row
    """
    rows, sets = [], OrderedDict()
    for key in want:
        match = _SET.match(key)
        name = match.group(1) if match else key
        sets.setdefault(name, []).append(key)
    for name, keys in sets.items():
        missing = [key for key in keys if key not in have]
        if missing:
            rows.append(Row(_title(name), '', 0,
                            'missing: %s' % missing[0]))
        elif keys == [name]:
            unit = 'epoch' if name.startswith('epochs/') else None
            if '/train/' in name or '/eval' in name:
                unit = 'evaluation'
            rows.append(_pair(_title(name), want[name], have[name], unit))
        else:
            rows.append(_set_row(name, keys, want, have))
    for key in have:
        if key not in want and not key.startswith(tuple(ignore)):
            rows.append(Row(_title(key), '', 0, 'only in the second'))
    return rows


def _set_row(name, keys, want, have):
    """One row for all arrays of a set of parameters."""
    unit = 'epoch' if name.startswith('epochs/') else None
    parts = [_pair(key, want[key], have[key], unit) for key in keys]
    numbers = sum(part.numbers for part in parts)
    shape = '%d arrays' % len(keys)
    if unit:
        shape = '%d epochs x %d' % (len(np.atleast_1d(want[keys[0]])),
                                    len(keys))
    differing = [key for key, part in zip(keys, parts) if not part.identical]
    if not differing:
        return Row(_title(name), shape, numbers)
    odd = [part for part in parts if (part.difference or '').startswith('is ')]
    if odd:
        return Row(_title(name), shape, numbers,
                   '%s %s' % (odd[0].quantity, odd[0].difference))
    first = 0
    if unit:
        first = min(first_difference(want[key], have[key])
                    for key in differing)
        differing = [key for key in differing
                     if first_difference(want[key], have[key]) == first]
    distance = max(ulp_distance(want[key], have[key]) for key in differing)
    where = 'from epoch %d on, ' % (first + 1) if unit else ''
    return Row(_title(name), shape, numbers, '%s%d of %d arrays (first %s), '
               'up to %s ULP' % (where, len(differing), len(keys),
                                 differing[0], distance))


def _title(key):
    """A key as a human reads it."""
    if key == 'init':
        return 'parameters before training'
    if key == 'end':
        return 'parameters at the end'
    if key == 'grid/best':
        return 'parameters of the best model of the grid'
    match = re.match(r'^fit(\d+)(/.*)?$', key)
    if match:
        rest = (match.group(2) or '').lstrip('/')
        return ('record %s' % rest if rest else
                'parameters after fit %d' % (int(match.group(1)) + 1))
    match = re.match(r'^epochs/fit (\d+)(/sha256)?$', key)
    if match:
        return '%s after every epoch of fit %d' % (
            'SHA-256' if match.group(2) else 'parameters',
            int(match.group(1)) + 1)
    return key.replace('record/', 'record ').replace('probe/', '')


def format_table(rows):
    """A table of text: quantity, shape, identical or how it differs."""
    lines = [('quantity', 'shape', 'result')]
    lines += [(row.quantity, row.shape, row.difference or 'identical')
              for row in rows]
    widths = [max(len(line[column]) for line in lines) for column in (0, 1)]
    return '\n'.join('  %-*s  %-*s  %s' % (
        widths[0], line[0], widths[1], line[1], line[2]) for line in lines)


def verdict(sections, first='the published code', second='this package'):
    """The last line of a comparison, and its exit status.

    Parameters
    ----------
    sections : OrderedDict
        Name of what was run to its list of Row (an empty one: the first side
        cannot run this), or to a str that says why it was not compared.
    first, second : str
        What was compared, for humans.

    Returns
    -------
    (str, int)
        A sentence for someone who has never seen the project; 0 only if
        something was compared and all of it is identical.
    """
    rows = [(name, row) for name, found in sections.items()
            if isinstance(found, list) for row in found]
    failed = [name for name, found in sections.items()
              if not isinstance(found, list)]
    differing = [(name, row) for name, row in rows if not row.identical]
    if failed:
        return ('NOT COMPARED: %s of %d runs did not end on both sides, the '
                'first of them %s: %s' % (
                    len(failed), len(sections), failed[0],
                    sections[failed[0]]), 1)
    if differing:
        name, row = differing[0]
        return ('NOT IDENTICAL: %s and %s disagree in %d of %d quantities, '
                'first in %s of %s: %s' % (
                    first, second, len(differing), len(rows), row.quantity,
                    name, row.difference), 1)
    if not rows:
        return 'NOT COMPARED: there was nothing to compare', 1
    empty = sum(found == [] for found in sections.values())
    text = ('IDENTICAL: %s and %s gave the same bits in all %d runs: every '
            'one of %s numbers in %d quantities is the same' % (
                first, second, len(sections) - empty,
                '{:,}'.format(sum(row.numbers for _, row in rows)),
                len(rows)))
    if empty:
        text += ' (%d more cannot be run by %s)' % (empty, first)
    return text, 0


def load_arrays(path):
    """Arrays of a recorded or written case, by key, in their order."""
    stored = read_npz(path)
    return OrderedDict((name[5:].replace('|', '/'), stored[name])
                       for name in sorted(stored))

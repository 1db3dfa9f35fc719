"""What is refused in a file of spectra, with the row and column."""
from __future__ import division, print_function

import numpy as np

from untapped.errors import DataError
from untapped.files.texts import native

__all__ = ['Where', 'check', 'check_parts', 'check_sums', 'known_rows',
           'on_simplex', 'shown']

#: Labels that sum to 1 as nearly as this are scaled to it: three digits of
#: each of six parts.
ROUNDED = 3e-3
#: Fewer samples with labels tell nothing of others.
FEWEST_SAMPLES = 3
#: Labels of one sample differ by no more than this.
SAME = 1e-5


class Where(object):
    """How rows and columns of a file are called in a message.

    Parameters
    ----------
    path : str
    lines : list of int, optional
        Of a .csv, the line of each row; of an .npz rows are counted from 0.
    """

    def __init__(self, path, lines=None):
        self.path, self.lines = path, lines

    def row(self, number, array):
        """A row: 'line 7', or 'row 5 of labels'."""
        if self.lines is not None and array != 'labels_only':
            return 'line %d' % self.lines[number]
        return 'row %d of %s' % (number, array)

    def cell(self, number, array, column, name):
        """A number; `name` is what a .csv has over its column."""
        if self.lines is not None:
            return '%s, column %s' % (self.row(number, array), shown(name))
        return '%s, column %d (%s)' % (self.row(number, array), column,
                                       shown(name))

    def wrong(self, sentence):
        """The DataError that says so of the file."""
        return DataError('%s: %s.' % (self.path, sentence))


def shown(name):
    """The start of a name from a file, for a message."""
    return native(u''.join(letter if letter >= u' ' else u'?'
                           for letter in name[:60])) or 'empty'


def known_rows(labels):
    """Which rows have labels ``(n,)``."""
    return ~np.isnan(labels).all(axis=1)


#: what z is compared with beside a file's own nuisances
COMPUTED = (u'level of the spectrum', u'slope of the spectrum')


def check(arrays, where):
    """Refuse arrays that are not as `spectra.read` says; a DataError."""
    _check_shapes(arrays, where)
    _check_axis(arrays['axis'], where)
    _check_spectra(arrays, where)
    for name in ('parts', 'nuisance_names'):
        _check_names(arrays.get(name, ()), name, where)
    for name in arrays.get('nuisance_names', ()):
        if name in COMPUTED:
            raise where.wrong('a nuisance is named %s, which is computed; '
                              'another name was expected' % shown(name))
    blank = [number for number, name in enumerate(arrays['sample'])
             if not name.strip()]
    if blank:
        raise where.wrong('%s has no sample; the name of what was measured '
                          'was expected' % where.row(blank[0], 'sample'))
    for name in ('labels', 'labels_only'):
        if name in arrays:
            _check_labels(arrays[name], name, arrays['parts'], where)
    _check_samples(arrays['labels'], arrays['sample'], where)
    check_parts(arrays['labels'], arrays['parts'], where)
    if np.isinf(arrays.get('nuisance', np.zeros((1, 1)))).any():
        row, column = np.argwhere(np.isinf(arrays['nuisance']))[0]
        raise where.wrong('%s is infinite; a number was expected' % (
            where.cell(row, 'nuisance', column, u'nuisance:%s'
                       % arrays['nuisance_names'][column])))


def _check_shapes(arrays, where):
    rows, channels = arrays['spectra'].shape
    if not rows or channels < 2:
        raise where.wrong('%d spectra of %d channels; at least one spectrum '
                          'and two channels were expected' % (rows, channels))
    parts = len(arrays['parts'])
    expected = {'axis': (channels,), 'labels': (rows, parts),
                'sample': (rows,)}
    if 'nuisance' in arrays:
        expected['nuisance'] = (rows, len(arrays['nuisance_names']))
    if 'labels_only' in arrays:
        if not len(arrays['labels_only']):
            raise where.wrong('labels_only has no row; at least one was '
                              'expected, or no such array')
        expected['labels_only'] = (len(arrays['labels_only']), parts)
    for name in sorted(expected):
        if arrays[name].shape != expected[name]:
            raise where.wrong('%s has shape %s; %s was expected beside '
                              'spectra %s and %d parts' % (
                                  name, arrays[name].shape, expected[name],
                                  arrays['spectra'].shape, parts))
    if not parts:
        raise where.wrong('no part has labels; at least one was expected')


def _check_axis(axis, where):
    axis = np.asarray(axis, 'float64')
    if not np.isfinite(axis).all():
        raise where.wrong('channel %d of the axis is no finite number; '
                          'wavelengths that rise were expected'
                          % np.flatnonzero(~np.isfinite(axis))[0])
    falls = np.flatnonzero(np.diff(axis) <= 0)
    if len(falls):
        raise where.wrong('wavelength %.10g follows %.10g in channel %d; '
                          'wavelengths that rise were expected' % (
                              axis[falls[0] + 1], axis[falls[0]],
                              falls[0] + 1))


def _check_spectra(arrays, where):
    for row, spectrum in enumerate(arrays['spectra']):
        # row by row: a table may fill the memory; NaN is at most nothing
        with np.errstate(invalid='ignore'):
            good = np.abs(spectrum) <= np.finfo('float32').max
        if not good.all():
            column = np.flatnonzero(~good)[0]
            raise where.wrong('%s is %g; a finite number was expected' % (
                where.cell(row, 'spectra', column,
                           u'%.10g' % arrays['axis'][column]),
                spectrum[column]))


def _check_names(names, array, where):
    seen = set()
    for number, name in enumerate(names):
        # 'mean' stands beside the parts in every table
        if not name.strip() or name in seen or name == 'mean' \
                or any(ord(letter) < 32 for letter in name):
            raise where.wrong("name %d of %s is %s; a name was expected that "
                              "is not empty, not used before and not 'mean'"
                              % (number, array, shown(name)))
        seen.add(name)


def _check_labels(labels, array, parts, where):
    """Parts from 0 to 1, all of a row or none."""
    known = np.ones(len(labels), bool)
    if array == 'labels':
        known = known_rows(labels)
    with np.errstate(invalid='ignore'):
        outside = (labels < -1e-6) | (labels > 1 + ROUNDED)
    for problem, wrong in (
            ('missing beside others; all parts of a row or none were '
             'expected', np.isnan(labels)),
            ('%g; fractions from 0 to 1 were expected', outside)):
        rows = np.argwhere(wrong & known[:, np.newaxis])
        if len(rows):
            row, column = rows[0]
            if '%' in problem:
                problem = problem % labels[row, column]
            raise where.wrong('%s is %s' % (where.cell(
                row, array, column, u'label:%s' % parts[column]), problem))
    with np.errstate(invalid='ignore'):
        over = np.flatnonzero(labels.sum(axis=1) > 1 + ROUNDED)
    if len(over):
        raise where.wrong('%s: labels sum to %.6g; 1 was expected' % (
            where.row(over[0], array), labels[over[0]].sum()))


def _check_samples(labels, sample, where):
    """One composition a sample, and enough of them."""
    first = {}
    for row in np.flatnonzero(known_rows(labels)):
        other = first.setdefault(sample[row], row)
        if np.abs(labels[row] - labels[other]).max() > SAME:
            raise where.wrong('%s: sample %s has other labels than in %s; '
                              'one composition a sample was expected' % (
                                  where.row(row, 'labels'),
                                  shown(sample[row]),
                                  where.row(other, 'labels')))
    if len(first) < FEWEST_SAMPLES:
        raise where.wrong('samples with labels: %d; at least %d were expected'
                          % (len(first), FEWEST_SAMPLES))


def check_parts(labels, parts, where):
    """Refuse a part of which no spectrum has anything."""
    with np.errstate(invalid='ignore'):
        there = (labels > 0).any(axis=0)
    if not there.all():
        raise where.wrong('no spectrum holds any %s (label:%s is 0 '
                          'throughout); every part was expected at least once'
                          % ((shown(parts[np.flatnonzero(~there)[0]]),) * 2))


def check_sums(labels, array, where):
    """Refuse labels that sum to less than 1."""
    with np.errstate(invalid='ignore'):
        less = np.flatnonzero(labels.sum(axis=1) < 1 - ROUNDED)
    if len(less):
        raise where.wrong('%s: labels sum to %.6g; 1 was expected, or '
                          '--rest, which adds the part that is missing' % (
                              where.row(less[0], array),
                              labels[less[0]].sum()))


def on_simplex(labels):
    """Labels that rounding took off the simplex, on it again; NaN stay."""
    with np.errstate(invalid='ignore'):
        labels = np.clip(np.asarray(labels, 'float64'), 0, 1)
        return labels / labels.sum(axis=1, keepdims=True)

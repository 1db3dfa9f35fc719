"""Raman spectra of mixtures of six amino compounds in fluorescing clay.

A checkout of github.com/Mahsa000/Raman-Amino-Acids-Quantification:

    Data/AAF_Data/ab01.csv                        a mixture, 60 scans
    Data/AA_GroundTruth/AAF_proportions.xlsx      proportions of each mixture
    Data/AA_Pure/DL-alanine.csv                   a compound alone, 10 scans

A table has lines of a name and values (Laser Wavelength, Pixel Count), then
a line of columns (Pixel, Wavelength, ..., Processed and Raw for each scan)
and one line a pixel.
"""
from __future__ import division, print_function

import os
import re
from collections import OrderedDict

import numpy as np

from untapped.datasets.checks import check_finite, check_simplex
from untapped.datasets.converters import (checked_axis, checked_folder,
                                          in_format, stem)
from untapped.errors import DataError
from untapped.files.packed import Limits, read_bytes
from untapped.files.xlsx import read_sheet

__all__ = ['convert', 'read_table']

REPOSITORY = 'Mahsa000/Raman-Amino-Acids-Quantification'
#: A table has 1.2 MB; in memory a number takes ten times its text.
LIMITS = Limits(stored=1 << 24, unpacked=1 << 24)
#: nm; the authors' code takes it for all tables.
LASER = 784.816
#: name of a nuisance: the lines of a table that tell it
_KNOWN = OrderedDict([('laser power (%)', ('Laser Power %', 'Laser Power')),
                      ('integration time (ms)', ('Integration Time',))])


def convert(folder, pure=False):
    """The raw scans of the mixtures.

    The axis is the Raman shift 1e7 (1 / laser - 1 / wavelength) in 1/cm, of
    wavelengths that the tables round to 0.01 nm, which is 0.08 1/cm at most.

    Parameters
    ----------
    folder : str
        The checkout, or its folder Data.
    pure : bool
        Whether the compounds alone, measured without clay, are among the
        samples.

    Returns
    -------
    OrderedDict of str to ndarray
        See `untapped.datasets.converters`. The nuisances are a scan's number
        in its sample, the laser's power and the integration time.

    Raises
    ------
    DataError
    """
    checked_folder(folder, 'a checkout of ' + REPOSITORY)
    data = os.path.join(folder, 'Data')
    data = data if os.path.isdir(data) else folder
    parts, proportions = _proportions(os.path.join(
        data, 'AA_GroundTruth', 'AAF_proportions.xlsx'))
    samples = [(os.path.join(data, 'AAF_Data', name + '.csv'), row)
               for name, row in proportions.items()]
    _check_listed(os.path.join(data, 'AAF_Data'), proportions)
    if pure:
        samples += _pure(os.path.join(data, 'AA_Pure'), parts)
    made = {'spectra': [], 'labels': [], 'sample': []}
    known = OrderedDict((name, []) for name in ['scan'] + list(_KNOWN))
    axis = None
    for path, row in samples:
        table = read_table(path)
        if axis is not None and not np.array_equal(axis, table.axis):
            raise DataError('%s: other wavelengths than in the tables '
                            'before; the same were expected.' % path)
        axis = table.axis
        scans = len(table.spectra)
        made['spectra'] += list(table.spectra)
        made['labels'] += [row] * scans
        made['sample'] += [stem(path)] * scans
        known['scan'] += range(1, scans + 1)
        for name, lines in _KNOWN.items():
            known[name] += [table.known(lines)] * scans
    return in_format(dict(
        made, axis=axis, axis_unit='1/cm', parts=parts,
        notes=[REPOSITORY + ', raw scans of AAF_Data%s.'
               % (' and AA_Pure' if pure else ''),
               'Labels are the proportions of AAF_proportions.xlsx.',
               'The axis is 1e7 (1 / laser - 1 / wavelength) of the '
               'tables\' wavelengths, which are rounded to 0.01 nm.']),
        OrderedDict((name, values) for name, values in known.items()
                    if None not in values), folder)


# The list of mixtures --------------------------------------------------------

def _proportions(path):
    """(names of the parts, {sample: proportions}) of the spreadsheet."""
    rows = [row for row in read_sheet(path) if any(
        cell is not None for cell in row)]
    parts = rows[0][1:] if rows else []
    if len(rows) < 2 or len(parts) < 2 or not all(
            isinstance(name, type(u'')) for name in parts):
        raise DataError('%s: a line of names, the parts\' from the second '
                        'column on, and a line for each mixture were '
                        'expected.' % path)
    found = OrderedDict()
    for number, row in enumerate(rows[1:], 2):
        name, values = row[0], row[1:]
        if not isinstance(name, type(u'')) or not re.match(
                r'[\w.-]+\Z', name) or name in found or not all(
                    isinstance(value, float) for value in values):
            raise DataError('%s: row %d is malformed; the name of a mixture '
                            'and %d numbers were expected.' % (
                                path, number, len(parts)))
        found[str(name)] = np.array(values)
    rows = np.array(list(found.values()))
    check_simplex(check_finite(rows, path, 'the proportions'), path,
                  'the proportions')
    return parts, found


def _check_listed(folder, proportions):
    """Refuse a folder whose tables are not those of the list."""
    checked_folder(folder, 'that of the mixtures\' tables')
    there = set(stem(name) for name in os.listdir(folder)
                if name.endswith('.csv') and not name.startswith('.'))
    for name in sorted(there ^ set(proportions)):
        raise DataError('%s: %s stands %s; a table and a row of the list '
                        'were expected for each mixture.' % (
                            folder, name, 'in the list alone'
                            if name in proportions else 'beside the list'))


def _pure(folder, parts):
    """[(path, label)] of the compounds alone; a file's name has its part's."""
    checked_folder(folder, 'that of the compounds alone')
    samples = []
    for name in sorted(os.listdir(folder)):
        if not name.endswith('.csv'):
            continue
        letters = _letters(stem(name))
        label = [float(_letters(part) in letters) for part in parts]
        if sum(label) != 1:
            raise DataError('%s: the name of one of %s was expected in its '
                            'name.' % (os.path.join(folder, name),
                                       ', '.join(parts)))
        samples.append((os.path.join(folder, name), label))
    return samples


def _letters(name):
    return re.sub('[^a-z]', '', name.lower())


# One table -------------------------------------------------------------------

class Table(object):
    """A spectrometer's table: `axis` ``(channels,)`` in 1/cm, `spectra`
    ``(scans, channels)``."""

    def __init__(self, lines, axis, spectra):
        self._lines, self.axis, self.spectra = lines, axis, spectra

    def known(self, names):
        """The number that the first of these lines gives, if it is one."""
        for name in names:
            if name in self._lines:
                return _only(self._lines[name])
        return None


def read_table(path):
    """Read one table of scans.

    Parameters
    ----------
    path : str

    Returns
    -------
    Table

    Raises
    ------
    DataError
    """
    lines = read_bytes(path, LIMITS).decode('latin1').splitlines()
    start = next((number for number, line in enumerate(lines)
                  if line.startswith('Pixel,')), None)
    if start is None:
        raise DataError('%s: a line of columns that begins with Pixel was '
                        'expected.' % path)
    above = {}
    for line in lines[:start]:
        fields = line.split(',')
        above[fields[0]] = [field for field in fields[1:] if field.strip()]
    columns = [name.strip() for name in lines[start].split(',')]
    scans = [at for at, name in enumerate(columns) if name == 'Raw']
    if 'Wavelength' not in columns or not scans:
        raise DataError('%s: columns Wavelength and Raw were expected.'
                        % path)
    wanted = [0, columns.index('Wavelength')] + scans
    rows = []
    for line in lines[start + 1:]:
        if not line.strip():
            continue
        fields = line.split(',')
        try:
            if len(fields) != len(columns):
                raise ValueError
            rows.append([float(fields[at]) for at in wanted])
        except ValueError:
            raise DataError('%s: pixel %d is malformed; %d numbers were '
                            'expected.' % (path, len(rows), len(columns)))
    pixels = _only(above.get('Pixel Count', [])) or max(2, len(rows))
    if len(rows) != pixels or any(row[0] != number for number, row
                                  in enumerate(rows)):
        raise DataError('%s has %d pixels; %d in their order were expected.'
                        % (path, len(rows), pixels))
    values = check_finite(np.array(rows), path, 'the table')
    return Table(above, _shift(path, values[:, 1], above), values[:, 2:].T)


def _shift(path, wavelengths, above):
    """Raman shift, 1/cm, of wavelengths in nm."""
    laser = _only(above.get('Laser Wavelength', [LASER]))
    if laser is None or not 0 < laser < np.inf or wavelengths.min() <= 0:
        raise DataError('%s: one number in the line Laser Wavelength, and '
                        'wavelengths above 0, were expected.' % path)
    return checked_axis(1e7 * (1 / laser - 1 / wavelengths), path)


def _only(values):
    """The one number of a line, or None."""
    try:
        value, = set(float(value) for value in values)
    except ValueError:
        return None
    return value

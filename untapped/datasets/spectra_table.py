"""A .csv of spectra: a row a spectrum, what it is of first.

    sample,label:NAME,...,nuisance:NAME,...,<wavelength>,...

Read line by line: a file takes little more memory than its numbers.
"""
from __future__ import division, print_function

import csv
import os
from collections import OrderedDict

import numpy as np

from untapped.datasets.spectra_checks import Where, shown
from untapped.errors import DataError
from untapped.files import regular

__all__ = ['read']

#: Bytes of a file, and of one of its lines.
LARGEST, LONGEST_LINE = 1 << 30, 1 << 24
LABEL, NUISANCE = 'label:', 'nuisance:'
BOM = b'\xef\xbb\xbf'


def read(path):
    """(arrays, unit of the axis, `spectra_checks.Where`) of a .csv.

    Raises
    ------
    DataError, with the line and column
    """
    try:
        with regular.open_regular(path) as stream:
            if os.fstat(stream.fileno()).st_size > LARGEST:
                raise DataError('%s has more than %d bytes, the most that '
                                'was expected.' % (path, LARGEST))
            return _read(csv.reader(_lines(stream, path), strict=True), path)
    except EnvironmentError as error:
        raise DataError('%s cannot be read: %s.' % (path, error.strerror))


def _lines(stream, path):
    """Lines as csv wants them: bytes in Python 2, text in Python 3."""
    number = 0
    for line in iter(lambda: stream.readline(LONGEST_LINE + 1), b''):
        number += 1
        if len(line) > LONGEST_LINE:
            raise DataError('%s: line %d has more than %d bytes, the most '
                            'that was expected.' % (path, number,
                                                    LONGEST_LINE))
        if number == 1 and line.startswith(BOM):
            line = line[len(BOM):]
        try:
            decoded = line.decode('utf-8')
        except UnicodeDecodeError:
            raise DataError('%s: line %d is no text; UTF-8 was expected.'
                            % (path, number))
        yield line if str is bytes else decoded


def _read(rows, path):
    lines, samples, table = [], [], []
    try:
        columns = _Columns([_text(name) for name in next(rows, [])], path)
        for fields in rows:
            if not any(field.strip() for field in fields):
                continue
            table.append(columns.numbers(fields, rows.line_num))
            samples.append(_text(fields[columns.sample]))
            lines.append(rows.line_num)
    except csv.Error as error:
        raise DataError('%s: line %d is malformed (%s); values between '
                        'commas were expected.' % (path, rows.line_num,
                                                   error))
    if not table:
        raise DataError('%s holds no spectra; a row a spectrum was expected '
                        'below the names of the columns.' % path)
    table = np.array(table)
    arrays = OrderedDict([
        ('spectra', table[:, columns.before:]),
        ('axis', np.array(columns.axis)),
        ('labels', table[:, :len(columns.parts)]),
        ('parts', np.array(columns.parts, 'U')),
        ('sample', np.array(samples, 'U'))])
    if columns.nuisances:
        arrays['nuisance'] = table[:, len(columns.parts):columns.before]
        arrays['nuisance_names'] = np.array(columns.nuisances, 'U')
    return arrays, u'', Where(path, lines)


class _Columns(object):
    """What the first line of a table names.

    Attributes
    ----------
    sample : int, its place
    parts, nuisances : lists of names
    axis : list of float
    before : int, the numbers of a row that are not of its spectrum
    """

    def __init__(self, names, path):
        self.names, self.path = names, path
        if names.count(u'sample') != 1:
            raise DataError('%s: %d columns of line 1 are named sample; one '
                            'was expected.' % (path, names.count(u'sample')))
        self.sample = names.index(u'sample')
        labels, nuisances, channels = [], [], []
        for place, name in enumerate(names):
            if name.startswith(LABEL):
                labels.append(place)
            elif name.startswith(NUISANCE):
                nuisances.append(place)
            elif place != self.sample:
                channels.append(place)
        self.parts = [names[place][len(LABEL):] for place in labels]
        self.nuisances = [names[place][len(NUISANCE):] for place in nuisances]
        self.axis = [self._wavelength(place) for place in channels]
        self.before = len(labels) + len(nuisances)
        # labels, nuisances, channels: what may be empty comes first
        self._places = labels + nuisances + channels

    def _wavelength(self, place):
        try:
            return float(self.names[place])
        except ValueError:
            raise DataError('%s: column %d is named %s; sample, label:NAME, '
                            'nuisance:NAME or a wavelength was expected.' % (
                                self.path, place + 1,
                                shown(self.names[place])))

    def numbers(self, fields, line):
        """The numbers of a row: labels, nuisances, spectrum ``(columns,)``.

        NaN for labels and nuisances that are empty.
        """
        if len(fields) != len(self.names):
            raise DataError('%s: line %d has %d columns; %d, as in line 1, '
                            'were expected.' % (self.path, line, len(fields),
                                                len(self.names)))
        values = [fields[place] for place in self._places]
        for place in range(self.before):
            values[place] = values[place].strip() or 'nan'
        try:
            return np.array([float(value) for value in values])
        except ValueError:
            pass
        for place, value in zip(self._places, values):
            try:
                float(value)
            except ValueError:
                raise DataError('%s: line %d, column %s is %s; a number was '
                                'expected.' % (
                                    self.path, line,
                                    shown(self.names[place]),
                                    shown(_text(value))))


def _text(field):
    """A field as text, without spaces around it."""
    return (field.decode('utf-8') if str is bytes else field).strip()

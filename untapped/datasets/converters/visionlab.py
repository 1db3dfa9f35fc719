"""Reflectance of pressed powder mixtures of Al2O3, CaO, Fe2O3, SiO2, TiO2.

A checkout of github.com/VisionlabHyperspectral/Mineral-dataset: B. Koirala,
Z. Zahiri, A. Lamberti and P. Scheunders (2021), IEEE Trans. Geosci. Remote
Sens. 59, 7434.  Its .mat files of the field spectrometer, 1001 to 2500 nm:

    SERIES/Spectrometer/MIXTURE/lambda.mat              wavelengths, nm
                                Al_Si_125.mat           channels x spectra
                                Pure_Al.mat
                                Abundance_AlSi.mat      parts x mixtures
"""
from __future__ import division, print_function

import os
import re
from collections import OrderedDict, namedtuple

import numpy as np

from untapped.datasets.checks import (check_choice, check_finite,
                                      check_matrix, check_simplex)
from untapped.datasets.converters import (checked_axis, checked_folder,
                                          in_format, stem)
from untapped.errors import DataError
from untapped.files import regular
from untapped.files.matlab import read_mat

__all__ = ['LABELS', 'PARTS', 'convert']

REPOSITORY = 'VisionlabHyperspectral/Mineral-dataset'
LABELS = ('weight', 'abundance')
#: What stands for a part in the files' names: the part.
PARTS = OrderedDict([('Al', 'Al2O3'), ('Ca', 'CaO'), ('Fe', 'Fe2O3'),
                     ('Si', 'SiO2'), ('Ti', 'TiO2')])
#: Weights of three parts or more are multiples of this; how far from one the
#: weight that the abundances give may be (the authors' are within 0.003).
STEP, NEAR = 0.125, 0.02

_MIXTURE = re.compile(r'((?:[A-Z][a-z]?_)+)([0-9]{1,4})\.mat\Z')
_PURE = re.compile(r'Pure_([A-Z][a-z]?)\.mat\Z')

#: One file of spectra: its path, series, parts, the weight of the first part,
#: spectra (n x channels) and abundances in the order of the parts.
Measured = namedtuple('Measured', 'path series parts first spectra abundance')


def convert(folder, labels='weight', parts=None):
    """The spectra of the spectrometer, all series.

    Parameters
    ----------
    folder : str
        The checkout, or a folder of it.
    labels : {'weight', 'abundance'}
        weight: of two parts from the file's name, the first part's weight.
        Of three parts the name has the first one's only; the others share
        the rest in proportion to abundance / cross-section, rounded to
        1/8.  The ratios of cross-sections are those of the mixtures of two,
        by least squares of ln(abundance / weight).
        abundance: the authors' ground truth, averaged over the series of a
        composition.
    parts : list of str, optional
        Take the spectra of these parts alone, of `PARTS`' values, and their
        labels in this order; by default all that there are.

    Returns
    -------
    OrderedDict of str to ndarray
        See `untapped.datasets.converters`. A sample is a composition; the
        nuisances tell the series apart.

    Raises
    ------
    DataError
    """
    check_choice('labels', labels, LABELS)
    asked = _checked_parts(parts)
    measured, axis = _measured(folder)
    parts = asked or [part for part in PARTS
                      if any(part in each.parts for each in measured)]
    sections = _cross_sections(measured, folder)
    rows = [_Composition(each, _weights(each, sections))
            for each in measured]
    kept = [row for row in rows if set(row.parts) <= set(parts)]
    if not kept:
        raise DataError('%s holds no mixture of %s alone.' % (
            folder, ', '.join(PARTS[part] for part in parts)))
    spectra, taken, repeated = [], [], 0
    seen = set()
    for row in kept:
        for spectrum in row.measured.spectra:
            # the same spectra of pure parts lie in several folders
            if spectrum.tobytes() in seen:
                repeated += 1
                continue
            seen.add(spectrum.tobytes())
            spectra.append(spectrum)
            taken.append(row)
    shown = _averages(kept) if labels == 'abundance' else dict(
        (row.sample, dict(zip(row.parts, row.weights))) for row in kept)
    series = sorted(set(row.measured.series for row in kept))
    return in_format({
        'spectra': spectra, 'axis': axis, 'axis_unit': 'nm',
        'labels': [[shown[row.sample].get(part, 0.) for part in parts]
                   for row in taken],
        'parts': [PARTS[part] for part in parts],
        'sample': [row.sample for row in taken],
        'notes': [REPOSITORY + ', spectrometer.', _derived(labels, sections),
                  '%d spectra that stand in several files were kept once.'
                  % repeated]},
        OrderedDict(('series: ' + name,
                     [float(row.measured.series == name) for row in taken])
                    for name in series), folder)


class _Composition(object):
    """A file of spectra and what its sample is made of."""

    def __init__(self, measured, weights):
        self.measured, self.weights = measured, weights
        self.parts = measured.parts
        # one composition is one sample, whichever part its files name first
        self.sample = 'Pure_' + self.parts[0] if len(weights) == 1 else \
            '_'.join('%s%03d' % (part, round(1000 * weight))
                     for part, weight in sorted(zip(self.parts, weights)))


def _averages(rows):
    """sample: {part: abundance}, the mean over a composition's files."""
    found = {}
    for row in rows:
        found.setdefault(row.sample, []).append(
            [dict(zip(row.parts, row.measured.abundance)).get(part, 0.)
             for part in PARTS])
    return dict((sample, dict(zip(PARTS, np.mean(values, axis=0))))
                for sample, values in found.items())


def _derived(labels, sections):
    if labels == 'abundance':
        return 'Labels are the authors\' abundances; where a composition ' \
            'was made twice, their mean.'
    return 'Labels are weights, which the authors do not state: of two ' \
        'parts from the files\' names; of three, the first from the name, ' \
        'the others from the abundances and the cross-sections %s, rounded ' \
        'to 1/8.' % ', '.join('%s %.3f' % (PARTS[part], section)
                              for part, section in sections.items())


def _checked_parts(names):
    if names is None:
        return None
    elements = dict((name, part) for part, name in PARTS.items())
    for name in names:
        if name not in elements or names.count(name) > 1:
            raise DataError('argument --parts: expected at least two of %s, '
                            'each once, got %s.' % (
                                ', '.join(PARTS.values()), ' '.join(names)))
    if len(names) < 2:
        raise DataError('argument --parts: expected at least two of %s, got '
                        '%s.' % (', '.join(PARTS.values()),
                                 ' '.join(names) or 'none'))
    return [elements[name] for name in names]


# What the folders hold -------------------------------------------------------

def _measured(folder):
    """([Measured], wavelengths) of all folders of mixtures."""
    checked_folder(folder, 'a checkout of ' + REPOSITORY)
    places = OrderedDict()
    for name in regular.below(folder)[0]:
        path = os.path.join(os.path.abspath(folder), name)
        place = os.path.dirname(path)
        if path.endswith('.mat') and os.path.basename(
                os.path.dirname(place)) == 'Spectrometer':
            places.setdefault(place, []).append(path)
    if not places:
        raise DataError('%s holds no .mat files of a Spectrometer; a '
                        'checkout of %s was expected.' % (folder, REPOSITORY))
    measured, axis = [], None
    for place, paths in places.items():
        found = checked_axis(_array(os.path.join(place, 'lambda.mat'),
                                    'lambda').ravel(), place)
        if axis is not None and not np.array_equal(axis, found):
            raise DataError('%s: other wavelengths than in the folders '
                            'before; the same were expected.'
                            % os.path.join(place, 'lambda.mat'))
        axis = found
        measured += _mixtures(place, paths, len(axis))
    return measured, axis


def _mixtures(place, paths, channels):
    """The mixtures and the pure parts of one folder."""
    series = os.path.basename(os.path.dirname(os.path.dirname(place)))
    named, found = [], []
    for path in paths:
        name = os.path.basename(path)
        if _MIXTURE.match(name):
            parts, digits = _MIXTURE.match(name).groups()
            parts = _known(parts.strip('_').split('_'), path)
            named.append((float('0.' + digits), path, parts))
        elif _PURE.match(name):
            parts = _known(_PURE.match(name).groups(), path)
            found.append(Measured(path, series, parts, 1.,
                                  _spectra(path, channels), [1.]))
    if not named:
        return found
    named.sort()
    parts = named[0][2]
    for first, path, others in named:
        if others != parts or len(parts) < 2 or first == 0:
            raise DataError('%s: mixtures of the parts of %s, each with a '
                            'share of the first, were expected beside it.'
                            % (path, os.path.basename(named[0][1])))
    abundances = _abundances(place, paths, parts, len(named))
    return [Measured(path, series, parts, first, _spectra(path, channels),
                     abundance)
            for (first, path, _), abundance in zip(named, abundances)] + found


def _known(parts, path):
    for part in parts:
        if part not in PARTS:
            raise DataError('%s: its name holds the part %s; one of %s was '
                            'expected.' % (path, part, ', '.join(PARTS)))
    return tuple(parts)


def _abundances(place, paths, parts, number):
    """``(mixtures, parts)``; its columns are in the order of the weights."""
    found = [path for path in paths
             if os.path.basename(path).startswith('Abundance_')]
    if len(found) != 1:
        raise DataError('%s holds %d files Abundance_*.mat; one was expected.'
                        % (place, len(found)))
    path, = found
    columns = _array(path, stem(path), 'Abund')
    check_matrix(columns, (len(parts), number), path, 'the abundances')
    rows = check_simplex(columns.T, path, 'the abundances')
    if (rows == 0).any():
        raise DataError('%s: some of every part was expected in each '
                        'mixture.' % path)
    return rows


def _spectra(path, channels):
    array = _array(path, stem(path))
    return np.ascontiguousarray(check_matrix(
        array, (channels, None), path, stem(path)).T, 'f4')


def _array(path, *names):
    """The array of a file that has one of the names."""
    arrays = read_mat(path)
    for name in names:
        if name in arrays:
            check_matrix(arrays[name], (None, None), path, name)
            return check_finite(arrays[name], path, name)
    raise DataError('%s holds no array of numbers called %s; one was '
                    'expected.' % (path, ' or '.join(names)))


# From abundances to weights --------------------------------------------------

def _cross_sections(measured, folder):
    """{part: cross-section}, geometric mean 1, from the mixtures of two.

    abundance_i / abundance_j = (weight_i section_i) / (weight_j section_j).
    """
    used = [part for part in PARTS
            if any(part in each.parts for each in measured)]
    rows, logs = [], []
    for each in measured:
        if len(each.parts) == 2:
            row = [0.] * len(used)
            for part, sign in zip(each.parts, (1., -1.)):
                row[used.index(part)] = sign
            rows.append(row)
            logs.append(np.log(each.abundance[0] / each.abundance[1]) -
                        np.log(each.first / (1 - each.first)))
    if any(len(each.parts) > 2 for each in measured):
        rank = np.linalg.matrix_rank(np.array(rows)) if rows else 0
        if rank < len(used) - 1:
            raise DataError('%s: mixtures of two parts that connect %s were '
                            'expected, for the weights of the mixtures of '
                            'three.' % (folder, ', '.join(used)))
    if not rows:
        return OrderedDict((part, 1.) for part in used)
    # ratios alone are known: of all solutions the shortest
    found = np.linalg.lstsq(np.array(rows), np.array(logs), rcond=1e-9)[0]
    return OrderedDict(zip(used, np.exp(found)))


def _weights(each, sections):
    """The weights of a file's parts; they sum to 1."""
    if len(each.parts) == 1:
        return [1.]
    if len(each.parts) == 2:
        return [each.first, 1 - each.first]
    shares = np.array([abundance / sections[part] for part, abundance
                       in zip(each.parts, each.abundance)])[1:]
    weights = np.append(each.first,
                        shares / shares.sum() * (1 - each.first))
    rounded = np.round(weights / STEP) * STEP
    if np.abs(weights - rounded).max() > NEAR or rounded.sum() != 1:
        raise DataError('%s: the weights of %s come out as %s; multiples of '
                        '1/8 were expected, within %s.' % (
                            each.path, ', '.join(each.parts),
                            ', '.join('%.3f' % each for each in weights),
                            NEAR))
    return list(rounded)

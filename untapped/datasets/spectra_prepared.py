"""Spectra of one's own, chosen, scaled and split for training."""
from __future__ import division, print_function

import numbers
from collections import namedtuple

import numpy as np

from untapped.datasets.checks import check_choice, check_whole
from untapped.datasets.containers import Prepared
from untapped.datasets.spectra_checks import (COMPUTED, FEWEST_SAMPLES,
                                              check_parts, check_sums,
                                              known_rows, on_simplex)
from untapped.errors import DataError

__all__ = ['CENTRE', 'Channels', 'Division', 'SCALES', 'prepare']

#: What `Channels.scale` may be.
SCALES = ('none', 'sum', 'snv', 'derivative')
#: What `Division.folds` may be, beside a number.
CENTRE = 'centre'
#: Root mean square of the training spectra about their mean, as the model
#: sees them: that of simulated CRISM spectra, for which the published weights
#: of eq. (15) were set.
SPREAD = 0.065
#: Channels of the quadratic whose slope is the derivative.
WINDOW = 11
#: The published CRISM demo's: how far from 1 / parts a part of the centre may
#: be, in units of it; labels without spectra, and how far off their corner
#: all other parts together may be.
REACH, CORNERS, OFF = 0.7, 501, 0.1


class Channels(namedtuple('Channels', 'start stop every scale')):
    """Which channels are used, and how each spectrum is scaled.

    Attributes
    ----------
    start, stop : float or None, in the unit of the axis, both included
    every : int, of these channels every so many
    scale : one of `SCALES`, before channels are left out by `every`
    """


class Division(namedtuple('Division', 'folds fold labelled')):
    """Who trains and who validates.

    Attributes
    ----------
    folds : int or `CENTRE`
    fold : int, which of the folds is validated on
    labelled : int or None, so many training samples keep their labels
    """


def prepare(raw, rng, channels=Channels(None, None, 1, 'none'),
            division=Division(5, 0, None), rest=False):
    """Split spectra by sample and scale them.

    x are centred by their mean over the training spectra and divided by one
    number, so that the spread of these is `SPREAD` whatever their unit.
    Spectra without labels, and those whose labels are withheld, are x
    without y; so are, as in the published CRISM demo, those with labels.
    Nothing of a sample that is validated on is trained on.

    Parameters
    ----------
    raw : Raw, see `spectra.read`
    rng : numpy.random.RandomState
        Draws, in this order: a permutation of the samples, for grouped
        folds; one of the training samples; the labels without spectra, where
        the file has none.
    channels : Channels
    division : Division
    rest : bool
        Add a part, rest, that is missing to 1.

    Returns
    -------
    Prepared
        With y one part narrower than its names, and in meta: ``unit``, what
        x were divided by; ``train``, ``trained`` and ``validation``, the
        rows in the file of X, X_ and X_valid; ``samples``, how many train
        and validate; ``nuisance``, ``(validation, m)``, and its
        ``nuisance_names``; ``labels_only_from``, in words;
        ``labels_of_unlabelled``, y of X_ where it is known, else NaN.

    Raises
    ------
    DataError
    """
    _check(channels, division)
    where, arrays = raw.meta['where'], raw.arrays
    labels, names = _labels(raw, 'labels', rest)
    kept = _kept(arrays['axis'], channels, where)
    whole = np.asarray(arrays['spectra'][:, kept], 'float64')
    axis = np.asarray(arrays['axis'][kept], 'float64')
    x = _scaled(whole, axis, channels.scale, where)[:, ::channels.every]
    waves = axis[::channels.every]
    if len(waves) < 2:
        raise where.wrong('%d channel is left by --range and --every; at '
                          'least two were expected' % len(waves))

    train, valid, unlabelled, samples = _divide(
        arrays['sample'], labels, division, rng, where)
    trained = np.union1d(train, unlabelled)
    mean = x[trained].mean(axis=0)
    unit = np.sqrt(((x[trained] - mean) ** 2).mean()) / SPREAD
    if not unit > 1e-9 * np.abs(mean).max():
        raise where.wrong('all training spectra are the same; spectra that '
                          'differ were expected')
    corners, said = _labels_only(raw, rest, len(names), division, rng)
    nuisance, nuisance_names = _nuisances(arrays, whole, axis, valid)
    endmembers = _pure(x, labels)
    x -= mean
    x /= unit
    meta = dict(
        raw.meta, outputs=names, mean_removed=True, parts_dropped=1,
        unit=unit, scale=channels.scale, division=division, train=train,
        validation=valid, trained=trained, samples=samples,
        labels_of_unlabelled=labels[trained, :-1],
        nuisance=nuisance, nuisance_names=nuisance_names,
        labels_only_from=said, read=arrays['spectra'].shape)
    return Prepared(
        pairs=[(x[rows], labels[rows, :-1]) for rows in (train, valid)],
        unlabelled=x[trained], labels_only=corners[:, :-1], mean=mean / unit,
        waves=waves, meta=meta,
        endmembers=None if endmembers is None else endmembers / unit)


def _check(channels, division):
    """DataError for options that cannot be meant."""
    ends = channels.start, channels.stop
    if ends != (None, None) and not all(
            isinstance(end, numbers.Real) and end == end for end in ends):
        raise DataError('start and stop are %r and %r; two numbers or None '
                        'were expected.' % ends)
    check_whole('every', channels.every, 1)
    check_choice('scale', channels.scale, SCALES)
    if division.folds != CENTRE:
        check_whole('folds, if not %s,' % CENTRE, division.folds, 2)
        check_whole('fold', division.fold, 0, division.folds - 1)
    if division.labelled is not None:
        check_whole('labelled, if not None,', division.labelled,
                    FEWEST_SAMPLES)


def _labels(raw, name, rest):
    """Labels on the simplex, with the part that is missing; their names."""
    where, names = raw.meta['where'], list(raw.meta['outputs'])
    labels = np.asarray(raw.arrays[name], 'float64')
    if rest:
        if u'rest' in names:
            raise where.wrong('a part is named rest; other names were '
                              'expected with --rest')
        with np.errstate(invalid='ignore'):
            missing = np.clip(1 - labels.sum(axis=1), 0, 1)
            # what rounding has left is no part
            missing[missing < 1e-6] = 0
        labels, names = np.column_stack([labels, missing]), names + [u'rest']
        if name == 'labels':
            check_parts(labels, names, where)
    if len(names) < 2:
        raise where.wrong('labels have one part; at least two were expected, '
                          'or --rest, which adds the part that is missing to '
                          '1')
    check_sums(labels, name, where)
    labels = on_simplex(labels)
    if name == 'labels':
        _alike(labels, raw.arrays['sample'])
    return labels, names


def _alike(labels, sample):
    """Give each spectrum of a sample the labels of its first labelled one.

    They are equal but for rounding (`SAME`); baselines and searches know
    replicates by equal labels, and hold them out together.
    """
    first = {}
    for row in np.flatnonzero(known_rows(labels)):
        labels[row] = labels[first.setdefault(sample[row], row)]


def _kept(axis, channels, where):
    """The channels of a range, a slice."""
    inside = np.ones(len(axis), bool)
    if channels.start is not None:
        inside = (axis >= channels.start) & (axis <= channels.stop)
    found = np.flatnonzero(inside)
    if len(found) < 2:
        raise where.wrong('%d of the channels, %g to %g, lie in the range '
                          'from %g to %g; at least two were expected' % (
                              len(found), axis[0], axis[-1], channels.start,
                              channels.stop))
    return slice(found[0], found[-1] + 1)


def _scaled(x, axis, scale, where):
    """Spectra ``(n, channels)`` scaled one by one, a new array.

    sum: to the sum 1; snv: to the mean 0 and the standard deviation 1, the
    standard normal variate; derivative: the slope of a quadratic through
    `WINDOW` channels (A. Savitzky and M. J. E. Golay 1964, Anal. Chem. 36,
    1627), per unit of the axis.
    """
    if scale == 'none':
        return x.copy()
    if scale == 'derivative':
        window = min(WINDOW, len(axis) - (len(axis) + 1) % 2)
        if window < 3:
            raise where.wrong('%d channels; at least three were expected '
                              'with --scale derivative' % len(axis))
        return _slopes(x, window) / np.gradient(axis)
    size = x.sum(axis=1) if scale == 'sum' else x.std(axis=1)
    bad = np.flatnonzero(~(size > 1e-9 * np.abs(x).max(axis=1)))
    if len(bad):
        raise where.wrong('%s has %s %g; one above 0 was expected with '
                          '--scale %s' % (
                              where.row(bad[0], 'spectra'),
                              'the sum' if scale == 'sum' else
                              'the standard deviation', size[bad[0]], scale))
    if scale == 'snv':
        x = x - x.mean(axis=1, keepdims=True)
    return x / size[:, np.newaxis]


def _slopes(x, window):
    """Slope, per channel, of the quadratic through a window of channels.

    In the middle of a window that is the slope of a line; the first and last
    half window have the quadratic of the first and last window.
    """
    half = window // 2
    steps = np.arange(-half, half + 1)
    inner = x.shape[1] - 2 * half
    slopes = np.empty(x.shape)
    slopes[:, half:half + inner] = sum(
        step * x[:, half + step:half + step + inner]
        for step in steps) / (steps ** 2).sum()
    for start, edge in ((0, steps[:half]),
                        (inner - 1, steps[half + 1:])):
        a, b, _ = np.polyfit(steps, x[:, start:start + window].T, 2)
        slopes[:, start + half + edge] = 2 * np.outer(a, edge) \
            + b[:, np.newaxis]
    return slopes


def _divide(sample, labels, division, rng, where):
    """Rows that train, validate, and serve as x without y.

    Returns
    -------
    (train, validation, unlabelled : arrays of rows, samples : tuple of int)
    """
    known = known_rows(labels)
    names, first = np.unique(sample[known], return_index=True)
    composition = labels[known][first]
    if division.folds == CENTRE:
        middle = 1. / labels.shape[1]
        held = ~(np.abs(composition - middle) < REACH * middle).all(axis=1)
    else:
        if division.folds > len(names):
            raise DataError('--folds asks for %d folds of %d samples; at '
                            'most as many folds as samples with labels were '
                            'expected.' % (division.folds, len(names)))
        held = np.zeros(len(names), bool)
        held[rng.permutation(len(names))[division.fold::division.folds]] = 1
    training = names[~held]
    if len(training) < FEWEST_SAMPLES or not held.any():
        raise where.wrong(
            'with --folds %s %d of the samples train and %d validate; at '
            'least %d and one were expected' % (
                division.folds, len(training), held.sum(), FEWEST_SAMPLES))
    order = rng.permutation(len(training))
    if division.labelled is not None:
        if division.labelled > len(training):
            raise DataError('--labelled asks for %d samples of the %d that '
                            'train; at most these were expected.' % (
                                division.labelled, len(training)))
        training = training[order[:division.labelled]]
    train = known & np.in1d(sample, training)
    out = np.in1d(sample, names[held])
    return (np.flatnonzero(train), np.flatnonzero(known & out),
            np.flatnonzero(~train & ~out),
            (len(training), int(held.sum())))


def _labels_only(raw, rest, parts, division, rng):
    """Labels without spectra ``(l, parts)``, and what they are."""
    if 'labels_only' in raw.arrays:
        return _labels(raw, 'labels_only', rest)[0], 'from the file'
    if division.folds != CENTRE:
        return (rng.dirichlet(np.ones(parts), CORNERS),
                'drawn evenly over the simplex')
    each = -(-CORNERS // parts)
    made = []
    for part in range(parts):
        near = rng.uniform(0, OFF / (parts - 1), (each, parts - 1))
        made.append(np.insert(near, part, 1 - near.sum(axis=1), axis=1))
    return np.vstack(made), ('drawn near the corners, at least %g of one part'
                             % (1 - OFF))


def _nuisances(arrays, x, axis, rows):
    """What z is compared with ``(rows, m)``, and its names.

    Level and slope of the spectra, before they are scaled, beside what the
    file tells: a nuisance that every instrument has.
    """
    centred = axis - axis.mean()
    found = [x[rows].mean(axis=1), x[rows].dot(centred) / centred.dot(centred)]
    names = list(COMPUTED)
    if 'nuisance' in arrays:
        found = list(arrays['nuisance'][rows].T) + found
        names = list(arrays['nuisance_names']) + names
    return np.column_stack(found), names


def _pure(x, labels):
    """Mean spectrum of the pure samples of each part; NaN without; or None.

    Shape ``(parts, channels)``.
    """
    spectra = np.full((labels.shape[1], x.shape[1]), np.nan)
    for part in range(labels.shape[1]):
        with np.errstate(invalid='ignore'):
            pure = labels[:, part] > 1 - 1e-6
        if pure.any():
            spectra[part] = x[pure].mean(axis=0)
    return None if np.isnan(spectra).all() else spectra

"""LIBS: spectra of ChemCam's calibration targets and of rocks on Mars.

The experiment of section 5 of the paper: 6,144 channels in three
spectrometers, nine parts by weight, six standards with labels.
"""
from __future__ import division, print_function

import itertools
from collections import OrderedDict

import numpy as np

from untapped.datasets.checks import (check_finite, check_matrix,
                                      check_present, check_whole)
from untapped.datasets.chemcam import OXIDES, TARGETS
from untapped.datasets.containers import Prepared, Raw
from untapped.datasets.mnist import near_corners
from untapped.errors import DataError
from untapped.files.hashes import text
from untapped.files.packed import file_in
from untapped.files.pickles import read_pickle

__all__ = ['URL', 'FILE', 'read', 'published', 'prepare', 'percent_of',
           'labels_of']

URL = 'http://www-anw.cs.umass.edu/public_data/untapped/libs.pkl.gz'
FILE = 'libs.pkl.gz'
CHANNELS = 6144
#: The rest of a hundred percent: sulphur, water, carbon dioxide, traces.
OTHER = 'Other'
#: The last columns of y, which are no major oxides: unknown of the targets.
EXTRA_NAMES = ('MnO', 'Cr2O3', 'P2O5', 'SO3', 'H2O')
EXTRA = len(EXTRA_NAMES)
#: Standards that `prepare` needs: it holds three out.
STANDARDS = 4
#: Targets with too poor or too few spectra (section 5.2).
EXCLUDED = ('MACUSANITE', 'KGA-MED')
#: Channels kept: the edges of each spectrometer carry no signal.
KEPT = ((110, 1994), (2169, 4096), (4182, 5856))
#: Borders of the ranges that are scaled to unit sum. The third begins two
#: channels late in the published code; it is observable.
RANGES = ((0, 2048), (2048, 4098), (4098, CHANNELS))


def read(path):
    """Read the published libs.pkl.gz, by path or by folder.

    Parameters
    ----------
    path : str

    Returns
    -------
    Raw
        Arrays small_means and big_means ``(n, 6144)``, spectra without
        labels (big_means may be missing); x ``(m, 6144)`` and y ``(m, k)``
        in percent, NaN where unknown; majors ``(k,)``, the columns' names,
        the last five no major oxides; waves ``(6144,)``; types ``(m,)``, the
        target of each spectrum.

    Raises
    ------
    DataError
    """
    path = file_in(path, FILE)
    return from_content(read_pickle(path), path)


def from_content(content, where):
    """`Raw` from what a published file holds; `where` names it in errors."""
    if (not isinstance(content, (tuple, list)) or len(content) != 3 or
            not isinstance(content[2], (tuple, list)) or
            len(content[2]) != 5):
        raise DataError('%s: a tuple (small_means, big_means, (x, y, '
                        'majors, waves, types)) was expected.' % where)
    small, big, (x, y, majors, waves, types) = content
    arrays = OrderedDict([
        ('small_means', small), ('big_means', big), ('x', x), ('y', y),
        ('majors', np.asarray(majors)), ('waves', np.squeeze(waves)),
        ('types', np.asarray(types))])
    if big is None:
        del arrays['big_means']
    check(arrays, where)
    return Raw('libs', arrays, 'file %s' % where, 'file',
               describe(arrays))


def check(arrays, where):
    """Refuse arrays that are not as `read` says."""
    for name in ('small_means', 'big_means', 'x'):
        if name in arrays:
            check_matrix(arrays[name], (None, CHANNELS), where, name)
            if name != 'x':
                check_finite(arrays[name], where, name)
    x, y = arrays['x'], arrays['y']
    check_matrix(y, (len(x), None), where, 'y')
    check_matrix(arrays['waves'], (CHANNELS,), where, 'waves')
    check_finite(arrays['waves'], where, 'waves')
    for start, stop in KEPT:
        steps = np.diff(arrays['waves'][start:stop].astype('float64'))
        if not (steps > 0).all():
            raise DataError(
                '{0}: waves does not rise at channel {1}; wavelengths that '
                'rise within each spectrometer were expected.'.format(
                    where, start + 1 + int(np.argmin(steps > 0))))
    if y.shape[1] < EXTRA + 2:
        raise DataError('%s: y has %s columns; at least two major oxides '
                        'and %s others were expected.' % (
                            where, y.shape[1], EXTRA))
    for name, length in (('majors', y.shape[1]), ('types', len(x))):
        names = arrays[name]
        if names.shape != (length,) or names.dtype.kind not in 'SUO':
            raise DataError('%s: %s has shape %s; %s names were '
                            'expected.' % (where, name, names.shape,
                                           length))
    # Of the labelled spectra only those that `prepare` uses.
    usable, _ = usable_rows(arrays)
    check_finite(x[usable], where, 'x')
    # NaN says that a composition is not known; nothing is infinite
    check_finite(np.where(np.isnan(y), 0, y), where, 'y')
    known = y[usable, :-EXTRA]
    if not len(known) or (known < 0).any() or (known > 100).any():
        raise DataError('%s: y was expected in percent, from 0 to 100.'
                        % where)
    check_present(known, [text(n) for n in arrays['majors']], where)


def usable_rows(arrays):
    """The labelled spectra whose composition is known and not excluded.

    Returns
    -------
    usable : ndarray of bool
        ``(m,)``.
    types : ndarray
        The standards of those that are usable, as text.
    """
    types = np.array([text(t) for t in arrays['types']])
    unknown = np.isnan(arrays['y'][:, :-EXTRA]).any(axis=1)
    usable = ~(unknown | np.in1d(types, EXCLUDED))
    return usable, types[usable]


def describe(arrays):
    """The meta data of `Raw`."""
    return {'outputs': [text(n) for n in arrays['majors'][:-EXTRA]],
            'waves': arrays['waves'], 'waves_unit': 'nm'}


def published(raw):
    """The content of the published file, see `read`."""
    arrays = raw.arrays
    return (arrays['small_means'], arrays.get('big_means'),
            tuple(arrays[n] for n in ('x', 'y', 'majors', 'waves', 'types')))


def percent_of(target):
    """A calibration target in percent: `OXIDES`, and the rest of 100."""
    oxides = TARGETS[target]
    return np.array(oxides + (max(0, 100 - sum(oxides)),))


def labels_of(types):
    """y and majors of the published file, for spectra of these targets.

    Parameters
    ----------
    types : list of str
        Of `TARGETS`, or others, of which nothing is known.

    Returns
    -------
    y : ndarray
        ``(n, 14)``, percent; NaN where unknown.
    majors : ndarray
        Names of the columns, bytes.
    """
    unknown = np.full(len(OXIDES) + 1, np.nan)
    labels = np.array([percent_of(name) if name in TARGETS else unknown
                       for name in types])
    y = np.hstack([labels, np.full((len(labels), EXTRA), np.nan)])
    return y, np.array([name.encode('ascii') for name in
                        OXIDES + (OTHER,) + EXTRA_NAMES])


def splits(types, held_out=3):
    """All ways to validate on some of the standards and train on the rest.

    In the order of scikit-learn's `LeavePGroupsOut`.

    Parameters
    ----------
    types : ndarray
        The standard of each spectrum.
    held_out : int

    Returns
    -------
    list of tuple of str
        The standards to validate on; 20 for three of six.
    """
    return list(itertools.combinations(np.unique(types), held_out))


def prepare(raw, rng, trial=0, remove_mean=True, big=True, unlabelled=500):
    """Split and scale the spectra as the published demo does.

    Spectra are clipped at zero; each spectrometer is scaled to unit sum;
    dead channels are dropped, 5,485 stay. Labels are fractions, scaled to
    sum to 1 where they exceed it. The labels without spectra have 0.85 on
    one part and the rest spread evenly.

    Parameters
    ----------
    raw : Raw
    rng : numpy.random.RandomState
        Is seeded with 0 here, as the published loader seeds numpy's global
        generator; then draws the unlabelled spectra and the labels without
        spectra.
    trial : int
        Which of `splits`; 0 validates on the three NAu-2, as in the paper.
    remove_mean : bool
        Subtract the mean over all spectra.
    big : bool
        Take big_means for unlabelled spectra if there are any.
    unlabelled : int
        At most so many spectra without labels, and labels without spectra.

    Returns
    -------
    Prepared
        With y one part narrower than its names: the last is left out.

    Raises
    ------
    DataError
        If there are too few standards, or no such trial.
    """
    check_whole('unlabelled', unlabelled, 1)
    arrays = raw.arrays
    usable, types = usable_rows(arrays)
    percent = arrays['y'][usable, :-EXTRA]
    if len(np.unique(types)) < STANDARDS:
        raise DataError('%s: labelled spectra of at least %d standards were '
                        'expected.' % (raw.source, STANDARDS))
    trials = splits(types)
    check_whole('trial', trial, 0, len(trials) - 1)
    held_out = np.in1d(types, trials[trial])
    rng.seed(0)

    many = big and 'big_means' in arrays
    without = arrays['big_means' if many else 'small_means']
    every = np.vstack([arrays['x'][usable].clip(0., np.inf),
                       without.clip(0., np.inf)])
    for start, stop in RANGES:
        block = every[:, start:stop]
        total = np.abs(block).sum(axis=1)
        total[total == 0] = 1
        block /= total[:, np.newaxis]
    kept = np.zeros(CHANNELS, bool)
    for start, stop in KEPT:
        kept[start:stop] = True
    every = every[:, kept]
    mean = every.mean(axis=0)
    if remove_mean:
        every -= mean
    labelled, without = np.split(every, [usable.sum()])

    fractions = percent / 100.
    over = fractions.sum(axis=1) > 1
    fractions[over] /= fractions[over].sum(axis=1)[:, np.newaxis]
    corners = np.tile(near_corners(percent.shape[1], 0.85), (100, 1))
    fractions, corners = fractions[:, :-1], corners[:, :-1]

    # Spectra first: the order of these two draws is observable.
    spectra_drawn = rng.choice(len(without), min(unlabelled, len(without)),
                               replace=False)
    corners_drawn = rng.choice(len(corners), min(unlabelled, len(corners)),
                               replace=False)
    meta = dict(raw.meta, mean_removed=bool(remove_mean), parts_dropped=1,
                types=types, trial=trial, trials=len(trials),
                validation_types=list(trials[trial]),
                train_types=sorted(set(types[~held_out])),
                train=np.flatnonzero(~held_out),
                validation=np.flatnonzero(held_out), drawn=spectra_drawn)
    return Prepared(
        pairs=[(labelled[rows], fractions[rows])
               for rows in (~held_out, held_out)],
        unlabelled=without[spectra_drawn], labels_only=corners[corners_drawn],
        mean=mean, waves=arrays['waves'][kept], meta=meta)

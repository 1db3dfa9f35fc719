"""Raman spectra of igneous minerals and their mixtures.

The published code's fourth demo. Its minerals are those of S. T. Ishikawa
and V. C. Gulick (2013), Computers & Geosciences 54, 259: six groups of
igneous minerals.
"""
from __future__ import division, print_function

from collections import OrderedDict

import numpy as np

from untapped.datasets.checks import (check_finite, check_matrix,
                                      check_present, check_simplex,
                                      check_whole)
from untapped.datasets.containers import Prepared, Raw
from untapped.errors import DataError
from untapped.files.hashes import text
from untapped.files.packed import file_in
from untapped.files.pickles import read_pickle

__all__ = ['URL', 'FILE', 'read', 'published', 'prepare']

URL = 'http://www-anw.cs.umass.edu/public_data/untapped/raman.pkl.gz'
FILE = 'raman.pkl.gz'


def read(path):
    """Read the published raman.pkl.gz, by path or by folder.

    Parameters
    ----------
    path : str

    Returns
    -------
    Raw
        Arrays x ``(n, channels)``; y ``(n, k + 1)``, parts of a mixture, the
        last column a dummy; waves ``(channels,)``; majors ``(k + 1,)``,
        names, the last a dummy.

    Raises
    ------
    DataError
    """
    path = file_in(path, FILE)
    content = read_pickle(path)
    if not isinstance(content, (tuple, list)) or len(content) != 4:
        raise DataError('%s: a tuple (x, y, waves, majors) was expected.'
                        % path)
    x, y, waves, majors = content
    arrays = OrderedDict([('x', x), ('y', y), ('waves', np.squeeze(waves)),
                          ('majors', np.array(majors, dtype=object))])
    check(arrays, path)
    return Raw('raman', arrays, 'file %s' % path, 'file',
               describe(arrays))


def check(arrays, where):
    """Refuse arrays that are not as `read` says."""
    x, y = arrays['x'], arrays['y']
    check_matrix(x, (None, None), where, 'x')
    check_matrix(y, (len(x), None), where, 'y')
    check_matrix(arrays['waves'], (x.shape[1],), where, 'waves')
    for name in ('x', 'y', 'waves'):
        check_finite(arrays[name], where, name)
    majors = arrays['majors']
    if y.shape[1] < 3 or majors.shape != (y.shape[1],) or any(
            not isinstance(name, (bytes, u''.__class__))
            for name in majors[:-1]):
        raise DataError('%s: as many names in majors as y has columns were '
                        'expected, at least two and a dummy.' % where)
    check_simplex(y[:, :-1], where, 'y')
    check_present(y[:, :-1], [text(name) for name in majors], where)


def describe(arrays):
    """The meta data of `Raw`."""
    return {'outputs': [text(n) for n in arrays['majors'][:-1]],
            'waves': arrays['waves'], 'waves_unit': '1/cm'}


def published(raw):
    """The content of the published file: ``(x, y, waves, majors)``."""
    x, y, waves, majors = [raw.arrays[n]
                           for n in ('x', 'y', 'waves', 'majors')]
    return x, y, waves, list(majors)


def endmember_spectra(x, y):
    """Mean spectrum of the pure samples of each part, scaled to 0 to 1.

    Parameters
    ----------
    x, y : ndarray
        ``(n, channels)`` and ``(n, k)``.

    Returns
    -------
    ndarray
        ``(k, channels)``; NaN for a part without pure samples.
    """
    low = np.min(x, axis=1)[:, np.newaxis]
    scaled = x - low
    scaled = scaled / np.ptp(scaled, axis=1)[:, np.newaxis]
    spectra = np.full((y.shape[1], x.shape[1]), np.nan)
    for part, spectrum in enumerate(spectra):
        pure = y[:, part] == 1
        if pure.any():
            spectrum[:] = scaled[pure].mean(axis=0)
    return spectra


def prepare(raw, rng, trial=0, remove_mean=False):
    """Split the spectra as the published demo does: two halves.

    Parameters
    ----------
    raw : Raw
    rng : numpy.random.RandomState
        Not drawn from: the split has a seed of its own.
    trial : {0, 1}
        Which half to validate on.
    remove_mean : bool

    Returns
    -------
    Prepared
        All spectra are also unlabelled ones, all labels also labels without
        spectra. y is one part narrower than its names.

    Raises
    ------
    DataError
    """
    # slow to load, and needed for these data alone
    from sklearn.model_selection import KFold

    check_whole('trial', trial, 0, 1)
    arrays = raw.arrays
    spectra, parts = arrays['x'], arrays['y'][:, :-1]
    endmembers = endmember_spectra(spectra, parts)
    mean = spectra.mean(axis=0)
    if remove_mean:
        spectra = spectra - mean
    labels = parts[:, :-1]
    halves = list(KFold(n_splits=2, shuffle=True,
                        random_state=0).split(spectra))
    train, validation = halves[trial]
    meta = dict(raw.meta, mean_removed=bool(remove_mean), parts_dropped=1,
                trial=trial, trials=2, train=train, validation=validation)
    return Prepared(
        pairs=[(spectra[rows], labels[rows])
               for rows in (train, validation)],
        unlabelled=spectra, labels_only=labels, mean=mean,
        waves=arrays['waves'], meta=meta, endmembers=endmembers)

"""What a data set is held in: as read (`Raw`), as trained on (`Prepared`)."""
from __future__ import division, print_function

from collections import OrderedDict

import numpy as np

from untapped.machine.console import printable

from untapped.files.hashes import array_sha256

__all__ = ['Raw', 'Prepared']


class Raw(object):
    """A data set as it was read, downloaded or simulated.

    Parameters
    ----------
    name : str
        'crism', 'libs', 'mnist', 'raman' or 'spectra'.
    arrays : OrderedDict of str to ndarray
        The arrays of the published file, by name. Nothing in this package
        writes into them.
    source : str
        Where they are from, in one line for people.
    kind : {'file', 'simulated', 'download'}
    meta : dict, optional
        What is known beyond the arrays: names of the outputs, wavelengths
        and their unit, what a simulation knows of each spectrum.
    """

    def __init__(self, name, arrays, source, kind, meta=None):
        self.name = name
        self.arrays = OrderedDict(arrays)
        self.source = printable(source)
        self.kind = kind
        self.meta = dict(meta or {})

    def checksums(self):
        """SHA-256 of each array, by name (see `array_sha256`)."""
        return OrderedDict((name, array_sha256(array))
                           for name, array in self.arrays.items())

    def __repr__(self):
        return 'Raw(%r, %r)' % (self.name, self.source)


class Prepared(object):
    """A data set split and scaled for training, all arrays float32.

    Parameters
    ----------
    pairs : two tuples (x, y)
        Labelled pairs to train on, and to validate on.
    unlabelled, labels_only : ndarray
    mean, waves, endmembers : see below
    meta : dict
        Of the raw data, with ``outputs`` and ``waves_unit``, and of the
        split.

    Attributes
    ----------
    X, y : ndarray
        Labelled pairs, ``(n, features)`` and ``(n, outputs)``. Of labels on
        a simplex the last part is left out where the published demo leaves
        it out (all but MNIST).
    X_ : ndarray
        Spectra or images without labels.
    _y : ndarray
        Labels without spectra: the untapped resource of the paper.
    X_valid, y_valid : ndarray
        Labelled pairs to validate on.
    X__valid, _y_valid : ndarray
        The same objects as ``X_`` and ``_y``, as in the published demos.
    mean : ndarray
        Mean over the data ``(features,)`` in float64; subtracted from every
        X where ``meta['mean_removed']``.
    names : list of str
        One per part of the label, the last (left out) part included.
    waves : ndarray
        The axis of the features, in ``waves_unit``.
    endmembers : ndarray or None
        Spectra of the pure parts, ``(parts, features)``, in the order of
        ``names``, the mean not removed.
    meta : dict
    """

    def __init__(self, pairs, unlabelled, labels_only, mean, waves, meta,
                 endmembers=None):
        self.X, self.y = [_float32(a) for a in pairs[0]]
        self.X_ = self.X__valid = _float32(unlabelled)
        self._y = self._y_valid = _float32(labels_only)
        self.X_valid, self.y_valid = [_float32(a) for a in pairs[1]]
        self.mean = mean
        self.names = list(meta['outputs'])
        self.waves = waves
        self.waves_unit = meta['waves_unit']
        self.endmembers = endmembers
        self.meta = dict(meta)

    def arrays(self):
        """The arrays that training sees, by name, in a fixed order."""
        names = ['X', 'y', 'X_', '_y', 'X_valid', 'y_valid']
        return OrderedDict((name, getattr(self, name)) for name in names)

    def checksums(self):
        """SHA-256 of each array of `arrays`."""
        return OrderedDict((name, array_sha256(array))
                           for name, array in self.arrays().items())


def _float32(array):
    return np.asarray(array).astype('float32')

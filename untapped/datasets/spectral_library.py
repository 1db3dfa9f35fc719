"""The USGS Spectral Library, version 7 (splib07a), as text files.

Kokaly, R. F. and others (2017), USGS Spectral Library Version 7, U.S.
Geological Survey Data Series 1035, doi:10.3133/ds1035.
"""
from __future__ import division, print_function

import glob
import os

import numpy as np

from untapped.errors import DataError
from untapped.files.packed import Limits, read_bytes

__all__ = ['CHANNELS', 'read_spectrum', 'read_wavelengths', 'find_spectrum']

CHANNELS = 480
#: Values below this mark deleted channels (they are written as -1.23e34).
DELETED = -1e30
#: A file has 7 kB.
LIMITS = Limits(stored=1 << 20, unpacked=1 << 20)


def read_spectrum(path):
    """Read one spectrum of the Beckman spectrometer.

    One header line, then 480 reflectances, one a line.

    Parameters
    ----------
    path : str

    Returns
    -------
    title : str
        The header line.
    reflectance : ndarray
        ``(480,)``; NaN where the library deleted the channel.

    Raises
    ------
    DataError
    """
    title, values = _read_column(path)
    values = np.where(values < DELETED, np.nan, values)
    present = values[~np.isnan(values)]
    if not present.size or present.min() < -0.1 or present.max() > 2:
        raise DataError('%s: reflectances between 0 and about 1 were '
                        'expected.' % path)
    return title, values


def read_wavelengths(path):
    """Read the library's file of wavelengths (um), given it or its folder.

    Returns
    -------
    ndarray
        ``(480,)``, rising.
    """
    if os.path.isdir(path):
        path = _find(path, '*Wavelengths_BECK*.txt')
    _, values = _read_column(path)
    if values.min() <= 0 or (np.diff(values) <= 0).any():
        raise DataError('%s: rising wavelengths in micrometres were '
                        'expected.' % path)
    return values


def find_spectrum(folder, *patterns):
    """Path of the first file whose name holds one of the patterns.

    The patterns are tried in turn, each on the files in alphabetical order.
    """
    if not os.path.isdir(folder):
        raise DataError('%s is no folder of splib07a files.' % folder)
    for pattern in patterns:
        found = sorted(glob.glob(os.path.join(
            glob_escape(folder), '*%s*BECK*.txt' % pattern)))
        if found:
            return found[0]
    raise DataError('%s holds no splib07a spectrum of %s.' % (
        folder, patterns[-1]))


def glob_escape(path):
    """`glob.escape`, which Python 2.7 lacks."""
    return ''.join('[%s]' % c if c in '*?[' else c for c in path)


def _find(folder, pattern):
    found = sorted(glob.glob(os.path.join(glob_escape(folder), pattern)))
    if not found:
        raise DataError('%s holds no file %s.' % (folder, pattern))
    return found[0]


def _read_column(path):
    lines = read_bytes(path, LIMITS).decode('latin1').splitlines()
    title, rows = lines[0].strip(), [n for n in lines[1:] if n.strip()]
    if len(rows) != CHANNELS:
        raise DataError('%s has %s values; a header line and %s values '
                        'were expected.' % (path, len(rows), CHANNELS))
    try:
        values = np.array([float(row) for row in rows])
    except ValueError as error:
        raise DataError('%s: one number a line was expected (%s).' % (
            path, error))
    if not np.isfinite(values).all():
        raise DataError('%s: finite numbers were expected.' % path)
    return title, values

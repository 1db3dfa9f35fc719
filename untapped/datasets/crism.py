"""CRISM: reflectance spectra of olivine, diopside and bytownite mixtures.

The laboratory experiment of section 4 of the paper: 66 intimate mixtures,
three geometries, 5,354 spectra of 165 channels.
"""
from __future__ import division, print_function

from collections import OrderedDict

import numpy as np

from untapped.datasets.checks import (check_finite, check_matrix,
                                      check_present, check_simplex)
from untapped.datasets.containers import Prepared, Raw
from untapped.errors import DataError
from untapped.files.packed import file_in
from untapped.files.pickles import read_pickle

__all__ = ['URL', 'FILE', 'NAMES', 'POSITIONS', 'PER_POSITION', 'read',
           'published', 'prepare']

URL = 'http://www-anw.cs.umass.edu/public_data/untapped/crism.pkl.gz'
FILE = 'crism.pkl.gz'
NAMES = ['olivine', 'diopside', 'bytownite']
POSITIONS = ('Position 1', 'Position 2', 'Angle 2')
# Spectra per geometry, in the order of the published file: the published
# plots mark the borders at 1866 and 1866 + 1742.
PER_POSITION = (1866, 1742, 1746)


def read(path):
    """Read the published crism.pkl.gz, by path or by folder.

    Parameters
    ----------
    path : str

    Returns
    -------
    Raw
        Arrays x ``(n, channels)``, reflectance; y ``(n, 3)``, abundances;
        endmembers ``(channels, 4)``: a first column, then a spectrum per
        mineral in reverse order of `NAMES`.

    Raises
    ------
    DataError
    """
    path = file_in(path, FILE)
    content = read_pickle(path)
    if not isinstance(content, (tuple, list)) or len(content) != 3:
        raise DataError('%s: a tuple (x, y, endmembers) was expected.'
                        % path)
    x, y, endmembers = content
    parts = len(NAMES)
    check_matrix(x, (None, None), path, 'x')
    check_matrix(y, (len(x), parts), path, 'y')
    check_matrix(endmembers, (x.shape[1], parts + 1), path, 'endmembers')
    for name, array in (('x', x), ('y', y), ('endmembers', endmembers)):
        check_finite(array, path, name)
    if x.min() < -0.1 or x.max() > 2:
        raise DataError('%s: x goes from %.4g to %.4g; reflectances '
                        'from 0 to about 1 were expected.' % (
                            path, float(x.min()), float(x.max())))
    check_simplex(y, path, 'y')
    check_present(y, NAMES, path)
    meta = {'outputs': list(NAMES), 'waves': np.arange(x.shape[1]),
            'waves_unit': 'channel'}
    if len(x) == sum(PER_POSITION):
        meta['position'] = np.repeat(np.arange(3), PER_POSITION)
        meta['positions'] = list(POSITIONS)
    arrays = OrderedDict([('x', x), ('y', y), ('endmembers', endmembers)])
    return Raw('crism', arrays, 'file %s' % path, 'file', meta)


def published(raw):
    """The content of the published file: ``(x, y, endmembers)``."""
    return tuple(raw.arrays[name] for name in ('x', 'y', 'endmembers'))


def endmember_spectra(endmembers):
    """One row per mineral, in the order of `NAMES`."""
    return endmembers[:, :0:-1].T


def prepare(raw, rng, remove_mean=True):
    """Split the mixtures as the published demo does.

    Labelled are up to 500 spectra of the centre of the simplex, where all
    three abundances are within 0.7/3 of 1/3 (triangles of Figure 4); all
    spectra of the centre are the unlabelled ones; validation is everything.
    The 501 labels without spectra lie within 0.05 of the corners (circles of
    Figure 4).

    Parameters
    ----------
    raw : Raw
    rng : numpy.random.RandomState
        Draws, in this order: a permutation of the centre, a shuffle of it,
        167 x 2 uniform numbers.
    remove_mean : bool
        Subtract the mean spectrum.

    Returns
    -------
    Prepared
        With y two parts wide: the third is one minus their sum.

    Raises
    ------
    DataError
        If no spectrum lies in the centre.
    """
    spectra, abundances = raw.arrays['x'], raw.arrays['y']
    parts = abundances.shape[1]
    mean = spectra.mean(axis=0)
    if remove_mean:
        spectra = spectra - mean

    middle = 1. / parts
    reach = .7 * middle
    centre = ((abundances > middle - reach) &
              (abundances < middle + reach)).all(axis=1)
    if not centre.any():
        raise DataError('%s: no spectrum has all abundances within %.3f '
                        'of %.3f, so nothing is labelled.' % (
                            raw.source, reach, middle))
    labels = abundances[:, :-1]
    x_centre, y_centre = spectra[centre], labels[centre]

    # Two draws: the published code shuffles what is already permuted.
    order = rng.permutation(len(x_centre))
    rng.shuffle(order)
    chosen = order[:500]

    near = rng.rand(167, 2) * 0.05
    far = 1. - near.sum(axis=1, keepdims=True)
    corners = np.vstack([near,
                         np.hstack([near[:, :1], far]),
                         np.hstack([far, near[:, 1:]])])
    meta = dict(raw.meta, mean_removed=bool(remove_mean), parts_dropped=1,
                centre=np.flatnonzero(centre),
                # whose samples the unlabelled spectra are of
                labels_of_unlabelled=y_centre.astype('float32'),
                train=np.flatnonzero(centre)[chosen])
    return Prepared(
        pairs=((x_centre[chosen], y_centre[chosen]), (spectra, labels)),
        unlabelled=x_centre, labels_only=corners, mean=mean,
        waves=raw.meta['waves'], meta=meta,
        endmembers=endmember_spectra(raw.arrays['endmembers']))

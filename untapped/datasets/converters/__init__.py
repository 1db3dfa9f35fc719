"""Measured spectra from their authors' files, in the study's format.

    visionlab     reflectance of pressed oxide powders
    raman_amino   Raman spectra of amino compounds in clay

Each module's `convert` gives the arrays of an .npz: spectra
``(n, channels)``; axis ``(channels,)`` in axis_unit; labels ``(n, parts)`` on
the simplex; parts, their names; sample ``(n,)``, the physical sample of each
spectrum; nuisance ``(n, m)`` with nuisance_names, what else is known of each
spectrum, where it varies; and notes, sentences that say what was derived and
what was left out.
"""
from __future__ import division, print_function

import os
import zipfile
from collections import OrderedDict

import numpy as np

from untapped.datasets.checks import (check_finite, check_present,
                                      check_simplex)
from untapped.errors import DataError
from untapped.files.atomic import atomically
from untapped.files.npz import write_npz

__all__ = ['checked_axis', 'checked_folder', 'checked_new', 'in_format',
           'stem', 'write']


def stem(path):
    """A file's name without its ending."""
    return os.path.splitext(os.path.basename(path))[0]


def checked_new(path):
    """`path`, refused if something has that name."""
    if os.path.lexists(path):
        raise DataError('%s exists already; a new name was expected.' % path)
    return path


def checked_folder(path, what):
    """`path`, refused if it is no folder; `what` it was expected to be."""
    if not os.path.isdir(path):
        raise DataError('%s is no folder; %s was expected.' % (path, what))
    return path


def checked_axis(axis, path):
    """`axis` as floats, refused if it does not rise."""
    axis = check_finite(np.asarray(axis, float), path, 'the axis')
    if len(axis) < 2 or (np.diff(axis) <= 0).any():
        raise DataError('%s: at least two channels in rising order were '
                        'expected.' % path)
    return axis


def in_format(arrays, known, where):
    """The arrays of the format, checked.

    Parameters
    ----------
    arrays : dict
        Of lists or arrays: spectra, axis, axis_unit, labels, parts, sample,
        notes.
    known : dict of str to list
        What else is known of each spectrum, by name; left out where it is
        the same for all.
    where : str
        The folder, for messages.

    Returns
    -------
    OrderedDict of str to ndarray

    Raises
    ------
    DataError
    """
    floats = {'spectra': 'f4', 'axis': 'f8', 'labels': 'f8'}
    made = OrderedDict(
        (name, np.array(arrays[name], floats[name]) if name in floats
         else np.array(arrays[name], np.dtype('U')))
        for name in ('spectra', 'axis', 'axis_unit', 'labels', 'parts',
                     'sample', 'notes'))
    check_finite(made['spectra'], where, 'spectra')
    check_simplex(made['labels'], where, 'labels')
    check_present(made['labels'], made['parts'], where)
    known = [(name, np.array(values, float)) for name, values
             in known.items() if len(set(values)) > 1]
    if known:
        made['nuisance'] = np.transpose([values for _, values in known])
        made['nuisance_names'] = np.array([u'%s' % name for name, _ in known])
    return made


def write(arrays, path):
    """Write the arrays as a packed .npz, whole or not at all.

    Equal arrays make equal bytes.

    Raises
    ------
    DataError
        If it cannot be written there, or something has that name.
    """
    atomically(checked_new(path), lambda stream: write_npz(
        stream, arrays, zipfile.ZIP_DEFLATED))

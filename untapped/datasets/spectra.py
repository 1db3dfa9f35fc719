"""Spectra of one's own: any instrument, any parts of a mixture.

An .npz without pickles, or a .csv with a row a spectrum; docs/data.md has
both formats.  What is wrong in a file is one sentence that names its row and
column.

    spectra_table     the .csv
    spectra_checks    what is refused
    spectra_prepared  channels, scaling, who trains and who validates
"""
from __future__ import division, print_function

from collections import OrderedDict

import numpy as np

from untapped.datasets import spectra_checks, spectra_table
from untapped.datasets.containers import Raw
from untapped.datasets.spectra_prepared import prepare
from untapped.errors import DataError, InputError
from untapped.files import npz
from untapped.files.hashes import text
from untapped.files.packed import file_in

__all__ = ['FILE', 'WANTED', 'prepare', 'read']

#: what `datasets.load` looks for in a folder
FILE = 'spectra.npz'
#: and asks for
WANTED = 'an .npz or a .csv of spectra'

#: Arrays of the .npz -> their number of axes; those that must be there, and
#: those that may.
NEEDED = OrderedDict([('spectra', 2), ('axis', 1), ('axis_unit', 0),
                      ('labels', 2), ('parts', 1), ('sample', 1)])
OPTIONAL = OrderedDict([('nuisance', 2), ('nuisance_names', 1),
                        ('labels_only', 2), ('notes', 1)])
#: of them, those that hold names, not numbers
NAMES = ('axis_unit', 'parts', 'sample', 'nuisance_names', 'notes')


def read(path):
    """Read spectra, their labels and their samples.

    Parameters
    ----------
    path : str
        A name that ends in .npz or .csv, or a folder with spectra.npz.

    Returns
    -------
    Raw
        Arrays spectra ``(n, channels)``; axis ``(channels,)``; labels
        ``(n, k)``, fractions of 1, rows of NaN where nothing is known; parts
        ``(k,)``, sample ``(n,)``, names; and, where the file has them,
        nuisance ``(n, m)``, nuisance_names ``(m,)``, labels_only ``(l, k)``.
        In meta the notes of an .npz, sentences for the report.

    Raises
    ------
    DataError
    """
    path = file_in(path, FILE)
    ending = path.lower()[-4:]
    if ending == '.csv':
        arrays, unit, where = spectra_table.read(path)
    elif ending == '.npz':
        arrays, unit, where = _from_npz(path)
    else:
        raise DataError('%s ends in neither .npz nor .csv; %s was expected.'
                        % (path, WANTED))
    spectra_checks.check(arrays, where)
    notes = [text(note) for note in arrays.pop('notes', ())]
    return Raw('spectra', arrays, 'file %s' % path, 'file', {
        'outputs': [text(name) for name in arrays['parts']],
        'waves': arrays['axis'], 'waves_unit': unit, 'where': where,
        'notes': notes})


def _from_npz(path):
    """(arrays, unit of the axis, `spectra_checks.Where`) of an .npz."""
    try:
        found = npz.read_npz(path)
    except InputError as error:
        raise DataError('%s.' % error)
    arrays = OrderedDict()
    for name, axes in list(NEEDED.items()) + list(OPTIONAL.items()):
        if name in found:
            arrays[name] = _checked(path, name, found[name], axes)
        elif name in NEEDED:
            raise DataError('%s holds no array %s; %s were expected.' % (
                path, name, ', '.join(NEEDED)))
    for one, other in (('nuisance', 'nuisance_names'),
                       ('nuisance_names', 'nuisance')):
        if one in arrays and other not in arrays:
            raise DataError('%s holds %s without %s; both or none were '
                            'expected.' % (path, one, other))
    unit = text(arrays.pop('axis_unit')[()])
    return arrays, unit, spectra_checks.Where(path)


def _checked(path, name, array, axes):
    """An array of the right kind with so many axes; names as text."""
    names = name in NAMES
    if axes == 0 and array.size == 1:
        array = array.reshape(())
    # a sample may have a number
    kinds = 'SUiu' if name == 'sample' else 'SU' if names else 'fiu'
    if array.dtype.kind not in kinds or array.ndim != axes:
        raise DataError('%s: %s has shape %s and type %s; %s with %d axes '
                        'were expected.' % (path, name, array.shape,
                                            array.dtype,
                                            'texts or whole numbers'
                                            if name == 'sample' else
                                            'texts' if names else 'numbers',
                                            axes))
    if not names:
        # integers have no NaN, and half precision no range
        return array if array.dtype in ('f4', 'f8') else \
            array.astype('float64')
    return np.array([text(each) for each in array.ravel().tolist()],
                    'U').reshape(array.shape)

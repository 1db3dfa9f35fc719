"""Arrays that a model is given: what cannot be meant is refused."""
from __future__ import division, print_function

import numpy as np
import theano
from scipy import sparse

from untapped.errors import InputError
from untapped.model.kinds import LARGEST

__all__ = ['SparseError', 'check_rows', 'floats', 'matrix',
           'require_float32', 'require_unmasked']

_UNREAL = {'c': 'complex numbers', 'O': 'objects', 'S': 'texts',
           'U': 'texts', 'M': 'times', 'm': 'times', 'V': 'records'}


class SparseError(InputError, TypeError):
    """A sparse matrix; a TypeError as well, as scikit-learn asks for."""


def matrix(name, value, width=None):
    """A value as an array (rows, columns) of finite numbers.

    Parameters
    ----------
    name : str, the argument's, for the error
    value : anything that numpy makes such an array of
    width : int, its columns; None: any number

    Returns
    -------
    ndarray, of the type that it has

    Raises
    ------
    InputError, one sentence with the argument's name and, for a number that
    cannot be, its row
    """
    shape = '(rows, %s)' % ('columns' if width is None else width)
    if value is None:
        raise InputError('%s: expected an array of shape %s, got None'
                         % (name, shape))
    if sparse.issparse(value):
        raise SparseError('%s: expected a dense array, got a sparse matrix '
                          '(its toarray() is one)' % name)
    require_unmasked(name, value)
    try:
        value = np.asarray(value)
    except Exception as error:
        # whatever a stranger's __array__ raises
        raise InputError('%s: expected an array of shape %s, got what numpy '
                         'cannot read (%s)' % (name, shape,
                                               type(error).__name__))
    if value.dtype.kind in _UNREAL:
        raise InputError('%s: expected real numbers, got %s in row %d' % (
            name, _UNREAL[value.dtype.kind], _first_unreal(value)))
    if value.ndim == 2 and not value.shape[1]:
        # scikit-learn's words, with its full stop
        raise InputError(
            '%s: expected an array of shape %s, got 0 feature(s) (shape=(%d,'
            ' 0)) while a minimum of %d is required.' % (
                name, shape, len(value), width or 1))
    if value.ndim != 2 or width not in (None, value.shape[1]):
        raise InputError('%s: expected an array of shape %s, got shape (%s)'
                         % (name, shape, ', '.join(
                             '%d' % n for n in value.shape)))
    if not len(value):
        raise InputError('%s: expected at least one row' % name)
    _check_finite(name, value)
    return value


def floats(value):
    """A value as an array of floatX that Theano takes: aligned."""
    value = np.asarray(value, dtype=theano.config.floatX)
    # in the order that it has, which decides how a product is made
    return value if value.flags.aligned else value.copy(order='K')


def require_unmasked(name, value):
    """InputError for a masked array, or one in a list, that masks a value."""
    if isinstance(value, (list, tuple)):
        masked = np.array([np.ma.is_masked(row) for row in value], dtype=bool)
    else:
        masked = np.ma.getmaskarray(value) if np.ma.is_masked(value) else \
            np.zeros(1, dtype=bool)
    if masked.any():
        raise InputError(
            '%s: expected an array without masked values, found one in row '
            '%d' % (name, _first(masked)))


def _first(wrong):
    """The first row that holds a True."""
    return wrong.reshape(len(wrong), -1).any(axis=1).argmax() \
        if wrong.ndim else 0


def _first_unreal(value):
    """The first row that shows that an array does not hold numbers."""
    if value.dtype.kind == 'c' and value.ndim:
        return _first(value.imag != 0)
    if value.dtype.kind == 'O' and value.ndim and value.size:
        return _first(np.array([
            not isinstance(each, (int, float)) for each in value.flat],
            dtype=bool).reshape(value.shape))
    return 0


def _check_finite(name, value):
    finite = np.isfinite(value)
    if not finite.all():
        raise InputError('%s: expected finite numbers, found NaN or infinity '
                         'in row %d' % (name, _first(~finite)))
    require_float32(name, value)


def require_float32(name, value):
    """InputError for a finite number that is infinite in float32."""
    if value.dtype.kind != 'f':
        return
    beyond = (np.abs(value) > LARGEST) & ~np.isinf(value)
    if beyond.any():
        raise InputError('%s: expected numbers that float32 holds, at most '
                         '%g, found %g in row %d' % (
                             name, LARGEST, value[beyond][0],
                             _first(beyond)))


def check_rows(given):
    """InputError unless arrays have the same number of rows.

    given : list of (name, array)
    """
    for (one, a), (other, b) in zip(given, given[1:]):
        if len(a) != len(b):
            raise InputError('%s and %s: expected the same number of rows, '
                             'got %d and %d' % (one, other, len(a), len(b)))

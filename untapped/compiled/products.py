"""Matrix products with the widest vectors that the processor has.

With the exact flags, the bits are those of numpy's dot through OpenBLAS
0.2.18's Nehalem kernels, because each number is the same sum in the same
order: products are rounded, then added one after the other; k is cut into
parts of at most 512, whose sums are added to the result one after the other.
Vectors lie along the columns and do not touch that order.  Only in an odd
last column, in four or six of the last rows, does OpenBLAS sum in another
way (``last_column``).

Threads take rows of the result.  Each number is still one thread's sum, in
the order in which one thread alone would take it.  OpenBLAS is never called
from several threads.
"""
from __future__ import division, print_function

import ctypes

import numpy as np

from untapped import pins
from untapped.compiled import tiles
from untapped.compiled.library import built

__all__ = ['chosen', 'multiplied', 'variants']

#: of the functions, for ctypes
_ARGUMENTS = [ctypes.c_ssize_t] * 3 + (
    [ctypes.c_void_p] + [ctypes.c_ssize_t] * 2) * 2 + [ctypes.c_void_p] * 2


def variants(exact, flags):
    """The functions that this processor can run, the widest first.

    Parameters
    ----------
    exact : bool, the bits of numpy's dot; none if its BLAS is not the pinned
    flags : list of str, for g++

    Returns
    -------
    list of ctypes functions
    """
    if exact and [blas[1:] for blas in pins.loaded_blas()] != [
            (pins.VARIABLES['OPENBLAS_CORETYPE'], 1)]:
        return []
    library = ctypes.PyDLL(built(tiles.text(exact), flags))
    library.variant.restype = ctypes.c_void_p
    addresses = [library.variant(i) for i in range(len(tiles.VARIANTS))]
    kind = ctypes.PYFUNCTYPE(None, *_ARGUMENTS)
    return [kind(address) for address in addresses if address]


def suits(product):
    """Whether it is one for the function, by types and shapes.

    numpy multiplies vectors by other routines, in another order.
    """
    arrays = product.reads + product.writes
    return all(a.dtype == 'float32' and min(a.shape) > 1 for a in arrays)


def chosen(products, exact, flags):
    """What multiplies each product: an address, or 0 for numpy's dot.

    Parameters
    ----------
    products : list of instructions.Product
    exact : bool, the bits of numpy's dot; each shape is tried out
    flags : list of str, for g++
    """
    functions = variants(exact, flags) if products else []
    if not functions:
        return [0] * len(products)
    function = functions[0]
    address = ctypes.cast(function, ctypes.c_void_p).value
    return [address if suits(product) and
            (not exact or agrees(function, *product.reads)) else 0
            for product in products]


def multiplied(function, a, b, threads=None):
    """The product of two ndarrays (float32) by one of ``variants``.

    threads : address of a pool, None for this thread alone
    """
    found = np.empty((a.shape[0], b.shape[1]), 'float32')
    function(a.shape[0], b.shape[1], a.shape[1],
             a.ctypes.data, a.strides[0] // 4, a.strides[1] // 4,
             b.ctypes.data, b.strides[0] // 4, b.strides[1] // 4,
             found.ctypes.data, threads)
    return found


def agrees(function, a, b):
    """Whether a function has the bits of numpy's dot, on random numbers.

    Parameters
    ----------
    a, b : instructions.Array; of many rows or columns, which all have the same
        order of sums, some are tried
    """
    m, n = [size if size < 2 * _TRIED else _TRIED + size % _TRIED
            for size in (a.shape[0], b.shape[1])]
    a = _like(a, (m, a.shape[1]), 0)
    b = _like(b, (b.shape[0], n), 1)
    return multiplied(function, a, b).tobytes() == np.dot(a, b).tobytes()


#: rows or columns that agreement is tried on: a multiple of all tiles'
_TRIED = 96


def _like(array, shape, seed):
    """Random numbers, in the order in memory that an array has."""
    fortran = abs(array.strides[0]) < abs(array.strides[1])
    numbers = np.random.RandomState(seed).normal(size=4099)
    # a length that is prime: no two rows are the same
    made = np.resize(numbers.astype('float32'), shape[0] * shape[1])
    return made.reshape(shape, order='F' if fortran else 'C')

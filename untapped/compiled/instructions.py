"""Strided arrays in buffers, and what is done to them.

What `trace` makes of a graph, and what `copies` and `fusion` rearrange before
`source` writes it as C++.
"""
from __future__ import division, print_function

from collections import namedtuple

import numpy as np
from theano import scalar

__all__ = ['Array', 'Buffer', 'ElementWise', 'Gather', 'Maximum', 'Product',
           'Reduction', 'Repeated', 'SoftMax', 'SoftMaxGradient', 'Uniform',
           'Unsupported', 'broadcast', 'c_type', 'compact', 'copy',
           'repeated', 'without']


class Unsupported(Exception):
    """A graph holds something that has no instruction."""


class Buffer(object):
    """Memory of one array and of its views.

    kind : 'input', 'output', 'constant' or 'memory'
    value : ndarray of a constant
    position : number of the input or output
    """
    def __init__(self, kind, dtype, size, value=None, position=None):
        self.kind, self.dtype = kind, np.dtype(dtype)
        self.size, self.value, self.position = size, value, position


#: views into this stand for arrays: shapes and strides, never their numbers
_space = [np.empty(1 << 20, 'uint8')]


def _stand_in(size, dtype):
    nbytes = max(1, size) * np.dtype(dtype).itemsize
    if _space[0].nbytes < nbytes:
        _space[0] = np.empty(nbytes, 'uint8')
    return _space[0][:nbytes].view(dtype)[:size]


class Array(object):
    """A strided view of a buffer.

    Parameters
    ----------
    buffer : Buffer
    shape : of int
    strides, offset : in elements
    """
    def __init__(self, buffer, shape, strides, offset=0):
        self.buffer, self.offset = buffer, int(offset)
        self.shape = tuple(int(n) for n in shape)
        self.strides = tuple(int(s) for s in strides)

    @property
    def dtype(self):
        """The buffer's."""
        return self.buffer.dtype

    @property
    def size(self):
        """Number of elements."""
        return int(np.prod(self.shape, dtype='int64'))

    def squeezed(self):
        """The array without its axes of length 1."""
        return without(self, [i for i, n in enumerate(self.shape) if n == 1])

    def has_strides(self, strides):
        """Whether it lies in memory with these strides."""
        # what an axis of length 1 has for a stride does not count
        return all(s == t or n == 1 for s, t, n in
                   zip(self.strides, strides, self.shape))

    def stand_in(self):
        """An ndarray of the same shape and strides, its numbers unset.

        Returns
        -------
        view, first : ndarray, address of the buffer's first element
        """
        reach = self.offset + 1 + sum(
            (n - 1) * s for n, s in zip(self.shape, self.strides) if n)
        space = _stand_in(max(reach, self.buffer.size), self.dtype)
        itemsize = self.dtype.itemsize
        view = np.ndarray(self.shape, self.dtype, space,
                          self.offset * itemsize,
                          [s * itemsize for s in self.strides])
        return view, space.__array_interface__['data'][0]

    def seen_as(self, change):
        """The view that a function of ndarrays makes; None if it copies."""
        view, first = self.stand_in()
        changed = change(view)
        start = changed.__array_interface__['data'][0]
        itemsize = self.dtype.itemsize
        if changed.size and not np.may_share_memory(changed, view):
            return None
        return Array(self.buffer, changed.shape,
                     [s // itemsize for s in changed.strides],
                     (start - first) // itemsize)

    @property
    def fortran(self):
        """Whether it is compact with its first axis innermost, and no other
        way round."""
        flags = self.stand_in()[0].flags
        return flags.f_contiguous and not flags.c_contiguous


class Repeated(Array):
    """A value or row repeated, which is stored only where a layout counts.

    stored : Array, once it is
    """
    stored = None


def compact(shape, fortran=False):
    """Strides of an array without gaps."""
    strides, step = [], 1
    for n in (shape if fortran else reversed(shape)):
        strides.append(step)
        step *= max(1, int(n))
    return strides if fortran else strides[::-1]


def broadcast(array, shape):
    """The array with stride 0 along the axes that are repeated.

    As in numpy, axes that it lacks come first.
    """
    missing = len(shape) - len(array.shape)
    strides = [0] * missing + [
        0 if n != full else s for n, full, s in
        zip(array.shape, shape[missing:], array.strides)]
    return Array(array.buffer, shape, strides, array.offset)


def repeated(array, shape):
    """The same, marked as what need not be stored."""
    full = broadcast(array, shape)
    return Repeated(full.buffer, full.shape, full.strides, full.offset)


def without(array, axes):
    """The array without axes of size 1."""
    kept = [i for i in range(len(array.shape)) if i not in axes]
    return Array(array.buffer, [array.shape[i] for i in kept],
                 [array.strides[i] for i in kept], array.offset)


# Instructions.  ``reads`` and ``writes`` are lists of Array.

#: code: from names of inputs and outputs to C++ statements; calls: whether
#: they call the C library, which is for one number at a time; name: for
#: people; near: code for moderate numbers, which sets ``far`` for others
ElementWise = namedtuple('ElementWise',
                         'writes reads code support calls name near')
ElementWise.__new__.__defaults__ = (False, 'copy', None)
#: kept, reduced: axes; initial: C++ text; code as above, (acc, x) to acc
Reduction = namedtuple('Reduction',
                       'writes reads kept reduced initial code acc support')
Product = namedtuple('Product', 'writes reads')
Gather = namedtuple('Gather', 'writes reads')
Uniform = namedtuple('Uniform', 'writes reads')
Maximum = namedtuple('Maximum', 'writes reads kept reduced')
SoftMax = namedtuple('SoftMax', 'writes reads')
SoftMaxGradient = namedtuple('SoftMaxGradient', 'writes reads')


def copy(ins, outs):
    """The code of an ElementWise that copies."""
    return '%s = %s;' % (outs[0], ins[0])


def c_type(dtype):
    """C++ name of a dtype."""
    return scalar.get_scalar_type(str(np.dtype(dtype))).dtype_specs()[1]

"""Views of buffers are those that numpy makes of the same arrays."""
from __future__ import division, print_function

import numpy as np
import pytest

from untapped.compiled.instructions import Array, Buffer, broadcast


def array(*shape):
    """Of an ndarray of that shape, both compact."""
    there = np.empty(shape, 'float32')
    return there, Array(Buffer('memory', 'float32', there.size), shape,
                        strides(there))


def strides(there):
    return tuple(s // there.itemsize for s in there.strides)


@pytest.mark.parametrize('shape', [(4, 6), (6,), (), (1, 6), (4, 1)])
def test_broadcast_strides_are_numpys(shape):
    there, ours = array(*shape)
    wanted = np.lib.stride_tricks.broadcast_to(there, (3, 4, 6))
    found = broadcast(ours, (3, 4, 6))
    assert found.shape == wanted.shape
    assert found.strides == strides(wanted)
    assert found.buffer is ours.buffer


def test_squeezed_drops_axes_of_length_1_and_no_element():
    there, ours = array(1, 4, 1, 6)
    found = ours.seen_as(lambda a: a[:, 1:]).squeezed()
    assert found.shape == (3, 6)
    assert found.strides == strides(there[:, 1:].squeeze())
    assert found.offset == 6


def test_strides_of_axes_of_length_1_do_not_count():
    ours = array(4, 1, 6)[1]
    assert ours.has_strides((6, 99, 1))
    assert not ours.has_strides((1, 6, 4))

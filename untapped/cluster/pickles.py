"""Calls that go to another process as bytes, large arrays apart.

All fits of a search hold the same data: an array is named by its SHA-256 and
goes to the cluster once.  ``python -m untapped.cluster.pickles`` makes the
call in its working folder.
"""
from __future__ import division, print_function

import io
import os
import pickle
import sys
import traceback

import cloudpickle
import numpy as np

from untapped.cluster.tasks import ANSWER, CALL
from untapped.files.hashes import sha256

__all__ = ['packed', 'unpacked']

#: bytes from which an array goes apart
LARGE = 1 << 16


def packed(value):
    """(pickle of a value, its large arrays as name -> ndarray)."""
    arrays = {}

    class Pickler(cloudpickle.CloudPickler):

        def persistent_id(self, value):
            if type(value) is not np.ndarray or value.nbytes < LARGE or \
                    value.dtype.hasobject:
                return None
            name = _name(value)
            arrays[name] = value
            return name

    stream = io.BytesIO()
    Pickler(stream, protocol=2).dump(value)
    return stream.getvalue(), arrays


def _name(array):
    # the order in memory decides bits: BLAS has a routine for each
    form = repr((array.dtype.str, array.shape, array.flags.fnc))
    return sha256([form.encode('ascii'), np.ascontiguousarray(
        array.T if array.flags.fnc else array)])


def unpacked(payload, folder):
    """The value of a pickle whose arrays are .npy files in a folder."""
    loaded = {}

    def array(name):
        if name not in loaded:
            loaded[name] = np.load(os.path.join(folder, name + '.npy'),
                                   allow_pickle=False)
        return loaded[name]

    unpickler = pickle.Unpickler(io.BytesIO(payload))
    unpickler.persistent_load = array
    return unpickler.load()


def answer_of(call):
    """A pickle of (whether it went well, result or exception)."""
    try:
        answer = True, call()
    except Exception as error:
        traceback.print_exc()
        answer = False, error
    return cloudpickle.dumps(answer, protocol=2)


def main():
    """Make the call in the working folder and leave its answer there."""
    with open(CALL, 'rb') as stream:
        call = unpacked(stream.read(), os.curdir)
    with open(ANSWER + '.part', 'wb') as stream:
        stream.write(answer_of(call))
    os.rename(ANSWER + '.part', ANSWER)
    return 0


if __name__ == '__main__':
    # `import untapped` came first, with the pins
    sys.exit(main())

"""What a compiled step is made of, and its file in the compile folder.

A step is a shared library, the addresses of its buffers, its constants and
its products.  They are kept beside the library, under a key of the graph as
it was before Theano rewrote it (`rewriting`), of the compiler's flags and of
the shapes of its inputs.
The next process takes them from there, and neither rewrites nor traces.
A file is a line of JSON and the bytes of the constants.
"""
from __future__ import division, print_function

import json
import os
from collections import namedtuple

import numpy as np

from untapped.compiled.instructions import Array, Buffer, Product
from untapped.compiled.library import folder
from untapped.files import atomic, hashes

__all__ = ['Plan', 'keep', 'kept', 'shown']


class Plan(namedtuple('Plan', 'library memory addresses products threads '
                              'described new known')):
    """What `library.Library` needs.

    Attributes
    ----------
    library : str, the name of its file in the compile folder
    memory : int, bytes
    addresses : list, of each buffer an offset into the memory, an ndarray (a
        constant), or None (inputs and outputs)
    products : list of instructions.Product
    threads : bool, whether steps are cut
    described : see ``source.Source``
    new : list of int, positions of the outputs that are new arrays
    known : list of (position, value), the integer inputs that shapes depend
        on
    """

    @classmethod
    def of(cls, source, library, trace):
        """The plan of a source that was compiled to a library."""
        return cls(library, source.memory, source.addresses, source.products,
                   source.threads, source.described, sorted(trace.outputs),
                   [(i, int(trace.values[i]))
                    for i in sorted(trace.specialised)])

    def is_for(self, values):
        """Whether the inputs have the values that shapes depend on."""
        return all(int(values[i]) == value for i, value in self.known)

    def text(self):
        """A line of JSON, and bytes."""
        constants, addresses, size = [], [], 0
        for address in self.addresses:
            if isinstance(address, np.ndarray):
                content = address.tobytes()
                constants.append(content)
                address = [address.dtype.str, list(address.shape), size]
                size += len(content)
            addresses.append(address)
        line = json.dumps(dict(
            self._asdict(), addresses=addresses,
            products=[[(a.dtype.str, a.shape, a.strides)
                       for a in p.reads + p.writes] for p in self.products]))
        return line.encode('ascii') + b'\n' + b''.join(constants)

    @classmethod
    def read(cls, content):
        """From a line of JSON and bytes.

        Raises
        ------
        ValueError, TypeError, KeyError : they are not what ``text`` gives
        """
        line, constants = content.split(b'\n', 1)
        values = json.loads(line.decode('ascii'))
        values['addresses'] = [
            _constant(constants, *a) if isinstance(a, list) else a
            for a in values['addresses']]
        values['products'] = [
            Product(arrays[2:], arrays[:2]) for arrays in
            [[_array(*a) for a in p] for p in values['products']]]
        return cls(**values)


def _constant(content, dtype, shape, start):
    size = int(np.prod(shape, dtype='int64'))
    # a copy lies where numbers of its type may lie
    return np.frombuffer(content, dtype, size, start).reshape(shape).copy()


def _array(dtype, shape, strides):
    return Array(Buffer('memory', dtype, int(np.prod(shape, dtype='int64'))),
                 shape, strides)


def shown(values):
    """Types, shapes and strides of inputs, a text."""
    return repr([(v.dtype.str, v.shape, v.strides) for v in values])


def _beginning(key, values):
    """What the names of the files of a graph and such inputs begin with."""
    return hashes.sha256([key, shown(values).encode('ascii')])[:32] + '-'


def kept(key, values):
    """The plan for a graph and its inputs; None if there is none.

    Parameters
    ----------
    key : bytes, of the graph and of how it is compiled
    values : list of ndarray, the inputs
    """
    beginning = _beginning(key, values)
    try:
        names = sorted(name for name in os.listdir(folder())
                       if name.startswith(beginning))
    except EnvironmentError:
        return None
    for name in names:
        try:
            with open(os.path.join(folder(), name), 'rb') as stream:
                plan = Plan.read(stream.read())
        except (EnvironmentError, ValueError, TypeError, KeyError):
            # it has gone, or was not written by this version
            continue
        if plan.is_for(values) and os.path.exists(
                os.path.join(folder(), plan.library)):
            return plan
    return None


def keep(key, values, plan):
    """Write a plan to the compile folder; without a word if that fails."""
    name = _beginning(key, values) + plan.library.split('.')[0] + '.step'
    try:
        with atomic.whole(os.path.join(folder(), name)) as stream:
            stream.write(plan.text())
    except EnvironmentError:
        pass

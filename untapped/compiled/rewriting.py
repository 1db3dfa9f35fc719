"""Theano's rewrites of a graph, made only where they are needed.

A graph that was compiled before need not be rewritten: its `plan` is in the
compile folder, under a key of the graph as it is handed to Theano.  `Later`
stands in the place of Theano's rewrites, and makes them when somebody asks.
"""
from __future__ import division, print_function

import contextlib
import gc
import glob
import os
import pickle

import numpy as np
import theano
from theano.compile.mode import Mode
from theano.compile.ops import DeepCopyOp, deep_copy_op
from theano.gof import Constant

from untapped.files import hashes

__all__ = ['Later', 'Unrewritten', 'keeping_all', 'key']


class Unrewritten(object):
    """A graph, and the rewrites that were not made yet.

    Attributes
    ----------
    key : str or None, where the graph has no key
    """
    def __init__(self, fgraph, rewrites):
        self._fgraph, self._rewrites = fgraph, rewrites
        self.key = key(fgraph)
        self.done = False

    def rewrite(self, copies=False):
        """Make the rewrites, unless they are made.

        copies : bool, whether outputs are copied, as Theano would copy those
            that share memory with others
        """
        fgraph = self._fgraph
        if not self.done:
            self.done = True
            # Theano put them in before the rewrites, which come before them
            for i, output in enumerate(list(fgraph.outputs)):
                if output.owner is not None and \
                        isinstance(output.owner.op, DeepCopyOp):
                    fgraph.change_input('output', i, output.owner.inputs[0])
            # as Theano does: new nodes need not know where they were made
            traceback = theano.config.traceback
            limit, traceback.limit = traceback.limit, 0
            try:
                self._rewrites(fgraph)
            finally:
                traceback.limit = limit
        if copies:
            for i, output in enumerate(list(fgraph.outputs)):
                fgraph.change_input('output', i, deep_copy_op(output))


class Later(Mode):
    """A mode whose rewrites the linker asks for: `linker.WholeGraph`.

    What is to be rewritten is left at the graph, as ``unrewritten``.
    """
    @property
    def optimizer(self):
        """In the place of the rewrites."""
        rewrites = Mode.optimizer.fget(self)

        def leave(fgraph):
            fgraph.unrewritten = Unrewritten(fgraph, rewrites)
        return leave


@contextlib.contextmanager
def keeping_all():
    """Inside, Python does not look for objects that nobody needs.

    Of the many that make a graph hardly any goes before it does: looking
    takes a fifth of the time.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def key(fgraph):
    """A text that two graphs have in common only if they are the same.

    It says what each node is, from the outputs on, with constants and the
    types of inputs; which inputs are replaced; and what this code, Theano's
    version and its flags are.  None for operations that have no pickle.
    """
    numbers, parts = {}, [_version()]
    ops = {}

    def told(thing):
        # equal operations are pickled once
        if thing not in ops:
            ops[thing] = pickle.dumps(thing, 2)
        return ops[thing]
    try:
        for i, variable in enumerate(fgraph.inputs):
            numbers[variable] = len(numbers)
            parts.append(told(variable.type))
        for node in _from_outputs(fgraph):
            inputs = [_number(v, numbers, parts, told) for v in node.inputs]
            parts.append(told(node.op))
            parts.append(repr((inputs, [str(v.type) for v in node.outputs])))
            for variable in node.outputs:
                numbers[variable] = len(numbers)
        outputs = [_number(v, numbers, parts, told) for v in fgraph.outputs]
    except Exception:
        # whatever pickling somebody's operation raises
        return None
    parts.append(repr((outputs, sorted(
        (fgraph.update_mapping or {}).items()))))
    return hashes.sha256([hashes.sha256([
        part if isinstance(part, bytes) else part.encode('utf-8')]).encode(
            'ascii') for part in parts])


def _number(variable, numbers, parts, told):
    """The number of a variable; a constant gets its own here."""
    if variable not in numbers:
        if not isinstance(variable, Constant):
            raise ValueError('a variable from nowhere')
        numbers[variable] = len(numbers)
        parts.append(told(variable.type))
        data = variable.data
        if isinstance(data, (np.ndarray, np.generic)):
            parts.append(repr((data.dtype.str, np.shape(data))))
            parts.append(np.ascontiguousarray(data).tobytes())
        else:
            parts.append(pickle.dumps(data, 2))
    return numbers[variable]


def _from_outputs(fgraph):
    """The nodes, each after those that it needs, from the first output on."""
    done, order = set(), []
    stack = [(v.owner, False) for v in reversed(fgraph.outputs)
             if v.owner is not None]
    while stack:
        node, ready = stack.pop()
        if node in done:
            continue
        if ready:
            done.add(node)
            order.append(node)
            continue
        stack.append((node, True))
        stack.extend((v.owner, False) for v in reversed(node.inputs)
                     if v.owner is not None and v.owner not in done)
    return order


def _code():
    """A digest of this room's code, which decides what a graph becomes."""
    parts = []
    room = os.path.dirname(os.path.abspath(__file__))
    for path in sorted(glob.glob(os.path.join(room, '*.py'))):
        with open(path, 'rb') as stream:
            parts.append(stream.read())
    return hashes.sha256(parts)


#: as it is when it is imported: somebody may be writing it
_CODE = _code()


def _version():
    """All that a step depends on beside its graph."""
    config = theano.config
    return repr([
        _CODE, theano.__version__, np.__version__, config.floatX,
        config.optimizer, config.optimizer_excluding,
        config.optimizer_including, config.gcc.cxxflags, config.blas.ldflags,
        config.cxx])

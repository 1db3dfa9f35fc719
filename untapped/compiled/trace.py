"""From a Theano graph to instructions on arrays whose shapes are known.

A graph is walked once with the shapes of its inputs.  Integers that shapes
are made of are computed on the way.  Everything else becomes an instruction:
`nodes` says which, for each kind of node.
"""
from __future__ import division, print_function

import numpy as np
from theano.gof import Constant

from untapped.compiled.instructions import (Array, Buffer, ElementWise,
                                            Repeated, Uniform, Unsupported,
                                            compact, copy)
from untapped.compiled.nodes import visit

__all__ = ['Trace']


class Needed(Exception):
    """A shape depends on an input whose value is not known."""
    def __init__(self, variable):
        super(Needed, self).__init__(str(variable))
        self.variable = variable


def _is_integer(dtype):
    return np.dtype(dtype).kind in 'iub'


class Trace(object):
    """The instructions of a graph for given inputs.

    Parameters
    ----------
    inputs, outputs : lists of Theano variables
    order : list of Apply, in an order in which they can be computed
    values : list of ndarray, what the inputs hold
    updates : dict from the position of an output to that of the input which
        it replaces
    functions : dict from the type of a scalar operation to the C++ that
        takes its place for float32, see ``scalars.replaced``
    near : the same, for moderate numbers

    Attributes
    ----------
    instructions : list
    specialised : positions of the integer inputs whose values shapes depend
        on; the trace holds for these values only
    inputs : list of Array
    outputs : dict from position to Array, those that are new arrays; the
        others are written over the input they replace

    Raises
    ------
    Unsupported : a node has no instruction, or a shape depends on data
    """
    def __init__(self, inputs, outputs, order, values, updates=None,
                 functions=None, near=None):
        self._variables, self._out, self._order = inputs, outputs, order
        self.values, self._updates = values, updates or {}
        self.functions, self.near = functions or {}, near or {}
        self.specialised = set()
        while True:
            try:
                self._walk()
                return
            except Needed as needed:
                self._specialise(needed.variable)

    def _specialise(self, variable):
        """Take the values of the integer inputs that a variable is made of.

        What is known, as a shape is, need not be computed from its inputs:
        the number of a minibatch decides which rows, not how many.
        """
        before, left = set(), [variable]
        while left:
            one = left.pop()
            if one not in before and not self.is_known(one):
                before.add(one)
                left += one.owner.inputs if one.owner else []
        new = [i for i, v in enumerate(self._variables)
               if v in before and v.ndim == 0 and _is_integer(v.dtype)]
        if not new:
            raise Unsupported('a shape that depends on data')
        self.specialised.update(new)

    def _walk(self):
        self.instructions = []
        self._constants = {}
        #: variable to Array, or to an ndarray of known integers
        self._at = {}
        self.inputs = [self._input(i, np.asarray(value))
                       for i, value in enumerate(self.values)]
        for i, variable in enumerate(self._variables):
            self._at[variable] = (np.asarray(self.values[i])
                                  if i in self.specialised
                                  else self.inputs[i])
        for node in self._order:
            outs = (self.computed(node) if self._can_be_computed(node)
                    else visit(self, node))
            self._at.update(zip(node.outputs, outs))
        self._give([self.array(v) for v in self._out])

    @staticmethod
    def _input(position, value):
        return Array(
            Buffer('input', value.dtype, value.size, position=position),
            value.shape, [s // value.itemsize for s in value.strides])

    # outputs

    def _give(self, made):
        """Write all outputs, new arrays first, to where they belong."""
        # an output may be what an input was: read before it is replaced
        made = [self.copied(a) if i in self._updates and
                a.buffer.kind == 'input' and a.buffer.position !=
                self._updates[i] else a for i, a in enumerate(made)]
        self.outputs = {}
        for position in sorted(range(len(made)),
                               key=lambda i: (i in self._updates, i)):
            self._output(position, made[position])

    def _output(self, position, array):
        strides = compact(array.shape, array.fortran)
        if position in self._updates:
            old = self.inputs[self._updates[position]]
            if old.shape == array.shape and old.dtype == array.dtype and \
                    old.has_strides(strides):
                if array.buffer is not old.buffer:
                    self._replace(old, array)
                return
        made = Array(Buffer('output', array.dtype, array.size,
                            position=position), array.shape, strides)
        self.outputs[position] = made
        self.emit_copy(made, array)

    def _replace(self, old, new):
        """Write ``new`` over the input ``old``."""
        makers = [i for i in self.instructions
                  if any(a.buffer is new.buffer for a in i.writes)]
        if len(makers) == 1 and isinstance(makers[0], Uniform) and makers == [
                i for i in self.instructions
                if any(a.buffer is old.buffer for a in i.reads)]:
            # the states of a stream move on where they are
            where = self.instructions.index(makers[0])
            self.instructions[where] = Uniform([old, makers[0].writes[1]],
                                               [old])
            return
        self.emit_copy(old, new)

    # what a variable is

    def is_known(self, variable):
        """Whether it holds integers that are computed on the way."""
        if isinstance(variable, Constant):
            data = np.asarray(variable.data)
            return data.dtype == object or _is_integer(data.dtype)
        return isinstance(self._at[variable], np.ndarray)

    def known(self, variable):
        """Its integers, an ndarray.

        Raises
        ------
        Needed : they depend on an input; the walk starts anew with its value
        """
        if isinstance(variable, Constant):
            return variable.data
        value = self._at[variable]
        if isinstance(value, Array):
            raise Needed(variable)
        return value

    def value(self, variable):
        """What stands for it: an Array, or an ndarray of known integers."""
        if isinstance(variable, Constant):
            return self._constant(variable.data)
        return self._at[variable]

    def array(self, variable):
        """The Array that holds it; a repeated value is stored for that."""
        value = self.value(variable)
        if isinstance(value, Repeated):
            if value.stored is None:
                value.stored = self.copied(value)
            return value.stored
        return value if isinstance(value, Array) else self._constant(value)

    def operand(self, variable):
        """What is read element by element: it may be a Repeated."""
        value = self.value(variable)
        return value if isinstance(value, Repeated) else self.array(variable)

    def _constant(self, value):
        value = np.ascontiguousarray(value).reshape(np.shape(value))
        key = (value.dtype.str, value.shape, value.tobytes())
        if key not in self._constants:
            self._constants[key] = Array(
                Buffer('constant', value.dtype, value.size, value),
                value.shape, compact(value.shape))
        return self._constants[key]

    # what is computed on the way

    def _can_be_computed(self, node):
        return (all(self.is_known(v) for v in node.inputs) and
                all(_is_integer(v.dtype) for v in node.outputs))

    def computed(self, node):
        """The outputs of a node by Theano's Python: a list of ndarray.

        Raises
        ------
        Needed : an input is not known
        """
        cells = [[None] for _ in node.outputs]
        node.op.perform(node, [self.known(v) for v in node.inputs], cells)
        return [np.asarray(cell[0], variable.dtype)
                for variable, cell in zip(node.outputs, cells)]

    # instructions

    def new(self, shape, dtype, fortran=False):
        """An Array without gaps in a buffer of its own."""
        size = int(np.prod(shape, dtype='int64'))
        return Array(Buffer('memory', dtype, size), shape,
                     compact(shape, fortran))

    def emit(self, instruction):
        """Append an instruction, unless it has nothing to write."""
        if instruction.writes[0].size:
            self.instructions.append(instruction)

    def emit_copy(self, to, array):
        """Append a copy of ``array`` to ``to``, element by element."""
        self.emit(ElementWise([to], [array], copy, ''))

    def copied(self, array, strides=None):
        """A copy in a buffer of its own, by default in the order of C."""
        made = self.new(array.shape, array.dtype)
        if strides is not None:
            made = Array(made.buffer, array.shape, strides)
        self.emit_copy(made, array)
        return made

    def packed(self, array):
        """The array if a copy by numpy would have its strides, else a copy."""
        strides = [s // array.dtype.itemsize
                   for s in np.empty_like(array.stand_in()[0]).strides]
        return (array if array.has_strides(strides)
                else self.copied(array, strides))

"""From a Theano graph to instructions on arrays whose shapes are known.

A graph is walked once with the shapes of its inputs.  Integers that shapes
are made of are computed on the way; everything else becomes an instruction.
Views (transposes, reshapes, slices) cost nothing: an array is a place in a
buffer with strides.  Layouts are those that Theano and numpy would give the
same arrays, as the layout of a matrix decides which BLAS routine multiplies
it.
"""
from __future__ import division, print_function

import re

import numpy as np
import theano
from theano import scalar
from theano.gof import Apply, Constant
from theano.gof.graph import ancestors
from theano.sandbox.rng_mrg import mrg_uniform
from theano.tensor.basic import (
    ARange, Alloc, Join, MaxAndArgmax, Reshape, ScalarFromTensor,
    Split, TensorFromScalar)
from theano.compile.ops import DeepCopyOp, Rebroadcast, Shape, Shape_i
from theano.tensor.blas import Dot22
from theano.tensor.elemwise import CAReduceDtype, DimShuffle, Elemwise
from theano.tensor.opt import MakeVector
from theano.tensor.nnet.nnet import Softmax, SoftmaxGrad
from theano.tensor.subtensor import (
    AdvancedSubtensor1, IncSubtensor, Subtensor, get_idx_list)

from untapped.compiled.instructions import (Array, Buffer, ElementWise, Gather,
                                            Maximum, Product, Reduction,
                                            Repeated, SoftMax, SoftMaxGradient,
                                            Uniform, broadcast, c_type,
                                            compact, copy, repeated, without)

__all__ = ['Trace', 'Unsupported']


class Unsupported(Exception):
    """The graph holds something that has no instruction."""


class Needed(Exception):
    """A shape depends on an input whose value is not known."""
    def __init__(self, variable):
        super(Needed, self).__init__(str(variable))
        self.variable = variable


def _scalar_code(op, in_dtypes, out_dtypes):
    """The function from names to statements of a scalar operation."""
    node = Apply(op,
                 [scalar.get_scalar_type(str(d)).make_variable()
                  for d in in_dtypes],
                 [scalar.get_scalar_type(str(d)).make_variable()
                  for d in out_dtypes])

    def code(ins, outs):
        return op.c_code(node, 'scalar', ins, outs, {'fail': 'return -1;'})
    try:
        code(['x'] * len(in_dtypes), ['z'] * len(out_dtypes))
    except (NotImplementedError, theano.gof.utils.MethodNotDefined):
        raise Unsupported('%s without C++' % op)
    return code


#: a call in C++ text that is neither a single instruction nor put inline, as
#: the functions of `exact` and `fast` are
_CALL = re.compile(
    r'\b(?!fabsf?\b|sqrtf?\b|either\b|exact_|fast_)[A-Za-z_]\w*\(')


def _without_unread(reads, code, outputs):
    """Drop operands of which only the shape counts, as of `second`.

    Returns
    -------
    reads, code : as of an ElementWise
    """
    names = ['operand%d' % i for i in range(len(reads))]
    words = set(re.findall(r'\w+', code(names, ['z'] * outputs)))
    read = [i for i, name in enumerate(names) if name in words]
    if len(read) == len(reads):
        return reads, code

    def shorter(ins, outs):
        given = dict(zip(read, ins))
        return code([given.get(i) for i in range(len(reads))], outs)
    return [reads[i] for i in read], shorter


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
        takes its place for float32

    Attributes
    ----------
    instructions : list
    specialised : positions of the integer inputs whose values shapes depend
        on; the trace holds for these values only
    inputs : list of Array
    outputs : dict from position to Array, those that are new arrays; the
        others are written over the input they replace
    """
    def __init__(self, inputs, outputs, order, values, updates=None,
                 functions=None):
        self._variables, self._out, self._order = inputs, outputs, order
        self.values, self._updates = values, updates or {}
        self._functions = functions or {}
        self.specialised = set()
        while True:
            try:
                self._walk()
                return
            except Needed as needed:
                self._specialise(needed.variable)

    def _specialise(self, variable):
        before = set(ancestors([variable]))
        new = [i for i, v in enumerate(self._variables)
               if v in before and v.ndim == 0 and _is_integer(v.dtype) and
               i not in self.specialised]
        if not new:
            raise Unsupported('a shape that depends on data')
        self.specialised.update(new)

    def _walk(self):
        self.instructions = []
        self._constants = {}
        #: variable to Array, or to an ndarray of known integers
        self._at = {}
        self.inputs = []
        for i, (variable, value) in enumerate(
                zip(self._variables, self.values)):
            value = np.asarray(value)
            array = Array(Buffer('input', value.dtype, value.size, position=i),
                          value.shape,
                          [s // value.itemsize for s in value.strides])
            self.inputs.append(array)
            self._at[variable] = (value if i in self.specialised else array)
        for node in self._order:
            self._visit(node)
        self.outputs = {}
        # an output may be what an input was: read before it is replaced
        made = [self._array(v) for v in self._out]
        made = [self._copied(a) if i in self._updates and
                a.buffer.kind == 'input' and a.buffer.position !=
                self._updates[i] else a for i, a in enumerate(made)]
        for position in sorted(range(len(made)),
                               key=lambda i: (i in self._updates, i)):
            self._output(position, made[position])

    def _output(self, position, array):
        strides = compact(array.shape, array.fortran)
        if position in self._updates:
            old = self.inputs[self._updates[position]]
            if old.shape == array.shape and old.dtype == array.dtype and \
                    all(s == t or n == 1 for s, t, n in
                        zip(old.strides, strides, old.shape)):
                if array.buffer is not old.buffer:
                    self._replace(old, array)
                return
        made = Array(Buffer('output', array.dtype, array.size,
                            position=position), array.shape, strides)
        self.outputs[position] = made
        self._emit_copy(made, array)

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
        self._emit_copy(old, new)

    # what a variable is

    def _is_known(self, variable):
        if isinstance(variable, Constant):
            data = np.asarray(variable.data)
            return data.dtype == object or _is_integer(data.dtype)
        return isinstance(self._at[variable], np.ndarray)

    def _known(self, variable):
        if isinstance(variable, Constant):
            return variable.data
        value = self._at[variable]
        if isinstance(value, Array):
            raise Needed(variable)
        return value

    def _array(self, variable):
        if isinstance(variable, Constant):
            return self._constant(variable.data)
        value = self._at[variable]
        if isinstance(value, Repeated):
            if value.stored is None:
                value.stored = self._copied(value)
            return value.stored
        return value if isinstance(value, Array) else self._constant(value)

    def _operand(self, variable):
        """What is read element by element: it may be a repeated value."""
        if isinstance(self._at.get(variable), Repeated):
            return self._at[variable]
        return self._array(variable)

    def _constant(self, value):
        value = np.ascontiguousarray(value).reshape(np.shape(value))
        key = (value.dtype.str, value.shape, value.tobytes())
        if key not in self._constants:
            self._constants[key] = Array(
                Buffer('constant', value.dtype, value.size, value),
                value.shape, compact(value.shape))
        return self._constants[key]

    def _new(self, shape, dtype, fortran=False):
        size = int(np.prod(shape, dtype='int64'))
        return Array(Buffer('memory', dtype, size), shape,
                     compact(shape, fortran))

    def _emit(self, instruction):
        if instruction.writes[0].size:
            self.instructions.append(instruction)

    def _emit_copy(self, to, array):
        self._emit(ElementWise([to], [array], copy, ''))

    def _copied(self, array, strides=None):
        made = self._new(array.shape, array.dtype)
        if strides is not None:
            made = Array(made.buffer, array.shape, strides)
        self._emit_copy(made, array)
        return made

    # the nodes

    def _visit(self, node):
        op = node.op
        if isinstance(op, (Shape, Shape_i)):
            shape = np.asarray(self._shape(node.inputs[0]), 'int64')
            self._at[node.outputs[0]] = (
                shape if isinstance(op, Shape) else np.asarray(shape[op.i]))
            return
        if (all(self._is_known(v) for v in node.inputs) and
                all(_is_integer(v.dtype) for v in node.outputs)):
            self._compute(node)
            return
        for kind, visit in _VISITS:
            if isinstance(op, kind):
                outs = visit(self, node, op)
                break
        else:
            raise Unsupported(str(op))
        for variable, array in zip(node.outputs, outs):
            self._at[variable] = array

    def _shape(self, variable):
        if isinstance(variable, Constant):
            return np.shape(variable.data)
        return np.shape(self._at[variable]) if self._is_known(variable) \
            else self._at[variable].shape

    def _compute(self, node):
        cells = [[None] for _ in node.outputs]
        node.op.perform(node, [self._known(v) for v in node.inputs], cells)
        for variable, cell in zip(node.outputs, cells):
            self._at[variable] = np.asarray(cell[0], variable.dtype)

    def _elementwise(self, node, op):
        scalar_op = op.scalar_op
        try:
            code = self._replaced(node) or _scalar_code(
                scalar_op, [v.dtype for v in node.inputs],
                [v.dtype for v in node.outputs])
        except Unsupported:
            # Theano computes it in Python, too
            if not all(isinstance(v, Constant) or self._is_known(v)
                       for v in node.inputs):
                raise
            self._compute(node)
            return [self._at[v] for v in node.outputs]
        reads = [self._operand(v) for v in node.inputs]
        shape = tuple(max(n) if min(n) else 0
                      for n in zip(*[a.shape for a in reads]))
        for variable, array in zip(node.inputs, reads):
            for n, full, broad in zip(array.shape, shape,
                                      variable.broadcastable):
                if n != full and not broad:
                    raise Unsupported('shapes that do not match')
        full = [a for v, a in zip(node.inputs, reads)
                if not all(v.broadcastable)]
        fortran = bool(full) and all(a.fortran for a in full)
        if isinstance(scalar_op, scalar.Second) and not fortran and \
                reads[1].shape != shape and \
                reads[1].dtype == node.outputs[0].dtype:
            return [repeated(reads[1], shape)]
        writes = [self._new(shape, v.dtype, fortran) for v in node.outputs]
        calls = _CALL.search(code(['x'] * len(reads), ['z'] * len(writes)))
        reads, code = _without_unread(reads, code, len(writes))
        self._emit(ElementWise(
            writes, [broadcast(a, shape) for a in reads], code,
            _support(scalar_op), bool(calls)))
        return writes

    def _replaced(self, node):
        text = self._functions.get(type(node.op.scalar_op))
        if text is None or any(v.dtype != 'float32' for v in
                               node.inputs + node.outputs):
            return None
        return lambda ins, outs: '%s = %s;' % (outs[0], text.format(*ins))

    def _reduction(self, node, op):
        array, = [self._array(v) for v in node.inputs]
        out = node.outputs[0]
        axes = list(range(len(array.shape))) if op.axis is None \
            else list(op.axis)
        if not hasattr(op.scalar_op, 'identity') or (
                not axes and array.shape):
            raise Unsupported(str(op))
        acc = op.acc_dtype or out.dtype
        kept = [i for i in range(len(array.shape)) if i not in axes]
        made = self._new([array.shape[i] for i in kept], out.dtype)
        # Theano types the accumulator as the output; the text is the same
        code = _scalar_code(op.scalar_op, [array.dtype] * 2, [out.dtype])
        initial = repr(op.scalar_op.identity)
        support = _support(op.scalar_op)
        if all(array.shape[i] == 1 for i in axes):
            def once(ins, outs):
                # 0 + x, which makes 0 of -0, and 1 * x
                if isinstance(op.scalar_op, scalar.Add):
                    return '%s = %s + 0.f;' % (outs[0], ins[0])
                if isinstance(op.scalar_op, scalar.Mul):
                    return copy(ins, outs)
                return '%s acc = %s; %s %s = acc;' % (
                    c_type(acc), initial, code(['acc', ins[0]], ['acc']),
                    outs[0])
            self._emit(ElementWise([made], [without(array, axes)], once,
                                   support))
        else:
            self._emit(Reduction([made], [array], kept, axes, initial, code,
                                 np.dtype(acc), support))
        return [made]

    def _dimshuffle(self, node, op):
        array = self._operand(node.inputs[0])
        order = [i for i in op.new_order if i != 'x']
        dropped = [i for i in range(len(array.shape)) if i not in order]
        if any(array.shape[i] != 1 for i in dropped):
            raise Unsupported('dropped axes that are not 1')
        # with an ellipsis numpy gives a view even of a single element
        index = (Ellipsis,) + tuple(None if i == 'x' else slice(None)
                                    for i in op.new_order)
        first = (Ellipsis,) + (0,) * len(dropped)

        def change(a):
            return a.transpose(order + dropped)[first][index]
        if isinstance(array, Repeated):
            if order == sorted(order):
                seen = array.seen_as(change)
                return [Repeated(seen.buffer, seen.shape, seen.strides,
                                 seen.offset)]
            array = self._array(node.inputs[0])
        # Theano copies before it shuffles, and what is copied is compact
        return [self._compact(array).seen_as(change)]

    def _compact(self, array):
        """The array if a copy would have its strides, else a copy."""
        strides = [s // array.dtype.itemsize
                   for s in np.empty_like(array.stand_in()[0]).strides]
        if all(s == t or n == 1 for s, t, n in
               zip(array.strides, strides, array.shape)):
            return array
        return self._copied(array, strides)

    def _reshape(self, node, op):
        array = self._array(node.inputs[0])
        shape = [int(n) for n in np.atleast_1d(self._known(node.inputs[1]))]
        seen = array.seen_as(lambda a: a.reshape(shape))
        if seen is None:
            seen = self._copied(array).seen_as(lambda a: a.reshape(shape))
        return [seen]

    def _subtensor(self, node, op):
        array = self._array(node.inputs[0])
        index = self._index(node.inputs, op.idx_list)
        return [array.seen_as(lambda a: a[index])]

    def _index(self, inputs, idx_list):
        values = [inputs[0]] + [self._known(v) for v in inputs[1:]]

        def as_int(i):
            if isinstance(i, slice):
                return slice(*[None if j is None else int(j) for j in
                               (i.start, i.stop, i.step)])
            return int(i)
        return tuple(as_int(i) for i in get_idx_list(values, idx_list)) + (
            Ellipsis,)

    def _inc_subtensor(self, node, op):
        array, value = [self._array(v) for v in node.inputs[:2]]
        index = self._index([node.inputs[0]] + node.inputs[2:], op.idx_list)
        made = self._new(array.shape, array.dtype)
        view, first = made.stand_in()
        changed = np.zeros(array.shape, bool)
        changed[index] = True
        part = made.seen_as(lambda a: a[index])
        old = array.seen_as(lambda a: a[index])
        if changed.sum() != part.size or \
                len(value.shape) > len(part.shape):
            raise Unsupported(str(op))
        value = Array(value.buffer,
                      (1,) * (len(part.shape) - len(value.shape)) +
                      value.shape,
                      (0,) * (len(part.shape) - len(value.shape)) +
                      value.strides, value.offset)
        value = broadcast(value, part.shape)
        # first everything as it was, then the part: two writers of a buffer
        self._emit_copy(made, array)
        if op.set_instead_of_inc:
            self._emit_copy(part, value)
        else:
            def add(ins, outs):
                return '%s = %s + %s;' % (outs[0], ins[0], ins[1])
            self._emit(ElementWise([part], [old, value], add, ''))
        return [made]

    def _alloc(self, node, op):
        value = self._array(node.inputs[0])
        shape = [int(self._known(v)) for v in node.inputs[1:]]
        value = Array(value.buffer,
                      (1,) * (len(shape) - len(value.shape)) + value.shape,
                      (0,) * (len(shape) - len(value.shape)) + value.strides,
                      value.offset)
        return [repeated(value, shape)]

    def _join(self, node, op):
        axis = int(self._known(node.inputs[0]))
        arrays = [self._array(v) for v in node.inputs[1:]]
        dtype = node.outputs[0].dtype
        joined = np.concatenate([a.stand_in()[0] for a in arrays], axis)
        made = Array(Buffer('memory', dtype, joined.size), joined.shape,
                     [s // joined.itemsize for s in joined.strides])
        axis %= len(joined.shape)
        start = 0
        for array in arrays:
            stop = start + array.shape[axis]
            where = (slice(None),) * axis + (slice(start, stop),)
            self._emit_copy(made.seen_as(lambda a: a[where]), array)
            start = stop
        return [made]

    def _split(self, node, op):
        array = self._array(node.inputs[0])
        axis = int(self._known(node.inputs[1])) % len(array.shape)
        made, start = [], 0
        for size in self._known(node.inputs[2]):
            where = (slice(None),) * axis + (slice(start, start + int(size)),)
            made.append(self._copied(array.seen_as(lambda a: a[where])))
            start += int(size)
        return made

    def _make_vector(self, node, op):
        made = self._new([len(node.inputs)], node.outputs[0].dtype)
        for i, variable in enumerate(node.inputs):
            self._emit_copy(
                made.seen_as(lambda a: a[i:i + 1].reshape(())),
                self._array(variable))
        return [made]

    def _maximum(self, node, op):
        array = self._array(node.inputs[0])
        axes = self._known(node.inputs[1])
        axes = list(range(len(array.shape))) if axes is None \
            else [int(i) for i in np.atleast_1d(axes)]
        kept = [i for i in range(len(array.shape)) if i not in axes]
        shape = [array.shape[i] for i in kept]
        if node.outputs[1].clients:
            raise Unsupported('argmax')
        made = self._new(shape, array.dtype)
        if all(array.shape[i] == 1 for i in axes):
            self._emit_copy(made, without(array, axes))
        else:
            self._emit(Maximum([made], [array], kept, axes))
        return [made, None]

    def _product(self, node, op):
        reads = [self._array(v) for v in node.inputs]
        made = self._new([reads[0].shape[0], reads[1].shape[1]],
                         node.outputs[0].dtype)
        if reads[0].shape[1] != reads[1].shape[0] or \
                not reads[0].size or not reads[1].size:
            raise Unsupported('shapes of a product')
        if reads[0].buffer is reads[1].buffer:
            # in one memory, numpy could see a matrix and its transpose
            compact = self._compact(reads[1])
            reads[1] = self._copied(compact, compact.strides)
        self._emit(Product([made], reads))
        return [made]

    def _gather(self, node, op):
        reads = [self._array(v) for v in node.inputs]
        made = self._new(reads[1].shape + reads[0].shape[1:], reads[0].dtype)
        self._emit(Gather([made], reads))
        return [made]

    def _uniform(self, node, op):
        state = self._array(node.inputs[0])
        shape = [int(n) for n in self._known(node.inputs[1])]
        if node.outputs[1].dtype != 'float32':
            raise Unsupported('uniform numbers that are not float32')
        made = [self._new(state.shape, 'int32'), self._new(shape, 'float32')]
        self._emit(Uniform(made, [state]))
        return made

    def _softmax(self, node, op):
        reads = [self._array(v) for v in node.inputs]
        made = self._new(reads[-1].shape, node.outputs[0].dtype)
        kind = SoftMax if isinstance(op, Softmax) else SoftMaxGradient
        self._emit(kind([made], reads))
        return [made]

    def _range(self, node, op):
        self._compute(node)
        return [self._at[node.outputs[0]]]

    def _same(self, node, op):
        variable = node.inputs[0]
        if isinstance(variable, Constant):
            return [self._array(variable)]
        return [self._at[variable]]


def _support(op):
    """C++ that a scalar operation's statements need."""
    try:
        return op.c_support_code()
    except theano.gof.utils.MethodNotDefined:
        return ''


_VISITS = (
    (Elemwise, Trace._elementwise),
    (CAReduceDtype, Trace._reduction),
    (DimShuffle, Trace._dimshuffle),
    (Dot22, Trace._product),
    (Reshape, Trace._reshape),
    (Subtensor, Trace._subtensor),
    (IncSubtensor, Trace._inc_subtensor),
    (AdvancedSubtensor1, Trace._gather),
    (Alloc, Trace._alloc),
    (Join, Trace._join),
    (Split, Trace._split),
    (ARange, Trace._range),
    (MakeVector, Trace._make_vector),
    (MaxAndArgmax, Trace._maximum),
    (mrg_uniform, Trace._uniform),
    ((Softmax, SoftmaxGrad), Trace._softmax),
    ((ScalarFromTensor, TensorFromScalar, Rebroadcast, DeepCopyOp),
     Trace._same),
)

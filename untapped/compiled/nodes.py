"""Which instructions a node of a graph becomes.

One function for each kind of node, of the trace and the node.  It returns an
Array for each output.  Views (transposes, reshapes, slices) cost nothing: an
array is a place in a buffer with strides.  Layouts are those that Theano and
numpy would give the same arrays, as the layout of a matrix decides which BLAS
routine multiplies it.
"""
from __future__ import division, print_function

import numpy as np
from theano import scalar
from theano.compile.ops import DeepCopyOp, Rebroadcast, Shape, Shape_i
from theano.gof import Constant
from theano.sandbox.rng_mrg import mrg_uniform
from theano.tensor.basic import (
    ARange, Alloc, Join, MaxAndArgmax, Reshape, ScalarFromTensor, Split,
    TensorFromScalar)
from theano.tensor.blas import Dot22
from theano.tensor.elemwise import CAReduceDtype, DimShuffle, Elemwise
from theano.tensor.nnet.nnet import Softmax, SoftmaxGrad
from theano.tensor.opt import MakeVector
from theano.tensor.subtensor import (
    AdvancedSubtensor1, IncSubtensor, Subtensor, get_idx_list)

from untapped.compiled import scalars
from untapped.compiled.instructions import (Array, Buffer, ElementWise, Gather,
                                            Maximum, Product, Reduction,
                                            Repeated, SoftMax, SoftMaxGradient,
                                            Uniform, Unsupported, broadcast,
                                            c_type, copy, repeated, without)

__all__ = ['visit']


def visit(trace, node):
    """Emit a node's instructions.

    Parameters
    ----------
    trace : trace.Trace
    node : Apply

    Returns
    -------
    list of Array, or of ndarray of known integers, one for each output

    Raises
    ------
    Unsupported : there is no instruction for it
    """
    for kinds, make in _KINDS:
        if isinstance(node.op, kinds):
            return make(trace, node)
    raise Unsupported(str(node.op))


# element by element

def _elementwise(trace, node):
    op = node.op.scalar_op
    try:
        code = scalars.replaced(node, trace.functions) or scalars.statements(
            op, [v.dtype for v in node.inputs],
            [v.dtype for v in node.outputs])
    except Unsupported:
        # Theano computes it in Python, too
        if not all(isinstance(v, Constant) or trace.is_known(v)
                   for v in node.inputs):
            raise
        return trace.computed(node)
    reads = [trace.operand(v) for v in node.inputs]
    shape = _common_shape(node, reads)
    full = [a for v, a in zip(node.inputs, reads) if not all(v.broadcastable)]
    fortran = bool(full) and all(a.fortran for a in full)
    if isinstance(op, scalar.Second) and not fortran and \
            reads[1].shape != shape and \
            reads[1].dtype == node.outputs[0].dtype:
        return [repeated(reads[1], shape)]
    writes = [trace.new(shape, v.dtype, fortran) for v in node.outputs]
    calls = scalars.calls(code, len(reads), len(writes))
    near = scalars.replaced(node, trace.near)
    reads, code = scalars.without_unread(reads, code, len(writes))
    trace.emit(ElementWise(writes, [broadcast(a, shape) for a in reads], code,
                           scalars.support(op), calls,
                           type(op).__name__.lower(), near))
    return writes


def _common_shape(node, reads):
    """The shape that all operands are broadcast to."""
    shape = tuple(max(n) if min(n) else 0
                  for n in zip(*[a.shape for a in reads]))
    for variable, array in zip(node.inputs, reads):
        for n, full, broad in zip(array.shape, shape, variable.broadcastable):
            if n != full and not broad:
                raise Unsupported('shapes that do not match')
    return shape


# over axes

def _kept(array, axes):
    return [i for i in range(len(array.shape)) if i not in axes]


def _reduction(trace, node):
    op, (variable,), (out,) = node.op, node.inputs, node.outputs
    array = trace.array(variable)
    axes = list(range(len(array.shape))) if op.axis is None \
        else list(op.axis)
    if not hasattr(op.scalar_op, 'identity') or (not axes and array.shape):
        raise Unsupported(str(op))
    acc = op.acc_dtype or out.dtype
    kept = _kept(array, axes)
    made = trace.new([array.shape[i] for i in kept], out.dtype)
    # Theano types the accumulator as the output; the text is the same
    code = scalars.statements(op.scalar_op, [array.dtype] * 2, [out.dtype])
    initial = repr(op.scalar_op.identity)
    support = scalars.support(op.scalar_op)
    if all(array.shape[i] == 1 for i in axes):
        def once(ins, outs):
            # 0 + x, which makes 0 of -0, and 1 * x
            if isinstance(op.scalar_op, scalar.Add):
                return '%s = %s + 0.f;' % (outs[0], ins[0])
            if isinstance(op.scalar_op, scalar.Mul):
                return copy(ins, outs)
            return '%s acc = %s; %s %s = acc;' % (
                c_type(acc), initial, code(['acc', ins[0]], ['acc']), outs[0])
        trace.emit(ElementWise([made], [without(array, axes)], once, support,
                               name='sum of one'))
    else:
        trace.emit(Reduction([made], [array], kept, axes, initial, code,
                             np.dtype(acc), support))
    return [made]


def _maximum(trace, node):
    array, axes = trace.array(node.inputs[0]), trace.known(node.inputs[1])
    axes = list(range(len(array.shape))) if axes is None \
        else [int(i) for i in np.atleast_1d(axes)]
    if node.outputs[1].clients:
        raise Unsupported('argmax')
    kept = _kept(array, axes)
    made = trace.new([array.shape[i] for i in kept], array.dtype)
    if all(array.shape[i] == 1 for i in axes):
        trace.emit_copy(made, without(array, axes))
    else:
        trace.emit(Maximum([made], [array], kept, axes))
    return [made, None]


def _softmax(trace, node):
    reads = [trace.array(v) for v in node.inputs]
    made = trace.new(reads[-1].shape, node.outputs[0].dtype)
    kind = SoftMax if isinstance(node.op, Softmax) else SoftMaxGradient
    trace.emit(kind([made], reads))
    return [made]


def _product(trace, node):
    reads = [trace.array(v) for v in node.inputs]
    made = trace.new([reads[0].shape[0], reads[1].shape[1]],
                     node.outputs[0].dtype)
    if reads[0].shape[1] != reads[1].shape[0] or \
            not reads[0].size or not reads[1].size:
        raise Unsupported('shapes of a product')
    if reads[0].buffer is reads[1].buffer:
        # in one memory, numpy could see a matrix and its transpose
        packed = trace.packed(reads[1])
        reads[1] = trace.copied(packed, packed.strides)
    trace.emit(Product([made], reads))
    return [made]


# views

def _dimshuffle(trace, node):
    array, new_order = trace.operand(node.inputs[0]), node.op.new_order
    order = [i for i in new_order if i != 'x']
    dropped = _kept(array, order)
    if any(array.shape[i] != 1 for i in dropped):
        raise Unsupported('dropped axes that are not 1')
    # with an ellipsis numpy gives a view even of a single element
    index = (Ellipsis,) + tuple(None if i == 'x' else slice(None)
                                for i in new_order)
    first = (Ellipsis,) + (0,) * len(dropped)

    def change(a):
        return a.transpose(order + dropped)[first][index]
    if isinstance(array, Repeated):
        if order == sorted(order):
            seen = array.seen_as(change)
            return [Repeated(seen.buffer, seen.shape, seen.strides,
                             seen.offset)]
        array = trace.array(node.inputs[0])
    # Theano copies before it shuffles, and what is copied is compact
    return [trace.packed(array).seen_as(change)]


def _reshape(trace, node):
    array = trace.array(node.inputs[0])
    shape = [int(n) for n in np.atleast_1d(trace.known(node.inputs[1]))]
    seen = array.seen_as(lambda a: a.reshape(shape))
    if seen is None:
        seen = trace.copied(array).seen_as(lambda a: a.reshape(shape))
    return [seen]


def _subtensor(trace, node):
    array = trace.array(node.inputs[0])
    index = _index(trace, node.inputs, node.op.idx_list)
    return [array.seen_as(lambda a: a[index])]


def _index(trace, inputs, idx_list):
    """What numpy is given for the slices and numbers of a node."""
    values = [inputs[0]] + [trace.known(v) for v in inputs[1:]]

    def as_int(i):
        if isinstance(i, slice):
            return slice(*[None if j is None else int(j) for j in
                           (i.start, i.stop, i.step)])
        return int(i)
    return tuple(as_int(i) for i in get_idx_list(values, idx_list)) + (
        Ellipsis,)


def _same(trace, node):
    return [trace.value(node.inputs[0])]


# parts of arrays

def _inc_subtensor(trace, node):
    array, value = [trace.array(v) for v in node.inputs[:2]]
    index = _index(trace, [node.inputs[0]] + node.inputs[2:],
                   node.op.idx_list)
    made = trace.new(array.shape, array.dtype)
    changed = np.zeros(array.shape, bool)
    changed[index] = True
    part, old = [x.seen_as(lambda a: a[index]) for x in (made, array)]
    if changed.sum() != part.size or len(value.shape) > len(part.shape):
        raise Unsupported(str(node.op))
    value = broadcast(value, part.shape)
    # first everything as it was, then the part: two writers of a buffer
    trace.emit_copy(made, array)
    if node.op.set_instead_of_inc:
        trace.emit_copy(part, value)
    else:
        def add(ins, outs):
            return '%s = %s + %s;' % (outs[0], ins[0], ins[1])
        trace.emit(ElementWise([part], [old, value], add, '', name='add'))
    return [made]


def _part(array, axis, start, stop):
    where = (slice(None),) * axis + (slice(start, stop),)
    return array.seen_as(lambda a: a[where])


def _join(trace, node):
    axis = int(trace.known(node.inputs[0]))
    arrays = [trace.array(v) for v in node.inputs[1:]]
    joined = np.concatenate([a.stand_in()[0] for a in arrays], axis)
    made = Array(Buffer('memory', node.outputs[0].dtype, joined.size),
                 joined.shape, [s // joined.itemsize for s in joined.strides])
    axis %= len(joined.shape)
    start = 0
    for array in arrays:
        stop = start + array.shape[axis]
        trace.emit_copy(_part(made, axis, start, stop), array)
        start = stop
    return [made]


def _split(trace, node):
    array = trace.array(node.inputs[0])
    axis = int(trace.known(node.inputs[1])) % len(array.shape)
    made, start = [], 0
    for size in trace.known(node.inputs[2]):
        stop = start + int(size)
        made.append(trace.copied(_part(array, axis, start, stop)))
        start = stop
    return made


def _make_vector(trace, node):
    made = trace.new([len(node.inputs)], node.outputs[0].dtype)
    for i, variable in enumerate(node.inputs):
        trace.emit_copy(made.seen_as(lambda a: a[i:i + 1].reshape(())),
                        trace.array(variable))
    return [made]


def _alloc(trace, node):
    value = trace.array(node.inputs[0])
    return [repeated(value, [int(trace.known(v)) for v in node.inputs[1:]])]


def _gather(trace, node):
    reads = [trace.array(v) for v in node.inputs]
    made = trace.new(reads[1].shape + reads[0].shape[1:], reads[0].dtype)
    trace.emit(Gather([made], reads))
    return [made]


# numbers that are made

def _uniform(trace, node):
    state = trace.array(node.inputs[0])
    shape = [int(n) for n in trace.known(node.inputs[1])]
    if node.outputs[1].dtype != 'float32':
        raise Unsupported('uniform numbers that are not float32')
    made = [trace.new(state.shape, 'int32'), trace.new(shape, 'float32')]
    trace.emit(Uniform(made, [state]))
    return made


def _shape(trace, node):
    shape = np.asarray(trace.value(node.inputs[0]).shape, 'int64')
    return [shape if isinstance(node.op, Shape)
            else np.asarray(shape[node.op.i])]


def _range(trace, node):
    return trace.computed(node)


_KINDS = (
    (Elemwise, _elementwise),
    (CAReduceDtype, _reduction),
    (DimShuffle, _dimshuffle),
    (Dot22, _product),
    (Reshape, _reshape),
    (Subtensor, _subtensor),
    (IncSubtensor, _inc_subtensor),
    (AdvancedSubtensor1, _gather),
    (Alloc, _alloc),
    (Join, _join),
    (Split, _split),
    (ARange, _range),
    (MakeVector, _make_vector),
    (MaxAndArgmax, _maximum),
    (mrg_uniform, _uniform),
    ((Shape, Shape_i), _shape),
    ((Softmax, SoftmaxGrad), _softmax),
    ((ScalarFromTensor, TensorFromScalar, Rebroadcast, DeepCopyOp), _same),
)

"""C++ of instructions that are a step of their own.

One function for each kind, of the source and the instruction, to a text.
"""
from __future__ import division, print_function

from untapped.compiled import fusion, products, reductions
from untapped.compiled.instructions import (Array, Gather, Maximum, Product,
                                            Reduction, SoftMax,
                                            SoftMaxGradient, Uniform, c_type,
                                            compact)
from untapped.compiled.loops import bounds, indices, nest, over

__all__ = ['text']

#: sums kept side by side: along the rows' stride, and along neighbours
_BLOCK = 16
_WIDE_BLOCK = 1024


def text(source, step):
    """The C++ of an instruction.

    Parameters
    ----------
    source : source.Source, which the text becomes a part of
    step : an instruction, but no ElementWise

    Returns
    -------
    str
    """
    return _WRITERS[type(step)](source, step)


def _reduction(source, step):
    array = step.reads[0]
    source.needs(step.support)
    if source.reorder:
        if not step.kept and list(array.strides) == compact(array.shape):
            array = Array(array.buffer, [array.size], [1], array.offset)
            step = step._replace(reads=[array], reduced=[0])
        for k in step.reduced:
            if array.strides[k] == 1 and array.shape[k] >= fusion.SHORTEST:
                return _reduction_in_parts(source, step, k)
    return _reductions_abreast(source, step)


def _reduction_in_parts(source, step, along):
    """Several sums of one row, which are then added."""
    array, made = step.reads[0], step.writes[0]
    names = indices(len(array.shape))
    pieces = reductions.InParts(step, 'part', array.shape[along])

    def read(index):
        return source.element(array, names[:along] + [index] +
                              names[along + 1:])

    def give(index):
        return source.element(made, [names[k] for k in step.kept])
    others = [k for k in step.reduced if k != along]
    return ''.join([
        nest(array.shape, step.kept, source.cut), pieces.declared(),
        pieces.cleared(), nest(array.shape, others), pieces.added(read),
        '}' * len(others), '\n', pieces.given(give),
        '}' * len(step.kept), '\n'])


def _reductions_abreast(source, step):
    """Sums side by side: each in its own order, many at a time."""
    array = step.reads[0]
    inner = [k for k in step.kept if array.shape[k] > 1]
    side = None
    if inner:
        side = min(inner, key=lambda k: abs(array.strides[k]))
    before, added, after = (_one_sum(source, step) if side is None
                            else _block_of_sums(source, step, side))
    outer = [over(k, array.shape[k], source.cut)
             for k in step.kept if k != side]
    summed = [over(k, array.shape[k]) for k in step.reduced]
    opened = len(outer) + (side is not None)
    return _indented(outer + before + summed + added +
                     ['}'] * len(summed) + after + ['}'] * opened)


def _one_sum(source, step):
    """Lines before a sum, for each of its numbers, and after it."""
    array, made = step.reads[0], step.writes[0]
    names = indices(len(array.shape))
    return (['%s acc = %s;' % (c_type(step.acc), step.initial)],
            ['const %s x = %s;' % (c_type(array.dtype),
                                   source.element(array, names)),
             step.code(['acc', 'x'], ['acc'])],
            ['%s = acc;' % source.element(made, [names[k]
                                                 for k in step.kept])])


def _block_of_sums(source, step, side):
    """The same for sums that lie side by side, a block at a time."""
    array, made = step.reads[0], step.writes[0]
    names = indices(len(array.shape))
    names[side] = '(j + k)'
    first, end = bounds(side, array.shape[side], source.cut)
    block = min(_WIDE_BLOCK if array.strides[side] == 1 else _BLOCK,
                source.cut.block if first == 'first' else array.shape[side])
    one = 'const %s x = %s; %s' % (
        c_type(array.dtype), source.element(array, names),
        step.code(['acc[k]', 'x'], ['acc[k]']))
    each = 'for (npy_intp k = 0; k < w; k++) '
    return (['for (npy_intp j = %s; j < %s; j += %d) {' % (first, end, block),
             '%s acc[%d];' % (c_type(step.acc), block),
             'const npy_intp w = j + %d <= %s ? %d : %s - j;' % (
                 block, end, block, end),
             each + 'acc[k] = %s;' % step.initial],
            # a length that is known makes vector instructions
            ['if (w == %d) for (npy_intp k = 0; k < %d; k++) { %s }' % (
                block, block, one),
             'else %s{ %s }' % (each, one)],
            [each + '%s = acc[k];' % source.element(
                made, [names[k] for k in step.kept])])


def _indented(lines):
    text, depth = '', 1
    for line in lines:
        depth -= line == '}'
        text += '    ' * depth + line + '\n'
        depth += line.endswith('{')
    return text


def _maximum(source, step):
    array, made = step.reads[0], step.writes[0]
    names = indices(len(array.shape))
    first = ['0' if k in step.reduced else name
             for k, name in enumerate(names)]
    kind = c_type(array.dtype)
    return ''.join([
        nest(array.shape, step.kept, source.cut),
        '%s m = %s;\n' % (kind, source.element(array, first)),
        nest(array.shape, step.reduced),
        'const %s x = %s;\n' % (kind, source.element(array, names)),
        'if (!(m >= x || m != m)) m = x;\n', '}' * len(step.reduced),
        '\n%s = m;\n' % source.element(made, [names[k] for k in step.kept]),
        '}' * len(step.kept), '\n'])


def _product(source, step):
    """One of the functions of `products` where there is one, else numpy."""
    number = source.product(step)
    views = [source.view(a) for a in step.reads + step.writes]
    text = ''
    if products.suits(step):
        a, b = step.reads
        at = ['%s + %d' % (source.pointer(x.buffer), x.offset)
              for x in step.reads + step.writes]
        text = (
            '    if (p->product[%d]) {\n'
            '        p->product[%d](%d, %d, %d, %s, %d, %d, %s, %d, %d, '
            '%s, %s);\n        return 0;\n    }\n' % (
                (number, number) + a.shape[:1] + b.shape[1:] +
                a.shape[1:] + (at[0],) + a.strides + (at[1],) +
                b.strides + (at[2], 'p->pool' if source.cut else 'NULL')))
    return text + (
        '    PyObject *r = PyArray_MatrixProduct2(\n'
        '        (PyObject *)p->view[%d], (PyObject *)p->view[%d], '
        'p->view[%d]);\n    if (!r) return -1;\n    Py_DECREF(r);\n' %
        tuple(views))


def _gather(source, step):
    there, index = step.reads
    made = step.writes[0]
    names = indices(len(made.shape))
    rows = there.shape[0]
    return ''.join([
        nest(made.shape, [0], source.cut),
        'npy_intp row = %s;\nif (row < 0) row += %d;\n'
        'if (row < 0 || row >= %d) return -1;\n' % (
            source.element(index, names[:1]), rows, rows),
        nest(made.shape, range(1, len(names))),
        '%s = %s;\n' % (source.element(made, names),
                        source.element(there, ['row'] + names[1:])),
        '}' * len(names), '\n'])


def _uniform(source, step):
    old = step.reads[0]
    new, sample = step.writes
    rows = old.shape[0]
    first, end = bounds(0, rows, source.cut)
    text = '    npy_int32 *s = (npy_int32 *)%s;\n' % source.pointer(new.buffer)
    if new.buffer is not old.buffer:
        text += (
            '    for (npy_intp i = %s; i < %s; i++)\n'
            '    for (npy_intp j = 0; j < 6; j++) s[i * 6 + j] = %s;\n'
            % (first, end, source.element(old, ['i', 'j'])))
    return text + '    draw(s, %s, %s, %d, %s, %d);\n' % (
        first, end, rows, source.pointer(sample.buffer), sample.size)


def _softmax(source, step):
    array, made = step.reads[0], step.writes[0]
    T = c_type(array.dtype)
    rows, columns = array.shape
    x, y = [source.element(a, ['i', 'j']) for a in (array, made)]
    return (
        'for (npy_intp i = %s; i < %s; i++) {\n'
        '%s m = %s;\n'
        'for (npy_intp j = 1; j < %d; j++) {\n'
        'const %s v = %s; m = v > m ? v : m; }\n'
        'double total = 0.0;\n'
        'for (npy_intp j = 0; j < %d; j++) {\n'
        'const %s v = %s; const %s e = exp(v - m); total += e; %s = e; }\n'
        'const double inverse = 1.0 / total;\n'
        'for (npy_intp j = 0; j < %d; j++) %s *= inverse;\n}\n' % (
            bounds(0, rows, source.cut) + (
                T, source.element(array, ['i', '0']), columns, T, x,
                columns, T, x, T, y, columns, y)))


def _softmax_gradient(source, step):
    dy, sm = step.reads
    rows, columns = sm.shape
    gy, s, gx = [source.element(a, ['i', 'j'])
                 for a in (dy, sm, step.writes[0])]
    return (
        'for (npy_intp i = %s; i < %s; i++) {\n'
        'double total = 0.;\n'
        'for (npy_intp j = 0; j < %d; j++) {\n'
        '%s = %s * %s; total += %s; }\n'
        'for (npy_intp j = 0; j < %d; j++) %s -= total * %s;\n}\n' % (
            bounds(0, rows, source.cut) + (
                columns, gx, gy, s, gx, columns, gx, s)))


_WRITERS = {Reduction: _reduction, Maximum: _maximum, Product: _product,
            Gather: _gather, Uniform: _uniform, SoftMax: _softmax,
            SoftMaxGradient: _softmax_gradient}

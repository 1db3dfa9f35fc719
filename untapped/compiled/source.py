"""Loops and instructions to C++.

One function for each step; what all of them use is in ``PREAMBLE``.
Constants are read from memory and not written into the text, so that the
compiler cannot compute with them in another way than the machine does.
"""
from __future__ import division, print_function

import itertools
from collections import OrderedDict

from untapped.compiled import copies, fusion, products, reductions
from untapped.compiled.entry import Entry
from untapped.compiled.instructions import (Array, Gather, Maximum, Product,
                                            Reduction, SoftMax,
                                            SoftMaxGradient, Uniform, c_type,
                                            compact)

__all__ = ['MANY', 'Source']

#: sums kept side by side: along the rows' stride, and along neighbours
_BLOCK = 16
_WIDE_BLOCK = 1024

#: elements from which it pays to compile for wider vectors, too; the
#: processor decides when it is loaded
MANY = 4096
_WIDE = '__attribute__((target_clones("avx2", "default")))\n'

PREAMBLE = '''\
#include <Python.h>
#define NPY_NO_DEPRECATED_API NPY_1_7_API_VERSION
#include <numpy/arrayobject.h>
#include <math.h>
#include <string.h>
#include <stdlib.h>

%(signature)s
/* where the buffers are, what multiplies each product, and the arrays where
   numpy does */
struct place {
    char *at[%(buffers)d];
    multiply *product[%(products)d];
    PyArrayObject *view[%(views)d];
};

static inline float float_of(npy_int32 i)
{
    float f;
    memcpy(&f, &i, 4);
    return f;
}

static inline npy_int32 bits_of(float f)
{
    npy_int32 i;
    memcpy(&i, &f, 4);
    return i;
}

/* a where the condition holds, else b: by masks, as branches would keep loops
   from becoming vectors */
static inline float either(bool condition, float a, float b)
{
    const npy_int32 mask = -(npy_int32)condition;
    return float_of((bits_of(a) & mask) | (bits_of(b) & ~mask));
}

/* x modulo m, for x < 2 m */
static inline npy_uint32 reduced(npy_uint32 x, npy_uint32 m)
{
    return x - m < x ? x - m : x;
}

/* `count` numbers of `streams` streams of MRG31k3p in turn, the state of each
   in six numbers side by side; 2^31 is 1 modulo the first modulus and 21069
   modulo the second, so that multiples of powers of two are shifts */
%(wide)sstatic void draw(
    npy_int32 *state, npy_intp streams, float *sample, npy_intp count)
{
    const npy_uint32 m1 = 2147483647, m2 = 2147462579;
    enum { block = 256 };
    npy_uint32 s[6][block];
    for (npy_intp first = 0; first < streams && first < count;
         first += block) {
        const npy_intp n = streams - first < block ? streams - first : block;
        npy_int32 *at = state + 6 * first;
        for (int j = 0; j < 6; j++)
            for (npy_intp r = 0; r < n; r++) s[j][r] = at[6 * r + j];
        for (npy_intp i = first; i < count; i += streams) {
            const npy_intp w = count - i < n ? count - i : n;
            float *to = sample + i;
#pragma GCC ivdep
            for (npy_intp r = 0; r < w; r++) {
                const npy_uint32 x = s[1][r], y = s[2][r];
                const npy_uint32 u = s[3][r], v = s[5][r];
                const npy_uint32 a = reduced(
                    reduced(((x & 511) << 22) + (x >> 9) +
                            ((y & 16777215) << 7) + (y >> 24), m1) + y, m1);
                const npy_uint32 b = reduced(
                    reduced(((u & 65535) << 15) + 21069 * (u >> 16), m2) +
                    reduced(reduced(((v & 65535) << 15) + 21069 * (v >> 16),
                                    m2) + v, m2), m2);
                s[2][r] = x; s[1][r] = s[0][r]; s[0][r] = a;
                s[5][r] = s[4][r]; s[4][r] = u; s[3][r] = b;
                to[r] = (npy_int32)(a > b ? a - b : a - b + m1) *
                    4.6566126e-10f;
            }
        }
        for (int j = 0; j < 6; j++)
            for (npy_intp r = 0; r < n; r++) at[6 * r + j] = s[j][r];
    }
}
'''


class Source(object):
    """The C++ of a trace.

    Parameters
    ----------
    trace : trace.Trace
    preamble : str, functions that its statements call
    reorder : bool, whether sums may be taken in another order than Theano's

    Attributes
    ----------
    text : str
    products : list of Product, in the order in which they are numbered
    memory : int, bytes
    addresses : list, of each buffer an offset into the memory, an ndarray
        (a constant), or None (inputs and outputs)
    """
    def __init__(self, trace, preamble='', reorder=False):
        self._trace = trace
        self._preamble, self._reorder = preamble, reorder
        instructions = copies.without_copies(trace.instructions)
        steps = fusion.absorb(fusion.sink(fusion.schedule(instructions)),
                              reorder)
        self._numbers = {}
        for step in steps:
            for array in list(step.reads) + list(step.writes):
                self._numbers.setdefault(array.buffer, len(self._numbers))
        given = [trace.outputs[i] for i in sorted(trace.outputs)]
        for array in trace.inputs + given:
            self._numbers.setdefault(array.buffer, len(self._numbers))
        spans = fusion.stored(steps)
        offsets, self.memory = fusion.place(spans, self._numbers)
        self._stored = set(spans)
        self._views, self._support, self.products = [], [], []
        functions = [self._function(i, step) for i, step in enumerate(steps)]
        self.addresses = [None] * len(self._numbers)
        for buffer, number in self._numbers.items():
            self.addresses[number] = (
                buffer.value if buffer.kind == 'constant'
                else offsets.get(buffer))
        self.text = self._text(functions)

    def _text(self, functions):
        sizes = dict(wide=_WIDE, buffers=len(self._numbers),
                     products=max(1, len(self.products)),
                     views=max(1, len(self._views)),
                     signature=products.SIGNATURE)
        entry = Entry(self._trace, self._numbers, self._views)
        support = sorted(set(self._support))
        return '\n'.join([PREAMBLE % sizes, self._preamble] + support +
                         functions + [entry.text(sizes, len(functions))])

    # one function a step

    def _function(self, number, step):
        write = _WRITERS[type(step)]
        self._pointers = {}
        body = write(self, step)
        return ('%sstatic int step%d(struct place *p)\n'
                '{\n%s%s    return 0;\n}\n' % (
                    _WIDE * (_size(step) >= MANY), number,
                    ''.join(self._pointers.values()), body))

    def _pointer(self, buffer):
        number = self._numbers[buffer]
        name = 'b%d' % number
        kind = c_type(buffer.dtype)
        self._pointers[name] = (
            '    %s *__restrict__ %s = (%s *)p->at[%d];\n' % (
                kind, name, kind, number))
        return name

    def _element(self, array, index):
        """Text of an element: index is a text for each axis."""
        terms = [] if array.offset == 0 else [str(array.offset)]
        for name, stride, n in zip(index, array.strides, array.shape):
            if stride and n != 1:
                terms.append(name if stride == 1 else
                             '%s * (npy_intp)%d' % (name, stride))
        return '%s[%s]' % (self._pointer(array.buffer),
                           ' + '.join(terms) or '0')

    def _loop(self, loop):
        """A nest over the axes, the tightest innermost."""
        names = ['i%d' % k for k in range(len(loop.axes))]
        kept = [a for i in loop.instructions for a in i.writes
                if self._has_place(a)]
        model = _walked(kept[0]) if kept else ()
        order = list(range(len(loop.axes)))
        if kept and not loop.reductions:
            order.sort(key=lambda k: -model[k])
        rows = self._rows(loop)
        once, body, held, number = [], [], {}, itertools.count()
        for instruction in loop.instructions:
            self._support.append(instruction.support)
            ins = []
            for array in instruction.reads:
                key = fusion.access(array)
                if key not in held:
                    held[key] = 'v%d' % next(number)
                    # what is the same for all elements is read once
                    (body if any(_walked(array)) else once).append(
                        'const %s %s = %s;' % (
                            c_type(array.dtype), held[key],
                            self._walk(array, names)))
                ins.append(held[key])
            outs = []
            for array in instruction.writes:
                name = held[fusion.access(array)] = 'v%d' % next(number)
                body.append('%s %s;' % (c_type(array.dtype), name))
                outs.append(name)
            body.append('{ %s }' % instruction.code(ins, outs))
            for array, name in zip(instruction.writes, outs):
                if self._has_place(array):
                    body.append('%s = %s;' % (self._walk(array, names), name))
                elif array.buffer in rows:
                    body.append('%s[%s] = %s;' % (rows[array.buffer],
                                                  names[-1], name))
        text = ''.join('    ' + line + '\n' for line in once)
        before, after_row, after = self._row_reductions(loop, names, rows)
        text += before
        for depth, k in enumerate(order):
            # no element depends on another: buffers do not overlap
            text += '#pragma GCC ivdep\n' * (k == order[-1])
            text += '%sfor (npy_intp i%d = 0; i%d < %d; i%d++) {\n' % (
                '    ' * (depth + 1), k, k, loop.axes[k], k)
        indent = '    ' * (len(order) + 1)
        text += ''.join(indent + line + '\n' for line in body)
        return (text + '    ' + '}' * min(1, len(order)) + '\n' + after_row +
                '    ' + '}' * (len(order) - 1) + '\n' + after)

    def _rows(self, loop):
        """Names of rows that only reductions read: kept until they have."""
        found = OrderedDict()
        for step in loop.reductions:
            array = step.reads[0]
            if not self._has_place(array):
                found.setdefault(array.buffer, 'row%d' % len(found))
        return found

    def _row_reductions(self, loop, names, rows):
        """What a loop's reductions do before it, after each row, after it."""
        before, after_row, after = '', '', ''
        for step in loop.reductions:
            array = step.reads[0]
            if array.buffer in rows:
                line = '%s %s[%d] __attribute__((aligned(64)));\n' % (
                    c_type(array.dtype), rows[array.buffer], loop.axes[-1])
                before += line * (line not in before)
        for i, step in enumerate(loop.reductions):
            array, made = step.reads[0], step.writes[0]
            self._support.append(step.support)

            def read(index):
                if array.buffer in rows:
                    return '%s[%s]' % (rows[array.buffer], index)
                return self._walk(array, names[:-1] + [index])

            def give(index):
                walked = fusion.axes_of(made.shape)
                return self._walk(made, (names if index == '' else [index]
                                         )[:len(walked)])
            kind, acc = reductions.InParts, None
            if fusion.of_columns(step):
                kind = reductions.Abreast
                if self._reorder and array.dtype == 'float32' and \
                        array.size <= reductions.FEW * loop.axes[-1]:
                    acc = c_type(array.dtype)
            pieces = kind(step, 'acc%d' % i, loop.axes[-1], acc)
            before += pieces.declared()
            if kind is reductions.InParts and fusion.axes_of(made.shape):
                after_row += (pieces.cleared() + pieces.added(read) +
                              pieces.given(give))
            else:
                before += pieces.cleared()
                after_row += pieces.added(read)
                after += pieces.given(give)
        return before, after_row, after

    def _has_place(self, array):
        return array.buffer.kind != 'memory' or array.buffer in self._stored

    def _walk(self, array, names):
        """An element along the axes that a loop walks."""
        walked = [(s, n) for s, n in zip(array.strides, array.shape)
                  if n != 1]
        terms = [] if array.offset == 0 else [str(array.offset)]
        for name, (stride, _) in zip(names, walked):
            if stride:
                terms.append(name if stride == 1 else
                             '%s * (npy_intp)%d' % (name, stride))
        return '%s[%s]' % (self._pointer(array.buffer),
                           ' + '.join(terms) or '0')

    def _reduction(self, step):
        array = step.reads[0]
        self._support.append(step.support)
        if self._reorder:
            if not step.kept and \
                    list(array.strides) == compact(array.shape):
                array = Array(array.buffer, [array.size], [1], array.offset)
                step = step._replace(reads=[array], reduced=[0])
            for k in step.reduced:
                if array.strides[k] == 1 and \
                        array.shape[k] >= fusion.SHORTEST:
                    return self._reduction_in_parts(step, k)
        return self._reductions_abreast(step)

    def _reduction_in_parts(self, step, along):
        array, made = step.reads[0], step.writes[0]
        names = ['i%d' % k for k in range(len(array.shape))]
        pieces = reductions.InParts(step, 'part', array.shape[along])

        def loops(axes):
            return ''.join('for (npy_intp i%d = 0; i%d < %d; i%d++) {\n' % (
                k, k, array.shape[k], k) for k in axes)

        def read(index):
            return self._element(array, names[:along] + [index] +
                                 names[along + 1:])
        others = [k for k in step.reduced if k != along]
        return ''.join([
            loops(step.kept), pieces.declared(), pieces.cleared(),
            loops(others), pieces.added(read), '}' * len(others), '\n',
            pieces.given(lambda index: self._element(
                made, [names[k] for k in step.kept])),
            '}' * len(step.kept), '\n'])

    def _reductions_abreast(self, step):
        """Sums side by side: each in its own order, many at a time."""
        array, made = step.reads[0], step.writes[0]
        acc = c_type(step.acc)
        inner = [k for k in step.kept if array.shape[k] > 1]
        names = ['i%d' % k for k in range(len(array.shape))]
        text, depth = '', 1

        def add(line):
            return '    ' * depth + line + '\n'

        side = inner[-1] if inner else None
        if inner:
            side = min(inner, key=lambda k: abs(array.strides[k]))
        for k in step.kept:
            if k != side:
                text += add('for (npy_intp i%d = 0; i%d < %d; i%d++) {' % (
                    k, k, array.shape[k], k))
                depth += 1
        out_index = [names[k] for k in step.kept]
        if side is None:
            text += add('%s acc = %s;' % (acc, step.initial))
        else:
            block = _WIDE_BLOCK if array.strides[side] == 1 else _BLOCK
            block = min(block, array.shape[side])
            n = array.shape[side]
            text += add('for (npy_intp j = 0; j < %d; j += %d) {' % (n, block))
            depth += 1
            text += add('%s acc[%d];' % (acc, block))
            text += add('const npy_intp w = j + %d <= %d ? %d : %d - j;' % (
                block, n, block, n))
            text += add('for (npy_intp k = 0; k < w; k++) acc[k] = %s;'
                        % step.initial)
        opened = depth
        for k in step.reduced:
            text += add('for (npy_intp i%d = 0; i%d < %d; i%d++) {' % (
                k, k, array.shape[k], k))
            depth += 1
        if side is None:
            text += add('const %s x = %s;' % (
                c_type(array.dtype), self._element(array, names)))
            text += add(step.code(['acc', 'x'], ['acc']))
        else:
            names[side] = '(j + k)'
            element = self._element(array, names)
            one = 'const %s x = %s; %s' % (
                c_type(array.dtype), element,
                step.code(['acc[k]', 'x'], ['acc[k]']))
            text += add('if (w == %d) for (npy_intp k = 0; k < %d; k++) '
                        '{ %s }' % (block, block, one))
            text += add('else for (npy_intp k = 0; k < w; k++) { %s }' % one)
        while depth > opened:
            depth -= 1
            text += add('}')
        if side is None:
            text += add('%s = acc;' % self._element(made, out_index))
        else:
            out_index = [names[k] for k in step.kept]
            text += add('for (npy_intp k = 0; k < w; k++) %s = acc[k];' %
                        self._element(made, out_index))
        while depth > 1:
            depth -= 1
            text += add('}')
        return text

    def _maximum(self, step):
        array, made = step.reads[0], step.writes[0]
        names = ['i%d' % k for k in range(len(array.shape))]
        text = ''.join('for (npy_intp i%d = 0; i%d < %d; i%d++) {\n' % (
            k, k, array.shape[k], k) for k in step.kept)
        first = list(names)
        for k in step.reduced:
            first[k] = '0'
        text += '%s m = %s;\n' % (c_type(array.dtype),
                                  self._element(array, first))
        text += ''.join('for (npy_intp i%d = 0; i%d < %d; i%d++) {\n' % (
            k, k, array.shape[k], k) for k in step.reduced)
        text += 'const %s x = %s;\n' % (c_type(array.dtype),
                                        self._element(array, names))
        text += 'if (!(m >= x || m != m)) m = x;\n' + '}' * len(step.reduced)
        text += '\n%s = m;\n' % self._element(
            made, [names[k] for k in step.kept])
        return text + '}' * len(step.kept) + '\n'

    def _product(self, step):
        number = len(self.products)
        self.products.append(step)
        views = [self._view(a) for a in step.reads + step.writes]
        text = ''
        if products.suits(step):
            a, b = step.reads
            at = ['%s + %d' % (self._pointer(x.buffer), x.offset)
                  for x in step.reads + step.writes]
            text = (
                '    if (p->product[%d]) {\n'
                '        p->product[%d](%d, %d, %d, %s, %d, %d, %s, %d, %d, '
                '%s);\n        return 0;\n    }\n' % (
                    (number, number) + a.shape[:1] + b.shape[1:] +
                    a.shape[1:] + (at[0],) + a.strides + (at[1],) +
                    b.strides + (at[2],)))
        return text + (
            '    PyObject *r = PyArray_MatrixProduct2(\n'
            '        (PyObject *)p->view[%d], (PyObject *)p->view[%d], '
            'p->view[%d]);\n    if (!r) return -1;\n    Py_DECREF(r);\n' %
            tuple(views))

    def _view(self, array):
        self._pointer(array.buffer)
        self._pointers.clear()
        self._views.append(array)
        return len(self._views) - 1

    def _gather(self, step):
        source, index = step.reads
        made = step.writes[0]
        names = ['i%d' % k for k in range(len(made.shape))]
        text = ''.join('for (npy_intp i%d = 0; i%d < %d; i%d++) {\n' % (
            k, k, n, k) for k, n in enumerate(made.shape[:1]))
        text += ('npy_intp row = %s;\nif (row < 0) row += %d;\n'
                 'if (row < 0 || row >= %d) {\n'
                 'PyErr_SetString(PyExc_IndexError, "index out of range");\n'
                 'return -1; }\n' % (self._element(index, names[:1]),
                                     source.shape[0], source.shape[0]))
        text += ''.join('for (npy_intp i%d = 0; i%d < %d; i%d++) {\n' % (
            k + 1, k + 1, n, k + 1) for k, n in enumerate(made.shape[1:]))
        text += '%s = %s;\n' % (
            self._element(made, names),
            self._element(source, ['row'] + names[1:]))
        return text + '}' * len(made.shape) + '\n'

    def _uniform(self, step):
        old = step.reads[0]
        new, sample = step.writes
        rows = old.shape[0]
        text = '    npy_int32 *s = (npy_int32 *)%s;\n' % (
            self._pointer(new.buffer))
        if new.buffer is not old.buffer:
            text += (
                 '    for (npy_intp i = 0; i < %d; i++)\n'
                 '    for (npy_intp j = 0; j < 6; j++) s[i * 6 + j] = %s;\n'
                 % (rows, self._element(old, ['i', 'j'])))
        return text + '    draw(s, %d, %s, %d);\n' % (
            rows, self._pointer(sample.buffer), sample.size)

    def _softmax(self, step):
        array, made = step.reads[0], step.writes[0]
        T = c_type(array.dtype)
        rows, columns = array.shape
        x, y = [self._element(a, ['i', 'j']) for a in (array, made)]
        return (
            'for (npy_intp i = 0; i < %d; i++) {\n'
            '%s m = %s;\n'
            'for (npy_intp j = 1; j < %d; j++) {\n'
            'const %s v = %s; m = v > m ? v : m; }\n'
            'double total = 0.0;\n'
            'for (npy_intp j = 0; j < %d; j++) {\n'
            'const %s v = %s; const %s e = exp(v - m); total += e; %s = e; }\n'
            'const double inverse = 1.0 / total;\n'
            'for (npy_intp j = 0; j < %d; j++) %s *= inverse;\n}\n' % (
                rows, T, self._element(array, ['i', '0']), columns, T, x,
                columns, T, x, T, y, columns, y))

    def _softmax_gradient(self, step):
        dy, sm = step.reads
        dx = step.writes[0]
        rows, columns = sm.shape
        gy, s, gx = [self._element(a, ['i', 'j']) for a in (dy, sm, dx)]
        return (
            'for (npy_intp i = 0; i < %d; i++) {\n'
            'double total = 0.;\n'
            'for (npy_intp j = 0; j < %d; j++) {\n'
            '%s = %s * %s; total += %s; }\n'
            'for (npy_intp j = 0; j < %d; j++) %s -= total * %s;\n}\n' % (
                rows, columns, gx, gy, s, gx, columns, gx, s))


def _size(step):
    return max(a.size for a in step.reads + step.writes)


def _walked(array):
    return [s for n, s in zip(array.shape, array.strides) if n != 1]


_WRITERS = {fusion.Loop: Source._loop, Reduction: Source._reduction,
            Maximum: Source._maximum, Product: Source._product,
            Gather: Source._gather, Uniform: Source._uniform,
            SoftMax: Source._softmax,
            SoftMaxGradient: Source._softmax_gradient}

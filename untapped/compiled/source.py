"""Loops and instructions to C++.

One function for each step, see `loops` and `writers`; what all of them use is
in ``PREAMBLE``.  Constants are read from memory and not written into the
text, so that the compiler cannot compute with them in another way than the
machine does.
"""
from __future__ import division, print_function

from untapped.compiled import (copies, division, fusion, loops, pool, profile,
                               tiles, writers)
from untapped.compiled.entry import Entry
from untapped.compiled.instructions import c_type

__all__ = ['MANY', 'Source']

#: elements from which it pays to compile for wider vectors, too
MANY = 1024

#: such a function: its name, parameters, their names and its body
_WIDE = '''\
INLINE int %(name)s_body(
    %(parameters)s)
{
%(body)s    return 0;
}
WIDEST static int %(name)s_widest(%(parameters)s)
{
    return %(name)s_body(%(names)s);
}
WIDER static int %(name)s_wider(%(parameters)s)
{
    return %(name)s_body(%(names)s);
}
static int %(name)s(%(parameters)s)
{
    return width == 2 ? %(name)s_widest(%(names)s) :
        width == 1 ? %(name)s_wider(%(names)s) : %(name)s_body(%(names)s);
}
'''
_NARROW = '''\
static int %(name)s(%(parameters)s)
{
%(body)s    return 0;
}
'''

PREAMBLE = '''\
#include <Python.h>
#define NPY_NO_DEPRECATED_API NPY_1_7_API_VERSION
#include <numpy/arrayobject.h>
#include <math.h>
#include <string.h>
#include <stdlib.h>
#include <time.h>

/* g++ stops inlining where a source grows large, and a loop that calls does
   not become vectors */
#define INLINE static inline __attribute__((always_inline))

%(signature)s
/* where the buffers are, what multiplies each product, the arrays where numpy
   does, the threads (NULL where no step is cut), and nanoseconds: of each
   step, of now, and how many calls (NULL where nobody asks) */
struct place {
    char *at[%(buffers)d];
    multiply *product[%(products)d];
    PyArrayObject *view[%(views)d];
    struct pool *pool;
    npy_int64 *times;
};

INLINE float float_of(npy_int32 i)
{
    float f;
    memcpy(&f, &i, 4);
    return f;
}

INLINE npy_int32 bits_of(float f)
{
    npy_int32 i;
    memcpy(&i, &f, 4);
    return i;
}

/* a where the condition holds, else b: by masks, as branches would keep loops
   from becoming vectors */
INLINE float either(bool condition, float a, float b)
{
    const npy_int32 mask = -(npy_int32)condition;
    return float_of((bits_of(a) & mask) | (bits_of(b) & ~mask));
}

/* x modulo m, for x < 2 m */
INLINE npy_uint32 reduced(npy_uint32 x, npy_uint32 m)
{
    return x - m < x ? x - m : x;
}

/* Vectors that are wider than all processors have: nothing is computed
   otherwise in them.  The processor decides when this is loaded. */
#if defined(__x86_64__)
#define WIDEST \
    __attribute__((target("avx512f,avx512dq,avx512vl,avx512bw")))
#define WIDER __attribute__((target("avx2")))
#else
#define WIDEST
#define WIDER
#endif

static int width;

__attribute__((constructor)) static void ask_for_width(void)
{
#if defined(__x86_64__)
    __builtin_cpu_init();
    width = __builtin_cpu_supports("avx512f") &&
        __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512bw") ? 2 :
        __builtin_cpu_supports("avx2") ? 1 : 0;
#endif
}
'''

_DRAW = '''\
/* `count` numbers of `streams` streams of MRG31k3p in turn, the state of each
   in six numbers side by side; 2^31 is 1 modulo the first modulus and 21069
   modulo the second, so that multiples of powers of two are shifts.  This
   draws those of the streams before `end`, from `first` on.  g++ turns three
   columns with vectors, so states are read by two, the first the low half. */
typedef npy_uint64 __attribute__((may_alias, aligned(4))) pair;
'''
_DRAW_BODY = '''\
    const npy_uint32 m1 = 2147483647, m2 = 2147462579;
    enum { block = %(streams)d };
    npy_uint32 s[6][block];
    for (; first < end && first < count; first += block) {
        const npy_intp n = end - first < block ? end - first : block;
        pair *at = (pair *)(state + 6 * first);
        for (npy_intp r = 0; r < n; r++)
            for (int j = 0; j < 3; j++) {
                s[2 * j][r] = (npy_uint32)at[3 * r + j];
                s[2 * j + 1][r] = (npy_uint32)(at[3 * r + j] >> 32);
            }
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
        for (npy_intp r = 0; r < n; r++)
            for (int j = 0; j < 3; j++)
                at[3 * r + j] = s[2 * j][r] |
                    (npy_uint64)s[2 * j + 1][r] << 32;
    }
''' % dict(streams=division.STREAMS)


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
    cut : division.Cut or None, of the step that is being written
    threads : bool, whether any step is cut
    described : list of (what it does, in how many parts, megabytes) of each
        step
    memory : int, bytes
    addresses : list, of each buffer an offset into the memory, an ndarray
        (a constant), or None (inputs and outputs)
    """
    def __init__(self, trace, preamble='', reorder=False):
        self._trace = trace
        self._preamble, self.reorder = preamble, reorder
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
        offsets, self.memory = fusion.offsets(spans, self._numbers)
        self._stored = set(spans)
        self._views, self._support, self.products = [], set(), []
        cuts = division.cuts(self, steps)
        self.threads = any(cut is not None for cut in cuts)
        self.described = [
            (profile.described(step), cut.count if cut else 1,
             profile.megabytes(self, step)) for step, cut in zip(steps, cuts)]
        functions = [self._function(i, step, cut)
                     for i, (step, cut) in enumerate(zip(steps, cuts))]
        self.addresses = [None] * len(self._numbers)
        for buffer, number in self._numbers.items():
            self.addresses[number] = (
                buffer.value if buffer.kind == 'constant'
                else offsets.get(buffer))
        self.text = self._text(functions, cuts)

    def _text(self, functions, cuts):
        sizes = dict(buffers=len(self._numbers),
                     products=max(1, len(self.products)),
                     views=max(1, len(self._views)),
                     signature=pool.SIGNATURE + tiles.SIGNATURE)
        entry = Entry(self._trace, self._numbers, self._views)
        draw = _DRAW + self._written(
            'draw', 'npy_int32 *state, npy_intp first, npy_intp end, '
            'npy_intp streams, float *sample, npy_intp count', _DRAW_BODY)
        return '\n'.join([PREAMBLE % sizes, draw, self._preamble] +
                         sorted(self._support) + functions +
                         [entry.text(sizes, cuts)])

    def _function(self, number, step, cut):
        """The C++ function of one step, and of its parts."""
        self._pointers, self.cut = {}, cut
        body = (loops.text if isinstance(step, fusion.Loop)
                else writers.text)(self, step)
        largest = max(a.size for a in step.reads + step.writes)
        text = self._written(
            'step%d' % number,
            'struct place *p, npy_intp first, npy_intp end',
            ''.join(self._pointers.values()) + body, largest >= MANY)
        if cut is None or cut.axis is None:
            return text
        return text + (
            'static int part%d(void *p, ptrdiff_t number)\n{\n'
            '    const npy_intp first = number * %d, end = first + %d;\n'
            '    return step%d((struct place *)p, first, '
            'end < %d ? end : %d);\n}\n' % (
                (number,) + (cut.block,) * 2 + (number,) +
                (cut.length,) * 2))

    def _written(self, name, parameters, body, many=True):
        """A C++ function; of many numbers for wider vectors, too.

        Where bits may move, everything is for this processor's.
        """
        names = ', '.join(part.split()[-1].lstrip('*')
                          for part in parameters.split(', '))
        return (_WIDE if many and not self.reorder else _NARROW) % dict(
            name=name, parameters=parameters, names=names, body=body)

    # for the writers of a step

    def needs(self, support):
        """Put C++ that statements need before all functions."""
        self._support.add(support)

    def in_memory(self, array):
        """Whether an array is in memory, or only in a loop's variables."""
        return array.buffer.kind != 'memory' or array.buffer in self._stored

    def pointer(self, buffer):
        """Name of the pointer to a buffer; the function declares it."""
        number = self._numbers[buffer]
        name = 'b%d' % number
        kind = c_type(buffer.dtype)
        self._pointers[name] = (
            '    %s *__restrict__ %s = (%s *)p->at[%d];\n' % (
                kind, name, kind, number))
        return name

    def element(self, array, index):
        """Text of an element: index is a text for each axis."""
        terms = [] if array.offset == 0 else [str(array.offset)]
        for name, stride, n in zip(index, array.strides, array.shape):
            if stride and n != 1:
                terms.append(name if stride == 1 else
                             '%s * (npy_intp)%d' % (name, stride))
        return '%s[%s]' % (self.pointer(array.buffer),
                           ' + '.join(terms) or '0')

    def product(self, step):
        """The number of a product among all."""
        self.products.append(step)
        return len(self.products) - 1

    def view(self, array):
        """The number of an array that numpy needs as its own."""
        self._numbers[array.buffer]
        self._views.append(array)
        return len(self._views) - 1

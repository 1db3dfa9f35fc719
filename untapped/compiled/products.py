"""Matrix products with the widest vectors that the processor has.

Both operands are copied into strips that lie as the innermost loop reads
them; there, a tile of sums stays in registers (Goto and van de Geijn,
Anatomy of high-performance matrix multiplication, 2008).  The text is one
library for all shapes and strides, compiled once.

With the exact flags, the bits are those of numpy's dot through OpenBLAS
0.2.18's Nehalem kernels, because each number is the same sum in the same
order: products are rounded, then added one after the other; k is cut into
parts of at most 512, whose sums are added to the result one after the other.
Vectors lie along the columns and do not touch that order.  Only in an odd
last column, in four or six of the last rows, does OpenBLAS sum in another
way (``last_column``).
"""
from __future__ import division, print_function

import ctypes

import numpy as np

from untapped import pins
from untapped.compiled.library import built

__all__ = ['SIGNATURE', 'chosen', 'multiplied', 'variants']

#: instructions, numbers in a vector, rows of a tile; a tile has two vectors
#: side by side, and as many rows as registers hold
_VARIANTS = (('avx512f', 16, 12), ('avx2', 8, 6))

#: of a function, in C++
SIGNATURE = '''\
#include <stddef.h>

/* c (m x n, contiguous) = a (m x k) b (k x n); strides in numbers */
typedef void multiply(ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, const float *a,
                      ptrdiff_t a_row, ptrdiff_t a_column, const float *b,
                      ptrdiff_t b_row, ptrdiff_t b_column, float *c);
'''

_COMMON = r'''
#include <string.h>
typedef ptrdiff_t size;

/* vectors as GNU C++ has them */
#define VECTORS defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#if VECTORS

typedef float four __attribute__((vector_size(16), aligned(4), may_alias));
typedef int order __attribute__((vector_size(16)));

static inline size least(size x, size y)
{
    return x < y ? x : y;
}

/* a block of b: columns, and products that are summed at a time */
const size columns = 512, depths = 512;

/* of what is left, how much is summed at a time */
static inline size next_depth(size left)
{
    if (left >= 2 * depths) return depths;
    if (left > depths) return (left / 2 + 3) & ~3;
    return left;
}

/* Sums of the last column as OpenBLAS's Nehalem kernels have them where n is
   odd: eight rows of theirs make a tile, the rows that are left tiles of four,
   two and one.  In those of four and two, as far as the number of products is
   a multiple of four, the even ones are added up, and all odd ones but the
   last. */
static void last_column(size m, size n, size k,
                        const float *a, size a_row, size a_column,
                        const float *b, size b_row, size b_column, float *c)
{
    const size first = m - m % 8, end = first + (m & 6);
    b += (n - 1) * b_column;
    for (size i = first; i < end; i++) {
        float total = 0;
        for (size start = 0, depth; start < k; start += depth) {
            const float *x = a + i * a_row + start * a_column;
            const float *y = b + start * b_row;
            depth = next_depth(k - start);
            const size fours = depth & ~3;
            float sum = 0, even = 0;
            for (size p = 0; p < fours; p += 2) {
                even += x[p * a_column] * y[p * b_row];
                if (p + 2 == fours) sum += even;
                sum += x[(p + 1) * a_column] * y[(p + 1) * b_row];
            }
            for (size p = fours; p < depth; p++)
                sum += x[p * a_column] * y[p * b_row];
            total += sum;
        }
        c[i * n + n - 1] = total;
    }
}
'''

_VARIANT = r'''
namespace %(name)s {

#define WIDE __attribute__((target("%(name)s")))

const size lanes = %(lanes)d, rows = %(rows)d, tiles = 8;

typedef float vector __attribute__((vector_size(4 * lanes), may_alias));
typedef float anywhere __attribute__((vector_size(4 * lanes), aligned(4),
                                      may_alias));

static float packed_a[tiles * rows * depths] __attribute__((aligned(64)));
static float packed_b[columns * depths] __attribute__((aligned(64)));

/* how the R rows of a lie that a tile is made of: as a packed strip; in a
   itself, along its rows or along its columns */
enum layout { PACKED, ROWS, COLUMNS };

/* c (R x N vectors) = or += a b, b from a strip of N vectors */
template <int R, int N, layout A>
WIDE static void tile(size depth, const float *a, size stride, const float *b,
                      float *c, size c_row, bool first)
{
    vector sum[R][N];
    for (int r = 0; r < R; r++)
        #pragma GCC unroll 2
        for (int v = 0; v < N; v++)
            __builtin_prefetch(c + r * c_row + v * lanes, 1);
    #pragma GCC unroll 16
    for (int r = 0; r < R; r++)
        #pragma GCC unroll 2
        for (int v = 0; v < N; v++) sum[r][v] = (vector){};
    const size step = A == PACKED ? R : A == ROWS ? 1 : stride;
    for (size p = 0; p < depth; p++, a += step, b += N * lanes) {
        vector x[N];
        /* of the tile after next: it lies on this line of memory */
        if (A == COLUMNS) __builtin_prefetch(a + 3 * R);
        #pragma GCC unroll 2
        for (int v = 0; v < N; v++)
            __builtin_prefetch(b + (8 * N + v) * lanes);
        #pragma GCC unroll 2
        for (int v = 0; v < N; v++) x[v] = ((const vector *)b)[v];
        #pragma GCC unroll 16
        for (int r = 0; r < R; r++)
            #pragma GCC unroll 2
            for (int v = 0; v < N; v++)
                sum[r][v] += a[A == ROWS ? r * stride : r] * x[v];
    }
    #pragma GCC unroll 16
    for (int r = 0; r < R; r++)
        #pragma GCC unroll 2
        for (int v = 0; v < N; v++) {
            anywhere *to = (anywhere *)(c + r * c_row) + v;
            *to = first ? sum[r][v] : sum[r][v] + *to;
        }
}

/* One strip: `count` lines of `depth` numbers, W side by side, so that number
   p of line i is to[p * W + i]; zeros for lines that are not there. */
template <int W>
WIDE static void pack_strip(size depth, size count, const float *x, size line,
                            size step, float *to)
{
    size done = 0;
    if (step == 1)
        for (; done + 4 <= count; done += 4) {
            const float *y = x + done * line;
            size p = 0;
            for (; p + 4 <= depth; p += 4) {
                if (p %% 16 == 0)
                    for (int i = 4; i < 8; i++)
                        __builtin_prefetch(y + i * line + p);
                /* a square of 4 x 4, transposed */
                const four s = *(const four *)(y + p);
                const four t = *(const four *)(y + line + p);
                const four u = *(const four *)(y + 2 * line + p);
                const four v = *(const four *)(y + 3 * line + p);
                const order low = {0, 4, 1, 5}, high = {2, 6, 3, 7};
                const order left = {0, 1, 4, 5}, right = {2, 3, 6, 7};
                const four e = __builtin_shuffle(s, t, low);
                const four f = __builtin_shuffle(s, t, high);
                const four g = __builtin_shuffle(u, v, low);
                const four h = __builtin_shuffle(u, v, high);
                float *at = to + p * W + done;
                *(four *)at = __builtin_shuffle(e, g, left);
                *(four *)(at + W) = __builtin_shuffle(e, g, right);
                *(four *)(at + 2 * W) = __builtin_shuffle(f, h, left);
                *(four *)(at + 3 * W) = __builtin_shuffle(f, h, right);
            }
            for (; p < depth; p++)
                for (int i = 0; i < 4; i++)
                    to[p * W + done + i] = y[i * line + p];
        }
    for (size p = 0; p < depth; p++) {
        for (size i = done; i < count; i++)
            to[p * W + i] = x[i * line + p * step];
        for (size i = count; i < W; i++) to[p * W + i] = 0;
    }
}

/* Strips of W lines each; what is left is a strip of the least of W, SECOND
   and THIRD lines that holds it. */
template <int W, int SECOND, int THIRD>
WIDE static void pack(size depth, size count, const float *x, size line,
                      size step, float *to)
{
    size done = 0;
    if (line == 1) {
        /* eight strips at a time, in the order of memory */
        const size whole = count / W * W;
        for (size end; done < whole; done = end) {
            end = least(whole, done + 8 * W);
            for (size p = 0; p < depth; p++)
                for (size i = done; i < end; i += W)
                    memcpy(to + i * depth + p * W, x + p * step + i,
                           W * sizeof(float));
        }
    }
    for (; done < count; done += W) {
        const size left = count - done;
        const float *from = x + done * line;
        float *strip = to + done * depth;
        if (left > SECOND)
            pack_strip<W>(depth, least(left, W), from, line, step, strip);
        else if (left > THIRD)
            pack_strip<SECOND>(depth, left, from, line, step, strip);
        else
            pack_strip<THIRD>(depth, left, from, line, step, strip);
    }
}

/* R rows of c, of which there are `count`, along a block of b */
template <int R, layout A>
WIDE static void row_of_tiles(size count, size n, size depth, const float *a,
                              size stride, const float *b, float *c,
                              size c_row, bool first)
{
    float part[R * 2 * lanes] __attribute__((aligned(64)));
    size width;
    for (size j = 0; j < n; j += width, b += width * depth) {
        width = n - j > lanes ? 2 * lanes : lanes;
        const size w = least(n - j, width);
        const bool whole = count == R && w == width;
        /* what is not whole is computed beside c */
        float *to = whole ? c + j : part;
        const size to_row = whole ? c_row : width;
        if (width == lanes)
            tile<R, 1, A>(depth, a, stride, b, to, to_row, first || !whole);
        else
            tile<R, 2, A>(depth, a, stride, b, to, to_row, first || !whole);
        if (whole) continue;
        for (size r = 0; r < count; r++)
            for (size i = 0; i < w; i++) {
                float *at = c + r * c_row + j + i;
                const float sum = part[r * width + i];
                *at = first ? sum : sum + *at;
            }
    }
}

WIDE static void multiply_strip(size count, size n, size depth,
                                const float *a, float *c, size c_row,
                                bool first)
{
    if (count > 2 * rows / 3)
        row_of_tiles<rows, PACKED>(count, n, depth, a, 0, packed_b, c, c_row,
                                   first);
    else if (count > rows / 3)
        row_of_tiles<2 * rows / 3, PACKED>(count, n, depth, a, 0, packed_b,
                                           c, c_row, first);
    else
        row_of_tiles<rows / 3, PACKED>(count, n, depth, a, 0, packed_b, c,
                                       c_row, first);
}

WIDE static void product(size m, size n, size k,
                         const float *a, size a_row, size a_column,
                         const float *b, size b_row, size b_column, float *c)
{
    /* a block has fewer of one where it has more of the other */
    const size deepest = least(k, depths);
    const size most = columns * depths / deepest / (2 * lanes) * 2 * lanes;
    const size blocks = (n + most - 1) / most;
    const size width = (n + blocks * 2 * lanes - 1) / (blocks * 2 * lanes) *
        2 * lanes;
    const size height = tiles * depths / deepest * rows;
    size w, h, depth;
    for (size j = 0; j < n; j += w) {
        w = least(n - j, width);
        for (size p = 0; p < k; p += depth) {
            depth = next_depth(k - p);
            pack<2 * lanes, lanes, lanes>(
                depth, w, b + p * b_row + j * b_column, b_column, b_row,
                packed_b);
            size i = 0;
            /* so narrow that copying a would cost more than reading it here
               and there; its columns, as far as few pages hold them */
            if (n <= 4 * lanes &&
                (a_column == 1 || (a_row == 1 && depth <= depths / 4)))
                for (; i + rows <= m; i += rows) {
                    const float *at = a + i * a_row + p * a_column;
                    float *to = c + i * n + j;
                    if (a_column == 1)
                        row_of_tiles<rows, ROWS>(
                            rows, w, depth, at, a_row, packed_b, to, n,
                            p == 0);
                    else
                        row_of_tiles<rows, COLUMNS>(
                            rows, w, depth, at, a_column, packed_b, to, n,
                            p == 0);
                }
            for (; i < m; i += h) {
                h = least(m - i, height);
                pack<rows, 2 * rows / 3, rows / 3>(
                    depth, h, a + i * a_row + p * a_column, a_row, a_column,
                    packed_a);
                for (size r = 0; r < h; r += rows)
                    multiply_strip(least(h - r, rows), w, depth,
                                   packed_a + r * depth,
                                   c + (i + r) * n + j, n, p == 0);
            }
        }
    }
    if (EXACT && (n & 1))
        last_column(m, n, k, a, a_row, a_column, b, b_row, b_column, c);
}

#undef WIDE

}
'''

_CHOICE = '''
#endif

/* of variant 0, 1, ...; NULL where the processor cannot run it */
extern "C" multiply *variant(int number)
{
#if VECTORS
    __builtin_cpu_init();
%s#endif
    return NULL;
}
'''

#: of the functions, for ctypes
_ARGUMENTS = [ctypes.c_ssize_t] * 3 + (
    [ctypes.c_void_p] + [ctypes.c_ssize_t] * 2) * 2 + [ctypes.c_void_p]


def text(exact):
    """The C++ of all variants."""
    return ('#define EXACT %d\n' % exact + SIGNATURE + _COMMON +
            ''.join(_VARIANT % dict(name=name, lanes=lanes, rows=rows)
                    for name, lanes, rows in _VARIANTS) +
            _CHOICE % ''.join(
                '    if (number == %d && __builtin_cpu_supports("%s"))\n'
                '        return %s::product;\n' % (number, name, name)
                for number, (name, _, _) in enumerate(_VARIANTS)))


def variants(exact, flags):
    """The functions that this processor can run, the widest first.

    Parameters
    ----------
    exact : bool, the bits of numpy's dot; none if its BLAS is not the pinned
    flags : list of str, for g++

    Returns
    -------
    list of ctypes functions
    """
    if exact and [blas[1:] for blas in pins.loaded_blas()] != [
            (pins.VARIABLES['OPENBLAS_CORETYPE'], 1)]:
        return []
    library = ctypes.PyDLL(built(text(exact), flags))
    library.variant.restype = ctypes.c_void_p
    addresses = [library.variant(i) for i in range(len(_VARIANTS))]
    kind = ctypes.PYFUNCTYPE(None, *_ARGUMENTS)
    return [kind(address) for address in addresses if address]


def suits(product):
    """Whether it is one for the function, by types and shapes.

    numpy multiplies vectors by other routines, in another order.
    """
    arrays = product.reads + product.writes
    return all(a.dtype == 'float32' and min(a.shape) > 1 for a in arrays)


def chosen(products, exact, flags):
    """What multiplies each product: an address, or 0 for numpy's dot.

    Parameters
    ----------
    products : list of instructions.Product
    exact : bool, the bits of numpy's dot; each shape is tried out
    flags : list of str, for g++
    """
    functions = variants(exact, flags) if products else []
    if not functions:
        return [0] * len(products)
    function = functions[0]
    address = ctypes.cast(function, ctypes.c_void_p).value
    return [address if suits(product) and
            (not exact or agrees(function, *product.reads)) else 0
            for product in products]


def multiplied(function, a, b):
    """The product of two ndarrays (float32) by one of ``variants``."""
    found = np.empty((a.shape[0], b.shape[1]), 'float32')
    function(a.shape[0], b.shape[1], a.shape[1],
             a.ctypes.data, a.strides[0] // 4, a.strides[1] // 4,
             b.ctypes.data, b.strides[0] // 4, b.strides[1] // 4,
             found.ctypes.data)
    return found


def agrees(function, a, b):
    """Whether a function has the bits of numpy's dot, on random numbers.

    Parameters
    ----------
    a, b : instructions.Array; of many rows or columns, which all have the same
        order of sums, some are tried
    """
    m, n = [size if size < 2 * _TRIED else _TRIED + size % _TRIED
            for size in (a.shape[0], b.shape[1])]
    a = _like(a, (m, a.shape[1]), 0)
    b = _like(b, (b.shape[0], n), 1)
    return multiplied(function, a, b).tobytes() == np.dot(a, b).tobytes()


#: rows or columns that agreement is tried on: a multiple of all tiles'
_TRIED = 96


def _like(array, shape, seed):
    """Random numbers, in the order in memory that an array has."""
    fortran = abs(array.strides[0]) < abs(array.strides[1])
    numbers = np.random.RandomState(seed).normal(size=4099)
    # a length that is prime: no two rows are the same
    made = np.resize(numbers.astype('float32'), shape[0] * shape[1])
    return made.reshape(shape, order='F' if fortran else 'C')

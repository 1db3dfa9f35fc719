"""The C++ of matrix products: tiles of sums in registers.

Operands are copied into strips that lie as the innermost loop reads them, but
a left one that few columns multiply is read where it is.  A tile of sums
stays in registers (Goto and van de Geijn,
Anatomy of high-performance matrix multiplication, 2008).  The text is one
library for all shapes and strides, compiled once.  `products` says why its
bits are those of the pinned BLAS.
"""
from __future__ import division, print_function

from untapped.compiled import pool, strips

__all__ = ['SIGNATURE', 'VARIANTS', 'text']

#: instructions, numbers in a vector, rows of a tile; a tile has two vectors
#: side by side, and as many rows as registers hold
VARIANTS = (('avx512f', 16, 12), ('avx2', 8, 6))

#: of a function, in C++
SIGNATURE = '''
/* c (m x n, contiguous) = a (m x k) b (k x n); strides in numbers; on the
   threads of a pool if there is one */
typedef void multiply(ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, const float *a,
                      ptrdiff_t a_row, ptrdiff_t a_column, const float *b,
                      ptrdiff_t b_row, ptrdiff_t b_column, float *c,
                      struct pool *pool);
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

/* blocks that are copied before threads wait for each other, at most */
const size MOST = 16;

/* numbers that one thread copies faster than it shares them out */
const size FEW = 1 << 15;

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

/* of each thread, and of all */
static __thread float packed_a[tiles * rows * depths]
    __attribute__((aligned(64)));
static float packed_b[columns * depths] __attribute__((aligned(64)));

/* columns that a thread copies for itself */
const size own = 8 * lanes;
static __thread float packed_own[own * depths] __attribute__((aligned(64)));

/* how many rows packed_a holds */
static inline size highest(size depth)
{
    return tiles * depths / depth * rows;
}

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

%(packing)s/* R rows of c, of which there are `count`, along a block of b */
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
                                const float *a, const float *b, float *c,
                                size c_row, bool first)
{
    if (count > 2 * rows / 3)
        row_of_tiles<rows, PACKED>(count, n, depth, a, 0, b, c, c_row, first);
    else if (count > rows / 3)
        row_of_tiles<2 * rows / 3, PACKED>(count, n, depth, a, 0, b, c, c_row,
                                           first);
    else
        row_of_tiles<rows / 3, PACKED>(count, n, depth, a, 0, b, c, c_row,
                                       first);
}

/* a block of b and what it gives to c: of `depth` products of each sum */
struct block {
    size m, n, depth, width;
    const float *a;
    size a_row, a_column;
    const float *b;
    size b_row, b_column;
    float *c;
    bool first, in_place;
    /* where b is copied to */
    float *packed;
};

/* blocks below each other; threads wait for each other but once for all */
struct blocks {
    size count;
    block each[MOST];
    /* of a part: rows of c; columns of b, as they are copied */
    size rows_of_part, columns_of_part;
    /* in how many parts columns are copied */
    size parts;
};

WIDE static int copy_columns(void *what, size number)
{
    const blocks &all = *(const blocks *)what;
    const block &x = all.each[number / all.parts];
    const size j = number %% all.parts * all.columns_of_part;
    pack<2 * lanes, lanes, lanes>(
        x.depth, least(x.width - j, all.columns_of_part),
        x.b + j * x.b_column, x.b_column, x.b_row, x.packed + j * x.depth);
    return 0;
}

WIDE static void rows_of_block(const block &x, size i, size end)
{
    if (x.in_place)
        for (; i + rows <= end; i += rows) {
            const float *at = x.a + i * x.a_row;
            float *to = x.c + i * x.n;
            if (x.a_column == 1)
                row_of_tiles<rows, ROWS>(rows, x.width, x.depth, at, x.a_row,
                                         x.packed, to, x.n, x.first);
            else
                row_of_tiles<rows, COLUMNS>(rows, x.width, x.depth, at,
                                            x.a_column, x.packed, to, x.n,
                                            x.first);
        }
    for (size h; i < end; i += h) {
        h = least(end - i, highest(x.depth));
        pack<rows, 2 * rows / 3, rows / 3>(x.depth, h, x.a + i * x.a_row,
                                           x.a_row, x.a_column, packed_a);
        for (size r = 0; r < h; r += rows)
            multiply_strip(least(h - r, rows), x.width, x.depth,
                           packed_a + r * x.depth, x.packed,
                           x.c + (i + r) * x.n, x.n, x.first);
    }
}

WIDE static int multiply_rows(void *what, size number)
{
    const blocks &all = *(const blocks *)what;
    const size i = number * all.rows_of_part;
    for (size p = 0; p < all.count; p++)
        rows_of_block(all.each[p], i,
                      least(all.each[p].m, i + all.rows_of_part));
    return 0;
}

/* of a wide block with few rows: some columns are copied and multiplied */
WIDE static int multiply_columns(void *what, size number)
{
    block x = *(const block *)what;
    const size j = number * own;
    x.b += j * x.b_column;
    x.c += j;
    x.width = least(x.width - j, own);
    x.packed = packed_own;
    pack<2 * lanes, lanes, lanes>(x.depth, x.width, x.b, x.b_column, x.b_row,
                                  x.packed);
    rows_of_block(x, 0, x.m);
    return 0;
}

/* of many rows, the part that is one thread's at a time */
static size some_rows(const block &x)
{
    const size wanted = (x.m / (x.in_place ? 32 : 16) / rows + 1) * rows;
    return x.in_place ? wanted : least(wanted, highest(x.depth));
}

static int on_this_thread(part *run, void *with, size count)
{
    for (size i = 0; i < count; i++) run(with, i);
    return 0;
}

typedef int runner(part *, void *, size);

/* the next of the products that are summed, from p on */
WIDE static void go_to(block &x, size p, size k, const float *a,
                       const float *b)
{
    x.depth = next_depth(k - p);
    x.first = p == 0;
    x.a = a + p * x.a_column;
    x.b = b + p * x.b_row;
}

WIDE static void by_columns(block x, size k, runner *run)
{
    const float *a = x.a, *b = x.b;
    x.width = x.n;
    for (size p = 0; p < k; p += x.depth) {
        go_to(x, p, k, a, b);
        run(multiply_columns, &x, (x.n + own - 1) / own);
    }
}

WIDE static void by_rows(block x, size k, runner *run, bool shared)
{
    /* a block has fewer columns where it has more products */
    const size most = columns * depths / least(k, depths) / (2 * lanes) * 2 *
        lanes;
    const size beside = (x.n + most - 1) / most;
    const size width = (x.n + beside * 2 * lanes - 1) /
        (beside * 2 * lanes) * 2 * lanes;
    const float *a = x.a, *b = x.b;
    float *c = x.c;
    blocks all;
    for (size j = 0; j < x.n; j += x.width) {
        x.width = least(x.n - j, width);
        x.c = c + j;
        const size padded = (x.width + lanes - 1) / lanes * lanes;
        for (size p = 0; p < k;) {
            x.packed = packed_b;
            all.count = 0;
            do {
                go_to(x, p, k, a, b + j * x.b_column);
                /* so narrow that copying a would cost more than reading it
                   here and there; its columns, as far as few pages hold
                   them */
                x.in_place = x.n <= 4 * lanes && (x.a_column == 1 || (
                    x.a_row == 1 && x.depth <= depths / 4));
                all.each[all.count++] = x;
                p += x.depth;
                x.packed += padded * x.depth;
            } while (shared && p < k && all.count < MOST &&
                     x.packed + padded * next_depth(k - p) <=
                     packed_b + columns * depths);
            /* the first block is the deepest */
            x = all.each[0];
            all.rows_of_part = shared ? some_rows(x) : x.m;
            all.columns_of_part = shared && x.width * x.depth >= FEW ?
                16 * lanes : x.width;
            all.parts = (x.width + all.columns_of_part - 1) /
                all.columns_of_part;
            run(copy_columns, &all, all.count * all.parts);
            run(multiply_rows, &all, (x.m + all.rows_of_part - 1) /
                all.rows_of_part);
        }
    }
}

WIDE static void product(size m, size n, size k,
                         const float *a, size a_row, size a_column,
                         const float *b, size b_row, size b_column, float *c,
                         struct pool *pool)
{
    const bool shared = pool && pool->threads > 1;
    runner *run = shared ? pool->run : on_this_thread;
    block x = {};
    x.m = m, x.n = n;
    x.a = a, x.a_row = a_row, x.a_column = a_column;
    x.b = b, x.b_row = b_row, x.b_column = b_column;
    x.c = c;
    if (shared && m <= own && n >= 8 * own)
        by_columns(x, k, run);
    else
        by_rows(x, k, run, shared);
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


def text(exact):
    """The C++ of all variants."""
    return ('#define EXACT %d\n' % exact + pool.SIGNATURE + SIGNATURE +
            _COMMON + ''.join(
                _VARIANT % dict(name=name, lanes=lanes, rows=rows,
                                packing=strips.PACKING)
                for name, lanes, rows in VARIANTS) +
            _CHOICE % ''.join(
                '    if (number == %d && __builtin_cpu_supports("%s"))\n'
                '        return %s::product;\n' % (number, name, name)
                for number, (name, _, _) in enumerate(VARIANTS)))

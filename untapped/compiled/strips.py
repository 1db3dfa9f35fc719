"""The C++ that copies operands of a product into strips.

A strip has some lines, rows of the left operand or columns of the right one,
side by side, so that the innermost loop of `tiles` reads them in order.
"""
from __future__ import division, print_function

__all__ = ['PACKING']

#: templates, of the width of a strip; WIDE names the processor's instructions
PACKING = r'''
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
                if (p % 16 == 0)
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

'''

"""Compare x ** 2 by pow and by multiplication for every float there is.

    make squares

Takes about three minutes; exit status 1 if a bit differs anywhere.
"""
from __future__ import division, print_function

import sys
import time

from untapped.numerics import compile_mode

import numpy as np
import theano
import theano.tensor as T

CHUNK = 2 ** 24


def main():
    x = T.vector()
    by_pow = theano.function([x], x ** 2)
    by_product = theano.function([x], x ** 2, mode=compile_mode())
    differing = nan = 0
    seconds = np.zeros(2)
    for start in range(0, 2 ** 32, CHUNK):
        values = np.arange(start, start + CHUNK,
                           dtype='uint32').view('float32')
        begun = time.time()
        a = by_pow(values)
        between = time.time()
        b = by_product(values)
        seconds += [between - begun, time.time() - between]
        # a NaN has many patterns: that it is one is what counts
        both_nan = np.isnan(a) & np.isnan(b)
        nan += int(both_nan.sum())
        differing += int(((a.view('int32') != b.view('int32')) &
                          ~both_nan).sum())
    print('%d floats, %d of them NaN: %d squares differ'
          % (2 ** 32, nan, differing))
    print('%.1f ns an element by pow, %.1f by product'
          % tuple(seconds / 2 ** 32 * 1e9))
    return int(differing > 0)


if __name__ == '__main__':
    sys.exit(main())

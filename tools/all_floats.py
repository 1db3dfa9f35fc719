"""Compare what the step computes in its own way with Theano, for every float.

    make floats

x ** 2 by pow and by multiplication; exp, log, sin, ... by the C library and
by ``untapped.compiled.exact``.  Takes some fifteen minutes; exit status 1 if a
bit differs anywhere.
"""
from __future__ import division, print_function

import sys
import time

from untapped.compiled.modes import compile_mode, step_mode

import numpy as np
import theano
import theano.tensor as T

CHUNK = 2 ** 24

#: the function and the mode that computes it in another way
FUNCTIONS = (
    ('squares', lambda x: x ** 2, compile_mode),
    ('exp', T.exp, step_mode), ('log', T.log, step_mode),
    ('sin', T.sin, step_mode), ('cos', T.cos, step_mode),
    ('tanh', T.tanh, step_mode),
    ('sigmoid', T.nnet.sigmoid, step_mode),
    ('softplus', T.nnet.softplus, step_mode))


def compare(name, function, mode):
    """Print and return how many floats have other values."""
    x = T.vector()
    theirs = theano.function([x], function(x))
    ours = theano.function([x], function(x), mode=mode())
    differing = nan = 0
    seconds = np.zeros(2)
    for start in range(0, 2 ** 32, CHUNK):
        values = np.arange(start, start + CHUNK,
                           dtype='uint32').view('float32')
        begun = time.time()
        a = theirs(values)
        between = time.time()
        b = ours(values)
        seconds += [between - begun, time.time() - between]
        # a NaN has many patterns: that it is one is what counts
        both_nan = np.isnan(a) & np.isnan(b)
        nan += int(both_nan.sum())
        differing += int(((a.view('int32') != b.view('int32')) &
                          ~both_nan).sum())
    print('%s: of %d floats %d differ (%d are NaN in both); %.1f ns an '
          'element by Theano, %.1f here'
          % ((name, 2 ** 32, differing, nan) +
             tuple(seconds / 2 ** 32 * 1e9)))
    sys.stdout.flush()
    return differing


def main():
    return int(sum(compare(*function) for function in FUNCTIONS) > 0)


if __name__ == '__main__':
    sys.exit(main())

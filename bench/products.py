"""How fast single matrix products are.

    python -m bench.products [MxNxK ...]

A row a product, of m x k with k x n numbers (default: MNIST's and LIBS's
large ones): GFLOP/s of numpy's dot under the pins, of the functions of
``untapped.compiled.products`` with its bits, and of those for speed, in
processor time, the fastest of five.
"""
from __future__ import division, print_function

import re
import sys
import time

import untapped.pins

SHAPES = ['10000x500x784', '10000x784x500', '784x500x10000', '10000x50x784',
          '100x50x5485', '100x5485x50', '5485x25x100', '100x165x20']


def seconds(function, *operands):
    """Of one call, as the least of five measurements."""
    times = []
    calls = 1
    while len(times) < 5:
        start = time.clock()
        for _ in range(calls):
            function(*operands)
        passed = time.clock() - start
        if passed > 0.02:
            times.append(passed / calls)
        else:
            calls *= 2
    return min(times)


def main(shapes):
    for shape in shapes:
        if not re.match(r'[1-9]\d*(x[1-9]\d*){2}\Z', shape):
            print('bench.products: expected products as 100x50x20, got %s'
                  % shape, file=sys.stderr)
            return 2
    untapped.pins.apply()
    import numpy as np
    from untapped.compiled import fast, products
    from untapped.compiled.library import exact_flags
    made = [products.variants(True, exact_flags()),
            products.variants(False, fast.flags())]
    rng = np.random.RandomState(0)
    print('%-16s %8s %8s %8s' % ('', 'numpy', 'exact', 'fast'))
    for shape in shapes or SHAPES:
        m, n, k = [int(part) for part in shape.split('x')]
        a, b = [rng.normal(size=size).astype('float32')
                for size in ((m, k), (k, n))]
        times = [seconds(np.dot, a, b)] + [
            seconds(products.multiplied, functions[0], a, b)
            if functions else float('nan') for functions in made]
        print('%-16s %8.1f %8.1f %8.1f' % tuple(
            [shape] + [2e-9 * m * n * k / t for t in times]))


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))

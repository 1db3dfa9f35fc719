"""What simulated data say of where they are from."""
from __future__ import division, print_function

__all__ = ['SIMULATED_TWICE', 'SIMULATORS', 'source']

#: The first is the default, and its data stay as they are.
SIMULATORS = (1, 2)
#: Data that have a second simulator.
SIMULATED_TWICE = ('crism', 'libs')


def source(seed, simulator=1, *more):
    """`Raw.source`: the seed, the simulator unless it is the first, more."""
    words = ['seed %s' % seed]
    words += ['simulator %s' % simulator] * (simulator != 1)
    return 'simulated (%s)' % ', '.join(words + list(more))

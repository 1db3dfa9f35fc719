"""Write examples/own_spectra.csv: two spectra of each simulated mixture.

    python tools/own_spectra_table.py >examples/own_spectra.csv

The 66 mixtures of `untapped.datasets.simulators.crism` under two lamps
(Positions 1 and 2), every fourth channel, four decimals.  The columns are
the abundances of three minerals, then reflectance by wavelength in um.
"""
from __future__ import print_function

import numpy as np

from untapped import datasets
from untapped.datasets.crism import NAMES
from untapped.datasets.simulators.crism import WAVES

STEP = 4


def rows():
    raw = datasets.load('crism', 'simulated')
    x, y = raw.arrays['x'], raw.arrays['y']
    position = np.asarray(raw.meta['position'])
    plain = ~np.asarray(raw.meta['container'], bool)
    for mixture in sorted(set(map(tuple, y))):
        same = (y == mixture).all(axis=1) & plain
        for lamp in (0, 1):
            first = np.flatnonzero(same & (position == lamp))[0]
            yield ['%.1f' % part for part in mixture] + [
                '%.4f' % value for value in x[first, ::STEP]]


def main():
    print(','.join(list(NAMES) + ['%.3f' % um for um in WAVES[::STEP]]))
    for row in rows():
        print(','.join(row))


if __name__ == '__main__':
    main()

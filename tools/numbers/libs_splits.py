"""What each of the 20 splits of LIBS trains on, and each method's KL.

    python tools/numbers/libs_splits.py results/RUN

RUN is the folder of `run_libs.py --split all`.  A line a split: its
standards; the most Other that is trained on; the least and most Other of
the validation data; the KL of PLS, M2 and Untapped.
"""
from __future__ import division, print_function

import argparse
import json
import os

import untapped  # noqa: F401, before numpy: it sets the pins
from untapped import datasets
from untapped.studies import metrics

import numpy as np

SPLITS = 20


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('run', help='the folder of a run over all splits')
    folder = parser.parse_args(argv).run
    raw = datasets.load('libs', 'simulated')
    for split in range(SPLITS):
        data = datasets.prepare(raw, np.random.RandomState(1), trial=split)
        with open(os.path.join(folder, 'runs', 'seed-1234-split-%02d' % split,
                               'metrics.json')) as found:
            methods = json.load(found)['methods']
        types = np.array(data.meta['types'])[data.meta['train']]
        trained, valid = [metrics.all_parts(y)[:, -1]
                          for y in (data.y, data.y_valid)]
        print(split, sorted(set(types)), trained.max(), valid.min(),
              valid.max(), [methods[key]['validation']['kl']
                            for key in ('pls', 'm2', 'untapped')])


if __name__ == '__main__':
    main()

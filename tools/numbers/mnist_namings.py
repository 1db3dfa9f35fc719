"""The KL of an MNIST run's answers over all namings of the parts 5 to 9.

    python tools/numbers/mnist_namings.py results/RUN FOLDER

FOLDER holds MNIST's files.  A line a model: the raw KL; the least, median
and largest over all 120 namings; how many are below the raw one.
"""
from __future__ import division, print_function

import argparse
import os

import untapped  # noqa: F401, before numpy: it sets the pins
from untapped import datasets
from untapped.studies import metrics, mnist

import numpy as np


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('run', help='the folder of a run')
    parser.add_argument('data', help="the folder of MNIST's files")
    options = parser.parse_args(argv)
    data = datasets.prepare(datasets.load('mnist', options.data),
                            np.random.RandomState(1))
    for model in ('m2', 'untapped'):
        y = np.load(os.path.join(options.run, model,
                                 'answers.npz'))['predicted']
        kl = metrics.kl_of_namings(data.y_valid, y, mnist.UNLABELLED)
        print(model, kl[0], kl.min(), np.median(kl), kl.max(),
              (kl < kl[0]).sum())


if __name__ == '__main__':
    main()

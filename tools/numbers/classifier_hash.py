"""SHA-256 of what the digit classifier says of MNIST's stand-in, rounded.

    qemu-x86_64-static -cpu Nehalem .venv/bin/python \\
        tools/numbers/classifier_hash.py

Prints 99f1ee1b84f6 on every processor that was tried (docs/bits.md).
"""
from __future__ import division, print_function

import argparse
import hashlib

import untapped  # noqa: F401, before numpy: it sets the pins
from untapped import datasets
from untapped.studies import mnist

import numpy as np


def main(argv=None):
    argparse.ArgumentParser(
        description=__doc__.splitlines()[0]).parse_args(argv)
    data = datasets.prepare(datasets.load('mnist', 'simulated'),
                            np.random.RandomState(1))
    named = mnist.name_digits(mnist.classifier(data)[0], data.X_valid)[1]
    print(hashlib.sha256(repr(named).encode()).hexdigest()[:12])


if __name__ == '__main__':
    main()

#!/usr/bin/env python
"""The paper's MNIST experiment: digits, half of them unlabelled."""
from __future__ import division, print_function

import sys

from untapped.experiments.runner import main

if __name__ == '__main__':
    sys.exit(main('mnist'))

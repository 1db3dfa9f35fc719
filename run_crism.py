#!/usr/bin/env python
"""The paper's CRISM experiment: abundances from reflectance."""
from __future__ import division, print_function

import sys

from untapped.experiments.runner import main

if __name__ == '__main__':
    sys.exit(main('crism'))

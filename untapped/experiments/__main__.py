"""``python -m untapped.experiments --experiment raman``: any experiment."""
from __future__ import division, print_function

import sys

from untapped.experiments.runner import main

sys.exit(main())

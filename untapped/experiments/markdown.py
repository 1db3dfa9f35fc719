"""``python -m untapped.experiments.markdown RUN``: see `report.printed`."""
from __future__ import division, print_function

import sys

from untapped.report.printed import main

if __name__ == '__main__':
    sys.exit(main())

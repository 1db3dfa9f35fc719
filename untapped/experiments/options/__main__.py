"""``python -m untapped.experiments.options``: docs/options.md."""
from __future__ import division, print_function

from untapped.experiments.options import page

print('\n'.join(page.lines()))

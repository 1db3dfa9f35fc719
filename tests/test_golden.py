"""The arrays recorded from the published code, against this package.

tests/golden holds twelve small training runs (cases.json) and every array
that the published code gave for them under the pins: parameters before and
after training, records, answers.  Under the pins the same bits are demanded.
A machine that cannot keep the pins is told so, and then a tolerance holds:
untapped/verify/golden.py states it, docs/bits.md has the measurements.
"""
from __future__ import division, print_function

import os
import warnings
from collections import OrderedDict
from threading import Thread

import pytest

from untapped import pins
from untapped.verify import compare, golden

CASES = golden.read_cases(golden.CASES)


@pytest.fixture(scope='module')
def found():
    """Arrays of all cases, and why bits cannot be demanded, if so.

    Two processes run half of the cases each; what they compile they share
    with each other and with the next call.
    """
    names = sorted(CASES)
    results = []

    def run(half):
        results.append(golden.run_cases(
            OrderedDict((name, CASES[name]) for name in half),
            pins.compile_folder(), changes=_overridden()))

    threads = [Thread(target=run, args=(names[start::2],))
               for start in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    arrays = {}
    for part, _ in results:
        arrays.update(part)
    return arrays, sorted(set(line for _, lines in results
                              for line in lines))


def _overridden():
    """Pins that whoever runs the tests has set otherwise, on purpose."""
    return dict((name, os.environ[name]) for name, value
                in pins.VARIABLES.items()
                if os.environ.get(name, value) != value)


@pytest.mark.parametrize('name', sorted(CASES))
def test_case_has_the_bits_of_the_published_code(name, found):
    arrays, not_pinned = found
    assert isinstance(arrays[name], dict), arrays[name]
    want = compare.load_arrays(os.path.join(golden.ARRAYS, name + '.npz'))
    rows = golden.compare_exactly(want, arrays[name])
    differing = [row for row in rows if not row.identical]
    if not differing:
        return
    table = compare.format_table(differing)
    if not not_pinned:
        pytest.fail('all pins are in force, and these are not the bits of '
                    'the published code:\n' + table, pytrace=False)
    warnings.warn('%s: bits were not compared, for this machine does not '
                  'keep the pins (%s); instead every array agrees to %g of '
                  'its largest magnitude' % (name, ' '.join(not_pinned),
                                             golden.TOLERANCE))
    far = [row for row in golden.compare_closely(want, arrays[name])
           if not row.identical]
    assert not far, compare.format_table(far)


def test_every_case_has_arrays_and_every_array_a_case():
    recorded = sorted(name[:-4] for name in os.listdir(golden.ARRAYS))
    assert recorded == sorted(CASES)

"""What recorded arrays must agree to where the pins do not hold."""
from __future__ import division, print_function

from collections import OrderedDict

import numpy as np
import pytest

from untapped.verify import golden


def compare(factor, offset=0.):
    want = OrderedDict([('W', np.array([1., -200.], dtype='float32'))])
    have = {'W': (want['W'] * factor + offset).astype('float32')}
    return golden.compare_closely(want, have)[0]


def test_rounding_that_updates_have_carried_on_is_within_the_tolerance():
    assert compare(1. + 2.3e-6).identical


@pytest.mark.parametrize('factor, offset', [(1.001, 0.), (1., .1),
                                            (np.nan, 0.)])
def test_a_thousandth_or_a_nan_is_not(factor, offset):
    assert not compare(factor, offset).identical


def test_a_missing_array_is_a_difference():
    want = OrderedDict([('W', np.ones(2, dtype='float32'))])
    assert not golden.compare_closely(want, {})[0].identical


def test_cases_of_two_import_seeds_do_not_share_a_process():
    cases = OrderedDict([('a', {'name': 'a', 'import_seed': 1}),
                         ('b', {'name': 'b', 'import_seed': 2})])
    with pytest.raises(ValueError, match='one seed'):
        golden.run_cases(cases)

"""Training that diverges tells where."""
from __future__ import division, print_function

from collections import OrderedDict

import numpy as np
import pytest

from untapped.model.training import Pass, _most_telling


def test_divergence_names_a_part_before_its_bound():
    assert _most_telling(['train', 'M2_x', 'M2_x_rec_y']) == 'M2_x_rec_y'
    assert _most_telling(['train', 'M2_x']) == 'M2_x'
    assert _most_telling(['train']) == 'train'


class Walk(Pass):
    """A pass whose steps give these rows of numbers."""

    def __init__(self, names, steps):
        self.kind, self.outputs = 'train', OrderedDict.fromkeys(names)
        self.updates, self._dtypes = {}, ['int32'] * 6
        given = iter(steps)
        self._function = lambda *_: next(given)
        self.data = self
        self.batch_sizes, self.batches = (), lambda _: len(steps)


@pytest.mark.parametrize('steps, names', [
    # before the first NaN of J nothing is lost, after it all is
    ([(1, 1, np.nan), (np.nan, np.nan, 1), (np.nan, np.nan, np.nan)],
     ['train', 'M2_x']),
    ([(1, 1, np.nan)], []), ([(np.inf, 1, 1)], [])])
def test_divergence_names_the_terms_of_the_step_in_which_it_came(steps,
                                                                 names):
    walk = Walk(['train', 'M2_x', 'M2_y'], steps)
    walk.epoch((1, 1))
    assert walk.nan == names

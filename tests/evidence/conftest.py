"""Kept runs for the tests of the pages."""
from __future__ import division, print_function

from collections import OrderedDict

import numpy as np
import pytest

from made_up import metrics, seeds, write


@pytest.fixture
def kept_folder(tmpdir):
    """CRISM: Untapped clearly ahead. LIBS: nothing between the models.

    MNIST is not run.
    """
    draws = np.random.RandomState(0).normal(0, .01, (2, 20))
    folder = tmpdir.mkdir('kept')
    m2 = list(1 + draws[0])
    write(folder, 'crism-published', seeds(
        m2, list(.8 + draws[1]), [.5] * 20))
    write(folder, 'libs-published', OrderedDict(
        ('data-%d-seed-1' % k, metrics(each, each + (-1) ** k * .01, 2.,
                                       data_seed=k))
        for k, each in enumerate(m2[:10])))
    return folder

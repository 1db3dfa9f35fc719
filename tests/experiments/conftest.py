"""What the tests of whole runs share."""
from __future__ import division, print_function

from collections import OrderedDict

import numpy as np
import pytest

from untapped import datasets


@pytest.fixture(scope='session')
def tiny(tmpdir_factory):
    """A crism.pkl.gz of 90 spectra with 8 channels."""
    rng = np.random.RandomState(0)
    y = np.vstack([rng.dirichlet(np.ones(3) * 20, 60),
                   rng.dirichlet(np.ones(3), 30)])
    endmembers = rng.uniform(.2, .8, (8, 4))
    x = y.dot(endmembers[:, :0:-1].T) + rng.normal(size=(90, 8)) * .01
    raw = datasets.Raw('crism', OrderedDict([
        ('x', x), ('y', y), ('endmembers', endmembers)]), 'tiny', 'file')
    path = str(tmpdir_factory.mktemp('data').join('crism.pkl.gz'))
    datasets.write_published(raw, path)
    return path


@pytest.fixture(scope='session')
def whole(tiny, tmpdir_factory):
    """A run that was never stopped: what those that were are held against."""
    from test_resume import Whole
    return Whole(tiny, tmpdir_factory.mktemp('whole'))

"""What the tests of whole runs share."""
from __future__ import division, print_function

import pytest


@pytest.fixture(scope='session')
def whole(tiny, tmpdir_factory):
    """A run that was never stopped: what those that were are held against."""
    from test_resume import Whole
    from test_runner import script
    return Whole(script, tiny, tmpdir_factory.mktemp('whole'))


@pytest.fixture(scope='session')
def whole_m2(tiny, tmpdir_factory):
    """The same of M2 alone, which takes half as long."""
    from test_resume import Whole
    from test_runner import start
    return Whole(start, tiny, tmpdir_factory.mktemp('whole-m2'), '--model',
                 'm2')

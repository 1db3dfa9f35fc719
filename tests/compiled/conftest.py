"""What several tests of compiled functions need."""
from __future__ import division, print_function

import pytest

from untapped.compiled import pool


@pytest.fixture
def threads():
    """``pool.use``; what was asked for before holds again after the test."""
    before = pool._this.asked
    yield pool.use
    pool.use(before)

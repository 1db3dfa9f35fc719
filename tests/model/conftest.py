"""What tests of models share."""
from __future__ import division, print_function

import pytest
from _pytest.monkeypatch import MonkeyPatch

import given_noise


@pytest.fixture(scope='module')
def in_python():
    """Models of this file run in Python: nothing is compiled."""
    patch = MonkeyPatch()
    given_noise.compile_nothing(patch)
    yield
    patch.undo()

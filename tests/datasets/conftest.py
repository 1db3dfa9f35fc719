"""Simulated data, made once for all tests of the data."""
import pytest

from untapped import datasets


@pytest.fixture(scope='session')
def raw():
    """``raw(name)``: a simulated data set, seed 0; not to be written to."""
    made = {}

    def simulated(name):
        if name not in made:
            made[name] = datasets.load(name, 'simulated')
        return made[name]
    return simulated

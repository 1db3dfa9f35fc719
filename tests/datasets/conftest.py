"""Simulated data, made once for all tests of the data."""
import pytest

from untapped import datasets


@pytest.fixture(scope='session')
def raw():
    """``raw(name)``: a simulated data set, seed 0; not to be written to.

    ``raw(name, 2)`` is the second simulator's.
    """
    made = {}

    def simulated(name, simulator=1):
        key = name, simulator
        if key not in made:
            made[key] = datasets.load(name, 'simulated', simulator=simulator)
        return made[key]
    return simulated

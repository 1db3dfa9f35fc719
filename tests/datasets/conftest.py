"""Simulated data, made once for all tests of the data."""
import gzip
import pickle

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


@pytest.fixture
def pickled(tmpdir):
    """``pickled(content)``: the path of a gzip pickle of protocol 2."""
    def write(content, name='file.pkl.gz'):
        path = str(tmpdir.join(name))
        with gzip.open(path, 'wb') as stream:
            pickle.dump(content, stream, protocol=2)
        return path
    return write

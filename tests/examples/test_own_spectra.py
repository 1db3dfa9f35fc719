"""The example runs, from its table to its plot."""
from __future__ import division, print_function

import imp
import os

import numpy as np
import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))


@pytest.fixture(scope='module')
def example():
    return imp.load_source('own_spectra', os.path.join(
        ROOT, 'examples', 'own_spectra.py'))


def test_a_table_becomes_a_prediction_endmembers_and_a_plot(example, tmpdir):
    plot = tmpdir.join('plot.png')
    error, endmembers = example.main(num_epochs=2, plot=str(plot))
    assert 0 < error < 1
    assert endmembers.shape == (3, 42) and np.isfinite(endmembers).all()
    assert plot.read('rb').startswith(b'\x89PNG')


def test_the_table_has_six_pure_samples(example):
    with open(example.TABLE) as table:
        names = table.readline().split(',')[:example.PARTS]
        parts = np.loadtxt(table, delimiter=',')[:, :example.PARTS]
    assert names == ['olivine', 'diopside', 'bytownite']
    assert np.allclose(parts.sum(axis=1), 1)
    assert (parts == 1).any(axis=1).sum() == 6

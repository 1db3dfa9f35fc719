"""Raman mixtures: published file, splits, simulation."""
from __future__ import division, print_function

import numpy as np
import pytest

from untapped import datasets
from untapped.datasets import raman
from untapped.datasets.simulators import raman as raman_simulator
from untapped.errors import DataError


class TestRead(object):
    def test_what_was_written_is_read(self, raw, tmpdir):
        datasets.write_published(raw('raman'),
                                 str(tmpdir.join('raman.pkl.gz')))
        read = datasets.load('raman', str(tmpdir))
        assert read.checksums() == raw('raman').checksums()
        assert read.meta['outputs'][0] == 'Plagioclase'

    @pytest.mark.parametrize('change, message', [
        (lambda x, y, w, m: (x, y, w), 'a tuple'),
        (lambda x, y, w, m: (x, y[1:], w, m), 'y has shape'),
        (lambda x, y, w, m: (x, y, w[1:], m), 'waves has shape'),
        (lambda x, y, w, m: (x, y, w, m[1:]), 'as many names'),
        (lambda x, y, w, m: (x, y, w, [1] * 6 + [None]), 'as many names'),
        (lambda x, y, w, m: (x * np.inf, y, w, m), 'x holds NaN'),
        (lambda x, y, w, m: (x, y * 1.5, w, m), 'off the simplex'),
        (lambda x, y, w, m: (x, y * .5, w, m), 'off the simplex'),
        # what was olivine becomes the part before it
        (lambda x, y, w, m: (x, y.dot(np.eye(7)[[0, 1, 2, 3, 3, 5, 6]]), w,
                             m), 'any Olivine'),
    ])
    def test_bad_arrays_are_named(self, raw, pickled, change, message):
        x, y, waves, majors = raman.published(raw('raman'))
        with np.errstate(all='ignore'):
            path = pickled(change(x[::2], y[::2], waves, majors))
        with pytest.raises(DataError, match=message):
            raman.read(path)


class TestPrepare(object):
    def test_halves_are_disjoint_and_everything_is_unlabelled_too(self, raw):
        data = datasets.prepare(raw('raman'), np.random.RandomState(0))
        assert data.X.shape == (270, 550) and data.y.shape == (270, 5)
        assert not set(data.meta['train']) & set(data.meta['validation'])
        assert len(data.X_) == 540 and len(data._y) == 540
        assert len(data.names) == 6

    def test_the_other_trial_swaps_the_halves(self, raw):
        one, two = [datasets.prepare(raw('raman'), np.random.RandomState(0),
                                     trial=t) for t in (0, 1)]
        assert np.array_equal(one.X, two.X_valid)
        with pytest.raises(DataError, match='from 0 to 1'):
            datasets.prepare(raw('raman'), np.random.RandomState(0), trial=2)

    def test_endmembers_are_scaled_means_of_pure_samples(self, raw):
        data = datasets.prepare(raw('raman'), np.random.RandomState(0))
        assert data.endmembers.shape == (6, 550)
        assert data.endmembers.min() >= 0 and data.endmembers.max() <= 1
        quartz = data.waves[data.endmembers[5].argmax()]
        assert abs(quartz - 464) <= 2


class TestSimulate(object):
    def test_strongest_lines_are_where_the_minerals_have_them(self, raw):
        x, y = raw('raman').arrays['x'], raw('raman').arrays['y']
        for group, minerals in enumerate(raman_simulator.MINERALS.values()):
            strong = [at for lines in minerals.values()
                      for at, height in lines if height >= 0.7]
            for spectrum in x[y[:, group] == 1]:
                top = raman_simulator.WAVES[spectrum.argmax()]
                assert min(abs(top - at) for at in strong) < 8

    def test_line_width_and_height_are_those_asked_for(self):
        spectrum = raman_simulator.line_spectrum([(700, 0.8)], 20.)
        assert np.isclose(spectrum.max(), 0.8)
        above = raman_simulator.WAVES[spectrum >= 0.4]
        assert np.ptp(above) == 20

    def test_mixtures_are_of_two_or_three_parts_and_sum_to_one(self, raw):
        y = raw('raman').arrays['y'][180:, :-1]
        kinds = (y > 0).sum(axis=1)
        assert set(kinds) == set([2, 3])
        assert np.allclose(y.sum(axis=1), 1)

    def test_the_seed_decides_every_bit(self, raw):
        again = raman_simulator.simulate(seed=0)
        assert again.checksums() == raw('raman').checksums()
        assert (raman_simulator.simulate(seed=1).checksums() !=
                again.checksums())

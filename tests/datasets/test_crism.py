"""The CRISM experiment: published file, splits, simulation."""
from __future__ import division, print_function

import numpy as np
import pytest

from untapped import datasets
from untapped.datasets import crism
from untapped.datasets.simulators import crism as crism_simulator
from untapped.errors import DataError


@pytest.fixture
def content(raw):
    """An eighth of the spectra: small enough to be written often."""
    x, y, endmembers = crism.published(raw('crism'))
    return [x[::8].copy(), y[::8].copy(), endmembers.copy()]


class TestRead(object):
    def test_file_and_folder_give_what_was_written(self, raw, tmpdir):
        path = str(tmpdir.join('crism.pkl.gz'))
        datasets.write_published(raw('crism'), path)
        for place in (path, str(tmpdir)):
            read = datasets.load('crism', place)
            assert read.kind == 'file' and path in read.source
            assert read.checksums() == raw('crism').checksums()
            assert read.meta['position'].tolist() == (
                raw('crism').meta['position'].tolist())

    @pytest.mark.parametrize('change, message', [
        (lambda c: c[:2], 'a tuple'),
        (lambda c: [c[0][:, 0], c[1], c[2]], r'x has shape'),
        (lambda c: [c[0], c[1][1:], c[2]], r'\[670 x 3\] was expected'),
        (lambda c: [c[0], c[1][:, :2], c[2]], r'\[670 x 3\] was expected'),
        (lambda c: [c[0], c[1], c[2][:, :3]], r'\[165 x 4\] was expected'),
        (lambda c: [c[0] * np.nan, c[1], c[2]], 'NaN, infinity'),
        (lambda c: [c[0] / 0, c[1], c[2]], 'NaN, infinity'),
        (lambda c: [c[0] * 100, c[1], c[2]], 'reflectances'),
        (lambda c: [c[0], c[1] * 1.1, c[2]], 'off the simplex'),
        (lambda c: [c[0], c[1] * [2, -1, 0], c[2]], 'off the simplex'),
        (lambda c: [c[0], np.eye(3)[[0] * 670], c[2]], 'any diopside'),
        (lambda c: [c[0].astype('S8'), c[1], c[2]], 'no array of numbers'),
        (lambda c: [c[0][:0], c[1][:0], c[2]], 'x has shape'),
    ])
    def test_bad_arrays_are_named_in_one_sentence(self, content, pickled,
                                                  change, message):
        with np.errstate(all='ignore'):
            path = pickled(tuple(change(content)))
        with pytest.raises(DataError, match=message) as error:
            crism.read(path)
        assert path in str(error.value)


class TestPrepare(object):
    def test_shapes_are_those_of_the_paper(self, raw):
        data = datasets.prepare(raw('crism'), np.random.RandomState(0))
        assert data.X.shape == (500, 165) and data.y.shape == (500, 2)
        assert data.X_.shape == (992, 165) and data._y.shape == (501, 2)
        assert data.X_valid.shape == (5354, 165)
        assert data.X__valid is data.X_ and data._y_valid is data._y
        assert all(a.dtype == np.float32 for a in data.arrays().values())

    def test_labelled_spectra_are_of_the_centre(self, raw):
        data = datasets.prepare(raw('crism'), np.random.RandomState(0))
        parts = np.hstack([data.y, 1 - data.y.sum(axis=1, keepdims=True)])
        assert np.abs(parts - 1 / 3).max() < 0.7 / 3
        chosen = data.meta['train']
        assert len(set(chosen)) == 500
        assert np.array_equal(data.X_valid[chosen], data.X)

    def test_labels_only_lie_near_the_corners_a_third_near_each(self, raw):
        data = datasets.prepare(raw('crism'), np.random.RandomState(0))
        parts = np.hstack([data._y, 1 - data._y.sum(axis=1, keepdims=True)])
        assert (parts > -1e-6).all()
        assert (parts.max(axis=1) >= 0.9).all()
        assert np.bincount(parts.argmax(axis=1)).tolist() == [167] * 3

    def test_mean_plus_centred_spectra_are_the_spectra(self, raw):
        data = datasets.prepare(raw('crism'), np.random.RandomState(0))
        assert np.allclose(data.X_valid + data.mean,
                           raw('crism').arrays['x'], atol=1e-6)
        plain = datasets.prepare(raw('crism'), np.random.RandomState(0),
                                 remove_mean=False)
        assert np.array_equal(plain.X_valid,
                              raw('crism').arrays['x'].astype('float32'))

    def test_raw_arrays_are_not_written_to(self, raw):
        before = raw('crism').checksums()
        datasets.prepare(raw('crism'), np.random.RandomState(0))
        assert raw('crism').checksums() == before

    def test_endmembers_come_in_the_order_of_the_names(self, raw):
        data = datasets.prepare(raw('crism'), np.random.RandomState(0))
        x, y = [raw('crism').arrays[n] for n in ('x', 'y')]
        here = raw('crism').meta['position'] == 0
        for part, spectrum in enumerate(data.endmembers):
            pure = np.median(x[here & (y[:, part] == 1)], axis=0)
            assert np.abs(pure - spectrum).max() < 0.03

    def test_no_spectrum_in_the_centre_is_an_error(self, content, pickled):
        x, y, endmembers = content
        pure = y.max(axis=1) == 1
        path = pickled((x[pure], y[pure], endmembers))
        with pytest.raises(DataError, match='nothing is labelled'):
            datasets.prepare(crism.read(path), np.random.RandomState(0))


class TestSimulate(object):
    def test_the_seed_decides_every_bit(self, raw):
        again = crism_simulator.simulate(seed=0)
        other = crism_simulator.simulate(seed=1)
        assert again.checksums() == raw('crism').checksums()
        assert (other.checksums()['x'] != again.checksums()['x'])

    def test_the_global_generator_is_left_alone(self):
        before = np.random.get_state()[1].copy()
        crism_simulator.simulate(seed=3)
        assert np.array_equal(np.random.get_state()[1], before)

    def test_the_grid_is_that_of_figure_4(self):
        grid = crism_simulator.abundance_grid()
        assert len(grid) == 66 == len(set(map(tuple, grid)))
        assert np.allclose(grid.sum(axis=1), 1)
        assert (grid.max(axis=1) == 1).sum() == 3

    def test_spectra_per_geometry_are_the_papers(self, raw):
        position = raw('crism').meta['position']
        assert np.bincount(position).tolist() == [1866, 1742, 1746]
        sample = raw('crism').meta['sample']
        for geometry in range(3):
            pixels = np.bincount(sample[position == geometry])
            assert len(pixels) == 66 and np.ptp(pixels) <= 2

    def test_three_levels_follow_the_incidence_angle(self, raw):
        x, position = raw('crism').arrays['x'], raw('crism').meta['position']
        one, two, tilted = [np.median(x[position == i].mean(axis=1))
                            for i in range(3)]
        # Incidence 12.7 < 33.9 < 42.7 degrees.
        assert tilted > one > two
        assert (one - two) < (tilted - two)

    def test_container_pixels_are_outliers_of_position_1(self, raw):
        meta, x = raw('crism').meta, raw('crism').arrays['x']
        outliers = meta['container']
        assert outliers.sum() == 9
        assert (meta['position'][outliers] == 0).all()
        mean = x.mean(axis=1)
        assert mean[outliers].max() < mean[~outliers].min()

    def test_grains_are_of_the_papers_sizes(self, raw):
        diameter = raw('crism').meta['diameter']
        assert 63 <= diameter.min() and diameter.max() <= 108
        assert diameter.std() > 0.3

    def test_reflectance_is_between_0_and_1(self, raw):
        x = raw('crism').arrays['x']
        assert 0.05 < x.min() and x.max() < 1

"""What the second simulator of CRISM adds: weighing, a camera's noise."""
from __future__ import division, print_function

import numpy as np
import pytest
from scipy.io import savemat

from untapped.datasets.simulators import crism, laboratory
from untapped.verify.simulations import __main__ as command, replicates


def deviations(raw):
    """Of each of the 66 samples: what was weighed in minus the label."""
    second = raw('crism', 2)
    off = second.meta['weighed'] - second.arrays['y']
    return np.array([off[second.meta['sample'] == sample]
                     for sample in range(66)])


class TestWeighing(object):
    def test_all_pixels_of_a_sample_share_its_error(self, raw):
        # in all three geometries: a sample is weighed once
        for off in deviations(raw):
            assert len(off) > 60 and np.ptp(off, axis=0).max() == 0

    def test_samples_share_nothing_and_labels_stay_nominal(self, raw):
        off = np.array([each[0] for each in deviations(raw)])
        assert np.array_equal(raw('crism', 2).arrays['y'],
                              raw('crism').arrays['y'])
        inside = (crism.abundance_grid() > 0).all(axis=1)
        one = off[inside] / np.sqrt((off[inside] ** 2).mean(axis=0))
        pairs = one[:-1] * one[1:]
        assert abs(pairs.mean()) < 4 / np.sqrt(pairs.size)

    def test_the_error_is_as_large_as_measured(self):
        grid = np.tile(crism.abundance_grid(), (40, 1))
        made = laboratory.weighed(grid, np.random.RandomState(0))
        assert np.allclose(made.sum(axis=1), 1)
        assert (made[grid == 0] == 0).all() and (made[grid == 1] == 1).all()
        # abundances of grains whose cross-sections differ tenfold
        seen = made * (.3, 1., 3.)
        seen /= seen.sum(axis=1, keepdims=True)
        assert np.isclose(replicates.weighing(grid, seen),
                          laboratory.WEIGHING, rtol=.05)

    def test_grains_scatter_about_what_was_weighed_in(self, raw):
        # the mean of a sample's pixels follows its error, not its label
        second = raw('crism', 2)
        rng = np.random.RandomState(1)
        sample = np.repeat(np.arange(66), 400)
        weighed = np.array([second.meta['weighed'][second.meta['sample']
                                                   == each][0]
                            for each in range(66)])
        mass, _ = crism.draw_grains(weighed[sample], rng)
        mean = mass.reshape(66, 400, 3).mean(axis=1)
        error = weighed - crism.abundance_grid()
        slope = ((mean - crism.abundance_grid()) * error).sum() / \
            (error ** 2).sum()
        assert .7 < slope < 1.3


class TestCameraNoise(object):
    waves = np.arange(1.1, 1.67, replicates.SPACING)

    @pytest.fixture(scope='class')
    def measured(self):
        flat = np.full((4000, len(self.waves)), .8)
        noisy = laboratory.camera_noise(flat, self.waves,
                                        np.random.RandomState(0))
        return replicates.noise(noisy, self.waves)

    def test_it_is_measured_as_large_as_it_was_measured(self, measured):
        found = replicates.fitted(measured, len(self.waves))
        for name, expected in (('white', laboratory.WHITE),
                               ('ripple', laboratory.RIPPLE),
                               ('length', laboratory.LENGTH)):
            assert abs(np.log(found[name] / expected)) < .25, name
        assert found['tilt'] < .0006
        # the real images' medians, before they are taken apart
        gain, tilt, rest = measured[:3]
        assert abs(np.log(gain / .0053)) < .15
        assert abs(np.log(tilt / .0020)) < .15
        assert abs(np.log(rest / .0034)) < .15

    def test_neighbouring_channels_share_it_and_distant_ones_do_not(self):
        noise = laboratory.correlated(4000, crism.CAMERA_WAVES,
                                      np.random.RandomState(0))
        step = crism.CAMERA_WAVES[1] - crism.CAMERA_WAVES[0]
        assert np.allclose(noise.var(axis=0), 1, atol=.1)
        for lag in (1, 10, 30, 150):
            shared = (noise[:, :-lag] * noise[:, lag:]).mean()
            assert abs(shared - np.exp(-lag * step / laboratory.LENGTH)) < .06

    def test_that_of_the_first_simulator_is_white(self):
        flat = np.full((4000, 60), .8)
        noise = crism.white_noise(flat.copy(), np.random.RandomState(0))
        noise -= noise.mean(axis=1, keepdims=True)
        assert abs((noise[:, :-1] * noise[:, 1:]).mean() /
                   noise.var()) < .03


def test_the_second_simulator_has_the_range_of_the_papers_camera(raw):
    waves = raw('crism', 2).meta['waves']
    assert (waves[0], waves[-1], len(waves)) == (.9, 2.5, 165)
    assert np.array_equal(raw('crism', 2).arrays['endmembers'][:, 0], waves)
    x = raw('crism', 2).arrays['x']
    assert x.min() >= 0 and x.max() <= 1


def test_images_of_the_mixtures_are_read_and_pure_parts_passed_over(tmpdir):
    image = np.random.RandomState(0).uniform(size=(2, 3, 4))
    folder = tmpdir.mkdir('Camera').mkdir('Al_Si')
    for name, key in (('Al_Si_50', 'Al_Si_50_0'), ('Pure_Si', 'Pure_Si')):
        savemat(str(folder.join(name + '.mat')), {
            key: image, 'lambda': np.array([[1100., 1110, 1120, 1130]]).T})
    (name, waves, pixels), = replicates.images(str(tmpdir))
    assert name.endswith('Al_Si_50.mat')
    assert np.allclose(waves, [1.1, 1.11, 1.12, 1.13])
    assert np.array_equal(pixels, image.reshape(6, 4))


def test_images_that_are_not_there_are_told(tmpdir, capsys):
    assert command.main(['measure', '--powders', str(tmpdir)]) == 2
    assert 'holds no images of a Camera' in capsys.readouterr().err

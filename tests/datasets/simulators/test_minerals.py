"""Modelled minerals against published bands and measured spectra."""
from __future__ import division, print_function

import os

import numpy as np
import pytest

from untapped import datasets
from untapped.datasets import spectral_library
from untapped.datasets.simulators import crism, hapke, minerals
from untapped.errors import DataError
from untapped.verify.simulations import calibration, comparison

WAVES = np.linspace(1.0, 2.6, 1601)


@pytest.fixture(scope='module')
def library(shared):
    folder = os.path.join(shared, 'data', 'usgs_splib07a')
    if not os.path.isdir(folder):
        pytest.skip('{0} is not here'.format(folder))
    return folder


@pytest.mark.parametrize('name, centre, region', [
    ('olivine', 1.05, (1.0, 1.2)), ('diopside', 1.05, (1.0, 1.2)),
    ('diopside', 2.30, (2.1, 2.55)), ('bytownite', 1.25, (1.0, 1.6))])
def test_band_minima_are_at_the_published_positions(name, centre, region):
    reflectance = comparison.modelled_reflectance(name, WAVES)
    inside = (WAVES > region[0]) & (WAVES < region[1])
    lowest = WAVES[inside][reflectance[inside].argmin()]
    assert abs(lowest - centre) < 0.03


def test_a_band_minimum_is_found_on_a_slope_and_under_noise():
    noise = np.random.RandomState(0).normal(0, 0.002, len(WAVES))
    band = 1 - 0.3 * np.exp(-(WAVES - 1.3) ** 2 / 0.02)
    found = comparison.band_minimum(WAVES, band * (0.4 + 0.2 * WAVES) + noise,
                                    (1.0, 1.6))
    assert abs(found - 1.3) < 0.005


def test_modelled_minerals_are_close_to_measured_ones(library):
    rows = comparison.compare_minerals(library)
    assert set(row[0] for row in rows) == set(minerals.MINERALS)
    for _, specimen, rms, bands in rows:
        assert rms < 0.1, specimen
        for modelled, measured in bands:
            assert abs(modelled - measured) < 0.03, specimen


def test_the_table_of_minerals_is_what_calibration_finds(library):
    for name, mineral in minerals.MINERALS.items():
        continuum, slope, bands, error = calibration.fit_mineral(name, library)
        ours = np.array(mineral.bands)
        assert .003 < error < .02
        assert np.allclose(continuum, mineral.continuum, rtol=0.01)
        assert np.allclose(slope, mineral.slope, atol=0.01)
        assert np.allclose(bands, ours, rtol=0.01), name


def test_a_simulation_can_take_its_endmembers_from_the_library(library, raw):
    real = datasets.load('crism', 'simulated', endmembers=library)
    assert real.arrays['x'].shape == (5354, 165)
    assert 'Olivine GDS70.c' in real.source
    # The band of water near 1.94 um is in the specimen, not in the model.
    region = (1.85, 2.1)
    measured = comparison.band_minimum(
        *comparison.measured_reflectance(library, 'Bytownite_HS106') +
        (region,))
    simulated = comparison.band_minimum(
        crism.WAVES, real.arrays['endmembers'][:, 1], region)
    assert abs(simulated - measured) < 0.01
    assert 1.9 < measured < 2.0


class TestSpectralLibrary(object):
    def test_a_real_spectrum_has_480_channels_and_nan_for_deleted(
            self, library):
        path = spectral_library.find_spectrum(library, 'Olivine_GDS70.a')
        title, values = spectral_library.read_spectrum(path)
        assert 'Olivine GDS70.a' in title and values.shape == (480,)
        assert np.isnan(values[0]) and np.nanmax(values) < 1

    def write(self, tmpdir, lines):
        path = tmpdir.join('splib07a_Quartz_BECKa_AREF.txt')
        path.write('\n'.join(lines) + '\n')
        return str(path)

    def test_deleted_channels_become_nan(self, tmpdir):
        path = self.write(tmpdir, ['title', '-1.2300000e+034'] +
                          ['5.0e-001'] * 479)
        title, values = spectral_library.read_spectrum(path)
        assert title == 'title'
        assert np.isnan(values).tolist() == [True] + [False] * 479

    @pytest.mark.parametrize('lines, message', [
        (['title'] + ['0.5'] * 479, '479 values'),
        (['title'] + ['0.5'] * 481, '481 values'),
        (['title'] + ['x'] * 480, 'one number a line'),
        (['title'] + ['7.5'] * 480, 'between 0 and about 1'),
        (['title'] + ['nan'] * 480, 'finite'),
        (['title'] + ['-1.23e34'] * 480, 'between 0 and about 1'),
    ])
    def test_malformed_files_are_named(self, tmpdir, lines, message):
        path = self.write(tmpdir, lines)
        with pytest.raises(DataError, match=message) as error:
            spectral_library.read_spectrum(path)
        assert path in str(error.value)

    def test_missing_folder_mineral_and_wavelengths_are_named(self, tmpdir):
        for folder, message in ((tmpdir.join('no'), 'no folder'),
                                (tmpdir, 'no splib07a spectrum of Olivine')):
            with pytest.raises(DataError, match=message):
                datasets.load('crism', 'simulated', endmembers=str(folder))
        with pytest.raises(DataError, match='Wavelengths'):
            spectral_library.read_wavelengths(str(tmpdir))


@pytest.mark.parametrize('name', list(minerals.MINERALS))
def test_over_the_cameras_range_minerals_are_what_they_were(name):
    # both are fits to the same specimens, where both ranges reach
    waves = np.linspace(1.05, 2.5, 146)
    first, second = [
        hapke.hemispherical_reflectance(hapke.albedo(
            minerals.modelled_thickness(name, waves, fitted)))
        for fitted in (minerals.MINERALS, minerals.CAMERA_MINERALS)]
    assert np.sqrt(np.mean((first - second) ** 2)) < .01


def test_over_the_cameras_range_minerals_are_their_specimens(library):
    for name, (specimens, gaps) in calibration.TARGETS.items():
        waves = np.linspace(.9, 2.5, 161)
        for low, high in gaps:
            waves = waves[(waves < low) | (waves > high)]
        measured = np.mean([
            np.interp(waves, *comparison.measured_reflectance(library, each))
            for each in specimens], axis=0)
        modelled = hapke.hemispherical_reflectance(hapke.albedo(
            minerals.modelled_thickness(name, waves,
                                        minerals.CAMERA_MINERALS)))
        assert np.sqrt(np.mean((modelled - measured) ** 2)) < .02, name

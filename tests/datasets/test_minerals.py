"""Modelled minerals against published bands and measured spectra."""
from __future__ import division, print_function

import os

import numpy as np
import pytest

from untapped import datasets
from untapped.datasets import (DataError, crism_simulator, hapke, minerals,
                               spectral_library)

WAVES = np.linspace(1.0, 2.6, 1601)

#: mineral, where its band is looked for (um), specimens it is held against.
BANDS = [
    ('olivine', (1.0, 1.2), ['Olivine_GDS70.b', 'Olivine_GDS70.c']),
    ('diopside', (1.0, 1.2), ['Diopside_NMNHR18685', 'Diopside_HS15']),
    ('diopside', (2.15, 2.45), ['Diopside_NMNHR18685', 'Diopside_HS317']),
    ('bytownite', (1.0, 1.6), ['Bytownite_HS106']),
]


@pytest.fixture(scope='module')
def library(shared):
    folder = os.path.join(shared, 'data', 'usgs_splib07a')
    if not os.path.isdir(folder):
        pytest.skip('{0} is not here'.format(folder))
    return folder


def modelled(name, waves=WAVES):
    return hapke.hemispherical_reflectance(
        hapke.albedo(minerals.modelled_thickness(name, waves)))


def minimum(waves, reflectance, region):
    """Band minimum after division by the line between the region's ends."""
    inside = (waves >= region[0]) & (waves <= region[1])
    waves, reflectance = waves[inside], reflectance[inside]
    line = np.interp(waves, waves[[0, -1]], reflectance[[0, -1]])
    # A parabola through the lowest tenth of the band is not led astray by
    # the noise of single channels.
    depth = reflectance / line
    low = depth < depth.min() + 0.3 * (1 - depth.min())
    a, b, _ = np.polyfit(waves[low], depth[low], 2)
    return -b / (2 * a)


@pytest.mark.parametrize('name, centre, region', [
    ('olivine', 1.05, (1.0, 1.2)), ('diopside', 1.05, (1.0, 1.2)),
    ('diopside', 2.30, (2.1, 2.55)), ('bytownite', 1.25, (1.0, 1.6))])
def test_band_minima_are_at_the_published_positions(name, centre, region):
    reflectance = modelled(name)
    inside = (WAVES > region[0]) & (WAVES < region[1])
    lowest = WAVES[inside][reflectance[inside].argmin()]
    assert abs(lowest - centre) < 0.03


@pytest.mark.parametrize('name, region, specimens', BANDS)
def test_band_minima_are_within_30_nm_of_measured_ones(library, name, region,
                                                       specimens):
    axis = spectral_library.read_wavelengths(library)
    for specimen in specimens:
        path = spectral_library.find_spectrum(library, specimen)
        _, measured = spectral_library.read_spectrum(path)
        there = ~np.isnan(measured)
        measured = np.interp(WAVES, axis[there], measured[there])
        difference = (minimum(WAVES, modelled(name), region) -
                      minimum(WAVES, measured, region))
        assert abs(difference) < 0.03, specimen


@pytest.mark.parametrize('name, specimen', [
    ('olivine', 'Olivine_GDS70.b'), ('olivine', 'Olivine_GDS70.c'),
    ('olivine', 'Olivine_GDS71.a'), ('diopside', 'Diopside_NMNHR18685'),
    ('bytownite', 'Bytownite_HS106')])
def test_reflectance_is_within_a_tenth_of_the_measured(library, name,
                                                       specimen):
    axis = spectral_library.read_wavelengths(library)
    _, measured = spectral_library.read_spectrum(
        spectral_library.find_spectrum(library, specimen))
    inside = (axis >= 1.0) & (axis <= 2.6) & ~np.isnan(measured)
    assert inside.sum() > 100
    difference = modelled(name, axis[inside]) - measured[inside]
    assert np.sqrt(np.mean(difference ** 2)) < 0.1


def test_a_simulation_can_take_its_endmembers_from_the_library(library, raw):
    real = datasets.load('crism', 'simulated', endmembers=library)
    assert real.arrays['x'].shape == (5354, 165)
    assert 'Olivine GDS70.c' in real.source
    axis = spectral_library.read_wavelengths(library)
    _, measured = spectral_library.read_spectrum(
        spectral_library.find_spectrum(library, 'Bytownite_HS106'))
    # The band of water near 1.94 um is in the specimen, not in the model.
    spectrum = real.arrays['endmembers'][:, 1]
    waves = crism_simulator.WAVES
    assert abs(minimum(waves, spectrum, (1.85, 2.1)) - minimum(
        axis[~np.isnan(measured)], measured[~np.isnan(measured)],
        (1.85, 2.1))) < 0.01


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

"""Plasma emission against atomic physics and a real ChemCam spectrum."""
from __future__ import division, print_function

import gzip
import os
import tarfile

import numpy as np
import pytest

from untapped.datasets import chemcam
from untapped.datasets.simulators import plasma
from untapped.datasets.simulators.plasma_lines import (ELEMENTS, LINES,
                                                       VOLATILE_LINES)
from untapped.errors import DataError
from untapped.verify.simulations import comparison
from untapped.verify.simulations.comparison import CORONATION

PRODUCT = os.path.join('data', 'chemcam',
                       'CL5_398645626CCS_F0030004CCAM02013P3.csv.gz')


@pytest.fixture(scope='module')
def product(shared):
    path = os.path.join(shared, PRODUCT)
    if not os.path.isfile(path):
        pytest.skip('{0} is not here'.format(path))
    return chemcam.read_ccs(path)


class TestLines(object):
    def test_every_element_of_the_rocks_has_lines(self):
        assert set(e for e, _ in LINES) == set(ELEMENTS) == set(
            ['Si', 'Ti', 'Al', 'Fe', 'Mg', 'Ca', 'Na', 'K', 'O'])

    def test_no_line_starts_below_the_ground_state(self):
        lines = plasma.LineList()
        lower = lines.upper - plasma.HC / lines.wavelength
        assert lower.min() > -0.01

    def test_lines_are_in_range_and_in_one_place_only(self):
        for key, rows in LINES.items():
            positions = [row[0] for row in rows]
            assert len(set(positions)) == len(positions), key
            assert 240 < min(positions) and max(positions) < 906

    def test_every_line_is_in_the_nist_database(self, shared):
        path = os.path.join(shared, 'data', 'nist_lines',
                            'nist_asd_240_905nm.tar.gz')
        if not os.path.isfile(path):
            pytest.skip('{0} is not here'.format(path))
        checked = 0
        with tarfile.open(path) as archive:
            for member in archive.getmembers():
                name = member.name.rsplit('nist_clean_', 1)[-1][:-4]
                element, _, stage = name.partition('_')
                rows = list(LINES.get((element, len(stage)), ()))
                if element == 'S':      # of H the archive holds no line
                    rows += VOLATILE_LINES.get((element, len(stage)), ())
                if not rows or not member.isfile():
                    continue
                text = archive.extractfile(member).read().decode('utf-8')
                known = np.array([float(line.split(',')[1]) / 10
                                  for line in text.splitlines()[1:]])
                for row in rows:
                    line = plasma.vacuum_wavelength(row[0])
                    assert np.abs(known - line).min() < 0.006, (name, row)
                    checked += 1
        assert checked - 6 == sum(
            len(rows) for rows in LINES.values()) == 278

    def test_vacuum_wavelengths_are_those_tabulated(self):
        # Ca II K, Na D2 and K I, air and vacuum, NIST ASD.
        for air, vacuum in ((393.3663, 393.4777), (588.9950, 589.1583),
                            (766.4899, 766.7009)):
            assert abs(plasma.vacuum_wavelength(air) - vacuum) < 2e-4


class TestEmission(object):
    def setup_method(self, method):
        self.lines = plasma.LineList()
        self.moles = plasma.atoms(np.array([CORONATION[:-1]]),
                                  np.array(CORONATION[-1:]))

    def emission(self, temperature=10000., electrons=1e17, mass=1e-6):
        """Of a plasma so thin that nothing is absorbed, by default."""
        return self.lines.emission(
            self.moles, np.array([temperature]), np.array([electrons]),
            np.array([mass]))[0]

    def index(self, element, stage, wavelength):
        match = ((self.lines.element == list(ELEMENTS).index(element)) &
                 (self.lines.stage == stage))
        distance = np.abs(self.lines.wavelength -
                          plasma.vacuum_wavelength(wavelength))
        return np.where(match, distance, np.inf).argmin()

    def test_atoms_of_a_known_mineral_are_counted_right(self):
        # Albite, NaAlSi3O8: 68.74 % SiO2, 19.44 % Al2O3, 11.82 % Na2O.
        moles = plasma.atoms(np.array([[68.74, 0, 19.44, 0, 0, 0, 11.82, 0]]),
                             np.zeros(1))[0]
        ratio = dict(zip(ELEMENTS, moles / moles[list(ELEMENTS).index('Na')]))
        assert abs(ratio['Si'] - 3) < 0.01 and abs(ratio['Al'] - 1) < 0.01
        assert abs(ratio['O'] - 8) < 0.02

    def test_lines_from_one_level_keep_the_ratio_of_their_strengths(self):
        one = self.index('Al', 1, 394.401)
        two = self.index('Al', 1, 396.152)
        for temperature in (7000., 12000.):
            intensity = self.emission(temperature)
            assert np.isclose(intensity[two] / intensity[one],
                              self.lines.strength[two] /
                              self.lines.strength[one], rtol=1e-3)

    def test_boltzmann_plot_gives_the_temperature_back(self):
        iron = ((self.lines.element == list(ELEMENTS).index('Fe')) &
                (self.lines.stage == 1))
        intensity = self.emission(9500.)
        slope, _ = np.polyfit(
            self.lines.upper[iron],
            np.log(intensity[iron] / self.lines.strength[iron]), 1)
        assert np.isclose(-1 / (plasma.BOLTZMANN * slope), 9500., rtol=1e-3)

    def test_ionisation_follows_sahas_equation(self):
        # Twice the electrons halve n_II / n_I: I_II/I_I halves too.
        ion, atom = self.index('Mg', 2, 280.271), self.index('Mg', 1, 285.213)
        few, many = self.emission(10000., 1e17), self.emission(10000., 2e17)
        assert np.isclose(few[ion] / few[atom],
                          2 * many[ion] / many[atom], rtol=1e-3)
        # Mg at 1 eV and 1e17/cm3 is ionised to 98 %.
        temperature = 1 / plasma.BOLTZMANN
        ratio = (plasma.SAHA * temperature ** 1.5 / 1e17 * 2.0 / 1.5 *
                 np.exp(-7.646))
        assert 30 < ratio < 100

    def test_strong_lines_of_a_dense_plasma_saturate(self):
        k_line = self.index('Ca', 2, 393.366)
        weak = self.index('Fe', 1, 537.149)
        thin, thick = self.emission(mass=1e-4), self.emission(mass=1.)
        assert thick[weak] > 0.9e4 * thin[weak]
        assert thick[k_line] < 0.6e4 * thin[k_line]

    def test_profiles_hold_the_whole_line_in_one_spectrometer(self):
        axis = chemcam.channel_axis()
        step = np.gradient(axis)
        gaussian, lorentzian = plasma.profiles(np.array([300.123]), 0.05)
        assert np.isclose((gaussian[0] * step).sum(), 1, atol=1e-3)
        assert 0.99 < (lorentzian[0] * step).sum() <= 1
        assert (gaussian[0, 2048:] == 0).all()
        above = axis[gaussian[0] > gaussian[0].max() / 2]
        assert abs(np.ptp(above) - 0.15) < 0.06


class TestAgainstChemCam(object):
    @pytest.fixture(scope='class')
    def compared(self, shared):
        path = os.path.join(shared, PRODUCT)
        if not os.path.isfile(path):
            pytest.skip('{0} is not here'.format(path))
        return comparison.compare_plasma(path)

    def test_the_channel_axis_is_the_instruments(self, product):
        assert np.abs(product[0] - chemcam.channel_axis()).max() < 0.002

    def test_strong_lines_are_peaks_of_the_real_spectrum(self, compared):
        # A channel is 0.05 nm wide below 470 nm and 0.2 nm above.
        assert len(compared['positions']) == 30
        for line, offset in compared['positions']:
            assert abs(offset) < (0.05 if line < 470 else 0.25), line

    def test_a_simulation_of_that_rock_correlates_with_its_spectrum(
            self, compared):
        for value, least in zip(compared['correlation'], (0.82, 0.85, 0.75)):
            assert value > least
        for ratio in compared['ratio']:
            assert 0.6 < ratio < 1.6

    def test_line_widths_are_the_instruments(self, compared):
        for line, measured, simulated in compared['widths']:
            assert abs(measured - simulated) < 0.35 * measured, line


def test_a_line_is_found_to_a_part_of_a_channel():
    axis = np.linspace(0, 10, 101)
    spectrum = 1e6 * np.exp(-(axis - 5.033) ** 2 / 0.02)
    position = comparison.line_position(axis, spectrum, 5.1, 0.5)
    assert abs(position - 5.033) < 1e-6
    assert np.isnan(comparison.line_position(axis, spectrum, 6., 0.5))
    # Full width at half maximum: 2 sqrt(2 ln 2) sigma, sigma = 0.1.
    assert abs(comparison.line_width(axis, spectrum, 5.) - 0.2355) < 0.02


class TestReadCcs(object):
    def write(self, tmpdir, rows, header='# A = 1\n# wave, shot1, mean\n'):
        path = tmpdir.join('ccs.csv')
        path.write(header + ''.join(
            ', '.join(str(v) for v in row) + '\n' for row in rows))
        return str(path)

    def rows(self):
        return [[w, 1e10 + i, 2e10] for i, w in
                enumerate(chemcam.channel_axis())]

    def test_a_product_has_named_columns(self, tmpdir):
        waves, columns = chemcam.read_ccs(self.write(tmpdir, self.rows()))
        assert list(columns) == ['shot1', 'mean']
        assert np.array_equal(waves, chemcam.channel_axis())
        assert columns['mean'][0] == 2e10

    def test_a_table_of_means_is_read_too(self, tmpdir):
        path = self.write(tmpdir, self.rows(), 'wave,rock,target\n')
        assert list(chemcam.read_ccs(path)[1]) == ['rock', 'target']

    def test_the_real_product_has_30_shots_median_and_mean(self, product):
        _, columns = product
        assert len(columns) == 32 and list(columns)[-1] == 'mean'
        shots = np.array([columns['shot{0}'.format(i)]
                          for i in range(1, 31)])
        # The product's own mean and median leave outliers out.
        for name in ('mean', 'median'):
            assert np.corrcoef(shots.mean(axis=0),
                               columns[name])[0, 1] > 0.999

    @pytest.mark.parametrize('change, message', [
        (lambda r: r[:-1], '6143 channels'),
        (lambda r: [], '0 channels'),
        (lambda r: r[:5] + [[240.0, 'x', 1]] + r[6:], 'channel 6 is malf'),
        (lambda r: r[:5] + [r[5][:2]] + r[6:], 'channel 6 is malformed'),
        (lambda r: r[:5] + [[1, 'nan', 1]] + r[6:], 'finite'),
        (lambda r: r[::-1], 'rising'),
    ])
    def test_malformed_files_are_named(self, tmpdir, change, message):
        path = self.write(tmpdir, change(self.rows()))
        with pytest.raises(DataError, match=message) as error:
            chemcam.read_ccs(path)
        assert path in str(error.value)

    def test_a_million_columns_are_refused(self, tmpdir):
        path = tmpdir.join('wide.csv')
        path.write('0.5,' * 10 ** 6)
        with pytest.raises(DataError, match='more than 1000 columns'):
            chemcam.read_ccs(str(path))

    def test_a_bomb_of_text_is_refused(self, tmpdir):
        path = str(tmpdir.join('bomb.csv.gz'))
        with gzip.open(path, 'wb') as stream:
            stream.write(b'1,2\n' * (chemcam.LIMITS.unpacked // 4 + 1))
        assert os.path.getsize(path) < 10 ** 6
        with pytest.raises(DataError, match='unpacks to more than'):
            chemcam.read_ccs(path)

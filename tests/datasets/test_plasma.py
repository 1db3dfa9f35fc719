"""Plasma emission against atomic physics and a real ChemCam spectrum."""
from __future__ import division, print_function

import os

import numpy as np
import pytest

from untapped.datasets import DataError, chemcam, libs_simulator, plasma
from untapped.datasets.plasma_lines import ELEMENTS, LINES

PRODUCT = os.path.join('data', 'chemcam',
                       'CL5_398645626CCS_F0030004CCAM02013P3.csv.gz')

#: The instrument team's analysis of the rock in that product, wt.%.
CORONATION = [45.8, 0.97, 11.6, 17.9, 4.0, 8.4, 3.79, 0.66, 6.88]

#: Lines (nm in air) that stand alone or lead their group in rock spectra.
STRONG = [251.611, 259.940, 275.574, 279.553, 280.271, 285.213, 288.158,
          308.215, 309.271, 315.887, 317.933, 336.121, 337.279, 390.552,
          393.366, 394.401, 396.152, 396.847, 404.581, 422.673, 438.354,
          445.478, 612.222, 616.217, 643.907, 766.490, 769.896, 777.194,
          819.482, 844.636]


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


def peak(axis, spectrum, wavelength, within):
    """Position of the highest channel near a line, to a part of a channel."""
    near = np.flatnonzero(np.abs(axis - wavelength) < within)
    top = near[spectrum[near].argmax()]
    a, b, c = np.log(spectrum[top - 1:top + 2].clip(1))
    if not near[0] < top < near[-1] or 2 * b - a - c <= 0:
        return np.nan
    shift = 0.5 * (c - a) / (2 * b - a - c)
    return axis[top] + shift * (axis[top + 1] - axis[top])


class TestAgainstChemCam(object):
    def test_the_channel_axis_is_the_instruments(self, product):
        assert np.abs(product[0] - chemcam.channel_axis()).max() < 0.002

    def test_strong_lines_are_peaks_of_the_real_spectrum(self, product):
        axis, columns = product
        for line in STRONG:
            vacuum = plasma.vacuum_wavelength(line)
            width = 0.12 if vacuum < 470 else 0.5
            assert abs(peak(axis, columns['mean'], vacuum, width) -
                       vacuum) < (0.05 if vacuum < 470 else 0.25), line

    def test_a_simulation_of_that_rock_correlates_with_its_spectrum(
            self, product):
        simulated = libs_simulator.simulate_spectra(
            np.array([CORONATION] * 8), np.random.RandomState(0)).mean(axis=0)
        for start, least in ((0, 0.82), (2048, 0.85), (4096, 0.75)):
            here = slice(start, start + 2048)
            # Of square roots, so that it is not the strongest lines alone.
            correlation = np.corrcoef(
                np.sqrt(simulated[here].clip(0)),
                np.sqrt(product[1]['mean'][here].clip(0)))[0, 1]
            assert correlation > least
            ratio = simulated[here].sum() / product[1]['mean'][here].sum()
            assert 0.5 < ratio < 2

    def test_line_widths_are_the_instruments(self, product):
        axis, columns = product
        simulated = libs_simulator.simulate_spectra(
            np.array([CORONATION]), np.random.RandomState(0))[0]

        def width(spectrum, line):
            """At half the maximum, between channels."""
            near = np.abs(axis - plasma.vacuum_wavelength(line)) < 1.5
            fine = np.linspace(axis[near][0], axis[near][-1], 2000)
            y = np.interp(fine, axis[near], spectrum[near])
            return np.ptp(fine[y > y.max() / 2])

        for line in (288.158, 422.673, 643.907, 766.490, 866.214):
            real, ours = width(columns['mean'], line), width(simulated, line)
            assert abs(real - ours) < 0.35 * real, line


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

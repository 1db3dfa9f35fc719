"""How close the simulations come to measured spectra.

Needs files that are not part of this package: USGS splib07a text files and a
ChemCam CCS product (see docs/data.md).
"""
from __future__ import division, print_function

from collections import OrderedDict

import numpy as np

from untapped.datasets import chemcam
from untapped.datasets.simulators import hapke, minerals, plasma
from untapped.datasets.simulators.libs import simulate_spectra
from untapped.datasets.spectral_library import (find_spectrum, read_spectrum,
                                                read_wavelengths)

__all__ = ['SPECIMENS', 'CORONATION', 'modelled_reflectance',
           'measured_reflectance', 'band_minimum', 'compare_minerals',
           'line_position', 'line_width', 'compare_plasma']

#: mineral: library specimens of the kind modelled, with coarse grains.
SPECIMENS = OrderedDict([
    ('olivine', ('Olivine_GDS70.b', 'Olivine_GDS70.c', 'Olivine_GDS71.a')),
    ('diopside', ('Diopside_NMNHR18685', 'Diopside_HS317')),
    ('bytownite', ('Bytownite_HS106',))])

#: mineral: where its bands are (um), the region first.
BANDS = {'olivine': ((1.0, 1.2),), 'diopside': ((1.0, 1.2), (2.15, 2.45)),
         'bytownite': ((1.0, 1.6),)}

#: The instrument team's analysis (wt.% of `chemcam.OXIDES`, and the rest) of
#: Coronation, the rock of product CL5_398645626CCS_F0030004CCAM02013P3.
CORONATION = (45.8, 0.97, 11.6, 17.9, 4.0, 8.4, 3.79, 0.66, 6.88)

#: Lines (nm in air) that stand alone or lead their group in rock spectra.
STRONG_LINES = (
    251.611, 259.940, 275.574, 279.553, 280.271, 285.213, 288.158, 308.215,
    309.271, 315.887, 317.933, 336.121, 337.279, 390.552, 393.366, 394.401,
    396.152, 396.847, 404.581, 422.673, 438.354, 445.478, 612.222, 616.217,
    643.907, 766.490, 769.896, 777.194, 819.482, 844.636)

#: Lines whose width is compared.
LONE_LINES = (288.158, 422.673, 643.907, 766.490, 866.214)


def modelled_reflectance(name, waves):
    """What the library's spectrometer would measure of a modelled mineral."""
    return hapke.hemispherical_reflectance(
        hapke.albedo(minerals.modelled_thickness(name, waves)))


def measured_reflectance(folder, specimen):
    """Wavelengths (um) and reflectances of the channels not deleted."""
    axis = read_wavelengths(folder)
    _, values = read_spectrum(find_spectrum(folder, specimen))
    there = ~np.isnan(values)
    return axis[there], values[there]


def band_minimum(waves, reflectance, region):
    """Position of an absorption band, its continuum divided out.

    The continuum is the line between the ends of the region; the position
    is the minimum of a parabola through the lower third of the band, which
    the noise of single channels does not lead astray.

    Parameters
    ----------
    waves, reflectance : ndarray
    region : tuple of float
        In the unit of `waves`.

    Returns
    -------
    float
    """
    grid = np.linspace(region[0], region[1], 801)
    values = np.interp(grid, waves, reflectance)
    depth = values / np.interp(grid, grid[[0, -1]], values[[0, -1]])
    low = depth < depth.min() + 0.3 * (1 - depth.min())
    a, b, _ = np.polyfit(grid[low] - region[0], depth[low], 2)
    return region[0] - b / (2 * a)


def compare_minerals(folder):
    """Modelled minerals beside their specimens.

    Parameters
    ----------
    folder : str
        With splib07a files.

    Returns
    -------
    list of tuple
        mineral, specimen, root mean square of the difference over 1.0 to
        2.6 um, [(modelled, measured) band minimum in um].
    """
    rows = []
    for name, specimens in SPECIMENS.items():
        for specimen in specimens:
            waves, measured = measured_reflectance(folder, specimen)
            inside = (waves >= 1.0) & (waves <= 2.6)
            waves, measured = waves[inside], measured[inside]
            modelled = modelled_reflectance(name, waves)
            rms = np.sqrt(np.mean((modelled - measured) ** 2))
            bands = [(band_minimum(waves, modelled, region),
                      band_minimum(waves, measured, region))
                     for region in BANDS[name]]
            rows.append((name, specimen, rms, bands))
    return rows


def line_position(axis, spectrum, wavelength, within):
    """Position of the peak nearest to a wavelength, to a part of a channel.

    NaN if the highest channel within the given distance is no peak.
    """
    near = np.flatnonzero(np.abs(axis - wavelength) < within)
    top = near[spectrum[near].argmax()]
    a, b, c = np.log(spectrum[top - 1:top + 2].clip(1))
    if not near[0] < top < near[-1] or 2 * b - a - c <= 0:
        return np.nan
    shift = 0.5 * (c - a) / (2 * b - a - c)
    return axis[top] + shift * (axis[top + 1] - axis[top])


def line_width(axis, spectrum, wavelength):
    """Full width at half maximum of the strongest line within 1.5 nm."""
    near = np.abs(axis - wavelength) < 1.5
    fine = np.linspace(axis[near][0], axis[near][-1], 2000)
    values = np.interp(fine, axis[near], spectrum[near])
    return np.ptp(fine[values > values.max() / 2])


def compare_plasma(path):
    """The simulated plasma of Coronation beside its ChemCam spectrum.

    Parameters
    ----------
    path : str
        The CCS product named at `CORONATION`.

    Returns
    -------
    dict
        positions: [(line, measured peak - line)], nm in vacuum; widths:
        [(line, measured, simulated)]; correlation and ratio: of the square
        roots and of the sums (simulated to measured), per spectrometer.
    """
    axis, columns = chemcam.read_ccs(path)
    measured = columns['mean']
    simulated = simulate_spectra(np.array([CORONATION] * 60),
                                 np.random.RandomState(0)).mean(axis=0)
    result = {'positions': [], 'widths': [], 'correlation': [], 'ratio': []}
    for air in STRONG_LINES:
        line = plasma.vacuum_wavelength(air)
        within = 0.12 if line < 470 else 0.5
        result['positions'].append(
            (line, line_position(axis, measured, line, within) - line))
    for air in LONE_LINES:
        line = plasma.vacuum_wavelength(air)
        result['widths'].append((line, line_width(axis, measured, line),
                                 line_width(axis, simulated, line)))
    size = chemcam.CHANNELS // len(chemcam.SPECTROMETERS)
    for start in range(0, chemcam.CHANNELS, size):
        ours = simulated[start:start + size].clip(0)
        theirs = measured[start:start + size].clip(0)
        # Of square roots, so that it is not the strongest lines alone.
        result['correlation'].append(
            np.corrcoef(np.sqrt(ours), np.sqrt(theirs))[0, 1])
        result['ratio'].append(ours.sum() / theirs.sum())
    return result


def report(library=None, product=None):
    """The comparisons as lines of text."""
    lines = []
    if library:
        for name, specimen, rms, bands in compare_minerals(library):
            lines.append('%-10s %-20s rms %.3f  minima %s um' % (
                name, specimen, rms, ', '.join(
                    '%.3f (measured %.3f)' % tuple(b) for b in bands)))
    if product:
        found = compare_plasma(product)
        for i, name in enumerate(chemcam.SPECTROMETERS):
            low, high = ((0, 342), (342, 470), (470, 1000))[i]
            offsets = [abs(o) for at, o in found['positions']
                       if low < at < high]
            lines.append(
                '%-4s correlation %.2f  simulated/measured %.2f  '
                '%s lines, peaks within %.3f nm' % (
                    name, found['correlation'][i], found['ratio'][i],
                    len(offsets), max(offsets)))
        lines.extend('width at %.3f nm: measured %.2f, simulated '
                     '%.2f nm' % tuple(row) for row in found['widths'])
    return lines

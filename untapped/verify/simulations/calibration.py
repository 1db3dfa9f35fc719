"""How the simulators' numbers were fitted to measured spectra.

Prints the numbers that `minerals` (one row for each of `REGIONS`),
`plasma.ABSORPTION` and
`libs_simulator` hold; changes nothing. Needs the files that `comparison`
needs.
"""
from __future__ import division, print_function

import numpy as np
from scipy.optimize import least_squares

from untapped.datasets import chemcam
from untapped.datasets.simulators import hapke, plasma
from untapped.datasets.simulators.libs import STARK
from untapped.datasets.simulators.minerals import MINERALS
from untapped.verify.simulations.comparison import (CORONATION,
                                                    measured_reflectance)

__all__ = ['fit_mineral', 'fit_plasma', 'report']

#: mineral: the specimens whose mean is fitted, and the regions (um) left out
#: because of water and hydroxyl that the mineral itself has not.
TARGETS = {'olivine': (('Olivine_GDS70.b', 'Olivine_GDS70.c'), ()),
           'diopside': (('Diopside_NMNHR18685',), ()),
           'bytownite': (('Bytownite_HS106',), ((1.85, 2.12), (2.3, 2.6)))}

#: um that the first and the second simulator of CRISM cover.
REGIONS = ((1.0, 2.6), (0.9, 2.5))


def fit_mineral(name, folder, region=REGIONS[0]):
    """Continuum, strengths and widths at the bands' published positions.

    Least squares of the reflectance; widths stay between 400 and 3,200 1/cm.

    Parameters
    ----------
    name : str
        A key of `minerals.MINERALS`.
    folder : str
        With splib07a files.
    region : tuple of float, optional
        um.

    Returns
    -------
    continuum, slope : float
    bands : list of (centre, strength, width)
        As in `minerals.Mineral`.
    error : float
        Root mean square, of reflectance.
    """
    specimens, gaps = TARGETS[name]
    waves = np.linspace(region[0], region[1], 321)
    target = np.mean([np.interp(waves, *measured_reflectance(folder, s))
                      for s in specimens], axis=0)
    used = np.ones(len(waves), bool)
    for low, high in gaps:
        used &= (waves < low) | (waves > high)
    waves, target = waves[used], target[used]
    centres = np.array([band[0] for band in MINERALS[name].bands])

    def unpack(p):
        strengths, widths = np.exp(p[2:].reshape(2, -1))
        return np.exp(p[0]), p[1], strengths, widths

    def residual(p):
        continuum, slope, strengths, widths = unpack(p)
        offset = (1e4 / waves - 1e4 / centres[:, np.newaxis])
        bands = strengths[:, np.newaxis] * np.exp(
            -4 * np.log(2) * (offset / widths[:, np.newaxis]) ** 2)
        thickness = (continuum * np.exp(slope * (waves - 1.8)) +
                     bands.sum(axis=0))
        return hapke.hemispherical_reflectance(
            hapke.albedo(thickness)) - target

    n = len(centres)
    start = np.concatenate([[-4, 0], np.full(n, -2.),
                            np.log(np.where(centres < 2, 1800., 700.))])
    low = np.concatenate([[-9, -1.5], np.full(n, -9.),
                          np.full(n, np.log(400.))])
    high = np.concatenate([[2, 1.5], np.full(n, 4.),
                           np.full(n, np.log(3200.))])
    best = least_squares(residual, start, bounds=(low, high))
    continuum, slope, strengths, widths = unpack(best.x)
    return (continuum, slope, list(zip(centres, strengths, widths)),
            np.sqrt(np.mean(best.fun ** 2)))


def fit_plasma(path, tries=1000, seed=1):
    """Temperature, electron density, absorption, oxygen, Lorentzian share.

    A random search for what brings the square roots of the simulated
    spectrum of Coronation and of the measured one closest, by the mean
    correlation over the three spectrometers.

    Parameters
    ----------
    path : str
        The CCS product of Coronation.
    tries, seed : int

    Returns
    -------
    list of tuple
        (correlation, temperature in K, electrons in 1/cm3, absorption,
        moles of oxygen, Lorentzian share, measured over simulated sum per
        spectrometer), the best first.
    """
    rng = np.random.RandomState(seed)
    _, columns = chemcam.read_ccs(path)
    size = chemcam.CHANNELS // len(chemcam.SPECTROMETERS)
    measured = columns['mean'].clip(0).reshape(-1, size)
    lines = plasma.LineList()
    gaussian, lorentzian = plasma.profiles(lines.wavelength, STARK)
    rock = np.array([CORONATION])
    moles = plasma.atoms(rock[:, :-1], rock[:, -1])
    found = []
    kept = plasma.ABSORPTION
    try:
        for _ in range(tries):
            temperature, oxygen = rng.uniform(7500, 16000), rng.uniform(0, 3)
            electrons = 10 ** rng.uniform(15.5, 18)
            plasma.ABSORPTION = 10 ** rng.uniform(-7.5, -4.5)
            share = rng.uniform(0.1, 0.5)
            atoms = moles + oxygen * (np.arange(moles.shape[1]) ==
                                      moles.shape[1] - 1)
            intensity = lines.emission(
                atoms, np.array([temperature]), np.array([electrons]),
                np.ones(1))[0]
            ours = ((1 - share) * intensity.dot(gaussian) +
                    share * intensity.dot(lorentzian)).reshape(-1, size)
            correlation = np.mean([
                np.corrcoef(np.sqrt(a), np.sqrt(b))[0, 1]
                for a, b in zip(ours, measured)])
            found.append((correlation, temperature, electrons,
                          plasma.ABSORPTION, oxygen, share) +
                         tuple(measured.sum(axis=1) / ours.sum(axis=1)))
    finally:
        plasma.ABSORPTION = kept
    return sorted(found, reverse=True)


def report(library=None, product=None):
    """Both fits as lines of text."""
    lines = []
    for region in REGIONS if library else ():
        for name in MINERALS:
            continuum, slope, bands, error = fit_mineral(name, library,
                                                         region)
            lines.append(
                '%s, %g to %g um: continuum %.4f, slope %.3f; %s; rms %.3f'
                % ((name,) + region + (continuum, slope, '; '.join(
                    '%.2f um %.4f %.0f 1/cm' % tuple(band)
                    for band in bands), error)))
    if product:
        lines.append('r, T (K), n_e (1/cm3), absorption, O (mol), '
                     'Lorentzian, brightness of UV, VIO, VNIR')
        lines.extend(', '.join('%.3g' % v for v in row)
                     for row in fit_plasma(product)[:10])
    return lines

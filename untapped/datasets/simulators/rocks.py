"""Compositions for simulated ChemCam spectra: rocks, and what is volatile.

What is a choice here, and what has a source: docs/data.md.
"""
from __future__ import division, print_function

import numpy as np

from untapped.datasets.chemcam import OXIDES, TARGETS

__all__ = ['random_rocks', 'hydrated_rocks', 'target_volatiles']

#: ((wt.% of OXIDES), (shape in igneous rocks, in sediments)); compositions
#: from W. A. Deer, R. A. Howie and J. Zussman (2013), An Introduction to the
#: Rock-Forming Minerals, 3rd ed., Mineralogical Society.
ROCK_MINERALS = [
    ((38.5, 0.0, 0.1, 22.0, 39.0, 0.3, 0.0, 0.0), (0.5, 0.2)),    # olivine
    ((51.0, 0.8, 2.5, 10.5, 15.5, 19.0, 0.4, 0.0), (0.9, 0.4)),   # augite
    ((53.5, 0.3, 1.5, 18.0, 24.5, 2.0, 0.1, 0.0), (0.7, 0.3)),    # pigeonite
    ((47.5, 0.0, 33.5, 0.6, 0.1, 16.5, 1.9, 0.0), (0.7, 0.5)),    # bytownite
    ((59.5, 0.0, 25.5, 0.3, 0.0, 7.0, 7.5, 0.2), (0.9, 0.5)),     # andesine
    ((67.0, 0.0, 20.5, 0.2, 0.0, 0.8, 11.0, 0.3), (0.4, 0.2)),    # albite
    ((65.0, 0.0, 18.7, 0.1, 0.0, 0.2, 2.5, 13.0), (0.3, 0.2)),    # K-feldspar
    ((99.8, 0.0, 0.1, 0.0, 0.0, 0.0, 0.0, 0.0), (0.2, 0.2)),      # quartz
    ((0.2, 15.0, 1.5, 79.0, 1.5, 0.1, 0.0, 0.0), (0.25, 0.2)),    # Ti-Fe oxide
    ((0.1, 0.0, 0.1, 89.5, 0.1, 0.1, 0.0, 0.0), (0.01, 0.2)),     # hematite
    ((49.0, 0.2, 5.0, 22.0, 6.0, 2.0, 0.8, 0.6), (0.01, 1.0)),    # smectite
    ((0.0, 0.0, 0.0, 0.1, 0.0, 39.0, 0.0, 0.0), (0.01, 0.25)),    # sulphate
    ((0.1, 0.0, 0.0, 15.0, 30.0, 6.0, 0.0, 0.0), (0.005, 0.05)),  # carbonate
]


def random_rocks(n, rng):
    """Compositions of plausible rocks: mixtures of common minerals.

    Seven in ten are igneous, mixed from olivine, two pyroxenes, calcic to
    sodic plagioclase, alkali feldspar, quartz and oxides; the others are
    sediments that also hold clay, sulphate and carbonate.

    Parameters
    ----------
    n : int
    rng : numpy.random.RandomState

    Returns
    -------
    ndarray
        wt.% of `chemcam.OXIDES` and of the rest, ``(n, 9)``; rows sum to
        100.
    """
    amounts = _minerals(n, rng)[0]
    minerals = np.array([m for m, _ in ROCK_MINERALS])
    oxides = (amounts[:, :, np.newaxis] * minerals).sum(axis=1)
    oxides /= amounts.sum(axis=1, keepdims=True)
    total = np.minimum(oxides.sum(axis=1, keepdims=True), 100)
    oxides *= total / oxides.sum(axis=1, keepdims=True)
    return np.hstack([oxides, 100 - total])


def _minerals(n, rng):
    """Amounts of `ROCK_MINERALS` ``(n, minerals)``; which are sediments."""
    weights = np.array([w for _, w in ROCK_MINERALS])
    sediment = rng.uniform(size=n) > 0.7
    weights = np.where(sediment[:, np.newaxis], weights[:, 1], weights[:, 0])
    # Gamma variates over their sum: a Dirichlet variate. Shapes below one
    # make rocks of a few minerals.
    amounts = rng.standard_gamma(weights)
    # Of no rock is nothing known: a trace of plagioclase keeps sums positive.
    amounts[:, 3] += 1e-3
    return amounts, sediment


#: What Deer, Howie and Zussman's sum leaves of each of `ROCK_MINERALS`, wt.%
#: of H2O and SO3: all of smectite's is water; the sulphate has one SO3 a CaO,
#: and water (bassanite in the main); carbonate's is CO2, which is neither.
MINERAL_VOLATILES = {10: (14.4, 0.), 11: (5.2, 55.7)}

#: Median (wt.%) and standard deviation of the logarithm of H2O in sediments:
#: an interquartile range of 2.3 to 3.1 % in more than 4,500 points of the
#: Murray formation, N. H. Thomas and others (2020), Hydrogen variability in
#: the Murray formation, J. Geophys. Res. Planets 125; PMC7507757.
WATER = (2.67, 0.221)

#: wt.% that the eight oxides of an igneous rock leave of 100, at most: of
#: Macusanite, Norite, Picrite and Shergottite (`chemcam.TARGETS`) and of
#: BHVO-2 (S. A. Wilson 1997) they leave 0 to 1.43, 0.7 on average.
IGNEOUS_REST = 1.43

#: wt.% of H2O in the ceramic targets, by the height of H alpha in the mean
#: spectrum of NAu-2_Med-S.
CERAMIC_WATER = 0.26


def hydrated_rocks(n, rng):
    """`random_rocks`, what is no oxide of them as published.

    Sediments lose the water of their minerals and get `WATER` in its place.
    Of igneous rocks the oxides leave 0 to `IGNEOUS_REST`, all equally likely.

    Returns
    -------
    ndarray
        wt.% of `chemcam.OXIDES`, of the rest, and of H2O and SO3 within the
        rest, ``(n, 11)``; the first nine sum to 100.
    """
    amounts, sediment = _minerals(n, rng)
    volatiles = np.zeros((len(ROCK_MINERALS), 2))
    for row, values in MINERAL_VOLATILES.items():
        volatiles[row] = values
    minerals = np.hstack([[m for m, _ in ROCK_MINERALS], volatiles])
    parts = (amounts[:, :, np.newaxis] * minerals).sum(axis=1)
    parts /= amounts.sum(axis=1, keepdims=True)
    # a mineral's rounded oxides may exceed 100
    known = parts.sum(axis=1, keepdims=True)
    parts *= np.minimum(known, 100) / known
    median, spread = WATER
    water = median * np.exp(spread * rng.standard_normal(n))
    dry = (100 - water) / (100 - parts[:, -2])
    rest = IGNEOUS_REST * rng.uniform(size=n)
    oxides, volatiles = np.split(parts, [len(OXIDES)], axis=1)
    volatiles *= np.where(sediment, dry, 0)[:, np.newaxis]
    volatiles[sediment, 0] = water[sediment]
    oxides *= np.where(sediment, dry, (100 - rest) /
                       oxides.sum(axis=1))[:, np.newaxis]
    return np.hstack([oxides, 100 - oxides.sum(axis=1, keepdims=True),
                      volatiles])


def target_volatiles(target):
    """wt.% of H2O and SO3 in a calibration target, ``(2,)``.

    None in the glasses, which are melts, nor in graphite and titanium. The
    ceramics are of clay and calcium sulphate (Vaniman and others 2012): their
    CaO is taken as the sulphate's, so that they have at most as much SO3 as
    here; their water is `CERAMIC_WATER`.
    """
    if not target.startswith(('NAU2', 'KGA')):
        return np.zeros(2)
    sulphate = 80.06 / 56.077 * TARGETS[target][OXIDES.index('CaO')]
    return np.array([CERAMIC_WATER, sulphate])

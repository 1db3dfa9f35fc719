"""Simulated ChemCam spectra of calibration targets and of unknown rocks.

What is physics here, what is a choice: docs/data.md.
"""
from __future__ import division, print_function

from collections import OrderedDict

import numpy as np

from untapped.datasets.chemcam import (CHANNELS, OXIDES, SPECTROMETERS,
                                       channel_axis)
from untapped.datasets.containers import Raw
from untapped.datasets.libs import (check, describe, labels_of,
                                    percent_of)
from untapped.datasets.simulators.plasma import LineList, atoms, profiles

__all__ = ['MEASURED', 'simulate', 'simulate_spectra', 'random_rocks']

#: Spectra per target. The paper has 42 of the first three and 88 of the
#: NAu-2; shared out in proportion to the measurements that the instrument
#: team published of each (the last two targets: section 5.2 of the paper).
MEASURED = OrderedDict([
    ('NORITE', 11), ('PICRITE', 6), ('SHERGOTTITE', 25), ('NAU2-LO', 28),
    ('NAU2-MED', 25), ('NAU2-HI', 35), ('MACUSANITE', 8), ('KGA-MED', 24),
    ('GRAPHITE', 4), ('TITANIUM', 2)])
ROCKS = (120, 600)      # small_means, big_means
SHOTS = 30              # that each spectrum is the mean of

# The plasma: fitted to a measured spectrum (`calibration.fit_plasma`).
TEMPERATURE = 14000.    # K
ELECTRONS = 4.5e17      # 1/cm3
# Standard deviations between samples, between the spots of a sample and
# between the shots of a spot (docs/data.md tells what each was set by).
SCATTER = {'temperature': (0.03, 0.01, 0.003),  # relative
           'electrons': (0.20, 0.06, 0.03),     # of the natural logarithm
           'mass': (0.30, 0.14, 0.04),          # of the natural logarithm
           # of the share of each element's atoms that reaches the plasma,
           # natural logarithm; the same in all shots of a spot
           'yields': (0.25, 0.10, 0.)}
STARK = 0.05            # nm at ELECTRONS
LORENTZIAN = 0.40       # its share of a line at ELECTRONS
CONTINUUM = 0.012       # left by the calibration, relative to the mean line
UNIT = 1e9              # the quantum of the counts, as in CCS files
# Relative throughput that the instrument's calibration leaves uncertain.
THROUGHPUT = 0.03
# Noise of one shot: of reading out, per spectrometer, and of photons, times
# the root of the signal.
READ = (6e9, 2e9, 1.5e9)
PHOTON = 2e4
OXYGEN_OF_AIR = 2.0     # moles per 100 g of rock: CO2 drawn into the plasma
# CCS unit per unit of `LineList.emission`, per spectrometer.
BRIGHTNESS = (2.1e7, 5.2e7, 6.0e7)


def simulate(seed=0):
    """Simulate targets and rocks: same shapes as the published file.

    Parameters
    ----------
    seed : int

    Returns
    -------
    Raw
        Arrays as `libs.read` gives them: 130 labelled spectra of the six
        standards that are used, 38 that the published loader drops; 120 and
        600 rocks without labels. `meta` has the rocks' true composition in
        percent (big_composition).
    """
    rng = np.random.RandomState(seed)
    names = list(MEASURED)
    types = np.repeat(np.arange(len(names)), list(MEASURED.values()))
    parts = np.array([_target(name) for name in names])
    x = simulate_spectra(parts[types], rng, types)

    rocks = [random_rocks(n, rng) for n in ROCKS]
    small, big = [simulate_spectra(composition, rng)
                  for composition in rocks]

    y, majors = labels_of([names[i] for i in types])
    arrays = OrderedDict([
        ('small_means', small), ('big_means', big), ('x', x), ('y', y),
        ('majors', majors), ('waves', channel_axis()),
        ('types', np.array([u'%s' % names[i] for i in types]))])
    check(arrays, 'simulated libs')
    meta = dict(describe(arrays), big_composition=rocks[1])
    return Raw('libs', arrays, 'simulated (seed %s)' % seed,
               'simulated', meta)


def _target(name):
    """Composition of a target in percent, `OXIDES` and the rest."""
    if name == 'GRAPHITE':
        return np.array([0.] * len(OXIDES) + [100.])
    if name == 'TITANIUM':
        # A metal: the oxide that has all of its titanium.
        return np.array([0., 100.] + [0.] * (len(OXIDES) - 1))
    return percent_of(name)


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
    weights = np.array([w for _, w in ROCK_MINERALS])
    minerals = np.array([m for m, _ in ROCK_MINERALS])
    sediment = rng.uniform(size=n) > 0.7
    weights = np.where(sediment[:, np.newaxis], weights[:, 1], weights[:, 0])
    # Gamma variates over their sum: a Dirichlet variate. Shapes below one
    # make rocks of a few minerals.
    amounts = rng.standard_gamma(weights)
    # Of no rock is nothing known: a trace of plagioclase keeps sums positive.
    amounts[:, 3] += 1e-3
    oxides = (amounts[:, :, np.newaxis] * minerals).sum(axis=1)
    oxides /= amounts.sum(axis=1, keepdims=True)
    total = np.minimum(oxides.sum(axis=1, keepdims=True), 100)
    oxides *= total / oxides.sum(axis=1, keepdims=True)
    return np.hstack([oxides, 100 - total])


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


def simulate_spectra(percent, rng, samples=None, scatter=SCATTER,
                     shots=SHOTS):
    """Mean spectra over the shots of one spot each.

    What the plasma has of a sample beside its composition (how it couples,
    how much of each element reaches the plasma) is drawn once per sample:
    the matrix effect, which no replicate of the sample averages out.

    Parameters
    ----------
    percent : ndarray
        wt.% of `chemcam.OXIDES` and of the rest, ``(n, 9)``.
    rng : numpy.random.RandomState
    samples : ndarray of int, optional
        The sample of each row, from 0 on, ``(n,)``; by default each row is
        a sample of its own.
    scatter : dict, optional
        As `SCATTER`.
    shots : int, optional
        That each spectrum is the mean of.

    Returns
    -------
    ndarray
        ``(n, 6144)``, in the unit of CCS files (photons per shot, area,
        solid angle and nm).
    """
    n = len(percent)
    if samples is None:
        samples = np.arange(n)
    lines = LineList()
    moles = atoms(percent[:, :-1], percent[:, -1])
    gaussian, lorentzian = profiles(lines.wavelength, STARK)

    def scattered(name, columns):
        of_samples, of_spots, _ = scatter[name]
        deviations = rng.standard_normal((samples.max() + 1, columns))
        return (of_samples * deviations[samples] +
                of_spots * rng.standard_normal((n, columns)))

    draws = dict((name, scattered(name, 1) +
                  scatter[name][2] * rng.standard_normal((n, shots)))
                 for name in ('electrons', 'mass', 'temperature'))
    moles *= np.exp(scattered('yields', moles.shape[1]))
    moles[:, -1] += OXYGEN_OF_AIR
    temperature = TEMPERATURE * (1 + draws['temperature']).clip(0.7, 1.3)
    electrons = ELECTRONS * np.exp(draws['electrons'])
    mass = np.exp(draws['mass'])
    share = np.minimum(LORENTZIAN * electrons / ELECTRONS, 1)

    # The mean over shots is taken of the lines, not of the channels: the
    # profile differs only in how much of it is Lorentzian.
    core = np.zeros((n, len(lines.wavelength)))
    wings = np.zeros_like(core)
    for shot in range(shots):
        intensity = lines.emission(moles, temperature[:, shot],
                                   electrons[:, shot], mass[:, shot])
        wings += share[:, shot, np.newaxis] * intensity / shots
        core += (1 - share[:, shot, np.newaxis]) * intensity / shots
    x = core.dot(gaussian) + wings.dot(lorentzian)
    throughput = BRIGHTNESS * (1 + THROUGHPUT * rng.standard_normal((n, 3)))
    x *= np.repeat(throughput, CHANNELS // len(SPECTROMETERS), axis=1)
    x += continuum(x, rng)
    read = np.repeat(READ, CHANNELS // len(SPECTROMETERS))
    x += (np.sqrt((read ** 2 + PHOTON ** 2 * x) / shots) *
          rng.standard_normal(x.shape))
    # Whole counts: below the noise, above what one machine's exp, log and
    # matrix product may differ from another's.
    return np.rint(x / UNIT) * UNIT


def continuum(x, rng):
    """Bremsstrahlung that the removal of the continuum left behind.

    A smooth residue per spectrometer, a parabola that is zero at the edges,
    in proportion to the mean signal there.

    Returns
    -------
    ndarray
        The shape of `x`.
    """
    blocks = x.reshape(len(x), len(SPECTROMETERS), -1)
    at = np.linspace(-1, 1, blocks.shape[2])
    size = CONTINUUM * np.abs(rng.standard_normal(blocks.shape[:2] + (1,)))
    residue = size * blocks.mean(axis=2, keepdims=True) * (1 - at ** 2)
    return residue.reshape(x.shape)

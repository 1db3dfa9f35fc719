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
from untapped.datasets.simulators import rocks
from untapped.datasets.simulators.plasma import (LineList, atoms, profiles,
                                                 volatile_atoms)
from untapped.datasets.simulators.sources import source

__all__ = ['MEASURED', 'simulate', 'simulate_spectra']

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
# Of the second simulator's targets (docs/data.md tells what sets each).
# What each was made as: C. Fabre and others (2011), Spectrochim. Acta B 66,
# 280; D. Vaniman and others (2012), Space Sci. Rev. 170, 229.
FAMILIES = (('NORITE', 'PICRITE', 'SHERGOTTITE', 'MACUSANITE'),  # glasses
            ('NAU2-LO', 'NAU2-MED', 'NAU2-HI', 'KGA-MED'),       # ceramics
            ('GRAPHITE',), ('TITANIUM',))
FAMILY = 0.37           # share of the variance that a family has in common
TARGET_SCALE = 0.5      # of SCATTER between samples
# What the plasma adds to the full width of H alpha, nm: as in ChemCam's
# spectra of BHVO-2.
H_ALPHA = 1.5
OXYGEN_OF_AIR = 2.0     # moles per 100 g of rock: CO2 drawn into the plasma
# CCS unit per unit of `LineList.emission`, per spectrometer.
BRIGHTNESS = (2.1e7, 5.2e7, 6.0e7)


def simulate(seed=0, simulator=1, scale=TARGET_SCALE):
    """Simulate targets and rocks: same shapes as the published file.

    Parameters
    ----------
    seed : int
    simulator : {1, 2}
        The second has matrix effects by `FAMILIES` of targets, water and
        sulphur, and sediments as wet as measured ones.
    scale : float, optional
        Of the second simulator, as `TARGET_SCALE`.

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
    if simulator == 1:
        x = simulate_spectra(parts[types], rng, types)
        stones = [rocks.random_rocks(n, rng) for n in ROCKS]
        small, big = [simulate_spectra(composition, rng)
                      for composition in stones]
    else:
        x = simulate_targets(rng, scale)
        wet = [rocks.hydrated_rocks(n, rng) for n in ROCKS]
        stones = [each[:, :-2] for each in wet]
        small, big = [simulate_spectra(each[:, :-2], rng,
                                       volatiles=each[:, -2:])
                      for each in wet]

    y, majors = labels_of([names[i] for i in types])
    arrays = OrderedDict([
        ('small_means', small), ('big_means', big), ('x', x), ('y', y),
        ('majors', majors), ('waves', channel_axis()),
        ('types', np.array([u'%s' % names[i] for i in types]))])
    check(arrays, 'simulated libs')
    meta = dict(describe(arrays), big_composition=stones[1])
    if simulator == 2:
        meta['big_volatiles'] = wet[1][:, -2:]
    return Raw('libs', arrays, source(seed, simulator), 'simulated', meta)


def simulate_targets(rng, scale=TARGET_SCALE, shared=FAMILY):
    """Spectra of the targets by the second simulator, as `MEASURED` counts.

    Parameters
    ----------
    rng : numpy.random.RandomState
    scale, shared : float, optional
        As `TARGET_SCALE` and `FAMILY`.

    Returns
    -------
    ndarray
        ``(168, 6144)``.
    """
    names = list(MEASURED)
    types = np.repeat(np.arange(len(names)), list(MEASURED.values()))
    scatter = dict((key, (scale * sizes[0],) + sizes[1:])
                   for key, sizes in SCATTER.items())
    families = np.array([[name in family for family in FAMILIES].index(True)
                         for name in names])
    parts = np.array([np.hstack([_target(name),
                                 rocks.target_volatiles(name)])
                      for name in names])[types]
    return simulate_spectra(parts[:, :-2], rng, types, scatter,
                            volatiles=parts[:, -2:],
                            families=(families, shared))


def _target(name):
    """Composition of a target in percent, `OXIDES` and the rest."""
    if name == 'GRAPHITE':
        return np.array([0.] * len(OXIDES) + [100.])
    if name == 'TITANIUM':
        # A metal: the oxide that has all of its titanium.
        return np.array([0., 100.] + [0.] * (len(OXIDES) - 1))
    return percent_of(name)


def simulate_spectra(percent, rng, samples=None, scatter=SCATTER,
                     shots=SHOTS, volatiles=None, families=None):
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
    volatiles : ndarray, optional
        wt.% of H2O and SO3 within the rest ``(n, 2)``; without it the rest
        shows no line but oxygen's.
    families : (ndarray of int, float), optional
        The family of each sample, from 0 on, and the share of the variance
        between samples that a family has in common.

    Returns
    -------
    ndarray
        ``(n, 6144)``, in the unit of CCS files (photons per shot, area,
        solid angle and nm).
    """
    n = len(percent)
    if samples is None:
        samples = np.arange(n)
    lines = LineList(volatiles is not None)
    moles = atoms(percent[:, :-1], percent[:, -1]) if volatiles is None \
        else volatile_atoms(percent[:, :-1], percent[:, -1], volatiles)

    def scattered(name, columns):
        of_samples, of_spots, _ = scatter[name]
        deviations = sample_deviations(rng, samples.max() + 1, columns,
                                       families)
        return (of_samples * deviations[samples] +
                of_spots * rng.standard_normal((n, columns)))

    draws = dict((name, scattered(name, 1) +
                  scatter[name][2] * rng.standard_normal((n, shots)))
                 for name in ('electrons', 'mass', 'temperature'))
    moles *= np.exp(scattered('yields', moles.shape[1]))
    moles[:, list(lines.elements).index('O')] += OXYGEN_OF_AIR
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
    gaussian, lorentzian = line_profiles(lines)
    x = core.dot(gaussian) + wings.dot(lorentzian)
    return recorded(x, rng, shots)


def sample_deviations(rng, samples, columns, families=None):
    """Standard normal deviations of samples, ``(samples, columns)``.

    With `families`, see `simulate_spectra`, those of one family correlate:

        sqrt(share) f + sqrt(1 - share) s

    with f of the family and s of the sample.
    """
    own = rng.standard_normal((samples, columns))
    if families is None:
        return own
    family, share = families
    common = rng.standard_normal((family.max() + 1, columns))
    return np.sqrt(share) * common[family] + np.sqrt(1 - share) * own


def line_profiles(lines):
    """`plasma.profiles` of a `LineList`; that of H alpha is wide."""
    gaussian, lorentzian = profiles(lines.wavelength, STARK)
    if 'H' in lines.elements:
        hydrogen = lines.element == list(lines.elements).index('H')
        _, wide = profiles(lines.wavelength[hydrogen], H_ALPHA)
        gaussian[hydrogen] = lorentzian[hydrogen] = wide
    return gaussian, lorentzian


def recorded(x, rng, shots):
    """What the spectrometers make of the lines: throughput, residue, noise.

    Parameters
    ----------
    x : ndarray
        Lines on the channels ``(n, 6144)``; is written into.
    rng : numpy.random.RandomState
    shots : int

    Returns
    -------
    ndarray
        The shape of `x`.
    """
    throughput = BRIGHTNESS * (1 + THROUGHPUT *
                               rng.standard_normal((len(x), 3)))
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

"""Simulated Raman spectra of mixtures of igneous minerals.

Lines of known minerals as pseudo-Voigt profiles over a fluorescence
background. What is physics here, what is a choice: docs/data.md.
"""
from __future__ import division, print_function

from collections import OrderedDict

import numpy as np

from untapped.datasets.containers import Raw
from untapped.datasets.raman import check, describe

__all__ = ['MINERALS', 'WAVES', 'simulate', 'line_spectrum']

#: Raman shift (1/cm) of the channels.
WAVES = np.arange(150., 1250., 2.)

#: group: {mineral: [(shift in 1/cm, relative intensity), ...]}. Strongest
#: lines: feldspars from J. J. Freeman and others (2008), Can. Mineral. 46,
#: 1477; olivines from K. E. Kuebler and others (2006), Geochim. Cosmochim.
#: Acta 70, 6201; pyroxenes from E. Huang and others (2000), Am. Mineral. 85,
#: 473; micas from A. Tlili and others (1989), Mineral. Mag. 53, 165; quartz
#: from J. F. Scott and S. P. S. Porto (1967), Phys. Rev. 161, 903. Relative
#: intensities are rounded from the unoriented spectra of the RRUFF database
#: (B. Lafuente and others 2015).
MINERALS = OrderedDict([
    ('Plagioclase', OrderedDict([
        ('Albite', [(507, 1.0), (479, 0.55), (291, 0.45), (208, 0.3),
                    (185, 0.3), (763, 0.15), (815, 0.1), (1098, 0.1)]),
        ('Labradorite', [(509, 1.0), (482, 0.5), (285, 0.3), (178, 0.3),
                         (560, 0.1), (780, 0.08)]),
        ('Anorthite', [(503, 1.0), (486, 0.75), (284, 0.35), (198, 0.25),
                       (555, 0.2), (756, 0.1), (972, 0.1)])])),
    ('Pyroxene', OrderedDict([
        ('Diopside', [(665, 1.0), (1011, 0.9), (391, 0.6), (324, 0.6),
                      (559, 0.15), (858, 0.08)]),
        ('Enstatite', [(685, 0.8), (663, 0.9), (1011, 1.0), (343, 0.7),
                       (236, 0.4), (541, 0.15)]),
        ('Augite', [(668, 1.0), (1009, 0.8), (388, 0.5), (324, 0.5),
                    (550, 0.15)])])),
    ('K-Spar', OrderedDict([
        ('Microcline', [(513, 1.0), (475, 0.5), (285, 0.35), (155, 0.3),
                        (454, 0.25), (748, 0.1)]),
        ('Orthoclase', [(513, 1.0), (475, 0.4), (283, 0.35), (157, 0.35),
                        (750, 0.08)])])),
    ('Mica', OrderedDict([
        ('Muscovite', [(703, 1.0), (263, 0.95), (408, 0.5), (195, 0.45),
                       (915, 0.2), (750, 0.2)]),
        ('Phlogopite', [(682, 1.0), (196, 0.85), (278, 0.3), (325, 0.3),
                        (362, 0.25), (1030, 0.15)])])),
    ('Olivine', OrderedDict([
        ('Forsterite', [(856, 1.0), (824, 0.85), (965, 0.25), (921, 0.1),
                        (608, 0.1), (434, 0.08)]),
        ('Fayalite', [(841, 1.0), (815, 0.9), (902, 0.2), (505, 0.12),
                      (289, 0.12), (171, 0.1)])])),
    ('Quartz', OrderedDict([
        ('Quartz', [(464, 1.0), (206, 0.35), (355, 0.1), (394, 0.05),
                    (808, 0.04), (1160, 0.06)])])),
])

#: Scattering power per group, quartz 1: choices of the order measured.
POWER = (0.5, 0.5, 0.5, 0.35, 0.9, 1.0)
PURE, MIXED = 30, 360       # pure samples of each group; mixtures
WIDTH = (7., 14.)           # full width at half maximum, 1/cm
LORENTZIAN = 0.6
SHIFT = 1.0                 # scatter of the calibration, 1/cm
BACKGROUND = 0.15           # fluorescence, relative to the strongest line
NOISE = 0.01


def line_spectrum(lines, width, shift=0.):
    """Pseudo-Voigt lines on `WAVES`.

    Parameters
    ----------
    lines : list of (float, float)
        Shift (1/cm) and height.
    width : float
        Full width at half maximum (1/cm).
    shift : float
        Added to every line's position.

    Returns
    -------
    ndarray
        The shape of `WAVES`.
    """
    at, height = np.array(lines, float).T
    offset = 2 * (WAVES - (at + shift)[:, np.newaxis]) / width
    shape = (LORENTZIAN / (1 + offset ** 2) +
             (1 - LORENTZIAN) * np.exp(-np.log(2) * offset ** 2))
    return (height[:, np.newaxis] * shape).sum(axis=0)


def simulate(seed=0):
    """Simulate samples: 30 pure ones of each group and 360 mixtures.

    Parameters
    ----------
    seed : int

    Returns
    -------
    Raw
        Arrays as `raman.read` gives them: x ``(540, 550)``, each spectrum
        scaled to a maximum of 1, y ``(540, 7)``.
    """
    rng = np.random.RandomState(seed)
    groups = list(MINERALS)
    pure = np.repeat(np.eye(len(groups)), PURE, axis=0)
    parts = np.vstack([pure, mixtures(MIXED, len(groups), rng)])
    x = np.array([sample(row, rng) for row in parts])
    # Six digits: see crism_simulator.
    x = np.round(x, 6)
    majors = np.array([g.encode('ascii') for g in groups] + [None], object)
    arrays = OrderedDict([
        ('x', x), ('y', np.hstack([parts, np.zeros((len(parts), 1))])),
        ('waves', WAVES.copy()), ('majors', majors)])
    check(arrays, 'simulated raman')
    return Raw('raman', arrays, 'simulated (seed %s)' % seed,
               'simulated', describe(arrays))


def mixtures(n, parts, rng):
    """Mixtures of two or three of the parts, in steps of 0.05.

    Steps, so that rows sum to 1 in floats too.

    Returns
    -------
    ndarray
        ``(n, parts)``.
    """
    rows = np.zeros((n, parts))
    for row in rows:
        kinds = rng.permutation(parts)[:2 + rng.randint(2)]
        shares = rng.randint(len(kinds), size=20 - len(kinds))
        row[kinds] = (1 + np.bincount(shares, minlength=len(kinds))) / 20
    return rows


def sample(parts, rng):
    """One spectrum: a mineral of each group present, background, noise.

    Parameters
    ----------
    parts : ndarray
        Share of each group ``(6,)``.
    rng : numpy.random.RandomState

    Returns
    -------
    ndarray
        The shape of `WAVES`.
    """
    spectrum = np.zeros(len(WAVES))
    shift = SHIFT * rng.standard_normal()
    for part, power, minerals in zip(parts, POWER, MINERALS.values()):
        # The same draws whether a group is present or not.
        chosen = list(minerals.values())[rng.randint(len(minerals))]
        width = rng.uniform(*WIDTH)
        spectrum += part * power * line_spectrum(chosen, width, shift)
    spectrum /= spectrum.max()
    height, slope = rng.uniform(0, BACKGROUND), rng.uniform(-1, 1)
    at = (WAVES - WAVES[0]) / (WAVES[-1] - WAVES[0])
    spectrum += height * (1 + slope * (at - 0.5))
    spectrum += NOISE * rng.standard_normal(len(WAVES))
    return spectrum.clip(0) / spectrum.max()

"""Simulated spectra of the laboratory experiment of section 4 of the paper.

What is physics here, what is a choice: docs/data.md.
"""
from __future__ import division, print_function

from collections import OrderedDict

import numpy as np

from untapped.datasets.containers import Raw
from untapped.datasets.crism import NAMES, PER_POSITION, POSITIONS
from untapped.datasets.simulators import hapke
from untapped.datasets.simulators.laboratory import camera_noise, weighed
from untapped.datasets.simulators.minerals import (CAMERA_MINERALS, DIAMETER,
                                                   MINERALS,
                                                   library_thickness,
                                                   modelled_thickness)
from untapped.datasets.simulators.sources import source

__all__ = ['GEOMETRIES', 'WAVES', 'CAMERA_WAVES', 'abundance_grid',
           'simulate']

#: Incidence, emission and phase angle in degrees: Table 1 of the paper, and
#: the phase angles that its text implies. In Positions 1 and 2 the camera
#: looks straight down, so the phase angle is the incidence angle. In Angle 2
#: the sample is tilted by 30 degrees under the lamp of Position 2 (12.7 + 30
#: = 42.7), which leaves the phase angle as it was.
GEOMETRIES = OrderedDict(zip(POSITIONS, (
    (33.9, 0., 33.9), (42.7, 0., 42.7), (12.7, 30., 42.7))))

#: Wavelengths (um) of the 165 channels.
WAVES = np.linspace(1.0, 2.6, 165)
#: Of the second simulator: the camera that section 2 of the paper names is
#: Headwall's Micro-Hyperspec SWIR M-Series (of one of this name NASA's G-LiHT
#: gives 890 to 2526 nm).
CAMERA_WAVES = np.linspace(0.9, 2.5, 165)

# Of the 992 spectra in the centre of the simplex (section 4 of the paper),
# in proportion to PER_POSITION.
CENTRE_PER_POSITION = (346, 323, 323)

SMALLEST, LARGEST = 63., 108.   # grain diameters, um (section 4.3)
GRAINS = 300                    # that a pixel sees
LIGHT = 0.01                    # relative scatter of a pixel's illumination
NOISE = (0.002, 0.003)          # read noise; photon noise at reflectance 1
CONTAINER = (0.09, 0.02)        # reflectance at 1.8 um, slope per um
OUTLIERS = (3, 3)               # samples, pixels of each; in Position 1


def abundance_grid():
    """The 66 nominal abundances of Figure 4: all multiples of 0.1.

    Returns
    -------
    ndarray
        ``(66, 3)``, in the order of `crism.NAMES`.
    """
    tenths = [(i, j, 10 - i - j) for i in range(11) for j in range(11 - i)]
    # Divided, not added up, so that 0.1 is the float nearest to 0.1: the
    # border of the labelled region lies exactly there.
    return np.array(tenths) / 10


def pixels_per_sample(grid):
    """How many spectra each sample gives in each geometry.

    So that there are 5,354 in all and 992 in the centre, as in the paper,
    and otherwise as even as can be.

    Returns
    -------
    ndarray of int
        ``(3, 66)``.
    """
    centre = ((grid > 0.15) & (grid < 0.55)).all(axis=1)
    counts = np.zeros((3, len(grid)), int)
    for row, total, inside in zip(counts, PER_POSITION,
                                  CENTRE_PER_POSITION):
        row[centre] = _evenly(inside, centre.sum())
        row[~centre] = _evenly(total - inside, (~centre).sum())
    return counts


def _evenly(total, parts):
    edges = np.arange(parts + 1) * total // parts
    return np.diff(edges)


def simulate(seed=0, endmembers=None, simulator=1):
    """Simulate the experiment: same shapes as the published file.

    For each pixel, grains are drawn from the sample's nominal mixture and the
    range of sizes; Hapke's model gives the reflectance; then come
    illumination, noise and, for nine pixels, the container.

    Parameters
    ----------
    seed : int
    endmembers : str, optional
        A folder with splib07a text files, to take the minerals' spectra
        from; otherwise they are modelled from their bands.
    simulator : {1, 2}
        The second has samples that were weighed (`laboratory.weighed`),
        a camera's noise, which correlates over channels
        (`laboratory.camera_noise`), and the range of the paper's camera.

    Returns
    -------
    Raw
        Arrays x ``(5354, 165)``, y ``(5354, 3)``, nominal abundances, and
        endmembers ``(165, 4)``: wavelengths in um, then the pure minerals
        in reverse order as Position 1 shows them. `meta` has each
        spectrum's geometry (position), sample, mean grain diameter in um,
        and whether it shows the container; of the second simulator also
        what was weighed in (weighed), mass fractions.
    """
    rng = np.random.RandomState(seed)
    waves, fitted = (WAVES, MINERALS) if simulator == 1 else (
        CAMERA_WAVES, CAMERA_MINERALS)
    if endmembers is None:
        thickness = [modelled_thickness(name, waves, fitted)
                     for name in NAMES]
        origin = 'modelled minerals'
    else:
        found = [library_thickness(name, waves, endmembers)
                 for name in NAMES]
        thickness = [one for one, _ in found]
        origin = 'minerals from %s: %s' % (
            endmembers, ', '.join(title for _, title in found))
    thickness = np.array(thickness)

    grid = abundance_grid()
    counts = pixels_per_sample(grid)
    position = np.repeat(np.arange(3), counts.sum(axis=1))
    sample = np.concatenate([np.repeat(np.arange(len(grid)), row)
                             for row in counts])
    nominal = grid[sample]

    mixed = nominal if simulator == 1 else weighed(grid, rng)[sample]
    mass, diameter = draw_grains(mixed, rng)
    x = np.empty((len(nominal), len(waves)))
    density = np.array([MINERALS[name].density for name in NAMES])
    for i, angles in enumerate(GEOMETRIES.values()):
        here = position == i
        x[here] = reflectance(mass[here], diameter[here], thickness, density,
                              angles)
    container = draw_outliers(position, sample, rng)
    share = rng.uniform(0.4, 0.9, (container.sum(), 1))
    x[container] = ((1 - share) * x[container] + share *
                    (CONTAINER[0] + CONTAINER[1] * (waves - 1.8)))

    x = white_noise(x, rng) if simulator == 1 else camera_noise(
        x, waves, rng)
    # Six digits: below the noise, above what one machine's exp and log may
    # differ from another's.
    x = np.round(x.clip(0, 1), 6)

    pure = reflectance(np.eye(3), np.full((3, 3), DIAMETER), thickness,
                       density, GEOMETRIES['Position 1'])
    columns = np.vstack([waves, np.round(pure[::-1], 6)]).T
    meta = {'outputs': list(NAMES), 'waves': waves, 'waves_unit': 'um',
            'position': position, 'positions': list(POSITIONS),
            'sample': sample, 'container': container,
            'diameter': (mass * diameter).sum(axis=1)}
    if simulator == 2:
        meta['weighed'] = mixed
    arrays = OrderedDict([('x', x), ('y', nominal), ('endmembers', columns)])
    return Raw('crism', arrays, source(seed, simulator, origin), 'simulated',
               meta)


def white_noise(x, rng):
    """Illumination, reading and photons, each channel for itself.

    The first simulator's; `x` is written into, and returned.
    """
    x *= 1 + LIGHT * rng.standard_normal((len(x), 1))
    read, photon = NOISE
    x += (np.sqrt(read ** 2 + photon ** 2 * x) *
          rng.standard_normal(x.shape))
    return x


def draw_grains(nominal, rng):
    """Grains that each pixel sees: mass fractions and mean diameters.

    A pixel sees `GRAINS` grains. Their kinds scatter about the nominal
    abundance as counts do, and the mean of n uniformly distributed diameters
    by 1/sqrt(n) of the width of that distribution.

    Parameters
    ----------
    nominal : ndarray
        ``(n, 3)``.
    rng : numpy.random.RandomState

    Returns
    -------
    mass, diameter : ndarray
        ``(n, 3)``; the diameters in um.
    """
    # Grain by grain from uniform numbers: numpy's multinomial draws differ
    # between its versions.
    drawn = rng.uniform(size=(len(nominal), GRAINS, 1))
    borders = np.round(np.cumsum(nominal, axis=1), 9)[:, np.newaxis, :]
    counts = np.diff((drawn < borders).sum(axis=1), axis=1)
    counts = np.hstack([GRAINS - counts.sum(axis=1, keepdims=True), counts])
    spread = (LARGEST - SMALLEST) / np.sqrt(12 * np.maximum(counts, 1))
    diameter = DIAMETER + spread * rng.standard_normal(counts.shape)
    return counts / GRAINS, diameter.clip(SMALLEST, LARGEST)


def reflectance(mass, diameter, thickness, density, angles):
    """Reflectance of mixtures, relative to a panel lit as in Position 1.

    Parameters
    ----------
    mass, diameter : ndarray
        ``(n, 3)``.
    thickness : ndarray
        ``(3, channels)``, alpha D at `minerals.DIAMETER`.
    density : ndarray
        ``(3,)``.
    angles : tuple of float
        Incidence, emission, phase in degrees.

    Returns
    -------
    ndarray
        ``(n, channels)``.
    """
    panel = np.cos(np.radians(GEOMETRIES['Position 1'][0]))
    scaled = thickness * (diameter / DIAMETER)[:, :, np.newaxis]
    w = hapke.mixed_albedo(mass, density, diameter, hapke.albedo(scaled))
    return hapke.radiance_factor(w, *angles) / panel


def draw_outliers(position, sample, rng):
    """Which pixels show the container: neighbours, in Position 1.

    Returns
    -------
    ndarray of bool
        ``(n,)``.
    """
    outlier = np.zeros(len(position), bool)
    samples, pixels = OUTLIERS
    for chosen in rng.choice(sample.max() + 1, samples, replace=False):
        there = np.flatnonzero((position == 0) & (sample == chosen))
        outlier[there[-pixels:]] = True
    return outlier

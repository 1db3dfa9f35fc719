"""Reflectance of particulate surfaces and their intimate mixtures.

Hapke's model with isotropic multiple scattering: B. Hapke (1981), J.
Geophys. Res. 86, 3039; and (2012), Theory of Reflectance and Emittance
Spectroscopy, 2nd ed., Cambridge. Symbols: w single-scattering albedo, mu0
and mu the cosines of the incidence and emission angles, g the phase angle,
gamma = sqrt(1 - w).
"""
from __future__ import division, print_function

import numpy as np

__all__ = ['albedo', 'optical_thickness', 'mixed_albedo', 'h_function',
           'phase_function', 'radiance_factor', 'hemispherical_reflectance',
           'albedo_from_hemispherical']


def albedo(thickness):
    """Single-scattering albedo of a grain, w = 1 / (1 + alpha D).

    The espat approximation of Hapke 1981: (1 - w) / w is the absorption
    coefficient times the effective grain diameter.

    Parameters
    ----------
    thickness : ndarray
        alpha D, absorption coefficient times effective diameter.

    Returns
    -------
    ndarray
    """
    return 1 / (1 + thickness)


def optical_thickness(w):
    """The inverse of `albedo`: alpha D = (1 - w) / w."""
    return (1 - w) / w


def mixed_albedo(mass, density, diameter, w):
    """Albedo of an intimate mixture (Hapke 1981).

    Each mineral weighs in with the cross-section of its grains: mass over
    density times diameter.

    Parameters
    ----------
    mass : ndarray
        Mass fractions ``(n, minerals)``.
    density : ndarray
        ``(minerals,)``, any unit.
    diameter : ndarray
        Mean grain diameters ``(n, minerals)``, any unit.
    w : ndarray
        ``(n, minerals, channels)``.

    Returns
    -------
    ndarray
        ``(n, channels)``.
    """
    section = mass / (density * diameter)
    section = section / section.sum(axis=1, keepdims=True)
    return (section[:, :, np.newaxis] * w).sum(axis=1)


def h_function(cosine, w):
    """H(x) = (1 + 2 x) / (1 + 2 x gamma), Hapke 1981.

    Multiple scattering between isotropic scatterers; within 4 % of
    Chandrasekhar's function.
    """
    return (1 + 2 * cosine) / (1 + 2 * cosine * np.sqrt(1 - w))


def phase_function(g):
    """P(g) = 1 + b cos g + c (3 cos^2 g - 1) / 2, forward-scattering.

    b = -0.4 and c = 0.25, the values that J. F. Mustard and C. M. Pieters
    (1989), J. Geophys. Res. 94, 13619, found for powders of these minerals.

    Parameters
    ----------
    g : float
        Phase angle in radians: 0 is back to the lamp.
    """
    cosine = np.cos(g)
    return 1 - 0.4 * cosine + 0.25 * (3 * cosine ** 2 - 1) / 2


def radiance_factor(w, incidence, emission, phase):
    """Radiance over that of a Lambertian panel lit and seen face on (I/F).

        I/F = w/4 mu0/(mu0 + mu) (P(g) + H(mu0) H(mu) - 1)

    Hapke 1981, without the opposition surge, which is felt below phase
    angles of 15 degrees only.

    Parameters
    ----------
    w : ndarray
    incidence, emission, phase : float
        Degrees.

    Returns
    -------
    ndarray
        The shape of `w`.
    """
    mu0, mu = np.cos(np.radians([incidence, emission]))
    multiple = h_function(mu0, w) * h_function(mu, w) - 1
    single = phase_function(np.radians(phase))
    return w / 4 * mu0 / (mu0 + mu) * (single + multiple)


def hemispherical_reflectance(w, incidence=10.):
    """r = (1 - gamma) / (1 + 2 mu0 gamma), Hapke 2012, ch. 11.

    What an integrating sphere measures, as the Beckman spectrometer of the
    USGS library does.

    Parameters
    ----------
    w : ndarray
    incidence : float
        Degrees.
    """
    mu0 = np.cos(np.radians(incidence))
    gamma = np.sqrt(1 - w)
    return (1 - gamma) / (1 + 2 * mu0 * gamma)


def albedo_from_hemispherical(r, incidence=10.):
    """The inverse of `hemispherical_reflectance`."""
    mu0 = np.cos(np.radians(incidence))
    gamma = (1 - r) / (1 + 2 * mu0 * r)
    return 1 - gamma ** 2

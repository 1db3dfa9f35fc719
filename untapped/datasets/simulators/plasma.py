"""Emission of a laser-induced plasma in local thermodynamic equilibrium.

Saha's equation for the ionisation, Boltzmann's for the upper levels, a curve
of growth for self-absorption: D. A. Cremers and L. J. Radziemski (2013),
Handbook of Laser-Induced Breakdown Spectroscopy, 2nd ed., Wiley, ch. 2; H. R.
Griem (1997), Principles of Plasma Spectroscopy, Cambridge.
"""
from __future__ import division, print_function

from collections import OrderedDict

import numpy as np

from untapped.datasets.chemcam import (CHANNELS, OXIDES, SPECTROMETERS,
                                       channel_axis)
from untapped.datasets.simulators.plasma_lines import (ELEMENTS, LINES,
                                                       VOLATILE_ELEMENTS,
                                                       VOLATILE_LINES)

__all__ = ['LineList', 'vacuum_wavelength', 'atoms', 'volatile_atoms',
           'profiles']

BOLTZMANN = 8.617333e-5     # eV/K
HC = 1239.84198             # eV nm
#: Saha's constant 2 (2 pi m_e k / h^2)^(3/2), 1/cm3 K^(-3/2).
SAHA = 4.829e15

#: oxide: (element, atoms of it and of oxygen, molar mass in g)
_OXIDES = {'SiO2': ('Si', 1, 2, 60.084), 'TiO2': ('Ti', 1, 2, 79.866),
           'Al2O3': ('Al', 2, 3, 101.961), 'FeOT': ('Fe', 1, 1, 71.844),
           'MgO': ('Mg', 1, 1, 40.304), 'CaO': ('Ca', 1, 1, 56.077),
           'Na2O': ('Na', 2, 1, 61.979), 'K2O': ('K', 2, 1, 94.196)}

# Optical depth per mole, g A and ablated mass at 400 nm; fitted, with the
# plasma's temperature and density, to a measured spectrum (docs/data.md).
ABSORPTION = 7.5e-7


def vacuum_wavelength(air):
    """Wavelength in vacuum of one in air, both in nm, above 200 nm.

    Ciddor's (1996) dispersion as given by D. C. Morton (2000), Astrophys. J.
    Suppl. 130, 403.
    """
    s = (1e3 / air) ** 2
    return air * (1 + 8.34254e-5 + 2.406147e-2 / (130 - s) +
                  1.5998e-4 / (38.9 - s))


def atoms(oxides, other):
    """Moles of each element in 100 g of rock.

    Parameters
    ----------
    oxides : ndarray
        wt.% of `chemcam.OXIDES`, ``(n, 8)``.
    other : ndarray
        wt.% of the rest ``(n,)``, taken as half oxygen.

    Returns
    -------
    ndarray
        ``(n, 9)``, in the order of `plasma_lines.ELEMENTS`.
    """
    order = list(ELEMENTS)
    moles = np.zeros((len(oxides), len(order)))
    for i, oxide in enumerate(OXIDES):
        element, count, oxygen, mass = _OXIDES[oxide]
        moles[:, order.index(element)] += count * oxides[:, i] / mass
        moles[:, order.index('O')] += oxygen * oxides[:, i] / mass
    moles[:, order.index('O')] += 0.5 * other / 15.999
    return moles


def volatile_atoms(oxides, other, volatiles):
    """`atoms`, with H and S behind them, where water and SO3 are known.

    Parameters
    ----------
    oxides, other : ndarray
        See `atoms`.
    volatiles : ndarray
        wt.% of H2O and of SO3 ``(n, 2)``, both within `other`; what they
        leave of it is taken as half oxygen.

    Returns
    -------
    ndarray
        ``(n, 11)``: `plasma_lines.ELEMENTS`, then `VOLATILE_ELEMENTS`.
    """
    water, sulphate = (volatiles / (18.015, 80.06)).T
    moles = atoms(oxides, other - volatiles.sum(axis=1))
    moles[:, -1] += water + 3 * sulphate
    return np.hstack([moles, 2 * water[:, np.newaxis],
                      sulphate[:, np.newaxis]])


class LineList(object):
    """The lines of `plasma_lines` as arrays, one entry per line.

    Parameters
    ----------
    volatiles : bool
        With those of hydrogen and sulphur.

    Attributes
    ----------
    elements : OrderedDict
        Of `plasma_lines`.
    element : ndarray of int
        Index into `elements`.
    stage : ndarray of int
        1 neutral, 2 singly ionised.
    wavelength : ndarray
        nm in vacuum.
    strength, upper : ndarray
        g A (1/s) and energy of the upper level (eV).
    """

    def __init__(self, volatiles=False):
        self.elements = OrderedDict(ELEMENTS)
        tables = list(LINES.items())
        if volatiles:
            self.elements.update(VOLATILE_ELEMENTS)
            tables += list(VOLATILE_LINES.items())
        rows = [(list(self.elements).index(element), stage) + row
                for (element, stage), table in tables for row in table]
        element, stage, air, strength, upper = zip(*rows)
        self.element = np.array(element)
        self.stage = np.array(stage)
        self.wavelength = vacuum_wavelength(np.array(air))
        self.strength = 1e8 * np.array(strength)
        self.upper = np.array(upper)

    def emission(self, moles, temperature, electrons, mass):
        """Photons of each line, over its whole width, arbitrary unit.

            I = N g A exp(-E_u/kT) / U(T) * (1 - exp(-tau))/tau

        with N the atoms in the line's ionisation stage and tau the optical
        depth at line centre, which goes as N g A lambda^2 exp(-E_l/kT) /
        U(T), E_l = E_u - hc/lambda, for lines that are equally wide in
        frequency.

        Parameters
        ----------
        moles : ndarray
            ``(n, elements)``, see `atoms` and `volatile_atoms`.
        temperature : ndarray
            K, ``(n,)``.
        electrons : ndarray
            Electron density, 1/cm3, ``(n,)``.
        mass : ndarray
            Ablated mass, 1 on average, ``(n,)``.

        Returns
        -------
        ndarray
            ``(n, lines)``.
        """
        kt = BOLTZMANN * temperature[:, np.newaxis]
        population = self._populations(moles, temperature, electrons)
        population = population * mass[:, np.newaxis]
        thin = population * self.strength * np.exp(-self.upper / kt)
        lower = np.maximum(self.upper - HC / self.wavelength, 0)
        depth = (ABSORPTION * population * self.strength *
                 (self.wavelength / 400) ** 2 * np.exp(-lower / kt))
        return thin * _escape(depth)

    def _populations(self, moles, temperature, electrons):
        """Atoms in each line's stage over that stage's partition function.

        ``(n, lines)``.
        """
        neutral = np.empty((len(moles), len(self.elements)))
        ion = np.empty_like(neutral)
        relative = temperature / 1e4
        for i, (energy, first, second) in enumerate(
                self.elements.values()):
            u1 = first[0] * relative ** first[1]
            u2 = second[0] * relative ** second[1]
            ratio = (SAHA * temperature ** 1.5 / electrons * u2 / u1 *
                     np.exp(-energy / (BOLTZMANN * temperature)))
            neutral[:, i] = moles[:, i] / (1 + ratio) / u1
            ion[:, i] = moles[:, i] * ratio / (1 + ratio) / u2
        return np.where(self.stage == 1, neutral[:, self.element],
                        ion[:, self.element])


def _escape(depth):
    """(1 - exp(-tau)) / tau, 1 for tau = 0."""
    safe = np.maximum(depth, 1e-8)
    return -np.expm1(-safe) / safe


def profiles(wavelengths, stark):
    """What each line puts into each channel: Gaussian or Lorentzian.

    The Gaussian is the spectrometer's; the Lorentzian is as wide and adds
    the Stark broadening's, so that a mixture of the two is a pseudo-Voigt
    profile.

    Parameters
    ----------
    wavelengths : ndarray
        Line positions, nm in vacuum.
    stark : float
        Full width (nm) that the plasma adds.

    Returns
    -------
    gaussian, lorentzian : ndarray
        ``(lines, 6144)``, per nm; zero in the spectrometers that a line is
        not in.
    """
    axis = channel_axis().reshape(len(SPECTROMETERS), -1)
    shape = (len(wavelengths), CHANNELS)
    gaussian, lorentzian = np.zeros(shape), np.zeros(shape)
    for i, (_, width) in enumerate(SPECTROMETERS.values()):
        start, stop = i * axis.shape[1], (i + 1) * axis.shape[1]
        within = np.flatnonzero((wavelengths > axis[i, 0] - width) &
                                (wavelengths < axis[i, -1] + width))
        offset = axis[i] - wavelengths[within, np.newaxis]
        gaussian[within, start:stop] = (
            2 * np.sqrt(np.log(2) / np.pi) / width *
            np.exp(-4 * np.log(2) * (offset / width) ** 2))
        half = (width + stark) / 2
        lorentzian[within, start:stop] = (half / np.pi /
                                          (offset ** 2 + half ** 2))
    return gaussian, lorentzian

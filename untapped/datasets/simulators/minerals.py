"""Near-infrared absorption of an olivine, a diopside and a bytownite.

Absorptions are Gaussians in energy, as in J. M. Sunshine and C. M. Pieters
(1993), J. Geophys. Res. 98, 9075, here in the absorption coefficient instead
of the logarithm of reflectance. The bands are those of Fe2+ in its sites:

- olivine: 0.86 and 1.23 um (M1) and 1.05 um (M2); Sunshine and Pieters
  (1998), J. Geophys. Res. 103, 13675, forsterite of Fo 90;
- diopside: 1.05 and 2.31 um (M2) and about 1.2 um (M1); R. G. Burns (1993),
  Mineralogical Applications of Crystal Field Theory, 2nd ed., Cambridge, and
  E. A. Cloutis and M. J. Gaffey (1991), J. Geophys. Res. 96, 22809 (type B);
- bytownite: 1.25 um, weak; J. B. Adams and L. H. Goullaud (1978), Proc.
  Lunar Planet. Sci. Conf. 9, 2901.

The positions are those published. Strengths, widths and continua were fitted
over 1.0 to 2.6 um to spectra of the USGS library at these positions
(`calibration.fit_mineral`); the strength of the 0.86 um band, of which only
the wing lies in that range, means nothing outside of it.
"""
from __future__ import division, print_function

from collections import OrderedDict, namedtuple

import numpy as np

from untapped.datasets.simulators import hapke
from untapped.datasets.spectral_library import (find_spectrum, read_spectrum,
                                                read_wavelengths)

__all__ = ['Mineral', 'MINERALS', 'CAMERA_MINERALS', 'DIAMETER',
           'modelled_thickness', 'library_thickness']

#: Mean grain diameter (um) that the absorption strengths are given for: the
#: middle of the paper's 63 to 108 um.
DIAMETER = 85.5

# density (g/cm3); alpha D of the continuum at 1.8 um and the slope of its
# logarithm (1/um); bands as (centre in um, alpha D at the centre, full width
# at half maximum in 1/cm); library specimens, the first found is used.
Mineral = namedtuple('Mineral', 'density continuum slope bands specimens')

MINERALS = OrderedDict([
    ('olivine', Mineral(
        3.32, 0.0232, -0.197,
        [(0.86, 3.282, 1571.), (1.05, 0.6934, 1310.), (1.23, 0.4394, 1809.)],
        ['Olivine_GDS70.c', 'Olivine_GDS70', 'Olivine'])),
    ('diopside', Mineral(
        3.30, 0.0257, -0.422,
        [(1.05, 0.1282, 1443.), (1.20, 0.0479, 2166.),
         (2.31, 0.0215, 701.)],
        ['Diopside_NMNHR18685', 'Diopside_HS15', 'Diopside'])),
    ('bytownite', Mineral(
        2.73, 0.0261, -0.463,
        [(1.25, 0.0366, 1997.)],
        ['Bytownite_HS106', 'Bytownite'])),
])

#: The same, fitted over the range of the paper's camera, 0.9 to 2.5 um, for
#: the second simulator. The widths and the slope reach what the fit allows
#: where a band lies at the border: they describe that range alone.
CAMERA_MINERALS = OrderedDict([
    ('olivine', MINERALS['olivine']._replace(
        continuum=0.0231, slope=-0.174,
        bands=[(0.86, 0.3617, 3200.), (1.05, 0.6155, 1398.),
               (1.23, 0.4239, 1825.)])),
    ('diopside', MINERALS['diopside']._replace(
        continuum=0.0244, slope=-1.491,
        bands=[(1.05, 0.0999, 1549.), (1.20, 0.0246, 1646.),
               (2.31, 0.0296, 985.)])),
    ('bytownite', MINERALS['bytownite']._replace(
        continuum=0.0264, slope=-0.510,
        bands=[(1.25, 0.0352, 1955.)])),
])


def modelled_thickness(name, waves, minerals=MINERALS):
    """alpha D of a mineral at the mean grain size, from its bands.

    Parameters
    ----------
    name : str
        A key of `MINERALS`.
    waves : ndarray
        Wavelengths in um.
    minerals : OrderedDict, optional
        `MINERALS` or `CAMERA_MINERALS`.

    Returns
    -------
    ndarray
        The shape of `waves`.
    """
    mineral = minerals[name]
    thickness = mineral.continuum * np.exp(mineral.slope * (waves - 1.8))
    for centre, strength, width in mineral.bands:
        offset = (1e4 / waves - 1e4 / centre) / width
        thickness = thickness + strength * np.exp(
            -4 * np.log(2) * offset ** 2)
    return thickness


def library_thickness(name, waves, folder):
    """alpha D of a mineral from a spectrum of the USGS library.

    The library's reflectance is taken as directional-hemispherical and of
    grains of the mean size here. Deleted channels are interpolated.

    Parameters
    ----------
    name : str
        A key of `MINERALS`.
    waves : ndarray
        Wavelengths in um.
    folder : str
        With splib07a's text files, the wavelengths among them.

    Returns
    -------
    thickness : ndarray
        The shape of `waves`.
    title : str
        Which spectrum it was.
    """
    path = find_spectrum(folder, *MINERALS[name].specimens)
    title, reflectance = read_spectrum(path)
    axis = read_wavelengths(folder)
    there = ~np.isnan(reflectance)
    values = np.interp(waves, axis[there], reflectance[there])
    w = hapke.albedo_from_hemispherical(np.clip(values, 1e-3, 0.999))
    return hapke.optical_thickness(w), title

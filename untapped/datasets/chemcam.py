"""ChemCam: its channels, its calibration targets, its spectra as files.

ChemCam is the laser spectrometer of the rover Curiosity: R. C. Wiens and
others (2012), Space Sci. Rev. 170, 167; S. Maurice and others (2012), Space
Sci. Rev. 170, 95.
"""
from __future__ import division, print_function

from collections import OrderedDict

import numpy as np

from untapped.errors import DataError
from untapped.files.packed import Limits, read_bytes

__all__ = ['CHANNELS', 'SPECTROMETERS', 'ELEMENT', 'OXIDES', 'TARGETS',
           'channel_axis', 'read_ccs']

CHANNELS = 6144
#: A product has some 40 columns and 4 MB, a table of means some 200 columns;
#: in memory a number of either takes ten times its text.
COLUMNS = 1000
LIMITS = Limits(stored=1 << 25, unpacked=1 << 25)

#: name: (polynomial, resolution). Wavelength (nm, in vacuum) of the 2,048
#: channels of each spectrometer, highest power first in a coordinate from -1
#: to 1, fitted to the axis of the CCS products to 0.002 nm; and the full
#: width at half maximum (nm) of a line.
SPECTROMETERS = OrderedDict([
    ('UV', ((-2.476168, 49.992938, 293.280223), 0.15)),
    ('VIO', ((0.0478061, -0.0690592, -2.9710203, 43.5448761, 428.5371411),
             0.19)),
    ('VNIR', ((-0.4490023, -0.6515298, -7.8597367, 216.8461652,
               697.6875794), 0.50)),
])

#: Oxide -> the element whose lines it brings.
ELEMENT = OrderedDict([
    ('SiO2', 'Si'), ('TiO2', 'Ti'), ('Al2O3', 'Al'), ('FeOT', 'Fe'),
    ('MgO', 'Mg'), ('CaO', 'Ca'), ('Na2O', 'Na'), ('K2O', 'K')])
OXIDES = tuple(ELEMENT)

#: Calibration targets on the rover: wt.% of `OXIDES`. C. Fabre and others
#: (2011), Spectrochim. Acta B 66, 280, and D. Vaniman and others (2012),
#: Space Sci. Rev. 170, 229; the values are those that the instrument team's
#: calibration uses (S. M. Clegg and others 2017, Spectrochim. Acta B 129,
#: 64).
TARGETS = OrderedDict([
    ('MACUSANITE', (73.75, 0.04, 16.35, 0.52, 0.01, 0.24, 4.07, 3.99)),
    ('NORITE', (47.88, 0.70, 14.66, 15.52, 9.62, 12.77, 1.53, 0.06)),
    ('PICRITE', (43.59, 0.43, 12.39, 20.26, 11.17, 8.95, 3.07, 0.10)),
    ('SHERGOTTITE', (48.57, 0.46, 10.76, 17.17, 6.29, 14.03, 1.51, 0.11)),
    ('KGA-MED', (35.64, 1.47, 23.71, 2.83, 1.68, 11.46, 0.72, 0.26)),
    ('NAU2-LO', (43.78, 0.78, 7.63, 18.08, 2.97, 8.26, 1.44, 0.40)),
    ('NAU2-MED', (37.48, 0.57, 5.72, 16.87, 2.05, 12.27, 1.11, 0.29)),
    ('NAU2-HI', (30.90, 0.39, 3.69, 15.58, 1.14, 16.28, 0.67, 0.16)),
])


def channel_axis():
    """Wavelengths of the 6,144 channels, nm in vacuum.

    Returns
    -------
    ndarray
        ``(6144,)``, rounded to 1e-5 nm.
    """
    at = np.linspace(-1, 1, CHANNELS // len(SPECTROMETERS))
    return np.round(np.concatenate(
        [np.polyval(polynomial, at)
         for polynomial, _ in SPECTROMETERS.values()]), 5)


def read_ccs(path):
    """Read "clean calibrated spectra": one product, or a table of means.

    Comma-separated, plain or gzip; header lines begin with # (in products)
    or with a name (in tables); the first column is the wavelength.

    Parameters
    ----------
    path : str

    Returns
    -------
    waves : ndarray
        ``(6144,)``, nm in vacuum.
    columns : OrderedDict of str to ndarray
        Each ``(6144,)``, by name: shot1, ..., median, mean; or what the
        table calls them.

    Raises
    ------
    DataError
    """
    names, rows = None, []
    for line in read_bytes(path, LIMITS).decode('latin1').splitlines():
        if line.count(',') >= COLUMNS:
            raise DataError('%s has more than %s columns, the most that '
                            'was expected.' % (path, COLUMNS))
        fields = [field.strip() for field in line.lstrip('#').split(',')]
        if not line.strip():
            continue
        if line.startswith('#') or not rows and _number(fields[0]) is None:
            # The last header line names the columns.
            names = fields
            continue
        rows.append([_number(field) for field in fields])
    if len(rows) != CHANNELS:
        raise DataError('%s has %s channels; %s were expected.' % (
            path, len(rows), CHANNELS))
    width = len(rows[0])
    for number, row in enumerate(rows, 1):
        if len(row) != width or width < 2 or None in row:
            raise DataError('%s: channel %s is malformed; a wavelength and '
                            'numbers were expected.' % (path, number))
    values = np.array(rows)
    if not np.isfinite(values).all():
        raise DataError('%s: finite numbers were expected.' % path)
    if values[0, 0] <= 0 or (np.diff(values[:, 0]) <= 0).any():
        raise DataError('%s: rising wavelengths were expected in the first '
                        'column.' % path)
    if names is None or len(names) != width:
        names = ['wave'] + ['column%s' % i for i in range(1, width)]
    return values[:, 0], OrderedDict(zip(names[1:], values[:, 1:].T))


def _number(field):
    try:
        return float(field)
    except ValueError:
        return None

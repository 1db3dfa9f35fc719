"""What a laboratory adds to spectra of mixtures: weighing, a camera's noise.

The amplitudes were measured elsewhere: 326 images of pressed powders by a
short-wave infrared camera, 1.10 to 1.67 um, and the abundances of 93 mixtures,
of B. Koirala, Z. Zahiri, A. Lamberti and P. Scheunders (2021), IEEE Trans.
Geosci. Remote Sens. 59, 7434. Their files give them back (docs/data.md):

    python -m untapped.verify.simulations measure --powders CHECKOUT
"""
from __future__ import division, print_function

import numpy as np

__all__ = ['GAIN', 'LENGTH', 'RIPPLE', 'WEIGHING', 'WHITE', 'camera_noise',
           'correlated', 'weighed']

#: Standard deviation of what is weighed in of each part, of 1 in all.
WEIGHING = 0.0036
#: Standard deviations of a pixel of one sample: of a factor; of noise that is
#: white over channels, and of noise that correlates over them as
#: exp(-distance / LENGTH), both in units of reflectance; um.
GAIN, WHITE, RIPPLE, LENGTH = 0.0030, 0.0026, 0.0046, 0.29


def weighed(nominal, rng):
    """What was weighed in, of a nominal mixture.

        w_i = (y_i + e_i) / sum_j (y_j + e_j),   e_i ~ N(0, WEIGHING^2)

    over the parts that are in it; a pure sample is pure.

    Parameters
    ----------
    nominal : ndarray
        Mass fractions of the samples ``(n, parts)``.
    rng : numpy.random.RandomState

    Returns
    -------
    ndarray
        ``(n, parts)``; rows sum to 1.
    """
    error = WEIGHING * rng.standard_normal(nominal.shape)
    masses = np.where(nominal > 0, nominal + error, 0).clip(0)
    return masses / masses.sum(axis=1, keepdims=True)


def camera_noise(x, waves, rng):
    """Spectra as the camera's pixels show them.

        x (1 + GAIN a) + WHITE w + RIPPLE r

    with a ~ N(0, 1) for each spectrum, w ~ N(0, 1) for each channel, and r
    as in `correlated`.

    Parameters
    ----------
    x : ndarray
        Reflectance ``(n, channels)``.
    waves : ndarray
        um, evenly spaced ``(channels,)``.
    rng : numpy.random.RandomState

    Returns
    -------
    ndarray
        ``(n, channels)``.
    """
    return (x * (1 + GAIN * rng.standard_normal((len(x), 1))) +
            WHITE * rng.standard_normal(x.shape) +
            RIPPLE * correlated(len(x), waves, rng))


def correlated(n, waves, rng):
    """Gaussian noise of variance 1 and correlation exp(-distance / LENGTH).

    Returns
    -------
    ndarray
        ``(n, channels)``.
    """
    noise = rng.standard_normal((n, len(waves)))
    kept = np.exp(-(waves[1] - waves[0]) / LENGTH)
    for channel in range(1, len(waves)):
        noise[:, channel] = (kept * noise[:, channel - 1] +
                             np.sqrt(1 - kept ** 2) * noise[:, channel])
    return noise

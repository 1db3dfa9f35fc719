"""Peaks of a LIBS spectrum, and the lines known to emit there."""
from __future__ import division, print_function

import numpy as np

from untapped.datasets.simulators.libs import ELECTRONS, TEMPERATURE
from untapped.datasets.simulators.plasma import LineList
from untapped.datasets.simulators.plasma_lines import ELEMENTS

__all__ = ['at_peak', 'every_line', 'find_peaks', 'hit_rate', 'known_lines',
           'tolerances']

#: A peak stands out from its surroundings by at least this share of the
#: highest value's distance from the median,
PROMINENCE = 0.02
#: and by so many robust standard deviations of the channels: noise has no
#: peaks.
NOISE = 8
#: A known line counts if it emits at least this share of the element's
#: strongest.
STRENGTH = 0.02
#: A peak is at a line if it is at most so many channels away.
CHANNELS = 2


def find_peaks(values, prominence=PROMINENCE):
    """Channels of the peaks of a spectrum.

    A peak is a channel above both neighbours whose height over the higher
    of the two valleys that part it from higher ground is at least
    ``prominence`` times the spectrum's maximum over its median, and `NOISE`
    times 1.4826 median |value - median|.

    Parameters
    ----------
    values : array ``(channels,)``
    prominence : float

    Returns
    -------
    ndarray of int, ascending
    """
    values = np.asarray(values, 'float64')
    median = np.median(values)
    if not values.max() > median:
        return np.zeros(0, int)
    least = max(prominence * (values.max() - median),
                NOISE * 1.4826 * np.median(np.abs(values - median)))
    inner = values[1:-1]
    tops = 1 + np.flatnonzero((inner > values[:-2]) & (inner >= values[2:]))
    kept = []
    for top in tops:
        height = values[top]
        left = np.flatnonzero(values[:top] > height)
        right = np.flatnonzero(values[top + 1:] > height)
        start = left[-1] if len(left) else 0
        stop = top + 1 + right[0] if len(right) else len(values)
        valley = max(values[start:top + 1].min(), values[top:stop].min())
        if height - valley >= least:
            kept.append(top)
    return np.array(kept, int)


def every_line(element):
    """All lines of an element in the line list, nm in vacuum."""
    lines = LineList()
    return lines.wavelength[lines.element == list(ELEMENTS).index(element)]


def known_lines(element, waves):
    """Strong lines of an element within the channels, nm in vacuum.

    Those that emit at least `STRENGTH` of the strongest, in a thin plasma of
    the simulator's temperature and density; of lines that no spectrometer
    tells apart (within `CHANNELS` of each other) the stronger.

    Returns
    -------
    ndarray, ascending
    """
    lines = LineList()
    moles = np.zeros((1, len(ELEMENTS)))
    moles[0, list(ELEMENTS).index(element)] = 1e-6
    emitted = lines.emission(moles, np.array([TEMPERATURE]),
                             np.array([ELECTRONS]), np.ones(1))[0]
    near = tolerances(waves)
    kept = []
    for line in np.argsort(-emitted, kind='mergesort'):
        if emitted[line] < STRENGTH * emitted.max():
            break
        wave = lines.wavelength[line]
        channel = np.abs(waves - wave).argmin()
        if (abs(waves[channel] - wave) <= near[channel] and
                all(abs(wave - other) > near[channel] for other in kept)):
            kept.append(wave)
    return np.array(sorted(kept))


def tolerances(waves):
    """`CHANNELS` times the distance of the nearer neighbour, nm."""
    steps = np.diff(waves)
    return CHANNELS * np.minimum(np.r_[steps[:1], steps],
                                 np.r_[steps, steps[-1:]])


def hit_rate(lines, peaks, waves):
    """The share of lines that have a peak within the tolerance."""
    if not len(lines):
        return None
    return float(at_peak(lines, peaks, waves).mean())


def at_peak(lines, peaks, waves):
    """Which lines have a peak within the tolerance; array of bool."""
    if not len(peaks):
        return np.zeros(len(lines), bool)
    off = np.abs(lines[:, np.newaxis] - waves[peaks])
    return (off <= tolerances(waves)[peaks]).any(axis=1)

"""How pixels of one sample differ, and mixtures from their recipe.

What `simulators.laboratory` adds to simulated spectra is measured here, in a
checkout of github.com/VisionlabHyperspectral/Mineral-dataset: images of its
camera, 1.10 to 1.67 um, and abundances of the powders.
"""
from __future__ import division, print_function

import os
from collections import OrderedDict

import numpy as np
from scipy.optimize import least_squares

from untapped.datasets.converters import checked_folder, visionlab
from untapped.errors import DataError
from untapped.files import regular
from untapped.files.matlab import read_mat

__all__ = ['images', 'noise', 'weighing', 'report']

#: um between the channels that are compared: the paper's camera's.
SPACING = 0.01
#: Distances, in these channels, over which the correlation is fitted.
LAGS = np.arange(1, 16)


def images(folder):
    """The camera's images of the mixtures.

    Returns
    -------
    list of (str, ndarray, ndarray)
        Name of the file, wavelengths in um ``(bands,)``, reflectances of the
        pixels ``(n, bands)``.
    """
    checked_folder(folder, 'a checkout of ' + visionlab.REPOSITORY)
    found = []
    for name in regular.below(folder)[0]:
        place, last = os.path.split(name)
        if os.path.basename(os.path.dirname(place)) != 'Camera' or \
                not last.endswith('.mat') or last.startswith(('Abundance',
                                                              'Pure')):
            continue
        arrays = read_mat(os.path.join(folder, name))
        for key, array in sorted(arrays.items()):
            if array.ndim == 3 and 'lambda' in arrays and \
                    arrays['lambda'].size == array.shape[2]:
                found.append((name, arrays['lambda'].ravel() / 1e3,
                              array.reshape(-1, array.shape[2])))
    if not found:
        raise DataError('%s holds no images of a Camera; a checkout of %s '
                        'was expected.' % (folder, visionlab.REPOSITORY))
    return found


def noise(pixels, waves):
    """The residuals of the pixels of one sample.

    Each is c m + t line + rest, with m the mean of all and the line of mean
    0 and root mean square 1.

    Parameters
    ----------
    pixels : ndarray
        ``(n, bands)``.
    waves : ndarray
        um.

    Returns
    -------
    ndarray
        Standard deviations of c and of t, root mean square of the rest and
        of m, correlations of the rest at `LAGS`.
    """
    even = np.arange(waves[0], waves[-1], SPACING)
    pixels = pixels[:, [np.abs(waves - wave).argmin() for wave in even]]
    line = _line(len(even))
    mean = pixels.mean(axis=0)
    gain = pixels.dot(mean) / mean.dot(mean)
    rest = pixels - gain[:, np.newaxis] * mean
    tilt = rest.dot(line) / len(line)
    rest = rest - tilt[:, np.newaxis] * line
    return np.hstack([
        gain.std(), tilt.std(), np.sqrt(np.mean(rest ** 2)),
        np.sqrt(np.mean(mean ** 2)), _correlations(rest.T.dot(rest))])


def fitted(measured, channels):
    """A gain, a line, white noise, and noise that correlates, which give it.

    The correlated noise has variance ripple^2 and the correlation
    exp(-d / length) at distance d. What the gain and the line take of it is
    taken of the model, too, before it is compared, and must not be more than
    there is.

    Parameters
    ----------
    measured : ndarray
        Of `noise`.
    channels : int
        `SPACING` apart, that it was measured on.

    Returns
    -------
    OrderedDict
        gain, relative; tilt, ripple, white, of reflectance; length, um.
    """
    gain, tilt, rest, level = measured[:4]
    line = _line(channels)
    flat = np.ones(channels)
    kept = np.eye(channels) - (np.outer(flat, flat) +
                               np.outer(line, line)) / channels
    distance = np.abs(np.subtract.outer(*[np.arange(channels)] * 2))

    def covariance(share, length):
        return share * np.exp(-distance / length) + (1 - share) * np.eye(
            channels)

    def explained(parameters):
        """The rest's variance, what the model puts into gain and line."""
        model = covariance(*parameters)
        remains = kept.dot(model).dot(kept)
        scale = rest ** 2 * channels / np.trace(remains)
        return scale, remains, scale / channels ** 2 * np.array([
            flat.dot(model).dot(flat) / level ** 2,
            line.dot(model).dot(line)]) / (gain ** 2, tilt ** 2)

    def residual(parameters):
        _, remains, shares = explained(parameters)
        return np.hstack([_correlations(remains) - measured[4:],
                          np.maximum(shares - 1, 0)])

    best = least_squares(residual, (.5, 5.), bounds=((0., .5), (1., 500.))).x
    variance, _, shares = explained(best)
    share, length = best
    left = np.sqrt(np.maximum(1 - shares, 0)) * (gain, tilt)
    return OrderedDict([
        ('gain', left[0]), ('tilt', left[1]),
        ('ripple', np.sqrt(variance * share)), ('length', length * SPACING),
        ('white', np.sqrt(variance * (1 - share)))])


def _line(channels):
    line = np.linspace(-1, 1, channels)
    return line / np.sqrt(np.mean(line ** 2))


def _correlations(covariance):
    """The mean over channels at each of `LAGS`, relative to the variance."""
    return np.array([np.diag(covariance, lag).mean() for lag in LAGS]) / \
        np.diag(covariance).mean()


def weighing(weights, abundances):
    """Standard deviation of what was weighed in of a part, of 1 in all.

    Abundances are shares of the cross-section, which are weights times one
    factor a part; the factors by least squares of ln(abundance / weight).
    What the abundances then say of the weights differs from the recipe's by
    d_i = e_i - w_i sum_j e_j, to first order, with e the errors looked for.

    Parameters
    ----------
    weights, abundances : ndarray
        The recipe and what was made of it, each once ``(n, parts)``.

    Returns
    -------
    float
    """
    rows, logs = [], []
    for weight, abundance in zip(weights, abundances):
        parts = np.flatnonzero(weight)
        ratio = np.log(abundance[parts] / weight[parts])
        for i in range(1, len(parts)):
            row = np.zeros(len(weight))
            row[[parts[i], parts[0]]] = 1, -1
            rows.append(row)
            logs.append(ratio[i] - ratio[0])
    factors = np.exp(np.linalg.lstsq(np.array(rows), np.array(logs),
                                     rcond=1e-9)[0])
    made = abundances / factors
    made /= made.sum(axis=1, keepdims=True)
    there = (weights > 0) & (weights < 1)
    number = there.sum(axis=1, keepdims=True)
    expected = ((1 - weights) ** 2 + (number - 1) * weights ** 2)[there]
    return np.sqrt(np.sum((made - weights)[there] ** 2) / expected.sum())


def report(folder):
    """Both, of a checkout, as lines of text."""
    seen = images(folder)
    channels = len(np.arange(seen[0][1][0], seen[0][1][-1], SPACING))
    measured = np.array([noise(pixels, waves) for _, waves, pixels in seen])
    low, middle, high = np.percentile(measured, (25, 50, 75), axis=0)
    found = fitted(middle, channels)
    recipe, made = [visionlab.convert(folder, labels)
                    for labels in visionlab.LABELS]
    _, rows = np.unique(recipe['sample'], return_index=True)
    lines = ['pixels of %d images, median (quartiles):' % len(seen)]
    lines += ['  %s %.4f (%.4f to %.4f)' % (name, middle[i], low[i], high[i])
              for i, name in enumerate((
                  'gain, relative', 'line, reflectance',
                  'rest, reflectance'))]
    return lines + [
        '  so gain %(gain).4f, line %(tilt).4f, white %(white).4f, '
        'correlated %(ripple).4f over %(length).3f um' % found,
        'weighing: %.4f of 1, over %d compositions' % (
            weighing(recipe['labels'][rows], made['labels'][rows]),
            len(rows))]

"""How far simulated LIBS spectra scatter, beside measured ones.

What partial least squares gets wrong is decided by scatter that composition
does not explain: between shots, spots and samples.  Here the simulation is
held against ChemCam's spectra of the basalt BHVO-2 and of the calibration
target NAu-2_Med-S, and against what the instrument team's regression gets
wrong.  No deep model is trained: which of them wins must not decide how the
data are made.

Needs ChemCam files that are not part of this package (docs/data.md).
"""
from __future__ import division, print_function

import csv
import io
import os
from collections import OrderedDict

import numpy as np

from untapped.datasets import chemcam
from untapped.datasets.libs import KEPT
from untapped.datasets.simulators import libs
from untapped.datasets.simulators.plasma import vacuum_wavelength
from untapped.datasets.simulators.rocks import target_volatiles
from untapped.errors import DataError
from untapped.files.packed import read_bytes
from untapped.files.pickles import PY2
from untapped.studies.pls import PLS
from untapped.verify.simulations.comparison import CORONATION

__all__ = ['BHVO_2', 'RMSEP', 'scaled', 'spread', 'compare_spectra',
           'compare_regression', 'report']

PRODUCT = 'CL5_398645626CCS_F0030004CCAM02013P3.csv.gz'
MEANS = 'LIBS_CCS_mean_spectra.csv'
NAU2_MED = 'cl5_398646038ccs_f0030004ccam03013p3'
LOCATIONS = ['chemcam_bhvo2_loc%s_spectrum.csv' % i
             for i in (1, 2, 3, 4)]
PREDICTIONS = 'ChemCam_pred_true_summary.csv'

#: wt.% of `chemcam.OXIDES`, and the rest, of the basalt standard BHVO-2.
#: S. A. Wilson (1997), U.S. Geological Survey certificate; its 12.3 %
#: Fe2O3 as FeO.
BHVO_2 = (49.9, 2.73, 13.5, 11.07, 7.23, 11.4, 2.22, 0.52, 1.43)

#: Root mean square error of prediction (wt.% of `chemcam.OXIDES`) that the
#: instrument team states for the regression on 66 standards with which the
#: products above came (R. C. Wiens and others 2013, Spectrochim. Acta B 82,
#: 1).
RMSEP = (5.0, 0.49, 3.5, 3.7, 1.8, 2.6, 0.68, 0.73)
STANDARDS = 66
#: nm in vacuum
H_ALPHA = vacuum_wavelength(656.28)

#: target: what the predictions' table calls it.
NAMES = OrderedDict([
    ('NORITE', 'Norite'), ('PICRITE', 'Picrite'),
    ('SHERGOTTITE', 'Shergottite'), ('NAU2-LO', 'NAu-2_Low-S'),
    ('NAU2-MED', 'NAu-2_Med-S'), ('NAU2-HI', 'NAu-2_Hi-S')])
#: And the two that the loader leaves out.
ALL_NAMES = OrderedDict(list(NAMES.items()) + [
    ('MACUSANITE', 'Macusanite'), ('KGA-MED', 'Kga-d_Med-S')])


def scaled(spectra):
    """As the loader scales them: each spectrometer to unit sum, masked.

    Returns
    -------
    list of ndarray
        ``(n, channels)`` of the UV, the VIO and the VNIR.
    """
    size = chemcam.CHANNELS // len(chemcam.SPECTROMETERS)
    parts = []
    for i, (start, stop) in enumerate(KEPT):
        block = spectra[:, i * size:(i + 1) * size].clip(0)
        block = block / block.sum(axis=1, keepdims=True)
        parts.append(block[:, start - i * size:stop - i * size])
    return parts


def spread(spectra):
    """Scatter about the mean spectrum, relative to it, per spectrometer.

        sqrt(sum_i ||x_i - m||^2 / (n - 1)) / ||m||

    Returns
    -------
    ndarray
        ``(3,)``.
    """
    return np.array([
        np.sqrt(((part - part.mean(axis=0)) ** 2).sum() / (len(part) - 1)) /
        np.linalg.norm(part.mean(axis=0)) for part in scaled(spectra)])


def compare_spectra(folder, simulator=1):
    """Measured spectra beside simulations of the same compositions.

    Parameters
    ----------
    folder : str
        With ChemCam's files, named as in this module.
    simulator : {1, 2}
        The second has the water and the SO3 of NAu-2_Med-S.

    Returns
    -------
    dict
        correlation: {what: of the square roots, per spectrometer}, of
        spectra that nothing was fitted to; shots: (measured, simulated)
        `spread` between shots 6 to 30 of one spot (the first five clean the
        surface); spots: the same between the spots of one sample; hydrogen:
        {what: (measured, simulated)}, see `hydrogen`.
    """
    rng = np.random.RandomState(0)
    bhvo = np.array([_only(os.path.join(folder, name))
                     for name in LOCATIONS])
    _, means = chemcam.read_ccs(os.path.join(folder, MEANS))
    _, product = chemcam.read_ccs(os.path.join(folder, PRODUCT))
    shots = np.array([product['shot%s' % i] for i in range(6, 31)])
    nau2 = chemcam.TARGETS['NAU2-MED']
    nau2 = np.array(nau2 + (100 - sum(nau2),))

    correlation = OrderedDict()
    peaks = OrderedDict()
    for what, parts, wet, measured in (
            ('NAu-2_Med-S', nau2, target_volatiles('NAU2-MED'),
             means[NAU2_MED]),
            ('BHVO-2', BHVO_2, np.zeros(2), bhvo.mean(axis=0))):
        many = libs.simulate_spectra(
            np.array([parts] * 60), rng, volatiles=None if simulator == 1
            else np.array([wet] * 60)).mean(axis=0)
        peaks[what] = hydrogen(measured), hydrogen(many)
        correlation[what] = [
            np.corrcoef(np.sqrt(ours[0]), np.sqrt(theirs[0]))[0, 1]
            for ours, theirs in zip(scaled(many[np.newaxis]),
                                    scaled(measured[np.newaxis]))]
    one = np.zeros(60, int)
    spots = libs.simulate_spectra(np.array([BHVO_2] * 60), rng,
                                  one)
    between_shots = dict((name, (0, 0, sizes[2])) for name, sizes in
                         libs.SCATTER.items())
    shots_ours = libs.simulate_spectra(
        np.array([CORONATION] * 60), rng, one, between_shots, 1)
    return {'correlation': correlation, 'hydrogen': peaks,
            'shots': (spread(shots), spread(shots_ours)),
            'spots': (spread(bhvo), spread(spots))}


def hydrogen(spectrum):
    """H alpha: its height, a share of the VNIR's sum, and its width, nm.

    Over the straight line from 653.5 to 660 nm; C II, at 658 nm, is left out
    by taking the line's blue half twice for its width.
    """
    axis = chemcam.channel_axis()
    vnir = axis > chemcam.SPECTROMETERS['VNIR'][0][-1] - 230
    near = (axis > 653.5) & (axis < 660)
    at, values = axis[near], spectrum[near]
    values = values - np.interp(at, at[[0, -1]], values[[0, -1]])
    blue = at < H_ALPHA
    top = values[blue].max()
    half = np.interp(top / 2, np.maximum.accumulate(values[blue]), at[blue])
    return top / spectrum[vnir].clip(0).sum(), 2 * (H_ALPHA - half)


def _only(path):
    """The one spectrum of a file."""
    return list(chemcam.read_ccs(path)[1].values())[0]


def compare_regression(folder, seed=0, simulator=1,
                       scale=libs.TARGET_SCALE):
    """PLS on simulated rocks, beside what the instrument team's gets wrong.

    One PLS per oxide, on as many rocks of known composition as the team had
    standards; the number of components by cross-validation.

    Parameters
    ----------
    folder : str
        With the table of predictions.
    seed : int
        Of the simulation.
    simulator : {1, 2}
    scale : float, optional
        Of the second simulator, as `libs.TARGET_SCALE`.

    Returns
    -------
    OrderedDict
        (measured, simulated) wt.% of `chemcam.OXIDES` each: rmsep, of rocks
        that were held out; within, the median over the six standards of the
        standard deviation of what is predicted of one standard; bias, the
        root mean square over the six of mean prediction minus truth; known,
        the same where one spectrum of each target is among the 66 to learn
        from, as the team's standards have their compositions.
    """
    rows = _predictions(os.path.join(folder, PREDICTIONS), NAMES)
    bias, within = _biases(rows), np.array([
        [row[oxide + '_std'] for oxide in chemcam.OXIDES] for row in rows])

    raw = libs.simulate(seed, simulator, scale)
    rocks = np.hstack(scaled(raw.arrays['big_means'][:STANDARDS]))
    targets = np.hstack(scaled(raw.arrays['x']))
    types, true = raw.arrays['types'], raw.arrays['y']
    first = np.array([np.flatnonzero(types == name)[0]
                      for name in chemcam.TARGETS])
    rows = [np.flatnonzero(types == name) for name in NAMES]
    few = STANDARDS - len(first)
    errors, ours = [], np.empty((3, len(rows), len(chemcam.OXIDES)))
    for j in range(len(chemcam.OXIDES)):
        oxide = raw.meta['big_composition'][:STANDARDS, j:j + 1]
        pls = PLS().fit(rocks, oxide)
        errors.append(pls.rmsecv_.min())
        known = PLS().fit(np.vstack([rocks[:few], targets[first]]),
                          np.vstack([oxide[:few], true[first, j:j + 1]]))
        predicted = [each.predict(targets)[:, 0] for each in (pls, known)]
        for i, row in enumerate(rows):
            ours[:, i, j] = (
                predicted[0][row].mean() - true[row, j][0],
                predicted[0][row].std(ddof=1),
                # not the first, which it has learned from
                predicted[1][row[1:]].mean() - true[row, j][0])

    def rms(values):
        return np.sqrt((values ** 2).mean(axis=0))
    return OrderedDict([
        ('rmsep', (np.array(RMSEP), np.array(errors))),
        ('within', (np.median(within, axis=0), np.median(ours[1], axis=0))),
        ('bias', (rms(bias), rms(ours[0]))),
        ('known', (rms(bias), rms(ours[2])))])


def compare_families(folder):
    """What the team's predictions say of families of targets, and of sums.

    Returns
    -------
    share : float
        Of the mean square of the biases of the six standards, each relative
        to its oxide's: the mean product of two of one family.
    sums : list of (str, float, float)
        Target, the sum of its oxides as predicted, and the true one, wt.%.
    """
    path = os.path.join(folder, PREDICTIONS)
    biases = _biases(_predictions(path, NAMES))
    biases = biases / np.sqrt((biases ** 2).mean(axis=0))
    products = []
    for family in libs.FAMILIES:
        own = biases[[i for i, name in enumerate(NAMES) if name in family]]
        products += [(own[i] * own[j]).mean()
                     for i in range(len(own)) for j in range(i)]
    return np.mean(products), [
        (name,) + tuple(sum(row[oxide + kind] for oxide in chemcam.OXIDES)
                        for kind in ('_mean', '_actual'))
        for name, row in zip(ALL_NAMES, _predictions(path, ALL_NAMES))]


def _biases(rows):
    """Mean prediction minus truth ``(rows, oxides)``."""
    return np.array([[row[oxide + '_mean'] - row[oxide + '_actual']
                      for oxide in chemcam.OXIDES] for row in rows])


def _predictions(path, names):
    """The table's rows of some targets, numbers by column."""
    rows = dict((row['Target'], row) for row in csv.DictReader(
        io.StringIO(read_bytes(path).decode('ascii')) if not PY2 else
        read_bytes(path).splitlines()))
    missing = [name for name in names.values() if name not in rows]
    if missing:
        raise DataError('%s: no row of %s; one for each of the %d '
                        'standards was expected.' % (path, missing[0],
                                                     len(names)))
    return [dict((key, float(value)) for key, value in rows[name].items()
                 if key != 'Target') for name in names.values()]


def report(folder, simulator=1, seeds=1, scale=libs.TARGET_SCALE):
    """The comparisons as lines of text.

    Parameters
    ----------
    folder : str
    simulator : {1, 2}
    seeds : int
        PLS errs as the root mean square over so many simulations.
    scale : float, optional
        See `compare_regression`.
    """
    found = compare_spectra(folder, simulator)
    lines = ['square roots of %s correlate: %s' % (what, _row(values))
             for what, values in found['correlation'].items()]
    for what in ('shots', 'spots'):
        measured, simulated = [_row(v, 3) for v in found[what]]
        lines.append('scatter between %s, UV VIO VNIR: measured %s, '
                     'simulated %s' % (what, measured, simulated))
    share, sums = compare_families(folder)
    lines.append('biases of one family: %.2f of their variance in common'
                 % share)
    lines.append('sums of oxides, predicted (true): ' + ', '.join(
        '%s %.1f (%.1f)' % each for each in sums))
    if simulator == 2:
        lines += ['H alpha of %s, height (of the VNIR) and width: measured '
                  '%.5f, %.2f nm, simulated %.5f, %.2f nm' % (
                      (what,) + peaks[0] + peaks[1])
                  for what, peaks in found['hydrogen'].items()]
    lines.append('PLS, wt.% of ' + ' '.join(chemcam.OXIDES))
    several = [compare_regression(folder, seed, simulator, scale)
               for seed in range(seeds)]
    for what, (measured, _) in several[0].items():
        simulated = np.sqrt(np.mean([each[what][1] ** 2 for each in several],
                                    axis=0))
        lines.append('  %-6s measured  %s' % (what, _row(measured)))
        lines.append('  %-6s simulated %s  geometric mean of ratios '
                     '%.2f' % (what, _row(simulated), np.exp(
                         np.log(simulated / measured).mean())))
    return lines


def _row(values, digits=2):
    return ' '.join('%.*f' % (digits, v) for v in values)

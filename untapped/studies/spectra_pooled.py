"""Predictions of all folds together: each sample, when it was held out."""
from __future__ import division, print_function

from collections import OrderedDict

import numpy as np

from untapped.report import figures
from untapped.report.content import METHODS, Drawing, Table, shown
from untapped.studies import metrics
from untapped.studies.statistics import summary

__all__ = ['pooled']


def pooled(runs):
    """What the runs of each seed say of all samples that they validate on.

    Parameters
    ----------
    runs : list of (seed, key of the model whose answers hold the truth,
        OrderedDict of a method's key to its answers, list of parts)

    Returns
    -------
    (list of Table, list of Drawing, sentence)
        For `repeats`: the table of errors, predicted against true of the
        first seed, and the verdict's first line.
    """
    seeds = OrderedDict()
    for seed, truth, answers, names in runs:
        seeds.setdefault(seed, []).append((answers[truth]['true'], answers))
    each = [_together(of_one) for of_one in seeds.values()]
    labels = OrderedDict((key, label) for key, label in METHODS
                         if all(key in found for _, found in each))
    rows, kl = [], {}
    for label, number in _quantities(names):
        for key in labels:
            numbers = [number(true, found[key]) for true, found in each]
            rows.append([label, labels[key]] + list(summary(numbers))
                        + [len(numbers)])
            kl.setdefault(key, rows[-1][2])
    table = Table(
        'pooled', 'Prediction, all folds together',
        ['Quantity', 'Method', 'mean', 'standard deviation', 'least', 'most',
         'seeds'], rows,
        'The predictions of all folds of a seed, as one set. Standard '
        'deviation: over the seeds, n - 1.')
    true, found = each[0]
    drawing = Drawing(
        'pooled', 'Predicted against true composition, all folds of the '
        'first seed', figures.agreement_caption(true, 'a part'),
        lambda: figures.predicted_against_true(
            true, [(key, labels[key], found[key]) for key in labels], names,
            'fraction'))
    said = 'KL of compositions, all folds together, least first: %s.' % (
        ', '.join('%s %s' % (labels[key], shown(kl[key])) for key in sorted(
            labels, key=lambda key: (kl[key] != kl[key], kl[key]))))
    return [table], [drawing], said


def _together(folds):
    """Truth and each method's predictions, of the folds of one seed."""
    keys = [key for key in folds[0][1]
            if all(key in answers for _, answers in folds)]
    return (np.vstack([true for true, _ in folds]),
            OrderedDict((key, metrics.all_parts(np.vstack(
                [answers[key]['predicted'] for _, answers in folds])))
                for key in keys))


def _mean(values):
    """The mean of those that are numbers: a constant part has no R2."""
    values = np.asarray(values, 'float64')
    there = values[np.isfinite(values)]
    return float(there.mean()) if len(there) else float('nan')


def _quantities(names):
    """(label, function of truth and predictions) of each row's number."""
    def r2(part):
        return lambda true, found: metrics.r2(true, found, True)[part]

    def error(part):
        return lambda true, found: metrics.rmse(true, found, True)[part]

    made = [('KL(true || predicted), nats', metrics.kl_divergence),
            ('R2, mean over the parts', lambda true, found: _mean(
                metrics.r2(true, found, True)))]
    for part, name in enumerate(names):
        made.append(('R2 of %s' % name, r2(part)))
    for part, name in enumerate(names):
        made.append(('root mean square error of %s' % name, error(part)))
    return made

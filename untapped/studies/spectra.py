"""Spectra of one's own: prediction, pure spectra and nuisance."""
from __future__ import division, print_function

from collections import OrderedDict

import numpy as np

from untapped.report import figures, paper
from untapped.report.content import (Drawing, Section, Table, attempt,
                                     by_method, comparison, each_alone,
                                     models as trained_of, ordering, shown)
from untapped.studies import metrics, round_trip, spectra_figures
from untapped.studies.crism_nuisance import rank_correlation, rows_of
from untapped.studies.spectra_baselines import BASELINES
from untapped.studies.spectra_pooled import pooled

__all__ = ['BASELINES', 'answers', 'findings', 'pooled', 'sections',
           'summary']


def answers(model, data):
    """What this study alone asks of a model.

    Returns
    -------
    OrderedDict
        ``true`` ``(n, parts)``, of the validation data, and ``row``, their
        rows in the file; ``predicted_train`` y of the training pairs;
        ``predicted_unlabelled`` y of x without y, and ``unlabelled_row``.
    """
    made = OrderedDict([
        ('true', metrics.all_parts(data.y_valid)),
        ('row', rows_of(data, 'validation')),
        ('predicted_train', model.predict(data.X))])
    if len(data.X_) == len(data.meta['trained']):
        # --quick leaves some out
        made['predicted_unlabelled'] = model.predict(data.X_)
        made['unlabelled_row'] = data.meta['trained']
    return made


def findings(answers, data):
    """Numbers that follow from answers.

    Returns
    -------
    OrderedDict
        ``training_kl``, the KL of the training pairs, nats; ``pure_error``
        and ``pure_error_once``: part -> see `pure_errors`, and ``mean``;
        ``nuisance``: name of a nuisance -> Spearman's rank correlation with
        the z that has the largest.
    """
    found = OrderedDict()
    if 'predicted_train' in answers:
        found['training_kl'] = metrics.validation_kl(
            data.y, answers['predicted_train'])['kl']
    for key, name in (('endmembers', 'pure_error'),
                      ('endmembers_once', 'pure_error_once')):
        if key in answers and data.endmembers is not None:
            found[name] = pure_errors(answers[key], data)
    if 'nuisance' in answers:
        found['nuisance'] = OrderedDict(
            (name, strongest(answers['nuisance'], column)[0])
            for name, column in zip(data.meta['nuisance_names'],
                                    rows_of(data, 'nuisance').T))
    return found


def pure_errors(spectra, data):
    """How far generated pure spectra are from measured ones.

    ||x_bar - x||_2 over ||m - x||_2, with m the mean spectrum: 1 is as far
    as the mean of all spectra.

    Returns
    -------
    OrderedDict
        Part -> error, of parts with pure spectra, and ``mean``.
    """
    found = OrderedDict()
    for name, made, true in zip(data.names, spectra, data.endmembers):
        if np.isfinite(true).all():
            found[name] = float(np.linalg.norm(made - true)
                                / np.linalg.norm(data.mean - true))
    found['mean'] = float(np.mean(list(found.values())))
    return found


def strongest(z, values):
    """(rank correlation, column) of the z that goes most with `values`.

    Rows in which `values` is NaN are left out.  NaN, where nothing varies.
    """
    known = ~np.isnan(values)
    found = [rank_correlation(column[known], values[known])
             for column in np.transpose(z)]
    sizes = [abs(rho) if rho == rho else -1 for rho in found]
    best = int(np.argmax(sizes))
    return found[best], best


def summary(results, data):
    """The verdict's first line: how all methods compare."""
    numbers = by_method(results, lambda r: r.validation['kl'])
    labels = dict((r.key, r.label) for r in results)
    order = sorted(numbers, key=lambda key: (numbers[key] != numbers[key],
                                             numbers[key]))
    return 'KL of compositions, least first: %s.' % ', '.join(
        '%s %s' % (labels[key], shown(numbers[key])) for key in order)


# The report -----------------------------------------------------------------

def sections(results, data):
    """Of the report; `results` in the order of `paper.METHODS`."""
    models = trained_of(results)
    made = [('Prediction', lambda: _prediction(results, data))]
    if data.endmembers is not None:
        made.append(('Pure spectra', lambda: _pure(results, data)))
    made += [('Nuisance', lambda: _nuisance(models, data)),
             ('Round trip', lambda: round_trip.section(results, data)),
             ('Data', lambda: _data(data))]
    return each_alone(made)


def _prediction(results, data):
    true = metrics.all_parts(data.y_valid)
    return Section('Prediction', [
        attempt('KL of compositions', lambda: ordering(
            'KL of compositions', None,
            by_method(results, lambda r: r.validation['kl']))),
        attempt('The comparison with the mean composition',
                lambda: _mean_sentence(results))],
        [attempt('The table of errors',
                 lambda: _prediction_table(results, data))], [
            Drawing('predicted_true', 'Predicted against true composition',
                    figures.agreement_caption(true, 'a part'),
                    lambda: figures.predicted_against_true(
                        true, [(r.key, r.label, metrics.all_parts(
                            r.answers['predicted'])) for r in results],
                        data.names, 'fraction'))])


def _prediction_table(results, data):
    quantities = [
        ('KL(true || predicted), nats', None,
         by_method(results, lambda r: r.validation['kl'])),
        ('the same of the training pairs', None, by_method(
            results, lambda r: r.findings.get('training_kl')))]
    for key, what in (('rmse', 'root mean square error'), ('r2', 'R2')):
        for name in list(data.names) + ['mean']:
            quantities.append((
                '%s of %s' % (what, name) if name != 'mean' else
                '%s, %s' % (what, 'all parts' if key == 'rmse'
                            else 'mean over the parts'), None,
                by_method(results, lambda r: r.findings[key][name])))
    return comparison(
        'prediction', 'Error of predicted compositions, validation data',
        quantities, results,
        'Fractions of 1. R2 = 1 - (sum of squared errors) / (sum of squares '
        'about the mean of the validation data); a method whose R2 is not '
        'above 0 knows no more than that mean. The mean composition is that '
        'of the training pairs.' + paper.PLS_NOTE)


def _mean_sentence(results):
    numbers = by_method(results, lambda r: r.validation['kl'])
    if 'mean' not in numbers:
        return None
    behind = [r.label for r in results if r.key != 'mean'
              and not numbers[r.key] < numbers['mean']]
    if not behind:
        return None
    return ('No better than answering the mean composition (KL %s): %s.'
            % (shown(numbers['mean']), ', '.join(behind)))


def _pure(results, data):
    models = trained_of(results)
    there = [r for r in results if 'pure_error' in r.findings]
    known = [name for name, spectrum in zip(data.names, data.endmembers)
             if np.isfinite(spectrum).all()]
    quantities = [
        ('%s%s' % (name, how), None, by_method(
            there, lambda r: r.findings[key].get(name)))
        for key, how in (('pure_error_once', ''),
                         ('pure_error', ', as published'))
        for name in known + ['mean']]
    return Section('Pure spectra', [], [attempt(
        'The table of pure spectra', lambda: comparison(
            'pure_spectra', 'Error of generated pure spectra', quantities,
            there, '||x_bar - x||_2 over ||m - x||_2, with x the mean of '
            'the measured pure spectra and m the mean of all training '
            'spectra: 1 is as far as m. x_bar is the mean of p(x|y, z) at '
            'the mean z; as published, it has gone through the model once '
            'more. PLS, published, is the regression of x on y. Pure samples '
            'among those trained on make this easy.'))], [
        Drawing('pure_spectra', 'Generated and measured pure spectra',
                'Thick grey: mean of the measured pure spectra, where there '
                'are any; thin: generated at the corners of the simplex.',
                lambda: spectra_figures.draw_pure(models, data))])


def _nuisance(models, data):
    names = data.meta['nuisance_names']
    return Section('Nuisance', [], [attempt(
        'The table of the nuisance', lambda: Table(
            'nuisance', 'The nuisance z and what is known of the spectra',
            ['Quantity'] + [r.label for r in models],
            [[name] + [r.findings['nuisance'][name] for r in models]
             for name in names],
            "Spearman's rank correlation over the validation data, of the z "
            'that has the largest. The model does not determine the sign of '
            'z. Level and slope are those of the spectra before they are '
            'scaled.'))], [
        Drawing('nuisance', 'z against what is known of the spectra',
                'A mark a validation spectrum; of several z the one that '
                'goes most with the quantity.',
                lambda: spectra_figures.draw_nuisance(
                    models, data, [[strongest(
                        r.answers['nuisance'], column)[1] for column in
                        rows_of(data, 'nuisance').T] for r in models]))])


def _data(data):
    meta = data.meta
    division = meta['division']
    rows = [
        ['spectra in the file', '%d of %d channels' % meta['read']],
        ['channels used', '%d, from %g to %g %s' % (
            len(data.waves), data.waves[0], data.waves[-1],
            data.waves_unit or '(no unit)')],
        ['scaled by', meta['scale']],
        ['one unit of x', '%.4g of the file\'s, or of the scaled ones'
         % meta['unit']],
        ['parts', ', '.join(data.names)],
        ['split', 'trained in the centre of the simplex, validated outside'
         if division.folds == 'centre' else 'fold %d of %d, by sample' % (
             division.fold, division.folds)],
        ['labelled samples trained on', meta['samples'][0]],
        ['samples validated on', meta['samples'][1]],
        ['labelled spectra trained on', len(data.X)],
        ['spectra trained on as x without y', len(data.X_)],
        ['labels trained on as y without x', '%d, %s' % (
            len(data._y), meta['labels_only_from'])],
        ['spectra validated on', len(data.X_valid)]]
    return Section('Data', list(meta['notes']), [Table(
        'data', 'What was trained on and validated on',
        ['Quantity', 'Value'], rows)])

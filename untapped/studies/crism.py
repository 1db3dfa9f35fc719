"""CRISM: Table 2, Figures 4 to 6 and the endmembers, section 4."""
from __future__ import division, print_function

from collections import OrderedDict

import numpy as np

from untapped.report import figures, paper
from untapped.report.content import (Drawing, Finding, Section, Table,
                                     attempt, by_method, comparison,
                                     each_alone, models as trained_of,
                                     ordering)
from untapped.studies import (crism_figures, crism_nuisance as nuisance,
                              metrics, round_trip)

__all__ = ['findings', 'sections']


def findings(answers, data):
    """What the nuisance has to do with the geometry (section 4.3).

    Returns
    -------
    OrderedDict
        Empty for files that do not tell the geometry of each spectrum; else
        ``nuisance_levels``, geometry -> median of z;
        ``incidence_rank_correlation``, Spearman's rho of these medians and
        the incidence angle, and ``incidence_rank_correlation_all``, of all
        spectra; ``nuisance_outliers`` in Position 1. Where the container's
        pixels are known, ``container_auc``: how well the distance of z from
        its median tells them from the others of Position 1, 0.5 by chance.
    """
    found = OrderedDict()
    position = nuisance.rows_of(data, 'position')
    if position is None or 'nuisance' not in answers:
        return found
    z = answers['nuisance'][:, 0].astype('float64')
    names = data.meta['positions']
    levels = nuisance.levels(z, position)
    found['nuisance_levels'] = OrderedDict(zip(names, levels))
    angles = np.array([paper.INCIDENCE[name] for name in names])
    found['incidence_rank_correlation'] = nuisance.rank_correlation(
        levels, angles)
    found['incidence_rank_correlation_all'] = nuisance.rank_correlation(
        z, angles[position])
    distance = nuisance.robust_distance(z, position)
    first = position == 0
    found['nuisance_outliers'] = int((distance[first] > nuisance.FAR).sum())
    container = nuisance.rows_of(data, 'container')
    if container is not None and container.any():
        found['container_auc'] = nuisance.area_under_curve(
            distance[first], container[first])
    return found


# The report -----------------------------------------------------------------

def sections(results, data):
    """Of the report; `results` in the order PLS, M2, Untapped."""
    models = trained_of(results)
    made = [('Abundance prediction', lambda: _abundances(results, data))]
    if data.endmembers is not None:
        made.append(('Endmember extraction',
                     lambda: _endmembers(results, data)))
    if nuisance.rows_of(data, 'position') is not None:
        made.append(('Latent semantics', lambda: _nuisance(models, data)))
    made.append(('Round trip', lambda: round_trip.section(results, data)))
    return each_alone(made)


def _abundances(results, data):
    true = metrics.all_parts(data.y_valid)
    return Section('Abundance prediction', [attempt(
        'KL of abundances', lambda: ordering(
            'KL of abundances', paper.KL['crism'], _kl(results)))],
        [attempt('Table 2', lambda: _table2(results))], [
            Drawing('figure4', 'Figure 4. Abundance grid',
                    'Triangles: mixtures that give the labelled and the '
                    'unlabelled spectra; grey points: mixtures that are only '
                    'validated on; circles: labels without spectra, near '
                    'the corners.', lambda: crism_figures.draw_grid(data)),
            Drawing('predicted_true', 'Predicted against true abundance',
                    figures.agreement_caption(true, 'a mineral'),
                    lambda: figures.predicted_against_true(
                        true, [(r.key, r.label, metrics.all_parts(
                            r.answers['predicted'])) for r in results],
                        data.names, 'fraction'))])


def _kl(results):
    return by_method(results, lambda r: r.validation['kl'])


def _table2(results):
    errors = by_method(results, lambda r: r.findings['rmse']['mean'])
    return comparison(
        'table2', 'Table 2. Error of predicted abundances, validation data', [
            ('KL(true || predicted), nats', paper.KL['crism'], _kl(results)),
            ('root mean square error, fractions of 1', None, errors)],
        results, 'Less is better. The paper has no root mean square error.'
        + paper.PLS_NOTE)


def _endmembers(results, data):
    models = trained_of(results)
    once = 'endmember_error_once'
    return Section('Endmember extraction', [
        attempt(what, lambda: ordering(what, paper.ENDMEMBER_ERROR,
                                       by_method(models, mean)))
        for what, mean in (
            ('Mean endmember error, as published',
             lambda r: r.endmember_error['mean']),
            ('Mean endmember error, generated once',
             lambda r: r.findings[once]['mean']))],
        [attempt('The table of endmember errors',
                 lambda: _endmember_table(
                     [r for r in results if r.endmember_error], data))], [
            Drawing('figure5', 'Figure 5. Mineral endmembers',
                    'Thick grey: true endmembers; thin: generated at the '
                    'corners of the simplex. Left as published, right '
                    'generated once. Errors are ||x_bar - x||_2 over the '
                    'channels.',
                    lambda: crism_figures.draw_endmembers(models, data))])


def _endmember_table(results, data):
    quantities = []
    for name in list(data.names) + ['mean']:
        quantities.append((
            name, paper.ENDMEMBER_ERROR if name == 'mean' else None,
            OrderedDict((r.key, r.endmember_error[name]) for r in results)))
    for name in list(data.names) + ['mean']:
        quantities.append((
            name + ', generated once', None, OrderedDict(
                (r.key, r.findings['endmember_error_once'][name])
                for r in results)))
    return comparison(
        'endmembers', 'Endmember error ||x_bar - x||_2, reflectance',
        quantities, results,
        'As published, what p(x|y, z) generates is encoded and generated '
        'once more; "generated once" is p(x|y, z) itself. z is the mean of '
        'q(z|x, y) over the training pairs, eq. (18). PLS, published, is the '
        'regression of x on y, once in either way. The paper gives one '
        'number a model (Figure 5), taken here as the mean.')


def _nuisance(models, data):
    drawings = []
    for r in reversed(models):
        drawings.append(Drawing(
            'figure6_' + r.key, 'Figure 6. The nuisance, ' + r.label,
            'a: z of each spectrum by geometry, with the median of each. b: '
            'Position 1 alone. Squares: the most outlying z; diamonds: '
            'spectra at the median, for comparison. c: the same on principal '
            'components of all spectra. d: their spectra.',
            lambda r=r: crism_figures.draw_nuisance(r, data)))
    return Section('Latent semantics', [
        attempt('The order of levels, ' + r.label,
                lambda r=r: _level_sentence(r)) for r in models],
        [attempt('The table of the nuisance',
                 lambda: _nuisance_table(models, data))], drawings)


def _nuisance_table(models, data):
    columns = ['Quantity'] + [r.label for r in models]
    found = [r.findings for r in models]
    names = data.meta['positions']
    rows = [['median of z, %s (incidence %g deg)'
             % (name, paper.INCIDENCE[name])]
            + [f['nuisance_levels'][name] for f in found] for name in names]
    for key, label in (
            ('incidence_rank_correlation',
             'rank correlation of the three medians with incidence'),
            ('incidence_rank_correlation_all',
             'rank correlation of z with incidence, all spectra'),
            ('nuisance_outliers',
             'spectra of Position 1 more than %g robust standard deviations '
             'from its median' % nuisance.FAR),
            ('container_auc',
             'area under curve, container pixels told by |z - median|')):
        if key in found[0]:
            rows.append([label] + [f[key] for f in found])
    return Table(
        'nuisance', 'The nuisance z and the geometry', columns, rows,
        "Spearman's rank correlation. The paper finds three levels, inverse "
        'to the incidence angle. The model does not determine the sign of '
        'z: +1 and -1 say the same.')


def _level_sentence(result):
    rho = result.findings['incidence_rank_correlation']
    ordered = abs(rho) > 0.999
    # Figure 6 is about Untapped alone
    reproduced = ordered if result.key == 'untapped' else None
    if rho != rho:
        said = '%s: z does not vary between the geometries' % result.label
        return Finding(said + '.', reproduced, said)
    said = ('%s: the three levels of z %s the order of the incidence angles '
            '(rank correlation %.2g)' % (
                result.label, 'follow' if ordered else 'do not follow', rho))
    return Finding('%s, %s in the paper.' % (
        said, 'as' if ordered else 'unlike'), reproduced, said)

"""Raman: the published code's fourth demo, which the paper leaves out."""
from __future__ import division, print_function

from collections import OrderedDict

import numpy as np

from untapped.report import figures, paper
from untapped.report.content import (Drawing, Section, attempt, by_method,
                                     comparison, each_alone,
                                     models as trained_of, ordering)
from untapped.studies import metrics, round_trip

__all__ = ['findings', 'sections']


def findings(answers, data):
    """Nothing beyond `evaluation.judge`."""
    return OrderedDict()


def sections(results, data):
    """Of the report; `results` in the order PLS, M2, Untapped."""
    made = [('Prediction of mixtures', lambda: _prediction(results, data))]
    if data.endmembers is not None:
        made.append(('Endmembers', lambda: _endmembers(results, data)))
    made.append(('Round trip', lambda: round_trip.section(results, data)))
    return each_alone(made)


def _prediction(results, data):
    true = metrics.all_parts(data.y_valid)
    return Section('Prediction of mixtures', [attempt(
        'KL of mixtures', lambda: ordering(
            'KL of mixtures', None, _kl(results)))],
        [attempt('The table of errors',
                 lambda: _prediction_table(results, data))], [
            Drawing('predicted_true', 'Predicted against true mixture',
                    figures.agreement_caption(true, 'a part'),
                    lambda: figures.predicted_against_true(
                        true, [(r.key, r.label, metrics.all_parts(
                            r.answers['predicted'])) for r in results],
                        data.names, 'fraction'))])


def _kl(results):
    return by_method(results, lambda r: r.validation['kl'])


def _prediction_table(results, data):
    quantities = [('KL(true || predicted), nats', None, _kl(results))]
    for name in list(data.names) + ['mean']:
        quantities.append((
            'root mean square error of %s, fractions of 1' % (
                'all parts' if name == 'mean' else name), None,
            by_method(results, lambda r: r.findings['rmse'][name])))
    return comparison(
        'prediction', 'Error of predicted mixtures, validation data',
        quantities, results,
        'Less is better. The paper has no Raman experiment. The demo\'s '
        'weight of the reverse model is 0, so that M2 and Untapped are one '
        'model here unless the preset is changed.' + paper.PLS_NOTE)


def _endmembers(results, data):
    models = trained_of(results)
    there = [r for r in results if r.endmember_error]
    return Section('Endmembers', [], [attempt(
        'The table of endmember errors', lambda: comparison(
            'endmembers', 'Endmember error ||x_bar - x||_2, of spectra '
            'scaled to 0 to 1', [
                (name, None, by_method(
                    there, lambda r: r.endmember_error[name]))
                for name in list(data.names) + ['mean']], there,
            'As published; PLS, published, is the regression of x on y.'
            ))], [
                Drawing('endmembers', 'Generated and measured endmembers',
                        'Thick grey: mean of the pure samples, scaled to 0 '
                        'to 1; thin: generated.',
                        lambda: draw_endmembers(models, data))])


def draw_endmembers(models, data):
    """A panel an endmember."""
    names = data.names
    rows = -(-len(names) // 2)
    figure = figures.new(1.6 * rows + 0.7)
    for part, name in enumerate(names):
        axes = figure.add_subplot(rows, 2, part + 1)
        if np.isfinite(data.endmembers[part]).all():
            axes.plot(data.waves, data.endmembers[part], color='#bbbbbb',
                      linewidth=3, label='pure samples')
        for r in models:
            _, _, colour, _ = figures.MARKS[r.key]
            line, = axes.plot(data.waves, r.answers['endmembers'][part],
                              color=colour, linewidth=0.9, label=r.label,
                              # dashes on the line, not below it
                              zorder=4 if r.key == 'm2' else 3)
            line.set_dashes((4, 1.5) if r.key == 'm2' else (None, None))
        axes.set_title(figures.short(name))
        axes.set_xlim(data.waves[0], data.waves[-1])
        axes.locator_params(nbins=5)
        figures.grid(axes)
        if part == 0:
            axes.legend(loc='best', handlelength=3)
        if part + 2 >= len(names):
            axes.set_xlabel('Raman shift, 1/cm')
        if part % 2 == 0:
            axes.set_ylabel('scaled intensity')
    height = figure.get_size_inches()[1]
    figure.subplots_adjust(left=0.09, right=0.98, top=1 - 0.3 / height,
                           bottom=0.5 / height, hspace=0.45, wspace=0.2)
    return figure

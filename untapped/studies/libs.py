"""LIBS: Table 3, Figure 7 for every oxide, section 5."""
from __future__ import division, print_function

import itertools
from collections import OrderedDict, namedtuple

import numpy as np

from untapped.datasets.chemcam import ELEMENT
from untapped.report import figures, paper
from untapped.report.content import (Drawing, Section, Table, attempt,
                                     by_method, comparison, each_alone,
                                     models as trained_of, ordering, shown)
from untapped.studies import (evaluation, libs_figures, libs_lines, metrics,
                              round_trip)

__all__ = ['dependence_on_y', 'findings', 'score_oxide', 'sections',
           'single_composition', 'with_other']

#: Spectra that differ by less than this share of their norm are one.
ALIKE = 1e-2


def findings(answers, data):
    """How well generated oxides show the lines of their elements.

    Returns
    -------
    OrderedDict
        ``line_hits``: oxide -> hit rates and counts, see `score_oxide`;
        ``dependence_on_y`` and ``dependence_on_y_once``, see the function.
    """
    found = OrderedDict()
    if 'endmembers' not in answers:
        return found
    found['line_hits'] = OrderedDict(
        (name, score_oxide(name, answers, data))
        for name in data.names if name in ELEMENT)
    for key in ('', '_once'):
        found['dependence_on_y' + key] = dependence_on_y(
            answers['endmembers' + key])
    return found


def dependence_on_y(spectra):
    """How much what is generated differs between the pure compositions.

    Parameters
    ----------
    spectra : array ``(K, channels)``

    Returns
    -------
    float
        The largest L2 distance of two spectra over their mean norm; 0 if
        one spectrum is generated whatever y is.
    """
    spectra = np.asarray(spectra, 'float64')
    distance = max(np.linalg.norm(one - other) for one, other
                   in itertools.combinations(spectra, 2))
    return float(distance / np.linalg.norm(spectra, axis=1).mean())


def single_composition(data):
    """What it takes no spectrum to reach: one answer for all of them.

    Returns
    -------
    OrderedDict
        ``kl`` in nats and ``rmse`` (part or ``mean`` -> fraction of 1) of
        the mean composition trained on; ``least_kl``, of the best single
        one of the compositions trained on, which only the truth can choose.
    """
    def repeated(y):
        return np.tile(y, (len(data.y_valid), 1))

    mean = repeated(data.y.mean(axis=0))
    each = [metrics.validation_kl(data.y_valid, repeated(y))['kl']
            for y in sorted(set(map(tuple, data.y)))]
    return OrderedDict([
        ('kl', metrics.validation_kl(data.y_valid, mean)['kl']),
        ('rmse', evaluation.judge({'predicted': mean}, data)['rmse']),
        ('least_kl', min(each))])


def with_other(data, shares, standard='SHERGOTTITE'):
    """What answering one standard to every spectrum costs, by its last part.

    Of the published split's training standards Shergottite is the best
    single answer.  The last part, Other, is set to a share, and the oxides
    keep their ratios.

    Parameters
    ----------
    data : untapped.datasets.Prepared
    shares : list of float, fractions of 1
    standard : str, one that is trained on

    Returns
    -------
    OrderedDict
        Share -> KL in nats.
    """
    rows = np.asarray(data.meta['types'])[data.meta['train']] == standard
    parts = metrics.all_parts(data.y[rows].astype('float64')).mean(axis=0)
    found = OrderedDict()
    for share in shares:
        oxides = parts[:-1] * (1 - share) / parts[:-1].sum()
        found[share] = metrics.validation_kl(
            data.y_valid, np.tile(oxides, (len(data.y_valid), 1)))['kl']
    return found


def score_oxide(name, answers, data):
    """Lines of an oxide's element among the peaks of its spectrum.

    Returns
    -------
    OrderedDict
        ``lines``, the number of known lines; ``hit_rate``, the share of them
        at which the excess of the generated spectrum over the mean spectrum
        has a peak, and ``hit_rate_once`` of what is generated once;
        ``hit_rate_others``, the mean of what the spectra of the other oxides
        have at the same lines, which a model that ignores y has, too;
        ``hit_rate_spectrum``, of the generated spectrum itself;
        ``hit_rate_mean``, of the mean of all spectra, which takes no model;
        ``chance``, the share of channels near a peak of the excess;
        ``peaks``, their number, and ``peaks_explained``, the share of them
        at a line of the element or of oxygen.
    """
    part = list(data.names).index(name)
    lines = libs_lines.known_lines(ELEMENT[name], data.waves)
    near = libs_lines.tolerances(data.waves)
    spectrum = answers['endmembers'][part]
    excess = spectrum - data.mean
    peaks = libs_lines.find_peaks(excess)
    everything = np.concatenate([
        libs_lines.every_line(element) for element in (ELEMENT[name], 'O')])
    at_line = [bool((np.abs(everything - data.waves[p]) <= near[p]).any())
               for p in peaks]

    def rate(values):
        return libs_lines.hit_rate(lines, libs_lines.find_peaks(values),
                                   data.waves)

    distances = [np.abs(data.waves - data.waves[p]) <= near[p]
                 for p in peaks]
    return OrderedDict([
        ('lines', len(lines)), ('hit_rate', rate(excess)),
        ('hit_rate_once', rate(answers['endmembers_once'][part]
                               - data.mean)),
        ('hit_rate_others', float(np.mean(
            [rate(other - data.mean) for i, other in
             enumerate(answers['endmembers']) if i != part]))),
        ('hit_rate_spectrum', rate(spectrum)),
        ('hit_rate_mean', rate(data.mean)),
        ('chance', float(np.any(distances, axis=0).mean())
         if len(peaks) else 0.),
        ('peaks', len(peaks)),
        ('peaks_explained', float(np.mean(at_line)) if len(peaks) else None),
    ])


# The report -----------------------------------------------------------------

def sections(results, data):
    """Of the report; `results` in the order PLS, M2, Untapped."""
    models = trained_of(results)
    return each_alone([
        ('Composition prediction', lambda: _compositions(results, data)),
        ('Endmember extraction', lambda: _oxides(models, data)),
        ('Round trip', lambda: round_trip.section(results, data))])


#: A column of Table 3 that no method has made.
Column = namedtuple('Column', 'key label')


def _compositions(results, data):
    true = metrics.all_parts(data.y_valid)
    return Section('Composition prediction', [
        attempt('KL of compositions', lambda: ordering(
            'KL of compositions', _printed(data), _kl(results))),
        attempt('KL of one answer for all spectra', lambda: _single_sentence(
            results, single_composition(data)))],
        [attempt('Table 3', lambda: _table3(results, data))], [
            Drawing('predicted_true', 'Predicted against true composition',
                    figures.agreement_caption(true, 'an oxide'),
                    lambda: figures.predicted_against_true(
                        true, [(r.key, r.label, metrics.all_parts(
                            r.answers['predicted'])) for r in results],
                        data.names, 'wt.%', 100))])


def _kl(results):
    return by_method(results, lambda r: r.validation['kl'])


def _printed(data):
    """The paper's KL, which is of the first split."""
    return paper.KL['libs'] if data.meta['trial'] == 0 else None


def _table3(results, data):
    single = single_composition(data)
    quantities = [('KL(true || predicted), nats',
                   _printed(data), dict(_kl(results), single=single['kl']))]
    for name in list(data.names) + ['mean']:
        quantities.append((
            'root mean square error of %s, wt.%%' % (
                'all parts' if name == 'mean' else name), None,
            dict([(r.key, 100 * r.findings['rmse'][name]) for r in results],
                 single=100 * single['rmse'][name])))
    return comparison(
        'table3', 'Table 3. Error of predicted compositions, validation data',
        quantities, results + [Column('single', 'one composition for all')],
        'Trained on %s (%d spectra), validated on %s (%d). Less is better. '
        'The paper has no root mean square errors. One composition for all: '
        'the mean of those trained on, whatever the spectrum is; the best '
        'one of those trained on would have a KL of %s.' % (
            ', '.join(data.meta['train_types']), len(data.y),
            ', '.join(data.meta['validation_types']), len(data.y_valid),
            shown(single['least_kl'])) + paper.PLS_NOTE)


def _single_sentence(results, single):
    """Said of methods that are no better than one answer for all."""
    least = min(single['kl'], single['least_kl'])
    behind = [r.label for r in results if r.validation['kl'] >= least]
    if not behind:
        return None
    return ('No better than one answer for all spectra: %s. The best of the '
            'compositions trained on, or their mean, has a KL of %s.' % (
                ', '.join(behind), shown(least)))


def _oxides(models, data):
    silicon = 'SiO2' in data.names and 'SiO2' in ELEMENT
    sentences = [
        attempt('The hit rate of Si lines', lambda: _si_ordering(models)),
        attempt('The agreement for Si', lambda: _si_sentences(models))
    ] if silicon else [
        'The data have no part named SiO2: its spectrum (Figure 7) and its '
        'hit rate are left out.']
    return Section(
        'Endmember extraction', sentences + [
            attempt('The dependence on y of ' + r.label,
                    lambda r=r: _dependence_sentence(r)) for r in models], [
            attempt('The table of lines', lambda: _lines_table(models)),
            attempt('The table of the dependence on y',
                    lambda: _dependence_table(models))],
        _oxide_drawings(models, data, silicon))


def _lines_table(models):
    columns = ['Oxide', 'Model', 'known lines', 'hit rate',
               'generated once', 'others', 'whole spectrum',
               'mean of all spectra', 'by chance', 'peaks', 'peaks explained']
    rows = [[name, r.label] + [r.findings['line_hits'][name][key] for key in (
        'lines', 'hit_rate', 'hit_rate_once', 'hit_rate_others',
        'hit_rate_spectrum', 'hit_rate_mean', 'chance', 'peaks',
        'peaks_explained')]
        for name in models[0].findings['line_hits'] for r in models]
    return Table(
        'line_hits', 'Lines of each element in the spectrum of its oxide',
        columns, rows,
        'Hit rate: the share of the known strong lines (%g %% of the '
        'strongest and more) with a peak within %d channels in the excess of '
        'the generated spectrum over the mean of all spectra. Others: at the '
        'same lines, the mean of what is generated for the other oxides. '
        'Whole '
        'spectrum: without subtracting that mean, whose own hit rate stands '
        'beside it and takes no model. By chance: the share of channels as '
        'near to a peak of the excess. Peaks explained: the share of those '
        'peaks at a line of the element or of oxygen.'
        % (100 * libs_lines.STRENGTH, libs_lines.CHANNELS))


def _dependence_table(models):
    return Table(
        'dependence_on_y', 'How much what is generated depends on y',
        ['Quantity'] + [r.label for r in models],
        [['as published'] + [r.findings['dependence_on_y'] for r in models],
         ['generated once'] + [r.findings['dependence_on_y_once']
                               for r in models]],
        'The largest distance between the spectra generated for two pure '
        'oxides over their mean norm, L2. Near 0 the hits above are those of '
        'one spectrum.')


def _oxide_drawings(models, data, silicon):
    drawings = []
    for r in reversed(models):
        if silicon:
            drawings.append(Drawing(
                'figure7_' + r.key,
                u'Figure 7. Spectrum generated for 100 % SiO\u2082, '
                + r.label,
                'Three spectrometers. Black: generated spectrum; grey: mean '
                'of all spectra. Triangles: peaks found in the excess over '
                'the mean. Ticks below the axis: strong lines of Si, long '
                'where a peak was found within %d channels.'
                % libs_lines.CHANNELS,
                lambda r=r: libs_figures.draw_oxide('SiO2', r, data)))
    for r in reversed(models):
        if r.findings.get('line_hits', True):
            drawings.append(Drawing(
                'oxides_' + r.key,
                'Spectra generated for every oxide, ' + r.label,
                'Excess over the mean of all spectra; triangles: peaks '
                'found. Ticks at the bottom: strong lines of the element, '
                'long and black where a peak was found within %d channels.'
                % libs_lines.CHANNELS,
                lambda r=r: libs_figures.draw_oxides(r, data)))
    return drawings


def _si_ordering(models):
    return ordering(
        'Hit rate of Si lines in the excess', None, by_method(
            models, lambda r: r.findings['line_hits']['SiO2']['hit_rate']),
        more_is_better=True)


def _si_sentences(models):
    return ('The paper shows a strong agreement for Si (Figure 7) and prints '
            'no number. %s' % ' '.join(_si_sentence(r) for r in models))


def _dependence_sentence(result):
    alike = [(how, value) for how, value in (
        ('as published', result.findings['dependence_on_y']),
        ('generated once', result.findings['dependence_on_y_once']))
        if value < ALIKE]
    if not alike:
        return None
    return ('%s: what is generated does not depend on y: the spectra of two '
            'oxides differ by at most %s of their norm. Hits are those of '
            'one spectrum.' % (result.label, ' and '.join(
                '%s (%s)' % (shown(value), how) for how, value in alike)))


def _si_sentence(result):
    hits = result.findings['line_hits']['SiO2']
    return (
        '%s: the generated spectrum has a peak at a share of %s of the Si '
        'lines; the mean of all spectra, %s. Its excess over that mean: %s; '
        'by chance, %s.' % (result.label, shown(hits['hit_rate_spectrum']),
                            shown(hits['hit_rate_mean']),
                            shown(hits['hit_rate']), shown(hits['chance'])))

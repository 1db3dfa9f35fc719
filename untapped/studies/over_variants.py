"""The runs of an ablation in one report: tables, sentences and a figure."""
from __future__ import division, print_function

from collections import OrderedDict

from untapped.report import figures
from untapped.report.content import (METHODS, Drawing, Section, Table,
                                     attempt)
from untapped.studies import comparisons, libs, over_runs
from untapped.studies.quantities import QUANTITIES, Quantity, values
from untapped.studies.statistics import summary

__all__ = ['SHARES', 'draw_variants', 'quantities', 'section']

NAMES = dict(METHODS)
#: What one run's tables have and those over runs have not.
MORE = [Quantity('dependence of generated x on y, generated once',
                 'findings/dependence_on_y_once', True)]
#: Of the part called Other, in a constant answer.
SHARES = (.009, .011, .015, .019, .05)


def quantities(experiment):
    """Those of the experiment that are not of one part of y alone."""
    return [each for each in QUANTITIES[experiment] + MORE
            if not each.label.startswith(('hit rate of',
                                          'endmember error of'))]


def section(experiment, stated, found, contrasts, data=None):
    """What an ablation says.

    Parameters
    ----------
    experiment : str
    stated : OrderedDict, see `ablations.recorded`
    found : list of (label of the variant, its key, Unit, metrics by method)
    contrasts : list of `ablations.Contrast`
    data : untapped.datasets.Prepared, optional
        Of LIBS, for the table of constant answers.

    Returns
    -------
    (Section, list of pairs for metrics.json)
    """
    compared = _compared(experiment, found, contrasts)
    made = [_means(experiment, found)]
    plain = [('ablation', stated), ('contrasts', OrderedDict(
        (label, comparisons.plain(plan, each))
        for label, plan, each in compared))]
    if compared:
        made.append(_tests(compared))
    if data is not None:
        answers = attempt('The table of constant answers',
                          lambda: libs.with_other(data, SHARES))
        if isinstance(answers, OrderedDict):
            made.append(_constants(answers))
            plain.append(('constant_answers', OrderedDict(
                (repr(share), kl) for share, kl in answers.items())))
        else:
            made.append(answers)
    sentences = ['Expected before the first run: ' + stated['expectation']]
    # the first quantity of each contrast; the table has the others
    sentences += [u'%s. %s' % (label, over_runs.sentence(each[0], plan, {}))
                  for label, plan, each in compared if each]
    return Section(stated['title'], sentences, made, [Drawing(
        'ablation', stated['title'],
        'A panel a quantity, a mark the mean of a method over its runs, a '
        'line from the least to the most.',
        lambda: draw_variants(experiment, found))]), plain


def _by_variant(found):
    """Label -> list of metrics by method."""
    grouped = OrderedDict()
    for label, _, _, each in found:
        grouped.setdefault(label, []).append(each)
    return grouped


def _means(experiment, found):
    wanted = quantities(experiment)
    rows = []
    for label, runs in _by_variant(found).items():
        numbers = [values(quantity, runs) for quantity in wanted]
        for key, name in METHODS:
            if any(key in each for each in numbers):
                rows.append([label, name, len(runs)] + sum(
                    [list(summary(each[key])[:2]) if key in each
                     else [None, None] for each in numbers], []))
    columns = ['Variant', 'Method', 'runs'] + sum(
        [[quantity.label, 'standard deviation'] for quantity in wanted], [])
    kept = [k for k in range(len(columns)) if k < 3
            or any(row[k - (k % 2 == 0)] is not None for row in rows)]
    return Table('ablation', 'Every variant', [columns[k] for k in kept],
                 [[row[k] for k in kept] for row in rows],
                 'Means and standard deviations (n - 1) over the runs.')


def _compared(experiment, found, contrasts):
    """(label, Design, list of Comparison) of each contrast; Holm's p of a
    quantity is over the contrasts."""
    there = dict(((key, unit), each) for _, key, unit, each in found)
    tested, plans = [], []
    for contrast in contrasts:
        (key, method), (other, beside) = contrast.untapped, contrast.m2
        units = [unit for _, each, unit, _ in found
                 if each == key and (other, unit) in there]
        runs = [{'untapped': there[key, unit].get(method, {}),
                 'm2': there[other, unit].get(beside, {})} for unit in units]
        if units:
            plans.append((contrast.label, comparisons.design(
                units, experiment)))
            tested.append(comparisons.tested(
                plans[-1][1], quantities(experiment), runs))
    everything, by_place = sum(tested, []), OrderedDict()
    for k, (quantity, _, _) in enumerate(everything):
        by_place.setdefault(quantity.place, []).append(k)
    judged = [None] * len(everything)
    for positions in by_place.values():
        for k, each in zip(positions, comparisons.judged(
                [everything[k] for k in positions])):
            judged[k] = each
    made = []
    for (label, plan), each in zip(plans, tested):
        made.append((label, plan, judged[:len(each)]))
        judged = judged[len(each):]
    return made


def _tests(compared):
    rows = [[label] + over_runs.row(each, plan)
            for label, plan, made in compared for each in made]
    return Table('contrasts', 'Untapped against M2, variant by variant',
                 ['Variant'] + over_runs.TESTED, rows,
                 over_runs.rule(
                     compared[0][1], 'over the variants, each quantity alone'))


def _constants(answers):
    return Table(
        'constant_answers', 'One answer for all spectra, by its share of '
        'Other', ['Other, wt.%', 'KL of compositions, nats'],
        [[100 * share, kl] for share, kl in answers.items()],
        "Shergottite's oxides in their ratios, on the published split; in "
        'the paper M2 has 0.618, Untapped 0.525.')


def draw_variants(experiment, found):
    """A panel a quantity; variants along x, methods beside each other.

    Parameters
    ----------
    experiment, found : see `section`

    Returns
    -------
    matplotlib.figure.Figure
    """
    grouped = _by_variant(found)
    panels = []
    for quantity in quantities(experiment):
        each = [values(quantity, runs) for runs in grouped.values()]
        if any(each):
            panels.append((quantity.label, each))
    rows = -(-len(panels) // 2)
    height = 2.2 * rows + 2.
    figure = figures.new(height)
    for number, (label, each) in enumerate(panels):
        axes = figure.add_subplot(rows, 2, number + 1)
        _draw_panel(axes, each)
        axes.set_title(label, fontsize=8)
        axes.set_xticks(range(len(grouped)))
        last = number + 2 >= len(panels)
        axes.set_xticklabels([figures.literal(name) for name in grouped]
                             if last else [], rotation=90, fontsize=7)
    handles = {}
    for axes in figure.axes:
        for handle, label in zip(*axes.get_legend_handles_labels()):
            handles.setdefault(label, handle)
    labels = [label for _, label in METHODS if label in handles]
    figure.legend([handles[label] for label in labels], labels,
                  loc='upper center', ncol=3)
    figure.subplots_adjust(left=0.1, right=0.98, bottom=1.7 / height,
                           top=1 - 0.6 / height, hspace=0.4, wspace=0.3)
    return figure


def _draw_panel(axes, each):
    """Mean, least and most of each variant and method."""
    for number, (key, label) in enumerate(METHODS):
        shift = .6 * ((number + .5) / len(METHODS) - .5)
        there = [(i + shift, summary(numbers[key]))
                 for i, numbers in enumerate(each) if key in numbers]
        if not there:
            continue
        marker, size, edge, face = figures.MARKS[key]
        places = [place for place, _ in there]
        axes.vlines(places, [found[2] for _, found in there],
                    [found[3] for _, found in there], colors=edge,
                    linewidth=1.)
        axes.plot(places, [found[0] for _, found in there],
                  linestyle='none', marker=marker, markersize=size + 1,
                  markeredgecolor=edge, markerfacecolor=face, label=label)
    axes.set_xlim(-.6, len(each) - .4)
    axes.margins(y=.12)
    axes.locator_params(axis='y', nbins=5)
    figures.grid(axes, 'y')

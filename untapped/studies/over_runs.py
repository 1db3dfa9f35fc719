"""Several runs of a study in one report: tables, sentences and a figure."""
from __future__ import division, print_function

import textwrap

from untapped.datasets import libs
from untapped.report import figures, paper
from untapped.report.content import METHODS, OPEN, Finding, Table, shown
from untapped.studies.comparisons import compare
from untapped.studies.quantities import QUANTITIES, at, details, values
from untapped.studies.statistics import (APART, ASTRAY, LEVEL, UNTAPPED,
                                         finite, share, summary)

__all__ = ['TESTED', 'draw_runs', 'held_out', 'orderings', 'printed', 'row',
           'rule', 'run_by_run', 'sentence']

NAMES = dict(METHODS)
#: The columns of `row`.
TESTED = ['Quantity', 'mean difference', '95 % from', 'to',
          'median difference', 'effect size', 'p', 'p, Holm', 'tested',
          'astray', 'share of runs in which Untapped is better', 'runs',
          'verdict']


def printed(options, place):
    """The paper's numbers of a quantity, which are of LIBS's first split."""
    return paper.printed(options.experiment, place) \
        if options.split == 0 else {}


def orderings(options, found):
    """What all runs together say.

    Parameters
    ----------
    options : Namespace
    found : list of (Unit, metrics by method)

    Returns
    -------
    (list of Table, list of Finding, (Design, list of Comparison))
        The spread of every quantity; Untapped against M2, where there are
        both; a sentence for each quantity of the latter; and what they are
        made from.
    """
    units, runs = zip(*found)
    plan, compared = compare(options.experiment, units, runs)
    tables = [_spread(options, runs)]
    sentences = [sentence(each, plan, printed(options, each.quantity.place))
                 for each in compared]
    rows = [row(each, plan) for each in compared]
    whole = compared and _whole_ordering(options, compared[0])
    if whole:
        rows.insert(1, [whole[0]] + [None] * 9 + list(whole[1:3]) + [None])
        sentences.insert(1, whole[3])
    if rows:
        tables.append(Table('orderings', 'Untapped against M2, paired',
                            TESTED, rows, rule(plan)))
    return tables, sentences, (plan, compared)


def _spread(options, runs):
    """Table of every quantity's mean and spread over the runs."""
    rows = []
    for quantity in QUANTITIES[options.experiment] + details(runs):
        theirs = printed(options, quantity.place)
        rows += [[quantity.label, NAMES[key], theirs.get(key)]
                 + list(summary(numbers)) + [len(numbers)]
                 for key, numbers in values(quantity, runs).items()]
    return Table('repeats', 'Over all runs',
                 ['Quantity', 'Method', 'paper', 'mean',
                  'standard deviation', 'least', 'most', 'runs'],
                 rows, 'Standard deviation: over the runs, n - 1.')


def _whole_ordering(options, comparison):
    """How often all methods stand as in the paper, where it has all three:
    (what, share of runs, runs, sentence)."""
    theirs, ours = printed(options, comparison.quantity.place), \
        comparison.numbers
    if comparison.quantity.place != 'validation/kl' or \
            not set(theirs) > set(['m2', 'untapped']) or \
            not set(theirs) <= set(ours) or not finite(sum(
                [ours[key] for key in theirs], [])):
        return None
    order = sorted(theirs, key=theirs.get)
    held = [all(a < b for a, b in zip(each, each[1:]))
            for each in zip(*[ours[key] for key in order])]
    what = "the paper's whole ordering of KL, %s" % ' < '.join(
        NAMES[key] for key in order)
    said = 'T%s: in %d of %d runs' % (what[1:], sum(held), len(held))
    return (what, sum(held) / len(held), len(held),
            Finding(said + '.', None, said))


def row(comparison, plan):
    """A `Comparison` as a row of a table, see `TESTED`."""
    quantity, numbers, test, holm, word, wins = comparison
    return [quantity.label, test.mean, test.low, test.high, test.median,
            test.effect, test.p, holm,
            '%d of %d' % (test.tested, len(plan.groups)),
            ', '.join(plan.names[i] for i in test.far) or None,
            share(numbers['m2'], numbers['untapped'], quantity.more),
            len(wins), word]


def rule(plan, corrected='over this table'):
    """The note below a table of paired tests: how each verdict is reached."""
    return (
        "Differences: Untapped - M2, over %s. Student's paired test%s; Holm: "
        'corrected %s. Effect size: mean over standard '
        'deviation of the differences. Astray: further than %g robust '
        'standard deviations from the median; left out of mean, interval, '
        'effect size and p if it is one, or one in ten. Verdict: one is '
        "lower where Holm's p is below %g and more than 0.2 %% lie between "
        'the means, with the median and the mean of all differences on the '
        'same side. Equal: both are the same in all runs.' % (
            plan.over, ", with Nadeau and Bengio's correction for "
            'overlapping training sets (variance %.3g s^2)' % (
                1 / len(plan.groups) + plan.ratio) if plan.ratio else '',
            corrected, ASTRAY, LEVEL))


def sentence(comparison, plan, theirs):
    """What is to be said of one quantity of Untapped and M2; a `Finding`.

    Parameters
    ----------
    comparison : comparisons.Comparison
    plan : comparisons.Design
    theirs : dict
        Method's key -> the paper's number, where it has one.
    """
    (label, _, more), ours, test, holm, word, wins = comparison
    claimed = 'm2' in theirs and 'untapped' in theirs
    if not finite(ours['m2'] + ours['untapped']):
        return Finding(
            '%s: not comparable, as a value is no number in %d of %d runs.' % (
                label, sum(not finite(pair) for pair in zip(
                    ours['m2'], ours['untapped'])), len(wins)),
            OPEN if claimed else None, label + ' (not comparable)')
    if ours['m2'] == ours['untapped']:
        return Finding('%s: Untapped and M2 are equal in all runs.' % label,
                       OPEN if claimed else None, label + ' (equal)')
    m2, untapped = [summary(ours[key])[0] for key in ('m2', 'untapped')]
    text = '%s: %s over %s%s; means %s and %s (M2); Untapped better%s in ' \
        '%d of %d runs%s' % (label, word, plan.over, _interval(test, holm),
                             shown(untapped), shown(m2),
                             ' (more is)' if more else '', sum(wins),
                             len(wins), _gone_astray(test, plan))
    brief = '%s, %s%s' % (label, word,
                          '' if holm is None else ' (p = %.2g)' % holm)
    if not claimed:
        return Finding(text + '.', None, brief)
    text += '; in the paper %s and %s (M2)' % (
        shown(theirs['untapped']), shown(theirs['m2']))
    # of what has a number in the paper, less is better
    return Finding(text + '.', OPEN if word == APART else word == UNTAPPED,
                   brief)


def _interval(test, holm):
    """The difference with its interval, in words."""
    said = '; difference %s' % shown(test.mean)
    if test.p is None:
        return said
    return '%s, 95 %% from %s to %s, median %s, p = %.2g, by Holm %.2g' % (
        said, shown(test.low), shown(test.high), shown(test.median), test.p,
        holm)


def _gone_astray(test, plan):
    if not test.far:
        return ''
    return '; astray, %s: %s' % (
        'and not in the test' if test.tested < len(plan.groups)
        else 'too many to be left out',
        ', '.join(plan.names[i] for i in test.far))


def held_out(experiment, raw):
    """Split of LIBS -> the standards that it validates on, as text."""
    if experiment != 'libs':
        return {}
    return dict(enumerate(', '.join(names) for names in libs.splits(
        libs.usable_rows(raw.arrays)[1])))


def run_by_run(experiment, found, standards):
    """A table with a row a run and method.

    Parameters
    ----------
    experiment : str
    found : list of (Unit, metrics by method)
    standards : dict, see `held_out`
    """
    quantities = QUANTITIES[experiment]
    columns = ['Run', 'validated on', 'Method'] + [
        quantity.label for quantity in quantities]
    rows = [[unit.name, standards.get(unit.split), label]
            + [at(each[key], quantity.place) for quantity in quantities]
            for unit, each in found
            for key, label in METHODS if key in each]
    kept = [k for k in range(len(columns))
            if any(line[k] is not None for line in rows)]
    return Table('runs', 'Run by run', [columns[k] for k in kept],
                 [[line[k] for k in kept] for line in rows])


def draw_runs(experiment, found):
    """Every run's numbers: a panel a quantity, M2 and Untapped joined.

    Parameters
    ----------
    experiment : str
    found : list of (Unit, metrics by method)

    Returns
    -------
    matplotlib.figure.Figure
    """
    panels = [(quantity.label, values(quantity, [each for _, each in found]))
              for quantity in QUANTITIES[experiment]]
    panels = [panel for panel in panels if panel[1]]
    columns, tall, letters = (2, 2.2, 8) if len(panels) <= 8 else (3, 1.7, 7)
    rows = -(-len(panels) // columns)
    height = min(tall * rows, 9.) + 1.
    figure = figures.new(height)
    for number, (label, ours) in enumerate(panels):
        axes = figure.add_subplot(rows, columns, number + 1)
        _draw_panel(axes, ours, len(found))
        axes.set_title('\n'.join(textwrap.wrap(label, 100 // columns)),
                       fontsize=letters)
        if number + columns >= len(panels):
            axes.set_xlabel('run, as in the table')
    handles, labels = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc='upper center', ncol=3)
    figure.subplots_adjust(left=0.09, right=0.98, bottom=0.5 / height,
                           top=1 - 0.7 / height, hspace=0.6, wspace=0.45)
    return figure


def _draw_panel(axes, ours, runs):
    """A mark a method and run."""
    at_runs = list(range(1, runs + 1))
    if 'm2' in ours and 'untapped' in ours:
        axes.vlines(at_runs, *[ours[key] for key in ('m2', 'untapped')],
                    colors='#bbbbbb', linewidth=1.)
    for key, numbers in ours.items():
        marker, size, edge, face = figures.MARKS[key]
        axes.plot(at_runs, numbers, linestyle='none', marker=marker,
                  markersize=size + 1, markeredgecolor=edge,
                  markerfacecolor=face, markeredgewidth=0.9,
                  label=NAMES[key])
    axes.set_xlim(0.4, runs + 0.6)
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.margins(y=0.12)
    axes.locator_params(axis='y', nbins=5)
    figures.grid(axes, 'y')

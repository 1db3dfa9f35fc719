"""Several runs of a study in one report: tables, sentences and a figure."""
from __future__ import division, print_function

import textwrap

from untapped.datasets import libs
from untapped.report import figures, paper
from untapped.report.content import (METHODS, TIE, Finding, Table, same,
                                     shown)
from untapped.studies.quantities import QUANTITIES, at, details, values
from untapped.studies.statistics import (better, finite, paired, share,
                                         summary)

__all__ = ['draw_runs', 'held_out', 'orderings', 'run_by_run']

NAMES = dict(METHODS)


def orderings(options, found):
    """What all runs together say.

    Parameters
    ----------
    options : Namespace
    found : list of (unit, metrics by method)
        A unit is a run's (folder's name, index of the seed, split).

    Returns
    -------
    (list of Table, list of Finding)
        The spread of every quantity; Untapped against M2, where there are
        both; and a sentence for each quantity of the latter.
    """
    spread, tests, sentences = [], [], []
    runs = [each for _, each in found]
    for quantity in QUANTITIES[options.experiment]:
        label, place, more = quantity
        printed = paper.printed(options.experiment, place)
        # The paper's split of LIBS is the first one.
        theirs = printed if options.split == 0 else {}
        ours = values(quantity, runs)
        spread += _spread(label, ours, theirs)
        if 'm2' not in ours or 'untapped' not in ours:
            continue
        test = paired(ours['m2'], ours['untapped'])
        tests.append([label] + list(test) + [
            share(ours['m2'], ours['untapped'], more), len(runs)])
        sentences.append(sentence(
            label, ours, better(ours['m2'], ours['untapped'], more), test,
            theirs))
        if place == 'validation/kl' and 'pls_published' in printed and \
                set(printed) <= set(ours) and \
                finite(sum([ours[key] for key in printed], [])):
            row, said = _whole_ordering(ours, printed)
            tests.append(row)
            sentences.append(said)
    for quantity in details(runs):
        spread += _spread(quantity.label, values(quantity, runs), {})
    tables = [Table('repeats', 'Over all runs',
                    ['Quantity', 'Method', 'paper', 'mean',
                     'standard deviation', 'least', 'most', 'runs'],
                    spread, 'Standard deviation: over the runs, n - 1.')]
    if tests:
        tables.append(_tests(tests, options.split == 'all'
                             and options.seeds > 1))
    return tables, sentences


def _spread(label, ours, theirs):
    """Rows on how far a quantity goes, a method a row."""
    return [[label, NAMES[key], theirs.get(key)] + list(summary(numbers))
            + [len(numbers)] for key, numbers in ours.items()]


def _whole_ordering(ours, printed):
    """Row and sentence on how often all methods stand as in the paper."""
    order = sorted(printed, key=printed.get)
    held = [all(a < b for a, b in zip(each, each[1:]))
            for each in zip(*[ours[key] for key in order])]
    named = ' < '.join(NAMES[key] for key in order)
    said = "The paper's whole ordering of KL, %s: in %d of %d runs" % (
        named, sum(held), len(held))
    return (["the paper's whole ordering of KL, %s" % named, None, None,
             None, None, sum(held) / len(held), len(held)],
            Finding(said + '.', all(held), said))


def _tests(rows, dependent):
    """Table of the paired tests; whether the runs' differences depend."""
    note = ("Difference: Untapped - M2; Student's paired test. The ordering "
            'is the one that the paper claims or implies: Untapped has less '
            'error, or more hits; equal: both are the same in all runs.')
    if dependent:
        note += (' Runs of one split share their data: their differences are '
                 'not independent, and p is too small.')
    return Table('orderings', 'Untapped against M2, paired',
                 ['Quantity', 'mean difference', 'its standard deviation',
                  't', 'p, two-sided', 'share of runs with the ordering',
                  'runs'], rows, note)


def sentence(label, ours, wins, test, theirs):
    """What is to be said of one quantity of Untapped and M2.

    Parameters
    ----------
    label : str
    ours : dict
        Method's key -> its number in each run.
    wins : list of bool
        In which runs Untapped is better.
    test : tuple
        Of `statistics.paired`.
    theirs : dict
        Method's key -> the paper's number, where it has one.
    """
    claimed = 'm2' in theirs and 'untapped' in theirs
    if not finite(ours['m2'] + ours['untapped']):
        return Finding(
            '%s: not comparable, as a value is no number in %d of %d runs.' % (
                label, sum(not finite(pair) for pair in zip(
                    ours['m2'], ours['untapped'])), len(wins)),
            False if claimed else None, label + ' (not comparable)')
    if ours['m2'] == ours['untapped']:
        return Finding('%s: Untapped and M2 are equal in all runs.' % label,
                       False if claimed else None, label + ' (equal)')
    m2, untapped = [summary(ours[key])[0] for key in ('m2', 'untapped')]
    brief = '%s: Untapped is better in %d of %d runs' % (
        label, sum(wins), len(wins))
    text = brief + '; means %s and %s (M2)' % (shown(untapped), shown(m2))
    alike, chance = same(m2, untapped), False
    if alike:
        text += ', the same to %g %%' % (100 * TIE)
    if test[3] is not None:
        chance = test[3] >= 0.05
        text += ', paired t = %.2f, p = %.2g%s' % (
            test[2], test[3],
            ', so that the difference may be chance' if chance else '')
        brief += ' (p = %.2g)' % test[3]
    if not claimed:
        return Finding(text + '.', None, brief)
    text += '; in the paper %s and %s (M2)' % (
        shown(theirs['untapped']), shown(theirs['m2']))
    # of what has a number in the paper, less is better
    return Finding(text + '.', untapped < m2 and not (alike or chance),
                   brief)


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
    found : list of (unit, metrics by method)
    standards : dict, see `held_out`
    """
    quantities = QUANTITIES[experiment]
    columns = ['Run', 'validated on', 'Method'] + [
        quantity.label for quantity in quantities]
    rows = [[name, standards.get(split), label]
            + [at(each[key], quantity.place) for quantity in quantities]
            for (name, _, split), each in found
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
    found : list of (unit, metrics by method)

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

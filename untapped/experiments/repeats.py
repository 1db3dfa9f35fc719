"""The same experiment over several seeds or splits, side by side.

Each repetition is a whole run in a process of its own, here or on a cluster
(`side_by_side`); this one waits, reads their metrics.json and reports mean,
spread and a paired test.
"""
from __future__ import division, print_function

import math
import os
import textwrap
from collections import OrderedDict

from untapped.datasets.chemcam import ELEMENT
from untapped.errors import DIVERGED, SavingError, UserError
from untapped.experiments import options as command_line
from untapped.experiments.side_by_side import Cluster, Processes
from untapped.files import plain_json
from untapped.machine.signals import Stopped
from untapped.report import paper

__all__ = ['wanted', 'run', 'units', 'values', 'summary', 'better', 'share',
           'paired', 'QUANTITIES']

NAN = float('nan')

#: Experiment -> (label, place in a method's metrics, whether more is
#: better).
QUANTITIES = {
    'crism': [
        ('KL of abundances, nats', 'validation/kl', False),
        ('root mean square error of abundances, fractions of 1',
         'findings/rmse/mean', False),
        ('mean endmember error', 'endmember_error/mean', False),
        ('mean endmember error, generated once',
         'findings/endmember_error_once/mean', False),
        ('endmember error of olivine', 'endmember_error/olivine', False),
        ('endmember error of diopside', 'endmember_error/diopside', False),
        ('endmember error of bytownite', 'endmember_error/bytownite', False),
        ('rank correlation of levels and incidence, absolute',
         'findings/incidence_rank_correlation', True),
        ('area under curve of container pixels', 'findings/container_auc',
         True)],
    'libs': [
        ('KL of compositions, nats', 'validation/kl', False),
        ('root mean square error of compositions, fractions of 1',
         'findings/rmse/mean', False),
        ('hit rate of Si lines in the excess over the mean',
         'findings/line_hits/SiO2/hit_rate', True),
        ('hit rate of Si lines in the spectrum',
         'findings/line_hits/SiO2/hit_rate_spectrum', True),
        ('hit rate of Si lines in the mean of all spectra',
         'findings/line_hits/SiO2/hit_rate_mean', True)] + [
        ('hit rate of %s lines in the excess over the mean' % element,
         'findings/line_hits/%s/hit_rate' % oxide, True)
        for oxide, element in ELEMENT.items() if oxide != 'SiO2'],
    'mnist': [
        ('KL of digits, nats', 'validation/kl', False),
        ('KL of digits 5 to 9, unlabelled parts matched, nats',
         'findings/kl_of_namings/least', False),
        ('distinct digits', 'findings/digits_covered', True)],
    'raman': [
        ('KL of mixtures, nats', 'validation/kl', False),
        ('mean endmember error', 'endmember_error/mean', False)],
}


def wanted(options):
    """Whether more than one run was asked for."""
    return options.seeds > 1 or options.split == 'all'


def units(options):
    """(name of the folder, index of the seed, split) of each run."""
    splits = (range(command_line.LIBS_SPLITS) if options.split == 'all'
              else [options.split])
    made = []
    for index in range(options.seeds):
        for split in splits:
            name = 'seed-%d' % (options.seed + index)
            if options.experiment == 'libs':
                name += '-split-%02d' % split
            made.append((name, index, split))
    return made


def run(options, raw, folder, output, interrupts):
    """Run all, report; returns the exit status.

    `folder` is that of such a run that goes on, or None: what has ended in
    it is not run again, what was killed goes on.
    """
    from untapped.runs import config as configs
    from untapped.runs.manifest import Manifest
    from untapped.runs.run_folder import RunFolder

    # A cluster that does not answer leaves no folder behind.
    kind = Processes if options.dask is None else Cluster
    side_by_side = kind(options, raw, output, interrupts)
    todo = units(options)
    resumed = folder is not None
    if not resumed:
        folder = RunFolder(options.out, options.experiment, options.name)
    try:
        try:
            config = configs.of_repeats(
                options, raw, [name for name, _, _ in todo])
            manifest = Manifest(folder, config, raw)
            manifest.begin_or_resume(resumed, output)
            statuses = side_by_side.run(todo, folder,
                                        manifest.content['ran_on'])
        finally:
            side_by_side.close()
        _finish(options, raw, folder, todo, statuses, manifest, output)
    except SavingError:
        raise
    except BaseException as error:
        if not resumed and not os.path.isdir(folder.join('runs')):
            output.close()
            folder.discard()
        elif isinstance(error, Stopped):
            error.saved = ('--resume %s goes on with what it holds'
                           % folder.path)
        raise
    if interrupts.signum is not None:
        return interrupts.exit_status
    return DIVERGED if DIVERGED in statuses.values() else 0


def _finish(options, raw, folder, todo, statuses, manifest, output):
    """Report on the runs that have ended, and vouch for them."""
    done = [unit for unit in todo if statuses.get(unit[0]) in (0, DIVERGED)]
    if done:
        _report(options, raw, folder, done, len(todo), output)
    if len(done) < len(todo):
        output.line('%d of %d runs have ended; --resume %s goes on'
                    % (len(done), len(todo), folder.path), always=True)
    output.line('Results: %s' % folder.path, always=True)
    manifest.end('stopped early' if len(done) < len(todo) else
                 'diverged' if DIVERGED in statuses.values() else 'complete',
                 _hashes(folder, done))


def _hashes(folder, done):
    """Hashes of all parameters, from the manifests of the runs."""
    from untapped.runs import manifest

    found = OrderedDict()
    for name, _, _ in done:
        each = manifest.read(folder.join('runs/' + name))
        for model, hashes in each['parameters_sha256'].items():
            found['runs/%s/%s' % (name, model)] = hashes
    return found


# Numbers --------------------------------------------------------------------

def methods(path):
    """Method -> its metrics, of one run's folder; InputError without."""
    name = os.path.join(path, 'metrics.json')
    found = plain_json.read(name, links=False)
    if isinstance(found, dict):
        found = found.get('methods') or OrderedDict([(found.get('model'),
                                                      found)])
    if not isinstance(found, dict) or not all(
            isinstance(each, dict) for each in found.values()):
        raise UserError('%s is no metrics.json of a run' % name)
    return found


def at(metrics, place):
    """A number in nested dictionaries; None where it is not.

    NaN and the infinities are texts in JSON, which float reads.
    """
    for key in place.split('/'):
        if not isinstance(metrics, dict) or key not in metrics:
            return None
        metrics = metrics[key]
    try:
        return float(metrics)
    except (TypeError, ValueError, OverflowError):
        return None


def values(quantity, runs):
    """A quantity's numbers, method by method.

    Parameters
    ----------
    quantity : tuple
        Of `QUANTITIES`.
    runs : list of dict
        Method's key -> its metrics.

    Returns
    -------
    OrderedDict
        Method's key -> list of float, one a run; without methods that lack
        it in some run.
    """
    label, place, _ = quantity
    found = OrderedDict()
    for key, _ in paper.METHODS:
        numbers = [at(each.get(key), place) for each in runs]
        if numbers and None not in numbers:
            if 'absolute' in label:
                numbers = [abs(number) for number in numbers]
            found[key] = numbers
    return found


def better(m2, untapped, more):
    """In which runs Untapped is better; `more` says whether more is."""
    return [u > m if more else u < m for m, u in zip(m2, untapped)]


def finite(values):
    """Whether all are finite."""
    return not any(math.isnan(v) or math.isinf(v) for v in values)


def share(m2, untapped, more):
    """The share of runs in which Untapped is better.

    'equal' where it is as good as M2 in all runs; NaN where a value is no
    number.
    """
    if not finite(m2 + untapped):
        return NAN
    if m2 == untapped:
        return 'equal'
    wins = better(m2, untapped, more)
    return sum(wins) / len(wins)


def summary(values):
    """Mean, standard deviation (n - 1; None for one), least and most.

    All are NaN where a value is no number: min and max would take it or
    leave it by its place.
    """
    n = len(values)
    if not finite(values):
        return NAN, None if n == 1 else NAN, NAN, NAN
    mean = math.fsum(values) / n
    deviation = None
    if n > 1 and min(values) == max(values):
        # PLS on the same data: not what rounding makes of a mean
        mean, deviation = values[0], 0.
    elif n > 1:
        deviation = math.sqrt(math.fsum((v - mean) ** 2
                                        for v in values) / (n - 1))
    return mean, deviation, min(values), max(values)


def paired(m2, untapped):
    """Student's paired test of Untapped - M2.

    Returns
    -------
    (mean difference, its standard deviation, t, two-sided p)
        None from where it cannot be told: with one pair, or where all
        differences are equal.  NaN where a value is no number.
    """
    from scipy import stats

    differences = [u - m for m, u in zip(m2, untapped)]
    mean, deviation, _, _ = summary(differences)
    if not deviation:
        return mean, deviation, None, None
    t = mean / (deviation / math.sqrt(len(differences)))
    return mean, deviation, t, float(
        2 * stats.t.sf(abs(t), len(differences) - 1))


def _tables(options, found):
    """Two tables and the sentences, from [(unit, methods)]."""
    from untapped.report.content import METHODS, Finding, Table

    spread, tests, sentences = [], [], []
    names = dict(METHODS)
    runs = [each for _, each in found]
    # The paper's split of LIBS is the first one.
    printed = (paper.printed if options.split == 0
               else lambda experiment, place: {})
    for quantity in QUANTITIES[options.experiment]:
        label, place, more = quantity
        theirs = printed(options.experiment, place)
        ours = values(quantity, runs)
        for key, numbers in ours.items():
            spread.append([label, names[key], theirs.get(key)]
                          + list(summary(numbers)) + [len(numbers)])
        if 'm2' not in ours or 'untapped' not in ours:
            continue
        wins = better(ours['m2'], ours['untapped'], more)
        test = paired(ours['m2'], ours['untapped'])
        tests.append([label] + list(test) + [
            share(ours['m2'], ours['untapped'], more), len(wins)])
        sentences.append(_sentence(label, ours, wins, test, theirs))
        whole = paper.printed(options.experiment, place)
        if place == 'validation/kl' and 'pls' in ours and 'pls' in whole \
                and finite(sum(ours.values(), [])):
            order = sorted(whole, key=whole.get)
            same = [all(a < b for a, b in zip(each, each[1:]))
                    for each in zip(*[ours[key] for key in order])]
            tests.append(["the paper's whole ordering of KL, %s" % ' < '.join(
                names[k] for k in order), None, None, None, None,
                sum(same) / len(same), len(same)])
            said = "The paper's whole ordering of KL, %s: in %d of %d runs" % (
                ' < '.join(names[k] for k in order), sum(same), len(same))
            sentences.append(Finding(said + '.', all(same), said))
    tables = [Table('repeats', 'Over all runs',
                    ['Quantity', 'Method', 'paper', 'mean',
                     'standard deviation', 'least', 'most', 'runs'],
                    spread, 'Standard deviation: over the runs, n - 1.')]
    if tests:
        tables.append(Table(
            'orderings', 'Untapped against M2, paired',
            ['Quantity', 'mean difference', 'its standard deviation', 't',
             'p, two-sided', 'share of runs with the ordering', 'runs'],
            tests,
            "Difference: Untapped - M2; Student's paired test. The ordering "
            'is the one that the paper claims or implies: Untapped has less '
            'error, or more hits; equal: both are the same in all runs.' + (
                ' Runs of one split share their data: their differences are '
                'not independent, and p is too small.'
                if options.split == 'all' and options.seeds > 1 else '')))
    return tables, sentences


def _sentence(label, values, better, test, printed):
    from untapped.report.content import TIE, Finding, same, shown

    claimed = 'm2' in printed and 'untapped' in printed
    if not finite(values['m2'] + values['untapped']):
        return Finding(
            '%s: not comparable, as a value is no number in %d of %d runs.' % (
                label, sum(not finite(pair) for pair in zip(
                    values['m2'], values['untapped'])), len(better)),
            False if claimed else None, label + ' (not comparable)')
    if values['m2'] == values['untapped']:
        return Finding('%s: Untapped and M2 are equal in all runs.' % label,
                       False if claimed else None, label + ' (equal)')
    m2, untapped = [summary(values[key])[0] for key in ('m2', 'untapped')]
    brief = '%s: Untapped is better in %d of %d runs' % (
        label, sum(better), len(better))
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
        shown(printed['untapped']), shown(printed['m2']))
    # of what has a number in the paper, less is better
    return Finding(text + '.', untapped < m2 and not (alike or chance),
                   brief)


def _each(options, found, held_out):
    """A row a run and method; `held_out`: split -> its standards."""
    from untapped.report.content import METHODS, Table

    quantities = QUANTITIES[options.experiment]
    columns = ['Run', 'validated on', 'Method'] + [
        label for label, _, _ in quantities]
    rows = [[name, held_out.get(split), label]
            + [at(each[key], place) for _, place, _ in quantities]
            for (name, _, split), each in found
            for key, label in METHODS if key in each]
    kept = [k for k in range(len(columns))
            if any(line[k] is not None for line in rows)]
    return Table('runs', 'Run by run', [columns[k] for k in kept],
                 [[line[k] for k in kept] for line in rows])


def _held_out(options, raw):
    """Split of LIBS -> the standards that it validates on."""
    if options.experiment != 'libs':
        return {}
    from untapped.datasets import libs
    return dict(enumerate(', '.join(names) for names in libs.splits(
        libs.usable_rows(raw.arrays)[1])))


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
    from untapped.report import figures

    names = dict(paper.METHODS)
    panels = [(quantity[0], values(quantity, [each for _, each in found]))
              for quantity in QUANTITIES[experiment]]
    panels = [panel for panel in panels if panel[1]]
    columns, tall, letters = (2, 2.2, 8) if len(panels) <= 8 else (3, 1.7, 7)
    rows = -(-len(panels) // columns)
    height = tall * rows + 1.
    figure = figures.new(height)
    at = list(range(1, len(found) + 1))
    for number, (label, ours) in enumerate(panels):
        axes = figure.add_subplot(rows, columns, number + 1)
        if 'm2' in ours and 'untapped' in ours:
            axes.vlines(at, *[ours[key] for key in ('m2', 'untapped')],
                        colors='#bbbbbb', linewidth=1.)
        for key, numbers in ours.items():
            marker, size, edge, face = figures.MARKS[key]
            axes.plot(at, numbers, linestyle='none', marker=marker,
                      markersize=size + 1, markeredgecolor=edge,
                      markerfacecolor=face, markeredgewidth=0.9,
                      label=names[key])
        axes.set_title('\n'.join(textwrap.wrap(label, 100 // columns)),
                       fontsize=letters)
        axes.set_xlim(0.4, len(found) + 0.6)
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.margins(y=0.12)
        axes.locator_params(axis='y', nbins=5)
        figures.grid(axes, 'y')
        if number + columns >= len(panels):
            axes.set_xlabel('run, as in the table')
    handles, labels = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc='upper center', ncol=3)
    figure.subplots_adjust(left=0.09, right=0.98, bottom=0.5 / height,
                           top=1 - 0.7 / height, hspace=0.6, wspace=0.45)
    return figure


def _report(options, raw, folder, done, asked, output):
    from untapped.report import html, page, tables
    from untapped.report.content import Drawing, Section
    from untapped.experiments.about import about, caveats
    from untapped.experiments.summary import head

    found = [(unit, methods(folder.join('runs/' + unit[0])))
             for unit in done]
    made, sentences = _tables(options, found)
    made.append(_each(options, found, _held_out(options, raw)))
    diverged = [unit[0] for unit, each in found if any(
        m.get('status') == 'diverged' for m in each.values())]
    settings = OrderedDict((key, command_line.settings(options, key))
                           for key in command_line.models(options))
    section = html.save_section(folder, Section(
        'All %d runs' % len(done), sentences, made, [Drawing(
            'runs', 'Run by run', 'A mark a method; M2 and Untapped of one '
            'run, which share data and first weights, are joined.',
            lambda: draw_runs(options.experiment, found))]))
    first = folder.join('runs/' + done[0][0])
    others = html.load_sections(first)
    for each in others:
        each['title'] += ', %s alone' % done[0][0]
    folder.write_json('metrics.json', OrderedDict(
        head(options, raw, settings) + [
            ('runs', OrderedDict((unit[0], each) for unit, each in found))]))
    for each in others:
        for figure in each['figures']:
            figure['file'] = 'runs/%s/%s' % (done[0][0], figure['file'])
    forbids, limits = caveats(options, settings, raw, {})
    if len(done) < asked:
        forbids.append('%d of %d runs were finished.' % (len(done), asked))
    if diverged:
        forbids.append('Training diverged in %s.' % ', '.join(diverged))
    verdict = page.verdict(sentences, forbids, limits)
    html.write(folder, page.page(about(options, settings, raw),
                                 [section] + others, verdict))
    output.line()
    for line in tables.findings(made[:2], sentences, verdict):
        output.line(line)
    output.line('Report: %s' % folder.join('report.html'))

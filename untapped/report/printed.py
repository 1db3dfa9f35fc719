"""Finished runs as tables of Markdown, so that no number is typed by hand.

    python -m untapped.report.printed results/crism-20261122T160000Z

For each run: the command that made it, the data, the paper's numbers and
the run's side by side, and the SHA-256 of what was learned. For runs over
seeds or splits: mean and standard deviation, and Untapped against M2.
"""
from __future__ import division, print_function

import argparse
import os
import sys
from collections import OrderedDict

from untapped.errors import USER_ERROR, InputError, UserError
from untapped.experiments import repeats
from untapped.files import plain_json
from untapped.machine import console
from untapped.report import paper

__all__ = ['markdown', 'main']

PROGRAM = 'python -m untapped.report.printed'


def markdown(path):
    """Lines of Markdown for one finished run.

    Parameters
    ----------
    path : str
        The run's folder.

    Raises
    ------
    UserError
        If no finished run is there.
    """
    metrics, report = [_read(path, name)
                       for name in ('metrics.json', 'report.json')]
    experiment = metrics['experiment']
    runs = metrics.get('runs')
    if runs is None:
        runs = OrderedDict([('', repeats.methods(path))])
    lines = ['    ' + report['command'], '',
             'Data: %s. Preset %s.' % (report['source'], metrics['preset']),
             '']
    lines += _table(experiment, list(runs.values()),
                    _published_split(metrics))
    lines.append('')
    for sentence in report['verdict']:
        lines.append('- ' + sentence)
    lines.append('')
    for name, each in runs.items():
        for key, label in paper.METHODS:
            if 'parameters_sha256' in each.get(key, {}):
                epochs = each[key]['epochs']
                lines.append('- SHA-256 of the parameters of %s%s, %d of %d '
                             'epochs: `%s`' % (
                                 label, name and ', ' + name,
                                 epochs['done'], epochs['asked'],
                                 each[key]['parameters_sha256']['end']))
    return lines


def _published_split(metrics):
    """Whether the split is the paper's; LIBS has others."""
    return metrics.get('data', {}).get('split', metrics.get('split', 0)) == 0


def _table(experiment, runs, published_split):
    """The paper's numbers and those of one run or of several."""
    methods = [(key, label) for key, label in paper.METHODS
               if all(key in each for each in runs)]
    head = ['quantity']
    for _, label in methods:
        head += ['%s, paper' % label, label]
    both = all(key in dict(methods) for key in ('m2', 'untapped'))
    if both:
        head.append('Untapped / M2')
        if len(runs) > 1:
            head += ['Untapped better', 'p']
    rows = [head, ['---'] * len(head)]
    for quantity in repeats.QUANTITIES[experiment]:
        label, place, more = quantity
        printed = paper.printed(experiment, place) if published_split else {}
        values = repeats.values(quantity, runs)
        if not values:
            continue
        row = [label]
        for key, _ in methods:
            row += [_number(printed.get(key)), _spread(values.get(key))]
        if both:
            row += _against(values, more, len(runs))
        rows.append(row)
    return ['| %s |' % ' | '.join(cells) for cells in rows]


def _against(values, more, number):
    """Ratio of the means, and for several runs the paired test."""
    if 'm2' not in values or 'untapped' not in values:
        return [''] * (1 if number == 1 else 3)
    m2, untapped = values['m2'], values['untapped']
    mean = repeats.summary(m2)[0]
    cells = [_number(repeats.summary(untapped)[0] / mean if mean else None)]
    if number > 1:
        cells += [_wins(m2, untapped, more),
                  _number(repeats.paired(m2, untapped)[3])]
    return cells


def _wins(m2, untapped, more):
    """In how many runs Untapped is better."""
    share = repeats.share(m2, untapped, more)
    if share == 'equal':
        return share
    if share != share:
        return _number(share)
    return '%d of %d' % (sum(repeats.better(m2, untapped, more)), len(m2))


def _spread(values):
    """A mean and its standard deviation, or the one value."""
    if not values:
        return ''
    mean, deviation, _, _ = repeats.summary(values)
    if deviation is None:
        return _number(mean)
    return u'%s \u00b1 %s' % (_number(mean), '%.2g' % deviation)


def _number(value):
    return '' if value is None else '%.4g' % value


def _read(path, name):
    try:
        return plain_json.read(os.path.join(path, name), native=False)
    except InputError as error:
        raise UserError('%s is no finished run: %s' % (path, error))


def main(argv=None):
    """Print the tables of the runs named; the exit status."""
    return console.heard(PROGRAM, _main, argv)


def _main(argv):
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description=__doc__.split('\n')[0])
    parser.add_argument('runs', nargs='+', metavar='RUN',
                        help='the folder of a finished run')
    # UTF-8 also where the output goes into a file
    stream = getattr(sys.stdout, 'buffer', sys.stdout)
    try:
        for path in parser.parse_args(argv).runs:
            stream.write((u'\n'.join(markdown(path)) + u'\n\n')
                         .encode('utf-8'))
    except InputError as error:
        print('error: %s' % error, file=sys.stderr)
        return USER_ERROR
    return 0

"""Finished runs as tables of Markdown beside the paper's numbers.

    python -m untapped.experiments.markdown results/crism-20261122T160000Z

See `report.printed` for what is printed.
"""
from __future__ import division, print_function

import argparse
import os
import sys
from collections import OrderedDict

from untapped.errors import InputError, UserError
from untapped.files import plain_json
from untapped.machine import console
from untapped.report import paper, printed
from untapped.studies import (comparisons, quantities as numbers,
                              statistics)

__all__ = ['markdown', 'main']

PROGRAM = 'python -m untapped.experiments.markdown'


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
    try:
        return _lines(path, metrics, report)
    except InputError:
        raise
    except (ArithmeticError, AttributeError, LookupError, TypeError,
            ValueError) as error:
        # whatever a stranger's files trip this over is one fault of theirs
        raise UserError('%s is no finished run: metrics.json and report.json '
                        'do not have the form of one (%s: %s)'
                        % (path, type(error).__name__, error))


def _lines(path, metrics, report):
    runs = metrics.get('runs')
    if runs is None:
        runs = OrderedDict([('', numbers.methods(path))])
    if 'ablation' in metrics:
        return printed.ablation(report, metrics['preset'])
    # Only LIBS has other splits than the paper's.
    split = metrics.get('data', {}).get('split', metrics.get('split', 0))
    plan, compared = comparisons.compare(
        metrics['experiment'], [comparisons.unit_named(name)
                                for name in runs], list(runs.values()))
    both = dict((each.quantity, each) for each in compared)
    quantities = [
        _compared(quantity, values,
                  paper.printed(metrics['experiment'], quantity.place)
                  if split == 0 else {}, both.get(quantity), plan)
        for quantity, values in [
            (quantity, numbers.values(quantity, list(runs.values())))
            for quantity in numbers.QUANTITIES[metrics['experiment']]]
        if values]
    return printed.markdown(report, metrics['preset'], runs, quantities,
                            plan.over)


def _compared(quantity, values, theirs, both, plan):
    """A `printed.Compared` from the numbers of all runs."""
    found = OrderedDict((key, statistics.summary(numbers)[:2])
                        for key, numbers in values.items())
    made = printed.Compared(quantity.label, theirs, found)
    if both is None:
        return made
    m2, untapped = [values[key] for key in ('m2', 'untapped')]
    if found['m2'][0]:
        made.ratio = found['untapped'][0] / found['m2'][0]
    made.wins = statistics.share(m2, untapped, quantity.more)
    if made.wins != made.wins:
        made.wins = 'nan'
    elif made.wins != 'equal':
        made.wins = '%d of %d' % (sum(both.wins), len(m2))
    made.test, made.holm, made.verdict = both.test, both.holm, both.verdict
    made.far = ', '.join(plan.names[i] for i in both.test.far)
    return made


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
        prog=PROGRAM, description=__doc__.split('\n')[0])
    parser.add_argument('runs', nargs='+', metavar='RUN',
                        help='the folder of a finished run')
    # UTF-8 also where the output goes into a file
    stream = getattr(sys.stdout, 'buffer', sys.stdout)
    for path in parser.parse_args(argv).runs:
        stream.write((u'\n'.join(markdown(path)) + u'\n\n').encode('utf-8'))
    return 0


if __name__ == '__main__':
    sys.exit(main())

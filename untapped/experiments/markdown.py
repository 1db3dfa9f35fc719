"""Finished runs as tables of Markdown beside the paper's numbers.

    python -m untapped.experiments.markdown results/crism-20261122T160000Z

See `report.printed` for what is printed.
"""
from __future__ import division, print_function

import argparse
import os
import sys
from collections import OrderedDict

from untapped.errors import USER_ERROR, InputError, UserError
from untapped.files import plain_json
from untapped.machine import console
from untapped.report import paper, printed
from untapped.studies import quantities as numbers, statistics

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
    # Only LIBS has other splits than the paper's.
    split = metrics.get('data', {}).get('split', metrics.get('split', 0))
    quantities = [
        _compared(quantity, values,
                  paper.printed(metrics['experiment'], quantity[1])
                  if split == 0 else {})
        for quantity, values in [
            (quantity, numbers.values(quantity, list(runs.values())))
            for quantity in numbers.QUANTITIES[metrics['experiment']]]
        if values]
    return printed.markdown(report, metrics['preset'], runs, quantities)


def _compared(quantity, values, theirs):
    """A `printed.Compared` from the numbers of all runs."""
    label, _, more = quantity
    found = OrderedDict((key, statistics.summary(numbers)[:2])
                        for key, numbers in values.items())
    ratio = wins = p = None
    if 'm2' in values and 'untapped' in values:
        m2, untapped = values['m2'], values['untapped']
        if found['m2'][0]:
            ratio = found['untapped'][0] / found['m2'][0]
        wins = statistics.share(m2, untapped, more)
        if wins != wins:
            wins = 'nan'
        elif wins != 'equal':
            wins = '%d of %d' % (sum(statistics.better(m2, untapped, more)),
                                 len(m2))
        p = statistics.paired(m2, untapped)[3]
    return printed.Compared(label, theirs, found, ratio, wins, p)


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
    try:
        for path in parser.parse_args(argv).runs:
            stream.write((u'\n'.join(markdown(path)) + u'\n\n')
                         .encode('utf-8'))
    except InputError as error:
        console.tell_stderr(console.printable('error: %s' % error))
        return USER_ERROR
    return 0


if __name__ == '__main__':
    sys.exit(main())

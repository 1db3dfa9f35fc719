"""Keep a run's numbers, or make the pages of what is kept.

    python -m evidence keep NAME results/RUN [results/RUN ...]
    python -m evidence
"""
from __future__ import division, print_function

import argparse
import sys

import untapped  # noqa: F401, before numpy: it sets the pins
from evidence import kept, made
from untapped.machine import console

PROGRAM = 'python -m evidence'


def parser():
    found = argparse.ArgumentParser(prog=PROGRAM,
                                    description=__doc__.splitlines()[0])
    commands = found.add_subparsers(dest='command')
    commands.add_parser('make', help='docs/results.md and the report anew')
    keep = commands.add_parser(
        'keep', help='keep the numbers of a finished run')
    keep.add_argument('name', metavar='NAME',
                      help='small letters, digits, hyphens; those that the '
                           'pages ask for stand in evidence/plan.py')
    keep.add_argument('runs', metavar='RUN', nargs='+',
                      help="a run's folder; several are kept as one, if they "
                           'differ in seeds, split and model only')
    keep.add_argument('--figures', nargs='+', metavar='FIGURE', default=None,
                      help='figures to keep, as figure5; default: those that '
                           'the report shows of this run')
    return found


def main(argv=None):
    """Run a command; the exit status."""
    return console.heard(PROGRAM, _main,
                         sys.argv[1:] if argv is None else argv)


def _main(arguments):
    options = parser().parse_args(arguments or ['make'])
    if options.command == 'keep':
        print('kept: %s' % kept.keep(
            options.name, options.runs,
            made.shown(options.name) if options.figures is None
            else options.figures))
    else:
        for path in made.make():
            print('made: %s' % path)
    return 0


if __name__ == '__main__':
    sys.exit(main())

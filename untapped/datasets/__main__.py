"""Describe data, or write them as published.

    python -m untapped.datasets describe crism
    python -m untapped.datasets write crism crism.pkl.gz --seed 1
"""
from __future__ import division, print_function

import argparse
import sys

from untapped.datasets import NAMES, OWN, load, write_published
from untapped.errors import DataError
from untapped.machine import console

PROGRAM = 'python -m untapped.datasets'


def parser():
    """The command line."""
    top = argparse.ArgumentParser(prog=PROGRAM,
                                  description=__doc__.split('\n')[0])
    commands = top.add_subparsers(dest='command', metavar='COMMAND')
    commands.required = True
    for name, text in (('describe', 'print shapes, types and checksums'),
                       ('write', 'write the published format')):
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument(
            'name', help='the data set',
            # spectra of one's own have no published form
            choices=NAMES + (OWN,) * (name == 'describe'))
        if name == 'write':
            command.add_argument('path', help='the file to write')
        command.add_argument(
            '--data', default='simulated' if name == 'write' else 'auto',
            metavar='SOURCE', help='auto, simulated, download, or the path '
            'of a file or folder (default: %(default)s)')
        command.add_argument(
            '--folder', help='where auto looks and download writes '
            '(default: $UNTAPPED_DATA or ./data)')
        command.add_argument('--seed', type=int, default=0,
                             help='of simulated data (default: 0)')
    return top


def main(argv=None):
    """Run a command; the exit status."""
    return console.heard(PROGRAM, _main, argv)


def _main(argv):
    arguments = parser().parse_args(argv)
    try:
        raw = load(arguments.name, arguments.data, arguments.folder,
                   arguments.seed)
        print('%s: %s' % (raw.name, raw.source))
        if arguments.command == 'write':
            write_published(raw, arguments.path)
            print('written: %s' % arguments.path)
        else:
            describe(raw)
    except DataError as error:
        console.tell_stderr(console.printable('error: %s' % error))
        return 2
    return 0


def describe(raw):
    """Print name, shape, type and SHA-256 of each array."""
    for name, digest in raw.checksums().items():
        array = raw.arrays[name]
        print('%-12s %-16s %-8s sha256 %s' % (
            name, ' x '.join(str(n) for n in array.shape), str(array.dtype),
            digest))


if __name__ == '__main__':
    sys.exit(main())

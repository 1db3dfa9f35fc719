"""Describe data, write them as published, or make them of measured spectra.

    python -m untapped.datasets describe crism
    python -m untapped.datasets write crism crism.pkl.gz --seed 1
    python -m untapped.datasets describe libs --data simulated --simulator 2
    python -m untapped.datasets convert visionlab CHECKOUT spectra.npz
    python -m untapped.datasets build libs --pds MIRROR
"""
from __future__ import division, print_function

import argparse
import sys

from untapped.datasets import NAMES, OWN, libs, load, pds, write_published
from untapped.datasets import converters
from untapped.datasets.converters import raman_amino, visionlab
from untapped.datasets.simulators import sources
from untapped.machine import console

PROGRAM = 'python -m untapped.datasets'


def parser():
    """The command line."""
    top = argparse.ArgumentParser(prog=PROGRAM,
                                  description=__doc__.split('\n')[0])
    commands = top.add_subparsers(dest='command', metavar='COMMAND')
    commands.required = True
    for name, run, text in (
            ('describe', _describe, 'print shapes, types and checksums'),
            ('write', _write, 'write the published format')):
        command = _command(commands, name, run, text)
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
        command.add_argument('--simulator', type=int, default=1,
                             choices=sources.SIMULATORS,
                             help='of crism and libs (default: 1)')
    _add_converters(commands)
    text = 'make a published file of a public archive'
    command = commands.add_parser('build', help=text, description=text)
    kinds = command.add_subparsers(dest='kind', metavar='KIND')
    kinds.required = True
    command = _command(kinds, 'libs', _build, "of ChemCam's archive")
    command.add_argument('path', nargs='?', default=libs.FILE,
                         help='the new file (default: %(default)s)')
    command.add_argument('--pds', required=True, metavar='FOLDER',
                         help='a mirror of ChemCam\'s archive of tables')
    command.add_argument('--rocks', type=int, default=pds.ROCKS, metavar='N',
                         help='at most, evenly over the mission '
                         '(default: %(default)s)')
    return top


def _command(commands, name, run, text):
    command = commands.add_parser(name, help=text, description=text)
    command.set_defaults(run=run)
    return command


def _add_converters(commands):
    text = 'make spectra.npz of the originals of measured spectra'
    command = commands.add_parser('convert', help=text, description=text)
    kinds = command.add_subparsers(dest='kind', metavar='KIND')
    kinds.required = True
    powders = _command(kinds, 'visionlab', _convert_visionlab,
                       'reflectance of mixtures of oxide powders')
    amino = _command(kinds, 'raman-amino', _convert_raman_amino,
                     'Raman spectra of mixtures of amino compounds')
    for kind in (powders, amino):
        kind.add_argument('folder', help='a checkout of the originals')
        kind.add_argument('path', help='the new file, .npz')
    powders.add_argument('--labels', choices=visionlab.LABELS,
                         default=visionlab.LABELS[0],
                         help='(default: %(default)s)')
    powders.add_argument('--parts', nargs='+', metavar='PART',
                         help='the spectra of these parts alone, of ' +
                         ', '.join(visionlab.PARTS.values()))
    amino.add_argument('--pure', action='store_true',
                       help='the compounds alone are samples, too')


def main(argv=None):
    """Run a command; the exit status."""
    return console.heard(PROGRAM, _main, argv)


def _main(argv):
    arguments = parser().parse_args(argv)
    arguments.run(arguments)
    return 0


def _load(arguments):
    raw = load(arguments.name, arguments.data, arguments.folder,
               arguments.seed, simulator=arguments.simulator)
    print('%s: %s' % (raw.name, raw.source))
    return raw


def _describe(arguments):
    describe(_load(arguments))


def _write(arguments):
    write_published(_load(arguments), arguments.path)
    print('written: %s' % arguments.path)


def _convert_visionlab(arguments):
    converters.checked_new(arguments.path)
    _converted(arguments, visionlab.convert(
        arguments.folder, arguments.labels, arguments.parts))


def _convert_raman_amino(arguments):
    converters.checked_new(arguments.path)
    _converted(arguments, raman_amino.convert(arguments.folder,
                                              arguments.pure))


def _converted(arguments, arrays):
    """Write what a converter made, and say what it is."""
    converters.write(arrays, arguments.path)
    axis = arrays['axis']
    print('%s: %d spectra of %d samples, %d channels from %g to %g %s, '
          'parts %s' % (arguments.kind, len(arrays['spectra']),
                        len(set(arrays['sample'])), len(axis), axis[0],
                        axis[-1], arrays['axis_unit'],
                        ', '.join(arrays['parts'])))
    for note in arrays['notes']:
        print(note)
    print('written: %s' % arguments.path)


def _build(arguments):
    converters.checked_new(arguments.path)
    raw, counts = pds.build(arguments.pds, arguments.rocks)
    write_published(raw, arguments.path)
    for name, number in counts.items():
        print('%-56s %d' % (name, number))
    used = len(set(libs.usable_rows(raw.arrays)[1]))
    if used < libs.STANDARDS:
        print('These are %d of the standards; run_libs.py needs %d.' % (
            used, libs.STANDARDS))
    print('written: %s' % arguments.path)


def describe(raw):
    """Print name, shape, type and SHA-256 of each array."""
    for name, digest in raw.checksums().items():
        array = raw.arrays[name]
        print('%-12s %-16s %-8s sha256 %s' % (
            name, ' x '.join(str(n) for n in array.shape), str(array.dtype),
            digest))


if __name__ == '__main__':
    sys.exit(main())

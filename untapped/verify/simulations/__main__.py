"""Hold the simulations against measured spectra.

    python -m untapped.verify.simulations compare --library FOLDER
    python -m untapped.verify.simulations compare --targets FOLDER
    python -m untapped.verify.simulations compare --targets FOLDER \\
        --simulator 2 --seeds 10
    python -m untapped.verify.simulations calibrate --product FILE
    python -m untapped.verify.simulations measure --powders FOLDER
"""
from __future__ import division, print_function

import argparse
import sys
from collections import OrderedDict

from untapped.datasets.simulators import libs
from untapped.datasets.simulators.sources import SIMULATORS
from untapped.errors import InputError
from untapped.experiments.options import kinds
from untapped.machine import console
from untapped.verify.simulations import (calibration, comparison, replicates,
                                         scatter)

PROGRAM = 'python -m untapped.verify.simulations'
REPORTS = {'compare': comparison.report, 'calibrate': calibration.report}


def parser():
    """The command line."""
    top = argparse.ArgumentParser(prog=PROGRAM,
                                  description=__doc__.split('\n')[0])
    commands = top.add_subparsers(dest='command', metavar='COMMAND')
    commands.required = True
    for name, text in (('compare', 'hold simulations against real spectra'),
                       ('calibrate', 'fit the simulators to real spectra and '
                        'print the numbers')):
        command = commands.add_parser(name, help=text, description=text)
        command.set_defaults(targets=None)
        command.add_argument('--library', metavar='FOLDER',
                             help='USGS splib07a text files')
        command.add_argument(
            '--product', metavar='FILE', help='ChemCam product '
            'CL5_398645626CCS_F0030004CCAM02013P3, csv')
        if name == 'compare':
            command.add_argument(
                '--targets', metavar='FOLDER', help='that product, the mean '
                'spectrum of NAu-2_Med-S, four of BHVO-2 and the table of '
                "the instrument team's predictions (docs/data.md)")
            command.add_argument(
                '--simulator', type=int, choices=SIMULATORS,
                help='of LIBS, with --targets (default: 1)')
            command.add_argument(
                '--seeds', type=kinds.whole(1).read, metavar='N',
                help='root mean square over the simulations of seeds 0 to '
                'N - 1, with --targets (default: 1)')
            command.add_argument(
                '--scale', type=kinds.not_negative('S').read, metavar='S',
                help="size of the targets' matrix effects, that of rocks is "
                '1, with --simulator 2 (default: %g)' % libs.TARGET_SCALE)
    text = 'measure what the simulators take from other measurements'
    command = commands.add_parser('measure', help=text, description=text)
    command.add_argument(
        '--powders', metavar='FOLDER', required=True, help='a checkout of '
        'VisionlabHyperspectral/Mineral-dataset')
    return top


def main(argv=None):
    """Run a command; the exit status."""
    return console.heard(PROGRAM, _main, argv)


def _main(argv):
    arguments = parser().parse_args(argv)
    if arguments.command == 'measure':
        print('\n'.join(replicates.report(arguments.powders)))
        return 0
    if not (arguments.library or arguments.product or arguments.targets):
        raise InputError('%s: expected --library, --product or --targets'
                         % arguments.command)
    given = OrderedDict((name, getattr(arguments, name)) for name in (
        'simulator', 'seeds', 'scale') if getattr(arguments, name, None)
        is not None)
    if given and not arguments.targets:
        raise InputError('argument --%s: expected with --targets, got none'
                         % list(given)[0])
    if 'scale' in given and given.get('simulator') != 2:
        raise InputError('argument --scale: expected with --simulator 2')
    lines = REPORTS[arguments.command](arguments.library, arguments.product)
    if arguments.targets:
        lines += scatter.report(arguments.targets, **given)
    print('\n'.join(lines))
    return 0


if __name__ == '__main__':
    sys.exit(main())

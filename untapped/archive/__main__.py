"""Keep a run: pack it as a BagIt bag, and run it again from one.

    python -m untapped.archive RUN [BAG]    pack a result folder; the bag is
                                            RUN-bag unless it is named
    python -m untapped.archive check BAG    validate a bag, and hold every
                                            file against the run's manifest
    python -m untapped.archive rerun BAG    the same, then repeat the run
                                            of its manifest, and compare

Exit status: 0 packed, valid or identical; 1 the repetition differs; 2 a
mistake, or a bag that is not valid, told in one sentence.
"""
from __future__ import division, print_function

import argparse
import logging
import sys
import tempfile

from untapped.archive.differences import compare
from untapped.archive.packing import check_bag, pack, remove
from untapped.archive.rerun import rerun
from untapped.errors import USER_ERROR, InputError, UserError
from untapped.files import folders
from untapped.machine import console, processes
from untapped.machine.signals import Stopped

PROGRAM = 'python -m untapped.archive'


def main(arguments=None):
    """The command line; returns the exit status."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    # bagit tells each file it writes
    logging.getLogger('bagit').setLevel(logging.CRITICAL)
    return console.heard(PROGRAM, _main, arguments)


def _main(arguments):
    try:
        with processes.handled(_stop):
            command = {'check': _main_check, 'rerun': _main_rerun}.get(
                arguments[0] if arguments else None)
            if command is not None:
                return command(arguments[1:])
            return _main_pack(arguments)
    except Stopped as stopped:
        console.tell_stderr('%s: stopped before it was done' % PROGRAM)
        return 128 + stopped.signum
    except InputError as error:
        console.tell_stderr(console.printable('%s: error: %s' % (
            PROGRAM, error)))
        return USER_ERROR


def _stop(signum, frame):
    raise Stopped(signum)


def _main_pack(arguments):
    parser = argparse.ArgumentParser(
        prog=PROGRAM, description='Pack a result folder as a BagIt bag. '
        '"check BAG" in place of RUN validates one, "rerun BAG" repeats the '
        'run in it.')
    parser.add_argument('run', help='result folder of a run that ended')
    parser.add_argument('bag', nargs='?',
                        help='folder to make (default: RUN-bag)')
    options = parser.parse_args(arguments)
    print('Bag: %s' % pack(options.run, options.bag))
    return 0


def _main_check(arguments):
    parser = argparse.ArgumentParser(
        prog=PROGRAM + ' check',
        description='Validate a bag, and hold every file in it against the '
                    'manifest of its run.')
    parser.add_argument('bag', help='folder that "archive RUN" made')
    bag = parser.parse_args(arguments).bag
    manifest = check_bag(bag)
    print('%s is valid: %s, %s, %d files as its run left them' % (
        bag, manifest['experiment'], manifest['status'],
        len(manifest['outputs'])))
    return 0


def _main_rerun(arguments):
    parser = argparse.ArgumentParser(
        prog=PROGRAM + ' rerun',
        description='Validate a bag, repeat its run and compare.')
    parser.add_argument('bag', help='folder that "archive RUN" made')
    parser.add_argument('--data', metavar='PATH',
                        help='where the data file, or the folder of '
                             '--endmembers, is now (default: where it was)')
    parser.add_argument('--keep', metavar='FOLDER',
                        help='keep the repetition in this folder (default: '
                             'it is removed)')
    options = parser.parse_args(arguments)
    parent = options.keep or tempfile.mkdtemp(prefix='untapped-rerun-')
    try:
        folders.make(parent)
        return compare(options.bag, rerun(options.bag, parent,
                                          options.data))
    except EnvironmentError as error:
        raise UserError('%s: %s' % (error.filename or parent,
                                    error.strerror or error))
    finally:
        if options.keep is None:
            remove(parent)


if __name__ == '__main__':
    sys.exit(main())

"""One command, from the words that were typed to the exit status.

    python run_crism.py --preset paper
    python -m untapped.experiments --experiment raman

The command line is read without numpy and Theano.  Then the pins are set, and
then `start` brings the rest of the package in, all at once.
"""
from __future__ import division, print_function

import logging
import os
import sys
import traceback
import warnings

from untapped import pins
from untapped.errors import USER_ERROR, DataError, FlagsError, InputError
from untapped.experiments import options as command_line, presets
from untapped.experiments.compile_faults import explained
from untapped.experiments.progress import Output
from untapped.experiments.recorded import resumed_options
from untapped.machine import compiler
from untapped.machine.console import tell_stderr
from untapped.machine.signals import Interrupts, Stopped

__all__ = ['main']


def main(experiment=None, arguments=None):
    """Run an experiment as its script does; returns the exit status.

    Parameters
    ----------
    experiment : str or None
        One of `untapped.runs.config.EXPERIMENTS`; None: the option
        --experiment.
    arguments : list of str, optional
        Default: the command line's.
    """
    program = os.path.basename(sys.argv[0])
    if program == '__main__.py':
        program = 'python -m untapped.experiments'
    options = command_line.parse(experiment, arguments, program)
    output = None
    with Interrupts() as interrupts:
        try:
            if options.resume is not None:
                options = resumed_options(options, options.experiment)
            output = Output(quiet=options.quiet)
            if options.list_presets:
                for line in presets.described(options.experiment):
                    output.line(line, always=True)
                return 0
            _set_pins(options)
            return _run(options, output, interrupts)
        except Stopped as stopped:
            return _stopped(options, program, stopped)
        except Exception as error:
            if interrupts.raised or interrupts.signum is not None and \
                    explained(error, sys.exc_info()[2]) is not None:
                # a first Ctrl-C ends g++, too, of the same group
                return _stopped(options, program, Stopped(interrupts.signum))
            sentence = _sentence(options, error, sys.exc_info()[2])
            if sentence is None:
                raise
            _complain(options, program, 'error: %s' % sentence)
            return USER_ERROR
        finally:
            if output is not None:
                output.close()


def _set_pins(options):
    """What must be said before numpy and Theano are loaded."""
    if options.pins is not None:
        pins.choose(options.pins)
    pins.tell()
    try:
        pins.check()
    except ValueError as error:
        raise FlagsError(str(error))
    if options.numerics == 'fast':
        pins.release_blas()
    compiler.check()
    _silence_known_warnings()


def _run(options, output, interrupts):
    # The one door: it loads numpy and Theano, for which the pins had to be
    # set by the options.
    from untapped.experiments import start

    # A stop may have been lost on the way: Theano catches all there is.
    interrupts.check()
    return start.run(options, output, interrupts)


def _silence_known_warnings():
    """Two warnings of the pinned stack that ask nothing of the user.

    Lasagne 0.1 imports a module that Theano 0.8.2 has moved; Theano would
    rather choose -march itself, which is pinned on purpose.
    """
    warnings.filterwarnings('ignore', message='downsample module has been')
    logging.getLogger('theano.gof.cmodule').setLevel(logging.ERROR)


def _sentence(options, error, trace):
    """What to tell of an error; None if the program itself is wrong."""
    if isinstance(error, DataError):
        return _blamed(options) + str(error)
    if isinstance(error, InputError):
        return str(error)
    explanation = explained(error, trace)
    return None if explanation is None else str(explanation)


def _blamed(options):
    """The option that a mistake in the data comes from, for the message."""
    if options.endmembers is not None:
        return 'argument --endmembers (%s): ' % options.endmembers
    if options.simulator != '1':
        return 'argument --simulator (%s): ' % options.simulator
    return 'argument --data (%s): ' % options.data


def _stopped(options, program, stopped):
    _complain(options, program, 'stopped at once; %s'
              % (stopped.saved or 'nothing was saved'))
    return 128 + stopped.signum


def _complain(options, program, message):
    """A sentence on stderr; with --debug the traceback before it."""
    if options.debug:
        traceback.print_exc()
    tell_stderr('%s: %s' % (program, message))

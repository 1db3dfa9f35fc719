"""One run of an experiment, from the command line to its results.

    python run_crism.py --preset paper
    python -m untapped.experiments --experiment raman

The stages: load and prepare the data; make the run folder; fit partial least
squares; then for M2 and for Untapped: train, save the parameters and records,
evaluate, print the table; last the report.  A run of one model (--model) has
its files in the run folder itself, a run of all in a folder a model.  Nothing
is written before the options and the data have been checked.
"""
from __future__ import division, print_function

import logging
import os
import sys
import traceback
import warnings
from collections import OrderedDict

from untapped import pins
from untapped.errors import (DIVERGED, USER_ERROR, InputError, SavingError,
                             UserError)
from untapped.experiments import options as command_line, presets
from untapped.experiments.compiling import explained
from untapped.experiments.recorded import resumed_options
from untapped.machine.signals import Interrupts, Stopped

__all__ = ['main', 'run']


def main(experiment=None, arguments=None):
    """Run an experiment as its script does; returns the exit status.

    Parameters
    ----------
    experiment : str or None
        'crism', 'libs', 'mnist' or 'raman'; None: the option --experiment.
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
                options = resumed_options(options, experiment)
            output = _output(options)
            if options.list_presets:
                for line in presets.described(options.experiment):
                    output.line(line, always=True)
                return 0
            _silence_known_warnings()
            return run(options, output, interrupts)
        except Stopped as stopped:
            return _stopped(options, program, stopped)
        except Exception as error:
            if interrupts.raised:
                return _stopped(options, program, Stopped(interrupts.signum))
            sentence = _sentence(options, error, sys.exc_info()[2])
            if sentence is None:
                raise
            _complain(options, program, 'error: %s' % sentence)
            return USER_ERROR
        finally:
            if output is not None:
                output.close()


def _output(options):
    """What the run prints with; numpy comes in, so its pins come first."""
    pins.check_flags()
    if options.numerics == 'fast':
        pins.release_blas()
    from untapped.experiments.progress import Output
    return Output(quiet=options.quiet)


def run(options, output, interrupts):
    """The stages of a run; returns the exit status."""
    from untapped.experiments import repeats
    from untapped.runs.run_folder import RunFolder, check_parent

    if options.resume is None:
        check_parent(options.out)
    raw = _loaded(options)
    output.line('Data: %s' % raw.source, always=True)
    folder = None
    if options.resume is not None:
        folder = RunFolder.again(options.resume)
        status = _nothing_left(folder, output)
        if status is not None:
            return DIVERGED if status == 'diverged' else 0
    one_or_more = repeats.run if repeats.wanted(options) else _run_one
    return one_or_more(options, raw, folder, output, interrupts)


def _loaded(options):
    """The data that the options name; a `datasets.Raw`."""
    from untapped import datasets

    simulation = {}
    if options.endmembers is not None:
        simulation['endmembers'] = options.endmembers
    return datasets.load(options.experiment, source=options.data,
                         folder=options.data_folder, seed=options.data_seed,
                         **simulation)


def _nothing_left(folder, output):
    """The status of a run that needs nothing any more, told; or None.

    UserError if it has ended, but is no longer as it was then: to train it
    again would put other files in the place of those that were changed.
    """
    from untapped.runs import manifest

    status, changed, more = manifest.ending(folder.path)
    if status is None:
        return None
    if changed:
        raise UserError('argument --resume: the run in %s has ended (%s), '
                        'but %s is not as the run left it; nothing was done'
                        % (folder.path, status, changed[0]))
    # A kill may have come between the manifest and this.
    manifest.discard_checkpoints(folder.path)
    # Its log is left alone: the manifest vouches for it.
    output.line('%s has ended (%s); nothing is left to do.'
                % (folder.path, status), always=True)
    if more:
        output.line('%s is not of the run and was left alone.'
                    % folder.join(more[0]), always=True)
    return status


def _run_one(options, raw, folder, output, interrupts):
    """One run; `folder` is that of a run that goes on, or None."""
    from untapped.experiments import stages, summary
    from untapped.runs.manifest import Manifest
    from untapped.runs.run_folder import RunFolder

    settings = OrderedDict((key, command_line.settings(options, key))
                           for key in command_line.models(options))
    draws = _drawn(options, raw, settings)
    # Theano is loaded by now: a stop may have been lost on the way, and its
    # flags are seen as they are in force.
    interrupts.check()
    for sentence in pins.overrides():
        output.line('Not as pinned: ' + sentence, always=True)
    resumed = folder is not None
    if not resumed:
        folder = RunFolder(options.out, options.experiment, options.name)
    try:
        config = summary.config(options, settings, raw, draws)
        manifest = Manifest(folder, config, raw, draws)
        manifest.begin_or_resume(resumed, output)
        return stages.train_and_report(stages.Run(
            options, settings, raw, draws, folder, manifest, output,
            interrupts))
    except SavingError as error:
        # Whatever could be written stays.
        if folder.resumable():
            raise SavingError('%s; what was written before stands, and '
                              '--resume %s goes on from there'
                              % (error, folder.path))
        raise
    except BaseException as error:
        if resumed or folder.resumable() or any(
                name.endswith('parameters.npz') for name in folder.written):
            if isinstance(error, Stopped):
                error.saved = '--resume %s goes on with what it holds' % (
                    folder.path)
        else:
            # Nothing learned: no folder left behind.
            output.close()
            folder.discard()
        raise


def _drawn(options, raw, settings):
    """The data as a run of these options trains on them; an `inputs.Draws`."""
    from untapped.experiments import inputs

    chosen = list(settings.values())[0]
    draws = inputs.training_data(raw, options.sample_seed,
                                 chosen['num_latent_z2'],
                                 **_of_data(options, chosen))
    if options.quick:
        draws = inputs.few_rows(draws,
                                presets.QUICK[options.experiment]['rows'])
    return draws


def _of_data(options, settings):
    """Options of `datasets.prepare`."""
    chosen = {'trial': options.split} if options.experiment == 'libs' else {}
    if (settings['objective'] == 'paper'
            and 'softplus' in settings['networks']['yz2->_z1']['flows']):
        # spectra less their mean have no density under a positive variable
        chosen['remove_mean'] = False
    return chosen


def _silence_known_warnings():
    """Two warnings of the pinned stack that ask nothing of the user.

    Lasagne 0.1 imports a module that Theano 0.8.2 has moved; Theano would
    rather choose -march itself, which is pinned on purpose.
    """
    warnings.filterwarnings('ignore', message='downsample module has been')
    logging.getLogger('theano.gof.cmodule').setLevel(logging.ERROR)


def _sentence(options, error, trace):
    """What to tell of an error; None if the program itself is wrong."""
    from untapped import datasets

    if isinstance(error, datasets.DataError):
        return _blamed(options) + str(error)
    if isinstance(error, (InputError, pins.FlagsError)):
        return str(error)
    explanation = explained(error, trace)
    return None if explanation is None else str(explanation)


def _blamed(options):
    """The option that a mistake in the data comes from, for the message."""
    if options.endmembers is not None:
        return 'argument --endmembers (%s): ' % options.endmembers
    return 'argument --data (%s): ' % options.data


def _stopped(options, program, stopped):
    _complain(options, program, 'stopped at once; %s'
              % (stopped.saved or 'nothing was saved'))
    return 128 + stopped.signum


def _complain(options, program, message):
    """A sentence on stderr; with --debug the traceback before it."""
    from untapped.experiments.progress import tell_stderr

    if options.debug:
        traceback.print_exc()
    tell_stderr('%s: %s' % (program, message))

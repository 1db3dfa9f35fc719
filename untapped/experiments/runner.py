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

from untapped.errors import InputError
from untapped.experiments import options as command_line
from untapped.experiments import presets
from untapped.experiments.errors import USER_ERROR, SavingError
from untapped.experiments.interrupt import Interrupts, Stopped

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
    # From here on numpy comes in, so only now.
    from untapped.experiments.progress import Output
    output = Output(quiet=options.quiet)
    if options.list_presets:
        for line in command_line.describe_presets(options.experiment):
            output.line(line, always=True)
        return 0
    _silence_known_warnings()
    with Interrupts() as interrupts:
        try:
            return run(options, output, interrupts)
        except Stopped as stopped:
            _complain(options, program, 'stopped at once; %s'
                      % (stopped.saved or 'nothing was saved'))
            return 128 + stopped.signum
        except _user_errors() as error:
            _complain(options, program, 'error: %s%s'
                      % (_blamed(options, error), error))
            return USER_ERROR
        finally:
            output.close()


def run(options, output, interrupts):
    """The stages of a run; returns the exit status."""
    from untapped import datasets, pins
    from untapped.experiments import repeats
    from untapped.experiments.run_folder import RunFolder, check_parent

    check_parent(options.out)
    raw = datasets.load(options.experiment, source=options.data,
                        folder=options.data_folder, seed=options.data_seed)
    output.line('Data: %s' % raw.source, always=True)
    if repeats.wanted(options):
        return repeats.run(options, raw, output, interrupts)
    from untapped.experiments import stages, summary

    settings = OrderedDict((key, command_line.settings(options, key))
                           for key in command_line.models(options))
    draws = _drawn(options, raw, settings)
    # Theano is loaded by now: its flags are seen as they are in force.
    for sentence in pins.overrides():
        output.line('Not as pinned: ' + sentence, always=True)

    folder = RunFolder(options.out, options.experiment, options.name)
    try:
        output.start_log(folder.open_log())
        folder.write_json('config.json', summary.config(options, settings,
                                                        raw, draws))
        output.line('Results go to %s' % folder.path)
        return stages.train_and_report(stages.Run(
            options, settings, raw, draws, folder, output, interrupts))
    except SavingError:
        # Whatever could be written stays.
        raise
    except BaseException as error:
        if any(name.endswith('parameters.npz') for name in folder.written):
            if isinstance(error, Stopped):
                error.saved = '%s holds %s' % (folder.path,
                                               ', '.join(folder.written))
        else:
            # Nothing learned: no folder left behind.
            output.close()
            folder.discard()
        raise


def _drawn(options, raw, settings):
    """The data as a run of these options trains on them; an `inputs.Draws`."""
    from untapped.experiments import inputs

    trial = {'trial': options.split} if options.experiment == 'libs' else {}
    draws = inputs.training_data(
        raw, options.sample_seed,
        list(settings.values())[0]['num_latent_z2'], **trial)
    if options.quick:
        draws = inputs.few_rows(draws,
                                presets.QUICK[options.experiment]['rows'])
    return draws


def _silence_known_warnings():
    """Two warnings of the pinned stack that ask nothing of the user.

    Lasagne 0.1 imports a module that Theano 0.8.2 has moved; Theano would
    rather choose -march itself, which is pinned on purpose.
    """
    warnings.filterwarnings('ignore', message='downsample module has been')
    logging.getLogger('theano.gof.cmodule').setLevel(logging.ERROR)


def _user_errors():
    from untapped import datasets
    return (InputError, datasets.DataError)


def _blamed(options, error):
    """The option that a mistake in the data comes from, for the message."""
    from untapped import datasets
    if not isinstance(error, datasets.DataError):
        return ''
    return 'argument --data (%s): ' % options.data


def _complain(options, program, message):
    """A sentence on stderr; with --debug the traceback before it."""
    from untapped.experiments.progress import tell_stderr

    if options.debug:
        traceback.print_exc()
    tell_stderr('%s: %s' % (program, message))

"""The options of a run that goes on, from its config.json.

A folder may come from anybody: nothing in it is believed before it has been
checked.  numpy is not imported here, as the pins depend on an option.
"""
from __future__ import division, print_function

import os

from untapped.errors import UserError
from untapped.experiments import options as command_line
from untapped.files.plain_json import shown
from untapped.runs.config import NAME, read

__all__ = ['resumed_options']


def resumed_options(given, experiment):
    """The options of the run that ``--resume`` names.

    Parameters
    ----------
    given : Namespace, that of the command line with --resume
    experiment : str or None, see `runner.main`

    Raises
    ------
    UserError if the folder's config.json is none, or its arguments are not
    those of a run
    """
    config = read(given.resume)
    if experiment not in (None, config['experiment']):
        raise UserError('argument --resume: %s is a run of %s, not of %s'
                        % (given.resume, config['experiment'], experiment))
    try:
        options = _parsed(config, os.path.normpath(given.resume))
    except UserError as error:
        raise UserError('argument --resume: the arguments in %s: %s' % (
            os.path.join(given.resume, NAME), shown(str(error), 300)))
    options.quiet, options.debug = given.quiet, given.debug
    options.profile = given.profile
    # Not where it ran before: that cluster may have gone, and whoever made
    # the folder does not choose the machines that this one talks to.
    options.dask = given.dask
    for name in ('checkpoint_seconds', 'jobs', 'threads'):
        if getattr(given, name) is not None:
            setattr(options, name, getattr(given, name))
    return options


def _parsed(config, folder):
    arguments = command_line.recorded(config['arguments'])
    options = command_line.parse(
        None if command_line.named('--experiment', arguments)
        else config['experiment'], arguments, resumed=folder)
    if options.experiment != config['experiment']:
        raise UserError('argument --experiment: expected %s, the run\'s, got '
                        '%s' % (config['experiment'], options.experiment))
    runs = command_line.runs(options)
    named = config.get('runs')
    if runs > 1 and not (isinstance(named, list) and len(named) == runs):
        # before so many are counted up
        raise UserError('argument --seeds: expected as many runs as are '
                        'named beside the arguments, got %d' % runs)
    return options

"""What a run was asked for: config.json of its folder, which --resume reads.

A folder may come from anybody: nothing in it is believed before it has been
checked.  numpy is not imported here, as the pins depend on an option.
"""
from __future__ import division, print_function

import json
import os

from untapped.errors import InputError, UserError
from untapped.experiments import options as command_line, presets
from untapped.files.plain_json import read, shown

__all__ = ['check_same', 'read_config', 'resumed_options']

NAME = 'config.json'
#: characters of a recorded argument; no path is longer
LONGEST_ARGUMENT = 4096


def read_config(path):
    """config.json of a run folder; UserError if there is none."""
    name = os.path.join(path, NAME)
    if not os.path.isdir(path):
        raise UserError('argument --resume: there is no folder %s' % path)
    try:
        config = read(name, links=False)
    except InputError as error:
        raise UserError('argument --resume: %s%s' % (
            error, '' if os.path.lexists(name) else '; a run that ended '
            'before it was written is started anew'))
    if not isinstance(config, dict):
        raise UserError('argument --resume: %s is no config.json of a run'
                        % name)
    for key, expected, is_one in (
            ('experiment', 'one of ' + ', '.join(presets.EXPERIMENTS),
             config.get('experiment') in presets.EXPERIMENTS),
            ('arguments', 'a list of texts',
             _are_arguments(config.get('arguments')))):
        if not is_one:
            raise UserError('argument --resume: %s: %s: expected %s, got %s'
                            % (name, key, expected, shown(config.get(key))))
    return config


def _are_arguments(value):
    return isinstance(value, list) and all(
        isinstance(text, str) and len(text) <= LONGEST_ARGUMENT
        and '\0' not in text for text in value)


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
    config = read_config(given.resume)
    if experiment not in (None, config['experiment']):
        raise UserError('argument --resume: %s is a run of %s, not of %s'
                        % (given.resume, config['experiment'], experiment))
    try:
        options = _parsed(config, os.path.normpath(given.resume))
    except UserError as error:
        raise UserError('argument --resume: the arguments in %s: %s' % (
            os.path.join(given.resume, NAME), shown(str(error), 300)))
    options.quiet, options.debug = given.quiet, given.debug
    # Not where it ran before: that cluster may have gone, and whoever made
    # the folder does not choose the machines that this one talks to.
    options.dask = given.dask
    for name in ('checkpoint_seconds', 'jobs'):
        if getattr(given, name) is not None:
            setattr(options, name, getattr(given, name))
    return options


def _parsed(config, folder):
    arguments = config['arguments']
    options = command_line.parse(
        None if command_line.named('--experiment', arguments)
        else config['experiment'], arguments, resumed=folder)
    if options.experiment != config['experiment']:
        raise UserError('argument --experiment: expected %s, the run\'s, got '
                        '%s' % (config['experiment'], options.experiment))
    runs = options.seeds * (command_line.LIBS_SPLITS
                            if options.split == 'all' else 1)
    named = config.get('runs')
    if runs > 1 and not (isinstance(named, list) and len(named) == runs):
        # before so many are counted up
        raise UserError('argument --seeds: expected as many runs as are '
                        'named beside the arguments, got %d' % runs)
    return options


def check_same(name, was, now):
    """UserError at the first leaf in which two plain values differ."""
    was, now = [json.loads(json.dumps(value)) for value in (was, now)]
    if was == now:
        return
    if isinstance(was, dict) and isinstance(now, dict):
        for key in list(was) + [k for k in now if k not in was]:
            check_same('%s/%s' % (name, shown(key)), was.get(key),
                       now.get(key))
    raise UserError('argument --resume: %s was %s when the run began and is '
                    '%s now; a run can only go on as it began'
                    % (name, shown(was), shown(now)))

"""The command line: what may be asked of a run, checked before it starts.

    table            every option, stated once
    kinds            the kinds of values that options take
    hyperparameters  the settings of a model, from its preset and the options
    checks           which options go together
    page             docs/options.md

Neither numpy nor Theano is imported here, so that --help and a mistyped
option are answered at once.
"""
from __future__ import division, print_function

import argparse
import sys

from untapped.errors import USER_ERROR, UserError
from untapped.experiments import presets
from untapped.experiments.options import checks
from untapped.experiments.options.hyperparameters import (
    all_splits, models, runs, settings, splits)
from untapped.experiments.options.kinds import FLAG, SEARCH
from untapped.experiments.options.table import (CHECKPOINT_SECONDS, FOLDS,
                                                GROUPS, LIBS_SPLITS, OPTIONS)

__all__ = ['CHECKPOINT_SECONDS', 'FOLDS', 'LIBS_SPLITS', 'SEARCH', 'checked',
           'command_line', 'models', 'named', 'parse', 'parser', 'recorded',
           'runs', 'settings', 'splits', 'without']


def parse(experiment=None, arguments=None, program=None, resumed=None):
    """Options of a run, a Namespace; exits with status 2 on a bad one.

    Parameters
    ----------
    experiment : str or None
        None adds the option --experiment.
    arguments : list of str, optional
        Default: the command line's.
    program : str, optional
        Name shown in messages.
    resumed : str, optional
        Folder of the run that these arguments once started and that goes
        on.  A mistake in them is a UserError then, and asking for help is
        one.
    """
    reader = parser(experiment, program,
                    _Parser if resumed is None else _Recorded)
    try:
        return _parsed(reader, arguments, resumed)
    except UserError as error:
        reader.error(str(error))


def checked(arguments):
    """`parse` for a command line that a file holds; UserError.

    Nothing is printed, and asking for help is a mistake.
    """
    options = _parsed(parser(None, None, _Recorded), arguments)
    if options.list_presets:
        raise UserError('--list-presets runs nothing')
    return options


def _parsed(reader, arguments, resumed=None):
    options = reader.parse_args(arguments)
    if options.resume is not None:
        checks.check_beside_resume(options)
    if options.split is None:
        # folds are there to be validated on one after the other
        options.split = 'all' if options.experiment == 'spectra' and \
            all_splits(options) > 1 else 0
    if options.dask is not None and options.jobs is not None:
        raise UserError('argument --jobs: expected without --dask, whose '
                        'workers say how many runs go side by side, got '
                        '%d' % options.jobs)
    if resumed is not None:
        if options.resume is not None or options.list_presets:
            raise UserError('expected the arguments that started a run, got '
                            '--resume or --list-presets')
        options.resume = resumed
    options.arguments = list(sys.argv[1:] if arguments is None
                             else arguments)
    if not options.list_presets:
        if options.resume is None or resumed is not None:
            checks.check_start(options)
        if options.resume is None:
            checks.check_place(options)
        _name_objective(options)
    return options


def _name_objective(options):
    """Let what is recorded name an objective that a preset chose.

    Without it a recorded command line means another, see `recorded`.
    """
    if options.objective is None:
        chosen = settings(options, models(options)[0])['objective']
        if chosen != 'published':
            options.objective = chosen
            options.arguments += ['--objective', chosen]


def recorded(arguments):
    """A command line from a file, with the meaning that it had.

    Before `_name_objective` every preset had the published objective.
    """
    if not named('--preset', arguments) or named('--objective', arguments):
        return list(arguments)
    return list(arguments) + ['--objective', 'published']


def command_line(options, **changed):
    """The arguments with which a repeated run is started, a list of str.

    Parameters
    ----------
    options : Namespace, of the run that is made of runs
    changed
        Values in place of those of `options`, by their keys: ``seed=3``.
    """
    values = dict(vars(options), **changed)
    return [word for option in OPTIONS
            if option.handed_on and (option.required
                                     or option.of(options.experiment))
            for word in option.words(values[option.key])]


def named(option, arguments):
    """Whether a command line names an option, such as '--out'."""
    return any(argument.split('=')[0] == option for argument in arguments)


def without(options, arguments):
    """A command line without some options, each of which takes a value."""
    kept, skip = [], False
    for argument in arguments:
        if not skip and not any(named(option, [argument])
                                for option in options):
            kept.append(argument)
        skip = not skip and argument in options
    return kept


class _Parser(argparse.ArgumentParser):
    """One sentence on a bad option, and no abbreviated options."""

    def error(self, message):
        self.exit(USER_ERROR, '%s: error: %s (--help explains the options)\n'
                  % (self.prog, message))

    def _get_option_tuples(self, option_string):
        # Where argparse looks up abbreviations; allow_abbrev, which turns
        # them off, is not in Python 2.7.
        return []


class _Recorded(_Parser):
    """Of a command line in a file: nothing is printed, nothing exits."""

    def __init__(self, **options):
        super(_Recorded, self).__init__(add_help=False, **options)

    def error(self, message):
        raise UserError(message)


def parser(experiment=None, program=None, kind=_Parser):
    """The parser that the table makes for an experiment; None: for all."""
    title = 'Train the semi2-supervised deep generative model and judge it.'
    if experiment is not None:
        title = presets.TITLES[experiment] + '.  ' + title
    made = kind(
        prog=program, description=title,
        epilog='Exit status: 0 done, 2 a mistake in the options or the data, '
               '3 NaN in training (the last good parameters are saved), '
               '130 stopped by Ctrl-C and 143 by SIGTERM (what was learned '
               'is saved).')
    for title, options in GROUPS.items():
        group = made.add_argument_group(title)
        for option in options:
            if option.of(experiment):
                _add(group, option, experiment)
    made.set_defaults(**dict(
        (option.key, experiment if option.required else option.value)
        for option in OPTIONS if not option.of(experiment)))
    return made


def _add(group, option, experiment):
    kind, about = option.kind, ' (required)'
    if not option.required:
        about = ' (default: %s)' % option.default(experiment)
    how = {'dest': option.key, 'help': (option.help(experiment) + about)
           .replace('%', '%%')}
    if kind is FLAG:
        how['action'] = 'store_true'
    else:
        how.update(default=option.value, required=option.required,
                   metavar=kind.metavar, type=kind.read, nargs=kind.count,
                   choices=kind.choices and kind.choices(experiment))
    group.add_argument(option.name, **how)

"""The command line: what may be asked of a run, checked before it starts.

Neither numpy nor Theano is imported here, so that --help and a mistyped
option are answered at once.
"""
from __future__ import division, print_function

import argparse
import math
import os
import sys

from untapped import pins
from untapped.errors import USER_ERROR, UserError
from untapped.experiments import presets

__all__ = ['parse', 'checked', 'models', 'settings', 'describe_presets',
           'named', 'native', 'without', 'LIBS_SPLITS']

# As `untapped.compiled.modes.KINDS`, which would import Theano.
NUMERICS = ('exact', 'fast')

# numpy's RandomState takes 32 bits.
LARGEST_SEED = 2 ** 32 - 1
# What is counted: the names of checkpoints have eight digits.
LARGEST_COUNT = 10 ** 8 - 1
# Ways to hold three of LIBS's six standards out.
LIBS_SPLITS = 20
# The second evaluation draws five importance samples and takes a fifth of
# the batch size, as in the published code.
SMALLEST_BATCH = 5
CHECKPOINT_SECONDS = 60.
# What may stand beside --resume: none of it decides a bit.
BESIDE_RESUME = ('resume', 'quiet', 'debug', 'checkpoint_seconds', 'jobs',
                 'dask', 'experiment')


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
    parser = _parser(experiment, program,
                     _Parser if resumed is None else _Recorded)
    try:
        return _parsed(parser, experiment, arguments, resumed)
    except UserError as error:
        parser.error(str(error))


def checked(arguments):
    """`parse` for a command line that a file holds; UserError.

    Nothing is printed, and asking for help is a mistake.
    """
    parser = _parser(None, None, _Recorded)
    options = _parsed(parser, None, arguments)
    if options.list_presets:
        raise UserError('--list-presets runs nothing')
    return options


def _parsed(parser, experiment, arguments, resumed=None):
    options = parser.parse_args(arguments)
    if options.resume is not None:
        _check_resume(options, parser)
    if options.dask is not None and options.jobs is not None:
        raise UserError('argument --jobs: expected without --dask, whose '
                        'workers say how many runs go side by side, got '
                        '%d' % options.jobs)
    if resumed is not None:
        if options.resume is not None or options.list_presets:
            raise UserError('expected those that start a run, without '
                            '--resume and --list-presets')
        options.resume = resumed
    if experiment is not None:
        options.experiment = experiment
    if 'split' not in options:
        options.split = 0
    if 'endmembers' not in options:
        options.endmembers = None
    options.arguments = list(sys.argv[1:] if arguments is None
                             else arguments)
    if not options.list_presets:
        if options.resume is None or resumed is not None:
            _check(options)
        if options.resume is None:
            _check_place(options)
    return options


def models(options):
    """Keys of the models that a run trains, in the order of the tables."""
    return ['m2', 'untapped'] if options.model == 'all' else [options.model]


def settings(options, model=None):
    """The hyperparameters of a run: its preset with the options over it.

    `model` is one of `models`; for a run of one model it may be left out.
    """
    chosen = presets.preset(options.experiment, options.preset)
    if (model or options.model) == 'm2':
        chosen = presets.as_m2(chosen)
    if options.quick:
        quick = presets.QUICK[options.experiment]
        chosen['num_epochs'] = quick['num_epochs']
        chosen['eval_freq'] = quick['eval_freq']
        for key in presets.BATCH_SIZES:
            chosen[key] = quick['batch_size']
    if options.epochs is not None:
        chosen['num_epochs'] = options.epochs
    if options.eval_every is not None:
        chosen['eval_freq'] = options.eval_every
    else:
        # A short run is evaluated once, at its end.
        chosen['eval_freq'] = min(chosen['eval_freq'], chosen['num_epochs'])
    if options.learning_rate is not None:
        chosen['lr'] = options.learning_rate
    if options.batch_size is not None:
        for key in presets.BATCH_SIZES:
            chosen[key] = options.batch_size
    chosen['seed'] = options.seed
    chosen['numerics'] = options.numerics
    if options.objective is not None:
        chosen['objective'] = options.objective
    if chosen['objective'] == 'paper':
        chosen = presets.as_paper(chosen, options.reverse,
                                  options.consistency)
    return chosen


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


def native(texts):
    """Texts of a JSON file as Python's own strings: UTF-8 in Python 2."""
    return [text.encode('utf-8') if isinstance(text, type(u'')) and
            str is bytes else str(text) for text in texts]


def describe_presets(experiment):
    """Lines that list an experiment's presets, one value a line."""
    lines = []
    for name in presets.names(experiment):
        lines.append('%s, preset %s' % (experiment, name))
        for key, value in presets.preset(experiment, name).items():
            if key == 'networks':
                for net, arch in value.items():
                    lines.append('    %-22s hidden %s, %s, %s, flows %s' % (
                        'network ' + net, arch['hidden'], arch['nonlin'],
                        arch['sample'], arch['flows'] or 'none'))
            elif isinstance(value, dict):
                lines.append('    %-22s %s' % (key, ' '.join(
                    '%s' % v if k == 'name' else '%s=%g' % (k, v)
                    for k, v in value.items())))
            else:
                lines.append('    %-22s %s' % (key, value))
    return lines


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


def _parser(experiment, program, kind):
    title = 'Train the semi2-supervised deep generative model and judge it.'
    if experiment is not None:
        title = presets.TITLES[experiment] + '.  ' + title
    parser = kind(
        prog=program, description=title,
        epilog='Exit status: 0 done, 2 a mistake in the options or the data, '
               '3 NaN in training (the last good parameters are saved), '
               '130 stopped by Ctrl-C and 143 by SIGTERM (what was learned '
               'is saved).')
    if experiment is None:
        parser.add_argument(
            '--experiment', required=True, choices=presets.EXPERIMENTS,
            help='which experiment to run (required)')
    parser.add_argument(
        '--resume', metavar='RUN',
        help='go on with the run in the folder RUN, which was stopped or '
             'killed, from its last checkpoint; it ends with the same bits '
             'as if it had not been (default: start a run)')

    model = parser.add_argument_group('model and training')
    model.add_argument(
        '--preset', default=presets.DEFAULT_PRESET,
        choices=_preset_names(experiment),
        help="hyperparameters: the published demos' or the paper's appendix "
             '(default: %(default)s)')
    model.add_argument(
        '--model', choices=('all',) + presets.MODELS, default='all',
        help='untapped: with labels without features; m2: the same with '
             'weight 0 for them, the model of Kingma et al.; all: both from '
             'the same seeds and data, and partial least squares beside '
             'them (default: %(default)s)')
    model.add_argument(
        '--objective', choices=presets.OBJECTIVES,
        help="published: the published code's terms; paper: the paper's "
             'equations with every term (default: published)')
    model.add_argument(
        '--reverse', choices=presets.REVERSE,
        help="with --objective paper, the bound of unfeatured y: observed "
             'z, eq. (20); latent z, eq. (10); auxiliary network q(z|y), eq. '
             '(21) (default: observed)')
    model.add_argument(
        '--consistency', type=_not_negative, metavar='W',
        help='with --reverse auxiliary, the weight of eq. (22) (default: '
             'that of the reverse bounds)')
    model.add_argument(
        '--epochs', type=_whole(1), metavar='N',
        help='number of epochs' + _default(experiment, 'num_epochs'))
    model.add_argument(
        '--eval-every', type=_whole(1), metavar='N',
        help='evaluate every N epochs' + _default(experiment, 'eval_freq')
        + '; at most --epochs')
    model.add_argument(
        '--learning-rate', type=_positive, metavar='R',
        help="Adam's learning rate" + _default(experiment, 'lr'))
    model.add_argument(
        '--batch-size', type=_whole(SMALLEST_BATCH), metavar='N',
        help='rows of each kind in a minibatch, in training and evaluation'
        + _default(experiment, 'batch_size_Xy_train'))
    model.add_argument(
        '--seed', type=_seed, default=1234, metavar='S',
        help='seed of the initial weights and the order of the minibatches '
             '(default: %(default)s)')
    model.add_argument(
        '--sample-seed', type=_seed, default=1, metavar='S',
        help='seed of the sample layers, of the split of the data and of z '
             '(default: %(default)s)')
    model.add_argument(
        '--seeds', type=_whole(1), default=1, metavar='N',
        help='repeat everything with N seeds: --seed and --sample-seed, and '
             'the N - 1 after each; the data stay the same (default: '
             '%(default)s)')
    if experiment in (None, 'libs'):
        model.add_argument(
            '--split', type=_split, default=0, metavar='N',
            help='which three of the six LIBS standards are validated on: a '
                 'number below %d, 0 as published; or all, one after the '
                 'other (default: %%(default)s)' % LIBS_SPLITS)
    model.add_argument(
        '--jobs', type=_whole(1), metavar='N',
        help='of repeated runs, so many side by side, each with a compile '
             'folder of its own (default: 1)')
    model.add_argument(
        '--dask', metavar='ADDRESS',
        help='repeated runs go to the workers of the dask cluster whose '
             'scheduler has this address, as tcp://host:8786; docs/scale.md '
             '(default: they stay here)')
    model.add_argument(
        '--numerics', choices=NUMERICS, default=NUMERICS[0],
        help='exact: the bits of the published code; fast: equal to them but '
             'for rounding, with the instructions of this machine, several '
             'times faster (default: %(default)s)')
    model.add_argument(
        '--pins', choices=pins.MODES[:2],
        help='pinned: what decides bits is set, whatever the environment '
             'says; environment: what the environment says stays, and what '
             'it lacks is set (default: $UNTAPPED_PINS, else pinned)')
    model.add_argument(
        '--quick', action='store_true',
        help='a short run through all stages, on part of the data'
        + _quick(experiment) + ' (default: off)')

    data = parser.add_argument_group('data')
    data.add_argument(
        '--data', default='auto', metavar='SOURCE',
        help='auto: files if the data folder holds them, else simulated; '
             "simulated; download: from the authors' address; or the path "
             'of a file or folder (default: %(default)s)')
    data.add_argument(
        '--data-folder', metavar='FOLDER',
        help='where auto and download keep files (default: $UNTAPPED_DATA, '
             'else ./data)')
    data.add_argument(
        '--data-seed', type=_seed, default=0, metavar='S',
        help='seed of simulated data (default: %(default)s)')
    if experiment in (None, 'crism'):
        data.add_argument(
            '--endmembers', metavar='FOLDER',
            help='simulated CRISM data: the minerals from the splib07a text '
                 'files in this folder (default: modelled from their bands)')

    output = parser.add_argument_group('output')
    output.add_argument(
        '--out', default='results', metavar='FOLDER',
        help='each run makes a new folder in this one (default: '
             '%(default)s)')
    output.add_argument(
        '--name', metavar='NAME',
        help="name of the run's folder, which must not be there yet "
             '(default: experiment and time)')
    output.add_argument(
        '--checkpoint-seconds', type=_positive, metavar='S',
        help='a checkpoint to resume from is written at each evaluation and '
             'whenever S seconds have passed (default: %g)'
             % CHECKPOINT_SECONDS)
    output.add_argument(
        '--quiet', action='store_true',
        help='print only the data source and where the results are '
             '(default: off)')
    output.add_argument(
        '--debug', action='store_true',
        help='show the traceback of an error (default: off)')
    output.add_argument(
        '--list-presets', action='store_true',
        help='print the hyperparameters of each preset and exit (default: '
             'off)')
    return parser


def _preset_names(experiment):
    if experiment is None:
        return presets.names('crism')
    return presets.names(experiment)


def _default(experiment, key):
    """The default of an option that the preset sets, for --help."""
    if experiment is None:
        return ' (default: the preset\'s)'
    values = ['%g %s' % (presets.preset(experiment, name)[key], name)
              for name in presets.names(experiment)]
    if len(set(value.split()[0] for value in values)) == 1:
        return ' (default: %s)' % values[0].split()[0]
    return ' (default: %s)' % ', '.join(values)


def _quick(experiment):
    if experiment is None:
        return ''
    return (': at most %(rows)d rows of each array, %(num_epochs)d epochs, '
            'evaluation every %(eval_freq)d, batch size %(batch_size)d'
            % presets.QUICK[experiment])


def _check_resume(options, parser):
    for key, value in vars(options).items():
        if key not in BESIDE_RESUME and value != parser.get_default(key):
            raise UserError('argument --resume: the run goes on with the '
                            'options that it was started with; expected no '
                            '--%s' % key.replace('_', '-'))


def _check(options):
    """What argparse cannot know."""
    if options.preset not in presets.names(options.experiment):
        raise UserError(
            'argument --preset: the paper has no %s experiment; expected %s'
            % (options.experiment,
               ' or '.join(presets.names(options.experiment))))
    chosen = settings(options, models(options)[0])
    if options.reverse is not None and chosen['objective'] != 'paper':
        raise UserError('argument --reverse: expected with --objective '
                        'paper alone, got %s' % options.reverse)
    if options.consistency is not None and options.reverse != 'auxiliary':
        raise UserError('argument --consistency: expected with --reverse '
                        'auxiliary alone, got %g' % options.consistency)
    if options.reverse is not None and not any(
            settings(options, key)['coeff_y'] for key in models(options)):
        raise UserError('argument --reverse: expected with a model that has '
                        'reverse bounds, got %s with --model %s of %s, where '
                        'their weight is 0' % (
                            options.reverse, options.model,
                            options.experiment))
    if options.seed + options.seeds - 1 > LARGEST_SEED or \
            options.sample_seed + options.seeds - 1 > LARGEST_SEED:
        raise UserError('argument --seeds: expected seeds below 2**32, got '
                        '%d from %d and %d on' % (
                            options.seeds, options.seed,
                            options.sample_seed))
    if chosen['eval_freq'] > chosen['num_epochs']:
        raise UserError(
            'argument --eval-every: expected at most the number of epochs, '
            '%d, got %d' % (chosen['num_epochs'], chosen['eval_freq']))
    if not options.data:
        raise UserError('argument --data: expected auto, simulated, download '
                        'or a path, got an empty text')
    if (options.data == 'auto' and options.data_folder is not None
            and not os.path.isdir(options.data_folder)):
        # Simulated data in place of misplaced files would surprise.
        raise UserError('argument --data-folder: expected a folder, got %r'
                        % options.data_folder)
    if options.endmembers is not None and options.experiment != 'crism':
        raise UserError('argument --endmembers: expected with CRISM alone, '
                        'got %s' % options.experiment)
    if options.endmembers is not None and \
            options.data not in ('auto', 'simulated'):
        raise UserError('argument --endmembers: expected with simulated '
                        'data alone, got --data %s' % options.data)
    if options.split != 0 and options.experiment != 'libs':
        raise UserError('argument --split: expected with LIBS alone, got %s '
                        'with %s' % (options.split, options.experiment))
    if options.dask is not None and options.seeds == 1 and \
            options.split != 'all':
        raise UserError('argument --dask: expected with repeated runs '
                        '(--seeds%s), got one run' % (
                            ', --split all'
                            if options.experiment == 'libs' else ''))


def _check_place(options):
    """Where a new run is to be put."""
    if options.name is not None:
        if os.path.basename(options.name) != options.name or \
                options.name in ('', os.curdir, os.pardir):
            raise UserError('argument --name: expected the name of a folder '
                            'without a path, got %r' % options.name)
        if os.path.lexists(os.path.join(options.out, options.name)):
            raise UserError('argument --name: %s is there already'
                            % os.path.join(options.out, options.name))
    if not options.out:
        raise UserError('argument --out: expected a folder, got an empty '
                        'text')


def _whole(least, most=LARGEST_COUNT):
    def whole(text):
        try:
            value = int(text)
        except ValueError:
            value = None
        if value is None or value < least:
            raise argparse.ArgumentTypeError(
                'expected a whole number of at least %d, got %r'
                % (least, text))
        if value > most:
            raise argparse.ArgumentTypeError(
                'expected a whole number of at most %d, got %r'
                % (most, text))
        return value
    return whole


def _seed(text):
    value = _whole(0, float('inf'))(text)
    if value > LARGEST_SEED:
        raise argparse.ArgumentTypeError(
            'expected a seed below 2**32, got %r' % text)
    return value


def _split(text):
    if text == 'all':
        return text
    value = _whole(0)(text)
    if value >= LIBS_SPLITS:
        raise argparse.ArgumentTypeError(
            'expected all or a number below %d, got %r'
            % (LIBS_SPLITS, text))
    return value


def _positive(text):
    value = _number(text)
    if not value > 0:
        raise argparse.ArgumentTypeError(
            'expected a number above 0, got %r' % text)
    return value


def _not_negative(text):
    value = _number(text)
    if not value >= 0:
        raise argparse.ArgumentTypeError(
            'expected a number of at least 0, got %r' % text)
    return value


def _number(text):
    """A finite number; NaN for what is none."""
    try:
        value = float(text)
    except ValueError:
        value = float('nan')
    return float('nan') if math.isinf(value) else value

"""Every option of a run, stated once.

The parser, the settings, what repeated runs are started with, what may stand
beside --resume and docs/options.md are made from this table.
"""
from __future__ import division, print_function

from collections import OrderedDict
from decimal import Decimal

from untapped import pins
from untapped.experiments import ablations, presets
from untapped.experiments.options import kinds
from untapped.experiments.options.kinds import FLAG, Kind

__all__ = ['BESIDE_RESUME', 'CHECKPOINT_SECONDS', 'FOLDS', 'GROUPS',
           'HANDED_ON', 'LIBS_SPLITS', 'NUMERICS', 'OPTIONS', 'Option',
           'REQUIRED', 'SIMULATORS', 'TWICE', 'Unset', 'quick']

#: as `untapped.compiled.modes.KINDS`, which would import Theano
NUMERICS = ('exact', 'fast')
#: ways to hold three of LIBS's six standards out
LIBS_SPLITS = 20
#: parts of the training data in cross-validation: as many as LIBS has
#: labelled standards to train on
FOLDS = 3
#: The second evaluation draws five importance samples and takes a fifth of
#: the batch size, as in the published code.
SMALLEST_BATCH = 5
CHECKPOINT_SECONDS = 60.

#: A rule: --seeds and --split all start their runs with it, too.
HANDED_ON = frozenset(['handed on'])
#: A rule: it decides no bit, and may stand beside --resume.
BESIDE_RESUME = frozenset(['beside resume'])


class Unset(str):
    """A default of None; the text says what is done then."""


#: the experiment that takes spectra of one's own
OWN = ('spectra',)

#: those whose data have a second simulator
TWICE = ('crism', 'libs')
#: as `untapped.datasets.simulators.sources`, which would import numpy
SIMULATORS = ('1', '2')

#: the default of an option that must be given
REQUIRED = Unset('required')
#: the default of an option that a preset sets
PRESET = Unset("the preset's")


class Option(object):
    """One option: all that is to be said of it.

    Parameters
    ----------
    name : str, with its dashes
    kind : kinds.Kind
    help : str, or function of the experiment that returns one
    default : its value when it is not given, or `Unset`; False for a FLAG
    rules : frozenset of `HANDED_ON` and `BESIDE_RESUME`
    setting : str or tuple of str, the keys of a preset that it sets
    only : tuple of the experiments whose scripts have it

    Attributes
    ----------
    key : str, its name in the Namespace
    settings : tuple of str
    """

    def __init__(self, name, kind, help, default=None, rules=HANDED_ON,
                 setting=(), only=presets.EXPERIMENTS):
        self.name, self.kind, self.only = name, kind, only
        self.key = name.lstrip('-').replace('-', '_')
        self.settings = (setting,) if isinstance(setting, str) else setting
        self._help, self._default, self._rules = help, default, rules

    @property
    def value(self):
        """Its value when it is not given."""
        if self.kind is FLAG:
            return False
        return None if isinstance(self._default, Unset) else self._default

    @property
    def required(self):
        """Whether it must be given."""
        return self._default is REQUIRED

    @property
    def preset(self):
        """Whether the preset decides when it is not given."""
        return self._default is PRESET

    @property
    def handed_on(self):
        """Whether repeated runs get it, too."""
        return HANDED_ON <= self._rules

    @property
    def beside_resume(self):
        """Whether it may stand beside --resume."""
        return BESIDE_RESUME <= self._rules

    def of(self, experiment):
        """Whether an experiment has it.

        The experiment None is python -m untapped.experiments, which has all.
        """
        return experiment is None or experiment in self.only

    def help(self, experiment=None):
        """What it does, without its default."""
        if callable(self._help):
            return self._help(experiment)
        return self._help

    def default(self, experiment=None):
        """Its default, in words."""
        if self.kind is FLAG:
            return 'off'
        if not self.preset or experiment is None:
            return str(self._default)
        values = OrderedDict((name, '%g' % presets.preset(
            experiment, name)[self.settings[0]])
            for name in presets.names(experiment))
        if len(set(values.values())) == 1:
            return list(values.values())[0]
        return ', '.join('%s %s' % (value, name)
                         for name, value in values.items())

    def words(self, value):
        """What stands on a command line for a value."""
        if self.kind is FLAG:
            return [self.name] if value else []
        if value is None:
            return []
        if isinstance(value, tuple):
            return [self.name, ','.join(repr(each) for each in value)]
        return [self.name] + [_word(each) for each in (
            value if self.kind.count else [value])]


def _word(value):
    """A value as a command line has it."""
    if not isinstance(value, float):
        return str(value)
    # str() of a float is not all of it in Python 2; and argparse takes a
    # negative one with an exponent for an option
    found = repr(value)
    return format(Decimal(found), 'f') if value < 0 and 'e' in found \
        else found


def _split(experiment):
    said = []
    if experiment in (None, 'libs'):
        said.append('which three of the six LIBS standards are validated on, '
                    'a number below %d, 0 as published' % LIBS_SPLITS)
    if experiment in (None, 'spectra'):
        said.append('which of --folds is validated on, counted from 0')
    return '; '.join(said) + '; or all, one after the other'


def _labelled(experiment):
    said = []
    if experiment != 'spectra':
        said.append('train on at most N labelled pairs, evenly spaced')
    if experiment in (None, 'spectra'):
        said.append('of spectra, N of the training samples keep their '
                    'labels, the others serve as x without y')
    return '; '.join(said)


def quick(experiment):
    """What --quick does with an experiment, in words."""
    return (': at most %(rows)d rows of each array, %(num_epochs)d epochs, '
            'evaluation every %(eval_freq)d, batch size %(batch_size)d'
            % presets.QUICK[experiment])


def _quick(experiment):
    return 'a short run through all stages, on part of the data' + (
        quick(experiment) if experiment else '')


def _presets(experiment):
    return presets.names(experiment or 'crism')


GROUPS = OrderedDict([
    ('run', [
        Option('--experiment', kinds.one_of(*presets.EXPERIMENTS),
               'which experiment to run', REQUIRED,
               HANDED_ON | BESIDE_RESUME, only=()),
        Option('--resume', kinds.text('RUN'),
               'go on with the run in the folder RUN, which was stopped or '
               'killed, from its last checkpoint; it ends with the same bits '
               'as if it had not been',
               Unset('start a run'), BESIDE_RESUME)]),
    ('model and training', [
        Option('--preset', Kind(None, None, _presets),
               "published: the published demos' hyperparameters and terms; "
               "paper: the appendix's hyperparameters and the paper's "
               'objective', presets.DEFAULT_PRESET),
        Option('--model', kinds.one_of(*('all',) + presets.MODELS),
               'untapped: with labels without features; m2: the same with '
               'weight 0 for them, the model of Kingma et al.; all: both '
               'from the same seeds and data, and partial least squares '
               'beside them', 'all'),
        Option('--objective', kinds.one_of(*presets.OBJECTIVES),
               "published: the published code's terms; paper: the paper's "
               'equations with every term, docs/model.md',
               Unset("the preset's"), setting='objective'),
        # `presets.as_paper` sets what these two ask for: M2 has neither.
        Option('--reverse', kinds.one_of(*presets.REVERSE),
               'with --objective paper, the bound of unfeatured y: observed '
               'z, eq. (20); latent z, eq. (10); auxiliary network q(z|y), '
               'eq. (21)', Unset('observed')),
        Option('--consistency', kinds.not_negative('W'),
               'with --reverse auxiliary, the weight of eq. (22)',
               Unset('that of the reverse bounds')),
        Option('--alphas', kinds.alphas(),
               'the four weights of eq. (15), alpha_f, alpha_fd, alpha_r '
               'and alpha_rd (alpha_r is 0 in M2 in any case); or search: '
               'each model gets its own, by cross-validation on the training '
               'data alone, docs/running.md', Unset("the preset's")),
        Option('--fold', kinds.below(FOLDS, 'K'),
               'used by --alphas search: hold out part K of %d of the '
               'labelled training samples, validate on it, and write no '
               'report' % FOLDS, Unset('none is held out')),
        Option('--epochs', kinds.whole(1), 'number of epochs', PRESET,
               setting='num_epochs'),
        Option('--eval-every', kinds.whole(1),
               'evaluate every N epochs, at most --epochs', PRESET,
               setting='eval_freq'),
        Option('--learning-rate', kinds.positive('R'),
               "Adam's learning rate", PRESET, setting='lr'),
        Option('--batch-size', kinds.whole(SMALLEST_BATCH),
               'rows of each kind in a minibatch, in training and '
               'evaluation', PRESET, setting=presets.BATCH_SIZES),
        Option('--hidden', kinds.whole(1),
               'units of each hidden layer of the three networks',
               Unset("the preset's")),
        Option('--variational', kinds.one_of('on', 'off'),
               'on: train the variational bounds; off: reconstructions '
               'without sampling, with --objective published only',
               Unset("the preset's")),
        Option('--seed', kinds.seed(),
               'seed of the initial weights and the order of the '
               'minibatches', 1234, setting='seed'),
        Option('--sample-seed', kinds.seed(),
               'seed of the sample layers, of the split of the data and of '
               'z', 1),
        Option('--seeds', kinds.whole(1),
               'repeat everything with N seeds: --seed and --sample-seed, '
               'and the N - 1 after each; the data stay the same, unless '
               '--data-seeds says otherwise', 1, frozenset()),
        Option('--split', kinds.split(), _split,
               Unset('0 of LIBS, as published; all of --folds'),
               only=('libs', 'spectra')),
        Option('--jobs', kinds.whole(1),
               'run this many of the repeated runs at a time, each with a '
               'compile folder of its own', Unset('1'), BESIDE_RESUME),
        Option('--dask', kinds.text('ADDRESS'),
               'send repeated runs to the workers of the dask cluster whose '
               'scheduler has this address, as tcp://host:8786; '
               'docs/scale.md', Unset('they stay here'), BESIDE_RESUME),
        Option('--numerics', kinds.one_of(*NUMERICS),
               'exact: the bits of the published code; fast: equal to them '
               'but for rounding, with the instructions of this machine, '
               'several times faster, docs/speed.md', NUMERICS[0],
               setting='numerics'),
        Option('--threads', kinds.whole(1),
               'threads that share out the steps of training, at most 64; '
               'they decide no bit',
               Unset('$UNTAPPED_THREADS, else the cores that may be used; 1 '
                     'with --jobs and --dask'), HANDED_ON | BESIDE_RESUME),
        Option('--pins', kinds.one_of(*pins.MODES[:2]),
               'pinned: what decides bits is set, whatever the environment '
               'says; environment: what the environment says stays, and '
               'what it lacks is set', Unset('$UNTAPPED_PINS, else pinned')),
        Option('--profile', FLAG,
               'tell at the end where the time of training went, by the '
               'instructions of its steps; profile.csv has all of them',
               rules=HANDED_ON | BESIDE_RESUME),
        Option('--quick', FLAG, _quick)]),
    ('data', [
        Option('--data', kinds.text('SOURCE'),
               'auto: files if the data folder holds them, else simulated; '
               "simulated; download: from the authors' address; or the path "
               'of a file or folder', 'auto'),
        Option('--data-folder', kinds.text('FOLDER'),
               'where auto and download keep files',
               Unset('$UNTAPPED_DATA, else ./data')),
        Option('--data-seed', kinds.seed(), 'seed of simulated data', 0),
        Option('--data-seeds', kinds.whole(1),
               'run on N simulations, with data seeds from --data-seed on; '
               'each has --seeds seeds of its own', 1, frozenset()),
        Option('--simulator', kinds.one_of(*SIMULATORS),
               'the simulator of the data; the second has what sources say '
               'of weighing, noise, matrix effects, water and sulphur, '
               'docs/data.md', SIMULATORS[0], only=TWICE),
        Option('--endmembers', kinds.text('FOLDER'),
               'simulated CRISM data: the minerals from the splib07a text '
               'files in this folder', Unset('modelled from their bands'),
               only=('crism',)),
        Option('--range', kinds.numbers('FROM', 'TO'),
               'the channels from FROM to TO, in the unit of the axis',
               Unset('all channels'), only=OWN),
        Option('--every', kinds.whole(1),
               'of these channels the first, and every Nth after it', 1,
               only=OWN),
        Option('--scale', kinds.one_of('none', 'sum', 'snv', 'derivative'),
               'scale each spectrum, before --every: to the sum 1; to mean 0 '
               'and deviation 1 (standard normal variate); or take its '
               'derivative (Savitzky and Golay, 11 channels)', 'none',
               only=OWN),
        Option('--rest', FLAG,
               'add a part named rest: what the labels lack of 1',
               only=OWN),
        Option('--folds', kinds.folds('centre'),
               'validate on each of K groups of samples, trained on the '
               'others; or train in the centre of the simplex, where every '
               'part is within 70 % of an equal share, and validate outside '
               'it', 5, only=OWN)]),
    ('what a result rests on', [
        Option('--ablation', kinds.one_of(*ablations.NAMES),
               'run every variant of one thing, each with all repeats, and '
               'compare them, docs/running.md', Unset('none'), frozenset()),
        Option('--labelled', kinds.whole(1), _labelled, Unset('all')),
        Option('--labels-only', kinds.whole(1),
               'train on at most N labels without spectra, evenly spaced',
               Unset('all')),
        Option('--labels-width', kinds.not_negative('W'),
               'put the labels without spectra at W times their distance '
               'from the nearest pure composition', Unset('as they are')),
        Option('--smooth-labels', kinds.fraction('S'),
               "replace a share S of each pair's label by an equal mixture of "
               'all parts', Unset('as they are')),
        Option('--label-floor', kinds.fraction('F'),
               'hold each part of the labels trained on to at least F, and '
               'scale them to sum 1', Unset('none'))]),
    ('output', [
        Option('--out', kinds.text('FOLDER'),
               'each run makes a new folder in this one', 'results'),
        Option('--name', kinds.text('NAME'),
               "name of the run's folder, which must not be there yet",
               Unset('experiment and time')),
        Option('--checkpoint-seconds', kinds.positive('S'),
               'a checkpoint to resume from is written at each evaluation '
               'and whenever S seconds have passed',
               Unset('%g' % CHECKPOINT_SECONDS), HANDED_ON | BESIDE_RESUME),
        Option('--quiet', FLAG,
               'print only the data source and where the results are',
               rules=BESIDE_RESUME),
        Option('--debug', FLAG, 'show the traceback of an error',
               rules=HANDED_ON | BESIDE_RESUME),
        Option('--list-presets', FLAG,
               'print the hyperparameters of each preset and exit',
               rules=frozenset())])])

#: all of them, in the order of --help
OPTIONS = tuple(option for group in GROUPS.values() for option in group)

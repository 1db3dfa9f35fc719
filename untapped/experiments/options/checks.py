"""Which options go together: what argparse cannot know.

Each check raises a UserError, one sentence that names the option.
"""
from __future__ import division, print_function

import os

from untapped.errors import UserError
from untapped.experiments import ablations, presets
from untapped.experiments.options.hyperparameters import (
    all_splits, models, runs, settings)
from untapped.experiments.options.kinds import LARGEST_SEED, SEARCH
from untapped.experiments.options.table import (OPTIONS, OWN, SIMULATORS,
                                                TWICE)

__all__ = ['check_beside_resume', 'check_place', 'check_start']


#: as `untapped.datasets.spectra_checks`, which imports numpy
FEWEST_SAMPLES = 3
#: each has a process and a folder
MOST_RUNS = 10 ** 5


def check_beside_resume(options):
    """Of a command line with --resume: the run has its own options."""
    for option in OPTIONS:
        if not option.beside_resume and \
                getattr(options, option.key) != option.value:
            raise UserError('argument --resume: the run goes on with the '
                            'options that it was started with; expected no '
                            '%s' % option.name)


def check_start(options):
    """Of the options that start a run."""
    _check_preset(options)
    _check_objective(options)
    _check_reverse(options)
    _check_seeds(options)
    _check_ablation(options)
    _check_evaluations(options)
    _check_data(options)
    _check_endmembers(options)
    _check_simulator(options)
    _check_split(options)
    _check_variational(options)
    _check_own(options)
    count = runs(options)
    if options.fold is not None and count > 1:
        raise UserError('argument --fold: expected with one run alone, as it '
                        'writes no report, got %d runs' % count)
    if options.alphas == SEARCH and options.labelled is not None and \
            options.labelled < FEWEST_SAMPLES:
        raise UserError('argument --labelled: expected at least %d with '
                        '--alphas search, got %d' % (FEWEST_SAMPLES,
                                                     options.labelled))
    if options.fold is not None and options.alphas == SEARCH:
        raise UserError('argument --fold: expected without --alphas search, '
                        'which holds out every part, got %d' % options.fold)
    if options.dask is not None and count == 1 and options.alphas != SEARCH:
        raise UserError('argument --dask: expected with repeated runs '
                        '(--seeds, --data-seeds%s) or --alphas search, got '
                        'one run' % (', --split all' if options.experiment
                                     == 'libs' else ''))


def check_place(options):
    """Of where a new run is put."""
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


def _check_split(options):
    if options.experiment not in ('libs', 'spectra'):
        if options.split != 0:
            raise UserError('argument --split: expected with LIBS or spectra '
                            'alone, got %s with %s' % (options.split,
                                                       options.experiment))
    elif options.split != 'all' and options.split >= all_splits(options):
        raise UserError('argument --split: expected all or a number below '
                        '%d, got %d' % (all_splits(options), options.split))


def _check_variational(options):
    if options.variational == 'off' and any(
            settings(options, key)['objective'] == 'paper'
            for key in models(options)):
        raise UserError('argument --variational: expected on with '
                        '--objective paper, whose bounds are variational, '
                        'got off')


def _check_own(options):
    """Options of spectra of one's own."""
    for option in OPTIONS:
        if option.only == OWN and options.experiment not in OWN and \
                getattr(options, option.key) != option.value:
            raise UserError('argument %s: expected with spectra alone, got '
                            '%s' % (option.name, options.experiment))
    if options.experiment in OWN and options.labelled is not None and \
            options.labelled < FEWEST_SAMPLES:
        raise UserError('argument --labelled: expected at least %d samples, '
                        'got %d' % (FEWEST_SAMPLES, options.labelled))
    if options.range is not None and not options.range[0] < options.range[1]:
        raise UserError('argument --range: expected FROM below TO, got %g '
                        'and %g' % tuple(options.range))


def _check_preset(options):
    if options.preset not in presets.names(options.experiment):
        raise UserError(
            'argument --preset: the paper has no %s experiment; expected %s'
            % (options.experiment,
               ' or '.join(presets.names(options.experiment))))


def _check_objective(options):
    if presets.without_density(options.experiment, settings(
            options, models(options)[0])):
        if options.variational == 'on':
            raise UserError(
                'argument --variational: expected off, as the published '
                "objective of libs subtracts the mean spectrum and the "
                "preset's density needs positive spectra; got on")
        raise UserError(
            'argument --objective: expected paper with --preset paper of '
            'libs, as the published objective subtracts the mean spectrum '
            "and the preset's density needs positive spectra; got published")


def _check_ablation(options):
    if options.ablation is None:
        return
    for option in OPTIONS:
        if option.key in ablations.ABLATIONS[options.ablation].varies and \
                getattr(options, option.key) != option.value:
            raise UserError('argument --ablation: %s varies %s; expected '
                            'none' % (options.ablation, option.name))


def _check_reverse(options):
    chosen = [settings(options, key) for key in models(options)]
    if options.reverse is not None and chosen[0]['objective'] != 'paper':
        raise UserError('argument --reverse: expected with --objective '
                        'paper alone, got %s' % options.reverse)
    if options.consistency is not None and options.reverse != 'auxiliary':
        raise UserError('argument --consistency: expected with --reverse '
                        'auxiliary alone, got %g' % options.consistency)
    if options.reverse is not None and not any(
            each['coeff_y'] for each in chosen):
        raise UserError('argument --reverse: expected with a model that has '
                        'reverse bounds, got %s with --model %s of %s, where '
                        'their weight is 0' % (
                            options.reverse, options.model,
                            options.experiment))


def _check_seeds(options):
    if runs(options) > MOST_RUNS:
        raise UserError('argument --seeds or --data-seeds: expected at most '
                        '%d runs in all, got %d' % (MOST_RUNS, runs(options)))
    count = options.data_seeds * options.seeds
    if max(options.seed, options.sample_seed) + count - 1 > LARGEST_SEED:
        raise UserError('argument --seeds: expected seeds below 2**32, got '
                        '%d from %d and %d on' % (
                            count, options.seed, options.sample_seed))
    if options.data_seed + options.data_seeds - 1 > LARGEST_SEED:
        raise UserError('argument --data-seeds: expected seeds below 2**32, '
                        'got %d from %d on' % (options.data_seeds,
                                               options.data_seed))
    if options.data_seeds > 1 and options.data not in ('auto', 'simulated'):
        raise UserError('argument --data-seeds: expected with simulated data '
                        'alone, got --data %s' % options.data)


def _check_evaluations(options):
    chosen = settings(options, models(options)[0])
    if chosen['eval_freq'] > chosen['num_epochs']:
        raise UserError(
            'argument --eval-every: expected at most the number of epochs, '
            '%d, got %d' % (chosen['num_epochs'], chosen['eval_freq']))


def _check_data(options):
    if not options.data:
        raise UserError('argument --data: expected auto, simulated, download '
                        'or a path, got an empty text')
    if (options.data == 'auto' and options.data_folder is not None
            and not os.path.isdir(options.data_folder)):
        # Simulated data in place of misplaced files would surprise.
        raise UserError('argument --data-folder: expected a folder, got %r'
                        % options.data_folder)


def _check_endmembers(options):
    if options.endmembers is None:
        return
    if options.experiment != 'crism':
        raise UserError('argument --endmembers: expected with CRISM alone, '
                        'got %s' % options.experiment)
    if options.data not in ('auto', 'simulated'):
        raise UserError('argument --endmembers: expected with simulated '
                        'data alone, got --data %s' % options.data)


def _check_simulator(options):
    if options.simulator == SIMULATORS[0]:
        return
    if options.experiment not in TWICE:
        raise UserError('argument --simulator: expected with CRISM or LIBS '
                        'alone, got %s' % options.experiment)
    if options.data not in ('auto', 'simulated'):
        raise UserError('argument --simulator: expected with simulated '
                        'data alone, got --data %s' % options.data)

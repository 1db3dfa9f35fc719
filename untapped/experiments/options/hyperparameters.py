"""The hyperparameters of a run: its preset, with the options over it."""
from __future__ import division, print_function

from untapped.experiments import ablations, presets
from untapped.experiments.options.kinds import SEARCH
from untapped.experiments.options.table import LIBS_SPLITS, OPTIONS

__all__ = ['all_splits', 'models', 'runs', 'settings', 'splits']


def models(options):
    """Keys of the models that a run trains, in the order of the tables."""
    return ['m2', 'untapped'] if options.model == 'all' else [options.model]


def all_splits(options):
    """How many ways there are to split an experiment's data."""
    if options.experiment == 'libs':
        return LIBS_SPLITS
    if options.experiment == 'spectra' and options.folds != 'centre':
        return options.folds
    return 1


def splits(options):
    """The splits that a run is made of, a list of int."""
    if options.split == 'all':
        return list(range(all_splits(options)))
    return [options.split]


def runs(options):
    """How many runs are asked for: variants, data seeds, seeds, splits."""
    return len(ablations.variants(options)) * options.data_seeds \
        * options.seeds * len(splits(options))


def settings(options, model=None, alphas=None):
    """The hyperparameters of a model, a dict as a preset is.

    `model` is one of `models`; for a run of one model it may be left out.
    `alphas` are four weights in place of those that --alphas gives; while
    they are searched for, the preset's are.
    """
    chosen = presets.preset(options.experiment, options.preset,
                            options.objective)
    if alphas is None and options.alphas != SEARCH:
        alphas = options.alphas
    if alphas is not None:
        chosen = presets.as_weighed(chosen, alphas)
    if (model or options.model) == 'm2' or not chosen['coeff_y']:
        chosen = presets.as_m2(chosen)
    if options.quick:
        chosen = presets.as_quick(chosen, options.experiment)
    for option in OPTIONS:
        value = getattr(options, option.key)
        if value is not None:
            chosen.update((key, value) for key in option.settings)
    if options.hidden is not None:
        chosen = presets.as_wide(chosen, options.hidden)
    if options.variational is not None:
        chosen['variational'] = options.variational == 'on'
    if options.eval_every is None:
        # A short run is evaluated once, at its end.
        chosen['eval_freq'] = min(chosen['eval_freq'], chosen['num_epochs'])
    if chosen['objective'] == 'paper':
        chosen = presets.as_paper(chosen, options.reverse,
                                  options.consistency)
    return chosen

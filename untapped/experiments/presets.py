"""Hyperparameters of each experiment, as plain data.

A preset is a dictionary that can be written to JSON as it stands.  Its keys
are the parameters of `untapped.SSDGM`, except for three that hold what JSON
cannot: ``networks`` (one architecture per network), ``loss_x`` /
``loss_y`` and the priors (names, resolved by `untapped.experiments.build`).

published
    The hyperparameters of the authors' demos, value for value, for the
    published code's terms.
paper
    Appendix A.2 of the paper, for the paper's objective: every term of
    section 3, a constant learning rate, a gradient that is clipped and no
    more, and spectra with their mean where their density is positive.  Where
    the appendix is silent, the choice is the demos', and a comment says so.

Either preset goes with the other objective, `preset(..., objective)`, but
for LIBS's of the paper, see `without_density`.

The four weights of eq. (15) are, in the paper's order::

    alpha_f   coeff_x      bounds of the forward model, eqs. (7) and (8)
    alpha_fd  coeff_x_dis  y-discriminative loss, eq. (13)
    alpha_r   coeff_y      bounds of the reverse model, eqs. (9) and (20)
    alpha_rd  coeff_y_dis  x-discriminative loss, eq. (14)

``coeff_x_prob`` and ``coeff_y_prob`` are switches: above zero, the labelled
bounds (7) and (9) take part, weighted with ``coeff_x`` and ``coeff_y``.
"""
from __future__ import division, print_function

import copy
import math
from collections import OrderedDict

from untapped.runs.config import EXPERIMENTS

__all__ = ['ALPHAS', 'EXPERIMENTS', 'MODELS', 'DEFAULT_PRESET', 'OBJECTIVES',
           'REVERSE', 'TITLES', 'QUICK', 'BATCH_SIZES', 'names', 'preset',
           'described', 'as_m2', 'as_paper', 'as_quick', 'as_weighed',
           'as_wide', 'without_density']

#: 'all' compares them, with partial least squares beside them.
MODELS = ('untapped', 'm2')
# The published way is the default throughout the package, so that a run
# without options can be held against the published code.
DEFAULT_PRESET = 'published'
# As untapped.model.objectives and .terms; the first loads Theano.
OBJECTIVES = ('published', 'paper')
REVERSE = ('observed', 'latent', 'auxiliary')

#: A weight of eq. (15) -> the setting that holds it, in the paper's order.
ALPHAS = OrderedDict([('alpha_f', 'coeff_x'), ('alpha_fd', 'coeff_x_dis'),
                      ('alpha_r', 'coeff_y'), ('alpha_rd', 'coeff_y_dis')])

TITLES = {
    'crism': 'CRISM: mineral abundances from reflectance spectra',
    'libs': 'LIBS: oxide compositions from plasma emission spectra',
    'mnist': 'MNIST: digits, labelled for 0-4 only',
    'raman': 'Raman: mineral mixtures from Raman spectra',
    'spectra': 'Spectra of your own: compositions from any spectra',
}

BATCH_SIZES = ('batch_size_Xy_train', 'batch_size_X__train',
               'batch_size__y_train', 'batch_size_Xy_eval',
               'batch_size_X__eval', 'batch_size__y_eval')

# What --quick changes: at most `rows` of each array (after every random
# draw, so that the draws are those of the whole run), and fewer epochs.
QUICK = {
    'crism': {'rows': 500, 'num_epochs': 20, 'eval_freq': 5,
              'batch_size': 100},
    'libs': {'rows': 100, 'num_epochs': 6, 'eval_freq': 3,
             'batch_size': 50},
    'mnist': {'rows': 500, 'num_epochs': 6, 'eval_freq': 2,
              'batch_size': 250},
    'raman': {'rows': 500, 'num_epochs': 20, 'eval_freq': 5,
              'batch_size': 100},
    'spectra': {'rows': 500, 'num_epochs': 20, 'eval_freq': 5,
                'batch_size': 100},
}


def _network(hidden, nonlin, sample, flows):
    """One network: hidden units, distribution of its output, flows on it.

    Gain and batch normalization are not in the paper: the demos' values.
    """
    return OrderedDict([
        ('hidden', hidden), ('nonlin', nonlin), ('sample', sample),
        ('flows', flows), ('gain', math.sqrt(2)), ('batch_norm', False)])


def _networks(nonlin, y, z, x):
    """The three networks; each argument is (hidden, sample, flows).

    The sizes of their outputs follow from the data and ``num_latent_z2``.
    """
    return OrderedDict([
        ('z1->y', _network(y[0], nonlin, y[1], y[2])),
        ('z1y->z2', _network(z[0], nonlin, z[1], z[2])),
        ('yz2->_z1', _network(x[0], nonlin, x[1], x[2]))])


def _common(batch_size):
    """What all demos share, and the paper's section A.2.1 where it speaks."""
    shared = OrderedDict([
        ('objective', 'published'), ('reverse', 'observed'),
        ('coeff_consistency', 0),
        # A.2.1: one Monte Carlo sample per expectation.
        ('eq_samples', 1), ('iw_samples', 1),
        # A.2.1: "Priors are all uniform distributions" (None).
        ('prior_x', None), ('prior_y', None), ('prior_z2', None),
        # A.2.1: discriminative losses.
        ('loss_x', 'L2'), ('loss_y', 'KL'),
        # Defaults of the published model, which no demo changes.
        ('anneal_lr_factor', 0.9995), ('anneal_lr_epoch', 500)])
    # The paper has one minibatch size for all data; so do the demos.
    shared.update((key, batch_size) for key in BATCH_SIZES)
    return shared


def _weights(coeff_x, coeff_x_dis, coeff_y, coeff_y_dis, coeff_x_prob,
             coeff_y_prob):
    """The weights of eq. (15), in the paper's order, and the two switches."""
    return OrderedDict([
        ('coeff_x', coeff_x), ('coeff_x_dis', coeff_x_dis),
        ('coeff_y', coeff_y), ('coeff_y_dis', coeff_y_dis),
        ('coeff_x_prob', coeff_x_prob), ('coeff_y_prob', coeff_y_prob)])


def _crism_published():
    return _merge(
        _common(batch_size=100),
        _weights(1, 1, 1e-2, 1, coeff_x_prob=1, coeff_y_prob=1e-2),
        variational=True, num_latent_z2=1, lr=3e-3,
        num_epochs=5000, eval_freq=500,
        networks=_networks('tanh', y=([5], 'normal', ['simplex']),
                           z=([5], 'normal', ['logistic']),
                           x=([20], 'normal', [])))


def _crism_paper():
    # A.2.2 agrees with the demo but for the annealing.  Silent on how often
    # to evaluate (the demo's 500), and on whether the labelled bounds take
    # part: eqs. (11) and (12) have them, so they do.
    return _merge(_crism_published(), objective='paper',
                  anneal_lr_factor=1.0)


def _libs_published():
    return _merge(
        _common(batch_size=100),
        _weights(1e-2, 10, 1e-4, 1e-4, coeff_x_prob=0, coeff_y_prob=0),
        variational=False, num_latent_z2=2, lr=1e-2,
        num_epochs=2000, eval_freq=500,
        networks=_networks('tanh', y=([25, 10], 'normal', ['simplex']),
                           z=([5, 5], 'normal', ['logistic']),
                           x=([50], 'normal', ['softplus'])))


def _libs_paper():
    # A.2.3; silent on how often to evaluate (the demo's 500).  Section 3
    # has only the variational objective, with the labelled bounds of eqs.
    # (7) and (9), weighted like the unlabelled ones.
    return _merge(
        _libs_published(),
        _weights(1e-2, 10, 1e-4, 1e-4, coeff_x_prob=1e-2, coeff_y_prob=1e-4),
        objective='paper', variational=True, anneal_lr_factor=1.0)


def _mnist_published():
    return _merge(
        _common(batch_size=10000),
        _weights(1e-1, 1, 1e-1, 1e-2, coeff_x_prob=1e-1, coeff_y_prob=0),
        variational=True, num_latent_z2=2, lr=1e-2,
        num_epochs=1000, eval_freq=100,
        networks=_networks('tanh', y=([50, 50], 'concrete', []),
                           z=([10, 10], 'normal', ['logistic']),
                           x=([250, 500], 'bernoulli', [])))


def _mnist_paper():
    # A.2.4; silent on how often to evaluate (the demo's 100).  Under the
    # published objective the labelled reverse bound (9) stays off, as in the
    # demo: its Concrete density has no value at MNIST's one-hot labels (log
    # 0, NaN before the first update).  alpha_r then weighs bound (20) alone.
    return _merge(
        _mnist_published(),
        _weights(1e-1, 1, 1e-1, 1e-1, coeff_x_prob=1e-1, coeff_y_prob=0),
        objective='paper', anneal_lr_factor=1.0, lr=1e-3,
        networks=_networks('softplus', y=([500], 'concrete', []),
                           z=([500], 'normal', ['logistic']),
                           x=([500], 'bernoulli', [])))


def _raman_published():
    # The demo's weights leave the reverse model out.
    return _merge(
        _common(batch_size=100),
        _weights(1e-2, 1, 0, 0, coeff_x_prob=0, coeff_y_prob=0),
        variational=True, num_latent_z2=2, lr=1e-2,
        num_epochs=2000, eval_freq=500,
        # Dir(alpha, ..., alpha): mixtures of few minerals are likelier.
        prior_y=OrderedDict([('name', 'dirichlet'), ('alpha', 1e-3),
                             ('eps', 1e-6)]),
        networks=_networks('tanh', y=([25, 10], 'normal', ['simplex']),
                           z=([5, 5], 'normal', ['logistic']),
                           x=([50], 'normal', ['softplus'])))


def _merge(*parts, **values):
    """Later parts win, values last; keys keep the place they had first."""
    merged = OrderedDict()
    for part in parts:
        merged.update(part)
    for key in sorted(values):
        merged[key] = values[key]
    return merged


# Raman has no experiment in the paper, so no preset of that name.
_PRESETS = {
    'crism': {'published': _crism_published, 'paper': _crism_paper},
    'libs': {'published': _libs_published, 'paper': _libs_paper},
    'mnist': {'published': _mnist_published, 'paper': _mnist_paper},
    'raman': {'published': _raman_published},
    # CRISM's: its spectra have the spread that others are scaled to.
    'spectra': {'published': _crism_published, 'paper': _crism_paper},
}


def names(experiment):
    """Presets of an experiment, the default first."""
    return sorted(_PRESETS[experiment], key=lambda n: n != DEFAULT_PRESET)


def preset(experiment, name=DEFAULT_PRESET, objective=None):
    """A fresh copy of a preset, free to be changed.

    Parameters
    ----------
    experiment, name : str
    objective : one of `OBJECTIVES`, by default the preset's own
    """
    made = copy.deepcopy(_PRESETS[experiment][name]())
    made['objective'] = objective or made['objective']
    return as_paper(made) if made['objective'] == 'paper' else made


def without_density(experiment, settings):
    """Whether a model's spectra have no density under it.

    The published loader takes the mean out of LIBS's spectra; a variational
    model with a softplus output asks for the density of positive x.
    """
    return (experiment == 'libs' and settings['objective'] == 'published'
            and settings['variational'])


def described(experiment):
    """Lines that list an experiment's presets, one value a line."""
    lines = []
    for name in names(experiment):
        lines.append('%s, preset %s' % (experiment, name))
        for key, value in preset(experiment, name).items():
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


def as_weighed(settings, alphas):
    """The same settings with these four weights, in the order of `ALPHAS`."""
    weighed = copy.deepcopy(settings)
    for key, alpha in zip(ALPHAS.values(), alphas):
        # the preset's number where it is the same: 1 is no 1.0 in a file
        if alpha != weighed[key]:
            weighed[key] = alpha
    return weighed


def as_quick(settings, experiment):
    """The same settings for a short run, --quick."""
    short = copy.deepcopy(settings)
    for key in ('num_epochs', 'eval_freq'):
        short[key] = QUICK[experiment][key]
    for key in BATCH_SIZES:
        short[key] = QUICK[experiment]['batch_size']
    return short


def as_wide(settings, hidden):
    """The same settings with so many units in each hidden layer."""
    wide = copy.deepcopy(settings)
    for net in wide['networks'].values():
        net['hidden'] = [hidden] * len(net['hidden'])
    return wide


def as_m2(settings):
    """The same settings for M2 (Kingma et al., 2014): reverse weight 0.

    Of the four weights the paper gives "0 for M2" to alpha_r alone, so the
    x-discriminative loss keeps its weight, as in the published demos when
    ``coeff_y`` is set to 0.  The unfeatured labels stay in the minibatches
    with weight 0: M2 and the untapped model then see the same minibatches.
    """
    m2 = copy.deepcopy(settings)
    m2['coeff_y'] = 0
    m2['coeff_y_prob'] = 0
    return m2


def as_paper(settings, reverse=None, consistency=None):
    """The same settings with the paper's objective.

    It is variational and has a constant learning rate.  Its four weights are
    those of the settings; ``coeff_x_prob`` and ``coeff_y_prob``, which it
    has no use for, are set to them.  p(y) is uniform, eq. (1), where the
    settings have another.

    Parameters
    ----------
    reverse : 'observed', 'latent' or 'auxiliary', the bound of unfeatured
        y; 'observed' in M2, which gives it the weight 0
    consistency : weight of eq. (22); by default, with 'auxiliary', that of
        the reverse bounds
    """
    paper = copy.deepcopy(settings)
    paper.update(objective='paper', variational=True, anneal_lr_factor=1.0,
                 prior_y=None,
                 reverse=reverse if reverse and paper['coeff_y']
                 else 'observed',
                 coeff_x_prob=paper['coeff_x'], coeff_y_prob=paper['coeff_y'])
    if paper['reverse'] == 'auxiliary':
        paper['coeff_consistency'] = (
            paper['coeff_y'] if consistency is None else consistency)
    return paper

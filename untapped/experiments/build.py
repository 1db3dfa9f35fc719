"""From settings, which are plain data, to a model that can be trained."""
from __future__ import division, print_function

import functools
from collections import OrderedDict

import numpy as np

from untapped.errors import UserError
from untapped.machine import memory
from untapped.model import losses
from untapped.model.architectures import architecture
from untapped.model.ssdgm import SSDGM

__all__ = ['check_memory', 'model', 'step_bytes']

# Keys of a preset that are not parameters of SSDGM as they stand.
RESOLVED = ('networks', 'num_latent_z2', 'loss_x', 'loss_y', 'prior_x',
            'prior_y', 'prior_z2')


#: arrays of a step beside each other, as wide as all layers together: each
#: bound passes through the networks, forwards and back.  8.5 were measured of
#: a step of CRISM (37 kB a row); fewer are counted, so that no step is refused
#: that would go
BUFFERS = 6


def step_bytes(settings, num_features, num_output):
    """Bytes that a training step takes at least, known before it is compiled.

    Rows of the three minibatches, times samples, times the units of all
    layers and the columns of the data, times `BUFFERS` arrays of float32.

    Parameters
    ----------
    settings : dict, see `untapped.experiments.presets`
    num_features, num_output : int
    """
    rows = sum(settings['batch_size_%s_train' % group]
               for group in ('Xy', 'X_', '_y'))
    columns = num_features + num_output + settings['num_latent_z2']
    units = columns + sum(sum(arch['hidden'])
                          for arch in settings['networks'].values())
    samples = settings['eq_samples'] * settings['iw_samples']
    return 4 * BUFFERS * rows * samples * (columns + units)


def check_memory(settings, num_features, num_output):
    """UserError if a training step cannot have the memory that it takes."""
    needed, there = step_bytes(settings, num_features, num_output), \
        memory.left()
    if there is not None and needed > there[0]:
        raise UserError(
            'argument --batch-size or --hidden: a step of so many rows and '
            'units takes at least %.1f GB of memory; %.1f GB are left (%s)'
            % (needed / 1e9, there[0] / 1e9, there[1]))


def model(settings, num_features, num_output, sample_seeds):
    """An untrained SSDGM (M2: z1 is x).

    Parameters
    ----------
    settings : dict
        See `untapped.experiments.presets`.
    num_features, num_output : int
        Columns of x and of y.
    sample_seeds : list of int
        See `untapped.parmesan.streams.sample_seeds`.
    """
    sizes = {'z1->y': num_output, 'z1y->z2': settings['num_latent_z2'],
             'yz2->_z1': num_features}
    networks = OrderedDict(
        (net, architecture(num_output=sizes[net], **arch))
        for net, arch in settings['networks'].items())
    parameters = {key: value for key, value in settings.items()
                  if key not in RESOLVED}
    return SSDGM(
        num_features, num_output, model_dict=networks,
        num_latent_z2=settings['num_latent_z2'],
        loss_x=getattr(losses, settings['loss_x']),
        loss_y=getattr(losses, settings['loss_y']),
        prior_x=_prior(settings['prior_x'], num_features),
        prior_y=_prior(settings['prior_y'], num_output),
        prior_z2=_prior(settings['prior_z2'], settings['num_latent_z2']),
        sample_seeds=sample_seeds, **parameters)


def _prior(spec, size):
    """None (uniform) or the log density of a named prior."""
    if spec is None:
        return None
    if spec['name'] != 'dirichlet':
        raise ValueError('prior: expected None or dirichlet, got %r'
                         % spec['name'])
    alpha = spec['alpha'] * np.ones(size + 1)
    # no lambda: what was built can be pickled and saved
    return functools.partial(losses.dirichlet, alpha=alpha, eps=spec['eps'],
                             axis=-1)

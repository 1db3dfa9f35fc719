"""What a run trains on: the data, and all that is drawn before training."""
from __future__ import division, print_function

import copy
from collections import OrderedDict

import numpy as np

from untapped import datasets
from untapped.datasets.spectra_prepared import Channels, Division
from untapped.parmesan import streams

__all__ = ['ARRAYS', 'Draws', 'data_options', 'few_rows', 'loaded', 'spaced',
           'training_data']

ARRAYS = ('X', 'y', 'X_', '_y', 'X_valid', 'y_valid', 'X__valid', '_y_valid')


class Draws(object):
    """The data and everything else that is drawn before training."""

    def __init__(self, data, z2, z2_valid, sample_seeds):
        self.data, self.z2, self.z2_valid = data, z2, z2_valid
        self.sample_seeds = sample_seeds

    def arrays(self):
        """The data that training sees, by name, in a fixed order."""
        return OrderedDict((name, getattr(self.data, name))
                           for name in ARRAYS)

    def __iter__(self):
        return iter((self.data, self.z2, self.z2_valid, self.sample_seeds))


def loaded(options, data_seed):
    """The data that the options name; a `datasets.Raw`.

    Parameters
    ----------
    options : Namespace
    data_seed : int, of simulated data
    """
    simulation = {'simulator': int(options.simulator)}
    if options.endmembers is not None:
        simulation['endmembers'] = options.endmembers
    return datasets.load(options.experiment, source=options.data,
                         folder=options.data_folder, seed=data_seed,
                         **simulation)


def training_data(raw, sample_seed, num_latent_z2, **options):
    """Everything that is drawn before training, in the published order.

    The published demos draw, all from one generator: the seeds of the sample
    layers, at import; the split of the data; z of the unfeatured labels for
    training, then for validation, both U(-1.5, 1.5), eq. (2).  The order is
    observable in every bit that follows.

    Parameters
    ----------
    raw : untapped.datasets.Raw
    sample_seed, num_latent_z2 : int
    options
        Of `untapped.datasets.prepare`.

    Returns
    -------
    Draws
        Unpacks as (data, z2, z2_valid, sample_seeds).
    """
    rng = np.random.RandomState(sample_seed)
    sample_seeds = streams.sample_seeds(rng)
    data = datasets.prepare(raw, rng, **options)
    size = (len(data._y), num_latent_z2)
    z2 = rng.uniform(-1.5, 1.5, size).astype('float32')
    z2_valid = rng.uniform(-1.5, 1.5, size).astype('float32')
    return Draws(data, z2, z2_valid, sample_seeds)


def spaced(rows, most):
    """At most so many of the numbers of rows, evenly spaced; None: all."""
    count = rows if most is None else min(rows, most)
    return [i * rows // count for i in range(count)]


def data_options(options, settings):
    """Options of `datasets.prepare` for a run, by name.

    Parameters
    ----------
    options : Namespace
    settings : dict, of one of its models
    """
    if options.experiment == datasets.OWN:
        start, stop = options.range or (None, None)
        return {'channels': Channels(start, stop, options.every,
                                     options.scale),
                'division': Division(options.folds, options.split,
                                     options.labelled),
                'rest': options.rest}
    chosen = {'trial': options.split} if options.experiment == 'libs' else {}
    if (settings['objective'] == 'paper'
            and 'softplus' in settings['networks']['yz2->_z1']['flows']):
        # spectra less their mean have no density under a positive variable
        chosen['remove_mean'] = False
    return chosen


def few_rows(draws, rows):
    """Draws with at most `rows` evenly spaced rows of each array (--quick)."""
    def kept(array):
        return spaced(len(array), rows)

    data, z2, z2_valid, sample_seeds = draws
    small = copy.copy(data)
    for name in ARRAYS:
        array = getattr(data, name)
        setattr(small, name, array[kept(array)])
    # Which of the validation's rows these are, for what meta knows of them.
    small.meta = dict(data.meta, kept_valid=np.array(kept(data.X_valid)))
    return Draws(small, z2[kept(z2)], z2_valid[kept(z2_valid)], sample_seeds)

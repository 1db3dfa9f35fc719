"""The whole state of a training run, as named arrays.

What decides the bits of all that follows an epoch: the parameters, Adam's
moments, the states of every random stream that the compiled functions draw
from (the MRG generators of the sample layers), numpy's generator, the order
of X_ in training and validation data, the epoch and the learning rate.  The
records come along, so that they are complete at the end.
"""
from __future__ import division, print_function

from collections import OrderedDict

import lasagne
import numpy as np

from untapped.errors import InputError
from untapped.model import states
from untapped.parmesan.sample import _Sampler

__all__ = ['Resumable']

RECORDS = ('train', 'eval1', 'evalN')


class Resumable(object):
    """The state of a model while it is trained.

    Parameters
    ----------
    model : SSDGM
    train_pass, eval_pass : training.Pass
    place : training.Place
    """
    def __init__(self, model, train_pass, eval_pass, place):
        self.passes = OrderedDict([('train', train_pass),
                                   ('eval', eval_pass)])
        self.place = place
        self.rng, self.history = model._rng, model.history_
        self.num_epochs, self.eval_freq = model.num_epochs, model.eval_freq
        self.variables = OrderedDict(
            ('parameter ' + name, param)
            for name, param in model._named_params().items())
        for number, moment in enumerate(train_pass.moments):
            self.variables['adam %d' % number] = moment
        self.variables.update(self._streams(model.networks_))

    def _streams(self, networks):
        """Shared variables of the streams that training draws from.

        Named by network, sample layer and stream number, none of which
        depends on the order in which expressions were built.
        """
        found = OrderedDict()
        for name, network in networks.items():
            layers = [layer for layer in lasagne.layers.get_all_layers(
                list(network.key_layers.values()))
                if isinstance(layer, _Sampler)]
            for number, layer in enumerate(layers):
                for position, drawn in layer._srng.drawn:
                    if drawn in found.values() or not any(
                            walk.draws_from(drawn)
                            for walk in self.passes.values()):
                        continue
                    key = 'stream %s %d %d' % (name, number, position)
                    # two expressions at one place of the sequence
                    while key in found:
                        key += ' again'
                    found[key] = drawn
        return found

    def get(self):
        """The state now; OrderedDict from name to ndarray."""
        if not self.place.whole:
            raise InputError('this SSDGM is in the middle of an epoch, which '
                             'has no state to go on from: expected the end '
                             'of one')
        state = OrderedDict((name, variable.get_value())
                            for name, variable in self.variables.items())
        _, keys, position, has_gauss, gauss = self.rng.get_state()
        state['generator keys'] = keys
        state['generator position'] = np.array([position, has_gauss])
        state['generator gauss'] = np.array(gauss)
        for name, walk in self.passes.items():
            if walk.data.order_of_X_ is not None:
                state['order ' + name] = walk.data.order_of_X_.copy()
        state['epoch'] = np.array(self.place.epoch)
        state['lr'] = np.array(self.place.lr, dtype='float64')
        state['record epochs'] = np.array(self.history.epochs, dtype='int64')
        for record in RECORDS:
            for term, values in getattr(self.history, record).items():
                state['record %s %s' % (record, term)] = np.array(values)
        return state

    def set(self, state):
        """Go back to a state; StateError, and nothing set, if it is another
        model's or none."""
        states.check(state, self.get(), self.num_epochs, self.eval_freq)
        for name, variable in self.variables.items():
            variable.set_value(state[name])
        position, has_gauss = state['generator position']
        self.rng.set_state(('MT19937', state['generator keys'],
                            int(position), int(has_gauss),
                            float(state['generator gauss'])))
        for name, walk in self.passes.items():
            if 'order ' + name in state:
                walk.data.order_of_X_ = state['order ' + name]
        self.place.epoch = int(state['epoch'])
        self.place.lr = float(state['lr'])
        self.history.epochs[:] = [int(e) for e in state['record epochs']]
        for record in RECORDS:
            for term, values in getattr(self.history, record).items():
                values[:] = list(state['record %s %s' % (record, term)])

"""The data that a model is trained on, as minibatches in a drawn order.

The five data groups are labelled X and y, unlabelled X_, and unfeatured _y
with their observed z2.  A step takes a minibatch of each group, all into one
objective.  Each group walks at its own batch size and wraps round; an epoch
has as many steps as the group that needs most.
"""
from __future__ import division, print_function

from collections import OrderedDict

import numpy as np
import theano
import theano.tensor as T

from untapped.model.arrays import floats

__all__ = ['GROUPS', 'Data', 'Symbols']

GROUPS = ('X', 'y', 'X_', '_y', 'z2')

#: (groups that are drawn together, the number of their batch size)
ORDERS = OrderedDict([('pairs', (('X', 'y'), 0)), ('X_', (('X_',), 1)),
                      ('_y', (('_y', 'z2'), 2))])


class Symbols(object):
    """The model's symbolic inputs.

    x, y, z1, z2 : matrices of unlabelled x, unfeatured y and their z
    x_sup, y_sup : matrices of labelled pairs
    eq_samples, iw_samples : int32 scalars, Monte Carlo and importance
        samples
    lr : float scalar, the learning rate
    """
    def __init__(self):
        for name in ('x', 'y', 'z1', 'z2', 'x_sup', 'y_sup'):
            setattr(self, name, T.matrix(name))
        self.eq_samples = T.iscalar('eq_samples')
        self.iw_samples = T.iscalar('iw_samples')
        self.lr = T.scalar('lr')

    def one_sample(self):
        """Givens that set both numbers of samples to 1."""
        one = np.cast['int32'](1)
        return {self.eq_samples: one, self.iw_samples: one}


class Data(object):
    """One set of the five groups, with batch sizes and order of rows.

    Parameters
    ----------
    arrays : dict from group name to ndarray (rows, columns) or None
    batch_sizes : (labelled pairs, X_, _y), ints
    """
    def __init__(self, arrays, batch_sizes):
        self.arrays = OrderedDict(
            (name, None if arrays.get(name) is None else
             floats(arrays[name])) for name in GROUPS)
        self.batch_sizes = tuple(batch_sizes)
        self._orders = {}
        for kind, (names, _) in ORDERS.items():
            rows = [len(self.arrays[n]) for n in names if self.has(n)]
            if rows:
                self._orders[kind] = np.arange(rows[0])
        self.shared = OrderedDict(
            (name, theano.shared(value, name=name, borrow=True))
            for name, value in self.arrays.items() if value is not None)
        self.shared_orders = dict(
            (kind, theano.shared(order.astype('int32'), name='order ' + kind))
            for kind, order in self._orders.items())

    def has(self, name):
        """Whether there is a group of this name."""
        return self.arrays[name] is not None

    @property
    def labelled(self):
        """Whether there are labelled pairs."""
        return self.has('X') and self.has('y')

    @property
    def any(self):
        """Whether there is data to report on."""
        return self.labelled or self.has('X_') or self.has('_y')

    def shuffle(self, rng):
        """New orders of the rows, drawn as the published code draws them.

        Pairs and unfeatured labels are ordered afresh; X_ is shuffled
        on from its last order.  The sequence of draws is pairs, unfeatured,
        X_.
        """
        for kind in ('pairs', '_y', 'X_'):
            if kind not in self._orders:
                continue
            order = self._orders[kind]
            if kind != 'X_':
                order = np.arange(len(order))
            rng.shuffle(order)
            self._orders[kind] = order
            self.shared_orders[kind].set_value(order.astype('int32'))

    @property
    def order_of_X_(self):
        """The rows of X_ in their present order: part of a run's state.

        None without X_.  The other orders are drawn afresh each epoch.
        """
        return self._orders.get('X_')

    @order_of_X_.setter
    def order_of_X_(self, order):
        # a copy that is our own: it is shuffled in place
        self._orders['X_'] = np.array(order)

    def batches(self, batch_sizes):
        """Steps of one epoch."""
        rows = [self.arrays[name] for name in ('X', 'X_', '_y')]
        needed = [len(a) / b for a, b in zip(rows, batch_sizes)
                  if a is not None]
        return int(max(np.ceil(needed)))

    def givens(self, symbols, index, batch_sizes):
        """Minibatch ``index`` of each group, for its symbol."""
        of_group = {'X': symbols.x_sup, 'y': symbols.y_sup, 'X_': symbols.x,
                    '_y': symbols.y, 'z2': symbols.z2}
        givens = OrderedDict()
        for kind, (names, number) in ORDERS.items():
            present = [name for name in names if self.has(name)]
            if present:
                size, rows = batch_sizes[number], len(self._orders[kind])
                steps = (index * size + T.arange(size)) % rows
                chosen = self.shared_orders[kind][steps]
            for name in present:
                givens[of_group[name]] = self.shared[name][chosen]
        return givens

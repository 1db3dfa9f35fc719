"""Batch normalisation in two layers: normalise, then scale and shift.

Ioffe and Szegedy 2015, Batch normalization.
"""
from __future__ import division, print_function

import lasagne
import theano
import theano.tensor as T

__all__ = ['NormalizeLayer', 'ScaleAndShiftLayer']


def _normalized_axes(layer, axes):
    """The axes to normalise over: all but the second unless given."""
    if axes is None:
        return (0,) + tuple(range(2, len(layer.input_shape)))
    return (axes,) if isinstance(axes, int) else tuple(axes)


def _statistics_shape(layer):
    """The input's shape with 1 in place of the normalised axes."""
    shape = [1 if axis in layer.axes else size
             for axis, size in enumerate(layer.input_shape)]
    if None in shape:
        raise ValueError('%s: expected known sizes on all axes that are not '
                         'normalised over, got input shape %s'
                         % (type(layer).__name__, layer.input_shape))
    return shape


class NormalizeLayer(lasagne.layers.Layer):
    """(input - mean) / sqrt(var + epsilon) over a batch.

    In training the batch's own statistics are used; with
    ``deterministic=True`` the stored ones.  They are stored by a pass with
    ``collect=True`` over training data, which must come first.

    Parameters
    ----------
    incoming : Layer
    axes : int, tuple of int or None (all but the second)
    epsilon : float, added to the variance
    alpha : float, weight of the newest batch in a running average of the
        statistics, or 'single_pass': the collecting pass replaces them
    return_stats : bool, output [normalised, mean, var]
    stat_indices : slice or None, the rows whose statistics are taken
    """
    def __init__(self, incoming, axes=None, epsilon=1e-10,
                 alpha='single_pass', return_stats=False, stat_indices=None,
                 **kwargs):
        super(NormalizeLayer, self).__init__(incoming, **kwargs)
        self.axes = _normalized_axes(self, axes)
        self.alpha, self.epsilon = alpha, epsilon
        self.stat_indices, self.return_stats = stat_indices, return_stats
        shape = _statistics_shape(self)
        for name, start in (('mean', 0), ('var', 1)):
            setattr(self, name, self.add_param(
                lasagne.init.Constant(start), shape, name,
                trainable=False, regularizable=False))

    def _batch_statistics(self, input):
        rows = input if self.stat_indices is None \
            else input[self.stat_indices]
        return (rows.mean(self.axes, keepdims=True),
                rows.var(self.axes, keepdims=True))

    def _collect(self, stored, batch):
        """The batch's statistic, with an update of the stored one.

        The update hangs on a clone that shares the stored memory and enters
        the graph times 0, so that any function of the result carries it.
        """
        running = theano.clone(stored, share_inputs=False)
        if self.alpha == 'single_pass':
            running.default_update = 0 * running + 1.0 * batch
        else:
            running.default_update = ((1 - self.alpha) * running +
                                      self.alpha * batch)
        return batch + 0 * running

    def get_output_for(self, input, deterministic=False, collect=False,
                       **kwargs):
        if deterministic and not collect:
            mean, var = self.mean, self.var
        else:
            mean, var = self._batch_statistics(input)
        if collect:
            mean = self._collect(self.mean, mean)
            var = self._collect(self.var, var)
        mean, var = (T.addbroadcast(v, *self.axes) for v in (mean, var))
        scaled = (input - mean) / T.sqrt(var + self.epsilon)
        return [scaled, mean, var] if self.return_stats else scaled


class ScaleAndShiftLayer(lasagne.layers.Layer):
    """input * gamma + beta, one gamma and beta for each unit.

    Parameters
    ----------
    incoming : Layer
    axes : as for NormalizeLayer: the axes that share gamma and beta
    beta, gamma : initialisers
    """
    def __init__(self, incoming, axes=None, beta=lasagne.init.Constant(0),
                 gamma=lasagne.init.Constant(1), **kwargs):
        super(ScaleAndShiftLayer, self).__init__(incoming, **kwargs)
        self.axes = _normalized_axes(self, axes)
        shape = _statistics_shape(self)
        self.beta = self.add_param(beta, shape, name='beta')
        self.gamma = self.add_param(gamma, shape, name='gamma',
                                    regularizable=False)

    def get_output_for(self, input, **kwargs):
        gamma, beta = (T.addbroadcast(v, *self.axes)
                       for v in (self.gamma, self.beta))
        return input * gamma + beta

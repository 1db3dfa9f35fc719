"""Log-sum-exp in Theano and a confusion matrix, in Parmesan's names."""
from __future__ import division, print_function

from collections import namedtuple

import numpy as np
import theano.tensor as T

__all__ = ['log_sum_exp', 'log_mean_exp', 'ConfusionMatrix']


def log_sum_exp(A, axis=None, sum_op=T.sum):
    """log sum exp(A), with the largest value taken out of the sum.

    Parameters
    ----------
    A : Theano expression
    axis : int, sequence of int or None (all axes); as published, an axis
        counted from the end stays, with length 1
    sum_op : T.sum, or T.mean for log mean exp

    Returns
    -------
    Theano expression, without the axes that were summed
    """
    top = T.max(A, axis=axis, keepdims=True)
    total = sum_op(T.exp(A - top), axis=axis, keepdims=True)
    if axis is None:
        gone = range(A.ndim)
    else:
        gone = axis if hasattr(axis, '__iter__') else [axis]
    kept = [d for d in range(A.ndim) if d not in gone]
    return (T.log(total) + top).dimshuffle(kept)


def log_mean_exp(A, axis=None):
    """log mean exp(A); see ``log_sum_exp``."""
    return log_sum_exp(A, axis=axis, sum_op=T.mean)


_Errors = namedtuple('_Errors', ['tp', 'fn', 'fp', 'tn'])


class ConfusionMatrix(object):
    """Counts ``mat`` of true classes (rows) and predicted ones (columns).

    The rates have one value for each class, in the order of the classes,
    without those that are 0 / 0.  The published rates take false negatives
    for true negatives and the other way round, and so do these, which give
    their numbers: ``sensitivity``, ``specificity``,
    ``negativepredictivevalue``, ``falsepositiverate``, ``F1`` and
    ``matthewscorrelation`` are not what they are called.  ``geterrors``,
    ``accuracy``, ``positivepredictivevalue`` and ``falsediscoveryrate`` are.

    Parameters
    ----------
    n_classes : int
    class_names : sequence of str, default the numbers from 0
    """
    def __init__(self, n_classes, class_names=None):
        names = range(n_classes) if class_names is None else class_names
        names = [str(name) for name in names]
        self.n_classes = n_classes
        self.max_len = max(len(name) for name in names)
        # as published: names of more letters than there are classes
        if len(names) < self.max_len:
            names = [name.ljust(self.max_len) for name in names]
        self.class_names = names
        self.mat = np.zeros((n_classes, n_classes), dtype='int')

    def __str__(self):
        rows = str(self.mat).replace('[', '').replace(']', '').split('\n')
        rows[0] = ' ' + rows[0]
        totals = self.mat.sum(axis=1)
        lines = [' %s |%s |%s' % parts
                 for parts in zip(self.class_names, rows, totals)]
        last = ' ' * (self.max_len + 4) + ' '.join(
            '%d' % count for count in self.mat.sum(axis=0))
        rule = ' ' * (self.max_len + 1) + '-' * len(last)
        return ''.join(line + '\n'
                       for line in [rule] + lines + [rule, last])

    def batchadd(self, y_pred, y_true):
        """Count pairs of classes, two integer arrays of one shape."""
        if y_true.shape != y_pred.shape:
            raise ValueError('y_true: expected the shape of y_pred, %s, got '
                             '%s' % (y_pred.shape, y_true.shape))
        pairs = [np.asarray(y, dtype='int').ravel()
                 for y in (y_true, y_pred)]
        for name, y in zip(('y_true', 'y_pred'), pairs):
            if y.size and not 0 <= y.min() <= y.max() < self.n_classes:
                raise ValueError('%s: expected classes from 0 to %d, got %d '
                                 'to %d' % (name, self.n_classes - 1,
                                            y.min(), y.max()))
        np.add.at(self.mat, tuple(pairs), 1)

    def batchaddmask(self, y_true, y_pred, mask):
        """Count the pairs where a boolean mask is True."""
        if mask.dtype != bool or not (mask.shape == y_true.shape ==
                                      y_pred.shape):
            raise ValueError('mask: expected booleans in the shape of y_true '
                             'and y_pred, %s, got %s of shape %s'
                             % (y_true.shape, mask.dtype, mask.shape))
        self.batchadd(y_pred[mask], y_true[mask])

    def zero(self):
        """Forget all counts."""
        self.mat[:] = 0

    def geterrors(self):
        """Of each class tp, fn, fp, tn: true positives, false negatives,
        false positives and true negatives, float64 vectors."""
        tp = np.diag(self.mat).astype('float')
        fn = self.mat.sum(axis=1) - tp
        fp = self.mat.sum(axis=0) - tp
        return tp, fn, fp, self.mat.sum() - tp - fn - fp

    def accuracy(self):
        """The fraction of pairs that are equal."""
        return self.geterrors()[0].sum() / self.mat.sum()

    def _exchanged(self):
        """The errors as the published rates read them."""
        tp, fn, fp, tn = self.geterrors()
        return _Errors(tp=tp, fn=tn, fp=fp, tn=fn)

    def sensitivity(self):
        """tp / (tp + fn), fn and tn exchanged."""
        e = self._exchanged()
        return _ratio(e.tp, e.tp + e.fn)

    def specificity(self):
        """tn / (tn + fp), fn and tn exchanged."""
        e = self._exchanged()
        return _ratio(e.tn, e.tn + e.fp)

    def positivepredictivevalue(self):
        """tp / (tp + fp)."""
        e = self._exchanged()
        return _ratio(e.tp, e.tp + e.fp)

    def negativepredictivevalue(self):
        """tn / (tn + fn), fn and tn exchanged."""
        e = self._exchanged()
        return _ratio(e.tn, e.tn + e.fn)

    def falsepositiverate(self):
        """fp / (fp + tn), fn and tn exchanged."""
        e = self._exchanged()
        return _ratio(e.fp, e.fp + e.tn)

    def falsediscoveryrate(self):
        """fp / (tp + fp)."""
        e = self._exchanged()
        return _ratio(e.fp, e.tp + e.fp)

    def F1(self):
        """2 tp / (2 tp + fp + fn), fn and tn exchanged."""
        e = self._exchanged()
        return _ratio(2 * e.tp, 2 * e.tp + e.fp + e.fn)

    def matthewscorrelation(self):
        """(tp tn - fp fn) / sqrt((tp + fp)(tp + fn)(tn + fp)(tn + fn)), fn
        and tn exchanged."""
        e = self._exchanged()
        product = (e.tp + e.fp) * (e.tp + e.fn) * (e.tn + e.fp) * \
            (e.tn + e.fn)
        return _ratio(e.tp * e.tn - e.fp * e.fn, np.sqrt(product))


def _ratio(over, under):
    """over / under, without the classes where both are 0."""
    with np.errstate(divide='ignore', invalid='ignore'):
        ratio = over / under
    return ratio[~np.isnan(ratio)]

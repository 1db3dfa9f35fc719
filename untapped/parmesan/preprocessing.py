"""Contrast normalisation and ZCA whitening, in Parmesan's names.

The constructors of the published classes raise a Warning that they are
untested, whatever they are given; these can be made.

References
----------
Krizhevsky 2009, Learning multiple layers of features from tiny images,
appendix A (ZCA).
"""
from __future__ import division, print_function

import numpy as np
from scipy.linalg import eigh

__all__ = ['ContrastNorm', 'ZCA']


class ContrastNorm(object):
    """Rows less their mean, scaled to the same Euclidean norm.

    Parameters
    ----------
    scale : float, the norm
    epsilon : float; a row whose norm, divided by scale, is smaller keeps
        its length
    """
    def __init__(self, scale=55, epsilon=1e-8):
        self.scale = np.float32(scale)
        self.epsilon = np.float32(epsilon)

    def apply(self, data, copy=False):
        """The normalised data, float (n, ...); in place unless ``copy``."""
        data = np.array(data) if copy else data
        rows = data.reshape(len(data), -1)
        rows -= rows.mean(axis=1)[:, np.newaxis]
        norms = np.sqrt(np.sum(rows ** 2, axis=1)) / self.scale
        norms[norms < self.epsilon] = 1
        rows /= norms[:, np.newaxis]
        return rows.reshape(data.shape)


class ZCA(object):
    """Whitening that turns data as little as possible: x P.

    P = C^(-1/2) with C the covariance plus ``filter_bias`` on its diagonal.

    Parameters
    ----------
    n_components, data : what to fit at once, where both are given
    filter_bias : float

    Attributes
    ----------
    P, P_inv : float32 (m, m), and its inverse
    mean : (m,), of the data
    """
    def __init__(self, n_components=None, data=None, filter_bias=0.1):
        self.filter_bias = np.float32(filter_bias)
        self.P = self.P_inv = self.reshape = None
        self.n_components = 0
        self.is_fit = False
        if n_components is not None and data is not None:
            self.fit(n_components, data)

    def fit(self, n_components, data):
        """Learn P from data (n, ...) of m numbers a row.

        n_components : m; fewer components are not implemented, nor were
            they
        """
        shape, rows = data.shape[1:], data.reshape(len(data), -1)
        m = rows.shape[1]
        if n_components != m:
            raise ValueError('n_components: expected all %d of the data, got '
                             '%s' % (m, n_components))
        self.reshape = shape if len(shape) > 1 else None
        self.mean = np.mean(rows, axis=0)
        bias = self.filter_bias * np.identity(m, 'float32')
        values, vectors = eigh(np.cov(rows, rowvar=0, bias=1) + bias)
        if not values.min() > 0:
            raise ValueError('data: expected a positive definite covariance, '
                             'got %s as its least eigenvalue; a larger '
                             'filter_bias helps' % values.min())
        root = np.sqrt(values)
        self.P = np.dot(vectors * (1.0 / root), vectors.T).astype('float32')
        self.P_inv = np.dot(vectors * root, vectors.T).astype('float32')
        self.is_fit = True

    def apply(self, data, remove_mean=True):
        """The whitened data, in their shape."""
        rows = self._rows(data)
        return self._shaped(
            np.dot(rows - self.mean if remove_mean else rows, self.P))

    def inv(self, data, add_mean=True):
        """The data of whitened ones."""
        rows = np.dot(self._rows(data), self.P_inv)
        rows += self.mean if add_mean else 0.
        return self._shaped(rows)

    def _rows(self, data):
        """data (n, ...) as (n, m)."""
        if not self.is_fit:
            raise ValueError('ZCA: expected a call of fit first')
        shape = self.mean.shape if self.reshape is None else self.reshape
        if data.shape[1:] != shape:
            raise ValueError('data: expected rows of the shape that was '
                             'fitted, %s, got %s' % (shape, data.shape[1:]))
        return data.reshape(len(data), -1)

    def _shaped(self, rows):
        """(n, m) as (n, ...)."""
        return rows if self.reshape is None else \
            rows.reshape((len(rows),) + self.reshape)

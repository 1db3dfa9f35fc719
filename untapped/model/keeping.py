"""How a model is kept: its parameters, its copies and its files."""
from __future__ import division, print_function

import hashlib
from collections import OrderedDict

import numpy as np
from sklearn.base import _pprint
from sklearn.utils.fixes import signature

from untapped.errors import InputError
from untapped.model import arrays, kinds, stored

__all__ = ['Keeping']


class Keeping(object):
    """The methods of ``ssdgm.SSDGM`` that show, set and keep a model."""

    # parameters

    def parameters(self):
        """Every parameter, by '<network> <layer>.<name>'; OrderedDict."""
        self._require_built()
        return OrderedDict((name, param.get_value())
                           for name, param in
                           self.networks_.named_params().items())

    def set_parameters(self, values):
        """Set parameters by the names of ``parameters``.

        They may be infinite or NaN, as training may come to them.
        """
        self._require_built()
        kinds.require(kinds.dictionary, 'values', values)
        params = self.networks_.named_params()
        if set(values) != set(params):
            raise InputError(
                'values: expected exactly the parameters of this model, '
                'found a difference at %s'
                % sorted(set(values) ^ set(params))[0])
        for name, param in params.items():
            shape = param.get_value(borrow=True).shape
            if np.shape(values[name]) != shape:
                raise InputError('values[%r]: expected shape %s, got %s' % (
                    name, shape, np.shape(values[name])))
            arrays.require_unmasked('values[%r]' % name, values[name])
            value = np.asarray(values[name])
            if value.dtype.kind not in 'biuf':
                raise InputError('values[%r]: expected real numbers, got %s'
                                 % (name, kinds.shown(values[name])))
            arrays.require_float32('values[%r]' % name, value)
        for name, param in params.items():
            param.set_value(np.asarray(values[name], dtype=param.dtype))

    def parameters_sha256(self):
        """SHA-256 of all parameters' bytes, in their order, as hex."""
        digest = hashlib.sha256()
        for value in self.parameters().values():
            digest.update(np.ascontiguousarray(value).tobytes())
        return digest.hexdigest()

    def set_params(self, **params):
        """Set parameters by their names; self.

        scikit-learn takes two underscores in a name, as in
        batch_size_X__train, for a part of a part.
        """
        own = set(params).intersection(self._get_param_names())
        vars(self).update((name, params.pop(name)) for name in own)
        return super(Keeping, self).set_params(**params)

    # keeping

    def __repr__(self):
        """The parameters that are not at their defaults."""
        defaults = signature(type(self).__init__).parameters
        return '%s(%s)' % (type(self).__name__, _pprint(dict(
            (name, value) for name, value in
            self.get_params(deep=False).items()
            if not kinds.same(value, defaults[name].default))))

    def __getstate__(self):
        """Settings, parameters and streams; nothing that was compiled."""
        return stored.taken(self)

    def __setstate__(self, state):
        stored.given(self, state)

    def save(self, path):
        """Write the model to an .npz file, whole or not at all.

        Nothing in it is pickled: ``load`` reads files of strangers, too.
        Kept are settings, parameters, random streams and the records of the
        last fit.  What ``state`` gives is not.

        Parameters
        ----------
        path : str

        Raises
        ------
        InputError for a function among the settings that is none of this
        package's, or Lasagne's; pickle keeps those that have a name
        DataError if the file cannot be written
        """
        stored.write(self, path)

    @classmethod
    def load(cls, path):
        """The model in a file that ``save`` wrote, one of this class.

        Parameters
        ----------
        path : str

        Raises
        ------
        InputError, one sentence, for any other file, and of a class whose
        constructor does not take all that ``SSDGM``'s does
        """
        return stored.read(cls, path)

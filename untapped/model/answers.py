"""What a trained model answers: the estimator's methods of given data.

Each checks its arrays as ``SSDGM.fit`` does, before anything is compiled.
"""
from __future__ import division, print_function

import numpy as np
import theano

from untapped.compiled.modes import compile_mode
from untapped.errors import InputError
from untapped.model import checks, kinds
from untapped.model.arrays import floats

__all__ = ['Answers']


class Answers(object):
    """The methods of ``ssdgm.SSDGM`` that answer from given data."""

    def infer(self, target, x=None, y=None, z1=None, z2=None,
              deterministic=True):
        """Infer one variable from others.

        Parameters
        ----------
        target : 'y', 'z2', 'z1' (M1+M2), '_z1' or '_x' (generated)
        x, y, z1, z2 : arrays (rows, columns), those that are known
        deterministic : bool, means in place of samples

        Returns
        -------
        float32 array (rows, columns)

        Raises
        ------
        InputError for arrays that ``fit`` would refuse, and where the target
        cannot be inferred from them.  What has no density alone, as a mean
        of zeros and ones, is taken: networks may have made it
        """
        self._require_built()
        targets = sorted(set(target for target, _ in self._infer.steps))
        kinds.require(kinds.choice(targets), 'target', target)
        kinds.require(kinds.flag, 'deterministic', deterministic)
        given = [(name, value) for name, value in (
            ('x', x), ('y', y), ('z1', z1), ('z2', z2)) if value is not None]
        return self._infer(target, checks.matrices(self.networks_, given),
                           deterministic)

    def predict(self, X, deterministic=True):
        """y of x, from q(y|x); (rows, num_output) float32.

        Parameters and errors are those of ``infer``.
        """
        self._require_built()
        x = checks.matrices(self.networks_, [('X', X)])['X']
        return self.infer('y', x=x, deterministic=deterministic)

    def generate(self, x=None, y=None, z1=None, z2=None, deterministic=True,
                 once=False):
        """x of y and z2; (rows, num_features) float32.

        Other combinations of known variables infer the missing ones first.
        As published, what p(x|y, z) generates from y and z2 goes through
        the model once more: y and z2 are inferred from it, and x is
        generated from those.

        Parameters
        ----------
        x, y, z1, z2 : arrays (rows, columns), those that are known
        deterministic : bool, means in place of samples
        once : bool, p(x|y, z) itself, eq. (3), without that second time
            through (in M1+M2: of the mean z1)

        Errors are those of ``infer``.
        """
        self._require_built()
        kinds.require(kinds.flag, 'once', once)
        if once and y is not None and z2 is not None and \
                self.networks_.model_type != 0:
            z1 = self.infer('_z1', y=y, z2=z2, deterministic=deterministic)
            if self.networks_.model_type == 1:
                return z1
            y = z2 = None
        return self.infer('_x', x, y, z1, z2, deterministic)

    def loss(self, X, y):
        """Weighted discriminative losses of labelled pairs, J^d of J.

        coeff_x_dis times the loss of predicted y, eq. (13), and coeff_y_dis
        times that of generated x, eq. (14).
        """
        self._require_as_built()
        given = list(checks.matrices(
            self.networks_, [('X', X), ('y', y)], of=self).values())
        objective = self.objective_
        x_dis, y_dis = [self._objective_value(kind, given, objective)
                        for kind in ('x_sup_dis', 'y_sup_dis')]
        weights = objective.settings
        return weights.coeff_x_dis * x_dis + weights.coeff_y_dis * y_dis

    def score(self, X, y):
        """Minus ``loss``: the larger, the better; at most 0.

        What GridSearchCV and cross_val_score go by.  It has the weights of
        the present settings: with coeff_x_dis = coeff_y_dis = 0 it is 0
        whatever the model, and a search over either weight compares scores
        of different scales; give such a search a ``scoring`` of its own.
        Where an objective draws samples, each call draws new ones.

        Parameters
        ----------
        X, y : arrays (rows, num_features), (rows, num_output)
        """
        return -self.loss(X, y)

    def objective_value(self, kind, *arrays):
        """One kind of term on given data, a scalar.

        Parameters
        ----------
        kind : 'x' (of x), 'y' (of y, z2), 'x_sup', 'y_sup', 'x_sup_dis' or
            'y_sup_dis' (of x, y), 'consistency' (of y)
        arrays : the data, in that order; 'y' takes y alone where z2 is not
            observed

        Raises
        ------
        InputError for a kind that this model does not have, for arrays that
        ``fit`` would refuse, and for settings that need a new fit
        """
        self._require_as_built()
        objective, nets = self.objective_, self.networks_
        known = sorted(set(term.kind for term in
                           objective.terms(nets.model_type)))
        kinds.require(kinds.choice(known), 'kind', kind)
        names = {'x': ['x'], 'y': ['y', 'z2'], 'consistency': ['y']}.get(
            kind, ['x', 'y'])
        alone = kind == 'y' and not (nets.model_type and objective.needs_z2)
        if len(arrays) != len(names) and not (alone and len(arrays) == 1):
            raise InputError('objective_value(%r): expected %s, got %d arrays'
                             % (str(kind), ' and '.join(names), len(arrays)))
        given = list(checks.matrices(self.networks_, [
            (name, array) for name, array in zip(names, arrays)
            if not (alone and name == 'z2')], of=self).values())
        if alone:
            # an input that nothing reads
            given.append(np.zeros((len(given[0]), 1), dtype='float32'))
        return self._objective_value(kind, given, objective)

    def _objective_value(self, kind, arrays, objective):
        with self.networks_.lock:
            return self._objective_function(kind, objective)(
                *map(floats, arrays))

    def _objective_function(self, kind, objective):
        key = kind, objective.variational
        if key not in self._objectives:
            sym = self.symbols_
            inputs = {'x': [sym.x], 'y': [sym.y, sym.z2],
                      'consistency': [sym.y]}.get(
                          kind, [sym.x_sup, sym.y_sup])
            self._objectives[key] = theano.function(
                inputs, objective.total(kind, self.bounds_),
                givens=sym.one_sample(), on_unused_input='ignore',
                mode=compile_mode(), name='objective ' + kind)
        return self._objectives[key]

"""Functions from some of the model's variables to another.

Each function is compiled when it is first called.  What it computes is a
short sequence of passes, given in ``passes.INFERENCE``.  To generate x from x
and y, say, z2 is drawn from q(z2|z1, y) and then x from p(x|y, z2).
"""
from __future__ import division, print_function

import theano

from untapped.compiled.modes import compile_mode
from untapped.errors import InputError
from untapped.model.passes import INFERENCE

__all__ = ['Inference']


class Inference(object):
    """Compiled functions of a model's networks.

    Parameters
    ----------
    networks : Networks
    symbols : Symbols
    passes : Passes
    """
    def __init__(self, networks, symbols, passes):
        self.networks = networks
        self.symbols = symbols
        self.passes = passes
        self.steps = {}
        for target, given, steps in INFERENCE[networks.model_type]:
            self.steps[target, given] = steps
        self._compiled = {}

    def givens(self, target):
        """The sets of variables that the target can be inferred from."""
        return [given for t, given in self.steps if t == target]

    def __call__(self, target, values, deterministic=True):
        """Infer the target.

        Parameters
        ----------
        target : 'y', 'z1', 'z2', '_z1' or '_x' (an underscore before:
            generated)
        values : dict from 'x', 'y', 'z1', 'z2' to float arrays (rows,
            columns)
        deterministic : bool, means in place of samples

        Returns
        -------
        float32 array (rows, columns)
        """
        given = tuple(name for name in ('x', 'y', 'z1', 'z2')
                      if name in values)
        # the published signature puts y after x and z1
        if given == ('y', 'z1'):
            given = ('z1', 'y')
        if (target, given) not in self.steps:
            raise InputError(
                '%s: expected to be inferred from one of %s, got %s' % (
                    target,
                    '; '.join(', '.join(g) for g in self.givens(target)) or
                    'none in this type of model',
                    ', '.join(given) or 'nothing'))
        with self.networks.lock:
            return self.function(target, given, deterministic)(
                *[values[name] for name in given])

    def function(self, target, given, deterministic):
        """The compiled function of arrays in the order of ``given``."""
        key = (target, given, bool(deterministic))
        if key not in self._compiled:
            sym = self.symbols
            self._compiled[key] = theano.function(
                [getattr(sym, name) for name in given],
                self._expression(target, given, deterministic),
                givens=sym.one_sample(),
                on_unused_input='ignore', mode=compile_mode(),
                name='%s from %s' % (target, ', '.join(given)))
        return self._compiled[key]

    def _expression(self, target, given, deterministic):
        values = {name: getattr(self.symbols, name) for name in given}
        for n, (variable, inputs) in enumerate(self.steps[target, given]):
            if variable.startswith('unread'):
                continue
            result = self.passes.run(
                ('infer', target, given, n), variable,
                {name: values[name] for name in inputs}, deterministic)
            # what generates z1 feeds the next step as z1
            values['z1' if variable == '_z1' else variable] = result
        return result

"""Another program's step beside ours: JAX's, in a Python that has it.

`jax_peer` is run by that Python.  Before it is timed, its terms are compared
with ours on the same numbers: parameters, minibatch and noise.
"""
from __future__ import division, print_function

import json
import os
import shutil
import subprocess
import tempfile

from bench.sizes import ROOT
from untapped import pins

# numpy comes after them
pins.apply()

import numpy as np  # noqa: E402

__all__ = ['AGREES', 'given', 'measure']

#: terms of both are this close, relative to the larger of 1 and ours
AGREES = 1e-4

#: rows of the minibatch that terms are compared on
ROWS = 40

#: kinds of terms
KINDS = ('x_sup', 'y_sup', 'x_sup_dis', 'y_sup_dis', 'x', 'y')


class _Noise(object):
    """In the place of a sample layer's streams: numbers that are kept.

    Parameters
    ----------
    labels : dict from a position in the stream to the pass's name
    shape : (rows, units) of what is drawn
    kept : dict, which gets the numbers under 'noise/<pass>'
    """
    def __init__(self, labels, shape, kept):
        self.labels, self.shape, self.kept = labels, shape, kept
        self.position = None

    def seek(self, position):
        """What is drawn next is that position's."""
        self.position = position

    def _numbers(self, draw):
        import theano.tensor as T
        label = self.labels[self.position]
        self.position += 1
        key = 'noise/' + label
        if key not in self.kept:
            rng = np.random.RandomState(len(self.kept))
            self.kept[key] = draw(rng).astype('float32')
        return T.constant(self.kept[key].reshape(
            (self.shape[0], 1, 1, self.shape[1])))

    def normal(self, size, dtype):
        """Standard normal numbers."""
        return self._numbers(lambda rng: rng.normal(size=self.shape))

    def uniform(self, size, dtype):
        """Numbers between 0 and 1."""
        return self._numbers(lambda rng: rng.uniform(.02, .98, self.shape))

    def binomial(self, size, p, dtype):
        """1 with probability p."""
        import theano.tensor as T
        return T.cast(self.uniform(size, dtype) < p, dtype)


def given(case, path):
    """Write an .npz of our terms, and of the numbers that they are made of.

    Names: 'value/<network> <layer>.<name>', 'batch/<number>',
    'noise/<pass>', 'term/<kind>'.  Nothing is compiled: it runs in Python.

    Parameters
    ----------
    case : dict, see ``sizes``
    path : str
    """
    import theano
    from untapped.verify import case_models, cases
    folder = tempfile.mkdtemp()
    try:
        model = case_models.build_model(case, folder)
    finally:
        shutil.rmtree(folder)
    kept = {}
    data = cases.draw_data(dict(case['data'], sizes={
        'train': (ROWS,) * 3, 'valid': (2,) * 3}))
    batch = [data[name].astype('float32')
             for name in ('X', 'y', 'X_', '_y', 'z2')]
    kept.update(('batch/%d' % i, array) for i, array in enumerate(batch))
    starts = model._passes._starts
    for network in model.networks_.values():
        layer = network.sample_layer
        labels = dict((position, key[1]) for key in starts
                      for other, position in starts[key]
                      if other is layer and key[0] == 'M2')
        layer._srng = _Noise(labels, (ROWS, network.num_output), kept)
    kept.update(('value/' + name, value)
                for name, value in model.parameters().items())
    s, sym = model.objective_.settings, model.symbols_
    weights = [('x_sup', s.coeff_x_prob), ('y_sup', s.coeff_y_prob),
               ('x_sup_dis', s.coeff_x_dis), ('y_sup_dis', s.coeff_y_dis),
               ('x', s.coeff_x), ('y', s.coeff_y)]
    names = [name for name, weight in weights if weight and (
        s.variational or name not in ('x_sup', 'y_sup'))]
    terms = [model.objective_.total(name, model.bounds_) for name in names]
    values = theano.function(
        [], terms, mode=theano.Mode(linker='py', optimizer=None),
        on_unused_input='ignore', givens=[
            (symbol, theano.tensor.constant(value)) for symbol, value in zip(
                (sym.x_sup, sym.y_sup, sym.x, sym.y, sym.z2,
                 sym.eq_samples, sym.iw_samples),
                batch + [np.int32(1), np.int32(1)])])()
    kept.update(('term/' + name, value)
                for name, value in zip(names, values))
    np.savez(path, **kept)


def measure(python, case, rounds, threads=1, cores=None):
    """What ``jax_peer`` found.

    Parameters
    ----------
    python : str, a Python that has JAX
    case : dict
    rounds : int, epochs
    threads : int
    cores : str or None, as taskset has them, those to run on

    Raises
    ------
    SystemExit : it fails, or its terms are not ours
    """
    handle, path = tempfile.mkstemp('.npz')
    os.close(handle)
    try:
        given(case, path)
        command = [python, os.path.join(ROOT, 'bench', 'jax_peer.py'),
                   json.dumps({'case': case, 'threads': threads,
                               'rounds': rounds, 'check': path})]
        if cores is not None:
            command = ['taskset', '-c', cores] + command
        # the pins are not its business
        env = dict((name, value) for name, value in os.environ.items()
                   if not name.startswith(('OMP_', 'OPENBLAS_', 'PYTHON')))
        process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        out, error = process.communicate()
    finally:
        os.unlink(path)
    if process.returncode:
        raise SystemExit('bench: %s failed:\n%s' % (
            python, error.decode('utf8', 'replace')[-2000:]))
    found = json.loads(out.decode())
    off = dict((name, distance) for name, distance in
               found['terms_off'].items() if not distance <= AGREES)
    if off:
        raise SystemExit('bench: terms of %s that are not ours: %s' % (
            python, off))
    return found

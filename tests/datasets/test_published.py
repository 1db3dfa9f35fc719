"""prepare() against the published loaders, bit for bit.

UNTAPPED_PUBLISHED names a checkout of the published code; its loaders run in
a process of their own, on files that `write_published` wrote.
"""
from __future__ import division, print_function

import os
import subprocess
import sys

import numpy as np
import pytest

from untapped import datasets
from untapped.files.hashes import array_sha256

# Of the published package the loaders use utilities only; Theano and IPython
# are imported by one of them and not used. Stand-ins keep the test quick.
SCRIPT = '''
import sys, types
checkout, name, seed, target = sys.argv[1:]
for module in ("theano", "theano.tensor", "IPython", "untapped"):
    sys.modules[module] = types.ModuleType(module)
sys.modules["theano"].tensor = sys.modules["theano.tensor"]
sys.modules["IPython"].embed = None
sys.modules["untapped"].__path__ = [checkout + "/untapped"]
sys.path[:0] = [checkout + "/examples"]
import numpy
loader = __import__("datasets.load_" + name, fromlist=["x"])
numpy.random.seed(int(seed))
load = loader.load_data if name == "mnist" else loader.load_process_data
result = load()
arrays = [a.astype("float32") for a in result[0]]
after = numpy.random.uniform(-1.5, 1.5, 4)
numpy.savez(target, *(arrays + [result[1], after]))
'''


@pytest.mark.parametrize('name', datasets.NAMES)
def test_arrays_and_draws_equal_the_published_loaders(published, raw, tmpdir,
                                                      name):
    path = str(tmpdir.join('examples', 'datasets', name, name + '.pkl.gz'))
    datasets.write_published(raw(name), path)
    result = str(tmpdir.join('result.npz'))
    subprocess.check_output(
        [sys.executable, '-c', SCRIPT, published, name, '7', result],
        cwd=str(tmpdir), env=dict(os.environ, MPLBACKEND='Agg'))
    with np.load(result) as theirs:
        theirs = [theirs['arr_{0}'.format(i)] for i in range(8)]

    rng = np.random.RandomState(7)
    data = datasets.prepare(datasets.load(name, path), rng)
    ours = [data.X, data.y, data.X_valid, data.y_valid, data.X_, data._y,
            data.mean, rng.uniform(-1.5, 1.5, 4)]
    names = ['X', 'y', 'X_valid', 'y_valid', 'X_', '_y', 'mean', 'draws']
    assert ([(n, array_sha256(a)) for n, a in zip(names, ours)] ==
            [(n, array_sha256(a)) for n, a in zip(names, theirs)])

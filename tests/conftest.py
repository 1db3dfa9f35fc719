"""Set-up that all tests share: the pins, before anything imports numpy."""
from __future__ import print_function

import gc
import glob
import gzip
import json
import os
import pickle
import signal
import subprocess
import sys
import time
from collections import OrderedDict

import pytest

import compiled_once
from untapped import pins
from untapped.machine import compile_folders

pins.apply()

# each of make test's processes compiles in a folder of its own, or they would
# wait for each other; the first keeps the one that runs use.  What one has
# compiled the others take from it.
_first = compile_folders.in_use()
_worker = os.environ.get('PYTEST_XDIST_WORKER', 'gw0')
if _worker != 'gw0':
    os.environ['THEANO_FLAGS'] = pins.with_compile_folder(
        compiled_once.beside(_first, '-tests-' + _worker))

# dask would write its settings to the home folder
os.environ.setdefault('DASK_CONFIG', os.path.join(
    os.path.dirname(os.path.dirname(os.path.abspath(__file__))), '.cache',
    'dask'))

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def pytest_report_header(config):
    import numpy  # noqa: F401, loads the BLAS whose kernel is reported
    lines = ['pins: ' + ' '.join('%s=%s' % item
                                 for item in pins.in_force().items())]
    return lines + ['not as pinned: ' + line for line in pins.overrides()]


#: files that take the longest, which must not be the last to start
LONG = ('test_golden', 'test_resume', 'test_runner', 'test_side_by_side',
        'test_archive', 'test_faults', 'test_after_training', 'test_ssdgm',
        'test_texts_from_outside', 'test_objectives', 'test_keeping',
        'test_state', 'test_pins', 'test_linker', 'test_installed',
        'test_hostile_bags', 'test_bench')


def pytest_collection_modifyitems(items):
    def rank(item):
        name = item.fspath.purebasename
        return LONG.index(name) if name in LONG else len(LONG)
    items.sort(key=rank)


def pytest_collection_finish(session):
    """By now Theano has been imported, if any test needs it."""
    # of the many objects of a graph, hardly any goes before it does
    gc.set_threshold(10 ** 5)
    if 'theano' in sys.modules:
        # where each variable was made, for messages: the stack is slow
        sys.modules['theano'].config.traceback.limit = 0
        compiled_once.share(_first + '-tests-modules')


@pytest.fixture(scope='module', autouse=True)
def pins_stay():
    """A file's tests leave the pins as they were for those of the next."""
    before = pins.in_force()
    yield
    assert pins.in_force() == before


def _folder(variable, default, what):
    path = os.environ.get(variable) or default
    if path is None or not os.path.isdir(path):
        pytest.skip('%s: set %s to the folder that holds it'
                    % (what, variable))
    return os.path.abspath(path)


@pytest.fixture(scope='session')
def shared():
    """The folder of real spectra, MNIST files and golden arrays."""
    return _folder('UNTAPPED_SHARED', os.path.join(ROOT, '..', 'shared'),
                   'the shared reference data is not here')


@pytest.fixture(scope='session')
def published():
    """A checkout of the published code (all-umass/untapped, 30e90ab)."""
    return _folder('UNTAPPED_PUBLISHED', None,
                   'the published code is not here')


@pytest.fixture(scope='session')
def tiny(tmpdir_factory):
    """A crism.pkl.gz of 90 spectra with 8 channels."""
    import numpy as np
    from untapped import datasets
    rng = np.random.RandomState(0)
    y = np.vstack([rng.dirichlet(np.ones(3) * 20, 60),
                   rng.dirichlet(np.ones(3), 30)])
    endmembers = rng.uniform(.2, .8, (8, 4))
    x = y.dot(endmembers[:, :0:-1].T) + rng.normal(size=(90, 8)) * .01
    raw = datasets.Raw('crism', OrderedDict([
        ('x', x), ('y', y), ('endmembers', endmembers)]), 'tiny', 'file')
    path = str(tmpdir_factory.mktemp('data').join('crism.pkl.gz'))
    datasets.write_published(raw, path)
    return path


@pytest.fixture
def double_precision(monkeypatch):
    """Floats of Python become float64 constants in Theano expressions."""
    import theano
    monkeypatch.setattr(theano.config, 'floatX', 'float64')


@pytest.fixture
def pickled(tmpdir):
    """``pickled(content)``: the path of a gzip pickle of protocol 2."""
    def write(content, name='file.pkl.gz'):
        path = str(tmpdir.join(name))
        with gzip.open(path, 'wb') as stream:
            pickle.dump(content, stream, protocol=2)
        return path
    return write


class Cluster(object):
    """A dask scheduler and workers, processes of this machine."""

    def __init__(self, folder):
        self.folder = folder
        self.workers = {}           # name -> process
        place = os.path.join(folder, 'scheduler.json')
        self.scheduler = self._start(
            'scheduler', '--host', '127.0.0.1', '--port', '0',
            '--scheduler-file', place)
        self.address = _soon(lambda: _json(place), self.scheduler)['address']

    def _start(self, kind, *arguments):
        with open(os.path.join(self.folder, kind + '.log'), 'ab') as log:
            return subprocess.Popen(
                [sys.executable, '-m', 'distributed.cli.dask_' + kind,
                 '--no-bokeh'] + list(arguments), cwd=self.folder,
                stdout=log, stderr=log)

    def need(self, *names):
        """Start the workers of these names that do not run."""
        for name in names:
            if name not in self.workers:
                self.workers[name] = self._start(
                    'worker', self.address, '--nthreads', '1', '--no-nanny',
                    '--name', name, '--local-directory',
                    os.path.join(self.folder, name))

    def kill(self, name):
        process = self.workers.pop(name)
        process.kill()
        process.wait()

    def holder(self, path):
        """Name of a worker with such a path in a folder; ``*`` is any."""
        for name in self.workers:
            for place, _, _ in os.walk(os.path.join(self.folder, name)):
                if glob.glob(os.path.join(place, path)):
                    return name

    def signal(self, number):
        for process in list(self.workers.values()) + [self.scheduler]:
            process.send_signal(number)

    def close(self):
        self.signal(signal.SIGKILL)
        for process in list(self.workers.values()) + [self.scheduler]:
            process.wait()


def _json(path):
    try:
        with open(path) as stream:
            return json.load(stream)
    except (EnvironmentError, ValueError):
        return None             # not there, or not whole yet


def _soon(question, process, seconds=600):
    """The first answer that is not None, while a process runs."""
    end = time.time() + seconds
    while True:
        answer = question()
        if answer is not None:
            return answer
        if process.poll() is not None or time.time() > end:
            status = process.poll()
            if status is None:
                process.kill()
            pytest.fail('exit status %s, no answer in %d s: %s' % (
                status, seconds, process.communicate()))
        time.sleep(.05)


@pytest.fixture(scope='session')
def soon():
    return _soon


@pytest.fixture(scope='session')
def _cluster(tmpdir_factory):
    made = Cluster(str(tmpdir_factory.mktemp('cluster')))
    yield made
    made.close()


@pytest.fixture(scope='module')
def cluster(request):
    """A scheduler whose workers each test asks for."""
    pytest.importorskip('distributed', reason='dask is not installed')
    made = request.getfixturevalue('_cluster')
    made.signal(signal.SIGCONT)
    yield made
    # idle, its processes take a fifth of a core
    made.signal(signal.SIGSTOP)

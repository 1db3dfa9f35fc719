"""Set-up that all tests share: the pins, before anything imports numpy."""
from __future__ import print_function

import os

import pytest

from untapped import pins

pins.apply()

# each of make test's processes compiles in a folder of its own, or they would
# wait for each other; the first keeps the one that runs use
_worker = os.environ.get('PYTEST_XDIST_WORKER', 'gw0')
if _worker != 'gw0':
    os.environ['THEANO_FLAGS'] = pins.with_compile_folder(
        '%s-tests-%s' % (pins.in_use(), _worker))

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def pytest_report_header(config):
    import numpy  # noqa: F401, loads the BLAS whose kernel is reported
    lines = ['pins: ' + ' '.join('%s=%s' % item
                                 for item in pins.in_force().items())]
    return lines + ['not as pinned: ' + line for line in pins.overrides()]


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


@pytest.fixture
def double_precision(monkeypatch):
    """Floats of Python become float64 constants in Theano expressions."""
    import theano
    monkeypatch.setattr(theano.config, 'floatX', 'float64')

"""Work on the machines of a dask.distributed cluster, with the same bits.

A worker of dask lives long and runs threads; a run needs pins that hold
before numpy is imported, and Theano for itself.  So a task starts a Python
process with the caller's pins and a compile folder of its own, and waits for
it (`tasks`).  docs/scale.md tells how a cluster is started.

    with untapped.cluster.searches('tcp://host:8786'):
        GridSearchCV(model, grid).fit(X, y)

    tasks    what runs on a worker: a process with the pins
    backend  the cluster as a backend of scikit-learn's joblib
    pickles  calls as bytes, large arrays apart
"""
from __future__ import division, print_function

import contextlib
import logging
import os

from untapped import pins
from untapped.errors import InputError
from untapped.machine import processor

__all__ = ['connect', 'explained', 'searches', 'variables']

#: seconds in which a scheduler answers
ANSWERS = 10


def connect(address, argument='address'):
    """A client of the scheduler at an address.

    Parameters
    ----------
    address : str, as 'tcp://host:8786'
    argument : str, what an error calls it

    Returns
    -------
    distributed.Client

    Raises
    ------
    InputError where nobody answers, or dask is not installed
    """
    try:
        # not needed unless there is a cluster, and slow to load
        from distributed import Client
    except ImportError as error:
        raise InputError('argument %s: expected the packages distributed and '
                         'dask, as requirements.lock has them (%s)'
                         % (argument, error))
    # What it would log is told in a sentence, here or by `explained`.
    for name in ('distributed', 'tornado'):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        if not address:
            raise ValueError('no address')
        return Client(address, timeout=ANSWERS, set_as_default=False)
    except Exception as error:
        # ValueError, IOError, gaierror, ...: whatever the address brings up
        raise InputError(
            'argument %s: expected the address of a dask scheduler, such as '
            'tcp://host:8786, got %r (%s)'
            % (argument, address, str(error).split('\n')[0]))


def explained(error, argument='address'):
    """What a failed or cancelled task says, as an InputError.

    Parameters
    ----------
    error : Exception, of a future
    argument : str, what the sentence calls the address
    """
    if isinstance(error, InputError):
        return error
    name = type(error).__name__
    if name == 'KilledWorker':
        what = ('its workers ended, one after the other; expected workers '
                'that do not run out of memory or time')
    elif name == 'CancelledError':
        what = 'the scheduler has gone; expected one that stays'
    else:
        what = ('expected workers that run this version of untapped on its '
                'pinned stack, got %s: %s' % (name, error))
    return InputError('argument %s: %s' % (argument, what))


def variables(numerics='exact'):
    """The pins that processes elsewhere run with: those in force here.

    With 'fast' each machine has its own kernels of OpenBLAS.  Each process
    has one thread, unless this one's environment says otherwise.
    """
    found = dict((name, value) for name, value in pins.in_force().items()
                 if value is not None)
    found[pins.CHOICE] = pins.mode()
    # a worker runs as many at a time as it has threads
    found[processor.THREADS] = os.environ.get(processor.THREADS, '1')
    if numerics == 'fast':
        found.pop('OPENBLAS_CORETYPE', None)
    return found


@contextlib.contextmanager
def searches(address):
    """Inside, scikit-learn's searches fit on the cluster at an address.

    Whatever scikit-learn does through its joblib (GridSearchCV,
    RandomizedSearchCV, cross_val_score) fits and scores on the cluster; the
    best estimator is fitted anew here.  Bits are those of ``n_jobs=1``.

    Parameters
    ----------
    address : str, of the scheduler, as 'tcp://host:8786'

    Raises
    ------
    InputError where there is no such scheduler, or the cluster fails; what
        an estimator raises there is raised here
    """
    # scikit-learn, and a backend that imports this room
    from sklearn.externals.joblib import parallel_backend
    from untapped.cluster.backend import Backend
    client = connect(address)
    try:
        backend = Backend(client)
        with parallel_backend(backend):
            yield
    finally:
        client.close(timeout=ANSWERS)

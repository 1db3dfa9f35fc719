"""The cluster as a backend of scikit-learn's joblib."""
from __future__ import division, print_function

import io
import pickle
import uuid
import warnings

import numpy as np
from concurrent.futures import ThreadPoolExecutor
from sklearn.externals.joblib.parallel import ParallelBackendBase

from untapped import cluster
from untapped.cluster import pickles, tasks

__all__ = ['Backend']


class Backend(ParallelBackendBase):
    """Each call that joblib dispatches is a task, in a process of its own.

    Parameters
    ----------
    client : distributed.Client
    """

    def __init__(self, client):
        self.client = client
        self._variables = cluster.variables()
        self._arrays = {}       # name -> future
        self._futures = []
        # joblib dispatches from callbacks, which takes too long for the
        # thread that talks to the scheduler
        self._callbacks = ThreadPoolExecutor(1)

    def effective_n_jobs(self, n_jobs):
        """As many as the cluster has threads now; it decides."""
        return max(1, sum(self.client.ncores().values()))

    def apply_async(self, func, callback=None):
        """Start a call of joblib's; its `Job`."""
        payload, arrays = pickles.packed(func)
        key = 'untapped-call-' + uuid.uuid4().hex
        with warnings.catch_warnings():
            # dask advises to scatter large objects, but what is scattered is
            # lost with its worker; a task's are kept by the scheduler
            warnings.filterwarnings('ignore', message='Large object')
            held = dict((name, self._held(name, array))
                        for name, array in arrays.items())
            future = self.client.submit(tasks.call, key, payload, held,
                                        self._variables, key=key)
        self._futures.append(future)
        if callback is not None:
            future.add_done_callback(
                lambda done: self._callbacks.submit(callback, done))
        return Job(future)

    def _held(self, name, array):
        if name not in self._arrays:
            stream = io.BytesIO()
            np.lib.format.write_array(stream, array, allow_pickle=False)
            self._arrays[name] = self.client.submit(
                tasks.hold, stream.getvalue(),
                key='untapped-array-' + uuid.uuid4().hex)
        return self._arrays[name]

    def abort_everything(self, ensure_ready=True):
        """Cancel what has been started."""
        self.client.cancel(self._futures)
        self._futures = []


class Job(object):
    """What joblib waits for."""

    def __init__(self, future):
        self._future = future

    def get(self, timeout=None):
        """The result of the call; what it raised is raised here."""
        try:
            answer = self._future.result(timeout)
        except Exception as error:
            raise cluster.explained(error)
        well, result = pickle.loads(answer)
        if not well:
            raise result
        return result

"""One thread at a time."""
from __future__ import division, print_function

import os
import threading

__all__ = ['Lock']


class Lock(object):
    """A lock for ``with``, which the thread that has it may take again.

    A child process has its own: whatever thread held its parent's is not
    there to release it.  So has a copy.
    """
    def __init__(self):
        self._of_process = {}

    def __reduce__(self):
        return Lock, ()

    def __enter__(self):
        lock = self._of_process.get(os.getpid())
        if lock is None:
            # one for all threads that come at once
            lock = self._of_process.setdefault(os.getpid(),
                                               threading.RLock())
        lock.acquire()

    def __exit__(self, *error):
        self._of_process[os.getpid()].release()

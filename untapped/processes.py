"""Child processes of runs: where they find the package, and their end."""
from __future__ import division, print_function

import os
import signal

from untapped import pins

__all__ = ['environment', 'goes_with_its_parent']

#: of Linux's prctl(2)
_PR_SET_PDEATHSIG = 1


def environment(variables=None):
    """Variables (default: this process's) by which a child finds us."""
    made = dict(os.environ if variables is None else variables)
    made['PYTHONPATH'] = os.pathsep.join(
        [pins.ROOT] + [p for p in [made.get('PYTHONPATH')] if p])
    return made


def goes_with_its_parent():
    """What a child does before it is a run; for ``preexec_fn``.

    It leaves the process group: Ctrl-C comes to the parent alone, which
    passes it on once.  And a parent that is killed takes it along (Linux),
    as nobody would collect its results.
    """
    import ctypes
    try:
        prctl = ctypes.CDLL(None).prctl
    except (AttributeError, OSError):
        return os.setsid

    def before():
        os.setsid()
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    return before

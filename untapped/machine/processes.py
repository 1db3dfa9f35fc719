"""Child processes of runs: where they find the package, and their end."""
from __future__ import division, print_function

import ctypes
import os
import signal
import subprocess
import threading
import time
from contextlib import contextmanager

from untapped import pins

__all__ = ['call', 'environment', 'goes_with_its_parent', 'handled']

#: of Linux's prctl(2)
_PR_SET_PDEATHSIG = 1
#: what ends a process that can be asked to end
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
#: seconds between looks at a child
LOOKS = 0.1


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
    try:
        prctl = ctypes.CDLL(None).prctl
    except (AttributeError, OSError):
        return os.setsid

    def before():
        os.setsid()
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    return before


def call(command, variables, stderr):
    """Run a child to its end; its exit status.

    A signal that would end this process ends the child first.  It comes back
    to this process when the child has gone, as does what it does then.

    Parameters
    ----------
    command : list of str
    variables : dict, its environment
    stderr : file
    """
    asked = []
    with handled(lambda signum, frame: asked.append(signum)):
        # no handler raises here: there is no moment in which a child has
        # been started and nobody knows of it
        process = subprocess.Popen(command, env=variables, stderr=stderr,
                                   preexec_fn=goes_with_its_parent())
        while process.poll() is None and not asked:
            time.sleep(LOOKS)
        if asked:
            _end(process)
    if asked:
        os.kill(os.getpid(), asked[0])
    return process.returncode


def _end(process):
    """End a run: in its own time, at once, and with all that it started.

    The first SIGTERM may let it save what it has, the second lets it remove
    its temporary folders.
    """
    for signum, seconds in ((signal.SIGTERM, 2), (signal.SIGTERM, 3)):
        if process.poll() is None:
            process.send_signal(signum)
        end = time.time() + seconds
        while process.poll() is None and time.time() < end:
            time.sleep(LOOKS)
    try:
        # it leads a group: a compiler may outlive it
        os.killpg(process.pid, signal.SIGKILL)
    except EnvironmentError:
        pass                    # they have all gone
    process.wait()


@contextmanager
def handled(handler):
    """With a handler for the signals that end a process.

    Those that are ignored (nohup) stay so.
    """
    previous = []
    # Python has handlers in the main thread only
    if isinstance(threading.current_thread(), threading._MainThread):
        previous = [(signum, signal.getsignal(signum)) for signum in SIGNALS]
    previous = [each for each in previous
                if each[1] not in (signal.SIG_IGN, None)]
    try:
        for signum, _ in previous:
            signal.signal(signum, handler)
        yield
    finally:
        for signum, before in previous:
            signal.signal(signum, before)

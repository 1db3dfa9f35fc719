"""Ctrl-C and SIGTERM: the first ends training gently, the second at once."""
from __future__ import division, print_function

import os
import signal
import threading

__all__ = ['Stopped', 'Interrupts']


class Stopped(BaseException):
    """Raised out of a signal handler: end now.

    Not an Exception, so that no ``except Exception`` on the way keeps it.

    Attributes
    ----------
    signum : int
    saved : str or None
        What the run had saved by then, for the user.
    """

    def __init__(self, signum):
        BaseException.__init__(self, signum)
        self.signum = signum
        self.saved = None


class Interrupts(object):
    """While entered, SIGINT and SIGTERM come here.

    During training (a function given to `training`) the first signal asks the
    model to stop after its minibatch; any other signal raises `Stopped`.

    Attributes
    ----------
    signum : int or None
        The first signal that came.
    raised : bool
        `Stopped` was raised: what goes wrong from then on, such as a module
        that was loaded by half, comes of that.
    """

    SIGNALS = (signal.SIGINT, signal.SIGTERM)

    def __init__(self):
        self.signum = None
        self.raised = False
        self._stop = None
        self._previous = {}

    def __enter__(self):
        # Python allows handlers in the main thread only.
        if isinstance(threading.current_thread(), threading._MainThread):
            for signum in self.SIGNALS:
                self._previous[signum] = signal.signal(signum, self._handle)
        return self

    def __exit__(self, *error):
        for signum, handler in self._previous.items():
            signal.signal(signum, handler)
        self._previous = {}

    @property
    def exit_status(self):
        return 0 if self.signum is None else 128 + self.signum

    def training(self, stop):
        """Call `stop` on the next signal; None: raise `Stopped` again."""
        self._stop = stop

    def check(self):
        """Raise `Stopped` again, if something on its way kept it.

        Theano has a bare ``except`` here and there, also where it is loaded.
        """
        if self.raised:
            raise Stopped(self.signum)

    def _handle(self, signum, frame):
        gently = self.signum is None and self._stop is not None
        if self.signum is None:
            self.signum = signum
        if not gently:
            self.raised = True
            raise Stopped(signum)
        self._stop()
        # os.write, as print may be what the signal interrupted.
        _tell(b'\nStopping after this minibatch, then saving; '
              b'Ctrl-C again to stop at once.\n')


def _tell(message):
    try:
        os.write(2, message)
    except OSError:
        pass

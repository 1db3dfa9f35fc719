"""Runs in processes that are forked from this one.

Such a process can be killed like one that the script starts, and computes the
same bits.  What takes a script its first seconds it has from here: numpy,
Theano and matplotlib are loaded, the installed packages are hashed.  That the
script does the same is for the tests that start it.
"""
from __future__ import division, print_function

import os
import signal
import subprocess
import sys
import traceback


class Run(subprocess.Popen):
    """A run of an experiment, with the interface of a `subprocess.Popen`.

    Parameters
    ----------
    experiment : str
    arguments : list, those of its script
    """

    def __init__(self, experiment, arguments):
        _load()
        self._run = experiment, [str(a) for a in arguments]
        super(Run, self).__init__(
            ['run_%s.py' % experiment] + self._run[1], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, universal_newlines=True)

    def _execute_child(self, args, *given):
        _, _, out_read, out, error_read, error = given[-6:]
        sys.stdout.flush()
        self.pid = os.fork()
        if not self.pid:
            try:
                for number, handle in ((1, out), (2, error)):
                    os.dup2(handle, number)
                for handle in (out_read, out, error_read, error):
                    os.close(handle)
                self._become(args)
            finally:
                os._exit(1)
        self._child_created = True
        os.close(out)
        os.close(error)

    def _become(self, args):
        """What the script would do; ends this process."""
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        sys.argv = args
        sys.stdout, sys.stderr = os.fdopen(1, 'w'), os.fdopen(2, 'w', 0)
        status = 1
        try:
            from untapped.experiments import runner
            status = runner.main(*self._run)
        except SystemExit as ended:
            status = ended.code
        except BaseException:
            traceback.print_exc()
        sys.stdout.flush()
        os._exit(status)


def _load():
    """What every run would load; once for all of them."""
    from theano.gof import cc
    from untapped.experiments import repeats, stages  # noqa: F401
    from untapped.machine import provenance
    from untapped.studies import crism  # noqa: F401
    cc.get_module_cache()
    provenance.packages()

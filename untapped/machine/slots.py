"""Compile folders for processes that run side by side, one for each.

Of two processes that compile into one folder, one waits for Theano's lock, 5
to 10 seconds at a time.  So a process that will not be alone takes a slot:
the compile folder in use, or the first of those beside it that nobody has.
Slots stay, and are warm for whoever takes them next.
"""
from __future__ import division, print_function

import errno
import fcntl
import itertools
import os
import shutil
import sys
import tempfile
from multiprocessing import util

from untapped import pins
from untapped.files import folders
from untapped.machine import compile_folders

__all__ = ['LIBRARIES', 'Slot', 'follow_forks', 'move_if_forked']

#: folder in a compile folder, of `compiled.library`
LIBRARIES = 'untapped'


class Slot(object):
    """A compile folder that no other slot has, until it is released.

    The system releases it when the process ends, however it ends.

    Attributes
    ----------
    folder : str
        ``compile_folders.in_use()`` or ``...-job-2``, ``...-job-3``, with
        what the first held when they were made; where no such folder can
        be kept, a temporary one.
    temporary : bool
    """

    def __init__(self):
        base = os.path.abspath(os.path.expanduser(
            compile_folders.in_use()))
        self.temporary = False
        self._lock = None
        for number in itertools.count(1):
            self.folder = base
            if number > 1:
                self.folder = '%s-job-%d' % (base, number)
            try:
                self._lock = _lock(self.folder + '.taken')
            except EnvironmentError:
                break
            if self._lock is not None:
                break
        if self._lock is None or not self._fit(number):
            self.release()
            self.folder = tempfile.mkdtemp(prefix='untapped-theano-')
            self.temporary = True
        if self.folder != base:
            _warm(base, self.folder, not self.temporary)

    def _fit(self, number):
        # the first is looked at by whoever compiles in it
        return (number == 1 or compile_folders.usable(self.folder)) and \
            compile_folders.ours(self.folder)

    def flags(self, flags=None):
        """THEANO_FLAGS (default: this process's) that compile in it."""
        return pins.with_compile_folder(self.folder, flags)

    def release(self):
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
        if self.temporary:
            shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.release()


def _lock(path):
    """A descriptor of the locked file; None if another process has it."""
    folders.make(os.path.dirname(path))
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        if os.fstat(handle).st_uid != os.geteuid():
            raise OSError(errno.EPERM, os.strerror(errno.EPERM), path)
        # A compiler that outlives this process does not hold it.
        fcntl.fcntl(handle, fcntl.F_SETFD, fcntl.FD_CLOEXEC)
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except EnvironmentError as error:
        os.close(handle)
        if error.errno in (errno.EWOULDBLOCK, errno.EAGAIN):
            return None
        raise
    return handle


def _warm(base, folder, share):
    """What has been compiled before is not compiled again.

    Theano's modules are copied.  The libraries of whole steps take the
    longest and need no lock (`compiled.library` names them by what they hold,
    and renames them into place): with `share` there is one folder for all.
    """
    if os.path.isdir(base) and compile_folders.ours(base) and \
            not os.listdir(folder):
        os.rmdir(folder)
        compile_folders.copy(base, folder)
        if share:
            shutil.rmtree(os.path.join(folder, LIBRARIES), ignore_errors=True)
            os.symlink(os.path.join(base, LIBRARIES),
                       os.path.join(folder, LIBRARIES))
    if share:
        folders.make(os.path.join(base, LIBRARIES))


# Forked processes -----------------------------------------------------------

class _Process(object):
    """This process: whether multiprocessing forked it, and its slot."""

    def __init__(self):
        self.forked, self.slot = False, None
        #: those of Theano's that were loaded before, which stay in memory
        self.modules = []


_this = _Process()


def follow_forks():
    """From now on, processes that multiprocessing forks get slots.

    scikit-learn's ``n_jobs`` forks; Theano has been imported by then, and
    its compile folder would be the parent's.
    """
    util.register_after_fork(_this, _after_fork)


def _after_fork(process):
    # The parent keeps its slot: only its descriptor is given up here.
    if process.slot is not None:
        process.slot.release()
    process.forked, process.slot = True, None


def move_if_forked():
    """In a forked process, compile in a slot from here on."""
    if not _this.forked:
        return
    _this.forked = False
    slot = Slot()
    if slot.temporary:
        # Nobody would remove it: forked processes end without a farewell.
        slot.release()
        return
    _this.slot = slot
    _compile_in(slot.folder)


def _compile_in(folder):
    """Point a running Theano to another compile folder."""
    # not imported: it runs, or there would be nothing to point
    theano = sys.modules['theano']
    old = theano.config.compiledir
    if folder != old:
        # Copies of its modules have the names of those that were loaded
        # there, which what is compiled already goes on using.
        for name, module in list(sys.modules.items()):
            path = getattr(module, '__file__', None) or ''
            if path.startswith(os.path.join(old, 'tmp')):
                _this.modules.append(sys.modules.pop(name))
        # Theano takes it from flags alone, and keeps what it read there.
        vars(type(theano.config))['compiledir'].val = folder
        theano.gof.cmodule._module_cache = None

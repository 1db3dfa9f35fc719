"""A new folder for each run; each file in it is whole or absent.

A file is written under a temporary name in the run folder, synced to disk and
renamed.  A crash, a full disk or a kill at any moment leaves the earlier
version, or no file; never half of one.
"""
from __future__ import division, print_function

import errno
import fcntl
import io
import json
import math
import os
import time
from collections import OrderedDict
from contextlib import contextmanager

from untapped.errors import InputError, SavingError, UserError
from untapped.files import atomic, folders, npz, regular, texts
from untapped.runs import checkpoints

__all__ = ['RunFolder', 'check_parent', 'to_json']


def check_parent(parent):
    """Refuse a parent folder that runs cannot be put into; writes nothing."""
    ancestor = os.path.abspath(parent)
    while not os.path.lexists(ancestor):
        ancestor = os.path.dirname(ancestor)
    if not os.path.isdir(ancestor):
        raise UserError('argument --out: %s is not a folder' % ancestor)
    if not os.access(ancestor, os.W_OK | os.X_OK):
        raise UserError('argument --out: the folder %s is not writable'
                        % ancestor)


def to_json(value):
    """JSON text of a value: indented, ASCII, independent of the locale.

    Floats are written by repr, so that they read back to the same bits.
    JSON has no NaN and no infinity: they become the strings "nan", "inf" and
    "-inf", which Python's float() reads.
    """
    return json.dumps(_plain(value), indent=2, separators=(',', ': '),
                      allow_nan=False) + '\n'


def _plain(value):
    """`value` made of dicts, lists, text and finite numbers only."""
    if isinstance(value, dict):
        return OrderedDict((_plain(key), _plain(v))
                           for key, v in value.items())
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    if isinstance(value, float) and (math.isnan(value) or math.isinf(value)):
        return repr(float(value))
    if isinstance(value, bytes):  # a path given on Python 2's command line
        return texts.text(value)
    return value


class RunFolder(object):
    """The folder of one run.

    Parameters
    ----------
    parent : str
        Where runs go; made if absent.
    experiment : str
        First part of the folder's name; the second is the time in UTC.
    name : str, optional
        The folder's name, instead; it must not be taken.
    """

    def __init__(self, parent, experiment, name=None):
        try:
            folders.make(parent)
            if name is None:
                self.path = _new_folder(parent, experiment)
            else:
                self.path = os.path.join(parent, name)
                os.mkdir(self.path)
        except EnvironmentError as error:
            raise UserError('argument %s: cannot make a folder in %s: %s'
                            % ('--name' if error.errno == errno.ENAMETOOLONG
                               and name is not None else '--out', parent,
                               error.strerror))
        self.written = []
        self._lock = None

    @classmethod
    def again(cls, path):
        """The folder of a run that goes on; what it holds stays.

        Half-written files that a kill left behind are removed, once no
        process writes to the folder any more.
        """
        folder = cls.__new__(cls)
        folder.path = path
        folder.written, folder._lock = [], None
        folder._claim()
        try:
            # of what is hidden none is the run's, and none is read
            regular.alone(path, hidden=False)
        except InputError as error:
            raise UserError('argument --resume: %s' % error)
        except EnvironmentError as error:
            raise UserError('argument --resume: %s cannot be read: %s'
                            % (error.filename or path, error.strerror))
        for place, places, names in os.walk(path):
            # The folders of repeated runs are their own business.
            if 'runs' in places:
                places.remove('runs')
            for name in names:
                whole = os.path.join(place, name)
                if name.startswith('.') and name.endswith('.part'):
                    _remove(whole)
                elif not name.startswith('.'):
                    folder.written.append(os.path.relpath(whole, path))
        return folder

    def _claim(self):
        """Lock the log; the lock goes when the process ends, however.

        Two processes in one folder would overwrite each other's results.
        """
        try:
            # A link would lead to somebody else's file, a pipe would wait.
            self._lock = os.fdopen(os.open(
                self.join('log.txt'), os.O_WRONLY | os.O_APPEND | os.O_CREAT
                | os.O_NOFOLLOW | os.O_NONBLOCK, 0o666), 'ab')
            # Nor does a compiler hold it that outlives this process.
            fcntl.fcntl(self._lock, fcntl.F_SETFD, fcntl.FD_CLOEXEC)
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except EnvironmentError as error:
            if error.errno in (errno.EWOULDBLOCK, errno.EAGAIN):
                raise UserError('argument --resume: the run in %s is still '
                                'going on in another process' % self.path)
            # A file system without locks does not keep a run from going on.
            if error.errno not in (errno.ENOLCK, errno.ENOTSUP):
                raise SavingError('cannot write %s: %s' % (
                    self.join('log.txt'), error.strerror))

    def resumable(self):
        """Whether there is a checkpoint to go on from."""
        return bool(checkpoints.below(self.path))

    def join(self, name):
        """The path of a file of the run."""
        return os.path.join(self.path, name)

    @contextmanager
    def file(self, name):
        """A binary file to write; it gets its name when all is on disk.

        ``name`` may begin with a folder, as in ``figures/figure5.png``.
        """
        place = os.path.dirname(self.join(name))
        try:
            if place != self.path and not os.path.isdir(place):
                os.mkdir(place)
            with atomic.whole(self.join(name)) as stream:
                yield stream
        except EnvironmentError as error:
            raise SavingError('cannot write %s: %s' % (
                self.join(name), error.strerror or error))
        if name not in self.written:
            self.written.append(name)

    def write_text(self, name, text):
        """Write a text, as UTF-8."""
        if not isinstance(text, bytes):
            text = text.encode('utf-8')
        with self.file(name) as stream:
            stream.write(text)

    def write_json(self, name, value):
        """Write a value as `to_json` has it."""
        self.write_text(name, to_json(value))

    def write_npz(self, name, arrays):
        """Arrays as an uncompressed .npz: `untapped.files.npz.write_npz`."""
        with self.file(name) as stream:
            npz.write_npz(stream, arrays)

    def open_log(self, name='log.txt'):
        """A text file that grows line by line: the one that is not renamed."""
        if self._lock is None:
            self._claim()
        try:
            log = io.open(self.join(name), 'a', encoding='utf-8')
        except EnvironmentError as error:
            raise SavingError('cannot write %s: %s' % (self.join(name),
                                                       error.strerror))
        if name not in self.written:
            self.written.append(name)
        return log

    def discard(self):
        """Remove the folder and what this run wrote into it."""
        within = set(os.path.dirname(name) for name in self.written)
        try:
            for name in self.written:
                if os.path.exists(self.join(name)):
                    os.unlink(self.join(name))
            for folder in sorted(within - set([''])):
                os.rmdir(self.join(folder))
            os.rmdir(self.path)
        except EnvironmentError as error:
            # Somebody put something else there, which is theirs, or closed
            # it.
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST,
                                   errno.ENOENT, errno.EROFS, errno.EACCES):
                raise


def _remove(path):
    try:
        os.unlink(path)
    except EnvironmentError as error:
        raise SavingError('cannot remove %s: %s' % (path, error.strerror))


def _new_folder(parent, experiment):
    """Make parent/experiment-TIME, or -2, -3, ... if the name is taken.

    mkdir fails if the folder exists, so that of two runs started in the same
    second each gets its own.
    """
    stem = time.strftime(experiment + '-%Y%m%dT%H%M%SZ', time.gmtime())
    number = 1
    while True:
        name = stem if number == 1 else '%s-%d' % (stem, number)
        path = os.path.join(parent, name)
        try:
            os.mkdir(path)
            return path
        except EnvironmentError as error:
            if error.errno != errno.EEXIST:
                raise
        number += 1

"""What runs on a worker: a process with the pins, until it ends.

Light: a worker imports neither numpy nor, unless its THEANO_FLAGS name a
base_compiledir, Theano.
"""
from __future__ import division, print_function

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from untapped.errors import InputError
from untapped.files import folders
from untapped.machine import processes
from untapped.machine.slots import Slot

__all__ = ['call', 'experiment', 'hold', 'read_files', 'stop',
           'write_files']

#: seconds between looks at a process
LOOKS = 0.2
#: a call's files, beside its arrays
CALL, ANSWER = 'call.pickle', 'answer.pickle'

#: marks of callers that want their runs to end
_stopped = set()


def stop(mark):
    """Let the runs of a caller end gently, and begin no more of them."""
    _stopped.add(mark)


def hold(content):
    """Bytes that several tasks need."""
    return content


def experiment(key, mark, arguments, name, files, variables, expected):
    """A run of an experiment.

    Parameters
    ----------
    key : str, of this task
    mark : str, of the caller, see `stop`
    arguments : list of str, of ``python -m untapped.experiments`` in a
        folder with the run's folder, runs/NAME
    name : str, that NAME
    files : dict, name -> bytes, of a run that goes on
    variables : dict, see `cluster.variables`
    expected : dict, array -> SHA-256 of the data

    Returns
    -------
    (exit status, what it printed, files of the folder as name -> bytes)

    Raises
    ------
    InputError if it runs on other data
    """
    if mark in _stopped:
        return 128 + signal.SIGINT, '', {}
    with _Place() as place:
        folder = os.path.join(place.path, 'runs', name)
        write_files(folder, files)
        process = place.start(['-m', 'untapped.experiments'] + arguments,
                              variables)
        asked = checked = False
        while process.poll() is None:
            place.check(key)
            if mark in _stopped and not asked:
                process.send_signal(signal.SIGINT)
                asked = True
            checked = checked or _same_data(folder, expected)
            time.sleep(LOOKS)
        return process.returncode, place.printed(), read_files(folder)


def call(key, payload, arrays, variables):
    """A pickled call, see `pickles`, in a process.

    Parameters
    ----------
    key : str, of this task
    payload : bytes
    arrays : dict, name -> bytes of an .npy file
    variables : dict, see `cluster.variables`

    Returns
    -------
    bytes, its pickled answer
    """
    with _Place() as place:
        files = dict((name + '.npy', content)
                     for name, content in arrays.items())
        files[CALL] = payload
        write_files(place.path, files)
        process = place.start(['-m', 'untapped.cluster.pickles'], variables)
        while process.poll() is None:
            place.check(key)
            time.sleep(LOOKS)
        answer = os.path.join(place.path, ANSWER)
        if process.returncode or not os.path.exists(answer):
            raise RuntimeError('exit status %d: %s' % (
                process.returncode, place.printed()[-500:]))
        with open(answer, 'rb') as stream:
            return stream.read()


class _Place(object):
    """A folder on the worker, a slot to compile in, and a process there."""

    def __init__(self):
        # there on a worker alone
        from distributed import get_worker
        self._worker = get_worker()
        # dask removes what a killed worker leaves in this folder
        parent = os.path.abspath(self._worker.local_dir)
        self.path = tempfile.mkdtemp(prefix='untapped-', dir=parent)
        self._slot = self._process = None

    def __enter__(self):
        return self

    def start(self, arguments, variables):
        self._slot = Slot()
        environment = processes.environment(dict(
            os.environ, **variables))
        environment['THEANO_FLAGS'] = self._slot.flags(
            variables.get('THEANO_FLAGS'))
        self._log = open(os.path.join(self.path, 'printed'), 'w+b')
        self._process = subprocess.Popen(
            [sys.executable] + arguments, cwd=self.path, env=environment,
            stdout=self._log, stderr=subprocess.STDOUT, close_fds=True,
            preexec_fn=processes.goes_with_its_parent())
        return self._process

    def check(self, key):
        """End with the task: it was cancelled, or its caller has gone."""
        if key not in self._worker.tasks:
            raise RuntimeError('nobody waits for this task any more')

    def printed(self):
        self._log.seek(0)
        return self._log.read().decode('utf-8', 'replace').strip()

    def __exit__(self, *error):
        if self._process is not None:
            if self._process.poll() is None:
                self._process.kill()
                self._process.wait()
            self._log.close()
        if self._slot is not None:
            self._slot.release()
        shutil.rmtree(self.path, ignore_errors=True)


def _same_data(folder, expected):
    """Whether a run's manifest is there and has the data of the caller."""
    try:
        with open(os.path.join(folder, 'manifest.json')) as stream:
            found = json.load(stream)['data']['sha256']
    except EnvironmentError:
        return False
    for name in sorted(set(found) | set(expected)):
        if found.get(name) != expected.get(name):
            raise InputError(
                'argument --data: expected the same data on every worker, '
                'got other %s there' % name)
    return True


def read_files(folder):
    """Every file below a folder: name -> bytes; {} if there is none."""
    found = {}
    for place, _, names in os.walk(folder):
        for name in names:
            if name.startswith('.') and name.endswith('.part'):
                continue        # half-written
            path = os.path.join(place, name)
            with open(path, 'rb') as stream:
                found[os.path.relpath(path, folder)] = stream.read()
    return found


def write_files(folder, files):
    """Write files, name -> bytes, below a folder, down to the disk."""
    for name, content in files.items():
        path = os.path.join(folder, name)
        folders.make(os.path.dirname(path))
        with open(path, 'wb') as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())

"""Starting the processes of a comparison: pins, shims, folders.

Every run has a process of its own, a working folder of its own and, unless
told otherwise, a Theano compile folder of its own.  A checkout of the
published code is only read: what it lacks (package metadata, IPython, an
``__init__`` in examples/plotting) is put in the child's way from outside, and
neither byte code nor results are written into it.
"""
from __future__ import division, print_function

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

from untapped import pins
from untapped.errors import InputError
from untapped.files import folders
from untapped.machine import compile_folders

__all__ = ['OURS', 'NotACheckout', 'check_checkout', 'write_shims',
           'pinned_environment', 'Side']

#: The folder that holds this package.
OURS = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))

CHILD = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'child.py')


class NotACheckout(InputError):
    """A path that does not hold the published code; for the user."""


def check_checkout(path):
    """The absolute path of a checkout of the published code."""
    for part in (('untapped', 'S2S_DGM.py'), ('examples', 'DEMO_crism.py')):
        if not os.path.isfile(os.path.join(path, *part)):
            raise NotACheckout(
                '%s is not a checkout of the published code: it holds no %s'
                % (path, os.path.join(*part)))
    return os.path.abspath(path)


def write_shims(folder, checkout=None):
    """Put what a bare checkout needs into a folder for ``sys.path``.

    - metadata of a distribution named untapped, whose version the published
      package asks for when imported;
    - a module IPython with the one name that is imported from it, should the
      environment have none;
    - packages for the folders of examples/ that have no ``__init__`` (Python
      2 would not import from them).

    Parameters
    ----------
    folder : str
        An existing, empty folder.
    checkout : str, optional
        The checkout whose examples are going to run.
    """
    metadata = os.path.join(folder, 'untapped-0.egg-info')
    os.mkdir(metadata)
    _write(os.path.join(metadata, 'PKG-INFO'),
           'Metadata-Version: 1.0\nName: untapped\nVersion: 0\n')
    os.mkdir(os.path.join(folder, 'late'))
    _write(os.path.join(folder, 'late', 'IPython.py'),
           '"""Stands in for IPython: nobody is there to talk to."""\n\n\n'
           'def embed(*args, **kwargs):\n'
           '    raise RuntimeError("a cost is NaN")\n')
    if checkout is None:
        return
    for name in ('plotting', 'datasets'):
        real = os.path.join(checkout, 'examples', name)
        if not os.path.isfile(os.path.join(real, '__init__.py')):
            os.mkdir(os.path.join(folder, name))
            _write(os.path.join(folder, name, '__init__.py'),
                   '__path__.append(%r)\n' % real)


def _write(path, text):
    with open(path, 'w') as stream:
        stream.write(text)


def pinned_environment(compile_folder, changes=None):
    """Environment variables of a child: this one's, and the pins.

    Parameters
    ----------
    compile_folder : str
        Theano's compile folder for this child.
    changes : dict, optional
        Pins to be set otherwise: names of variables, or of Theano flags.
    """
    flags, variables = dict(pins.FLAGS), dict(pins.VARIABLES)
    for name, value in (changes or {}).items():
        (variables if name.isupper() else flags)[name] = value
    flags['compiledir'] = compile_folder
    # two children may share the folder: Theano's own wait for its lock, 5 to
    # 10 s, is far longer than a module takes to compile
    flags['compile.wait'] = '1'
    environment = dict(os.environ)
    # what could put another package or other settings in the child's way
    for name in ('PYTHONPATH', 'PYTHONSTARTUP', 'PYTHONHOME'):
        environment.pop(name, None)
    for name, value in variables.items():
        environment.pop(name, None)
        if value is not None:
            environment[name] = value
    environment['THEANO_FLAGS'] = ','.join(
        '%s=%s' % item for item in sorted(flags.items()))
    environment[pins.CHOICE] = 'off' if changes else 'pinned'
    environment['MPLBACKEND'] = 'Agg'
    environment['PYTHONDONTWRITEBYTECODE'] = '1'
    return environment


class Side(object):
    """One of the two implementations of a comparison.

    Parameters
    ----------
    name : str
        'published' or 'ours'.
    root : str
        Folder that holds its ``untapped``.
    compile_folder : str or None
        Kept if given (and usable); a temporary one, removed by
        :meth:`close`, if not.
    changes : dict, optional
        Pins set otherwise, see :func:`pinned_environment`.
    """

    def __init__(self, name, root, compile_folder=None, changes=None):
        self.name = name
        self.root = root
        self.changes = changes
        self.temporary = []
        if compile_folder is None or not compile_folders.usable(
                compile_folder):
            compile_folder = self.folder('compile')
        # the children run in folders of their own
        self.compile_folder = os.path.abspath(compile_folder)

    def folder(self, purpose):
        """A temporary folder, removed by :meth:`close`."""
        folder = tempfile.mkdtemp(prefix='untapped-%s-' % purpose)
        self.temporary.append(folder)
        return folder

    def run(self, job, checkout=None, files=(), log=None):
        """Run a job in a child; its folder of results and its report.

        Parameters
        ----------
        job : dict
            What ``child.py`` is to do; paths and folder are added.
        checkout : str, optional
            The checkout whose examples are importable in the child.
        files : sequence of (str, str)
            Files to be copied into the child's working folder: where from,
            and where to below it.
        log : str, optional
            File for what the child prints; otherwise its results' folder's.

        Returns
        -------
        (str, dict)
        """
        folder, work = self.folder('results'), self.folder('work')
        shims = self.folder('shims')
        write_shims(shims, checkout)
        for source, target in files:
            target = os.path.join(work, target)
            folders.make(os.path.dirname(target))
            _link(source, target)
        job = dict(job, folder=folder, paths=[self.root, shims])
        if checkout is not None:
            job['paths'].insert(0, os.path.join(checkout, 'examples'))
        job['late_paths'] = [os.path.join(shims, 'late')]
        path = os.path.join(folder, 'job.json')
        with open(path, 'w') as stream:
            json.dump(job, stream)
        began = time.time()
        status, log = self.call([CHILD, path], cwd=work, log=log)
        report = {'units': {}}
        if os.path.isfile(os.path.join(folder, 'report.json')):
            with open(os.path.join(folder, 'report.json')) as stream:
                report = json.load(stream)
        report.update(status=status, seconds=time.time() - began, log=log)
        return folder, report

    def call(self, arguments, cwd, log=None):
        """Run Python under the pins; (exit status, path of its output)."""
        log = log or os.path.join(self.folder('log'), 'log')
        with open(log, 'w') as stream:
            status = subprocess.call(
                [sys.executable] + arguments, cwd=cwd, stdout=stream,
                stderr=subprocess.STDOUT, env=pinned_environment(
                    self.compile_folder, self.changes))
        return status, log

    def close(self):
        """Remove the temporary folders."""
        while self.temporary:
            shutil.rmtree(self.temporary.pop(), ignore_errors=True)


def _link(source, target):
    """A large file need not be copied where a link will do."""
    try:
        os.symlink(os.path.abspath(source), target)
    except (OSError, AttributeError):
        shutil.copy(source, target)

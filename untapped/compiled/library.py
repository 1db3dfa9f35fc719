"""C++ to a shared library, and its calls."""
from __future__ import division, print_function

import ctypes
import os
import shutil
import subprocess
import tempfile
from distutils.sysconfig import get_python_inc

import numpy as np
import theano

from untapped.compiled import exact
from untapped.files import folders, hashes
from untapped.machine import processor, slots

__all__ = ['Library', 'SPEED', 'built', 'exact_flags', 'folder', 'identity']


#: for g++, in either numerics.  -O3 moves no rounding without -ffast-math.
#: Without these passes more loops become vectors, steps are faster and g++
#: is, too (docs/speed.md).
SPEED = ['-O3'] + ['-fno-' + name for name in (
    'tree-vrp', 'tree-pre', 'gcse', 'gcse-after-reload', 'code-hoisting',
    'rerun-cse-after-loop', 'cse-follow-jumps', 'tree-tail-merge',
    'schedule-insns2', 'ipa-icf', 'ipa-sra')]


def exact_flags():
    """Theano's flags and those for speed."""
    return theano.config.gcc.cxxflags.split() + SPEED + exact.FLAGS


class Library(object):
    """A compiled step, with its memory.

    Parameters
    ----------
    plan : plan.Plan
    multipliers : list of int, the address of each product's function, or 0
    pool : int or None, the address of the threads' pool if steps are cut
    times : ndarray or None, of ``profile.clock``
    """
    def __init__(self, plan, multipliers, pool=None, times=None):
        self._library = ctypes.PyDLL(os.path.join(folder(), plan.library))
        #: outputs that are new arrays
        self.new = plan.new
        self._library.run.argtypes = [ctypes.py_object] * 3
        self._library.prepare.argtypes = [ctypes.c_void_p] * 4
        self._library.prepare.restype = ctypes.py_object
        self._memory = np.empty(plan.memory + 128, 'uint8')
        start = self._memory.__array_interface__['data'][0]
        start += -start % 64
        self._held = []
        addresses = (ctypes.c_void_p * max(1, len(plan.addresses)))()
        for i, address in enumerate(plan.addresses):
            if isinstance(address, np.ndarray):
                self._held.append(address)
                addresses[i] = address.__array_interface__['data'][0]
            elif address is not None:
                addresses[i] = start + address
        functions = (ctypes.c_void_p * max(1, len(multipliers)))(*multipliers)
        self._place = self._library.prepare(
            addresses, functions, pool,
            None if times is None else times.ctypes.data)
        self._held.append(times)

    def run(self, inputs, outputs):
        """From lists of cells to lists of cells.

        Returns
        -------
        int, 0, or 1 for inputs of other shapes than this is for
        """
        return self._library.run(self._place, inputs, outputs)


def _compiler():
    return theano.config.cxx or 'g++'


def _host(flags):
    """The instructions of this processor, where the flags ask for them.

    A compile folder may come to a machine that has others.
    """
    return (sorted(processor.lines('flags')) if '-march=native' in flags
            else [])


def folder():
    """Where libraries are: a folder in the compile folder."""
    # of a slot a link, whose end Theano removes where it finds it empty
    return os.path.realpath(os.path.join(theano.config.compiledir,
                                         slots.LIBRARIES))


def command(flags):
    """The compiler and its arguments, but for the names of files.

    flags : list of str
    """
    return [_compiler()] + list(flags) + [
        '-shared', '-fPIC', '-w', '-I' + get_python_inc(),
        '-I' + np.get_include()]


def identity(flags):
    """Bytes: the command, and where it asks for them this processor's
    instructions."""
    what = '\n'.join(command(flags) + _host(flags))
    # Python 2's paths are bytes, and not always ASCII
    return what if isinstance(what, bytes) else what.encode('utf-8')


def built(text, flags):
    """Path of the library; compiled if it is not in the compile folder.

    Parameters
    ----------
    text : str, C++
    flags : list of str, for g++

    Raises
    ------
    RuntimeError : g++ fails; the message ends as g++'s does
    """
    key = hashes.sha256([identity(flags), b'\n', text.encode('utf-8')])
    path = os.path.join(folder(), key[:32] + '.so')
    if os.path.exists(path):
        return path
    folders.make(folder())
    work = tempfile.mkdtemp(dir=folder())
    try:
        cpp = os.path.join(work, 'step.cpp')
        with open(cpp, 'w') as f:
            f.write(text)
        made = os.path.join(work, 'step.so')
        process = subprocess.Popen(command(flags) + [cpp, '-o', made],
                                   stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT)
        output = process.communicate()[0]
        if process.returncode:
            raise RuntimeError('g++ failed:\n%s' % str(
                output.decode('ascii', 'ignore')[-2000:]))
        os.rename(made, path)
    finally:
        shutil.rmtree(work)
    return path

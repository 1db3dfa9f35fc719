"""What it costs to import the package."""
from __future__ import division, print_function

import os
import subprocess
import sys

#: seconds of processor time beyond Theano's own import, and what a busy
#: machine may add to them
LIMIT, MARGIN = .3, .15


def processor_time(code):
    """Of a process that runs some code, in seconds."""
    process = subprocess.Popen([sys.executable, '-W', 'ignore', '-c', code])
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = status
    assert status == 0
    return used.ru_utime + used.ru_stime


def test_an_import_costs_little_beyond_theanos():
    codes = ('import untapped, theano', 'from untapped import SSDGM')
    times = [[processor_time(code) for code in codes] for _ in range(10)]
    theano, model = [sorted(each)[5] for each in zip(*times)]
    print('import theano: %.2f s, the model: %.2f s more'
          % (theano, model - theano))
    assert model - theano < LIMIT + MARGIN


def test_the_package_alone_loads_neither_numpy_nor_theano():
    loaded = subprocess.check_output(
        [sys.executable, '-c', 'import untapped, sys; print(" ".join('
         'name for name in ("numpy", "theano", "sklearn", "distributed") '
         'if name in sys.modules))'], universal_newlines=True)
    assert loaded.strip() == ''

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
    times = [[processor_time(code) for code in codes] for _ in range(5)]
    theano, model = [sorted(each)[2] for each in zip(*times)]
    print('import theano: %.2f s, the model: %.2f s more'
          % (theano, model - theano))
    assert model - theano < LIMIT + MARGIN


def test_the_package_alone_loads_neither_numpy_nor_theano():
    loaded = subprocess.check_output(
        [sys.executable, '-c', 'import untapped, sys; print(" ".join('
         'name for name in ("numpy", "theano", "sklearn", "distributed") '
         'if name in sys.modules))'], universal_newlines=True)
    assert loaded.strip() == ''


def test_an_error_within_a_module_is_told_as_it_is(tmpdir):
    """Python 2 asks for a name first, and forgets what went wrong then."""
    tmpdir.join('theano.py').write('raise SystemError("the first time")\n')
    process = subprocess.Popen(
        [sys.executable, '-c', 'from untapped.model import ssdgm'],
        stderr=subprocess.PIPE, universal_newlines=True,
        env=dict(os.environ, PYTHONPATH=str(tmpdir)))
    told = process.communicate()[1]
    assert told.count('Traceback') == 1
    assert told.strip().split('\n')[-1] == 'SystemError: the first time'


def test_a_stop_within_a_module_is_not_lost(tmpdir):
    tmpdir.join('lasagne.py').write(
        'import sys\n'
        'sys.stdout.write("loaded\\n")\n'
        'raise KeyboardInterrupt\n')
    process = subprocess.Popen(
        [sys.executable, '-c', 'from untapped.model import published_bounds'],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        universal_newlines=True, env=dict(os.environ, PYTHONPATH=str(tmpdir)))
    out, told = process.communicate()
    assert out == 'loaded\n' and told.endswith('KeyboardInterrupt\n')

"""What it costs to import the package."""
from __future__ import division, print_function

import os
import subprocess
import sys

import pytest

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


IMPORTS = ['from untapped.model import ssdgm', 'from untapped import SSDGM',
           'import untapped; untapped.SSDGM']


def import_beside(tmpdir, code, module, text):
    """A process that runs some code where a module is a text of ours."""
    tmpdir.join(module + '.py').write(text)
    process = subprocess.Popen(
        [sys.executable, '-c', code], stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, universal_newlines=True,
        env=dict(os.environ, PYTHONPATH=str(tmpdir)))
    return process.communicate()


@pytest.mark.parametrize('code', IMPORTS)
def test_an_error_within_a_module_is_told_as_it_is(tmpdir, code):
    """Python 2 asks for a name first, and forgets what went wrong then."""
    _, told = import_beside(tmpdir, code, 'theano',
                            'raise SystemError("the first time")\n')
    assert told.count('Traceback') == 1
    # and where
    assert 'theano.py' in told
    assert told.strip().split('\n')[-1] == 'SystemError: the first time'


@pytest.mark.parametrize('code', IMPORTS)
def test_a_stop_within_a_module_is_not_lost(tmpdir, code):
    out, told = import_beside(tmpdir, code, 'lasagne',
                              'import sys\n'
                              'sys.stdout.write("loaded\\n")\n'
                              'raise KeyboardInterrupt\n')
    assert out == 'loaded\n' and told.endswith('KeyboardInterrupt\n')


def test_what_went_wrong_once_may_go_well_later(tmpdir):
    code = ('import untapped\n'
            'for _ in range(2):\n'
            '    try:\n'
            '        untapped.SSDGM\n'
            '    except KeyboardInterrupt:\n'
            '        print("stopped")\n'
            'import sys; sys.path.remove(%r)\n'
            'from untapped import KL, L2, SSDGM, architecture\n'
            'print(untapped.SSDGM is SSDGM)' % str(tmpdir))
    out, told = import_beside(tmpdir, code, 'lasagne',
                              'raise KeyboardInterrupt\n')
    assert out == 'stopped\nstopped\nTrue\n', told

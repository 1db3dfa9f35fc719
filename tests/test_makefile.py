"""What make says and does before anything is installed."""
from __future__ import print_function

import os
import shutil
import subprocess

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


@pytest.fixture
def bare(tmpdir):
    """A copy of what `make env` needs, without .venv."""
    if subprocess.call('command -v make', shell=True,
                       stdout=subprocess.PIPE):
        pytest.skip('there is no make here')
    shutil.copytree(os.path.join(ROOT, 'tools'), str(tmpdir.join('tools')))
    tmpdir.mkdir('untapped')
    for name in ('Makefile', 'requirements.lock', 'untapped/pins.py'):
        shutil.copy(os.path.join(ROOT, name), str(tmpdir.join(name)))
    return tmpdir


def make(folder, *arguments, **variables):
    env = {'PATH': '/usr/bin:/bin', 'HOME': str(folder)}
    env.update(variables)
    env = {name: value for name, value in env.items() if value is not None}
    process = subprocess.Popen(('make',) + arguments, cwd=str(folder),
                               env=env, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)
    out, err = process.communicate()
    return process.returncode, out.decode(), err.decode()


def test_make_alone_lists_the_targets(bare):
    status, out, _ = make(bare)
    assert status == 0
    for target in ('env', 'crism', 'libs', 'mnist', 'test', 'pins', 'image'):
        assert '\nmake %s ' % target in '\n' + out
    assert not bare.join('.venv').exists()


def test_make_pins_needs_no_environment(bare):
    status, out, err = make(bare, '-s', 'pins', PATH=os.environ['PATH'])
    assert (status, err) == (0, '')
    lines = out.splitlines()
    assert lines[0].startswith("export THEANO_FLAGS='device=cpu,floatX=")
    assert "export OPENBLAS_CORETYPE='Nehalem'" in lines


def test_make_keeps_bytecode_where_somebodys_setting_would_not(bare):
    _, out, _ = make(bare, '-s', '--eval=seen: ; @env', 'seen',
                     PYTHONDONTWRITEBYTECODE='1')
    assert 'HOME=' in out
    assert '\nPYTHONDONTWRITEBYTECODE' not in '\n' + out


def test_a_python_that_is_not_2_7_is_refused_in_one_sentence(bare):
    status, _, err = make(bare, 'env', 'PYTHON=/bin/false')
    said = [line for line in err.splitlines() if line.startswith('make env')]
    assert status != 0
    assert said == ['make env: PYTHON=/bin/false is not a Python 2.7 that '
                    'runs.']


@pytest.mark.parametrize('home', [True, False])
def test_without_a_python_2_7_one_sentence_says_what_to_install(bare, home):
    tools = bare.mkdir('bin')
    for name in ('make', 'sh', 'dirname', 'mkdir', 'tail'):
        tools.join(name).mksymlinkto(subprocess.check_output(
            ['sh', '-c', 'command -v ' + name]).decode().strip())
    status, _, err = make(bare, 'env', PATH=str(tools),
                          **({} if home else {'HOME': None}))
    said = [line for line in err.splitlines() if line.startswith('make env')]
    assert status != 0
    assert len(said) == 1
    for way_out in ('apt-get install', 'pyenv install', 'conda create',
                    'PYTHON=', 'make image'):
        assert way_out in said[0]
    assert not bare.join('.venv').exists()

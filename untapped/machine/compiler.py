"""What Theano needs of its surroundings, looked at before it is loaded."""
from __future__ import division, print_function

import os
import subprocess
import sys

from six.moves import configparser

from untapped import pins
from untapped.errors import FlagsError

__all__ = ['check']

#: where programs are, in an environment that does not say
USUAL = '/usr/local/bin:/usr/bin:/bin'


def check():
    """FlagsError, one sentence, unless Theano can compile here.

    Without one Theano tries to compile each operation, prints the source of
    all, and ends or goes on with other bits.  In an environment without
    PATH, where the compiler does not find its linker, PATH is set.  An empty
    cxx asks for no compiler and is left alone.
    """
    if sys.flags.optimize > 1:
        raise FlagsError('PYTHONOPTIMIZE: expected at most 1, as Theano reads '
                         'its own docstrings, got %d' % sys.flags.optimize)
    for path in os.environ.get('THEANORC', '').split(os.pathsep):
        _check_settings(os.path.expanduser(path))
    os.environ.setdefault('PATH', USUAL)
    named = pins.parse(os.environ.get('THEANO_FLAGS', '')).get('cxx')
    if named == '':
        return
    told = _wrong(named or 'g++')
    if told is not None:
        raise FlagsError(
            '%s: expected a C++ compiler that runs, as g++ of a package '
            'named g++ or gcc-c++, got %s (%s)' % (
                'PATH' if named is None else "THEANO_FLAGS: Theano's cxx",
                'no g++ in %s' % os.environ['PATH'] if named is None
                else named, told))


def _check_settings(path):
    """FlagsError if a file is there that holds no settings of Theano."""
    try:
        # Theano, too, passes over what is not there
        configparser.RawConfigParser().read(path)
    except (configparser.Error, EnvironmentError, ValueError) as error:
        raise FlagsError('THEANORC: expected a file of settings, got %s (%s)'
                         % (path, ' '.join(str(error).split())[:100]))


def _wrong(command):
    """What is wrong with a compiler, or None."""
    try:
        with open(os.devnull, 'r+b') as null:
            process = subprocess.Popen([command, '-dumpversion'], stdin=null,
                                       stdout=subprocess.PIPE, stderr=null)
            printed = process.communicate()[0]
    except EnvironmentError as error:
        return error.strerror
    if process.returncode or not printed.strip():
        return 'it ends with status %d' % process.returncode
    return None

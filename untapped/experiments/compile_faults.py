"""Faults of Theano's compile folder, told from faults of the program."""
from __future__ import division, print_function

import os
import sys
import traceback

from untapped.errors import UserError

__all__ = ['explained']

#: the parts of Theano that compile, and load what was compiled
_COMPILING = tuple(os.path.join('theano', 'gof', name) for name in (
    'cmodule.py', 'lazylinker_c.py', 'vm.py', 'cutils.py', 'compilelock.py',
    'compiledir.py', 'cc.py'))
#: the parts that read its flags
_SETTINGS = tuple(os.path.join('theano', name) for name in (
    'configparser.py', 'configdefaults.py'))
#: the part of this package that does so; ctypes may lie below it
_LIBRARY = os.path.join('untapped', 'compiled', 'library.py')
#: what they raise for a damaged file, a full disk, a failing compiler
_KINDS = (ImportError, NameError, EnvironmentError)


def explained(error, trace):
    """A `UserError` that names the compile folder; None for other errors.

    Parameters
    ----------
    error : Exception
    trace : traceback of it
    """
    files = [frame[0] for frame in traceback.extract_tb(trace)]
    if files and files[-1].endswith(_SETTINGS):
        return UserError('THEANO_FLAGS: expected flags and values that Theano '
                         'knows (%s)' % _last_line(error))
    if not files or not files[-1].endswith(_COMPILING) and not any(
            name.endswith(_LIBRARY) for name in files):
        return None
    if not isinstance(error, _KINDS) and not any(
            text in str(error) for text in ('Compilation failed',
                                            'g++ failed')):
        return None
    try:
        folder = sys.modules['theano'].config.compiledir
    except Exception:
        # Theano itself did not come up: its flags say where it compiles.
        flags = os.environ.get('THEANO_FLAGS', '')
        folder = flags.rpartition('compiledir=')[2].split(',')[0]
    return UserError(
        'Theano cannot use its compile folder %s (%s); with that folder '
        'removed, and space on its disk, the next run compiles anew'
        % (folder, _last_line(error)))


def _last_line(error):
    lines = [line for line in str(error).splitlines() if line.strip()]
    return lines[-1][-200:] if lines else type(error).__name__

"""Semi^2-supervised deep generative models, trained forwards and in reverse.

Importing the package applies the pins (`untapped.pins`) and nothing else; it
must come before numpy and Theano are imported for them to hold, and warns
where it came too late.  The model and all that needs Theano is loaded when it
is first asked for:

    import untapped
    model = untapped.SSDGM(num_features=165, num_output=2)
"""
import importlib
import opcode
import pkgutil
import sys
import types
import warnings

from untapped import pins
from untapped.machine import compile_folders

pins.apply()
compile_folders.watch()
# a script that is asked for --pins tells when it has read which
if not any(each.split('=')[0] == '--pins'
           for each in getattr(sys, 'argv', ())):
    pins.tell()
if pins.mode() == 'pinned' and pins.too_late():
    warnings.warn('the pins do not hold, as numpy or Theano was imported '
                  'first; import untapped before them, or start Python after '
                  'eval "$(make -s pins)".  %s' % ' '.join(pins.too_late()),
                  RuntimeWarning, stacklevel=2)

__version__ = '0.1.0'

#: name -> the module that it lives in
_NAMES = {'SSDGM': 'untapped.model.ssdgm'}

__all__ = ['__version__'] + sorted(_NAMES)


class _Package(types.ModuleType):
    """A module whose parts are imported when they are first asked for."""

    def __getattr__(self, name):
        if _in_import_statement(sys._getframe(1)):
            # it asks whether there is such a name, takes every error for a
            # no, Ctrl-C too, and imports the module itself
            raise AttributeError(name)
        if name in _NAMES:
            return getattr(importlib.import_module(_NAMES[name]), name)
        if name in self._submodules():
            return importlib.import_module('untapped.' + name)
        raise AttributeError('module untapped has no attribute %r' % name)

    def __dir__(self):
        return sorted(set(self.__dict__) | set(_NAMES) | self._submodules())

    def _submodules(self):
        return set(found[1] for found in pkgutil.iter_modules(self.__path__))


def _in_import_statement(frame):
    code = bytearray(frame.f_code.co_code)
    return opcode.opname[code[frame.f_lasti]] == 'IMPORT_NAME'


# Python 2 knows no __getattr__ in a module: a stand-in takes the module's
# place, once (not again on reload), and keeps the module alive, for Python 2
# empties a module that nobody refers to
if '_first' not in globals():
    _stand_in = _Package(__name__, __doc__)
    _stand_in.__dict__.update(sys.modules[__name__].__dict__)
    _stand_in._first = sys.modules[__name__]
    sys.modules[__name__] = _stand_in

"""Semi^2-supervised deep generative models, trained forwards and in reverse.

Importing the package applies the pins (`untapped.pins`) and nothing else; it
must come before numpy and Theano are imported for them to hold, and warns
where it came too late.  The model and what it is described with are loaded
when they are first asked for; all else is imported by its module, as in
``from untapped.model import losses``.

    from untapped import KL, L2, SSDGM, architecture
"""
import importlib
import sys
import types
import warnings

import six

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

__version__ = '1.0.0'

__all__ = ['KL', 'L2', 'SSDGM', '__version__', 'architecture']


class _Later(object):
    """What a module holds, imported when it is first asked for."""

    def __init__(self, module, name):
        self.module, self.name = module, name
        self.raised = None

    def __get__(self, package, kind):
        # Python 2's `from untapped import` asks with hasattr first, to which
        # every error is a no, Ctrl-C too: what went wrong is raised again,
        # once, when it asks for the thing itself.
        if self.raised is not None:
            raised, self.raised = self.raised, None
            six.reraise(*raised)
        try:
            value = getattr(importlib.import_module(self.module), self.name)
        except BaseException:
            self.raised = sys.exc_info()
            raise
        package.__dict__[self.name] = value
        return value


class _Package(types.ModuleType):
    """The package, with what it loads later."""

    KL = _Later('untapped.model.losses', 'KL')
    L2 = _Later('untapped.model.losses', 'L2')
    SSDGM = _Later('untapped.model.ssdgm', 'SSDGM')
    architecture = _Later('untapped.model.architectures', 'architecture')

    def __dir__(self):
        return sorted(set(self.__dict__) | set(__all__))


# A module's attributes cannot wait in Python 2: a stand-in takes the module's
# place, once (not again on reload), and keeps the module alive, for Python 2
# empties a module that nobody refers to
if '_first' not in globals():
    _stand_in = _Package(__name__, __doc__)
    _stand_in.__dict__.update(sys.modules[__name__].__dict__)
    _stand_in._first = sys.modules[__name__]
    sys.modules[__name__] = _stand_in

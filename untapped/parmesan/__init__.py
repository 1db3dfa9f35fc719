"""Distributions, sample layers and flows in Parmesan's names.

Parmesan was never released; these are the project's own.  Its modules are
loaded when they are first asked for, and draw nothing from any random
generator but for ``layers``.  That gathers the published names and, like the
published module, draws the sample layers' default seeds from numpy's global
generator when it is imported.

    distributions  log-densities and KL divergences
    sample         layers that draw samples
    streams        the random streams that they draw from
    flow           invertible maps with their log-determinants
    normalize      batch normalisation in two layers
    ladder         layers of the ladder network
    special        layers for layers that output lists
    preprocessing  contrast normalisation and ZCA whitening
    datasets       Parmesan's data sets, from files
    utils          log-sum-exp and a confusion matrix
    layers         the layers by their published names
"""
import importlib
import sys
import types

#: what the published package imports with itself
_MODULES = ('datasets', 'distributions', 'layers', 'preprocessing', 'utils')


class _Parmesan(types.ModuleType):
    """A module whose parts are imported when they are first asked for."""

    def __getattr__(self, name):
        if name in _MODULES:
            return importlib.import_module(self.__name__ + '.' + name)
        raise AttributeError('module %s has no attribute %r'
                             % (self.__name__, name))

    def __dir__(self):
        return sorted(set(self.__dict__) | set(_MODULES))


# Python 2 knows no __getattr__ in a module: a stand-in takes its place, and
# keeps the module alive, which Python 2 would empty
_stand_in = _Parmesan(__name__, __doc__)
_stand_in.__dict__.update(sys.modules[__name__].__dict__)
_stand_in._first = sys.modules[__name__]
sys.modules[__name__] = _stand_in

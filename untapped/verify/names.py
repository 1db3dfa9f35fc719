"""The importable names of the published package, and which are here.

A name is a dotted path: a module, what a module defines, gathers from others
of the package or assigns (classes, functions, constants), and the methods of
a class.  What a module imports from elsewhere (numpy as np) is none of its
names.  The module is also loaded from its file, into a process whose
``untapped`` is the published one, so it imports nothing of this package.
"""
from __future__ import division, print_function

import importlib
import inspect
import pkgutil
import types

__all__ = ['ABSENT', 'Signature', 'listed', 'described', 'compare']


class Signature(object):
    """Of a function or constructor; as text, ``(a, b=, *args, **kwargs)``.

    Values of defaults are left out: some are addresses or dates.
    """
    def __init__(self, function):
        spec = inspect.getargspec(function)
        self.names = spec.args
        self.required = len(spec.args) - len(spec.defaults or ())
        self.rest = [mark + name for mark, name in
                     (('*', spec.varargs), ('**', spec.keywords)) if name]

    def __str__(self):
        return '(%s)' % ', '.join(
            [name + '=' * (number >= self.required)
             for number, name in enumerate(self.names)] + self.rest)


def listed(package='untapped'):
    """Every importable name of a package: a dict from name to what it is."""
    root = importlib.import_module(package)
    found = {package: 'module'}
    modules = [root] + [
        importlib.import_module(name) for _, name, _ in
        pkgutil.walk_packages(root.__path__, package + '.')]
    for module in modules:
        found[module.__name__] = 'module'
        for name, value in vars(module).items():
            if not _dunder(name) and _own(value, package):
                path = module.__name__ + '.' + name
                found[path] = _what(value)
                if inspect.isclass(value) and \
                        value.__module__ == module.__name__:
                    found.update((path + '.' + method, _what(function))
                                 for method, function in _methods(value))
    return found


def described(names):
    """What each of these names is here; None for those that are not."""
    found = {}
    for name in names:
        try:
            found[name] = _what(_resolve(name))
        except (ImportError, AttributeError):
            found[name] = None
    return found


def _resolve(name):
    """The object of a dotted path, its modules imported."""
    parts = name.split('.')
    value = importlib.import_module(parts[0])
    for end in range(1, len(parts)):
        try:
            value = getattr(value, parts[end])
        except AttributeError:
            value = importlib.import_module('.'.join(parts[:end + 1]))
    return value


def _dunder(name):
    return name.startswith('__') and name.endswith('__')


def _own(value, package):
    """Whether a module's value is the package's, or plain data."""
    if isinstance(value, types.ModuleType):
        return False
    defined = getattr(value, '__module__', None)
    if inspect.isclass(value) or inspect.isfunction(value):
        return (defined + '.').startswith(package + '.')
    return isinstance(value, (bool, int, float, str, bytes, tuple, list,
                              dict))


def _methods(cls):
    return [(name, value) for name, value in vars(cls).items()
            if inspect.isfunction(value) and not name.startswith('_')]


def _what(value):
    if isinstance(value, types.ModuleType):
        return 'module'
    if inspect.isclass(value):
        value = getattr(value, '__init__')
        if not inspect.ismethod(value) and not inspect.isfunction(value):
            return '()'
    if inspect.ismethod(value) or inspect.isfunction(value):
        return str(Signature(value))
    return 'constant'

"""The importable names of the published package, and which are here.

A name is a dotted path: a module, what a module defines, gathers from others
of the package or assigns (classes, functions, constants), and the methods of
a class.  What a module imports from elsewhere (numpy as np) is none of its
names, nor are a class's private methods.  This module is also loaded from its
file, by processes whose ``untapped`` is the published one, so it imports
nothing of this package.
"""
from __future__ import division, print_function

import importlib
import inspect
import pkgutil
import types

__all__ = ['ABSENT', 'listed', 'described', 'accepts']


#: The published names that are not here; docs/model.md says why.
ABSENT = frozenset(
    ['untapped.M12.' + name for name in (
        'FlowNet', 'LL_gen', 'LL_rec', 'M1', 'M12', 'M12.getByName', 'M2',
        'add_shape', 'get_key_layers_names', 'last_zk', 'model_outputs',
        'reshape', 'sample')] +
    ['untapped.S2S_DGM.M1', 'untapped.S2S_DGM.M2',
     'untapped.utilities._repr'] +
    ['untapped.parmesan.datasets.' + name for name in (
        '_bow', '_download_20newsgroup', '_download_cifar10',
        '_download_frey_faces', '_download_lwf', '_download_mnist_binarized',
        '_download_mnist_realval', '_download_norb_small',
        '_download_omniglot', '_download_omniglot_iwae', '_download_rcv1',
        '_download_rotten_tomatoes', '_download_svhn',
        '_get_datafolder_path', '_one_hot', '_unpickle', 'load_rcv1',
        'load_rotten_tomatoes')])

#: Methods by which Lasagne calls its layers; by position, so that the names
#: of their arguments are nobody's business.
LASAGNES = ('get_output_for', 'get_output_shape_for')


def listed(package='untapped'):
    """Every importable name of a package: a dict from name to what it is.

    That is 'module', 'constant' or, of a function, a method or a class's
    constructor, the signature: ``(a, b=, *args, **kwargs)``, without the
    values of defaults, of which some are addresses or dates.
    """
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
            if inspect.isfunction(value) and not name.startswith('_') and
            name not in LASAGNES]


def _what(value):
    if isinstance(value, types.ModuleType):
        return 'module'
    if inspect.isclass(value):
        value = value.__init__
        if getattr(value, '__module__', '').startswith('lasagne.'):
            # the published layers hand on to it whatever they are given
            return '(self, incoming, **kwargs)'
    if inspect.ismethod(value) or inspect.isfunction(value):
        return _signature(value)
    return 'constant'


def _signature(function):
    spec = inspect.getargspec(function)
    required = len(spec.args) - len(spec.defaults or ())
    stars = [mark + name for mark, name in
             (('*', spec.varargs), ('**', spec.keywords)) if name]
    return '(%s)' % ', '.join(
        [name + '=' * (number >= required)
         for number, name in enumerate(spec.args)] + stars)


def accepts(ours, theirs):
    """Whether every call of a signature is one of ours, too."""
    if '(' not in (ours[:1], theirs[:1]):
        return ours == theirs
    (have, have_stars), (want, want_stars) = (_taken(ours), _taken(theirs))
    return ([name.rstrip('=') for name in have[:len(want)]] ==
            [name.rstrip('=') for name in want] and
            all(mine.endswith('=') or not other.endswith('=')
                for mine, other in zip(have, want)) and
            all(name.endswith('=') for name in have[len(want):]) and
            want_stars <= have_stars)


def _taken(signature):
    """Names of arguments, and the stars that stand in a signature."""
    names = [name for name in signature[1:-1].split(', ') if name]
    return ([name for name in names if name[0] != '*'],
            set('*' * name.count('*') for name in names if name[0] == '*'))

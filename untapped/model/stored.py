"""A model as plain values and arrays: what pickles and files hold of it.

Networks, expressions and compiled functions are made anew from the settings
and the networks' descriptions; parameters and random streams are then set.

A file is an .npz of plain arrays.  'model' is a text in JSON: the settings,
and what ``fit`` made.  Arrays in it stand beside it, and functions and
classes are named: those of ``NAMED``, none else.  So no file can make a
reader call anything.
"""
from __future__ import division, print_function

import copy
import functools
import json
from collections import OrderedDict

import lasagne
import numpy as np

from untapped.errors import InputError
from untapped.files.atomic import atomically
from untapped.files.npz import read_npz
from untapped.files.texts import native
from untapped.model import architectures, checks, exact_flows, kinds, losses
from untapped.model.state import TWISTER, are_streams
from untapped.model.training import History
from untapped.parmesan import distributions, flow, sample

__all__ = ['given', 'read', 'settings', 'taken', 'write']

FORMAT = 'untapped SSDGM 1'
#: characters of the text in JSON
LONGEST = 1 << 20
#: what is made anew, or goes as ``_built``
_MADE = ('networks_', 'symbols_', 'bounds_', '_passes', '_infer',
         '_objectives', '_state', '_rng', '_made')
RECORDS = ('train', 'eval1', 'evalN')


#: whose functions and classes a file may name
MODULES = (losses, distributions, flow, sample, exact_flows,
           lasagne.nonlinearities)


def _table():
    """What a file may name: functions and classes, by module and name."""
    found = OrderedDict()
    for module in MODULES:
        last = module.__name__.split('.')[-1]
        for name in sorted(vars(module)):
            value = getattr(module, name)
            if callable(value) and not name.startswith('_') and \
                    getattr(value, '__module__', '') == module.__name__:
                found['%s.%s' % (last, name)] = value
    for name, value in architectures.NONLINEARITIES.items():
        found.setdefault('nonlinearities.' + name, value)
    # softplus and sigmoid of Theano, which are the package's
    for name in ('softplus', 'sigmoid'):
        found['theano.' + name] = architectures.NONLINEARITIES[name]
    return found


NAMED = _table()


def settings(model):
    """The parameters of ``SSDGM`` but for the networks.

    Lists and dicts among them are copies: the user may change the others.
    """
    return dict((name, _own(getattr(model, name)))
                for name in checks.SETTINGS if name != 'model_dict')


def _own(value):
    return copy.copy(value) if isinstance(
        value, (dict, list, np.ndarray)) else value


def taken(model):
    """What a pickle holds: all attributes but those that are made anew."""
    state = dict((name, value) for name, value in vars(model).items()
                 if name not in _MADE)
    if model.built:
        state['_built'] = _built(model)
    return state


def given(model, state):
    """Give a bare model what ``taken`` gave."""
    state = dict(state)
    built = state.pop('_built', None)
    vars(model).update(state)
    if built is not None:
        _rebuild(model, built)


def _built(model):
    """The built part of a model, as plain values and arrays."""
    nets = model.networks_
    made_with, seeds = model._made
    if seeds is None:
        # the published class's, drawn when its module was imported
        seeds = dict((type(net.sample_layer).__name__,
                      net.sample_layer.default_seed)
                     for net in nets.values())
    generator = model._rng
    return OrderedDict([
        ('settings', made_with), ('seeds', dict(seeds)),
        ('networks', OrderedDict(
            (name, {'arch': net.arch}) for name, net in nets.items())),
        ('parameters', model.parameters()),
        ('streams', OrderedDict((name, net.sample_layer._srng.moved())
                                for name, net in nets.items())),
        # the published class draws from numpy's global generator
        ('generator', None if generator is np.random else
         generator.get_state())])


def _rebuild(model, built):
    """Make networks anew, and set what they hold."""
    maker = object.__new__(type(model))
    vars(maker).update(built['settings'])
    maker.model_dict = built['networks']
    maker._build(np.random.RandomState(0), built['networks'],
                 built['seeds'])
    maker.set_parameters(built['parameters'])
    for name, network in maker.networks_.items():
        network.sample_layer._srng.resume(built['streams'][name])
    if built['generator'] is None:
        maker._rng = np.random
    else:
        maker._rng.set_state(built['generator'])
    vars(model).update((name, vars(maker)[name]) for name in _MADE
                       if name in vars(maker))


# files


def write(model, path):
    """Write a model to an .npz file; see ``SSDGM.save``."""
    path = _path(path)
    # what load would refuse
    checks.check_settings(model)
    content = OrderedDict([
        ('settings', dict(settings(model), model_dict=model.described))])
    if model.built:
        content['built'] = _built(model)
        history = getattr(model, 'history_', None)
        if history is not None:
            content['history'] = dict(
                (name, OrderedDict((term, np.array(values)) for term, values
                                   in getattr(history, name).items()))
                for name in RECORDS)
            content['history']['epochs'] = history.epochs
            content['stopped early'] = model.stopped_early_
    arrays = OrderedDict()
    text = json.dumps(_plain(content, '', arrays))
    if len(text) > LONGEST:
        raise InputError('settings: expected such that take at most %d '
                         'characters as JSON, got %d' % (LONGEST, len(text)))
    arrays['model'] = np.array(text)
    arrays['format'] = np.array(FORMAT)
    atomically(path, lambda stream: np.savez(stream, **arrays))


def _plain(value, where, arrays):
    """A value as JSON has it; arrays join ``arrays`` under their place.

    JSON has lists alone: what else there is is a dict with one key that says
    what it is.
    """
    if value is None or isinstance(value, (bool, kinds.TEXTS)) or \
            type(value) in (int, float):
        return value
    if isinstance(value, (np.ndarray, np.generic)):
        if np.asarray(value).dtype.kind not in 'biufSU':
            raise InputError('%s: expected an array of numbers, got one of '
                             'type %s' % (where, value.dtype))
        name = 'array %d' % len(arrays)
        arrays[name] = np.asarray(value)
        return {'array': name}
    if isinstance(value, dict):
        kind = 'ordered' if isinstance(value, OrderedDict) else 'dict'
        return {kind: [[_plain(key, where, arrays), _plain(
            each, (where + ' ' if where else '') + str(key), arrays)]
            for key, each in value.items()]}
    if isinstance(value, (list, tuple)):
        items = [_plain(item, where, arrays) for item in value]
        return items if isinstance(value, list) else {'tuple': items}
    if isinstance(value, functools.partial):
        return {'partial': [_plain(each, where, arrays) for each in (
            value.func, value.args, value.keywords or {})]}
    for name, known in NAMED.items():
        if known is value:
            return {'named': name}
    if type(value) is int or isinstance(value, type(2 ** 70)):
        return int(value)
    raise InputError(
        '%s: expected a value that a file can hold, a number, text, array or '
        'a function or class of %s, got %s' % (
            where or 'settings', ', '.join(
                module.__name__ for module in MODULES), kinds.shown(value)))


def read(cls, path):
    """The model in a file that ``write`` wrote, of a class."""
    path = _path(path)
    missing = sorted(set(checks.SETTINGS).difference(cls._get_param_names()))
    if missing:
        raise InputError(
            'load: expected a class that takes every parameter of '
            'untapped.SSDGM, got %s without %s' % (
                kinds.shown(cls), missing[0]))
    arrays = read_npz(path)
    try:
        content = _content(arrays)
        model = _model(cls, content)
    except InputError as error:
        raise _no_model(path, error)
    except Exception as error:
        # whatever a malformed file makes numpy, Theano and Lasagne trip over
        raise _no_model(path, error)
    return model


def _path(value):
    kinds.require(kinds.path, 'path', value)
    return native(value)


def _no_model(path, error):
    return InputError('%s: expected a file that SSDGM.save wrote (%s)' % (
        path, ' '.join(str(error).split())[:200] or type(error).__name__))


def _content(arrays):
    if 'format' not in arrays or str(arrays['format']) != FORMAT:
        raise InputError('it does not say %r' % FORMAT)
    text = str(arrays['model'])
    if len(text) > LONGEST:
        raise InputError('too many settings')
    return _value(json.loads(text), arrays)


def _value(plain, arrays):
    """The value of what ``_plain`` gave."""
    if isinstance(plain, list):
        return [_value(each, arrays) for each in plain]
    if not isinstance(plain, dict):
        return str(plain) if isinstance(plain, type(u'')) else plain
    (what, inside), = plain.items()
    if what == 'array':
        # a scalar of numpy's comes back as one
        return arrays[inside][()]
    if what == 'named':
        return NAMED[inside]
    inside = _value(inside, arrays)
    if what in ('dict', 'ordered'):
        made = (dict if what == 'dict' else OrderedDict)(inside)
        if len(made) != len(inside):
            raise InputError('a key that is there twice')
        return made
    if what == 'tuple':
        return tuple(inside)
    if what == 'partial':
        function, arguments, keywords = inside
        if function not in NAMED.values():
            raise InputError('a function that it may not name')
        return functools.partial(function, *arguments, **dict(keywords))
    raise InputError('a value of an unknown kind')


def _require_settings(given, *others):
    odd = sorted(set(given) ^ set(checks.SETTINGS).difference(others))
    if odd:
        raise InputError('a difference in the names of settings at %s'
                         % kinds.shown(odd[0]))


def _model(cls, content):
    _require_settings(content['settings'])
    model = cls(**content['settings'])
    checks.check_settings(model)
    if 'built' not in content:
        return model
    built = content['built']
    _check_built(cls, built)
    _rebuild(model, built)
    model.n_features_ = int(built['settings']['num_features'])
    if 'history' in content:
        model.history_ = _history(content['history'])
        kinds.require(kinds.flag, 'stopped early', content['stopped early'])
        model.stopped_early_ = content['stopped early']
    return model


def _check_built(cls, built):
    """InputError for what cannot be rebuilt, before memory is taken."""
    _require_settings(built['settings'], 'model_dict')
    checks.check_settings(cls(model_dict=built['networks'],
                              **built['settings']))
    stored = sum(np.size(value) for value in built['parameters'].values())
    for name, sizes in architectures.layer_sizes(
            built['networks'], built['settings']['num_features']).items():
        if sum(a * b for a, b in zip(sizes, sizes[1:])) > stored:
            raise InputError('fewer parameters than %s has' % name)
    kinds.require(checks.SETTINGS['sample_seeds'], 'seeds', built['seeds'])
    for moved in built['streams'].values():
        for rows in (rows for each in moved.values() for rows in each):
            _check_streams(rows)
    _check_generator(built['generator'])


def _check_streams(rows):
    """InputError unless these are states that a stream can be in."""
    if rows.dtype != np.dtype('int32') or rows.ndim != 2 or \
            rows.shape[1] != 6 or len(rows) > 15360 or \
            len(rows) and not are_streams(rows):
        raise InputError('no states of MRG31k3p')


def _check_generator(state):
    """numpy's generator reads beyond its memory where this is not asked."""
    name, keys, position, has_gauss, gauss = state
    if name != 'MT19937' or keys.shape != (TWISTER,) or \
            keys.dtype != np.dtype('uint32') or not keys.any() or \
            type(position) is not int or not 0 <= position <= TWISTER or \
            has_gauss not in (0, 1) or not np.isfinite(gauss):
        raise InputError("no state of numpy's generator")


def _history(content):
    history = History([], [])
    history.epochs = [int(epoch) for epoch in content['epochs']]
    for name in RECORDS:
        record = OrderedDict(
            (term, list(values)) for term, values in content[name].items())
        if any(len(values) != len(history.epochs) or not all(
                isinstance(value, np.floating) for value in values)
               for values in record.values()):
            raise InputError('records that are not of each evaluation')
        setattr(history, name, record)
    return history

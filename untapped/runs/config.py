"""config.json: what a run was asked for.  --resume reads it.

A folder may come from anybody: nothing in it is believed before it has been
checked.  numpy is not imported here, as its pins depend on an option that
stands in this file.
"""
from __future__ import division, print_function

import importlib
import json
import os
import platform
import time
from collections import OrderedDict

from untapped import __version__, pins
from untapped.errors import InputError, UserError
from untapped.files import plain_json
from untapped.files.plain_json import shown

__all__ = ['EXPERIMENTS', 'NAME', 'check_same', 'of_repeats', 'of_run',
           'read', 'seeds', 'versions']

NAME = 'config.json'
#: the experiments that there are runs of
EXPERIMENTS = ('crism', 'libs', 'mnist', 'raman', 'spectra')
#: characters of a recorded argument; no path is longer
LONGEST_ARGUMENT = 4096


# Written --------------------------------------------------------------------

def of_run(options, settings, raw, draws):
    """config.json of a run: every setting, resolved, and what it ran on.

    Parameters
    ----------
    options : Namespace, the command line's
    settings : OrderedDict, key of a model -> its hyperparameters
    raw : datasets.Raw
    draws : inputs.Draws
    """
    found = _asked(options, raw)
    found['data']['shapes'] = OrderedDict(
        (name, list(array.shape)) for name, array in draws.arrays().items())
    found['sample_seeds'] = OrderedDict(
        (key, int(value)) for key, value in draws.sample_seeds.items())
    found['settings'] = (settings if len(settings) > 1
                         else list(settings.values())[0])
    found.update(_ran_on())
    return found


def of_repeats(options, raw, names):
    """config.json of a run that is made of runs, whose folders are named."""
    found = _asked(options, raw)
    found['runs'] = names
    found.update(_ran_on())
    return found


def _asked(options, raw):
    return OrderedDict([
        ('experiment', options.experiment),
        ('preset', options.preset),
        ('model', options.model),
        ('quick', options.quick),
        ('arguments', options.arguments),
        ('started_utc', time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())),
        ('data', OrderedDict([
            ('option', options.data), ('folder', options.data_folder),
            ('kind', raw.kind), ('source', raw.source),
            ('split', options.split)])),
        ('seeds', seeds(options))])


def seeds(options):
    """Name -> each seed that a user may choose."""
    return OrderedDict([('seed', options.seed),
                        ('sample_seed', options.sample_seed),
                        ('data_seed', options.data_seed)])


def _ran_on():
    return [('pins_mode', pins.mode()),
            ('pins', pins.in_force()),
            ('not_as_pinned', pins.overrides()),
            ('untapped', __version__),
            ('python', platform.python_version()),
            ('packages', versions())]


def versions():
    """Name -> version of the packages that results depend on."""
    return OrderedDict(
        (name, importlib.import_module(name).__version__)
        for name in ('numpy', 'scipy', 'sklearn', 'theano', 'lasagne',
                     'matplotlib', 'tqdm', 'jinja2'))


# Read -----------------------------------------------------------------------

def read(path):
    """config.json of a run folder; UserError if there is none."""
    name = os.path.join(path, NAME)
    if not os.path.isdir(path):
        raise UserError('argument --resume: there is no folder %s' % path
                        if path else 'argument --resume: expected a folder, '
                        'got an empty text')
    try:
        config = plain_json.read(name, links=False)
    except InputError as error:
        raise UserError('argument --resume: %s%s' % (
            error, '' if os.path.lexists(name) else '; a run that ended '
            'before it was written is started anew'))
    if not isinstance(config, dict):
        raise UserError('argument --resume: %s is no config.json of a run'
                        % name)
    for key, expected, is_one in (
            ('experiment', 'one of ' + ', '.join(EXPERIMENTS),
             config.get('experiment') in EXPERIMENTS),
            ('arguments', 'a list of texts',
             _are_arguments(config.get('arguments')))):
        if not is_one:
            raise UserError('argument --resume: %s: %s: expected %s, got %s'
                            % (name, key, expected, shown(config.get(key))))
    return config


def _are_arguments(value):
    return isinstance(value, list) and all(
        isinstance(text, str) and len(text) <= LONGEST_ARGUMENT
        and '\0' not in text for text in value)


def check_same(name, was, now):
    """UserError at the first leaf in which two plain values differ."""
    was, now = [json.loads(json.dumps(value)) for value in (was, now)]
    if was == now:
        return
    if isinstance(was, dict) and isinstance(now, dict):
        for key in list(was) + [k for k in now if k not in was]:
            check_same('%s/%s' % (name, shown(key)), was.get(key),
                       now.get(key))
    raise UserError('argument --resume: %s was %s when the run began and is '
                    '%s now; a run can only go on as it began'
                    % (name, shown(was), shown(now)))

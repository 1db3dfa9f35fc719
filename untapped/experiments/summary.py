"""What config.json and metrics.json say of a run."""
from __future__ import division, print_function

import importlib
import platform
import time
from collections import OrderedDict

import untapped
from untapped import pins
from untapped.experiments.inputs import ARRAYS
from untapped.runs import records

__all__ = ['config', 'config_of_repeats', 'head', 'model_metrics', 'versions']


def config(options, settings, raw, draws):
    """config.json: every setting, resolved, and what it ran on."""
    alone = list(settings.values())[0] if len(settings) == 1 else settings
    found = _asked(options, raw)
    found['data']['shapes'] = OrderedDict(
        (name, list(getattr(draws.data, name).shape)) for name in ARRAYS)
    found['sample_seeds'] = OrderedDict(
        (key, int(value)) for key, value in draws.sample_seeds.items())
    found['settings'] = alone
    found.update(_ran_on())
    return found


def config_of_repeats(options, raw, names):
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
        ('seeds', _seeds(options))])


def _ran_on():
    return [('pins_mode', pins.mode()),
            ('pins', pins.in_force()),
            ('not_as_pinned', pins.overrides()),
            ('untapped', untapped.__version__),
            ('python', platform.python_version()),
            ('packages', versions())]


def head(options, raw, settings, model=None):
    """What stands at the head of each metrics.json.

    `settings` are those of each model by its key; `model` is the key of the
    one that it is about, None for all.
    """
    chosen = settings[model or list(settings)[-1]]
    return [
        ('experiment', options.experiment),
        ('preset', options.preset),
        ('objective', chosen['objective']),
        ('reverse', chosen['reverse']),
        ('model', model or options.model),
        ('quick', options.quick),
        ('data', OrderedDict([('kind', raw.kind), ('source', raw.source),
                              ('split', options.split)])),
        ('seeds', _seeds(options))]


def model_metrics(head, fitted, validation, endmember_error, findings):
    """A model's metrics.json: no times and no paths of the machine in it.

    Two runs with the same bits have the same metrics.json.

    Parameters
    ----------
    head : list of pairs, see `head`
    fitted : fitting.Fitted
    validation, endmember_error, findings
        What `studies.evaluation` says of the model.
    """
    last = None
    if fitted.record['epochs']:
        last = OrderedDict([('epoch', fitted.record['epochs'][-1])])
        last.update(records.last(fitted.record))
    return OrderedDict(head + [
        ('status', fitted.status),
        ('stopped_early', fitted.status != 'complete'),
        ('epochs', OrderedDict([('asked', fitted.model.num_epochs),
                                ('done', fitted.epochs_done)])),
        ('parameters_sha256', OrderedDict([
            ('start', fitted.sha256_at_start),
            ('end', fitted.model.parameters_sha256())])),
        ('validation', validation),
        ('endmember_error', endmember_error),
        ('findings', findings),
        ('last_evaluation', last),
    ])


def versions():
    """Name -> version of the packages that results depend on."""
    return OrderedDict(
        (name, importlib.import_module(name).__version__)
        for name in ('numpy', 'scipy', 'sklearn', 'theano', 'lasagne',
                     'matplotlib', 'tqdm', 'jinja2'))


def _seeds(options):
    return OrderedDict([('seed', options.seed),
                        ('sample_seed', options.sample_seed),
                        ('data_seed', options.data_seed)])

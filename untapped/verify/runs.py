"""Two result folders of this package, held against each other."""
from __future__ import division, print_function

import json
import os
from collections import OrderedDict

import numpy as np

from untapped.errors import InputError
from untapped.files import plain_json, regular
from untapped.files.npz import read_npz
from untapped.verify import compare

__all__ = ['NotARun', 'compare_json', 'compare_runs']

#: Entries of config.json that say when, where and how a run was started; two
#: runs that should be the same differ in them.
CIRCUMSTANCES = ('arguments', 'started_utc', 'data/folder', 'data/option',
                 'data/source', 'out')


class NotARun(InputError):
    """A path that does not hold a run's results; for the user."""


def compare_runs(first, second):
    """What two runs were asked for and what came of them.

    Parameters
    ----------
    first, second : str
        Result folders, as ``run_*.py`` makes them, or bags made of them.

    Returns
    -------
    OrderedDict
        For :func:`compare.verdict`: settings, records, metrics, parameters,
        in the order in which one leads to the other; the last three for
        each model where a run has several, in folders of their own.
    """
    first, second = _results(first), _results(second)
    sections = OrderedDict()
    sections['settings'] = compare_json(first, second, 'config.json',
                                        CIRCUMSTANCES)
    places = ['']
    if any(_models(folder) for folder in (first, second)):
        places = sorted(set(_models(first) + _models(second)))
    for place in places:
        before = place + ' ' if place else ''
        one, other = [os.path.join(folder, place)
                      for folder in (first, second)]
        for title, name, left_out in (
                ('records', 'records.json', ()),
                ('metrics', 'metrics.json', ('data/source',))):
            sections[before + title] = compare_json(one, other, name,
                                                    left_out)
        sections[before + 'parameters'] = _compare_parameters(one, other)
    return sections


def _models(folder):
    """Folders of the models of a run that compared or repeated several."""
    if os.path.isfile(os.path.join(folder, 'parameters.npz')):
        return []
    return [os.path.dirname(name) for name in regular.below(folder)[0]
            if os.path.basename(name) == 'parameters.npz']


def _results(path):
    """The folder of a run; inside a bag it is called data."""
    for folder in (path, os.path.join(path, 'data')):
        if os.path.isfile(os.path.join(folder, 'config.json')):
            return folder
    if not os.path.isdir(path):
        raise NotARun('there is no folder %s' % path)
    raise NotARun('%s is not the result folder of a run: it holds no '
                  'config.json' % path)


def flatten(value, prefix=''):
    """Leaves of nested dictionaries: 'settings/lr' -> 0.003."""
    if not isinstance(value, dict):
        return OrderedDict([(prefix, value)])
    leaves = OrderedDict()
    for key, part in value.items():
        leaves.update(flatten(part, prefix + '/' + key if prefix else key))
    return leaves


def compare_json(first, second, name, left_out):
    """Rows of a JSON file's leaves in two runs; a sentence if one lacks it.

    Leaves whose place begins with one of `left_out` are passed over.

    Raises
    ------
    InputError if one of the files cannot be read as JSON
    """
    paths = [os.path.join(folder, name) for folder in (first, second)]
    absent = [path for path in paths if not os.path.lexists(path)]
    if len(absent) == 2:
        return []
    if absent:
        return 'there is no %s' % absent[0]
    leaves = [flatten(plain_json.read(path)) for path in paths]
    rows = []
    for key in list(leaves[0]) + [k for k in leaves[1] if k not in leaves[0]]:
        if key.startswith(tuple(left_out)):
            continue
        rows.append(_leaf_row(key, *[found.get(key, 'absent')
                                     for found in leaves]))
    return rows


def _leaf_row(key, want, have):
    """A leaf's row; lists of numbers get a distance and an evaluation."""
    # not want == have, which is so of 1 and true, of 0. and -0.
    if json.dumps(want, sort_keys=True) == json.dumps(have, sort_keys=True):
        count = len(want) if isinstance(want, list) else 1
        return compare.Row(key, str(count), count)
    if _numbers(want) and _numbers(have) and len(want) == len(have):
        a, b = [np.array([float(v) for v in values])
                for values in (want, have)]
        if a.tobytes() == b.tobytes():
            return compare.Row(key, str(len(a)), len(a))
        # float32 values written in full: their own steps are what counts
        if all((v == v.astype('float32')).all() for v in (a, b)):
            a, b = a.astype('float32'), b.astype('float32')
        return compare.Row(key, str(len(a)), len(a),
                           'from evaluation %d on, up to %s ULP' % (
                               compare.first_difference(a, b) + 1,
                               compare.ulp_distance(a, b)))
    return compare.Row(key, '1', 1, '%s and %s' % (_short(want),
                                                   _short(have)))


def _numbers(values):
    if not isinstance(values, list):
        return False
    try:
        [float(value) for value in values]
    except (TypeError, ValueError):
        return False
    return True


def _short(value):
    text = json.dumps(value)
    return text if len(text) <= 40 else text[:37] + '...'


def _compare_parameters(first, second):
    names = [os.path.join(folder, 'parameters.npz')
             for folder in (first, second)]
    for name in names:
        if not os.path.lexists(name):
            return 'there is no %s' % name
    return compare.compare_arrays(*[read_npz(name) for name in names])

"""Where two runs part, and what of what they ran on differs."""
from __future__ import division, print_function

import os

from untapped.files import plain_json
from untapped.machine import console, provenance
from untapped.runs import manifest as manifests

__all__ = ['CIRCUMSTANCES', 'compare', 'first_difference']

DIFFERENT = 1
#: Files that say when, where and how, which no two runs have alike.
CIRCUMSTANCES = ('config.json', 'log.txt', 'manifest.json', 'report.html',
                 'report.json', 'ro-crate-metadata.json')
#: What the other files of a model follow from comes first.
FIRST = ('records.json', 'records.csv', 'parameters.npz', 'answers.npz')


def first_difference(was, now):
    """Where two runs part, in the order in which one leads to the other.

    Parameters
    ----------
    was, now : str, result folders

    Returns
    -------
    str, or None if they are the same to the last bit
    """
    one, other = [manifests.read(path) for path in (was, now)]
    for name, first, second in _data(one, other) + _hashes(one, other):
        if first != second:
            return name
    listed = [manifest['outputs'] for manifest in (one, other)]
    for name in sorted(set(listed[0]) | set(listed[1]), key=_rank):
        if os.path.basename(name) in CIRCUMSTANCES:
            continue
        if dict(listed[0].get(name, {})) != dict(listed[1].get(
                name, {})) and (
                os.path.basename(name) != 'metrics.json' or
                _metrics(was, name) != _metrics(now, name)):
            return name
    return None


def _rank(name):
    base = os.path.basename(name)
    if base in FIRST:
        return FIRST.index(base), name
    # then metrics and tables, figures at last
    return len(FIRST) + base.endswith(('.png', '.pdf')), name


def _data(one, other):
    """(what, its hashes in one run, and in the other)"""
    return [(what, dict(one['data'].get(key, {})),
             dict(other['data'].get(key, {})))
            for what, key in (('the data as read', 'sha256'),
                              ('the data as trained on',
                               'sha256_as_trained'))]


def _hashes(one, other):
    """The same of the parameters, model by model."""
    stages = []
    for model, hashes in one['parameters_sha256'].items():
        there = other['parameters_sha256'].get(model, {})
        of_model = 'the parameters of %s at the ' % model
        evaluated = dict(there.get('evaluations', []))
        stages.append((of_model + 'start', hashes['start'],
                       there.get('start')))
        stages += [('%sevaluation of epoch %d' % (of_model, epoch), digest,
                    evaluated.get(epoch))
                   for epoch, digest in hashes['evaluations']]
        stages.append((of_model + 'end', hashes['end'], there.get('end')))
    return stages


def _metrics(run, name):
    """A metrics.json without the lines that name the data's file."""
    path = os.path.join(run, name)
    if not os.path.isfile(path):
        return None
    return _without_source(plain_json.read(path))


def _without_source(value):
    if not isinstance(value, dict):
        return value
    return dict((key, _without_source(part)) for key, part in value.items()
                if key != 'source')


def compare(bag, made):
    """Print whether a repetition is its original; the exit status."""
    original = os.path.join(bag, 'data')
    part = first_difference(original, made)
    one, other = [manifests.read(path) for path in (original, made)]
    for model, hashes in one['parameters_sha256'].items():
        print('SHA-256 of the parameters of %s: %s in the bag, %s now' % (
            model, hashes['end'],
            other['parameters_sha256'].get(model, {}).get('end')))
    found = provenance.differences(one['ran_on'], other['ran_on'])
    if part is None:
        print('Differences in what they ran on: %d' % len(found))
        print('IDENTICAL')
        return 0
    print('What differs between what they ran on, the likeliest cause '
          'first:')
    for sentence in found[:20]:
        print('  ' + console.printable(sentence))
    if not found:
        print('  nothing that the manifest records')
    print('DIFFERENT: first in %s' % part)
    return DIFFERENT

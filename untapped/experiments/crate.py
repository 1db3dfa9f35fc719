"""ro-crate-metadata.json: a run folder as a Process Run Crate 0.5.

The profile (https://w3id.org/ro/wfrun/process/0.5) describes a run of a tool
that is not itself part of the crate: an action, the software that was its
instrument, what went in and what came out.  https://w3id.org/ro/crate/1.1
sets the form.  No agent is named: a run does not know who started it.
"""
from __future__ import division, print_function

from collections import OrderedDict

__all__ = ['NAME', 'metadata']

NAME = 'ro-crate-metadata.json'
CRATE = 'https://w3id.org/ro/crate/1.1'
PROFILE = 'https://w3id.org/ro/wfrun/process/0.5'
LICENSE = 'https://spdx.org/licenses/MIT'

#: file -> (media type, what it holds)
FILES = {
    'config.json': ('application/json', 'settings, seeds, shapes and pins'),
    'manifest.json': ('application/json',
                      'hashes of code, packages, data, parameters and files'),
    'metrics.json': ('application/json', 'final metrics'),
    'records.json': ('application/json', 'every term at every evaluation'),
    'records.csv': ('text/csv', 'every term at every evaluation'),
    'parameters.npz': ('application/zip',
                       'parameters of the networks, as numpy.load reads'),
    'train.png': ('image/png', 'learning curves, training'),
    'evaluation.png': ('image/png', 'learning curves, validation'),
    'log.txt': ('text/plain', 'what was printed'),
}


def metadata(manifest, metrics, files):
    """The metadata of a run that ended, JSON-LD as plain values.

    Parameters
    ----------
    manifest : see `untapped.experiments.manifest`
    metrics : what metrics.json holds
    files : list of str, the crate's files but this one
    """
    sessions = manifest['sessions']
    ended = sessions[-1]['ended_utc']
    code = manifest['ran_on']['code']
    name = '%s, %s, preset %s' % (manifest['experiment'], metrics['model'],
                                  metrics['preset'])
    results = [f for f in files if f not in ('config.json', 'manifest.json')]
    parameters = [
        _entity('#parameters', 'PropertyValue',
                name='SHA-256 of all parameters at the end',
                value=metrics['parameters_sha256']['end'])]
    settings = [_entity('#%s' % key.replace('_', '-'), 'PropertyValue',
                        name=key, value=value)
                for key, value in manifest['seeds'].items()]
    graph = [
        _entity(NAME, 'CreativeWork', conformsTo=_to(CRATE),
                about=_to('./')),
        _entity('./', 'Dataset', conformsTo=_to(PROFILE),
                name='A run of untapped: ' + name,
                description='Training and evaluation of a semi^2-supervised '
                            'deep generative model, with everything needed '
                            'to check and to repeat it.',
                datePublished=ended, license=_to(LICENSE),
                hasPart=[_to(f) for f in files], mentions=_to('#run'),
                variableMeasured=[_to(p['@id']) for p in parameters]),
        _entity(PROFILE, 'CreativeWork', name='Process Run Crate',
                version='0.5'),
        _entity(LICENSE, 'CreativeWork', name='MIT License'),
        _entity('#untapped', 'SoftwareApplication', name='untapped',
                url='https://arxiv.org/abs/1608.05983',
                softwareVersion=code['version'] if not code['commit'] else
                '%s, commit %s' % (code['version'], code['commit']),
                softwareRequirements=_to('#python')),
        _entity('#python', 'SoftwareApplication',
                name=manifest['ran_on']['python']['implementation'],
                url='https://www.python.org/',
                softwareVersion=manifest['ran_on']['python']['version']),
        _entity('#run', 'CreateAction', name='Run of ' + name,
                description=' '.join(manifest['arguments']) or
                'without options',
                startTime=sessions[0]['started_utc'], endTime=ended,
                instrument=_to('#untapped'),
                object=[_to('#data'), _to('config.json')] +
                [_to(s['@id']) for s in settings],
                result=[_to(f) for f in results],
                actionStatus=_to('http://schema.org/%s' % (
                    'FailedActionStatus' if manifest['status'] == 'diverged'
                    else 'CompletedActionStatus'))),
        _entity('#data', 'PropertyValue', name='data',
                value=manifest['data']['source'],
                description='SHA-256 of every array: manifest.json'),
    ]
    for f in files:
        media, what = FILES.get(f, ('application/octet-stream', f))
        graph.append(_entity(f, 'File', name=f, encodingFormat=media,
                             description=what))
    return OrderedDict([
        ('@context', [CRATE + '/context',
                      'https://w3id.org/ro/terms/workflow-run/context']),
        ('@graph', graph + settings + parameters)])


def _entity(identifier, kind, **properties):
    entity = OrderedDict([('@id', identifier), ('@type', kind)])
    entity.update(sorted(properties.items()))
    return entity


def _to(identifier):
    return OrderedDict([('@id', identifier)])

"""ro-crate-metadata.json: a run folder as a Process Run Crate 0.5.

The profile (https://w3id.org/ro/wfrun/process/0.5) describes a run of a tool
that is not itself part of the crate: an action, the software that was its
instrument, what went in and what came out.  https://w3id.org/ro/crate/1.1
sets the form.  No agent, author or publisher is named: a run does not know
who started it.
"""
from __future__ import division, print_function

import base64
import binascii
import os
from collections import OrderedDict

from untapped.machine.console import printable

__all__ = ['NAME', 'metadata']

NAME = 'ro-crate-metadata.json'
CRATE = 'https://w3id.org/ro/crate/1.1'
PROFILE = 'https://w3id.org/ro/wfrun/process/0.5'
LICENSE = 'https://spdx.org/licenses/MIT'
PYTHON = 'https://www.python.org/'
PAPER = 'https://arxiv.org/abs/1608.05983'

#: name of a file, wherever it is -> what it holds
FILES = {
    'answers.npz': 'predictions and generated x: what figures are drawn of',
    'config.json': 'settings, seeds, shapes and pins',
    'evaluation.png': 'learning curves, validation',
    'log.txt': 'what was printed',
    'manifest.json': 'hashes of code, packages, data, parameters and files',
    'metrics.json': 'final metrics',
    'parameters.npz': 'parameters of the networks, as numpy.load reads',
    'profile.csv': 'time and bytes of every instruction of the steps',
    'records.csv': 'every term at every evaluation',
    'records.json': 'every term at every evaluation',
    'report.html': 'tables, figures and verdict on one page',
    'report.json': 'what the report was made of',
    'train.png': 'learning curves, training',
}
#: folder -> what a file in it is
FOLDERS = {'figures': 'a figure of the report',
           'tables': 'a table of the report'}
MEDIA = {
    '.csv': 'text/csv', '.html': 'text/html', '.json': 'application/json',
    '.npz': 'application/zip', '.pdf': 'application/pdf',
    '.png': 'image/png', '.txt': 'text/plain',
}
#: status of a run -> schema.org's of its action
STATUS = {'complete': 'CompletedActionStatus',
          'diverged': 'FailedActionStatus',
          # of a run that waits for --resume
          'stopped early': 'ActiveActionStatus'}


def metadata(manifest, config, files):
    """The metadata of a run that ended, JSON-LD as plain values.

    Parameters
    ----------
    manifest : see `untapped.runs.manifest`
    config : what config.json holds
    files : list of str, the crate's files but this one
    """
    name = '%s, %s, preset %s' % (
        manifest['experiment'], {'all': 'M2 and Untapped'}.get(
            config['model'], config['model']), config['preset'])
    hashes = [_property('parameters-%d' % number,
                        'SHA-256 of all parameters of %s at the end' % model,
                        found['end'])
              for number, (model, found) in enumerate(
                  manifest['parameters_sha256'].items())]
    seeds = [_property(key.replace('_', '-'), key, value)
             for key, value in manifest['seeds'].items()]
    data = _property('data', 'data', manifest['data']['source'],
                     description='SHA-256 of every array: manifest.json')
    graph = [
        _entity(NAME, 'CreativeWork', conformsTo=_to(CRATE),
                about=_to('./')),
        _entity('./', 'Dataset', conformsTo=_to(PROFILE),
                name='A run of untapped: ' + name,
                description='Training and evaluation of semi^2-supervised '
                            'deep generative models, with everything needed '
                            'to check and to repeat it.',
                datePublished=_time(manifest['sessions'][-1]['ended_utc']),
                license=_to(LICENSE), hasPart=[_to(f) for f in files],
                mentions=_to('#run'),
                variableMeasured=[_to(p['@id']) for p in hashes]),
        _entity(PROFILE, 'CreativeWork', name='Process Run Crate',
                version='0.5'),
        _entity(LICENSE, 'CreativeWork', name='MIT License',
                description='A short permissive license.')]
    graph += _software(manifest['ran_on'])
    graph.append(_action(manifest, name, files,
                         ['#data'] + [s['@id'] for s in seeds]))
    graph += [_file(path) for path in files]
    return OrderedDict([
        ('@context', [CRATE + '/context',
                      'https://w3id.org/ro/terms/workflow-run/context']),
        ('@graph', graph + [data] + seeds + hashes)])


def _action(manifest, name, files, inputs):
    """The run itself."""
    results = [f for f in files
               if os.path.basename(f) not in ('config.json', 'manifest.json')]
    action = _entity(
        '#run', 'CreateAction', name='Run of ' + name,
        description='Options: %s' % (' '.join(
            printable(word) for word in manifest['arguments']) or 'none'),
        startTime=_time(manifest['sessions'][0]['started_utc']),
        endTime=_time(manifest['sessions'][-1]['ended_utc']),
        instrument=_to(_source(manifest['ran_on'])),
        object=[_to('config.json')] + [_to(i) for i in inputs],
        result=[_to(f) for f in results],
        actionStatus='http://schema.org/' + STATUS[manifest['status']])
    if manifest['status'] == 'diverged':
        action['error'] = 'the objective became NaN in training'
    return action


def _source(ran_on):
    """The name of the sources that ran: a URI of their hash (RFC 6920)."""
    digest = base64.urlsafe_b64encode(
        binascii.unhexlify(ran_on['code']['sha256']))
    return 'ni:///sha-256;' + digest.decode('ascii').rstrip('=')


def _software(ran_on):
    """What ran, and what that ran on."""
    code, python = ran_on['code'], ran_on['python']
    return [
        _entity(_source(ran_on), 'SoftwareApplication', name='untapped',
                url=PAPER,
                description='Its name is the SHA-256 of its source files, '
                            'see manifest.json.',
                softwareVersion=code['version'] if not code['commit'] else
                '%s, commit %s' % (code['version'], code['commit']),
                softwareRequirements=_to(PYTHON)),
        _entity(PYTHON, 'SoftwareApplication', name=python['implementation'],
                url=PYTHON, softwareVersion=python['version'])]


def _time(utc):
    """A time that ends in Z, as the profile's validator wants it."""
    return utc.replace('Z', '+00:00')


def _file(path):
    folder, name = os.path.split(path)
    stem, kind = os.path.splitext(name)
    what = FILES.get(name) or FOLDERS.get(os.path.basename(folder)) or stem
    return _entity(path, 'File', name=path, description=what,
                   encodingFormat=MEDIA.get(kind,
                                            'application/octet-stream'))


def _property(identifier, name, value, **more):
    return _entity('#' + identifier, 'PropertyValue', name=name, value=value,
                   **more)


def _entity(identifier, kind, **properties):
    entity = OrderedDict([('@id', identifier), ('@type', kind)])
    entity.update(sorted(properties.items()))
    return entity


def _to(identifier):
    return OrderedDict([('@id', identifier)])

"""manifest.json: what was run, on what, with which result, hash by hash."""
from __future__ import division, print_function

import json
import os
import time
from collections import OrderedDict

from untapped import checkpoints, provenance
from untapped.datasets import array_sha256
from untapped.experiments import crate
from untapped.experiments.errors import UserError
from untapped.experiments.keeping import check_same, read_config

__all__ = ['Manifest', 'NAME', 'outputs', 'read', 'utc']

NAME = 'manifest.json'
#: not listed among the outputs: itself, and what goes when a run is complete
FINISHED = ('complete', 'diverged')


def utc(seconds=None):
    """Time in UTC, as ISO 8601 writes it."""
    return time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(seconds))


def read(path):
    """manifest.json of a run folder, an OrderedDict; UserError without."""
    name = os.path.join(path, NAME)
    try:
        with open(name) as stream:
            found = json.load(stream, object_pairs_hook=OrderedDict)
    except EnvironmentError as error:
        raise UserError('%s cannot be read: %s' % (name, error.strerror))
    except ValueError:
        raise UserError('%s is no JSON' % name)
    if not isinstance(found, dict) or found.get('manifest') != 1:
        raise UserError('%s is no manifest of a run' % name)
    return found


def outputs(path):
    """Every file of a run folder but the manifest and checkpoints:
    name -> bytes and SHA-256."""
    checkpoint = set(checkpoints.names(path))
    return OrderedDict(
        (name, OrderedDict([
            ('bytes', os.path.getsize(os.path.join(path, name))),
            ('sha256', provenance.file_sha256(os.path.join(path, name)))]))
        for name in sorted(os.listdir(path))
        if name != NAME and name not in checkpoint and
        not name.startswith('.'))


class Manifest(object):
    """The manifest of a run while it runs.

    Written when the run begins, so that a run that was killed has one, and
    as the very last file: a manifest whose status is not ``running`` vouches
    for every file beside it.

    Parameters
    ----------
    folder : RunFolder
    config : OrderedDict, what config.json holds
    raw, data : Raw and Prepared, of `untapped.datasets`
    z2, z2_valid : arrays, drawn for this run
    """

    def __init__(self, folder, config, raw, data, z2, z2_valid):
        self.folder, self.config = folder, config
        self._started = time.time()
        drawn = OrderedDict([('z2', z2), ('z2_valid', z2_valid)])
        arrays = OrderedDict((name, getattr(data, name)) for name in (
            'X', 'y', 'X_', '_y', 'X_valid', 'y_valid'))
        arrays.update(drawn)
        self.content = OrderedDict([
            ('manifest', 1),
            ('status', 'running'),
            ('experiment', config['experiment']),
            ('arguments', config['arguments']),
            ('data', OrderedDict([
                ('kind', raw.kind), ('source', raw.source),
                ('sha256', raw.checksums()),
                ('sha256_as_trained', OrderedDict(
                    (name, array_sha256(array))
                    for name, array in arrays.items()))])),
            ('seeds', config['seeds']),
            ('sample_seeds', config['sample_seeds']),
            ('sessions', []),
            ('parameters_sha256', None),
            ('outputs', None),
            ('ran_on', provenance.describe()),
        ])

    def begin(self):
        """Write the manifest of a run that starts."""
        self._session(None, [])
        self._write()

    def resume(self, output):
        """Take over from the manifest of a run that goes on.

        Returns
        -------
        bool, whether that run is complete already

        Raises
        ------
        UserError if the settings or the data are not those it began with
        """
        was = read(self.folder.path)
        if was['status'] in FINISHED and was['outputs'] == outputs(
                self.folder.path):
            for name in checkpoints.names(self.folder.path):
                os.unlink(self.folder.join(name))
            return True
        config = read_config(self.folder.path)
        for key in ('settings', 'seeds', 'sample_seeds'):
            check_same(key, config[key], self.config[key])
        for key in ('sha256', 'sha256_as_trained'):
            check_same('data/' + key, was['data'][key],
                       self.content['data'][key])
        now = self.content['ran_on']
        differing = provenance.differences(was['ran_on'], now)
        for sentence in differing:
            output.line('Not as when the run began: ' + sentence,
                        always=True)
        self.content = was
        self.content['status'] = 'running'
        self.content['outputs'] = None
        self._session(True, differing)
        self._write()
        return False

    def _session(self, resumed, differing):
        self.content['sessions'].append(OrderedDict([
            ('started_utc', utc(self._started)), ('ended_utc', None),
            ('seconds', None), ('resumed_from_epoch', None),
            ('not_as_before', differing)]))

    def end(self, training, metrics):
        """Write the crate's metadata and the manifest of a run that ended.

        Nothing may be written to the folder afterwards.
        """
        now = time.time()
        self.content['sessions'][-1].update([
            ('ended_utc', utc(now)),
            ('seconds', round(now - self._started, 3)),
            ('resumed_from_epoch', training.resumed_from)])
        self.content['status'] = training.status
        self.content['parameters_sha256'] = OrderedDict([
            ('start', metrics['parameters_sha256']['start']),
            ('evaluations', [list(pair) for pair in
                             training.keeper.evaluations]),
            ('end', metrics['parameters_sha256']['end'])])
        files = [name for name in outputs(self.folder.path)
                 if name != crate.NAME]
        self.folder.write_json(crate.NAME, crate.metadata(
            self.content, metrics, files + [NAME]))
        self.content['outputs'] = outputs(self.folder.path)
        self._write()

    def _write(self):
        self.folder.write_json(NAME, self.content)

"""manifest.json: what was run, on what, with which result, hash by hash."""
from __future__ import division, print_function

import os
import time
from collections import OrderedDict

from untapped.errors import InputError, UserError
from untapped.files import hashes, plain_json, regular
from untapped.machine import provenance
from untapped.runs import checkpoints, crate
from untapped.runs.config import check_same, read as read_config
from untapped.runs.manifest_form import misfit

__all__ = ['Manifest', 'NAME', 'ending', 'finished', 'outputs', 'read',
           'unlike', 'utc']

NAME = 'manifest.json'
#: statuses of a run of which nothing is left to do
FINISHED = ('complete', 'diverged')


def utc(seconds=None):
    """Time in UTC, as ISO 8601 writes it."""
    return time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(seconds))


def read(path):
    """manifest.json of a run folder, an OrderedDict; InputError without."""
    name = os.path.join(path, NAME)
    found = plain_json.read(name)
    wrong = misfit(found)
    if wrong:
        raise UserError('%s is no manifest of a run: %s' % (name, wrong))
    return found


def outputs(path):
    """Every file of a run folder and the folders in it, but its manifest,
    checkpoints and hidden files: name -> bytes and SHA-256.

    Links are not followed; they, pipes and devices are no files of a run.
    """
    names = [name for name in regular.below(path)[0]
             if not os.path.basename(name).startswith('.')]
    left_out = set([NAME])
    for place in set(os.path.dirname(name) for name in names):
        left_out.update(os.path.join(place, name) for name in
                        checkpoints.names(os.path.join(path, place)))
    return OrderedDict(
        (_text(name), OrderedDict([
            ('bytes', os.path.getsize(os.path.join(path, name))),
            ('sha256', hashes.file_sha256(os.path.join(path, name)))]))
        for name in names if name not in left_out)


def _text(name):
    """A file's name as JSON can have it, also one that is not UTF-8."""
    if isinstance(name, bytes):
        return name.decode('utf-8', 'replace').encode('utf-8')
    return name


def unlike(manifest, path):
    """Names of the files of a run folder that are not as its manifest has
    them: changed, more, or missing."""
    have, found = [dict((name, dict(entry)) for name, entry in each.items())
                   for each in (manifest['outputs'] or {}, outputs(path))]
    return sorted(name for name in set(have) | set(found)
                  if have.get(name) != found.get(name))


def ending(path):
    """How a run ended, and what became of its files.

    Returns
    -------
    (status, changed, more) : the status of a run of which nothing is left to
        do, else None; the names of those of its files that are not there any
        more or not as they were; names of files that are not its own
    """
    try:
        found = read(path)
    except InputError:
        return None, [], []
    if found['status'] not in FINISHED:
        return None, [], []
    names = unlike(found, path)
    return (found['status'],
            [name for name in names if name in found['outputs']],
            [name for name in names if name not in found['outputs']])


def finished(path):
    """The status of a run that needs nothing any more, or None.

    Its manifest says so, and every file that the manifest names is there as
    it was.  What others have put beside them is no reason to run again.
    """
    status, changed, _ = ending(path)
    return None if changed else status


class Manifest(object):
    """The manifest of a run while it runs.

    Written when the run begins, so that a run that was killed has one, and
    as the very last file: a manifest whose status is not ``running`` vouches
    for every file below its folder.

    Parameters
    ----------
    folder : RunFolder
    config : OrderedDict, what config.json holds
    raw : untapped.datasets.Raw
    draws : inputs.Draws, or None for a run that is made of runs
    """

    def __init__(self, folder, config, raw, draws=None):
        self.folder, self.config = folder, config
        self._started = time.time()
        data = OrderedDict([('kind', raw.kind), ('source', raw.source),
                            ('sha256', raw.checksums())])
        if draws is not None:
            trained_on = draws.arrays()
            trained_on.update([('z2', draws.z2),
                               ('z2_valid', draws.z2_valid)])
            data['sha256_as_trained'] = OrderedDict(
                (name, hashes.array_sha256(array))
                for name, array in trained_on.items())
        self.content = OrderedDict([
            ('manifest', 1),
            ('status', 'running'),
            ('experiment', config['experiment']),
            ('arguments', config['arguments']),
            ('data', data),
            ('seeds', config['seeds']),
            ('sample_seeds', config.get('sample_seeds')),
            ('sessions', []),
            ('parameters_sha256', None),
            ('outputs', None),
            ('ran_on', provenance.describe()),
        ])

    def begin_or_resume(self, resumed, output):
        """Open the log and write what a run needs to go on.

        Parameters
        ----------
        resumed : bool, whether the folder is that of a run that goes on
        output : progress.Output
        """
        if resumed:
            self.resume(output)
            output.start_log(self.folder.open_log())
        else:
            output.start_log(self.folder.open_log())
            self.begin()
            # The last thing without which a run cannot go on.
            self.folder.write_json('config.json', self.config)
        output.line('Results go to %s' % self.folder.path)

    def begin(self):
        """Write the manifest of a run that starts."""
        self._session([])
        self._write()

    def resume(self, output):
        """Take over from the manifest of a run that goes on.

        Raises
        ------
        UserError if the settings or the data are not those it began with
        """
        was = read(self.folder.path)
        config = read_config(self.folder.path)
        for key in ('settings', 'seeds', 'sample_seeds', 'runs'):
            check_same(key, config.get(key), self.config.get(key))
        for key in ('sha256', 'sha256_as_trained'):
            check_same('data/' + key, was['data'].get(key),
                       self.content['data'].get(key))
        differing = provenance.differences(was['ran_on'],
                                           self.content['ran_on'])
        for sentence in differing:
            output.line('Not as when the run began: ' + sentence,
                        always=True)
        self.content = was
        self.content['status'] = 'running'
        self.content['outputs'] = None
        self._session(differing)
        self._write()

    def _session(self, differing):
        self.content['sessions'].append(OrderedDict([
            ('started_utc', utc(self._started)), ('ended_utc', None),
            ('seconds', None), ('resumed_from_epoch', None),
            ('not_as_before', differing)]))

    def record(self, key, value):
        """Add what was found out on the way to config.json."""
        self.config[key] = value
        self.folder.write_json('config.json', self.config)

    def end(self, status, parameters, resumed_from=None):
        """Write the crate's metadata and the manifest of a run that ended.

        Nothing may be written to the folder afterwards.

        Parameters
        ----------
        status : 'complete', 'diverged' or 'stopped early'
        parameters : OrderedDict, model -> its hashes at ``start``, at
            ``evaluations`` (pairs with the epoch) and at the ``end``
        resumed_from : OrderedDict, model -> epoch; None if nothing was
        """
        now = time.time()
        self.content['sessions'][-1].update([
            ('ended_utc', utc(now)),
            ('seconds', round(now - self._started, 3)),
            ('resumed_from_epoch', resumed_from)])
        self.content['status'] = status
        self.content['parameters_sha256'] = parameters
        names = [name for name in outputs(self.folder.path)
                 if name != crate.NAME]
        self.folder.write_json(crate.NAME, crate.metadata(
            self.content, self.config, names + [NAME]))
        self.content['outputs'] = outputs(self.folder.path)
        self._write()
        if status in FINISHED:
            discard_checkpoints(self.folder.path)

    def _write(self):
        self.folder.write_json(NAME, self.content)


def discard_checkpoints(path):
    """Remove the checkpoints of a run of which nothing is left to do."""
    for name in checkpoints.below(path):
        os.unlink(name)

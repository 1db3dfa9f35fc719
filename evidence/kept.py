"""What is kept of a finished run: its numbers, how it was made, few figures.

    evidence/kept/NAME/metrics.json   the run's, without its learning curves
                      /config.json    the run's, without the machine's folders
                      /kept.json      command, seconds, version, hashes
                      /figures/*.pdf  those that the report shows

No parameters and no data are kept, no path and no name of the machine.
"""
from __future__ import division, print_function

import os
import pipes
import re
import shutil
import socket
import tempfile
from collections import OrderedDict

from untapped.errors import InputError, UserError
from untapped.experiments import options as command_line
from untapped.files import hashes, plain_json, regular
from untapped.report import paper
from untapped.runs import manifest as manifests
from untapped.runs.run_folder import to_json
from untapped.studies import quantities

__all__ = ['FOLDER', 'Kept', 'LARGEST', 'NAME', 'all_kept', 'foreign',
           'keep']

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'kept')
NAME = re.compile(r'[a-z0-9]+(-[a-z0-9]+)*\Z')
#: file -> the bytes that it may have; a figure has those of '.pdf'
LARGEST = {'metrics.json': 1 << 20, 'config.json': 1 << 15,
           'kept.json': 1 << 13, '.pdf': 200000}
#: what metrics.json has and the pages do not need
LEFT_OUT = ('last_evaluation', 'rmsecv')
#: of metrics.json, what holds for runs that are kept as one
HEAD = ('experiment', 'preset', 'objective', 'reverse', 'quick', 'data')
#: what holds for the runs of one command alone
OVER_RUNS = ('alphas', 'comparison', 'ablation', 'contrasts',
             'constant_answers')
#: options in which runs that are kept as one may differ
VARIED = ['--seed', '--sample-seed', '--data-seed', '--seeds',
          '--data-seeds', '--split', '--model']
#: options with a value that say where and how fast, not what
PLACES = ['--out', '--name', '--resume', '--jobs', '--dask',
          '--checkpoint-seconds']
SILENT = ('--quiet', '--debug')
#: options whose value is a folder or a file of the machine
FOLDERS = ('--data', '--data-folder', '--endmembers')
NO_FOLDER = ('auto', 'simulated', 'download')
#: of config.json
SETTINGS = ('experiment', 'preset', 'model', 'quick', 'seeds', 'untapped',
            'python', 'packages', 'pins_mode', 'not_as_pinned')
#: names of machines that tell nothing
COMMON = ('', 'localhost', 'untapped', 'python', 'crism', 'libs', 'mnist')
#: a path from the root of a machine
_PATH = re.compile(r'(?<![\w.:/~)-])/(?:[\w.~-]+/)+[\w.~-]+')


class Kept(object):
    """What is kept under one name: a run, or runs that belong together.

    Attributes
    ----------
    name, experiment : str
    commands : list of str
    seconds : float
        Of all its runs together, by the clock; runs share cores.
    metrics, config, about : OrderedDict
        The three files.
    runs : OrderedDict
        A run's name, which tells its seeds and split -> method's key -> its
        metrics.
    ablation : OrderedDict or None, what is varied
    figures : OrderedDict, a figure's name -> its path
    split : int or str, of the data; 0 is the published one
    """

    def __init__(self, path):
        self.name, self.path = os.path.basename(path), path
        self.metrics, self.config, self.about = [
            plain_json.read(os.path.join(path, each), LARGEST[each],
                            native=False)
            for each in ('metrics.json', 'config.json', 'kept.json')]
        self.experiment = str(self.metrics['experiment'])
        self.commands = self.about['commands']
        self.seconds = self.about['seconds']
        self.runs = self.metrics['runs']
        self.ablation = self.metrics.get('ablation')
        self.split = self.metrics['data'].get('split', 0)
        folder = os.path.join(path, 'figures')
        names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
        self.figures = OrderedDict(
            (name[:-len('.pdf')], os.path.join(folder, name))
            for name in names)

    def epochs(self):
        """Epochs done of each model, the least of all runs."""
        return min(each['epochs']['done'] for methods in self.runs.values()
                   for each in methods.values() if 'epochs' in each)


def all_kept(folder=FOLDER):
    """Name -> Kept, in the order of their names."""
    names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    return OrderedDict(
        (name, Kept(os.path.join(folder, name))) for name in names
        if NAME.match(name))


def keep(name, runs, figures=(), folder=FOLDER):
    """Keep what the pages need of runs under a name; the new folder.

    Parameters
    ----------
    name : str
        Small letters, digits and hyphens; must not be kept yet.
    runs : list of str
        Folders of runs that have ended, which differ in seeds, split and
        model only.
    figures : sequence of str
        Names of figures, as 'figure5', of the first run.
    folder : str

    Raises
    ------
    InputError
        If one has not ended, has changed since, does not belong to the
        others, is too large, or names a place of the machine; nothing is
        kept then.
    """
    if not NAME.match(name):
        raise UserError('argument NAME: expected small letters, digits and '
                        'hyphens, got %s' % plain_json.shown(name))
    target = os.path.join(folder, name)
    if os.path.lexists(target):
        raise UserError('argument NAME: %s is kept already; remove it with '
                        'git rm -r first' % name)
    files = _files([_Run(path) for path in runs], figures)
    for path, content in files.items():
        _check(path, content)
    if not os.path.isdir(folder):
        os.makedirs(folder)
    made = tempfile.mkdtemp(dir=folder, prefix='.')
    try:
        for path, content in files.items():
            full = os.path.join(made, path)
            if not os.path.isdir(os.path.dirname(full)):
                os.mkdir(os.path.dirname(full))
            with open(full, 'wb') as stream:
                stream.write(content)
        os.chmod(made, 0o755)
        os.rename(made, target)
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise
    return target


class _Run(object):
    """The folder of a run that has ended, which may be made of runs.

    Of runs that were stopped before all had ended, those that had count.
    """

    def __init__(self, path):
        self.path = path
        try:
            found = manifests.read(path)
        except InputError as error:
            raise UserError('argument RUN: %s is no run: %s' % (path, error))
        stopped = found['status'] == 'stopped early'
        if found['status'] == 'running' or manifests.unlike(found, path):
            raise UserError('argument RUN: %s is no run that has ended and '
                            'whose files are as its manifest has them' % path)
        self.metrics, self.config = [self.read(name) for name in (
            'metrics.json', 'config.json')]
        if stopped and 'runs' not in self.metrics:
            raise UserError('argument RUN: %s was stopped early; --resume '
                            'goes on with it' % path)
        self.asked = len(self.config.get('runs') or ['it'])
        #: of those that have ended
        self.names = list(self.metrics.get('runs', ()))
        #: that of a run which trained, the first one
        self.first = os.path.join(
            path, 'runs', self.names[0]) if self.names else path

    def read(self, *name):
        return plain_json.read(os.path.join(self.path, *name))

    def runs(self):
        """A run's name -> method's key -> its metrics."""
        if 'runs' in self.metrics:
            return self.metrics['runs']
        seeds = self.metrics['seeds']
        name = 'seed-%d' % seeds['seed']
        if seeds['data_seed']:
            name = 'data-%d-%s' % (seeds['data_seed'], name)
        if self.metrics['experiment'] == 'libs':
            name += '-split-%02d' % self.metrics['data']['split']
        return OrderedDict([(name, quantities.methods(self.path))])

    def manifests(self):
        """Those of the runs that trained."""
        return [self.read(*(['runs', name] if name else [])
                          + ['manifest.json'])
                for name in self.names or ['']]

    def arguments(self):
        """The command line, without what names the machine's places."""
        return _arguments(self.config['arguments'])

    def study(self):
        """What must be the same in runs that are kept as one."""
        return ([self.metrics.get(key) for key in (
            'experiment', 'preset', 'objective', 'quick', 'ablation')]
            + command_line.without(VARIED, self.arguments()))


def _files(runs, figures):
    """Path -> bytes of what is kept of runs."""
    first = runs[0]
    for each in runs[1:]:
        if each.study() != first.study():
            raise UserError('argument RUN: %s is of another study than %s: '
                            'expected the same options but for %s'
                            % (each.path, first.path, ', '.join(VARIED)))
    metrics = OrderedDict(
        (key, value) for key, value in first.metrics.items()
        if key in HEAD or len(runs) == 1 and key in OVER_RUNS)
    metrics['runs'] = OrderedDict()
    for each in runs:
        for name, methods in each.runs().items():
            there = metrics['runs'].setdefault(name, OrderedDict())
            if set(there) & set(methods) - set(paper.BASELINES):
                raise UserError('argument RUN: %s has %s, as one before it'
                                % (each.path, name))
            there.update(methods)
    files = OrderedDict([
        ('metrics.json', _packed(_slim(metrics))),
        ('config.json', to_json(_config(first)).encode('ascii')),
        ('kept.json', to_json(_about(runs)).encode('ascii'))])
    for figure in figures:
        files['figures/%s.pdf' % figure] = regular.read(
            os.path.join(first.first, 'figures', figure + '.pdf'), 1 << 26)
    return files


def _slim(value):
    """Metrics without what is left out, and no file's path in it."""
    if isinstance(value, dict):
        return OrderedDict((key, _slim(part)) for key, part in value.items()
                           if key not in LEFT_OUT)
    if isinstance(value, list):
        return [_slim(part) for part in value]
    return _without_folder(value) if isinstance(value, str) else value


def _without_folder(text):
    """A file's name without the folder that it lay in."""
    return _PATH.sub(lambda found: os.path.basename(found.group()), text)


def _packed(metrics):
    """JSON, indented, but a list of numbers on one line; bytes."""
    text = to_json(metrics)
    return re.sub(r'\[[^][{}"]*\]', lambda found: ' '.join(
        found.group().split()), text).encode('ascii')


def _config(run):
    """What a run was asked for; its settings are those of its first run."""
    one = plain_json.read(os.path.join(run.first, 'config.json'))
    found = OrderedDict((key, run.config[key]) for key in SETTINGS
                        if key in run.config)
    found['arguments'] = run.arguments()
    found['data'] = OrderedDict(
        (key, _slim(one['data'][key]))
        for key in ('kind', 'source', 'split', 'shapes')
        if key in one['data'])
    found['settings'] = one.get('settings')
    found['pins'] = OrderedDict(
        (key, re.sub(',?compiledir=[^,]*', '', value))
        for key, value in run.config['pins'].items() if value is not None)
    return found


def _arguments(arguments):
    """A command line without what names the machine's places."""
    found = [each for each in command_line.without(PLACES, arguments)
             if each not in SILENT]
    for position, each in enumerate(found):
        option, given, value = each.partition('=')
        if option not in FOLDERS:
            continue
        if given and value not in NO_FOLDER:
            found[position] = option + '=FOLDER'
        elif not given and found[position + 1] not in NO_FOLDER:
            found[position + 1] = 'FOLDER'
    return found


def _about(runs):
    """kept.json: how the runs were made, and the hashes of their files."""
    timed = sum([each.manifests() for each in runs], [])
    sessions = [session for found in timed for session in found['sessions']]
    ran_on = [found['ran_on'] for found in timed]
    return OrderedDict([
        ('commands', [_command(each) for each in runs]),
        ('runs', len(timed)),
        ('asked', sum(each.asked for each in runs)),
        ('sessions', len(sessions)),
        ('seconds', sum(session.get('seconds') or 0.
                        for session in sessions)),
        ('untapped', ran_on[0]['code']['version']),
        ('commits', sorted(set(each['code']['commit'] or 'unknown'
                               for each in ran_on))),
        ('code_sha256', sorted(set(each['code']['sha256']
                                   for each in ran_on))),
        ('processors', sorted(set(each['processor']['name']
                                  for each in ran_on))),
        ('sha256', [OrderedDict(
            (name, hashes.file_sha256(os.path.join(each.path, name)))
            for name in ('metrics.json', 'config.json', 'manifest.json'))
            for each in runs])])


def _command(run):
    return ' '.join(['python', _program(
        run.config['experiment'], run.config['arguments'])]
        + [pipes.quote(each) for each in run.arguments()])


def _program(experiment, arguments):
    named = command_line.named('--experiment', arguments)
    if named:
        return '-m untapped.experiments'
    if experiment == 'raman':
        return '-m untapped.experiments --experiment raman'
    return 'run_%s.py' % experiment


def _check(path, content):
    """One file: its size, and that it tells nothing of the machine."""
    largest = LARGEST['.pdf' if path.endswith('.pdf') else path]
    if len(content) > largest:
        raise UserError('%s has %d bytes, expected at most %d'
                        % (path, len(content), largest))
    if path.endswith('.json'):
        found = foreign(content.decode('ascii'))
        if found:
            raise UserError('%s names a place of this machine: %s'
                            % (path, plain_json.shown(found[0])))


def foreign(text):
    """Paths from the root, and this machine's name, in a text."""
    found = [path for path in _PATH.findall(text) if path != '/dev/null']
    host = socket.gethostname()
    if host not in COMMON and re.search(
            r'(?<![\w.-])%s(?![\w.-])' % re.escape(host), text):
        found.append(host)
    return found

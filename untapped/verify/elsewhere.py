"""One run in many places: processors, a container, threads, locales.

Each experiment's --quick form, from the seed to the last file, is run here
and in every other place that this machine can offer; what the manifests say
of data, parameters and files is held against what they say here.
"""
from __future__ import division, print_function

import os
import subprocess
import sys
import time
from collections import OrderedDict

from untapped import pins
from untapped.archive import differences
from untapped.errors import UserError
from untapped.files import folders
from untapped.files.hashes import listing_sha256
from untapped.files.npz import read_npz
from untapped.runs import manifest
from untapped.verify import compare, runs

__all__ = ['EXPERIMENTS', 'PLACES', 'compare_places', 'differing',
           'differences', 'measure']

EXPERIMENTS = ('crism', 'libs', 'mnist')
SCRIPT = os.path.join(pins.ROOT, 'container', 'check.sh')
EMULATOR = 'qemu-x86_64-static'
#: lines of numbers that differ, of a run
SHOWN = 12


class Place(object):
    """Where a run can be.

    Parameters
    ----------
    name : str
    before : list of str
        What the command line begins with.
    environment : dict
        Variables that are set there.
    container : bool
    pinned : bool, False if a pin is set otherwise there: other bits are told
        and no fault
    """

    def __init__(self, name, before=(), environment=(), container=False,
                 pinned=True):
        self.name, self.before, self.pinned = name, list(before), pinned
        self.environment = dict(environment)
        self.container = container

    def absent(self):
        """Why it cannot be had on this machine, or None."""
        for program in self.before[:1]:
            if _path(program) is None:
                return '%s is not installed' % program
        locale = self.environment.get('LC_ALL')
        if locale and not _has_locale(locale):
            return 'there is no locale %s' % locale
        if self.container and not _has_image():
            return 'no engine has an image %s' % _image()
        return None

    def run(self, experiment, parent):
        """The run's folder; UserError with what it said if it failed."""
        arguments = ['--quick', '--quiet', '--data', 'simulated', '--name',
                     experiment, '--out']
        script = 'run_%s.py' % experiment
        environment = dict(os.environ, **self.environment)
        if self.container:
            os.chmod(parent, 0o777)
            command = ['sh', SCRIPT, 'in', parent] + self._inside() + [
                'python', script] + arguments + ['results']
        else:
            command = self._found() + [
                sys.executable, os.path.join(pins.ROOT, script)
            ] + arguments + [parent]
        process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, universal_newlines=True)
        told = process.communicate()[0].strip().split('\n')
        if process.returncode:
            raise UserError('exit status %d: %s' % (process.returncode,
                                                    told[-1]))
        return os.path.join(parent, experiment)

    def _found(self):
        return [_path(self.before[0])] + self.before[1:] \
            if self.before else []

    def _inside(self):
        """What stands before the command in the container."""
        if not self.before:
            return []
        # the emulator is this machine's; check.sh puts it there
        return ['--with', _path(self.before[0])] + self.before[1:]


PLACES = [
    Place('here'),
    # what should move no bit is moved at once: a decimal comma, an i without
    # a dot, a quarter of an hour
    Place('one processor, Turkish, on the Chatham Islands',
          ['taskset', '-c', '0'],
          {'LC_ALL': 'tr_TR.UTF-8', 'TZ': 'Pacific/Chatham'}),
    Place("somebody's settings, which the pins overrule", environment={
        pins.CHOICE: 'pinned',
        'OPENBLAS_CORETYPE': 'Haswell', 'OPENBLAS_NUM_THREADS': '2',
        'OMP_NUM_THREADS': '2', 'THEANO_FLAGS':
        'floatX=float64,optimizer=fast_run,openmp=True'}),
    Place('two OpenMP threads, locale C, in Tokyo', environment={
        pins.CHOICE: 'environment',
        'OMP_NUM_THREADS': '2', 'LC_ALL': 'C', 'TZ': 'Asia/Tokyo'}),
    Place('two OpenBLAS threads, against a pin', environment={
        pins.CHOICE: 'environment', 'OPENBLAS_NUM_THREADS': '2'},
        pinned=False),
    Place('Nehalem, emulated', [EMULATOR, '-cpu', 'Nehalem']),
    Place('Haswell, emulated', [EMULATOR, '-cpu', 'Haswell']),
    Place('container', container=True),
    Place('container, Nehalem, emulated', [EMULATOR, '-cpu', 'Nehalem'],
          container=True),
    Place('container, Haswell, emulated', [EMULATOR, '-cpu', 'Haswell'],
          container=True),
]


def measure(parent, experiments, only, say):
    """Run each experiment in each place; what `compare_places` takes.

    Parameters
    ----------
    parent : str
        Folder that gets a folder a place.
    experiments : list of str
    only : list of str
        Parts of the names of the places wanted besides the first; empty: all.
    say : callable of str

    Returns
    -------
    OrderedDict
        Name of a place -> experiment -> folder, or a sentence.
    """
    for part in only:
        if not any(part in place.name for place in PLACES[1:]):
            raise ValueError('argument --only: no place is named like %s; '
                             'there are %s' % (part, '; '.join(
                                 place.name for place in PLACES[1:])))
    found = OrderedDict()
    for number, place in enumerate(PLACES):
        if number and only and not any(part in place.name for part in only):
            continue
        folder = os.path.join(parent, place.name.replace(' ', '-'))
        results = found[place.name] = OrderedDict()
        absent = place.absent()
        for experiment in experiments:
            if absent is not None:
                results[experiment] = absent
                continue
            folders.make(folder)
            start = time.time()
            if os.path.isdir(os.path.join(folder, experiment)):
                # of an earlier call that kept it
                results[experiment] = os.path.join(folder, experiment)
                continue
            try:
                results[experiment] = place.run(experiment, folder)
            except UserError as error:
                results[experiment] = str(error)
            say('%s, %s: %.0f s' % (place.name, experiment,
                                    time.time() - start))
    return found


def compare_places(found, say):
    """Tell what differs from the first place; (runs held, runs unlike it).

    Those that were run against a pin count as neither.

    Parameters
    ----------
    found : see `measure`
    say : callable of str
    """
    places = list(found)
    unpinned = [place.name for place in PLACES if not place.pinned]
    held = unlike = 0
    for experiment in found[places[0]]:
        say('')
        say('%s, SHA-256 of the hashes of all files with numbers and '
            'figures' % experiment)
        first = found[places[0]][experiment]
        for name in places:
            here = found[name][experiment]
            if not os.path.isdir(here):
                say('  %-40s not tried: %s' % (name, here))
                continue
            say('  %-40s %s' % (name, digest(here)[:16]))
            if name == places[0] or not os.path.isdir(first):
                continue
            odd = differing(first, here)
            held += name not in unpinned
            unlike += bool(odd) and name not in unpinned
            if odd:
                say('    first in %s; %d files: %s' % (
                    differences.first_difference(first, here), len(odd),
                    ', '.join(odd)))
                lines = described(first, here, odd)
                for line in lines[:SHOWN]:
                    say('    ' + line)
                if lines[SHOWN:]:
                    say('    and %d more' % len(lines[SHOWN:]))
    return held, unlike


def digest(run):
    """SHA-256 over names and hashes of the files that equal runs share."""
    return listing_sha256(_files(run))


def differing(first, second):
    """Names of the files that two runs do not share, sorted."""
    one, other = _files(first), _files(second)
    return sorted(name for name in set(one) | set(other)
                  if one.get(name) != other.get(name))


def described(first, second, names):
    """By how much the numbers of these files differ, a line each."""
    lines = []
    for name in names:
        paths = [os.path.join(run, name) for run in (first, second)]
        if not all(os.path.isfile(path) for path in paths):
            lines.append('%s: only one of the two has it' % name)
            continue
        if name.endswith('.npz'):
            rows = compare.compare_arrays(*[read_npz(path)
                                            for path in paths])
        elif name.endswith('.json'):
            rows = runs.compare_json(first, second, name, ())
        else:
            continue
        lines += ['%s: %s: %s' % (name, row.quantity, row.difference)
                  for row in rows if row.difference]
    return lines


def _files(run):
    return dict((name, entry['sha256']) for name, entry in manifest.read(
        run)['outputs'].items()
        if os.path.basename(name) not in differences.CIRCUMSTANCES)


def _path(program):
    """Where a program is, or None."""
    for folder in os.environ.get('PATH', '').split(os.pathsep):
        path = os.path.join(folder, program)
        if os.path.isfile(path) and os.access(path, os.X_OK):
            return path
    return None


def _has_locale(name):
    """Whether the C library knows a locale; asked in another process, as it
    would hold for this one."""
    with open(os.devnull, 'w') as null:
        return subprocess.call(
            [sys.executable, '-c', 'import locale; locale.setlocale('
             'locale.LC_ALL, "")'], env=dict(os.environ, LC_ALL=name),
            stderr=null) == 0


def _image():
    return os.environ.get('IMAGE', 'untapped')


def _has_image():
    with open(os.devnull, 'w') as null:
        return os.path.isfile(SCRIPT) and subprocess.call(
            ['sh', SCRIPT, 'there'], stdout=null, stderr=null) == 0

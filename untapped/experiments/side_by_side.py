"""Runs side by side: processes of this machine, or tasks of a cluster.

Either way a run is ``python -m untapped.experiments`` in a process of its
own, with a compile folder of its own and the pins of this process.
"""
from __future__ import division, print_function

import glob
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
import warnings
from collections import OrderedDict

from untapped import cluster, pins
from untapped.cluster import tasks
from untapped.errors import DIVERGED, SavingError, UserError
from untapped.experiments import inputs
from untapped.experiments.options import command_line
from untapped.machine import processes, processor, provenance
from untapped.machine.slots import Slot
from untapped.runs import manifest as manifests

__all__ = ['Cluster', 'Processes', 'arguments']

#: seconds between looks at what runs
LOOKS = 0.2
#: seconds between questions to a scheduler
ASKS = 2
#: seconds after which a cluster without workers is worth a word
PATIENCE = 10
#: what of another machine's description may move bits
_MOVES_BITS = ('not_as_pinned', 'pins', 'blas', 'packages', 'python', 'code')


def arguments(options, unit, parent, data, data_folder):
    """The command line of one run.

    Parameters
    ----------
    options : Namespace, of the run that is made of runs
    unit : what has a `name`, of its folder, and `changed`, its own options
        by their keys, as `studies.comparisons.Unit`
    parent : str, where the run's folder is made
    data, data_folder : str or None, in place of the options
    """
    endmembers = options.endmembers
    if endmembers is not None:
        # a worker of a cluster runs in another folder
        endmembers = os.path.abspath(endmembers)
    return command_line(options, **dict(
        unit.changed, data=data, data_folder=data_folder,
        endmembers=endmembers, out=parent, name=unit.name))


class _SideBySide(object):
    """What processes and tasks have in common.

    Parameters
    ----------
    options : Namespace
    raw : datasets.Raw
    output : progress.Output
    interrupts : machine.signals.Interrupts
    """

    def __init__(self, options, raw, output, interrupts):
        self.options, self.raw = options, raw
        self.output, self.interrupts = output, interrupts

    def close(self):
        """Let go of what the constructor took."""

    def run(self, todo, folder, ran_on):
        """Exit status by unit's name; of those that were started.

        Parameters
        ----------
        todo : list of units
        folder : RunFolder, whose runs/ gets a folder for each
        ran_on : OrderedDict, `provenance.describe` of this process
        """
        self.folder, self.ran_on = folder, ran_on
        self.statuses, self.number = {}, len(todo)
        for half in glob.glob(self.folder.join('runs/.*.part')):
            shutil.rmtree(half, ignore_errors=True)
        self._ended(todo)
        waiting = [unit for unit in todo if unit.name not in self.statuses]
        if waiting:
            self._run(waiting)
        return self.statuses

    def _place(self, unit):
        return self.folder.join('runs/' + unit.name)

    def _ended(self, todo):
        """Record what has ended before."""
        for unit in todo:
            status = manifests.finished(self._place(unit))
            if status is not None:
                self.statuses[unit.name] = DIVERGED if status == 'diverged' \
                    else 0
                self.output.line('%s: has ended before' % unit.name)

    def _goes_on(self, unit):
        """Whether there is a run to go on with; what was not one goes."""
        place = self._place(unit)
        if os.path.isfile(os.path.join(place, 'config.json')):
            return True
        # Killed before there was anything to go on from.
        shutil.rmtree(place, ignore_errors=True)
        return False

    def _resumed(self, place):
        line = ['--experiment', self.options.experiment, '--resume', place]
        line += ['--debug'] * self.options.debug
        line += ['--profile'] * self.options.profile
        if self.options.threads is not None:
            line += ['--threads', str(self.options.threads)]
        return line

    def _record(self, unit, status, printed):
        """A run has ended; UserError if it should not have."""
        self.statuses[unit.name] = status
        if status not in (0, DIVERGED) and self.interrupts.signum is None:
            there = os.path.isdir(self.folder.join('runs'))
            raise UserError(
                '%s ended with exit status %d: %s%s' % (
                    unit.name, status, printed.strip().split('\n')[-1],
                    '; --resume %s goes on with all that has ended'
                    % self.folder.path if there else ''))
        ended = [each for each in self.statuses.values()
                 if each in (0, DIVERGED)]
        self.output.line('%s: %s with exit status %d, %d of %d have ended' % (
            unit.name, _ending(status), status, len(ended), self.number))


def _ending(status):
    """How a run ended, by its exit status."""
    if status in (0, DIVERGED):
        return 'done'
    by_signal = status < 0 or status in (128 + signal.SIGINT,
                                         128 + signal.SIGTERM)
    return 'stopped' if by_signal else 'failed'


class Processes(_SideBySide):
    """Processes of this machine, --jobs of them."""

    def _run(self, waiting):
        self.running = OrderedDict()    # slot -> (unit, process, log)
        slots = [Slot() for _ in range(min(self.options.jobs or 1,
                                           len(waiting)))]
        self.interrupts.training(self._stop)
        try:
            while waiting or self.running:
                for slot in slots:
                    if (waiting and slot not in self.running
                            and self.interrupts.signum is None):
                        self._start(slot, waiting.pop(0))
                if not self.running:
                    break
                time.sleep(LOOKS)
                for slot in list(self.running):
                    self._collect(slot)
        finally:
            self.interrupts.training(None)
            for _, process, _ in self.running.values():
                if process.poll() is None:
                    process.kill()
                    process.wait()
            for slot in slots:
                slot.release()

    def _start(self, slot, unit):
        if self._goes_on(unit):
            line = self._resumed(self._place(unit))
        else:
            line = arguments(self.options, unit, self.folder.join('runs'),
                             self.options.data, self.options.data_folder)
        environment = processes.environment()
        environment['THEANO_FLAGS'] = slot.flags()
        if (self.options.jobs or 1) > 1:
            environment.setdefault(processor.THREADS, '1')
        if self.options.numerics == 'fast' and pins.mode() == 'pinned':
            # this process's own kernels; the run chooses them itself
            environment.pop('OPENBLAS_CORETYPE', None)
        log = tempfile.TemporaryFile()
        process = subprocess.Popen(
            [sys.executable, '-m', 'untapped.experiments'] + line,
            stdout=log, stderr=subprocess.STDOUT, env=environment,
            preexec_fn=processes.goes_with_its_parent())
        self.running[slot] = unit, process, log
        self.output.line('%s: started' % unit.name)

    def _collect(self, slot):
        unit, process, log = self.running[slot]
        if process.poll() is None:
            return
        del self.running[slot]
        log.seek(0)
        printed = log.read().decode('utf-8', 'replace')
        log.close()
        self._record(unit, process.returncode, printed)

    def _stop(self):
        for _, process, _ in self.running.values():
            if process.poll() is None:
                process.send_signal(signal.SIGINT)


class Cluster(_SideBySide):
    """Tasks of the dask cluster whose scheduler --dask names.

    Run folders come back as bytes: workers need not share this machine's
    files.  The task of a lost worker runs again on another.
    """

    def __init__(self, *arguments):
        super(Cluster, self).__init__(*arguments)
        self.client = cluster.connect(self.options.dask, '--dask')
        self.mark = uuid.uuid4().hex
        self.told = set()
        self.checksums = {}             # seed of simulated data -> SHA-256

    def close(self):
        """Leave the cluster."""
        _quietly(self.client.close, cluster.ANSWERS)

    def _run(self, waiting):
        running = OrderedDict()         # future -> unit
        try:
            for unit in waiting:
                running[self._submit(unit)] = unit
            self.output.line('%d runs wait for the workers of %s' % (
                len(running), self.options.dask))
            self._wait(running)
        finally:
            self.interrupts.training(None)
            _quietly(self.client.cancel, list(running))

    def _submit(self, unit):
        files = {}
        if self._goes_on(unit):
            files = tasks.read_files(self._place(unit))
            line = self._resumed('runs/' + unit.name)
        else:
            line = arguments(self.options, unit, 'runs', *self._data())
        key = 'untapped-%s-%s' % (unit.name, uuid.uuid4().hex)
        with warnings.catch_warnings():
            # dask advises to scatter large objects, but what is scattered is
            # lost with its worker; a task's are kept by the scheduler
            warnings.filterwarnings('ignore', message='Large object')
            return self.client.submit(
                tasks.experiment, key, self.mark, line, unit.name, files,
                cluster.variables(self.options.numerics),
                self._checksums(unit), key=key)

    def _checksums(self, unit):
        """SHA-256 of the arrays that a run must be on."""
        seed = unit.changed.get('data_seed', self.options.data_seed)
        if seed not in self.checksums:
            raw = self.raw if seed == self.options.data_seed else \
                inputs.loaded(self.options, seed)
            self.checksums[seed] = dict(raw.checksums())
        return self.checksums[seed]

    def _data(self):
        """--data and --data-folder for a process in another folder."""
        asked, folder = self.options.data, self.options.data_folder
        if asked == 'simulated' or \
                asked == 'auto' and self.raw.kind == 'simulated':
            # also where there is a file
            return 'simulated', None
        if asked in ('auto', 'download'):
            return asked, os.path.abspath(
                folder or os.environ.get('UNTAPPED_DATA') or 'data')
        return os.path.abspath(asked), None

    def _wait(self, running):
        begun = asked = time.time()
        stopping, known = [], False
        self.interrupts.training(lambda: stopping.append(True))
        while running:
            time.sleep(LOOKS)
            for future in [f for f in running if f.done()]:
                self._collect(running.pop(future), future)
            if time.time() - asked < ASKS and known == bool(stopping):
                continue
            asked, known = time.time(), bool(stopping)
            workers = self.client.scheduler_info().get('workers')
            if stopping and not workers:
                break
            if stopping:
                # again and again: a worker may have come since
                _quietly(self.client.run, tasks.stop, self.mark)
            elif not workers and asked - begun > PATIENCE:
                self._tell('%s has no workers; waiting for them'
                           % self.options.dask)

    def _collect(self, unit, future):
        try:
            status, printed, files = future.result()
        except Exception as error:
            raise UserError('%s; --resume %s goes on with all that has ended'
                            % (cluster.explained(error, '--dask'),
                               self.folder.path))
        if files:
            self._keep(unit, files)
        self._record(unit, status, printed)

    def _keep(self, unit, files):
        """The run's folder, whole: it gets its name when all is there."""
        try:
            manifest = json.loads(files['manifest.json'].decode('utf-8'))
            self._compare(unit, manifest['ran_on'])
        except (KeyError, ValueError):
            pass                # it did not come so far
        runs = self.folder.join('runs')
        made = None
        try:
            if not os.path.isdir(runs):
                os.mkdir(runs)
            made = tempfile.mkdtemp(prefix='.' + unit.name + '-',
                                    suffix='.part', dir=runs)
            tasks.write_files(made, files)
            # as mkdir would have made it
            os.chmod(made, os.stat(runs).st_mode)
            shutil.rmtree(self._place(unit), ignore_errors=True)
            os.rename(made, self._place(unit))
            made = None
        except EnvironmentError as error:
            raise SavingError('cannot write %s: %s' % (self._place(unit),
                                                       error.strerror))
        finally:
            if made is not None:
                shutil.rmtree(made, ignore_errors=True)

    def _compare(self, unit, ran_on):
        mine, theirs = [_comparable(each, other) for each, other in (
            (self.ran_on, ran_on), (ran_on, self.ran_on))]
        for sentence in provenance.differences(mine, theirs):
            self._tell('%s: not as here: %s' % (unit.name, sentence),
                       sentence)

    def _tell(self, sentence, once=None):
        if (once or sentence) not in self.told:
            self.told.add(once or sentence)
            self.output.line(sentence, always=True)


def _comparable(ran_on, other):
    """What of a description may move bits, as far as both can know it.

    This process has not loaded every BLAS that a run loads.
    """
    found = OrderedDict((key, ran_on[key]) for key in _MOVES_BITS)
    known = set(each['library'] for each in other['blas'])
    found['blas'] = dict((each['library'], each) for each in ran_on['blas']
                         if each['library'] in known)
    return found


def _quietly(function, *arguments):
    """Call what need not succeed: a scheduler may have gone."""
    try:
        function(*arguments)
    except Exception:
        pass

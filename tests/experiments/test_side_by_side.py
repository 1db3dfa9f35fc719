"""Repeated runs on a cluster: the same bits, whatever happens to them.

The cluster is a scheduler and workers of this machine, and what is killed is
killed.  (What --jobs does is tested in test_runner and test_resume.)
"""
from __future__ import division, print_function

import json
import os
import shutil
import signal
import sys
from collections import OrderedDict

import numpy as np
import pytest

from test_resume import CIRCUMSTANCES, contents, finish, wait_for_checkpoint
from test_runner import read_json, run_here, script, start
from untapped import datasets
from untapped.cluster import tasks
from untapped.errors import InputError
from untapped.experiments import inputs, options, repeats, side_by_side
from untapped.machine.signals import Stopped
from untapped.runs import checkpoints
from untapped.runs.run_folder import RunFolder
from untapped.studies.comparisons import Unit

SMALL = ['--batch-size', '20', '--model', 'm2', '--checkpoint-seconds', '0.02']
SHORT = SMALL + ['--epochs', '60', '--eval-every', '60']
TWO = ['--seeds', '2', '--sample-seed', '3', '--name', 'two']
SECOND = ['--seed', '1235', '--sample-seed', '4', '--name', 'seed-1235']


def bits(folder):
    """All that two runs of equal bits have alike, by name."""
    return dict((name, content) for name, content in contents(folder).items()
                if os.path.basename(name) not in CIRCUMSTANCES)


@pytest.fixture(scope='module')
def alone(tiny, tmpdir_factory):
    """What the second seed has where it runs alone, on this machine."""
    parent = tmpdir_factory.mktemp('alone')
    assert run_here(['--data', tiny, '--out', parent] + SHORT + SECOND) == 0
    return bits(str(parent.join('seed-1235')))


class Survivor(object):
    """Two runs on a cluster, of which one lost its worker while it ran."""

    def __init__(self, cluster, soon, tiny, parent):
        cluster.need('one', 'other')
        process = script(['--data', tiny, '--out', parent, '--dask',
                          cluster.address] + SHORT + TWO)
        self.lost = soon(
            lambda: cluster.holder('runs/seed-1235/manifest.json'), process)
        cluster.kill(self.lost)
        self.printed = finish(process)
        self.folder = str(parent.join('two'))


@pytest.fixture(scope='module')
def survivor(cluster, soon, tiny, tmpdir_factory):
    return Survivor(cluster, soon, tiny, tmpdir_factory.mktemp('survivor'))


def test_a_lost_workers_run_is_done_by_another_with_the_same_bits(
        survivor, alone, cluster):
    for seed in ('seed-1234', 'seed-1235'):
        assert seed + ': done with exit status 0' in survivor.printed
    assert 'not as here' not in survivor.printed
    assert sorted(os.listdir(os.path.join(survivor.folder, 'runs'))) == [
        'seed-1234', 'seed-1235']
    assert bits(os.path.join(survivor.folder, 'runs', 'seed-1235')) == alone
    hashes = read_json(survivor.folder, 'manifest.json')['parameters_sha256']
    assert hashes['runs/seed-1235/m2'] == alone['hashes']['m2']
    # the worker that lives keeps nothing of a task that ended
    assert cluster.holder('runs') is None


def test_a_killed_run_goes_on_on_a_cluster_with_the_same_bits(
        survivor, alone, cluster, tiny, tmpdir):
    folder = str(tmpdir.join('two'))
    shutil.copytree(survivor.folder, folder)
    shutil.rmtree(os.path.join(folder, 'runs', 'seed-1235'))
    # as it was before the other had ended
    manifest = read_json(folder, 'manifest.json')
    manifest.update(status='running', outputs=None, parameters_sha256=None)
    tmpdir.join('two', 'manifest.json').write(json.dumps(manifest))
    parent = tmpdir.join('two', 'runs')
    process = start(['--data', tiny, '--out', parent] + SHORT + SECOND)
    wait_for_checkpoint(process, tmpdir.join('two'), 20, 'seed-1235')
    process.kill()
    process.communicate()
    out = finish(script(['--resume', folder, '--dask', cluster.address]))
    assert 'seed-1234: has ended before' in out
    with open(str(parent.join('seed-1235', 'log.txt'))) as stream:
        assert 'Going on after epoch' in stream.read()
    assert bits(str(parent.join('seed-1235'))) == alone


def test_ctrl_c_brings_back_what_was_learned_on_a_cluster(
        cluster, soon, tiny, tmpdir):
    cluster.need('one')
    process = script(['--data', tiny, '--out', tmpdir, '--dask',
                      cluster.address, '--epochs', '100000'] + SMALL + TWO)
    # a worker that comes after the tasks takes them in any order
    soon(lambda: cluster.holder('runs/seed-*/checkpoint-*'), process)
    process.send_signal(signal.SIGINT)
    out, told = process.communicate()
    assert process.returncode == 130, out + told
    assert 'Traceback' not in told
    folder = str(tmpdir.join('two'))
    assert '--resume %s goes on' % folder in out
    runs = os.path.join(folder, 'runs')
    began = [os.path.join(runs, name) for name in os.listdir(runs)
             if checkpoints.names(os.path.join(runs, name))]
    assert began
    for each in began:
        assert read_json(each, 'metrics.json')['status'] == 'stopped early'
    assert cluster.holder('runs') is None


@pytest.mark.parametrize('arguments, part', [
    (['--dask', 'nowhere'], "a dask scheduler, such as tcp://host:8786, got "
     "'nowhere' (missing port"),
    (['--dask', 'tcp://127.0.0.1:1'], 'Connection refused'),
    (['--dask', ''], "got '' (no address)"),
    (['--dask', 'tcp://127.0.0.1:1', '--jobs', '2'],
     'argument --jobs: expected without --dask'),
    (['--dask', 'tcp://127.0.0.1:1', '--seeds', '1'],
     '(--seeds, --data-seeds) or --alphas search, got one run'),
])
def test_a_cluster_that_cannot_be_is_one_sentence(
        tiny, tmpdir, capsys, monkeypatch, arguments, part):
    pytest.importorskip('distributed', reason='dask is not installed')
    monkeypatch.setattr('untapped.cluster.ANSWERS', 1)
    try:
        status = run_here(['--data', tiny, '--out', tmpdir.join('results')]
                          + SHORT + TWO + arguments)
    except SystemExit as ended:
        status = ended.code
    assert status == 2
    told = capsys.readouterr()[1]
    assert part in told and told.count('\n') == 1
    assert 'argument --' in told
    assert not tmpdir.join('results').check()


def test_without_dask_the_sentence_names_the_lock(tiny, tmpdir, capsys,
                                                  monkeypatch):
    monkeypatch.setitem(sys.modules, 'distributed', None)
    assert run_here(['--data', tiny, '--out', tmpdir.join('results'),
                     '--dask', 'tcp://127.0.0.1:1'] + SHORT + TWO) == 2
    told = capsys.readouterr()[1]
    assert 'requirements.lock' in told and told.count('\n') == 1
    assert not tmpdir.join('results').check()


class Told(object):
    """An output, and interrupts after a signal."""

    signum = signal.SIGTERM

    def __init__(self):
        self.lines = []

    def line(self, text='', always=False):
        self.lines.append(text)


def test_a_run_that_was_stopped_is_not_done():
    told = Told()
    runs = side_by_side.Processes(None, None, told, told)
    runs.statuses, runs.number = {}, 5
    for name, status in (('a', 0), ('b', 130), ('c', 143), ('d', 3), ('e', 2)):
        runs._record(Unit(name, 0, 0, 0, 0), status, '')
    assert told.lines == [
        'a: done with exit status 0, 1 of 5 have ended',
        'b: stopped with exit status 130, 1 of 5 have ended',
        'c: stopped with exit status 143, 1 of 5 have ended',
        'd: done with exit status 3, 2 of 5 have ended',
        'e: failed with exit status 2, 2 of 5 have ended']


class Ended(object):
    """Stands for processes that made all runs."""

    def __init__(self, *given):
        pass

    def run(self, todo, folder, ran_on):
        for unit in todo:
            os.makedirs(folder.join('runs/' + unit.name))
        return dict((unit.name, 0) for unit in todo)

    def close(self):
        pass


def test_a_stop_while_all_is_reported_says_how_to_go_on(
        tiny, tmpdir, capsys, monkeypatch):
    def report(*given):
        raise Stopped(signal.SIGTERM)

    monkeypatch.setattr(repeats, 'Processes', Ended)
    monkeypatch.setattr(repeats, '_report', report)
    assert run_here(['--data', tiny, '--out', tmpdir] + SHORT + TWO) == 143
    told = capsys.readouterr()[1]
    assert 'stopped at once; --resume %s goes on with what it holds' % (
        tmpdir.join('two')) in told
    assert sorted(os.listdir(str(tmpdir.join('two', 'runs')))) == [
        'seed-1234', 'seed-1235']


def test_other_data_on_a_worker_are_refused(tmpdir):
    assert not tasks._same_data(str(tmpdir), {'x': 'a'})
    tmpdir.join('manifest.json').write('{"data": {"sha256": {"x": "a"}}}')
    assert tasks._same_data(str(tmpdir), {'x': 'a'})
    for other in ({'x': 'b'}, {'x': 'a', 'y': 'c'}):
        with pytest.raises(InputError) as error:
            tasks._same_data(str(tmpdir), other)
        assert '--data: expected the same data' in str(error.value)


# Data seeds -----------------------------------------------------------------

class Here(side_by_side.Processes):
    """Writes what runs would: the data that a command line asks for."""

    most = 9        # runs until it is stopped

    def _run(self, waiting):
        for unit in waiting[:self.most]:
            asked = options.checked(side_by_side.arguments(
                self.options, unit, self.folder.join('runs'), 'simulated',
                None))
            raw = inputs.loaded(asked, asked.data_seed)
            folder = RunFolder(asked.out, 'crism', asked.name)
            folder.write_json('metrics.json', {'methods': {
                key: {'validation': {'kl': float(raw.arrays['x'].mean())},
                      'seeds': [asked.data_seed, asked.seed,
                                asked.sample_seed]}
                for key in ('m2', 'untapped')}})
            folder.write_json('report.json', {'sections': []})
            self._record(unit, 0, '')
        if len(waiting) > self.most:
            self.interrupts.signum = signal.SIGTERM


def simulate(seed=0):
    """Small spectra of CRISM that depend on the seed."""
    rng = np.random.RandomState(seed)
    y = np.vstack([rng.dirichlet(np.ones(3) * 20, 60),
                   rng.dirichlet(np.ones(3), 30)])
    endmembers = rng.uniform(.2, .8, (8, 4))
    return datasets.Raw('crism', OrderedDict([
        ('x', y.dot(endmembers[:, :0:-1].T)), ('y', y),
        ('endmembers', endmembers)]), 'simulated (seed %d)' % seed,
        'simulated', {'outputs': ['a', 'b', 'c'], 'waves': np.arange(8),
                      'waves_unit': 'channel'})


@pytest.fixture
def simulated(monkeypatch):
    """CRISM with that simulation, runs in this process."""
    class Simulator(object):
        pass

    Simulator.simulate = staticmethod(simulate)
    monkeypatch.setitem(datasets.SIMULATORS, 'crism', Simulator)
    monkeypatch.setattr(repeats, 'Processes', Here)
    monkeypatch.setattr(repeats, '_hashes', lambda folder, done: {})


def test_data_seeds_vary_data_and_seeds_and_go_on_after_a_stop(
        simulated, tmpdir, monkeypatch):
    folder = str(tmpdir.join('both'))
    monkeypatch.setattr(Here, 'most', 1)
    assert run_here(['--data', 'simulated', '--out', tmpdir, '--name', 'both',
                     '--data-seeds', '2', '--data-seed', '7']) == 143
    found = read_json(folder, 'metrics.json')
    assert list(found['runs']) == ['data-7-seed-1234']
    monkeypatch.setattr(Here, 'most', 9)
    shutil.rmtree(os.path.join(folder, 'runs'))
    assert run_here(['--resume', folder]) == 0
    found = read_json(folder, 'metrics.json')
    runs = [found['runs'][name]['untapped'] for name in (
        'data-7-seed-1234', 'data-8-seed-1235')]
    assert [each['seeds'] for each in runs] == [[7, 1234, 1], [8, 1235, 2]]
    assert [each['validation']['kl'] for each in runs] == [
        float(simulate(seed).arrays['x'].mean()) for seed in (7, 8)]
    assert found['comparison']['over'] == (
        '2 data seeds, each with draws and initial weights of its own')
    assert found['comparison']['quantities']['validation/kl']['tested'] == 2
    assert found['data']['source'] == (
        'simulated (seed 7); data seeds 7 to 8')


def test_files_do_not_vary_with_a_data_seed(tiny, tmpdir, capsys):
    assert run_here(['--data-folder', os.path.dirname(tiny), '--out',
                     tmpdir.join('results'), '--data-seeds', '2']) == 2
    told = capsys.readouterr()[1]
    assert '--data-seeds: expected with simulated data alone, got file' \
        in told and told.count('\n') == 1
    assert not tmpdir.join('results').check()


def test_a_worker_is_held_to_the_data_of_its_runs_seed(simulated):
    asked = options.parse('crism', ['--data-seeds', '2'])
    runs = side_by_side.Cluster.__new__(side_by_side.Cluster)
    runs.options, runs.raw, runs.checksums = asked, simulate(), {}
    for unit in repeats.units(asked):
        assert runs._checksums(unit) == dict(
            simulate(unit.data_seed).checksums())

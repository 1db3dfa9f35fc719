"""A task's process begins, answers, and ends with whoever waits for it."""
from __future__ import division, print_function

import functools
import os
import pickle
import subprocess
import sys
import time
import uuid

import pytest

from untapped import cluster as clusters
from untapped.cluster import tasks
from untapped.errors import InputError

#: what `tasks.call` leaves in its folder while it runs
RUNNING = 'call.pickle'


@pytest.fixture
def client(cluster):
    cluster.need('one', 'other')
    made = clusters.connect(cluster.address)
    yield made
    made.close()


def submit(client, function, *arguments):
    call = pickle.dumps(Partial(function, arguments), 2)
    key = 'test-' + uuid.uuid4().hex
    return client.submit(tasks.call, key, call, {}, clusters.variables(),
                         key=key)


class Partial(object):
    """A call that pickles without this module."""

    def __init__(self, function, arguments):
        self.function, self.arguments = function, arguments

    def __reduce__(self):
        return functools.partial, (self.function,) + self.arguments


def ends(cluster, soon):
    soon(lambda: cluster.holder(RUNNING) is None or None, cluster.scheduler)


def begins(cluster, soon):
    return soon(lambda: cluster.holder(RUNNING), cluster.scheduler)


def test_a_call_is_made_with_the_callers_pins(client, cluster, monkeypatch,
                                              soon):
    monkeypatch.setenv('UNTAPPED_PINS', 'environment')
    monkeypatch.setenv('OPENBLAS_CORETYPE', 'Prescott')
    for name in ('OPENBLAS_CORETYPE', 'THEANO_FLAGS'):
        well, value = pickle.loads(submit(client, os.getenv, name).result(60))
        assert well
        if name == 'OPENBLAS_CORETYPE':
            assert value == 'Prescott'
        else:
            assert 'optimizer=fast_compile' in value
    ends(cluster, soon)


def test_two_calls_at_once_compile_in_two_folders(client):
    calls = [submit(client, subprocess.check_output,
                    ['sh', '-c', 'sleep 3; echo "$THEANO_FLAGS"'])
             for _ in range(2)]
    assert len(set(pickle.loads(each.result(60)) for each in calls)) == 2


def test_a_cancelled_call_ends(client, cluster, soon):
    future = submit(client, time.sleep, 600)
    begins(cluster, soon)
    future.cancel()
    ends(cluster, soon)


def test_a_call_whose_caller_was_killed_ends(cluster, soon):
    cluster.need('one', 'other')
    caller = subprocess.Popen([sys.executable, '-c', '''
import sys, time
sys.path[:0] = %r
import test_tasks
from untapped import cluster
future = test_tasks.submit(cluster.connect(%r), time.sleep, 600)
time.sleep(600)
''' % (sys.path, cluster.address)])
    soon(lambda: cluster.holder(RUNNING), caller)
    caller.kill()
    caller.wait()
    ends(cluster, soon)


def test_a_lost_workers_call_is_made_by_another(client, cluster, soon):
    future = submit(client, time.sleep, 5)
    cluster.kill(begins(cluster, soon))
    assert pickle.loads(future.result(120)) == (True, None)


def test_a_process_that_dies_is_told(client):
    future = submit(client, os._exit, 7)
    with pytest.raises(RuntimeError) as error:
        future.result(60)
    assert 'exit status 7' in str(error.value)


def test_what_a_cluster_does_wrong_is_one_sentence():
    from distributed.scheduler import KilledWorker
    for error, part in (
            (KilledWorker('task', 'worker'), 'its workers ended'),
            (ImportError('No module named untapped'),
             'ImportError: No module named untapped'),
            (InputError('argument --data: other'), 'argument --data: other')):
        told = clusters.explained(error, '--dask')
        assert isinstance(told, InputError) and part in str(told)


def test_a_run_that_was_told_to_stop_does_not_begin(monkeypatch):
    monkeypatch.setattr(tasks, '_stopped', set())
    tasks.stop('mark')
    assert tasks.experiment('key', 'mark', [], 'name', {'a': b''}, {},
                            {}) == (130, '', {})


def test_files_come_back_but_half_written_ones(tmpdir):
    files = {'a.txt': b'\0\1', 'm2/b.npz': b'2'}
    tasks.write_files(str(tmpdir.join('run')), files)
    tmpdir.join('run', 'm2', '.c.npz-x.part').write('half')
    assert tasks.read_files(str(tmpdir.join('run'))) == files
    assert tasks.read_files(str(tmpdir.join('nowhere'))) == {}

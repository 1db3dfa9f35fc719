"""Parts of a job are each done once, by however many threads, and no thread
is in the way of forks, signals and the end of a process."""
from __future__ import division, print_function

import ctypes
import os
import signal
import time

import numpy as np
import pytest

from untapped.compiled import pool
from untapped.compiled.library import built
from untapped.errors import InputError
from untapped.machine import processor

JOB = pool.SIGNATURE + r'''
struct job {
    ptrdiff_t bad, nested, *often;
    struct pool *pool;
};

static int one(void *with, ptrdiff_t number)
{
    const struct job *job = (const struct job *)with;
    for (volatile int i = 0; i < 100 * (number % 7); i++);
    __atomic_add_fetch(job->often + number, 1, __ATOMIC_SEQ_CST);
    return number == job->bad ? -1 : 0;
}

static int several(void *with, ptrdiff_t number)
{
    struct job inner = *(const struct job *)with;
    inner.often += number * inner.nested;
    return inner.pool->run(one, &inner, inner.nested);
}

/* how often each part was done goes to `often` */
extern "C" int job(struct pool *pool, ptrdiff_t count, ptrdiff_t bad,
                   ptrdiff_t nested, ptrdiff_t *often)
{
    struct job job = {bad, nested, often, pool};
    return pool->run(nested ? several : one, &job, count);
}
'''


@pytest.fixture(scope='module')
def library():
    found = ctypes.PyDLL(built(JOB, ['-O1']))
    found.job.argtypes = [ctypes.c_void_p] + [ctypes.c_ssize_t] * 3 + [
        ctypes.c_void_p]
    return found


def run(library, count, bad=-1, nested=0):
    """The status, and how often each part was done."""
    often = np.zeros(count * max(1, nested), 'intp')
    status = library.job(pool.address(), count, bad, nested,
                         often.ctypes.data)
    return status, often


def test_each_part_is_done_once(library, threads):
    rng = np.random.RandomState(0)
    for _ in range(300):
        threads(rng.randint(1, 9))
        for count in rng.randint(1, 200, size=3):
            status, often = run(library, count)
            assert status == 0 and (often == 1).all()


def test_more_parts_than_a_job_of_threads_has(library, threads):
    threads(3)
    for count in (0, 65535, 70000):
        assert (run(library, count)[1] == 1).all()


def test_an_error_in_a_part_is_the_jobs_and_all_parts_are_done(library,
                                                               threads):
    for count in (1, 4):
        threads(count)
        status, often = run(library, 50, bad=17)
        assert status == -1 and (often == 1).all()
        assert run(library, 50)[0] == 0


def test_a_job_within_a_part_is_the_parts(library, threads):
    threads(3)
    status, often = run(library, 20, nested=30)
    assert status == 0 and (often == 1).all()
    # and the next job has threads again
    assert (run(library, 20)[1] == 1).all()


def test_threads_that_sleep_wake_up(library, threads):
    threads(4)
    for _ in range(5):
        time.sleep(.01)
        assert (run(library, 64)[1] == 1).all()


def alive():
    """The threads of this process."""
    return len(os.listdir('/proc/self/task'))


needs_proc = pytest.mark.skipif(not os.path.exists('/proc/self/task'),
                                reason='needs /proc')


@needs_proc
def test_there_are_as_many_threads_as_were_asked_for(library, threads):
    threads(1)
    before = alive()
    for count in (5, 2, 3, 1):
        threads(count)
        run(library, 100)
        assert alive() - before == count - 1


def in_a_fork(function, kill=None):
    """The exit status of a forked process that calls a function; negative:
    the signal that ended it.  A signal is sent when it says that it is there.
    """
    told, tell = os.pipe()
    child = os.fork()
    if not child:
        status = 99
        try:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            signal.alarm(60)
            status = function(tell)
        finally:
            os._exit(status)
    os.close(tell)
    if kill is not None:
        os.read(told, 1)
        os.kill(child, kill)
    os.close(told)
    status = os.waitpid(child, 0)[1]
    return -os.WTERMSIG(status) if os.WIFSIGNALED(status) else \
        os.WEXITSTATUS(status)


def test_a_forked_process_has_the_threads_that_were_asked_for(library,
                                                              threads):
    threads(3)
    run(library, 100)

    def child(tell):
        alright = (run(library, 100)[1] == 1).all() and pool.count() == 3
        return 0 if alright and in_a_fork(
            lambda tell: int(run(library, 9)[1].sum() != 9)) == 0 else 1
    assert in_a_fork(child) == 0
    assert (run(library, 100)[1] == 1).all()


@needs_proc
def test_a_forked_process_that_asks_for_none_has_one_thread(library,
                                                            threads):
    threads(3)
    run(library, 100)
    threads(None)

    def child(tell):
        run(library, 100)
        return pool.count() + alive()
    assert in_a_fork(child) == 2


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM,
                                    signal.SIGKILL])
def test_a_signal_ends_a_process_whose_threads_work(library, threads, number):
    threads(4)

    def child(tell):
        try:
            run(library, 1000)
            os.write(tell, b'.')
            while True:
                run(library, 1000)
        except KeyboardInterrupt:
            run(library, 100)
            return 130
    assert in_a_fork(child, number) == {signal.SIGINT: 130}.get(number,
                                                                -number)


def test_a_variable_says_how_many_threads(threads, monkeypatch):
    threads(None)
    monkeypatch.setenv(processor.THREADS, '5')
    assert pool.count() == 5
    threads(2)
    assert pool.count() == 2
    for text in ('0', 'two', '-1'):
        monkeypatch.setenv(processor.THREADS, text)
        with pytest.raises(InputError) as error:
            processor.threads()
        assert str(error.value) == (
            'UNTAPPED_THREADS: expected a whole number above 0, got %r' %
            text)

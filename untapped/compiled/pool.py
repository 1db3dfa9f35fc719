"""Threads that share a step's work out by position.

A job is a function and a number of parts.  What a part computes depends on
its number alone, so that neither the count of threads nor who is faster can
touch a bit.  Threads are started when they are first needed, look for work
for a moment after each job, and then sleep.  There is one pool for all
functions of a process.  A forked process has none of its parent's threads,
and starts its own.
"""
from __future__ import division, print_function

import ctypes
import os

from untapped.compiled.library import built
from untapped.machine import processor

__all__ = ['MOST', 'SIGNATURE', 'TEXT', 'address', 'count', 'use']

#: threads of a pool
MOST = 64

#: of what the pool calls, and of the pool as what it is given to sees it
SIGNATURE = '''\
#include <stddef.h>

/* part `number` of a job; below 0: an error */
typedef int part(void *what, ptrdiff_t number);

/* runs all parts of a job; below 0 if one of them was an error */
struct pool {
    int threads;
    int (*run)(part *what, void *with, ptrdiff_t count);
};
'''

TEXT = SIGNATURE + r'''
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

enum {
    MOST = %(most)d,
    /* nanoseconds that a thread looks for work, or the caller for the end of
       it, before it sleeps */
    PATIENCE = 100000,
    /* parts of a job, at most */
    PARTS = 65535
};

/* who may read or write it: whoever has taken a part that is not done yet,
   and the caller while there is none */
static struct {
    part *run;
    void *what;
    unsigned rounding;
} job;

/* the number of the job (32 bits), how many parts it has, and which is next
   (16 bits each): a thread that comes late finds another number, and takes no
   part of a job that it has not seen */
static uint64_t ticket;
static int done, failed, busy, asleep, awaited, wanted = 1, asked;
static int started;
static pthread_t threads[MOST];
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t bell = PTHREAD_COND_INITIALIZER;
static pthread_cond_t finished = PTHREAD_COND_INITIALIZER;

#define GET(x) __atomic_load_n(&x, __ATOMIC_SEQ_CST)
#define SET(x, value) __atomic_store_n(&x, value, __ATOMIC_SEQ_CST)
#define ADD(x, value) __atomic_add_fetch(&x, value, __ATOMIC_SEQ_CST)

static ptrdiff_t parts_of(uint64_t t)
{
    return (t >> 16) & 0xffff;
}

static ptrdiff_t next_of(uint64_t t)
{
    return t & 0xffff;
}

static bool is_left(uint64_t t)
{
    return next_of(t) < parts_of(t);
}

/* how this thread rounds; the caller's way is every thread's */
static unsigned rounding(void)
{
#ifdef __SSE__
    return __builtin_ia32_stmxcsr() & ~63u;
#else
    return 0;
#endif
}

static void round_so(unsigned how)
{
#ifdef __SSE__
    if (how != rounding()) __builtin_ia32_ldmxcsr(how);
#endif
}

static void rest(void)
{
#ifdef __SSE__
    __builtin_ia32_pause();
#endif
}

static int64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * (int64_t)1000000000 + t.tv_nsec;
}

/* takes parts until none is left */
static void work(void)
{
    uint64_t t = GET(ticket);
    while (is_left(t)) {
        if (!__atomic_compare_exchange_n(&ticket, &t, t + 1, false,
                                         __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
            continue;
        round_so(job.rounding);
        if (job.run(job.what, next_of(t)) < 0) SET(failed, 1);
        if (ADD(done, 1) == parts_of(t) && GET(awaited)) {
            pthread_mutex_lock(&gate);
            pthread_cond_signal(&finished);
            pthread_mutex_unlock(&gate);
        }
        t = GET(ticket);
    }
}

/* a thread, from its first job until the pool wants fewer */
static void *live(void *number)
{
    const int mine = (int)(intptr_t)number;
    while (GET(wanted) > mine) {
        work();
        const int64_t end = now() + PATIENCE;
        do
            for (int i = 0; i < 20 && !is_left(GET(ticket)); i++) rest();
        while (!is_left(GET(ticket)) && now() < end);
        if (is_left(GET(ticket))) continue;
        pthread_mutex_lock(&gate);
        ADD(asleep, 1);
        while (!is_left(GET(ticket)) && GET(wanted) > mine)
            pthread_cond_wait(&bell, &gate);
        ADD(asleep, -1);
        pthread_mutex_unlock(&gate);
    }
    return NULL;
}

static void ring(void)
{
    pthread_mutex_lock(&gate);
    pthread_cond_broadcast(&bell);
    pthread_mutex_unlock(&gate);
}

/* the threads that are wanted, or as many as there can be; signals are for
   the thread that Python runs on */
static void start(void)
{
    pthread_attr_t how;
    sigset_t all, before;
    if (started >= GET(wanted) - 1) return;
    if (pthread_attr_init(&how)) return;
    pthread_attr_setstacksize(&how, 8 << 20);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (started < GET(wanted) - 1) {
        if (pthread_create(threads + started, &how, live,
                           (void *)(intptr_t)(started + 1))) {
            SET(wanted, started + 1);
            break;
        }
        started++;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&how);
}

static void await(ptrdiff_t count)
{
    const int64_t end = now() + PATIENCE;
    do
        for (int i = 0; i < 20; i++) {
            if (GET(done) == count) return;
            rest();
        }
    while (now() < end);
    pthread_mutex_lock(&gate);
    SET(awaited, 1);
    while (GET(done) != count) pthread_cond_wait(&finished, &gate);
    SET(awaited, 0);
    pthread_mutex_unlock(&gate);
}

static int alone(part *run, void *what, ptrdiff_t count)
{
    int status = 0;
    for (ptrdiff_t i = 0; i < count; i++)
        if (run(what, i) < 0) status = -1;
    return status;
}

static int share(part *run, void *what, ptrdiff_t count)
{
    if (count < 2 || count > PARTS || GET(wanted) < 2)
        return alone(run, what, count);
    /* a part that has a job of its own, or a second caller */
    if (__atomic_exchange_n(&busy, 1, __ATOMIC_SEQ_CST))
        return alone(run, what, count);
    start();
    job.run = run;
    job.what = what;
    job.rounding = rounding();
    SET(done, 0);
    SET(failed, 0);
    SET(ticket, ((GET(ticket) >> 32) + 1) << 32 | (uint64_t)count << 16);
    if (GET(asleep)) ring();
    work();
    await(count);
    const int status = -GET(failed);
    SET(busy, 0);
    return status;
}

static struct pool pool = {1, share};

/* in a forked process */
static void forked(void)
{
    const pthread_mutex_t open = PTHREAD_MUTEX_INITIALIZER;
    const pthread_cond_t silent = PTHREAD_COND_INITIALIZER;
    memcpy(&gate, &open, sizeof gate);
    memcpy(&bell, &silent, sizeof bell);
    memcpy(&finished, &silent, sizeof finished);
    ticket = 0;
    started = done = failed = busy = asleep = awaited = 0;
    if (!asked) pool.threads = wanted = 1;
}

__attribute__((constructor)) static void follow_forks(void)
{
    pthread_atfork(NULL, NULL, forked);
}

/* so many threads from now on; `always`: in forked processes, too */
extern "C" void use(int count, int always)
{
    count = count < 1 ? 1 : count > MOST ? MOST : count;
    SET(wanted, count);
    pool.threads = count;
    asked = always;
    ring();
    while (started > count - 1) pthread_join(threads[--started], NULL);
}

extern "C" struct pool *the_pool(void)
{
    return &pool;
}
''' % dict(most=MOST)


class _Pool(object):
    """This process's pool, and how many threads it was asked for."""

    def __init__(self):
        self.library, self.asked, self.process = None, None, os.getpid()


_this = _Pool()


def use(threads):
    """From now on, run steps on so many threads.

    Forked processes do the same.  Where nothing was asked for, a process has
    as many as `processor.threads` says; a forked one has one, as it is not
    alone.

    Parameters
    ----------
    threads : int, at most ``MOST`` are used; None: nothing is asked for
    """
    _this.asked = threads
    if _this.library is not None:
        _this.library.use(count(), int(threads is not None))


def count():
    """The threads that steps run on."""
    wanted = _this.asked
    if wanted is None:
        forked = os.getpid() != _this.process
        wanted = 1 if forked else processor.threads()
    return min(wanted, MOST)


def address():
    """Where the pool is, for what is compiled.

    Raises
    ------
    RuntimeError : g++ fails
    """
    if _this.library is None:
        library = ctypes.PyDLL(built(TEXT, ['-O2', '-pthread']))
        library.use.argtypes = [ctypes.c_int] * 2
        library.use.restype = None
        library.the_pool.restype = ctypes.c_void_p
        library.use(count(), int(_this.asked is not None))
        _this.library = library
    return _this.library.the_pool()

"""Models in several threads.  Nothing is compiled: all runs in Python."""
from __future__ import division, print_function

import copy
import os
import pickle
import signal
import sys
import threading
import time

import lasagne
import numpy as np
import pytest

from tiny import data, model
from untapped.model.locks import Lock
from untapped.model.networks import weights_from

pytestmark = pytest.mark.usefixtures('in_python')


@pytest.fixture(autouse=True)
def threads_take_turns_often():
    before = sys.getcheckinterval()
    sys.setcheckinterval(1)
    yield
    sys.setcheckinterval(before)


def at_once(calls):
    """The results of functions that run in threads, or their errors."""
    results = [None] * len(calls)

    def run(number):
        try:
            results[number] = calls[number]()
        except Exception as error:
            results[number] = error

    threads = [threading.Thread(target=run, args=(number,))
               for number in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_models_that_are_built_at_once_have_weights_of_their_own():
    def draw(rng):
        with weights_from(rng):
            time.sleep(.02)
            return lasagne.random.get_rng() is rng

    before = lasagne.random.get_rng()
    assert at_once([lambda: draw(np.random.RandomState(0))] * 3) == [True] * 3
    assert lasagne.random.get_rng() is before


def test_a_thread_may_take_its_lock_again_and_a_failure_gives_it_back():
    lock = Lock()
    with pytest.raises(KeyError):
        with lock:
            with lock:
                raise KeyError
    taken = at_once([lambda: lock.__enter__() or lock.__exit__()])
    assert taken == [None]


@pytest.mark.parametrize('copied', [
    copy.deepcopy, lambda lock: pickle.loads(pickle.dumps(lock, 2))])
def test_a_copy_of_a_lock_is_free(copied):
    lock = Lock()
    with lock:
        other = copied(lock)
        assert at_once([lambda: other.__enter__() or 'taken']) == ['taken']


def test_a_child_is_not_locked_out_by_a_thread_it_does_not_have():
    lock, held, done = Lock(), threading.Event(), threading.Event()

    def hold():
        with lock:
            held.set()
            done.wait(30)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(30)
    child = os.fork()
    if not child:
        signal.alarm(10)
        with lock:
            os._exit(0)
    done.set()
    thread.join()
    assert os.waitpid(child, 0)[1] == 0


def test_threads_that_ask_one_model_get_answers_to_their_questions():
    one = model().build()
    given = [np.random.RandomState(n).uniform(size=(n + 1, 6))
             for n in range(4)]
    calls = [lambda x=x: [one.predict(x).tobytes() for _ in range(10)]
             for x in given]
    calls += [lambda: [one.score(data()['X'], data()['y']).tobytes()
                       for _ in range(2)]]
    # means, which do not move a stream
    one.set_params(variational=False)
    expected = [call() for call in calls]
    assert at_once(calls) == expected

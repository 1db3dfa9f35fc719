"""A graph that was compiled before is neither rewritten nor traced again,
and its step has the same bits."""
from __future__ import division, print_function

import os
import shutil

import numpy as np
import pytest
import theano
import theano.tensor as T
from theano.compile.ops import DeepCopyOp
from theano.gof import FunctionGraph

from untapped.compiled import library, linker, plan as plans
from untapped.compiled.modes import step_mode
from untapped.compiled.rewriting import key

X = T.matrix('x')


@pytest.fixture
def empty(tmpdir, monkeypatch):
    """A folder of libraries that holds those of before, but no plans."""
    there = library.folder()
    if os.path.isdir(there):
        shutil.copytree(there, str(tmpdir.join('libraries')),
                        ignore=shutil.ignore_patterns('*.step'))
    folder = tmpdir.join('libraries')
    for room in (library, plans):
        monkeypatch.setattr(room, 'folder', lambda: str(folder))
    yield folder
    # what was compiled need not be compiled again
    for name in os.listdir(str(folder)):
        if name.endswith('.so') and not os.path.exists(
                os.path.join(there, name)):
            shutil.copy(str(folder.join(name)), there)


@pytest.fixture
def traced(monkeypatch):
    """A list that grows with every trace."""
    found = []
    take = linker.Trace

    def counted(*given):
        found.append(given)
        return take(*given)
    monkeypatch.setattr(linker, 'Trace', counted)
    return found


def a_step(factor=.5, mode=None):
    """A function with an update, a constant, a product and a slice."""
    rng = np.random.RandomState(2)
    w = theano.shared(rng.normal(size=(7, 5)).astype('float32'), name='w')
    n = T.iscalar('n')
    rows = X[:n]
    hidden = T.nnet.sigmoid(T.dot(rows, w)) + np.arange(
        5, dtype='float32') * factor
    loss = T.sqr(hidden).mean()
    step = theano.function(
        [X, n], [loss, rows, hidden.sum(axis=0), w],
        updates=[(w, w - T.grad(loss, w))], mode=mode or step_mode())
    return step, w


def ran(step, w, count=(6, 6, 4)):
    x = np.random.RandomState(3).normal(size=(6, 7)).astype('float32')
    found = [np.asarray(a).tobytes() for n in count for a in step(x, n)]
    return found + [w.get_value().tobytes()]


def test_the_second_function_is_not_traced(empty, traced):
    first = ran(*a_step())
    count = len(traced)
    step, w = a_step()
    assert ran(step, w) == first
    assert count == len(traced) == 2        # for 6 rows and for 4
    assert step.fn.sources == []
    wanted = ran(*a_step(mode=theano.Mode(linker='py', optimizer=None)))
    assert [len(a) for a in first] == [len(a) for a in wanted]


def test_other_shapes_are_traced_and_have_the_bits_of_a_rewritten_graph(
        empty, traced):
    ran(*a_step(), count=(6,))
    step, w = a_step()
    found = ran(step, w, count=(6, 5))
    assert len(traced) == 2
    for name in os.listdir(str(empty)):
        if name.endswith('.step'):
            os.unlink(str(empty.join(name)))
    assert ran(*a_step(), count=(6, 5)) == found


def test_a_plan_is_found_in_a_path_with_an_accent(
        empty, traced, tmpdir, monkeypatch):
    include = tmpdir.mkdir('r\xc3\xa9p').join('include')
    include.mksymlinkto(np.get_include())
    monkeypatch.setattr(np, 'get_include', lambda: str(include))
    first = ran(*a_step(factor=.125))
    assert ran(*a_step(factor=.125)) == first and len(traced) == 2


def test_another_constant_is_another_graph(empty, traced):
    ran(*a_step())
    ran(*a_step(factor=.25))
    assert len(traced) == 4


def test_a_damaged_file_is_as_none(empty, traced):
    first = ran(*a_step())
    names = [n for n in os.listdir(str(empty)) if n.endswith('.step')]
    for name, content in zip(names, (b'', b'{}\n')):
        empty.join(name).write(content, 'wb')
    assert ran(*a_step()) == first and len(traced) == 4
    assert ran(*a_step()) == first and len(traced) == 4


def test_a_library_that_has_gone_is_made_again(empty, traced):
    first = ran(*a_step())
    for name in os.listdir(str(empty)):
        if name.endswith('.so'):
            os.unlink(str(empty.join(name)))
    assert ran(*a_step()) == first and len(traced) == 4


def test_a_graph_that_is_left_to_theano_is_rewritten(empty):
    step = theano.function([X], [X, T.argmax(X, axis=1), X * 2],
                           mode=step_mode())
    x = np.eye(3, dtype='float32')
    found = step(x)
    assert step.fn.left_to_theano == 'argmax'
    assert [np.asarray(a).tolist() for a in found] == [
        x.tolist(), [0, 1, 2], (2 * x).tolist()]
    assert found[0] is not x and not np.may_share_memory(found[0], x)


def graph(outputs):
    return FunctionGraph([X], outputs, clone=True)


def test_keys_tell_graphs_apart():
    def expressions():
        return [[T.exp(X)], [T.log(X)], [X * 2], [X * 3], [X + X.T],
                [X.T + X], [X, X.T], [X.T, X], [X.sum(axis=0)],
                [X.sum(axis=1)], [X[1:]], [X[2:]], [X.dimshuffle(0, 'x', 1)]]
    keys = [key(graph(each)) for each in expressions()]
    assert None not in keys and len(set(keys)) == len(keys)
    assert [key(graph(each)) for each in expressions()] == keys


def test_an_operation_without_a_pickle_has_no_key():
    class Local(DeepCopyOp):
        """It cannot be found by its name."""
    assert key(graph([Local()(X)])) is None
    assert key(graph([DeepCopyOp()(X)])) is not None

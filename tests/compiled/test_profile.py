"""Where time goes is told by step, in functions that are asked."""
from __future__ import division, print_function

import csv

import numpy as np
import pytest
import theano
import theano.tensor as T

from untapped.compiled import profile
from untapped.compiled.modes import step_mode

X = T.matrix('x')


@pytest.fixture
def watched(monkeypatch):
    monkeypatch.setattr(profile._this, 'watched', None)


def a_function(name):
    return theano.function([X], [T.dot(T.exp(X), X.T), (X * 2).sum(axis=0)],
                           mode=step_mode(name=name))


def test_rows_tell_what_each_step_does_and_takes(watched):
    x = np.ones((70, 90), 'float32')
    profile.start()
    f = a_function('some step')
    for _ in range(3):
        f(x)
    rows = profile.rows()
    assert [row.function for row in rows] == ['some step'] * len(rows)
    assert sorted(row.step for row in rows) == list(range(len(rows)))
    assert all(row.calls == 3 and row.ms > 0 for row in rows)
    said = dict((row.what, row) for row in rows)
    product = said['product (70 x 90) (90 x 70)']
    assert product.megabytes == pytest.approx(4e-6 * (2 * 70 * 90 + 70 * 70))
    assert any('exp' in what for what in said)
    assert rows == sorted(rows, key=lambda row: -row.ms)


def test_functions_of_one_name_are_told_apart(watched):
    x = np.ones((70, 90), 'float32')
    profile.start()
    for _ in range(2):
        a_function('a step')(x)
    assert set(row.function for row in profile.rows()) == set(
        ['a step', 'a step (2)'])
    lines = profile.table(profile.rows(), most=1)
    assert [line.startswith('a step') for line in lines] == [
        True, False, False] * 2
    assert lines[0].endswith('mean of 1 calls')


def test_csv_has_all_rows(watched):
    profile.start()
    a_function('a step')(np.ones((7, 9), 'float32'))
    rows = list(csv.DictReader(profile.to_csv(profile.rows()).split('\n')))
    assert len(rows) == len(profile.rows())
    assert set(rows[0]) == set(profile.Row._fields)


def test_nobody_looks_at_the_clock_unasked(watched):
    a_function('a step')(np.ones((7, 9), 'float32'))
    assert profile.rows() == []

"""y -> x -> y and back, of maps whose loops are known in closed form."""
from __future__ import division, print_function

import copy
from collections import OrderedDict

import numpy as np
import pytest

from untapped import datasets
from untapped.experiments import build, presets
from untapped.parmesan import streams
from untapped.report import figures
from untapped.report.content import Result
from untapped.studies import evaluation, round_trip


class Model(object):
    """x = (y_0 + z, y_1 - z, z); reads half of y_0 as it is, z as x_2."""

    def predict(self, X):
        return np.column_stack([.5 * (X[:, 0] - X[:, 2]),
                                X[:, 1] + X[:, 2]])

    def infer(self, target, x, y):
        assert target == 'z2' and len(x) == len(y)
        return x[:, 2:]

    def generate(self, y, z2, once):
        assert once
        return np.column_stack([y[:, :1] + z2, y[:, 1:2] - z2, z2])


class Data(object):
    names = ['a', 'b', 'c']
    mean = np.zeros(3)
    meta = {'mean_removed': True}
    X = np.array([[2., 0, 2], [5, 0, 4]])       # z_bar = 3
    y = np.array([[0., 0], [1, 0]])
    # of y (1, 0) and (0, 1), z 1 and -2, with 2 and 0 added to x_0
    X_valid = np.array([[4., -1, 1], [-2, 3, -2]])
    y_valid = np.array([[1., 0], [0, 1]])
    endmembers = None


@pytest.fixture(scope='module')
def answered():
    return round_trip.answers(Model(), Data)


def test_a_row_is_what_comes_back_of_a_pure_part(answered):
    assert answered['round_trip'].tolist() == [
        [.5, 0, .5], [0, 1, 0], [0, 0, 1]]
    found = round_trip.findings(answered, Data)['round_trip']
    assert found['matrix'] == answered['round_trip'].tolist()
    assert list(found['diagonal'].items()) == [('a', .5), ('b', 1), ('c', 1)]
    assert abs(found['mean_diagonal'] - 2.5 / 3) < 1e-12
    # of the first row log 2, but for the parts of 0, which count as 1e-6
    assert abs(found['kl'] - np.log(2) / 3) < 1e-4


def test_x_comes_back_with_the_z_of_its_own(answered):
    # y_0 is read as 1.5 in the place of 3, and as 0 of 0
    assert answered['round_trip_x'].tolist() == [1.5, 0]
    found = round_trip.findings(answered, Data)
    assert found['round_trip']['x_error'] == .75


def test_x_generated_once_is_held_against_the_measured_one(answered):
    # (4, -3, 3) and (3, -2, 3), at z_bar
    expected = [8 ** .5, (25 + 25 + 25) ** .5]
    assert np.allclose(answered['generated_once'], expected, rtol=1e-12)
    assert round_trip.findings(answered, Data)[
        'generation_error_once'] == answered['generated_once'].mean()


def test_without_answers_nothing_is_found():
    assert round_trip.findings({}, Data) == {}


def test_nothing_is_drawn_or_compiled_beyond_what_evaluation_asks():
    """Every random stream stays where training and evaluation left it."""
    settings = presets.preset('crism')
    model = build.model(settings, 3, 2, streams.sample_seeds(
        np.random.RandomState(1))).build()
    data = copy.copy(Data)
    data.X, data.y, data.X_valid, data.y_valid = [
        np.asarray(each, 'float32') for each in (
            Data.X, Data.y, Data.X_valid, Data.y_valid)]
    evaluation.evaluate(model, data)
    evaluation.answers(model, data)
    before = set(model._infer._compiled), np.random.get_state()[1].tolist()
    answered = round_trip.answers(model, data)
    assert before == (set(model._infer._compiled),
                      np.random.get_state()[1].tolist())
    # none of them samples
    assert not [key for key in before[0] if not key[2]]
    assert np.allclose(answered['round_trip'].sum(axis=1), 1)


def result(key, matrix):
    answers = OrderedDict([('round_trip', np.array(matrix, 'float64')),
                           ('round_trip_x', np.ones(4)),
                           ('generated_once', np.ones(4))])
    return Result(key, {'generation_error': 2.}, {},
                  round_trip.findings(answers, Data), answers)


DEAD = [[.2, .3, .5]] * 3


def test_one_answer_for_everything_gives_one_share_in_all():
    found = result('m2', DEAD).findings['round_trip']
    assert abs(found['mean_diagonal'] - 1 / 3) < 1e-12


def test_the_section_tells_the_loop_of_every_method_that_has_it():
    results = [result('pls_published', np.eye(3)),
               Result('pls', {}, {}, {}, {}), result('m2', DEAD),
               result('untapped', np.eye(3))]
    made = round_trip.section(results, Data)
    loop, matrix = made.tables
    assert loop.columns[2:] == ['PLS, published', 'M2', 'Untapped',
                                'Untapped / M2']
    rows = dict((row[0], row[2:5]) for row in loop.rows)
    assert rows['share of c that comes back'] == [1, .5, 1]
    assert rows['the same, generated once'] == [1, 1, 1]
    assert matrix.columns == ['Part put in', 'Method', 'a', 'b', 'c']
    assert matrix.rows[1] == ['a', 'M2', .2, .3, .5]
    told = ' '.join(made.sentences)
    assert 'Untapped is the better in this run' in told
    assert ('M2: after y -> x -> y a pure part comes back as 0.3333 of '
            'itself on average (least 0.2, of a); one answer for all parts '
            'gives 0.3333.') in told


def test_without_any_answer_the_section_says_so():
    made = round_trip.section([Result('m2', {}, {}, {}, {})], Data)
    assert made.sentences and not made.tables and not made.drawings


def test_the_heat_maps_have_every_number_and_both_models_beside_each_other():
    # rounding below 0, as 1 less the sum of the others has it
    m2 = [[1, 1e-9, -1e-9], [.126, .374, .5], [0, 0, 1]]
    made = round_trip.section([result('m2', m2), result('untapped', DEAD)],
                              Data)
    with figures.style():
        figure = made.drawings[0].draw()
        figure.canvas.draw()
    untapped, m2 = figure.axes
    assert [axes.get_title() for axes in figure.axes] == ['Untapped', 'M2']
    assert [text.get_text() for text in m2.texts] == [
        '100', '0', '0', '13', '37', '50', '0', '0', '100']
    assert [text.get_text() for text in untapped.texts] == [
        '20', '30', '50'] * 3
    assert untapped.get_ylabel() == 'pure part put in'


def test_mnists_matrix_has_its_ten_digits():
    data = datasets.prepare(datasets.load('mnist', 'simulated'),
                            np.random.RandomState(0))
    answered = round_trip.answers_of(
        lambda x: np.tile(np.eye(10)[:1], (len(x), 1)),
        lambda y: np.zeros((len(y), data.X.shape[1])), data)
    assert answered['round_trip'].shape == (10, 10)
    found = round_trip.findings(answered, data)['round_trip']
    assert len(found['diagonal']) == 10 and found['mean_diagonal'] == .1

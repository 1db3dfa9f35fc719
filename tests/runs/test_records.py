"""Records and the tables made of them."""
from __future__ import division, print_function

import csv
import json
from collections import OrderedDict

import pytest

from untapped.report import tables
from untapped.runs import records
from untapped.runs.run_folder import RunFolder

TERMS = OrderedDict([('train', ('J', '(15)')), ('M2_x', ('forward', '(8)')),
                     ('M2_y', ('reverse', '(20)'))])


class History(object):
    epochs = [2, 4]
    train = OrderedDict([('train', [3., 1 / 3]), ('M2_y', [.5, .25]),
                         ('M2_x', [float('inf'), 7.])])
    eval1 = OrderedDict([('eval', [4., 2.]), ('M2_y', [1., 2.])])
    evalN = OrderedDict([('eval', [5., 6.]), ('M2_y', [3., 4.])])


@pytest.fixture
def record():
    return records.plain(History)


def test_csv_reads_back_to_the_same_bits(record):
    rows = list(csv.DictReader(records.to_csv(record).splitlines()))
    assert [(r['epoch'], r['record']) for r in rows] == [
        ('2', 'train'), ('2', 'eval1'), ('2', 'evalN'),
        ('4', 'train'), ('4', 'eval1'), ('4', 'evalN')]
    assert float(rows[3]['objective']) == 1 / 3
    assert float(rows[0]['M2_x']) == float('inf')
    assert rows[1]['M2_x'] == ''
    assert [float(r['M2_y']) for r in rows] == [.5, 1, 3, .25, 2, 4]


def test_json_keeps_the_published_names(record, tmpdir):
    folder = RunFolder(str(tmpdir), 'crism')
    records.write(folder, record)
    with open(folder.join('records.json')) as stream:
        back = json.load(stream)
    assert back['epochs'] == [2, 4]
    assert back['train']['train'] == [3., 1 / 3]
    assert back['evalN']['eval'] == [5., 6.]


def test_terms_come_in_the_order_of_their_table(record):
    assert records.in_order(record['train'], TERMS) == ['M2_x', 'M2_y']
    assert records.in_order({'new': 1, 'M2_y': 2}, TERMS) == ['M2_y', 'new']


def test_panels_hold_objectives_terms_and_parts(record):
    record['eval1']['M2_y_rec_z1'] = [8., 9.]
    objective, whole, parts = records.panels(record, TERMS,
                                             ['eval1', 'evalN'])
    assert [values for _, values in objective[1]] == [[4., 2.], [5., 6.]]
    assert whole[1] == [('reverse, (20)', [1., 2.])]
    assert parts[1] == [('M2_y_rec_z1, ', [8., 9.])]


@pytest.mark.parametrize('equation, unit', [
    ('eq. (8)', ', nats'), ('reconstruction', '')])
def test_an_axis_names_the_unit_of_its_terms(record, equation, unit):
    record['train']['M2_y_rec_x'] = [8., 9.]
    terms = {'M2_x': ('x', equation), 'M2_y': ('loss', 'eq. (14)')}
    whole, parts = records.panels(record, terms, ['train'])[1:]
    assert whole[0] == 'terms without weights' + unit
    assert [label for label, _ in whole[1]] == [
        'x, ' + equation, 'loss, eq. (14), in the unit of x']
    assert parts[0] == 'parts of the bounds, nats'


def test_a_panel_without_curves_is_left_out(record):
    assert len(records.panels(record, TERMS, ['train'])) == 2


def test_the_final_table_holds_every_number(record):
    last = OrderedDict([('epoch', 4)])
    last.update(records.last(record))
    text = '\n'.join(tables.results({
        'validation': {'kl': .0625, 'generation_error': 1.5},
        'endmember_error': {'olivine': .75}, 'last_evaluation': last}, TERMS))
    for part in ('0.0625', '1.5', 'olivine', '0.75', 'epoch 4', 'eq. (15)',
                 '0.333333', 'forward', '(20)', '0.25', '7'):
        assert part in text
    # M2_x has no validation value.
    line, = [row for row in text.split('\n') if 'forward' in row]
    assert line.split()[-3:] == ['7', '-', '-']


def test_the_final_table_says_so_without_an_evaluation():
    lines = tables.results({'validation': {'kl': 1.}, 'endmember_error': {},
                            'last_evaluation': None}, TERMS)
    assert 'No evaluation' in lines[-1]


def test_columns_are_aligned():
    assert tables.aligned([['a', '1'], ['long', '10']]) == ['a      1',
                                                            'long  10']

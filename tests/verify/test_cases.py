"""Cases: their data, and those drawn at random."""
from __future__ import division, print_function

import json

import numpy as np

from untapped.verify import cases

SPEC = {'seed': 3, 'features': 6, 'outputs': 2, 'latents': 1,
        'sizes': {'train': [5, 7, 4], 'valid': [3, 7, 4]}}


def test_data_has_the_shapes_asked_for_and_compositions_for_y():
    data = cases.draw_data(SPEC)
    assert [data[name].shape for name in
            ('X', 'y', 'X_', '_y', 'z2', 'X_valid', 'X__valid')] == [
                (5, 6), (5, 2), (7, 6), (4, 2), (4, 1), (3, 6), (7, 6)]
    assert all(array.dtype == 'float32' for array in data.values())
    assert (data['y'] > 0).all() and (data['y'].sum(axis=1) < 1).all()
    assert np.abs(data['z2']).max() <= 1.5


def test_what_a_case_leaves_out_does_not_change_what_it_keeps():
    whole = cases.draw_data(SPEC)
    part = cases.draw_data(dict(SPEC, groups=['y']))
    assert set(part) == set(['_y', 'z2', '_y_valid', 'z2_valid'])
    for name, array in part.items():
        assert array.tobytes() == whole[name].tobytes()


def test_binary_and_positive_features():
    assert set(np.unique(cases.draw_data(dict(SPEC, x='binary'))['X'])) \
        <= set([0., 1.])
    assert (cases.draw_data(dict(SPEC, x='positive'))['X'] > 0).all()


def test_random_cases_repeat_and_a_longer_list_begins_with_the_shorter():
    few, many = cases.random_cases(4, 7), cases.random_cases(9, 7)
    assert few == many[:4]
    assert few != cases.random_cases(4, 8)
    # as they go to another process
    assert json.loads(json.dumps(few[0]))['name'] == 'random-7-0'


def test_random_cases_reach_every_kind_of_model_and_group_of_data():
    drawn = cases.random_cases(200, 0)
    groups = set(tuple(case['data']['groups']) for case in drawn)
    assert len(groups) == 7
    types = set(case['model'].get('model_type') for case in drawn)
    assert types == set([0, 1, 2, None])
    layers = set(net.get('sample_layer') for case in drawn
                 for _, net in case.get('nets', []))
    assert layers == set([None, 'ConcreteSampleLayer',
                          'BernoulliSampleLayer'])
    assert any('grid' in case for case in drawn)
    assert any(case['fits'] == 2 for case in drawn)

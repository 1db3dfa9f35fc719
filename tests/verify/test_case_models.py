"""Answers of a case's model."""
from __future__ import division, print_function

import numpy as np

from untapped.verify import case_models


class Model(object):
    """Answers with how often it was asked."""

    def __init__(self):
        self.asked = 0

    def predict(self, x, deterministic):
        self.asked += 1
        return np.float32(self.asked)


def test_an_earlier_answer_under_the_same_key_is_kept_apart():
    model, arrays = Model(), {}
    data = {'X': np.zeros((2, 2))}
    for certain in (True, False):
        case_models.add_answers(arrays, case_models.probe_arrays(
            model, ['predict', [], {'x': 'X', 'deterministic': certain}],
            data))
    key = 'probe/predict(deterministic,x)0'
    assert arrays[key] == 2.
    assert [value for name, value in arrays.items()
            if name.startswith('earlier/')] == [1.]
    assert len(arrays) == 2

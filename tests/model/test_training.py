"""Training that diverges tells where.

Trained in Python: nothing is compiled.
"""
from __future__ import division, print_function

from collections import OrderedDict

import numpy as np
import pytest

import given_noise
from tiny import data, model
from untapped.model import losses
from untapped.model.locks import Lock
from untapped.model.training import Pass, TrainingDiverged, _most_telling


def test_divergence_names_a_part_before_its_bound():
    assert _most_telling(['train', 'M2_x', 'M2_x_rec_y']) == 'M2_x_rec_y'
    assert _most_telling(['train', 'M2_x']) == 'M2_x'
    assert _most_telling(['train']) == 'train'


class Walk(Pass):
    """A pass whose steps give these rows of numbers."""

    def __init__(self, names, steps):
        self.kind, self.outputs = 'train', OrderedDict.fromkeys(names)
        self.updates, self._dtypes, self.lock = {}, ['int32'] * 6, Lock()
        given = iter(steps)
        self._function = lambda *_: next(given)
        self.data = self
        self.batch_sizes, self.batches = (), lambda _: len(steps)


@pytest.mark.parametrize('steps, names', [
    # before the first NaN of J nothing is lost, after it all is
    ([(1, 1, np.nan), (np.nan, np.nan, 1), (np.nan, np.nan, np.nan)],
     ['train', 'M2_x']),
    ([(1, 1, np.nan)], []), ([(np.inf, 1, 1)], [])])
def test_divergence_names_the_terms_of_the_step_in_which_it_came(steps,
                                                                 names):
    walk = Walk(['train', 'M2_x', 'M2_y'], steps)
    walk.epoch((1, 1))
    assert walk.nan == names


@pytest.mark.parametrize('epochs', [1, 3])
def test_parameters_that_the_last_step_lost_are_told(monkeypatch, epochs):
    """J is infinite in the one step of an epoch, and its gradient NaN."""
    given_noise.compile_nothing(monkeypatch)
    x = np.array(data()['X'])
    x[3, 2] = 0
    one = model(variational=False, coeff_x=0, coeff_y=0, num_epochs=epochs,
                loss_x=losses.REP, batch_size_Xy_train=24)
    before = one.build().parameters_sha256()
    with pytest.raises(TrainingDiverged, match='is not finite') as caught:
        one.fit(x, data()['y'])
    assert caught.value.epoch == 1
    assert caught.value.term.startswith('parameter ')
    assert one.parameters_sha256() == before

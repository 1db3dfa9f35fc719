"""Training that diverges tells where."""
from __future__ import division, print_function

from untapped.model.training import _most_telling


def test_divergence_names_a_part_before_its_bound():
    assert _most_telling(['train', 'M2_x', 'M2_x_rec_y']) == 'M2_x_rec_y'
    assert _most_telling(['train', 'M2_x']) == 'M2_x'
    assert _most_telling(['train']) == 'train'

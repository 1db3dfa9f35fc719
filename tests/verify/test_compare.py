"""Distances in ULP, tables and verdicts; nothing here needs Theano."""
from __future__ import division, print_function

from collections import OrderedDict

import numpy as np
import pytest

from untapped.verify import compare
from untapped.verify.compare import ulp_distance


def floats(*values):
    return np.array(values, dtype='float32')


def test_equal_bits_are_no_distance_apart():
    values = floats(0., -1.5, 1e-40, np.inf, np.nan)
    assert ulp_distance(values, values.copy()) == 0


def test_one_step_between_neighbouring_floats_of_either_sign():
    up = np.nextafter(floats(1., -1.), floats(2., 0.))
    assert ulp_distance(floats(1., -1.), up) == 1


def test_the_two_zeros_are_one_step_apart():
    assert ulp_distance(floats(0.), floats(-0.)) == 1


def test_way_across_zero_counts_both_sides():
    smallest = np.nextafter(floats(0.), floats(1.))
    # -smallest, -0.0, 0.0, smallest
    assert ulp_distance(-smallest, smallest) == 3


def test_a_number_against_nan_is_infinitely_far():
    assert ulp_distance(floats(1., 2.), floats(1., np.nan)) == float('inf')


def test_nans_with_different_bits_are_not_identical():
    quiet = np.array([0x7fc00000], dtype='uint32').view('float32')
    other = np.array([0xffc00000], dtype='uint32').view('float32')
    assert ulp_distance(quiet, other) > 0


def test_infinity_is_one_step_beyond_the_largest_float():
    largest = floats(np.finfo('float32').max)
    assert ulp_distance(largest, floats(np.inf)) == 1


def test_float64_distances_do_not_overflow():
    limit = np.finfo('float64').max
    distance = ulp_distance(np.array([-limit]), np.array([limit]))
    assert distance > 2 ** 63


def test_integers_are_counted():
    assert ulp_distance(np.array([1, 2, 3]), np.array([1, 5, 9])) == 2


def test_shapes_and_types_must_agree():
    with pytest.raises(ValueError, match='one shape'):
        ulp_distance(floats(1.), floats(1., 2.))
    with pytest.raises(ValueError, match='float64'):
        ulp_distance(floats(1.), np.array([1.]))


def test_first_difference_is_an_index_along_the_first_axis():
    a = np.zeros((4, 2), dtype='float32')
    b = a.copy()
    assert compare.first_difference(a, b) is None
    b[2, 1] = 1.
    assert compare.first_difference(a, b) == 2
    assert compare.first_difference(a, a[:3]) == 3


def two_sets():
    want = OrderedDict([
        ('init/00 W', floats(1., 2.)), ('init/01 b', floats(0.)),
        ('epochs/fit 0/00', np.ones((3, 2), dtype='float32')),
        ('fit0/train/M2_x', floats(5., 6.))])
    return want, OrderedDict((k, v.copy()) for k, v in want.items())


def test_identical_sets_give_identical_rows():
    rows = compare.compare_arrays(*two_sets())
    assert [row.quantity for row in rows] == [
        'parameters before training', 'parameters after every epoch of fit 1',
        'record train/M2_x']
    assert all(row.identical for row in rows)
    line, status = compare.verdict(OrderedDict([('case', rows)]))
    assert status == 0
    assert line.startswith('IDENTICAL')
    assert '11 numbers' in line


def test_a_single_bit_is_found_and_its_epoch_named():
    want, have = two_sets()
    have['epochs/fit 0/00'][1, 0] = np.nextafter(np.float32(1),
                                                 np.float32(2))
    rows = compare.compare_arrays(want, have)
    row = [row for row in rows if not row.identical]
    assert len(row) == 1
    assert 'from epoch 2 on' in row[0].difference
    assert 'up to 1 ULP' in row[0].difference
    line, status = compare.verdict(OrderedDict([('case', rows)]))
    assert status == 1
    assert line.startswith('NOT IDENTICAL') and 'epoch 2' in line


def test_negative_zero_for_zero_is_not_identical():
    want, have = two_sets()
    have['init/01 b'] = floats(-0.)
    rows = compare.compare_arrays(want, have)
    assert not rows[0].identical


def test_missing_added_and_reshaped_arrays_are_differences():
    want, have = two_sets()
    del have['fit0/train/M2_x']
    have['other'] = floats(1.)
    have['init/01 b'] = floats(0., 0.)
    texts = [row.difference for row in compare.compare_arrays(want, have)
             if not row.identical]
    assert len(texts) == 3
    assert 'is 2 float32, not 1 float32' in texts[0]
    assert texts[1].startswith('missing')
    assert texts[2] == 'only in the second'


def test_ignored_prefixes_may_be_added_but_not_changed():
    want, have = two_sets()
    have['earlier/probe'] = floats(1.)
    rows = compare.compare_arrays(want, have, ignore=('earlier/',))
    assert all(row.identical for row in rows)


@pytest.mark.parametrize('sections, start', [
    (OrderedDict(), 'NOT COMPARED'),
    (OrderedDict([('case', [])]), 'NOT COMPARED'),
    (OrderedDict([('case', [compare.Row('p', '1', 1)]),
                  ('other', u'exit 1: broken')]), 'NOT COMPARED'),
    (OrderedDict([('case', [compare.Row('p', '1', 1, '3 ULP')])]),
     'NOT IDENTICAL')])
def test_nothing_but_all_identical_gives_status_0(sections, start):
    line, status = compare.verdict(sections)
    assert line.startswith(start)
    assert status == 1


def test_table_aligns_and_names_what_differs():
    rows = [compare.Row('parameters', '3 arrays', 9),
            compare.Row('record', '4', 4, '2 ULP')]
    lines = compare.format_table(rows).splitlines()
    assert len(lines) == 3
    assert lines[1].endswith('identical') and lines[2].endswith('2 ULP')
    assert lines[1].index('identical') == lines[2].index('2 ULP')


def test_arrays_come_back_in_their_order(tmpdir):
    path = str(tmpdir.join('case.npz'))
    np.savez(path, **{'0001 fit0|a': floats(1.), '0000 init|z': floats(2.)})
    assert list(compare.load_arrays(path)) == ['init/z', 'fit0/a']


def test_what_the_first_side_cannot_run_is_told_and_not_held_against():
    sections = OrderedDict([('case', [compare.Row('p', '3', 3)]),
                            ('refused', [])])
    line, status = compare.verdict(sections)
    assert status == 0
    assert 'in all 1 runs' in line and '1 more cannot be run' in line

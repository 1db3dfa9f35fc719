"""Recorded terms: their published names, their order, what they say."""
from __future__ import division, print_function

import pytest

from untapped.model import terms


def names(found):
    return [term.name for term in found]


def test_every_recorded_term_is_explained():
    for model_type in (0, 1, 2):
        for variational in (True, False):
            for term in terms.published(model_type, variational):
                assert term.label and term.equation
                assert term.kind in terms.KINDS


def test_terms_have_the_published_names_in_the_published_order():
    assert names(terms.published(1, True)) == [
        'M2_x_rec_y', 'M2_x_rec_z2', 'M2_x_gen_z1', 'M2_x', 'M2_y_rec_z1',
        'M2_y_gen_y', 'M2_y', 'M2_x_sup_rec_z2_sup', 'M2_x_sup_gen_z1_sup',
        'M2_x_sup', 'M2_y_sup_gen_y_sup', 'M2_y_sup', 'M2_x_sup_dis',
        'M2_y_sup_dis']
    assert names(terms.published(0, False)) == [
        'M1_x', 'M1_y', 'M1_x_sup', 'M1_y_sup', 'M1_x_sup_dis',
        'M1_y_sup_dis']


def test_m1_m2_takes_only_its_bound_on_x_from_m1():
    found = names(terms.published(2, True))
    assert [n for n in found if n.startswith('M1')] == ['M1_x_gen_x', 'M1_x']


def test_a_table_shows_a_bound_before_its_parts():
    shown = terms.labels(terms.published(1, True))
    assert list(shown)[:4] == ['train', 'eval', 'M2_x_sup_dis',
                               'M2_y_sup_dis']
    i = list(shown).index('M2_y')
    assert list(shown)[i:] == ['M2_y', 'M2_y_rec_z1', 'M2_y_gen_y']
    assert shown['M2_y'][1] == shown['M2_y_gen_y'][1] == 'eq. (20)'
    assert shown['M2_y_rec_z1'][0] == '  log p(x|y,z)'


def test_errors_of_means_are_no_bounds():
    shown = terms.labels(terms.published(1, False))
    assert shown['M2_x'] == ('error of x inferred and generated again',
                             'reconstruction')


@pytest.mark.parametrize('reverse, equation, of_z', [
    ('observed', 'eq. (20)', None), ('latent', 'eq. (10)', 'log p(z)'),
    ('auxiliary', 'eq. (21)', 'log q(z|y)')])
def test_terms_are_named_by_the_reverse_bound_that_is_trained(
        reverse, equation, of_z):
    shown = terms.labels(terms.paper(1, reverse))
    assert shown['M2_y'] == ('- unfeatured bound, reverse', equation)
    assert shown['M2_y_gen_y'] == ('  log q(y|x)', equation)
    assert of_z is None or shown['M2_y_rec_z'] == ('  ' + of_z, equation)
    assert shown['M2_y_sup_rec_z'] == ('  log p(z)', 'eq. (9)')

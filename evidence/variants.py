# -*- coding: utf-8 -*-
"""The tables of kept ablations."""
from __future__ import division, print_function

import re
from collections import OrderedDict

from evidence.words import (chance, interval, number, percent, spread,
                            table)
from untapped.report import paper
from untapped.studies import comparisons, over_variants
from untapped.studies.quantities import values

__all__ = ['ablation_tables', 'short_ablation', 'variants']

#: what the tables of ablations have of all quantities
VARIED = ('validation/kl', 'endmember_error/mean',
          'findings/generation_error_once', 'findings/round_trip/kl')


def variants(kept):
    """(label of the variant, its key, Unit, metrics) of each run."""
    keys, found = [], []
    for name, methods in kept.runs.items():
        key, unit = re.match(
            r'(.+?)-((?:data-\d+-)?seed-\d+(?:-split-\d+)?)\Z',
            name).groups()
        if key not in keys:
            keys.append(key)
        found.append((key, comparisons.unit_named(unit), methods))
    labels = dict(zip(keys, kept.ablation['variants']))
    return [(labels[each[0]],) + each for each in found]


def ablation_table(kept, places=VARIED):
    """A row a variant and method: means and spreads."""
    grouped = OrderedDict()
    for label, _, _, methods in variants(kept):
        grouped.setdefault(label, []).append(methods)
    wanted = [each for each in over_variants.quantities(kept.experiment)
              if each.place in places]
    rows = []
    for label, runs in grouped.items():
        found = [values(quantity, runs) for quantity in wanted]
        rows += [[label, name] + [spread(each[key]) if key in each else u''
                                  for each in found]
                 for key, name in paper.METHODS
                 if any(key in each for each in found)]
    return table([u'variant', u'method']
                 + [quantity.label for quantity in wanted], rows)


def contrast_table(kept, places=VARIED):
    """A row a contrast and quantity, as the run compared them."""
    rows = []
    for label, contrast in kept.metrics.get('contrasts', {}).items():
        for place, each in contrast['quantities'].items():
            if place in places and each['p'] is not None:
                rows.append([
                    label, each['label'], u'%s %s' % (
                        number(each['mean_difference'], 3),
                        interval(*each['interval'])),
                    number(each['effect_size'], 2), chance(each['p_holm']),
                    u'%d of %d' % (each['untapped_better'], each['runs']),
                    each['verdict']])
    return table([u'variant', u'quantity', u'Untapped \u2212 M2 [95 %]',
                  u'effect size', u'p, Holm', u'Untapped better',
                  u'verdict'], rows) if rows else u''


def ablation_tables(kept):
    """What was expected, and all tables of a kept ablation."""
    parts = [u'Expected before the first run: '
             + kept.ablation['expectation'], ablation_table(kept),
             contrast_table(kept)]
    constants = kept.metrics.get('constant_answers')
    if constants:
        parts.append(table(
            [u'one answer for all spectra: its share of Other',
             u'KL of compositions, nats'],
            [[percent(float(share)), number(kl)]
             for share, kl in constants.items()]))
    return u'\n\n'.join(part for part in parts if part)


def short_ablation(kept):
    """The KL alone, for a narrow page."""
    return contrast_table(kept, VARIED[:1]) or ablation_table(
        kept, VARIED[:1])

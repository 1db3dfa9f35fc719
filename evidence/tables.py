# -*- coding: utf-8 -*-
"""The tables of the pages, as Markdown."""
from __future__ import division, print_function

from collections import OrderedDict

from evidence import plan, verdicts
from evidence.variants import ablation_tables, variants
from evidence.words import chance, hours, interval, number, spread, table
from untapped.experiments import presets
from untapped.report import paper
from untapped.studies import comparisons
from untapped.studies.quantities import QUANTITIES, values

__all__ = ['bits', 'brief', 'earlier_table', 'over', 'run_tables',
           'settings', 'short_table', 'sources', 'took', 'verdict_table',
           'verdict_table_short']


def run_tables(kept):
    """All tables of a kept run."""
    return ablation_tables(kept) if kept.ablation else run_table(kept)


def run_table(kept):
    """All quantities of a kept run: means, paper, Untapped against M2."""
    units = [comparisons.unit_named(name) for name in kept.runs]
    compared = dict(
        (each.quantity.place, each) for each in comparisons.compare(
            kept.experiment, units, list(kept.runs.values()))[1])
    methods = [each for each in paper.METHODS
               if all(each[0] in found for found in kept.runs.values())]
    columns = [u'quantity'] + [label for _, label in methods] + [
        u'paper: ' + u', '.join(label for _, label in methods),
        u'Untapped \u2212 M2 [95 %]', u'effect size', u'p, Holm',
        u'Untapped better', u'astray', u'verdict']
    rows = []
    for quantity in QUANTITIES[kept.experiment]:
        ours = values(quantity, list(kept.runs.values()))
        if not ours:
            continue
        rows.append(
            [quantity.label]
            + [spread(ours[key]) if key in ours else u''
               for key, _ in methods]
            + [_printed(kept, quantity, methods)]
            + _tested(compared.get(quantity.place)))
    return table(columns, rows)


def _printed(kept, quantity, methods):
    """The paper's numbers of a quantity, in the methods' order."""
    theirs = paper.printed(kept.experiment, quantity.place)
    if kept.split != 0 or not theirs:
        return u''
    return u', '.join(number(theirs.get(key)) or u'\u2013'
                      for key, _ in methods)


def _tested(compared):
    """Cells on the test of one quantity."""
    if compared is None or len(compared.wins) < 2:
        return [u''] * 6
    test = compared.test
    return [(u'%s %s' % (number(test.mean, 3),
                         interval(test.low, test.high))).strip(),
            number(test.effect, 2), chance(compared.holm),
            u'%d of %d' % (sum(compared.wins), len(compared.wins)),
            number(len(test.far)) if test.far else u'', compared.verdict]


#: quantities that the report's tables have, beside those with a claim
REPORTED = ('findings/rmse/mean', 'findings/endmember_error_once/mean',
            'findings/round_trip/mean_diagonal',
            'findings/line_hits/SiO2/hit_rate_spectrum',
            'findings/kl_of_namings/least')


def short_table(evidence, experiment):
    """What the planned runs of an experiment say, for a narrow page."""
    kept = [(title, each) for title, planned, each in evidence.of(experiment)
            if planned and each and not each.ablation]
    places = set(each.place for each in plan.CLAIMS) | set(REPORTED)
    methods = [each for each in paper.METHODS if any(
        each[0] in found for _, one in kept for found in one.runs.values())]
    rows = []
    for quantity in QUANTITIES[experiment]:
        found = [(title, each, values(quantity, list(each.runs.values())))
                 for title, each in kept if quantity.place in places]
        for number_, (title, each, ours) in enumerate(
                [one for one in found if one[2]]):
            rows.append(
                [u'' if number_ else quantity.label, title]
                + [spread(ours[key]) if key in ours else u''
                   for key, _ in methods]
                + [_printed(each, quantity, methods)])
    return table([u'quantity', u'run'] + [label for _, label in methods]
                 + [u'paper, as these'], rows) if rows else u''


def over(kept):
    """What a kept run is over, in words."""
    units = [comparisons.unit_named(name) for name in kept.runs] \
        if not kept.ablation else OrderedDict.fromkeys(
            unit for _, _, unit, _ in variants(kept))
    found = u'one run' if len(units) == 1 else comparisons.design(
        list(units), kept.experiment).over
    asked, runs = kept.about['asked'], kept.about['runs']
    return found if asked == runs else u'%s (%d of %d runs that were asked ' \
        u'for)' % (found, runs, asked)


def verdict_table(evidence, objectives=tuple(plan.OBJECTIVES)):
    """A row a claim and objective."""
    rows = []
    for by_objective in evidence.verdicts.values():
        for objective in objectives:
            each = by_objective[objective]
            first = objective == objectives[0]
            rows.append([
                each.claim.source if first else u'',
                each.claim.text if first else u'',
                objective] + _estimate(each) + [
                u'**%s**' % each.verdict, each.why])
    return table([u'where', u'claim', u'objective', u'paper', u'here',
                  u'difference [95 %]', u'p, Holm', u'over', u'verdict',
                  u'as'], rows)


def verdict_table_short(evidence):
    """The same for a narrow page: without what each is over, and why."""
    rows, names = [], {'published': u'code', 'paper': u'paper'}
    for by_objective in evidence.verdicts.values():
        for objective, each in by_objective.items():
            first = objective == 'published'
            printed, here, difference, p, _ = _estimate(each)
            rows.append([each.claim.source if first else u'',
                         each.claim.text if first else u'',
                         names[objective], printed if first else u'', here,
                         difference, p,
                         number(each.effect.runs) if each.effect else u'',
                         u'**%s**%s' % (
                             each.verdict, u', ' + each.why
                             if each.verdict != verdicts.REPRODUCED
                             else u'')])
    return table([u'where', u'claim', u'objective', u'paper', u'here',
                  u'difference [95 %]', u'p, Holm', u'runs', u'verdict'],
                 rows)


def brief(evidence):
    """Rows of the README's table: where, claim, both verdicts."""
    return [[by[first].claim.source, by[first].claim.text]
            + [each.verdict for each in by.values()]
            for by in evidence.verdicts.values()
            for first in list(by)[:1]]


def _estimate(each):
    """Cells of a Verdict: paper, here, difference, p, over."""
    claim = each.claim
    printed = u', '.join(number(value) for value in claim.printed
                         if value is not None)
    found = each.effect
    if found is None:
        return [printed] + [u''] * 4
    if found.first is None:
        return [printed] + [u''] * 3 + [found.over]
    here = u'%s, %s' % (number(found.first), number(found.second))
    if claim.kind in ('share', 'above'):
        here += u' (other oxides)' if isinstance(claim.against, str) \
            else u' (chance)'
    return [printed, here,
            (u'%s %s' % (number(found.mean, 3),
                         interval(found.low, found.high))).strip(),
            chance(each.holm), found.over]


def took(evidence):
    """A table of what each kept run took, and on what."""
    rows = [[each.name, number(each.about['runs']), hours(each.seconds),
             each.about['untapped'], u', '.join(
                 commit[:7] for commit in each.about['commits']),
             u', '.join(each.about['processors'])]
            for each in evidence.kept.values()]
    return table([u'kept run', u'runs', u'time', u'untapped', u'commit',
                  u'processor'], rows) if rows else u'No run is kept.'


#: of the networks q(y|x), q(z|x, y) and p(x|y, z)
NETWORKS = ('z1->y', 'z1y->z2', 'yz2->_z1')
#: alpha_f, alpha_fd, alpha_r, alpha_rd
WEIGHTS = ('coeff_x', 'coeff_x_dis', 'coeff_y', 'coeff_y_dis')


def settings():
    """A table of both presets' settings."""
    rows = []
    for experiment in ('crism', 'libs', 'mnist'):
        for name in ('paper', 'published'):
            found = presets.preset(experiment, name)
            rows.append([
                plan.TITLES[experiment] if name == 'paper' else u'',
                {'paper': u'appendix', 'published': u'demo'}[name]]
                + [', '.join(str(size) for size in
                             found['networks'][each]['hidden'])
                   for each in NETWORKS]
                + [found['networks'][NETWORKS[0]]['nonlin'],
                   u', '.join(number(found[each]) for each in WEIGHTS),
                   number(found['num_latent_z2']),
                   number(found['lr']),
                   number(found['batch_size_Xy_train'], 6),
                   number(found['num_epochs'], 6)])
    return table([u'', u'', u'q(y\\|x)', u'q(z\\|x, y)', u'p(x\\|y, z)',
                  u'units',
                  u'\u03b1_f, \u03b1_fd, \u03b1_r, \u03b1_rd', u'z', u'rate',
                  u'batch', u'epochs'], rows)


def sources(evidence):
    """A table of the data that each kept run had."""
    rows = [[each.name, each.metrics['data']['source'],
             u', '.join(u'%s %s' % (
                 name, u' \u00d7 '.join(str(size) for size in shape))
                 for name, shape in each.config['data'].get(
                     'shapes', {}).items() if '_valid' not in name)]
            for each in evidence.kept.values()]
    return table([u'kept run', u'data', u'training arrays'],
                 rows) if rows else u'No run is kept yet.'


def bits(evidence):
    """The table of runs beside the published code, without what is long."""
    found, = [each for each in evidence.earlier['tables']
              if each['name'] == 'published-code']
    return table([u'demo', u'epochs, evaluated every', u'KL of y',
                  u'endmember error', u'SHA-256 of all parameters'],
                 [[row[0], row[1]] + [cell and number(float(cell), 6)
                                      for cell in row[2:4]] + [row[4][:16]]
                  for row in found['rows']])


def earlier_table(found):
    """A table of evidence/earlier.json."""
    return table(found['columns'], found['rows'])

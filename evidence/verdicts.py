"""The one rule by which every claim of the paper is judged.

A claim is a difference over the runs of one kept result, tested as
`untapped.studies.statistics` tests every difference: 95 % interval, p by Holm
over all planned claims, verdict. What follows is the same for what pleases
and what does not:

    reproduced               the difference lies on the paper's side, and its
                             interval reaches the paper's effect, or the
                             paper has no number
    reproduced in direction  the same, but short of the paper's effect
    not reproduced           neither: the reason stands beside it
    not testable             no run is kept, or too few for an interval

The rule was written before the runs. A reading of the first of them (eight
of CRISM, three of LIBS) found that two quantities did not measure what their
claims say, and four reasons that were wrong. Since then a round trip has to
be better than one flat answer for all parts, the lines of silicon are
compared with those in the spectra of other oxides, Holm's count is of all
planned claims, and a share's p is two-sided: each makes a verdict in the
paper's favour harder. Runs astray are left out of the means that stand beside
a difference, none is asked for among fewer than ten, and training that ended
without a number decides against its model: these may move one either way.
"""
from __future__ import division, print_function

from collections import OrderedDict, namedtuple

import numpy as np
from scipy import stats

from evidence import plan
from untapped.report.content import TIE
from untapped.studies import comparisons, statistics
from untapped.studies.quantities import at

__all__ = ['VERDICTS', 'Effect', 'Verdict', 'judged']

VERDICTS = REPRODUCED, DIRECTION, NOT, UNTESTABLE = (
    'reproduced', 'reproduced in direction', 'not reproduced',
    'not testable')

#: What runs say of a claim: `first` and `second`, means of the two that are
#: compared; the mean difference first - second with its interval and p, None
#: without; the same three as shares of the second, None where it is not
#: positive; `side`, p by Holm -> -1, 0 or 1, on which side of 0 it lies;
#: `over`, in words; the number of runs; `flat`, what `first` has to be below,
#: or None; `astray`, of how many runs each of the two has no number.
Effect = namedtuple('Effect', 'first second mean low high p relative side '
                              'over runs flat astray')

#: A claim under one objective: the kept run or None, its Effect or None, p
#: by Holm or None, the paper's relative effect or None, one of `VERDICTS`,
#: and why, in a few words.
Verdict = namedtuple('Verdict', 'claim objective run effect holm printed '
                                'verdict why')


def effect(claim, kept):
    """What a kept run says of a claim; None where it lacks the numbers."""
    first = _values(claim.place, claim.methods[0], kept)
    if claim.kind == 'share':
        second = [claim.chance] * len(first)
    elif claim.kind != 'above':
        second = _values(claim.place, claim.methods[1], kept)
    elif isinstance(claim.against, str):
        second = _values(claim.against, claim.methods[0], kept)
    else:
        second = [claim.against] * len(first)
    if None in first + second:
        return None
    design = comparisons.design([comparisons.unit_named(name)
                                 for name in kept.runs], claim.experiment)
    if claim.kind == 'share':
        # a run that went astray has lost
        return _share([abs(each) >= claim.against - 1e-9 for each in first],
                      claim.chance, design)
    astray = [sum(not np.isfinite(each) for each in values)
              for values in (first, second)]
    if any(astray):
        return Effect(*[None] * 8 + [design.over, len(first), None, astray])
    flat = None
    if claim.against == 'flat':
        one = list(kept.runs.values())[0][claim.methods[0]]
        flat = float(np.log(len(one['findings']['round_trip']['matrix'])))
    return _difference(first, second, design)._replace(flat=flat)


def _values(place, method, kept):
    return [at(methods.get(method), place) for methods in kept.runs.values()]


def _difference(first, second, design):
    """The Effect of differences, one a run, by `statistics.paired`."""
    each = [a - b for a, b in zip(first, second)]
    test = statistics.paired(
        [float(np.mean([each[i] for i in group]))
         for group in design.groups], design.ratio)
    # of the runs that are tested, so that the two differ by the difference
    left_out = test.far if test.tested < len(design.groups) else []
    means = [statistics.summary(
        [float(np.mean([numbers[i] for i in group]))
         for k, group in enumerate(design.groups) if k not in left_out])[0]
        for numbers in (first, second)]
    words = {statistics.UNTAPPED: -1, statistics.M2: 1}
    size = max(abs(mean) for mean in means)
    relative = None
    if means[1] > 0 and test.low is not None:
        relative = tuple(value / means[1]
                         for value in (test.mean, test.low, test.high))
    return Effect(
        means[0], means[1], test.mean, test.low, test.high, test.p, relative,
        lambda holm: words.get(statistics.verdict(test, holm, size), 0),
        design.over + '; astray: %s' % ', '.join(
            design.names[i] for i in test.far) if test.far
        else design.over, len(each), None, None)


def _share(wins, chance, design):
    """The Effect of a share of runs less chance: Clopper and Pearson's
    interval, twice the p of the exact test towards the nearer side."""
    runs, won = len(wins), sum(wins)
    tail = statistics.LEVEL / 2
    low = stats.beta.ppf(tail, won, runs - won + 1) if won else 0.
    high = stats.beta.ppf(1 - tail, won + 1, runs - won) \
        if won < runs else 1.
    low, high = float(low) - chance, float(high) - chance

    def side(holm):
        return int(np.sign(low)) if holm < statistics.LEVEL \
            and low * high > 0 else 0

    nearer = min(stats.binom.sf(won - 1, runs, chance),
                 stats.binom.cdf(won, runs, chance))
    return Effect(won / runs, chance, won / runs - chance, low, high,
                  min(1., 2 * float(nearer)), None, side, design.over, runs,
                  None, None)


def judged(kept):
    """Claim's key -> objective -> Verdict, of all claims.

    Parameters
    ----------
    kept : dict, name -> `evidence.kept.Kept`
    """
    found = [(claim, objective, run in kept and effect(claim, kept[run]))
             for claim in plan.CLAIMS
             for objective, run in claim.runs.items()]
    # what is not kept yet counts too: keeping it takes no verdict back
    chances = [each.p if each else None for _, _, each in found]
    adjusted = [each if p is not None else None for p, each in zip(
        chances, statistics.holm([1. if p is None else p
                                  for p in chances]))]
    verdicts = OrderedDict()
    for (claim, objective, each), holm in zip(found, adjusted):
        verdicts.setdefault(claim.key, OrderedDict())[objective] = _judge(
            claim, objective, claim.runs[objective] in kept, each or None,
            holm)
    return verdicts


def _judge(claim, objective, ran, each, holm):
    """The Verdict on a claim."""
    printed, wanted = _printed(claim), -1 if claim.kind == 'less' else 1
    side = each.side(holm) if holm is not None else 0
    if not ran:
        verdict, why = UNTESTABLE, 'not run'
    elif each is None:
        verdict, why = UNTESTABLE, 'the kept run lacks the number'
    elif each.astray:
        verdict = NOT if each.astray[0] else UNTESTABLE
        why = 'training went astray in %d of %d runs' % (
            max(each.astray), each.runs)
    elif each.runs > 1 and each.low is None and not each.mean:
        verdict, why = NOT, 'the same in all runs'
    elif holm is None or (each.low == each.high
                          and holm >= statistics.LEVEL):
        verdict, why = UNTESTABLE, 'too few runs for an interval'
    elif side == -wanted:
        verdict, why = NOT, 'the opposite'
    elif not side:
        verdict, why = NOT, _undecided(each, wanted, printed, holm)
    elif each.flat is not None and each.first >= each.flat:
        verdict, why = NOT, 'no better than one flat answer for all ' \
            'parts, %.3g' % each.flat
    elif printed is None:
        verdict, why = REPRODUCED, 'the paper has no number to reach'
    elif _reaches(each, wanted, printed):
        verdict, why = REPRODUCED, "the interval reaches the paper's effect"
    else:
        verdict, why = DIRECTION, "short of the paper's effect"
    return Verdict(claim, objective, claim.runs[objective] if ran else None,
                   each, holm, printed, verdict, why)


def _undecided(each, wanted, printed, holm):
    """Why a difference has no side."""
    if holm < statistics.LEVEL:
        size = max(abs(each.first), abs(each.second))
        return 'smaller than %g %% of the numbers' % (100 * TIE) if abs(
            each.mean) <= TIE * size else 'the runs astray decide'
    if printed is not None and _reaches(each, wanted, printed):
        return "neither chance nor the paper's effect can be ruled out"
    return 'cannot be told from chance'


def _reaches(each, wanted, printed):
    """Whether the interval holds the paper's relative effect or more."""
    if each.relative is None:
        return False
    far = each.relative[1] if wanted < 0 else each.relative[2]
    return far * wanted >= printed * wanted


def _printed(claim):
    """The paper's difference as a share of the second method's number."""
    if len(claim.methods) < 2 or None in claim.printed:
        return None
    return (claim.printed[0] - claim.printed[1]) / claim.printed[1]

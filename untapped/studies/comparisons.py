"""Which runs stand for one difference, and what all differences say."""
from __future__ import division, print_function

import re
from collections import OrderedDict, namedtuple

import numpy as np

from untapped.studies import statistics
from untapped.studies.quantities import QUANTITIES, SLASH, values

__all__ = ['Comparison', 'Design', 'Unit', 'compare', 'design', 'judged',
           'plain', 'tested', 'unit_named']


class Unit(namedtuple('Unit', 'name data_seed seed sample_seed split')):
    """One run of several: the name of its folder, its seeds, its split."""
    __slots__ = ()

    @property
    def changed(self):
        """Its own options, by their keys."""
        return dict((key, getattr(self, key)) for key in self._fields[1:])


#: How runs make differences: ``groups``, lists of the positions of runs whose
#: mean is one difference; ``names`` of the groups; ``ratio``, n_test / n_train
#: where training sets overlap, else 0; ``over``, in words, what the interval
#: is over.
Design = namedtuple('Design', 'groups names ratio over')

#: A quantity of both models: ``numbers``, method's key -> one a run; ``test``
#: (`statistics.Test`), its p in Holm's way, the word, and ``wins``, in which
#: runs Untapped is better.
Comparison = namedtuple('Comparison',
                        'quantity numbers test holm verdict wins')

#: Of LIBS's six standards three are held out, and three trained on.
OVERLAP = 3 / 3
_NAME = re.compile(r'(?:data-(\d+)-)?seed-(\d+)(?:-split-(\d+))?\Z')


def unit_named(name):
    """The `Unit` of a run's folder; None if the name tells nothing."""
    found = _NAME.match(name)
    if not found:
        return None
    data_seed, seed, split = [int(part or 0) for part in found.groups()]
    return Unit(name, data_seed, seed, None, split)


def design(units, experiment='libs'):
    """How runs of these units make differences; a `Design`.

    - Runs of several splits: one of each split and data seed, the mean over
      seeds.  Their training sets overlap.
    - Runs of several folds of spectra: one of each run, as other seeds have
      other folds (corrected repeated cross-validation: R. R. Bouckaert and
      E. Frank 2004, PAKDD, LNCS 3056, 3).
    - Else of several data seeds: one of each, the mean over its seeds.  They
      share nothing.
    - Else: one of each seed, on the same data.
    - If one run's name tells no seed: one of all runs, so no test.

    Parameters
    ----------
    units : list of Unit or None
    experiment : str
    """
    if None in units:
        return Design([list(range(len(units)))], ['all'], 0.,
                      _counted(len(units), 'run'))
    data, seeds, splits = [len(set(each)) for each in zip(*[
        (unit.data_seed, unit.seed, unit.split) for unit in units])]
    groups = OrderedDict()
    folds = experiment == 'spectra' and splits > 1
    for position, unit in enumerate(units):
        if folds:
            key = unit.name
        elif splits > 1:
            key = ('data-%d-' % unit.data_seed if data > 1 else '') \
                + 'split-%02d' % unit.split
        else:
            key = 'data-%d' % unit.data_seed if data > 1 else \
                'seed-%d' % unit.seed
        groups.setdefault(key, []).append(position)
    # of K folds one is held out
    overlap = 1 / (splits - 1) if folds else OVERLAP if splits > 1 else 0.
    return Design(list(groups.values()), list(groups), overlap,
                  '%s of %s' % (_counted(splits, 'fold'),
                                _counted(seeds, 'seed')) if folds
                  else _said(data, seeds // data, splits))


def _said(data, seeds, splits):
    """What an interval over so many is over, in words."""
    each = ', each the mean of %d seeds' % seeds if seeds > 1 else ''
    if splits > 1:
        return '%s of %s%s' % (
            _counted(splits, 'split'), _counted(data, 'data seed'), each)
    if data > 1:
        return ('%d data seeds, each with draws and initial weights of its '
                'own%s' % (data, each))
    return ('%s: draws and initial weights, on the same data'
            % _counted(seeds, 'seed'))


def _counted(number, what):
    return '%d %s%s' % (number, what, '' if number == 1 else 's')


def compare(experiment, units, runs):
    """Untapped against M2 in every quantity that all runs have of both.

    Parameters
    ----------
    experiment : str
    units : list of Unit or None
    runs : list of dict
        Of each unit: method's key -> its metrics.

    Returns
    -------
    (Design, list of Comparison)
    """
    plan = design(units, experiment)
    return plan, judged(tested(plan, QUANTITIES[experiment], runs))


def tested(plan, quantities, runs):
    """(quantity, its numbers by method, `statistics.Test`) of each quantity
    that all runs have of both models.

    Parameters
    ----------
    plan : Design
    quantities : list of `quantities.Quantity`
    runs : list of dict, see `compare`
    """
    found = []
    for quantity in quantities:
        numbers = values(quantity, runs)
        if 'm2' in numbers and 'untapped' in numbers:
            found.append((quantity, numbers, statistics.paired(
                _differences(numbers, plan.groups), plan.ratio)))
    return found


def judged(found):
    """The `Comparison` of all that one table has tested, see `tested`."""
    adjusted = statistics.holm([test.p for _, _, test in found])
    return [Comparison(
        quantity, numbers, test, p, statistics.verdict(test, p, max(
            abs(statistics.summary(numbers[key])[0])
            for key in ('m2', 'untapped'))),
        statistics.better(numbers['m2'], numbers['untapped'], quantity.more))
        for (quantity, numbers, test), p in zip(found, adjusted)]


def _differences(numbers, groups):
    """Untapped - M2 of each group, the mean over its runs."""
    each = [u - m for m, u in zip(numbers['m2'], numbers['untapped'])]
    return [float(np.mean([each[i] for i in group])) for group in groups]


def plain(plan, comparisons):
    """What metrics.json says of comparisons, as plain data."""
    return OrderedDict([
        ('over', plan.over), ('differences', len(plan.groups)),
        ('variance_factor', 1 / len(plan.groups) + plan.ratio),
        ('level', statistics.LEVEL),
        ('quantities', OrderedDict(
            (each.quantity.place.replace(SLASH, '/'), _plain(plan, each))
            for each in comparisons))])


def _plain(plan, each):
    return OrderedDict([
        ('label', each.quantity.label),
        ('more_is_better', each.quantity.more),
        ('mean_difference', each.test.mean),
        ('interval', [each.test.low, each.test.high]),
        ('median_difference', each.test.median),
        ('effect_size', each.test.effect), ('t', each.test.t),
        ('p', each.test.p), ('p_holm', each.holm),
        ('tested', each.test.tested),
        ('astray', [plan.names[i] for i in each.test.far]),
        ('untapped_better', sum(each.wins)), ('runs', len(each.wins)),
        ('verdict', each.verdict)])

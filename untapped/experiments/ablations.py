"""What a result rests on: one thing varied, all else as it is (`--ablation`).

An ablation is data: what is varied, what is compared with what, and what was
expected before it was run.  Each variant is run as any run is, over --seeds,
--data-seeds and --split all; `studies.over_variants` makes the report.
Neither numpy nor Theano is imported here.
"""
from __future__ import division, print_function

import itertools
from collections import OrderedDict, namedtuple

from untapped.experiments import presets

__all__ = ['ABLATIONS', 'NAMES', 'Ablation', 'Contrast', 'Part', 'Variant',
           'contrasts', 'recorded', 'units', 'variants']

#: Its key, for names of folders; its label; its options by their keys.
Variant = namedtuple('Variant', 'key label changed')
#: Untapped in one variant, (its key, method), against M2 in another.
Contrast = namedtuple('Contrast', 'label untapped m2')
#: One run: the name of its folder, its options; the variant and the unit
#: (`studies.comparisons.Unit`) that it is made of.
Part = namedtuple('Part', 'name changed variant unit')


class Ablation(object):
    """One ablation.

    Parameters
    ----------
    title : str
    expectation : str, written before the first run
    varies : tuple of the keys of the options that its variants set
    variants : function of the options; list of `Variant`
    contrasts : function of the variants; list of `Contrast`
    """

    def __init__(self, title, expectation, varies, variants, contrasts):
        self.title, self.expectation = title, expectation
        self.varies, self.variants = varies, variants
        self.contrasts = contrasts


def _alike(made):
    """Both models in each variant."""
    return [Contrast(each.label, (each.key, 'untapped'), (each.key, 'm2'))
            for each in made]


# The weights ----------------------------------------------------------------

def _weights(options):
    settings = presets.preset(options.experiment, options.preset)
    f, fd, _, rd = [float(settings[key])
                    for key in presets.ALPHAS.values()]
    return [Variant('r-%g-rd-%g' % (alpha_r, alpha_rd),
                    'alpha_r %g, alpha_rd %g' % (alpha_r, alpha_rd),
                    {'model': 'untapped', 'alphas': (f, fd, alpha_r,
                                                     alpha_rd)})
            for alpha_rd in sorted(set((0., rd)))
            for alpha_r in (0., 1e-4, 1e-3, 1e-2, 1e-1, 1.)]


def _against_no_reverse(made):
    """Without reverse bounds the model is M2, at the same alpha_rd."""
    found = []
    for _, group in itertools.groupby(
            made, key=lambda each: each.changed['alphas'][3]):
        group = list(group)
        found += [Contrast(each.label, (each.key, 'untapped'),
                           (group[0].key, 'untapped')) for each in group[1:]]
    return found


# The labels -----------------------------------------------------------------

#: experiment -> numbers of labelled pairs; the last is all of them
LABELLED = {'crism': (20, 50, 100, 200, 500), 'libs': (6, 12, 21, 42),
            'mnist': (100, 1000, 10000), 'raman': (20, 50, 100, 200),
            # of spectra, samples
            'spectra': (3, 5, 10)}
#: Share of an equal mixture that smooths labels as much as the labels without
#: spectra are: the mean of their smaller parts, times the number of parts.
SMOOTHED = {'crism': 3 * .025, 'libs': 9 * (1 - .85) / 8,
            'mnist': 10 * (1 - .95) / 9, 'raman': .1, 'spectra': .1}


def _labelled(options):
    return [Variant('labelled-%d' % number, '%d labelled' % number,
                    {'labelled': number})
            for number in LABELLED[options.experiment]]


def _labels_only(options):
    share = SMOOTHED[options.experiment]
    return [Variant('as-it-is', 'as it is', {})] + [
        Variant('labels-%d' % number, '%d labels without x' % number,
                {'labels_only': number}) for number in (25, 100)] + [
        Variant('width-%g' % width, 'width times %g' % width,
                {'labels_width': width}) for width in (0., .5, 2., 4.)] + [
        Variant('smoothed', 'labels of pairs smoothed by %g' % share,
                {'smooth_labels': share})]


def _against_smoothed(made):
    return _alike(made) + [
        Contrast('%s, against smoothed M2' % each.label,
                 (each.key, 'untapped'), (made[-1].key, 'm2'))
        for each in made[:-1]]


def _floors(options):
    return [Variant('no-floor', 'no floor', {})] + [
        Variant('floor-%g' % floor, 'floor %g %%' % (100 * floor),
                {'label_floor': floor})
        for floor in (.001, .005, .01, .02, .05)]


#: name -> Ablation
ABLATIONS = OrderedDict([
    ('weights', Ablation(
        'alpha_r and alpha_rd',
        'Labels are predicted by what alpha_f and alpha_fd train, so up to '
        'alpha_r = 0.01 the KL of predicted y cannot be told from that of '
        'alpha_r = 0, at either alpha_rd; at alpha_r = 1 it is higher. What '
        'is generated depends on y, and y comes back from it, only from '
        'alpha_r = 0.01 on, whatever alpha_rd is; alpha_rd alone lowers the '
        'error of generated x and does not close the loop.',
        ('alphas', 'model'), _weights, _against_no_reverse)),
    ('labelled', Ablation(
        'The number of labelled spectra',
        'The KL of every method falls as the number rises. Untapped is below '
        'M2, if anywhere, where there are fewest: labels without spectra '
        'stand in for labels of pairs. With all of them the two cannot be '
        'told apart, and with the fewest PLS is below both.',
        ('labelled',), _labelled, _alike)),
    ('labels-only', Ablation(
        'Amount and width of the labels without spectra',
        'If Untapped uses what these labels say, its KL falls with their '
        'number and it stays below an M2 whose own labels are smoothed as '
        'much. We expect the other: that M2 with smoothed labels cannot be '
        'told from Untapped, that a quarter of the labels does as well as '
        'all, and that the width, which keeps predicted parts off 0, moves '
        'the KL more than the number does.',
        ('labels_only', 'labels_width', 'smooth_labels'), _labels_only,
        _against_smoothed)),
    ('floor', Ablation(
        'The least share of a part, such as Other',
        'In LIBS the KL is nearly a function of the part called Other: no '
        'method sees more than 1.1 % of it in training, and 17 to 31 % are '
        'true. Training on labels with a floor lowers the KL of PLS, M2 and '
        'Untapped alike, along the line of one constant answer with that '
        'much Other; below 0.3 nats at 5 %. Untapped and M2 cannot be told '
        'apart at any floor.',
        ('label_floor',), _floors, _alike))])
NAMES = tuple(ABLATIONS)


def variants(options):
    """What an ablation runs, a list of `Variant`; one, empty, without."""
    if options.ablation is None:
        return [Variant('', '', {})]
    return ABLATIONS[options.ablation].variants(options)


def contrasts(options):
    """What an ablation compares that its models allow."""
    made = ABLATIONS[options.ablation].contrasts(variants(options))
    trained = dict((each.key, each.changed.get('model', options.model))
                   for each in variants(options))
    return [each for each in made
            if all(trained[key] in ('all', method)
                   for key, method in each[1:])]


def units(options, repeats):
    """The `Part` of each run: each variant with all its repeats.

    Parameters
    ----------
    options : Namespace
    repeats : list of `studies.comparisons.Unit`
    """
    return [Part('%s-%s' % (variant.key, unit.name),
                 dict(unit.changed, **variant.changed), variant, unit)
            for variant in variants(options) for unit in repeats]


def recorded(options):
    """What config.json and metrics.json say of it, before the first run."""
    chosen = ABLATIONS[options.ablation]
    return OrderedDict([
        ('name', options.ablation), ('title', chosen.title),
        ('expectation', chosen.expectation),
        ('variants', OrderedDict((each.label, each.changed)
                                 for each in variants(options)))])

"""The four weights of eq. (15) by cross-validation, `--alphas search`.

The paper sets them "by cross-validation" (section 3) and does not say how.
Here each model starts from its preset's, and goes through alpha_f, alpha_fd,
alpha_r and alpha_rd once, in this order: a tenth and ten times the present
value are tried, and the best of the three stays; of equals, the earlier.  A
weight of 0 stays 0, so that M2 stays M2.  The score is the KL of held-out
labels, the mean over `options.FOLDS` parts of the training data; no other data
are looked at.

Every fit is a run of its own in the folder's runs/, side by side, so that
`--jobs`, `--dask` and `--resume` hold for them as for any.
"""
from __future__ import division, print_function

from collections import OrderedDict, namedtuple

from untapped.experiments import options as command_line
from untapped.experiments.options import FOLDS
from untapped.experiments.presets import ALPHAS
from untapped.experiments.side_by_side import Cluster, Processes
from untapped.machine.signals import Stopped
from untapped.report.content import Section, Table
from untapped.report.paper import METHODS
from untapped.studies.quantities import at, methods

__all__ = ['FACTORS', 'Search', 'of']

#: What a weight is tried with.
FACTORS = (0.1, 10.)

#: One fit: the name of its folder, and its options by their keys.
Fit = namedtuple('Fit', 'name changed')


def of(settings):
    """The four weights of a model's settings, in the order of eq. (15)."""
    return tuple(float(settings[key]) for key in ALPHAS.values())


class Search(object):
    """The weights of a run's models.

    Parameters
    ----------
    options : Namespace

    Attributes
    ----------
    candidates : OrderedDict
        Model's key -> OrderedDict: four weights -> KL of each part, in the
        order in which they were tried.
    best : OrderedDict, model's key -> four weights
    """

    def __init__(self, options):
        self.options = options
        self.best = OrderedDict(
            (key, of(command_line.settings(options, key)))
            for key in command_line.models(options))
        self.candidates = OrderedDict((key, OrderedDict())
                                      for key in self.best)

    def run(self, raw, folder, manifest, output, interrupts):
        """Try and choose; the settings with the weights that were chosen.

        Parameters
        ----------
        raw : datasets.Raw
        folder : RunFolder
        manifest : runs.manifest.Manifest, begun
        output : progress.Output
        interrupts : machine.signals.Interrupts

        Raises
        ------
        Stopped if the user asked for it; --resume goes on
        """
        kind = Processes if self.options.dask is None else Cluster
        runs = kind(self.options, raw, output, interrupts)

        def fitted(fits):
            runs.run(fits, folder, manifest.content['ran_on'])
            if interrupts.signum is not None:
                raise Stopped(interrupts.signum)
            return [_kl(folder.join('runs/' + fit.name),
                        fit.changed['model']) for fit in fits]

        try:
            self.choose(fitted)
        finally:
            runs.close()
        for key, alphas in self.best.items():
            output.line('Weights of %s by cross-validation: %s' % (
                dict(METHODS)[key], _named(alphas)))
        return OrderedDict(
            (key, command_line.settings(self.options, key, alphas))
            for key, alphas in self.best.items())

    def choose(self, fitted):
        """Go through the weights once.

        Parameters
        ----------
        fitted : function of a list of `Fit`; the KL of each
        """
        self._try(dict((key, [alphas])
                       for key, alphas in self.best.items()), fitted)
        for position in range(len(ALPHAS)):
            self._try(dict((key, _beside(alphas, position))
                           for key, alphas in self.best.items()), fitted)
            for key, scores in self.candidates.items():
                # of equals min has the first
                self.best[key] = min(scores, key=lambda alphas: mean(
                    scores[alphas]))

    def _try(self, wanted, fitted):
        """Score weights, key of a model -> list, all fits side by side."""
        new = [(key, alphas, fold) for key in self.candidates
               for alphas in wanted[key] for fold in range(FOLDS)]
        scores = fitted([self._fit(*each) for each in new])
        for (key, alphas, _), score in zip(new, scores):
            self.candidates[key].setdefault(alphas, []).append(score)

    def _fit(self, key, alphas, fold):
        return Fit('search-%s-%s-fold-%d' % (
            key, '-'.join('%g' % alpha for alpha in alphas), fold), dict(
                model=key, alphas=alphas, fold=fold))

    def plain(self):
        """What metrics.json says of it."""
        return OrderedDict((key, OrderedDict([
            ('chosen', OrderedDict(zip(ALPHAS, self.best[key]))),
            ('folds', FOLDS),
            ('candidates', [OrderedDict(
                list(zip(ALPHAS, alphas)) + [
                    ('kl_of_folds', scores), ('kl', mean(scores))])
                for alphas, scores in tried.items()])]))
            for key, tried in self.candidates.items())

    def section(self):
        """Of the report; a `content.Section`."""
        rows = [[dict(METHODS)[key]] + list(alphas) + scores + [
            mean(scores), 'chosen' if alphas == self.best[key] else None]
            for key, tried in self.candidates.items()
            for alphas, scores in tried.items()]
        return Section('Weights by cross-validation', [
            '%s: %s.' % (dict(METHODS)[key], _named(alphas))
            for key, alphas in self.best.items()], [Table(
                'alphas', 'The weights that were tried',
                ['Model'] + list(ALPHAS) + [
                    'KL of part %d, nats' % (fold + 1)
                    for fold in range(FOLDS)] + ['mean', ''], rows,
                'KL of labels that were held out of the training data, whole '
                'samples at a time. Each weight in turn: a tenth and ten '
                'times the value that was best so far.')])


def mean(scores):
    """Mean KL of a candidate; infinite where training went astray."""
    if None in scores or not all(score == score for score in scores):
        return float('inf')
    return sum(scores) / len(scores)


def _beside(alphas, position):
    """The weights to be tried in place of one; none for a weight of 0."""
    if not alphas[position]:
        return []
    return [alphas[:position] + (float('%.12g' % (alphas[position] * f)),)
            + alphas[position + 1:] for f in FACTORS]


def _kl(path, key):
    return at(methods(path)[key], 'validation/kl')


def _named(alphas):
    return ', '.join('%s %g' % each for each in zip(ALPHAS, alphas))

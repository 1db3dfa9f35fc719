"""The two PLS protocols as methods of a comparison."""
from __future__ import division, print_function

from collections import OrderedDict, namedtuple

from untapped.studies import evaluation, metrics, pls, round_trip

__all__ = ['Baseline', 'cross_validated', 'judged', 'published', 'wanted']

#: What `report.content.Result` takes of a baseline, and what its metrics.json
#: tells beside that.
Baseline = namedtuple('Baseline', 'validation endmember_error findings '
                                  'answers details')


def wanted(data):
    """Key of a method -> function of the data that makes its `Baseline`.

    The published plots of MNIST, whose y holds all parts, have no PLS.
    """
    found = OrderedDict()
    if not evaluation.has_all_parts(data):
        found['pls_published'] = published
    found['pls'] = cross_validated
    return found


def published(data):
    """The published protocol, with its regression of x on y.

    Its generated spectra are judged as those of a model, which generates
    them at the mean z.
    """
    both = pls.PublishedPLS().fit(data.X, data.y)
    endmembers = both.generate(metrics.corners(data.y.shape[1]))
    if data.meta['mean_removed']:
        endmembers = data.mean + endmembers
    answers = OrderedDict([('predicted', both.predict(data.X_valid)),
                           ('endmembers', endmembers),
                           ('endmembers_once', endmembers)])
    answers.update(round_trip.answers_of(both.predict, both.generate, data))
    validation = metrics.validation_kl(data.y_valid, answers['predicted'])
    validation['generation_error'] = metrics.euclidean_error(
        data.X_valid, both.generate(data.y_valid))
    return judged(data, answers, validation, OrderedDict([
        ('components', both.forward_.n_components),
        ('components_of_generation', both.backward_.n_components)]))


def cross_validated(data):
    """This project's protocol, predictions made compositions."""
    has_all = evaluation.has_all_parts(data)
    # One-hot labels of thousands of images: fewer folds say as much.
    fitted = pls.PLS(num_folds=3 if has_all else 10).fit(data.X, data.y)
    answers = OrderedDict([('predicted', metrics.onto_simplex(
        fitted.predict(data.X_valid), has_all))])
    validation = metrics.validation_kl(data.y_valid, answers['predicted'],
                                       has_all)
    return judged(data, answers, validation, OrderedDict([
        ('components', fitted.n_components_),
        ('replicates_held_out_together', fitted.grouped_),
        ('rmsecv', [float(e) for e in fitted.rmsecv_])]))


def judged(data, answers, validation, details):
    """The `Baseline` of answers."""
    findings = evaluation.judge(answers, data)
    findings.update(round_trip.findings(answers, data))
    errors = OrderedDict()
    if data.endmembers is not None and 'endmembers' in answers:
        errors = evaluation.endmember_error(answers['endmembers'], data)
    return Baseline(validation, errors, findings, answers, details)

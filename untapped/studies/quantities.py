"""The numbers that runs of a study are compared by, and where they stand."""
from __future__ import division, print_function

import os
from collections import OrderedDict, namedtuple

from untapped.datasets.chemcam import ELEMENT
from untapped.errors import UserError
from untapped.files import plain_json, texts
from untapped.report import paper

__all__ = ['QUANTITIES', 'SLASH', 'Quantity', 'at', 'details', 'methods',
           'values']

#: Its name and unit; its place in a method's metrics; whether more is better.
Quantity = namedtuple('Quantity', 'label place more')

#: Stands in a place for a slash in the name of a part.
SLASH = '\x1f'

#: What every experiment has after its own.
COMMON = [
    ('error of x generated from y', 'validation/generation_error', False),
    ('KL of pure parts after y -> x -> y, nats', 'findings/round_trip/kl',
     False),
    ('share of a pure part that comes back after y -> x -> y, mean',
     'findings/round_trip/mean_diagonal', True),
    ('error of x after x -> y -> x', 'findings/round_trip/x_error', False)]

#: Experiment -> its quantities, the most telling first.
QUANTITIES = dict((experiment, [Quantity(*each) for each in found + COMMON])
                  for experiment, found in {
    'crism': [
        ('KL of abundances, nats', 'validation/kl', False),
        ('root mean square error of abundances, fractions of 1',
         'findings/rmse/mean', False),
        ('mean endmember error', 'endmember_error/mean', False),
        ('mean endmember error, generated once',
         'findings/endmember_error_once/mean', False),
        ('endmember error of olivine', 'endmember_error/olivine', False),
        ('endmember error of diopside', 'endmember_error/diopside', False),
        ('endmember error of bytownite', 'endmember_error/bytownite', False),
        ('rank correlation of levels and incidence, absolute',
         'findings/incidence_rank_correlation', True),
        ('area under curve of container pixels', 'findings/container_auc',
         True)],
    'libs': [
        ('KL of compositions, nats', 'validation/kl', False),
        ('root mean square error of compositions, fractions of 1',
         'findings/rmse/mean', False),
        ('hit rate of Si lines in the excess over the mean',
         'findings/line_hits/SiO2/hit_rate', True),
        ('hit rate of Si lines in the spectrum',
         'findings/line_hits/SiO2/hit_rate_spectrum', True),
        ('hit rate of Si lines in the mean of all spectra',
         'findings/line_hits/SiO2/hit_rate_mean', True)] + [
        ('hit rate of %s lines in the excess over the mean' % element,
         'findings/line_hits/%s/hit_rate' % oxide, True)
        for oxide, element in ELEMENT.items() if oxide != 'SiO2'],
    'mnist': [
        ('KL of digits, nats', 'validation/kl', False),
        ('KL of digits 5 to 9, unlabelled parts matched, nats',
         'findings/kl_of_namings/least', False),
        ('distinct digits', 'findings/digits_covered', True)],
    'raman': [
        ('KL of mixtures, nats', 'validation/kl', False),
        ('mean endmember error', 'endmember_error/mean', False)],
    'spectra': [
        ('KL of compositions, nats', 'validation/kl', False),
        ('root mean square error of compositions, fractions of 1',
         'findings/rmse/mean', False),
        ('R2, mean over the parts', 'findings/r2/mean', True),
        ('KL of the training pairs, nats', 'findings/training_kl', False),
        ('error of pure spectra, generated once',
         'findings/pure_error_once/mean', False),
        ('error of pure spectra, as published', 'findings/pure_error/mean',
         False)],
}.items())


def details(runs):
    """Quantities that are told, but neither compared nor drawn.

    The error of what is generated once, beside that of the published way,
    and the diagonal of the round trip, whose mean is compared.

    Parameters
    ----------
    runs : list of dict, see `values`

    Returns
    -------
    list of Quantity
    """
    place = 'findings/round_trip/diagonal'
    names = OrderedDict()
    for each in runs:
        for metrics in each.values():
            found = metrics.get('findings', {}).get('round_trip', {})
            names.update((name, None) for name in found.get('diagonal', {}))
    once = Quantity('error of x generated from y, once',
                    'findings/generation_error_once', False)
    return [once] + [
        Quantity(u'share of %s that comes back after y -> x -> y'
                 % texts.text(name),
                 '%s/%s' % (place, name.replace('/', SLASH)), True)
        for name in names]


def methods(path):
    """Method -> its metrics, of one run's folder; InputError without."""
    name = os.path.join(path, 'metrics.json')
    found = plain_json.read(name, links=False)
    if isinstance(found, dict):
        found = found.get('methods') or OrderedDict([(found.get('model'),
                                                      found)])
    if not isinstance(found, dict) or not all(
            isinstance(each, dict) for each in found.values()):
        raise UserError('%s is no metrics.json of a run' % name)
    return found


def at(metrics, place):
    """A number in nested dictionaries; None where it is not.

    JSON holds NaN and the infinities as texts, which float reads.
    """
    for key in place.split('/'):
        key = key.replace(SLASH, '/')
        if not isinstance(metrics, dict) or key not in metrics:
            return None
        metrics = metrics[key]
    try:
        return float(metrics)
    except (TypeError, ValueError, OverflowError):
        return None


def values(quantity, runs):
    """A quantity's numbers, method by method.

    Parameters
    ----------
    quantity : Quantity
    runs : list of dict
        Method's key -> its metrics.

    Returns
    -------
    OrderedDict
        Method's key -> list of float, one a run; without methods that lack
        it in some run.
    """
    label, place, _ = quantity
    found = OrderedDict()
    for key, _ in paper.METHODS:
        numbers = [at(each.get(key), place) for each in runs]
        if numbers and None not in numbers:
            if 'absolute' in label:
                numbers = [abs(number) for number in numbers]
            found[key] = numbers
    return found

"""The terms of the objective, evaluation by evaluation.

Three records per evaluation, under the published names: ``train`` (means over
the minibatches of the epoch just trained), ``eval1`` and ``evalN`` (means
over the validation minibatches with 1 and 5 importance samples).
"""
from __future__ import division, print_function

import csv
from collections import OrderedDict

import six

from untapped.runs.run_folder import to_json

__all__ = ['RECORDS', 'plain', 'to_csv', 'write', 'last', 'in_order',
           'panels']

RECORDS = ('train', 'eval1', 'evalN')


def plain(history):
    """``model.history_`` as an OrderedDict of lists of Python numbers."""
    record = OrderedDict([('epochs', [int(e) for e in history.epochs])])
    for name in RECORDS:
        record[name] = OrderedDict(
            (term, [float(v) for v in values])
            for term, values in getattr(history, name).items())
    return record


def to_csv(record):
    """One line per evaluation and record; a column per term.

    The objective stands in the column ``objective``, whichever record it is
    of.  csv writes numbers by repr: they read back to the same bits.
    """
    terms = []
    for name in RECORDS:
        terms += [t for t in _terms(record[name]) if t not in terms]
    text = six.StringIO()
    writer = csv.writer(text, lineterminator='\n')
    writer.writerow(['epoch', 'record', 'objective'] + terms)
    for i, epoch in enumerate(record['epochs']):
        for name in RECORDS:
            values = record[name]
            if values:
                writer.writerow([epoch, name, values[_objective(name)][i]] + [
                    values[term][i] if term in values else ''
                    for term in terms])
    return text.getvalue()


def write(folder, record, prefix=''):
    """records.json and records.csv; `prefix` names a folder, 'm2/'."""
    folder.write_text(prefix + 'records.json', to_json(record))
    folder.write_text(prefix + 'records.csv', to_csv(record))


def last(record):
    """The last evaluation: record name -> term -> value."""
    return OrderedDict(
        (name, OrderedDict((term, values[-1])
                           for term, values in record[name].items() if values))
        for name in RECORDS)


def in_order(present, terms):
    """Terms that are present, the objective left out: first those that
    `terms` knows, in its order, then the others."""
    rest = _terms(present)
    known = [term for term in terms if term in rest]
    return known + [term for term in rest if term not in known]


def panels(record, terms, names):
    """What `figures.learning_curves` shows of some records: the objective of
    each; the terms of the first; what these are made of.

    Parameters
    ----------
    record : see `plain`
    terms : dict, key -> (label, equation)
    names : list of str, from `RECORDS`

    Returns
    -------
    list of (axis label, list of (label, values))
    """
    objective = [(OBJECTIVE_LABELS[name], record[name][_objective(name)])
                 for name in names]
    whole, parts, unit = [], [], ', nats'
    shown = record[names[0]]
    for term in in_order(shown, terms):
        label, equation = terms.get(term, (term, ''))
        if equation == 'reconstruction':
            # an error of x or y is in the unit of either
            unit = ''
        curve = ('%s, %s%s' % (label.strip(), equation, LOSS_UNITS.get(
            equation, '')), shown[term])
        (parts if '_rec_' in term or '_gen_' in term else whole).append(curve)
    return [panel for panel in (
        ('objective', objective), ('terms without weights' + unit, whole),
        ('parts of the bounds, nats', parts)) if panel[1]]


LOSS_UNITS = {'eq. (14)': ', in the unit of x'}

OBJECTIVE_LABELS = {
    'train': '-J, eq. (15)', 'eval1': '-J, 1 importance sample',
    'evalN': '-J, 5 importance samples'}


def _objective(name):
    """Key of the objective itself in a record."""
    return 'train' if name == 'train' else 'eval'


def _terms(values):
    return [term for term in values if term not in ('train', 'eval')]

"""What metrics.json says of a run."""
from __future__ import division, print_function

from collections import OrderedDict

from untapped.runs import records
from untapped.runs.config import seeds

__all__ = ['head', 'model_metrics']


def head(options, raw, settings, model=None):
    """What stands at the head of each metrics.json.

    `settings` are those of each model by its key; `model` is the key of the
    one that it is about, None for all.
    """
    chosen = settings[model or list(settings)[-1]]
    return [
        ('experiment', options.experiment),
        ('preset', options.preset),
        ('objective', chosen['objective']),
        ('reverse', chosen['reverse']),
        ('model', model or options.model),
        ('quick', options.quick),
        ('data', OrderedDict([('kind', raw.kind), ('source', raw.source),
                              ('split', options.split)])),
        ('seeds', seeds(options))]


def model_metrics(head, fitted, validation, endmember_error, findings):
    """A model's metrics.json: no times and no paths of the machine in it.

    Two runs with the same bits have the same metrics.json.

    Parameters
    ----------
    head : list of pairs, see `head`
    fitted : fitting.Fitted
    validation, endmember_error, findings
        What `studies.evaluation` says of the model.
    """
    last = None
    if fitted.record['epochs']:
        last = OrderedDict([('epoch', fitted.record['epochs'][-1])])
        last.update(records.last(fitted.record))
    return OrderedDict(head + [
        ('status', fitted.status),
        ('stopped_early', fitted.status != 'complete'),
        ('epochs', OrderedDict([('asked', fitted.model.num_epochs),
                                ('done', fitted.epochs_done)])),
        ('parameters_sha256', OrderedDict([
            ('start', fitted.sha256_at_start),
            ('end', fitted.model.parameters_sha256())])),
        ('validation', validation),
        ('endmember_error', endmember_error),
        ('findings', findings),
        ('last_evaluation', last),
    ])

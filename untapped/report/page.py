"""What report.html says: the verdict in a few lines, then the details."""
from __future__ import division, print_function

from collections import OrderedDict

from untapped.report.content import OPEN

__all__ = ['page', 'verdict', 'settings_table']

REPEAT_NOTE = (
    'Under the pins (make pins) the same command gives the same numbers to '
    'the last bit. Beside this page, config.json holds every setting and '
    'seed, parameters.npz what was learned, and answers.npz what the '
    'figures show.')


def page(about, sections, lines):
    """What `html.write` takes, but for the folder.

    Parameters
    ----------
    about : dict
        title, source, objective, command, provenance (pairs) and settings
        (label of a model -> its hyperparameters).
    sections : list
        See `html.save_section`.
    lines : list of str
        See `verdict`.
    """
    return OrderedDict([
        ('title', about['title']), ('source', about['source']),
        ('objective', about['objective']), ('verdict', lines),
        ('sections', sections),
        ('settings', settings_table(about['settings'])),
        ('provenance', about['provenance']),
        ('command', about['command']), ('repeat_note', REPEAT_NOTE)])


NOTHING = ('Nothing to reproduce: the paper has no numbers for this run, or '
           'M2 and Untapped were not both trained.')


def verdict(sentences, forbids, limits, nothing=NOTHING):
    """Lines: what was reproduced, what was not, what several runs cannot
    tell (where there is any of it), and what to mind.

    Parameters
    ----------
    sentences : list
        `content.Finding` among them are judged; the others are passed over.
    forbids, limits : list of str
        What forbids a comparison with the paper, and what limits it.
    nothing : str
        What is said where nothing is judged.

    Returns
    -------
    list of str
        Where something forbids the comparison, nothing is called
        reproduced.
    """
    judged = [s for s in sentences if getattr(s, 'reproduced', None)
              is not None]
    if judged:
        heads = (('As in the paper so far', 'Unlike the paper so far')
                 if forbids else ('Reproduced', 'Not reproduced'))
        lines = ['%s: %s.' % (head, '; '.join(
            s.brief for s in judged if s.reproduced is wanted) or 'nothing')
            for head, wanted in zip(heads + ('Cannot be told apart',),
                                    (True, False, OPEN))
            if wanted is not OPEN or any(
                s.reproduced is OPEN for s in judged)]
    else:
        lines = [nothing]
    mind = ' '.join(list(forbids) + list(limits))
    return lines + (['Mind: ' + mind] if mind else [])


def settings_table(settings):
    """Hyperparameters, a model a column.

    Parameters
    ----------
    settings : OrderedDict
        Label of a model -> its hyperparameters.
    """
    flat = OrderedDict((label, _flat(values))
                       for label, values in settings.items())
    keys = []
    for values in flat.values():
        keys += [key for key in values if key not in keys]
    rows = [[key] + [values.get(key, '') for values in flat.values()]
            for key in keys]
    return OrderedDict([('columns', ['setting'] + list(flat)),
                        ('rows', rows)])


def _flat(values):
    flat = OrderedDict()
    for key, value in values.items():
        if key == 'networks':
            for name, arch in value.items():
                flat['network ' + name] = '; '.join(
                    '%s %s' % (k.replace('_', ' '), _plain(v))
                    for k, v in arch.items())
        else:
            flat[key] = _plain(value)
    return flat


def _plain(value):
    if isinstance(value, float):
        return '%.6g' % value
    if isinstance(value, dict):
        return ' '.join('%s' % v if k == 'name' else '%s=%g' % (k, v)
                        for k, v in value.items())
    if isinstance(value, (list, tuple)):
        return ', '.join('%s' % v for v in value) or 'none'
    return '%s' % (value,)

"""A finished run as Markdown, so that no number is typed by hand.

The command that made it, the data, the paper's numbers and the run's side by
side, and the SHA-256 of what was learned. For runs over seeds or splits: mean
and standard deviation, and Untapped against M2.
"""
from __future__ import division, print_function

from collections import OrderedDict, namedtuple

from untapped.report import paper

__all__ = ['markdown', 'Compared']

#: A quantity as the paper and a run have it: its label; the paper's numbers;
#: (mean, standard deviation or None) by method; and of Untapped against M2
#: the ratio of their means, how often Untapped is better, and p of a paired
#: test. None where there is none.
Compared = namedtuple('Compared', 'label printed found ratio wins p')


def markdown(report, preset, runs, quantities):
    """Lines of Markdown for one finished run.

    Parameters
    ----------
    report : dict
        The content of report.json.
    preset : str
    runs : OrderedDict
        Name of a run, empty for one alone -> metrics by method.
    quantities : list of Compared
    """
    lines = ['    ' + report['command'], '',
             'Data: %s. Preset %s.' % (report['source'], preset), '']
    lines += _table(quantities, [
        (key, label) for key, label in paper.METHODS
        if all(key in each for each in runs.values())], len(runs) > 1)
    lines.append('')
    # Details of one run follow those of all.
    sections = report.get('sections', [])[:1 if len(runs) > 1 else None]
    # an earlier version's verdict holds the details, too
    for sentence in OrderedDict.fromkeys(report['verdict'] + [
            s for section in sections for s in section['sentences']]):
        lines.append('- ' + sentence)
    lines.append('')
    for name, each in runs.items():
        for key, label in paper.METHODS:
            if 'parameters_sha256' in each.get(key, {}):
                epochs = each[key]['epochs']
                lines.append('- SHA-256 of the parameters of %s%s, %d of %d '
                             'epochs: `%s`' % (
                                 label, name and ', ' + name,
                                 epochs['done'], epochs['asked'],
                                 each[key]['parameters_sha256']['end']))
    return lines


def _table(quantities, methods, several):
    """The paper's numbers and those of one run or of several."""
    head = ['quantity']
    for _, label in methods:
        head += ['%s, paper' % label, label]
    both = all(key in dict(methods) for key in ('m2', 'untapped'))
    if both:
        head += ['Untapped / M2'] + ['Untapped better', 'p'] * several
    rows = [head, ['---'] * len(head)]
    for each in quantities:
        row = [each.label]
        for key, _ in methods:
            row += [_number(each.printed.get(key)),
                    _spread(*each.found.get(key, (None, None)))]
        if both:
            row += [_number(each.ratio)] + [
                each.wins or '', _number(each.p)] * several
        rows.append(row)
    return ['| %s |' % ' | '.join(cells) for cells in rows]


def _spread(mean, deviation):
    """A mean and its standard deviation, or the one value."""
    if deviation is None:
        return _number(mean)
    return u'%s \u00b1 %s' % (_number(mean), '%.2g' % deviation)


def _number(value):
    return '' if value is None else '%.4g' % value

"""A finished run as Markdown, so that no number is typed by hand.

The command that made it, the data, the paper's numbers and the run's side by
side, and the SHA-256 of what was learned. For runs over data seeds,
seeds or splits: mean and standard deviation, and Untapped against M2.
"""
from __future__ import division, print_function

from collections import OrderedDict

from untapped.report import paper
from untapped.report.content import shown

__all__ = ['ablation', 'markdown', 'Compared']

#: What stands of Untapped against M2, see `Compared.against`.
AGAINST = ['Untapped better', 'difference', '95 % interval', 'median',
           'effect size', 'p, Holm', 'astray', 'verdict']


class Compared(object):
    """A quantity as the paper and a run have it.

    Parameters
    ----------
    label : str
    printed : dict, the paper's numbers by method
    found : OrderedDict, (mean, standard deviation or None) by method

    Attributes
    ----------
    ratio, wins, test, holm, verdict, far
        Of Untapped against M2: the ratio of their means; how often Untapped
        is better; a `studies.statistics.Test`, its p in Holm's way and its
        verdict; which differences are astray. None where there is none.
    """

    def __init__(self, label, printed, found):
        self.label, self.printed, self.found = label, printed, found
        self.ratio = self.wins = self.test = None
        self.holm = self.verdict = self.far = None

    def against(self):
        """Cells of Untapped against M2."""
        if self.test is None:
            return [''] * 8
        low, high = [_number(each) for each in (self.test.low,
                                                self.test.high)]
        return [self.wins, _number(self.test.mean),
                low and '%s to %s' % (low, high), _number(self.test.median),
                _number(self.test.effect),
                '%s, %s' % (_number(self.test.p), _number(self.holm))
                if low else '', self.far, self.verdict]


def markdown(report, preset, runs, quantities, over):
    """Lines of Markdown for one finished run.

    Parameters
    ----------
    report : dict
        The content of report.json.
    preset : str
    runs : OrderedDict
        Name of a run, empty for one alone -> metrics by method.
    quantities : list of Compared
    over : str, what an interval is over
    """
    lines = ['    ' + report['command'], '',
             'Data: %s. Preset %s.' % (report['source'], preset), '']
    lines += _table(quantities, [
        (key, label) for key, label in paper.METHODS
        if all(key in each for each in runs.values())], len(runs) > 1)
    if len(runs) > 1:
        lines += ['', u'\u00b1: standard deviation over the runs. '
                  'Differences: Untapped - M2, over %s.' % over]
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


def ablation(report, preset):
    """Lines of Markdown for a finished ablation: its sentences and tables.

    Parameters
    ----------
    report, preset : see `markdown`
    """
    section = report['sections'][0]
    lines = ['    ' + report['command'], '',
             'Data: %s. Preset %s.' % (report['source'], preset), '']
    lines += ['- ' + sentence
              for sentence in report['verdict'] + section['sentences']]
    for table in section['tables']:
        rows = [table['columns'], ['---'] * len(table['columns'])] + [
            [shown(cell, '').replace('|', '\\|') for cell in row]
            for row in table['rows']]
        lines += ['', table['title'], ''] + [
            '| %s |' % ' | '.join(row) for row in rows]
        lines += ['', table['note']] * bool(table['note'])
    return lines


def _table(quantities, methods, several):
    """The paper's numbers and those of one run or of several."""
    head = ['quantity']
    for _, label in methods:
        head += ['%s, paper' % label, label]
    both = all(key in dict(methods) for key in ('m2', 'untapped'))
    if both:
        head += ['Untapped / M2'] + AGAINST * several
    rows = [head, ['---'] * len(head)]
    for each in quantities:
        row = [each.label]
        for key, _ in methods:
            row += [_number(each.printed.get(key)),
                    _spread(*each.found.get(key, (None, None)))]
        if both:
            row += [_number(each.ratio)] + each.against() * several
        rows.append(row)
    return ['| %s |' % ' | '.join(cells) for cells in rows]


def _spread(mean, deviation):
    """A mean and its standard deviation, or the one value."""
    if deviation is None:
        return _number(mean)
    return u'%s \u00b1 %s' % (_number(mean), '%.2g' % deviation)


def _number(value):
    return '' if value is None else '%.4g' % value

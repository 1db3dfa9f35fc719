"""The results of a run as text for the console."""
from __future__ import division, print_function

from untapped.report.content import shown
from untapped.runs import records

__all__ = ['aligned', 'findings', 'results']


def aligned(rows, left=1):
    """Lines of a table: the first `left` columns to the left, the others,
    numbers, to the right.

    Parameters
    ----------
    rows : list of lists of str
        All rows of the same length.
    """
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return ['  '.join(
        cell.ljust(width) if column < left else cell.rjust(width)
        for column, (cell, width) in enumerate(zip(row, widths))).rstrip()
        for row in rows]


def findings(shown_tables, sentences, verdict):
    """Lines of a report's first tables, its details and its verdict.

    Parameters
    ----------
    shown_tables : list of content.Table
    sentences, verdict : lists of str
    """
    lines = []
    for table in shown_tables:
        cells = [table.columns] + table.rows
        lines.append(table.title)
        lines += aligned([[shown(cell, '-') for cell in row]
                          for row in cells], left=2)
        lines.append('')
    lines += ['- ' + sentence for sentence in sentences]
    return lines + [''] + list(verdict) + ['']


def results(metrics, terms):
    """Lines of the table that ends a run.

    Parameters
    ----------
    metrics : dict
        The content of metrics.json.
    terms : dict
        Key of a term -> (label, equation), `terms.labels`.
    """
    rows = [['Validation', '']]
    rows += [['  ' + LABELS[key], _number(value)]
             for key, value in metrics['validation'].items()]
    if metrics['endmember_error']:
        rows.append(['Endmember error ||x_bar - x||_2', ''])
        rows += [['  ' + name, _number(value)]
                 for name, value in metrics['endmember_error'].items()]
    lines = aligned(rows) + ['']

    last = metrics['last_evaluation']
    if last is None:
        return lines + ['No evaluation was reached: no terms of J.']
    # The published code minimizes: the records are of -J.
    rows = [['Terms of -J at epoch %d' % last['epoch'], '', 'training',
             'validation', '5 imp. samples'],
            ['  -J', 'eq. (15)', _number(last['train']['train']),
             _number(last['eval1'].get('eval')),
             _number(last['evalN'].get('eval'))]]
    for key in records.in_order(last['train'], terms):
        label, equation = terms.get(key, (key, ''))
        rows.append(['  ' + label, equation] + [
            _number(last[name].get(key)) for name in records.RECORDS])
    return lines + aligned(rows, left=2)


LABELS = {
    'kl': 'KL(true || predicted) of y, nats',
    'kl_all_parts': 'KL over the ten parts alone, nats',
    'generation_error': '||x_bar - x||_2, x_bar from y and the mean z',
    'generation_error_own_z': '||x_bar - x||_2, x_bar from y and its own z',
}


def _number(value):
    return '-' if value is None else '%.6g' % value

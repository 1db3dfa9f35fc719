"""What a report is made of: sections of sentences, tables and figures."""
from __future__ import division, print_function

from collections import OrderedDict

from untapped.report.paper import METHODS

__all__ = ['METHODS', 'Table', 'Drawing', 'Section', 'Result', 'table_csv',
           'table_json', 'shown', 'comparison', 'ordering']


class Table(object):
    """A table of the report; also written as CSV and JSON.

    Parameters
    ----------
    name : str
        Of its files.
    title : str
    columns : list of str
    rows : list of lists of str, float, int or None
    note : str
        A sentence below it.
    """

    def __init__(self, name, title, columns, rows, note=''):
        self.name, self.title, self.note = name, title, note
        self.columns, self.rows = columns, rows


class Drawing(object):
    """A figure of the report; written as PNG and PDF.

    Parameters
    ----------
    name : str
        Of its files.
    title, caption : str
    draw : callable without arguments
        Returns the matplotlib Figure.
    """

    def __init__(self, name, title, caption, draw):
        self.name, self.title, self.caption = name, title, caption
        self.draw = draw


class Section(object):
    """A heading, sentences below it, and what they are about."""

    def __init__(self, title, sentences=(), tables=(), drawings=()):
        self.title, self.sentences = title, list(sentences)
        self.tables, self.drawings = list(tables), list(drawings)


class Result(object):
    """One method of a comparison after training.

    Attributes
    ----------
    key : 'pls', 'm2' or 'untapped'
    label : str
    validation, endmember_error : OrderedDicts, see `evaluation.evaluate`
    findings : OrderedDict
        See `evaluation.judge` and the experiment's own ``findings``.
    answers : dict of arrays
        See `evaluation.answers`.
    """

    def __init__(self, key, validation, endmember_error, findings, answers):
        self.key, self.label = key, dict(METHODS)[key]
        self.validation, self.endmember_error = validation, endmember_error
        self.findings, self.answers = findings, answers


def shown(value, absent=u'\u2013'):
    """A cell as people read it: four significant digits."""
    if value is None:
        return absent
    if isinstance(value, float):
        return '%.4g' % value
    return u'%s' % (value,)


def table_csv(table):
    """Comma-separated; numbers by repr, absent ones empty."""
    lines = [table.columns] + table.rows
    return '\n'.join(','.join(_csv_cell(cell) for cell in line)
                     for line in lines) + '\n'


def _csv_cell(cell):
    if cell is None:
        return ''
    if isinstance(cell, float):
        return repr(cell)
    text = u'%s' % (cell,)
    if any(sign in text for sign in ',"\n'):
        text = '"%s"' % text.replace('"', '""')
    return text


def table_json(table):
    """For `run_folder.to_json`."""
    return OrderedDict([('title', table.title), ('columns', table.columns),
                        ('rows', table.rows), ('note', table.note)])


def comparison(name, title, quantities, results, note=''):
    """The paper's numbers and ours, a method a column.

    Parameters
    ----------
    quantities : list of (label, the paper's dict or None, our dict)
        Dicts from a method's key to a number; absent keys stay empty.
    results : list of Result

    Returns
    -------
    Table
        With a last column, Untapped divided by M2, where both are there.
    """
    keys = [result.key for result in results]
    both = 'm2' in keys and 'untapped' in keys
    columns = ['Quantity', 'Source'] + [r.label for r in results]
    if both:
        columns.append('Untapped / M2')
    rows = []
    for label, printed, ours in quantities:
        for source, values in (('paper', printed), ('this run', ours)):
            if values is None:
                continue
            row = [label, source] + [values.get(key) for key in keys]
            if both:
                row.append(_ratio(values))
            rows.append(row)
    return Table(name, title, columns, rows, note)


def _ratio(values):
    m2, untapped = values.get('m2'), values.get('untapped')
    if not m2 or untapped is None:
        return None
    return untapped / m2


#: Numbers closer than this share of themselves are called the same.
TIE = 0.002


def ordering(quantity, printed, ours, more_is_better=False):
    """The verdict on M2 and Untapped, a sentence; None without both.

    Parameters
    ----------
    quantity : str
    printed, ours : dicts from method to number
        The paper's may be None: then the sentence tells only of ours.
    more_is_better : bool
    """
    if 'm2' not in ours or 'untapped' not in ours:
        return None
    m2, untapped = ours['m2'], ours['untapped']
    if not (m2 == m2 and untapped == untapped):
        return '%s: not comparable, as one value is not a number.' % quantity
    wins = untapped > m2 if more_is_better else untapped < m2
    here = 'Untapped %s, M2 %s' % (shown(untapped), shown(m2))
    if abs(untapped - m2) <= TIE * max(abs(untapped), abs(m2)):
        return '%s: %s; no difference in this run%s.' % (
            quantity, here, '' if not printed or 'm2' not in printed else
            ', unlike in the paper (%s and %s)' % (
                shown(printed['untapped']), shown(printed['m2'])))
    outcome = 'Untapped is the %s in this run' % (
        'better' if wins else 'worse')
    if m2:
        outcome += ' (ratio %s)' % shown(untapped / m2)
    if not printed or 'm2' not in printed:
        return '%s: %s; %s.' % (quantity, here, outcome)
    return '%s: %s; %s, %s the paper (%s and %s, ratio %s).' % (
        quantity, here, outcome,
        'as in' if wins else 'unlike in', shown(printed['untapped']),
        shown(printed['m2']), shown(printed['untapped'] / printed['m2']))

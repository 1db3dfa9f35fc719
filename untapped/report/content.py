"""What a report is made of: sections of sentences, tables and figures."""
from __future__ import division, print_function

import csv
import io
import traceback
from collections import OrderedDict

from untapped.errors import SavingError
from untapped.files import texts
from untapped.report.paper import BASELINES, METHODS

__all__ = ['METHODS', 'Table', 'Drawing', 'Section', 'Result', 'Finding',
           'Missing', 'attempt', 'by_method', 'each_alone', 'models',
           'table_csv', 'table_json', 'shown', 'comparison', 'ordering',
           'same', 'OPEN']


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
    """A heading, sentences below it, and what they are about.

    Sentences are texts, `Finding` or None, which is passed over.  What could
    not be made, a `Missing`, is a sentence wherever it stands.
    """

    def __init__(self, title, sentences=(), tables=(), drawings=()):
        self.title = title
        self.tables, self.drawings = [
            [part for part in parts if not isinstance(part, Missing)]
            for parts in (tables, drawings)]
        self.sentences = list(sentences) + [
            part for parts in (tables, drawings) for part in parts
            if isinstance(part, Missing)]


#: Neither reproduced nor not: M2 and Untapped cannot be told apart.
OPEN = 'open'


class Finding(type(u'')):
    """A sentence that compares a run with the paper; a text otherwise.

    Attributes
    ----------
    reproduced : bool, OPEN or None
        Whether the run agrees with the paper; OPEN where several runs cannot
        tell; None where the paper has nothing to compare with.
    brief : str
        A few words for the verdict; no full stop.
    """

    def __new__(cls, text, reproduced, brief):
        made = super(Finding, cls).__new__(cls, text)
        made.reproduced, made.brief = reproduced, brief
        return made


class Missing(type(u'')):
    """A sentence in the place of what could not be made.

    Attributes
    ----------
    trace : str, the traceback of what went wrong
    """

    trace = ''


def attempt(what, make):
    """What `make` returns or, where it fails, a `Missing` that says so.

    What comes after training is as good as the data: no table or figure that
    cannot be made takes the others with it.

    Parameters
    ----------
    what : str, for the sentence
    make : callable without arguments

    Raises
    ------
    SavingError, as the rest could not be written either
    """
    try:
        return make()
    except SavingError:
        raise
    except Exception as error:
        told = traceback.format_exception_only(type(error), error)[-1]
        made = Missing(u'%s cannot be made (%s).' % (
            texts.legible(what), ' '.join(texts.legible(told).split())[:200]))
        made.trace = traceback.format_exc()
        return made


def each_alone(parts):
    """Sections, of which none takes another with it.

    Parameters
    ----------
    parts : list of (title, callable without arguments)
        The latter returns a `Section`.
    """
    made = [(title, attempt('Section "%s"' % title, make))
            for title, make in parts]
    return [Section(title, [part]) if isinstance(part, Missing) else part
            for title, part in made]


class Result(object):
    """One method of a comparison after training.

    Attributes
    ----------
    key : one of `paper.METHODS`
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


def models(results):
    """Those of M2 and Untapped, without the baselines."""
    return [result for result in results if result.key not in BASELINES]


def by_method(results, number):
    """Method's key -> a number of its `Result`."""
    return OrderedDict((result.key, number(result)) for result in results)


def shown(value, absent=u'\u2013'):
    """A cell as people read it: four significant digits."""
    if value is None:
        return absent
    if isinstance(value, float):
        return '%.4g' % value
    return u'%s' % (value,)


def table_csv(table):
    """Comma-separated text; numbers by repr, absent ones empty."""
    # Python 2's csv writes bytes
    stream = io.BytesIO() if str is bytes else io.StringIO()
    writer = csv.writer(stream, lineterminator='\n')
    for line in [table.columns] + table.rows:
        writer.writerow([
            cell.encode('utf-8') if str is bytes and
            isinstance(cell, type(u'')) else cell for cell in line])
    text = stream.getvalue()
    return text.decode('utf-8') if str is bytes else text


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
    """Compare M2 and Untapped with each other and with the paper.

    Parameters
    ----------
    quantity : str
    printed, ours : dicts from method to number
        The paper's is None or empty where the paper claims nothing. Where
        it lacks M2's number, Untapped has to reach that of Untapped, too.
    more_is_better : bool

    Returns
    -------
    Finding or None
        None without both models.
    """
    if 'm2' not in ours or 'untapped' not in ours:
        return None
    m2, untapped = ours['m2'], ours['untapped']
    here = 'Untapped %s, M2 %s' % (shown(untapped), shown(m2))
    theirs = _printed(printed or {})
    brief = '%s, %s%s' % (quantity, here,
                          theirs and ' (in the paper %s)' % theirs)
    if not (m2 == m2 and untapped == untapped):
        return Finding('%s: not comparable, as one value is not a number.'
                       % quantity, False if printed else None, brief)
    wins = untapped > m2 if more_is_better else untapped < m2
    if same(m2, untapped):
        wins, outcome = False, 'there is no difference in this run'
    else:
        outcome = 'Untapped is the %s in this run%s' % (
            'better' if wins else 'worse',
            ' (ratio %s)' % shown(untapped / m2) if m2 else '')
    if not printed:
        return Finding('%s: %s; %s.' % (quantity, here, outcome), None, brief)
    if 'm2' in printed:
        theirs += ', ratio %s' % shown(printed['untapped'] / printed['m2'])
    elif more_is_better:
        wins = wins and untapped >= printed['untapped']
    else:
        wins = wins and untapped <= printed['untapped']
    return Finding('%s: %s; %s, %s the paper (%s).' % (
        quantity, here, outcome, 'as in' if wins else 'unlike in', theirs),
        wins, brief)


def same(one, other):
    """Whether two numbers differ by no more than `TIE` of the larger."""
    return abs(one - other) <= TIE * max(abs(one), abs(other))


def _printed(numbers):
    """The paper's numbers of Untapped and M2 in words."""
    return ', '.join('%s %s' % (label, shown(numbers[key]))
                     for key, label in reversed(METHODS)
                     if key not in BASELINES and key in numbers)

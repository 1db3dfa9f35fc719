# -*- coding: utf-8 -*-
"""Numbers as text, and tables of Markdown."""
from __future__ import division, print_function

from untapped.studies import statistics

__all__ = ['chance', 'hours', 'interval', 'number', 'percent', 'spread',
           'table']


def number(value, digits=4):
    """A number, or nothing for None."""
    if value is None:
        return u''
    text = u'%.*g' % (digits, value)
    return text.replace(u'-', u'\u2212') if text[:1] == '-' else text


def interval(low, high, digits=3):
    """An interval, or nothing where there is none."""
    if low is None:
        return u''
    return u'[%s, %s]' % (number(low, digits), number(high, digits))


def percent(value):
    """A share as a percentage."""
    return u'' if value is None else number(100 * value, 3) + u' %'


def chance(p):
    """p, or nothing for None."""
    if p is None:
        return u''
    return u'< 0.0001' if p < .0001 else number(p, 2)


def hours(seconds):
    """Seconds as hours, or minutes below one."""
    if seconds < 3600:
        return u'%s min' % number(seconds / 60, 2)
    return u'%s h' % number(seconds / 3600, 3)


def spread(found):
    """Mean and standard deviation of numbers."""
    mean, deviation = statistics.summary(found)[:2]
    if deviation is None:
        return number(mean)
    return u'%s \u00b1 %s' % (number(mean), number(deviation, 2))


def table(columns, rows):
    """A table of Markdown; columns in which nothing stands are left out."""
    kept = [i for i in range(len(columns))
            if i == 0 or any(row[i] for row in rows)]
    lines = [[columns[i] for i in kept], [u'---'] * len(kept)] + [
        [row[i] or u'' for i in kept] for row in rows]
    return u'\n'.join(u'| %s |' % u' | '.join(cells) for cells in lines)

"""Small helpers by the names that other code imports."""
from __future__ import division, print_function

import datetime
import os

from untapped.datasets import download
from untapped.files import pickles

__all__ = ['timeStamp', 'load_url', 'toLog', 'toScreen']


def timeStamp(fmt='%Y-%m-%d-%H-%M-%S/{}'):
    """The local time as a folder name; by default a template ends it."""
    now = datetime.datetime.now()
    return now.strftime(fmt)


def load_url(url, data_path):
    """Objects of a gzipped pickle, downloaded from url if it is not there.

    Only arrays, plain containers, numbers and strings are built from the
    file; anything else in it is refused and never executed.

    Parameters
    ----------
    url : str
    data_path : str, where the file is or will be
    """
    if not os.path.isfile(data_path):
        print('Downloading data from %s' % url)
        download.fetch(url, data_path)
    return pickles.read_pickle(data_path)


def _entries(prefix, *dicts):
    start = prefix + ' ' if prefix else ''
    for entries in dicts:
        for key, value in entries.items():
            yield '%s%s: \t%s' % (start, _on_one_line(key),
                                  _on_one_line(value))


def _on_one_line(value):
    return ''.join(repr(value).split('\n'))


def toLog(prefix='', mydict=None, **kwargs):
    """Entries as text, a line each and an empty one."""
    lines = list(_entries(prefix, mydict or {}, kwargs))
    return '\n'.join(lines + ['', '']) if lines else '\n'


def toScreen(prefix='', mydict=None, **kwargs):
    """Print entries, a line each and an empty one."""
    for line in _entries(prefix, mydict or {}, kwargs):
        print(line)
    print('')

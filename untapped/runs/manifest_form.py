"""The form of manifest.json: what a program may rely on when it reads one.

A form is a function of a value and its place: None if the value has the form,
else a sentence such as 'outputs/log.txt/bytes: expected a whole number'.
"""
from __future__ import division, print_function

import re

from untapped.runs.config import EXPERIMENTS

__all__ = ['misfit']

_CONTROL = re.compile(r'[\x00-\x1f\x7f]')
_SHA256 = re.compile(r'[0-9a-f]{64}\Z')
_WHOLE = (int,) if str is not bytes else (int, long)  # noqa: F821


def _leaf(wanted, fits):
    return lambda value, place: None if fits(value) else '%s: expected %s' % (
        place or 'it', wanted)


def _one_of(*texts):
    return _leaf('one of ' + ', '.join(texts),
                 lambda value: isinstance(value, str) and value in texts)


_one = _leaf('1', lambda value: type(value) is int and value == 1)
# not isinstance: to Python True is an int
_whole = _leaf('a whole number',
               lambda value: type(value) in _WHOLE and value >= 0)
_text = _leaf('a line of text', lambda value: (
    isinstance(value, str) and not _CONTROL.search(value)))
# a path at most; Python's int() takes hours for a number of megabytes
_argument = _leaf('an argument', lambda value: (
    _text(value, '') is None and len(value) <= 4096))
_sha256 = _leaf('a SHA-256', lambda value: (
    isinstance(value, str) and _SHA256.match(value) is not None))
_object = _leaf('an object', lambda value: isinstance(value, dict))
_list = _leaf('a list', lambda value: isinstance(value, list))


def _or_none(form):
    return lambda value, place: (None if value is None
                                 else form(value, place))


def _first(told):
    return next((sentence for sentence in told if sentence), None)


def _each(form):
    """An object with any keys, and one form for all values."""
    return lambda value, place: _object(value, place) or _first(
        form(part, '%s/%s' % (place, key)) for key, part in value.items())


def _entries(form):
    return lambda value, place: _list(value, place) or _first(
        form(part, '%s/%d' % (place, index))
        for index, part in enumerate(value))


def _record(optional=None, **forms):
    """An object with these keys at least; `optional` ones may be absent."""
    def record(value, place=''):
        there = dict((key, form) for key, form in (optional or {}).items()
                     if isinstance(value, dict) and key in value)
        return _object(value, place) or _first(
            form(value.get(key), '%s/%s' % (place, key))
            for key, form in sorted(dict(forms, **there).items()))
    return record


def _evaluation(value, place):
    """A pair of an epoch and the parameters' hash."""
    if not isinstance(value, list) or len(value) != 2:
        return '%s: expected a pair' % place
    return _whole(value[0], place + '/0') or _sha256(value[1], place + '/1')


def _sessions(value, place):
    """One at least."""
    if value == []:
        return '%s: expected a list that is not empty' % place
    return _entries(_record(started_utc=_text, ended_utc=_or_none(_text)))(
        value, place)


_BEGUN = dict(
    manifest=_one,
    status=_one_of('running', 'stopped early', 'complete', 'diverged'),
    experiment=_one_of(*EXPERIMENTS),
    arguments=_entries(_argument), seeds=_object, sessions=_sessions,
    # a run that is made of runs is not trained itself
    data=_record({'sha256_as_trained': _each(_sha256)}, kind=_text,
                 source=_text, sha256=_each(_sha256)),
    ran_on=_record(
        code=_record(version=_text, commit=_or_none(_text), sha256=_sha256,
                     files=_each(_or_none(_sha256))),
        python=_record(version=_text, implementation=_text),
        pins=_each(_or_none(_text))))
_RESULTS = dict(
    parameters_sha256=_each(_record(
        start=_sha256, evaluations=_entries(_evaluation), end=_sha256)),
    outputs=_each(_record(bytes=_whole, sha256=_sha256)))
_ended = _record(**dict(_BEGUN, **_RESULTS))
# they may be those of a session before
_running = _record(**dict(_BEGUN, **dict(
    (key, _or_none(form)) for key, form in _RESULTS.items())))


def misfit(found):
    """Where a value is not as in a manifest; None if it is one."""
    running = isinstance(found, dict) and found.get('status') == 'running'
    told = (_running if running else _ended)(found, '')
    return told and told.lstrip('/')

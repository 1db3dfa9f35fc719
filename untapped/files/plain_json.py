"""JSON from strangers: of bounded size and depth, and nothing but JSON.

Python's own reader takes a key's second value for the first, NaN for a
number, a million digits for an integer, and nests until it fails.
"""
from __future__ import division, print_function

import json
import re
from collections import OrderedDict

from untapped.errors import InputError
from untapped.files import regular, texts

__all__ = ['parse', 'read', 'shown']

#: Bytes of a file.  A thousand runs' manifest has a tenth of it.
LARGEST = 1 << 25
#: How often signs may be in it, which bounds what it becomes in memory:
#: objects; keys; entries of lists.
SIGNS = ((b'{', 100000), (b':', 500000), (b'[,', 2000000))
#: Lists and objects within each other.
DEEPEST = 40
DIGITS = 20

_CONTROL = re.compile(u'[\x00-\x1f\x7f-\x9f]')


def read(path, largest=LARGEST, links=True, native=True):
    """The content of a JSON file.

    Parameters
    ----------
    path : str
    largest : int, bytes that it may have
    links : bool, whether a symbolic link is followed
    native : bool, see `parse`

    Raises
    ------
    InputError, one sentence that names the file
    """
    try:
        return parse(regular.read(path, largest, links), native)
    except InputError:
        raise
    except ValueError as error:
        raise InputError('%s is no JSON that can be read: %s' % (
            path, ' '.join(str(error).split())[:200]))


def parse(content, native=True):
    """What the bytes of a JSON file stand for; ValueError.

    Parameters
    ----------
    content : bytes
    native : bool
        Texts become Python's own strings, UTF-8 in Python 2, as paths are;
        else they are Unicode.  Keys are Python's own always.

    Returns
    -------
    OrderedDicts, lists, numbers, bools, None and texts
    """
    for signs, most in SIGNS:
        if sum(content.count(signs[i:i + 1])
               for i in range(len(signs))) > most:
            raise ValueError('it has more than %d of %s'
                             % (most, signs.decode('ascii')))
    try:
        found = json.loads(
            content.decode('utf-8'), object_pairs_hook=_object,
            parse_int=_whole, parse_float=_finite, parse_constant=_constant)
    except RuntimeError:        # Python's own limit
        raise ValueError('it nests without end')
    return _plain(found, texts.native if native else _same, 0)


def shown(value, most=100):
    """A value from a file, for a message: one line of ASCII, not too long."""
    if not isinstance(value, (bytes, type(u''))):
        value = json.dumps(value)
    if isinstance(value, bytes):
        value = value.decode('utf-8', 'replace')
    text = str(value.encode('unicode_escape').decode('ascii'))
    return text if len(text) <= most else text[:most - 3] + '...'


def _object(pairs):
    found = OrderedDict()
    for key, value in pairs:
        if _CONTROL.search(key):
            raise ValueError('a key has control characters')
        key = texts.native(key)
        if key in found:
            raise ValueError('the key %s is there twice' % key[:60])
        found[key] = value
    return found


def _whole(text):
    if len(text) > DIGITS:
        # longer ones take time that grows with the square of their length
        raise ValueError('a number has %d digits' % len(text))
    return int(text)


def _finite(text):
    value = float(text)
    if value in (float('inf'), -float('inf')):
        raise ValueError('the number %s is too large' % text[:20])
    return value


def _constant(text):
    raise ValueError('%s is no number of JSON' % text)


def _plain(value, of_text, depth):
    """`value` with its texts as wanted; it is changed in place."""
    if depth > DEEPEST:
        raise ValueError('it nests more than %d deep' % DEEPEST)
    if isinstance(value, (dict, list)):
        parts = (list(value.items()) if isinstance(value, dict)
                 else enumerate(value))
        for key, part in parts:
            value[key] = _plain(part, of_text, depth + 1)
        return value
    return of_text(value) if isinstance(value, type(u'')) else value


def _same(text):
    return text

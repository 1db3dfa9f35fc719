"""Text from outside: arguments, paths and names, in whatever encoding.

A path is bytes to the system and text to a reader.  Python's own strings are
kept for both (bytes in Python 2); what leaves them, for JSON, a page or a
terminal, leaves through here.
"""
from __future__ import division, print_function

import re

import six

__all__ = ['TEXTS', 'legible', 'native', 'text']

#: the kinds of text that either Python has
TEXTS = (str, six.text_type)

#: a byte that is no UTF-8 is the surrogate U+DC00 + its value, as Python 3
#: has it in paths; one that follows a high surrogate is half of a letter
_BYTE = re.compile(u'(?<![\ud800-\udbff])[\udc80-\udcff]')
#: surrogates as UTF-8 would have them, which Python 2 reads and it has not
_SURROGATE = re.compile(b'(\xed[\xa0-\xbf][\x80-\xbf])')


def text(value):
    """A string as text, from which `native` makes the same bytes again."""
    if not isinstance(value, bytes):
        return value
    return u''.join(_bytes(part) if number % 2 else _text(part)
                    for number, part in enumerate(_SURROGATE.split(value)))


def native(value):
    """Text as one of Python's own strings: in Python 2 its bytes."""
    if str is not bytes or not isinstance(value, six.text_type):
        return value
    parts, start = [], 0
    for found in _BYTE.finditer(value):
        parts += [value[start:found.start()].encode('utf-8'),
                  chr(ord(found.group()) - 0xdc00)]
        start = found.end()
    return b''.join(parts + [value[start:].encode('utf-8')])


def legible(value):
    """A string as text that every file can hold: other bytes as \\xe9."""
    return _BYTE.sub(lambda found: u'\\x%02x' % (ord(found.group()) - 0xdc00),
                     text(value))


def _text(value):
    done = []
    while value:
        try:
            done.append(value.decode('utf-8'))
            break
        except UnicodeDecodeError as error:
            done += [value[:error.start].decode('utf-8'),
                     _bytes(value[error.start:error.end])]
            value = value[error.end:]
    return u''.join(done)


def _bytes(value):
    return u''.join(six.unichr(0xdc00 + byte) for byte in bytearray(value))

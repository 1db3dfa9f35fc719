"""Files that others may have made, read within bounds.

Only a regular file is read: a pipe would wait for ever, a device might never
end, and a symbolic link leads to a file that is not the folder's own.
Without numpy, as what is read may decide the pins.
"""
from __future__ import division, print_function

import json
import os
import stat
from collections import OrderedDict

from untapped.errors import InputError

__all__ = ['FileError', 'opened', 'read', 'read_json', 'shown']

#: bytes of a JSON file; a config.json of 100,000 runs has a fifth
LARGEST_JSON = 1 << 24
#: containers within containers of a JSON file
DEEPEST = 50
#: digits of an integer, whose reading takes quadratic time
LONGEST_INTEGER = 40


class FileError(InputError):
    """A file that cannot be read as what it is; one sentence names it."""


def opened(path):
    """A regular file, open to be read as bytes; FileError."""
    try:
        _check_regular(path, os.lstat(path).st_mode)
        # should something else have taken its place
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
        stream = os.fdopen(handle, 'rb')
    except EnvironmentError as error:
        raise FileError('%s cannot be read: %s' % (path, error.strerror))
    return stream


def _check_regular(path, mode):
    if stat.S_ISLNK(mode):
        raise FileError('%s is a symbolic link, which is not followed; a '
                        'regular file was expected' % path)
    if not stat.S_ISREG(mode):
        raise FileError('%s is no regular file; one was expected' % path)


def read(path, largest):
    """The bytes of a regular file of at most so many; FileError."""
    with opened(path) as stream:
        try:
            content = stream.read(largest + 1)
        except EnvironmentError as error:
            raise FileError('%s cannot be read: %s' % (path, error.strerror))
    if len(content) > largest:
        raise FileError('%s has more than %d bytes, the most that was '
                        'expected' % (path, largest))
    return content


def read_json(path, largest=LARGEST_JSON):
    """The value in a JSON file, its objects as OrderedDicts; FileError.

    NaN and infinities are no JSON, and numbers that become one are refused,
    too.
    """
    try:
        value = json.loads(
            read(path, largest).decode('utf-8'), parse_int=_integer,
            object_pairs_hook=OrderedDict, parse_float=_finite,
            parse_constant=_finite)
    except FileError:
        raise
    except (ValueError, RuntimeError, MemoryError):
        # RuntimeError: nested without end
        raise FileError('%s is no JSON' % path)
    if not _is_shallow(value):
        raise FileError('%s nests more than %d deep' % (path, DEEPEST))
    return value


def _integer(text):
    if len(text) > LONGEST_INTEGER:
        raise ValueError('an integer of %d digits' % len(text))
    return int(text)


def _finite(text):
    value = float(text)
    if value - value != 0:
        raise ValueError('a number that is not finite')
    return value


def _is_shallow(value):
    level = [value]
    for _ in range(DEEPEST):
        level = [part for each in level if isinstance(each, (dict, list))
                 for part in (each.values() if isinstance(each, dict)
                              else each)]
        if not level:
            return True
    return False


def shown(value, most=100):
    """A value from a file, for a message: one line of ASCII, not too long."""
    if not isinstance(value, (bytes, type(u''))):
        value = json.dumps(value)
    if isinstance(value, bytes):
        value = value.decode('utf-8', 'replace')
    text = str(value.encode('unicode_escape').decode('ascii'))
    return text if len(text) <= most else text[:most - 3] + '...'

"""BagIt bags of strangers, checked without trusting them.

bagit makes the bags, and its validator accepts them; but it reads files of
any size, in any encoding that Python knows, through links and out of folders
whose names begin like the bag's.  Here a bag is what `packing` makes, and
nothing else: regular files, each of them listed with its hash.
"""
from __future__ import division, print_function

import hashlib
import os
import re
from collections import OrderedDict

from untapped.errors import InputError
from untapped.files import regular
from untapped.files.hashes import chunks

__all__ = ['ALGORITHMS', 'PAYLOAD', 'SOURCE', 'check', 'portable']

#: of the manifests that are written, and of which one at least is expected
ALGORITHMS = ('sha256', 'sha512')
#: the folder of what a bag was made for, and beside it that of the source
PAYLOAD, SOURCE = 'data', 'source'
#: Bytes of a list of files; 100,000 names of some length.
LARGEST = 1 << 24

_DECLARATION = re.compile(br'BagIt-Version: (0\.97|1\.0)\r?\n'
                          br'Tag-File-Character-Encoding: UTF-8\s*\Z')
_OXUM = re.compile(br'^Payload-Oxum: *([0-9]{1,18})\.([0-9]{1,18})\r?$', re.M)
_LINE = re.compile(r'([0-9a-fA-F]{64}|[0-9a-fA-F]{128})[ \t]+\*?(.+)\Z')
_TAG = re.compile(r'(bagit|bag-info|(tag)?manifest-\w+)\.txt\Z')
_PORTABLE = re.compile(r'[ -~]+\Z')


class _Invalid(ValueError):
    """What is wrong with a bag."""


def portable(name):
    """Whether a file's name is the same in every list and on every disk:
    ASCII without control characters."""
    return _PORTABLE.match(name) is not None


def check(bag):
    """The files of a bag, if it is valid: name -> SHA-256.

    Every file's hash is in the lists of its kind, every name in the lists is
    a file's, and none of them is a link.

    Parameters
    ----------
    bag : str

    Returns
    -------
    OrderedDict, without the lists of the lists themselves (tagmanifest-*)

    Raises
    ------
    InputError, one sentence that names the bag and what is wrong
    """
    try:
        return _checked(bag)
    except EnvironmentError as error:
        told = '%s: %s' % (error.filename or 'it', error.strerror)
    except ValueError as error:
        told = str(error)
    raise InputError('%s is not a valid bag: %s' % (bag, told))


def _checked(bag):
    names = regular.alone(bag)
    for name in names:
        if not portable(name):
            raise _Invalid('the name %r is not in ASCII' % name)
        if not _TAG.match(name) and not name.startswith(
                (PAYLOAD + '/', SOURCE + '/')):
            raise _Invalid('%s is no part of the bag of a run' % name)
    if not _DECLARATION.match(_small(bag, 'bagit.txt')):
        raise _Invalid('bagit.txt does not say that it is one of version '
                       '0.97 or 1.0 in UTF-8')
    payload = [name for name in names if name.startswith(PAYLOAD + '/')]
    tags = [name for name in names if not name.startswith(
        (PAYLOAD + '/', 'tagmanifest-'))]
    lists = _lists(bag, 'manifest', payload) + _lists(bag, 'tagmanifest',
                                                      tags)
    found = OrderedDict()
    size = 0
    for name in names:
        if name in tags or name in payload:
            found[name], length = _compare(bag, name, lists)
            size += length if name in payload else 0
    oxum = _OXUM.search(_small(bag, 'bag-info.txt'))
    if oxum and [int(n) for n in oxum.groups()] != [size, len(payload)]:
        raise _Invalid("bag-info.txt's Payload-Oxum is not that of %d bytes "
                       'in %d files' % (size, len(payload)))
    return found


def _small(bag, name):
    """The bytes of a tag file."""
    return regular.read(os.path.join(bag, name), LARGEST)


def _lists(bag, kind, names):
    """(list's name, algorithm, file -> hash) of each list of a kind."""
    found = [('%s-%s.txt' % (kind, algorithm), algorithm)
             for algorithm in ALGORITHMS]
    found = [(name, algorithm, _listed(bag, name))
             for name, algorithm in found
             if os.path.exists(os.path.join(bag, name))]
    if not found:
        raise _Invalid('it has neither %s-sha256.txt nor %s-sha512.txt'
                       % (kind, kind))
    for name, _, listed in found:
        for missing in sorted(set(names) - set(listed)):
            raise _Invalid('%s is not in %s' % (missing, name))
        for more in sorted(set(listed) - set(names)):
            raise _Invalid('%s is in %s, and is no file of the bag'
                           % (more, name))
    return found


def _listed(bag, name):
    listed = {}
    for line in _small(bag, name).decode('utf-8').splitlines():
        match = _LINE.match(line)
        if not match or not portable(match.group(2)):
            raise _Invalid('%s has a line that is no hash and name: %r'
                           % (name, line[:80]))
        if match.group(2) in listed:
            raise _Invalid('%s names %s twice' % (name, match.group(2)))
        listed[str(match.group(2))] = match.group(1).lower()
    return listed


def _compare(bag, name, lists):
    """SHA-256 and size of a file that is as it is listed."""
    digests = OrderedDict((algorithm, hashlib.new(algorithm))
                          for algorithm in ALGORITHMS)
    size = 0
    with regular.open_regular(os.path.join(bag, name)) as stream:
        for chunk in chunks(stream):
            size += len(chunk)
            for digest in digests.values():
                digest.update(chunk)
    for where, algorithm, listed in lists:
        if listed.get(name, '') not in ('', digests[algorithm].hexdigest()):
            raise _Invalid('the %s of %s is not the one in %s' % (
                algorithm.upper().replace('SHA', 'SHA-'), name, where))
    return digests['sha256'].hexdigest(), size

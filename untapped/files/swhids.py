"""SWHIDs: names of files, folders and commits by what they hold.

ISO/IEC 18670, https://www.swhid.org: version 1 of the identifiers, whose
hashes are git's.  An archive that keeps the source finds it by them, and
whoever has the source can compute them without the archive.
"""
from __future__ import division, print_function

import binascii
import hashlib
import os
import stat

__all__ = ['content', 'directory', 'identifier', 'revision']

#: kind of object -> git's word for it
WORDS = {'cnt': 'blob', 'dir': 'tree', 'rev': 'commit'}


def identifier(kind, manifest):
    """The SWHID of an object, from the bytes that stand for it (5.2 to 5.4).

    Parameters
    ----------
    kind : 'cnt', 'dir' or 'rev'
    manifest : bytes, of a file its own
    """
    head = ('%s %d\0' % (WORDS[kind], len(manifest))).encode('ascii')
    return 'swh:1:%s:%s' % (kind, hashlib.sha1(head + manifest).hexdigest())


def content(path):
    """The SWHID of a file; of a link, of the path that it holds."""
    if os.path.islink(path):
        held = os.readlink(path)
        return identifier('cnt', held if isinstance(held, bytes)
                          else os.fsencode(held))
    with open(path, 'rb') as stream:
        return identifier('cnt', stream.read())


def directory(files):
    """The SWHID of a folder with these files and the folders they lie in.

    Parameters
    ----------
    files : dict, name with slashes -> path of the file
    """
    entries, below = [], {}
    for name, path in files.items():
        top, slash, rest = name.partition('/')
        if slash:
            below.setdefault(top, {})[rest] = path
        else:
            entries.append((_bytes(top), _mode(path), content(path)))
    entries += [(_bytes(name) + b'/', b'40000', directory(within))
                for name, within in below.items()]
    # a folder's name is put in order as if it ended in a slash
    return identifier('dir', b''.join(
        mode + b' ' + name.rstrip(b'/') + b'\0' +
        binascii.unhexlify(swhid.rpartition(':')[2])
        for name, mode, swhid in sorted(entries)))


def revision(commit):
    """The SWHID of a commit, from what ``git cat-file commit`` prints."""
    return identifier('rev', commit)


def _bytes(name):
    return name if isinstance(name, bytes) else name.encode('utf-8')


def _mode(path):
    found = os.lstat(path).st_mode
    if stat.S_ISLNK(found):
        return b'120000'
    return b'100755' if found & stat.S_IXUSR else b'100644'

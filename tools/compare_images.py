"""Two file systems, as tar archives, held against each other file by file.

    python tools/compare_images.py A.tar B.tar

Names, kinds, modes, owners, times, targets of links and contents are
compared.  Exit status: 0 no file differs, 1 some do.
"""
from __future__ import division, print_function

import hashlib
import re
import sys
import tarfile
from collections import OrderedDict

#: what an engine puts into the file system of a container
ENGINES = re.compile(r'(dev|proc|sys|run|etc/(hostname|hosts|resolv\.conf)|'
                     r'etc/mtab|\.dockerenv)(/.*)?$')
FIELDS = ('kind', 'mode', 'owner', 'group', 'time', 'target', 'content')


def entries(path):
    """Name -> kind, mode, owner, group, time, target and SHA-256."""
    found = OrderedDict()
    with tarfile.open(path) as archive:
        for member in archive:
            name = _plain(member.name)
            if name == '.':
                # the root, which not every archiver names
                continue
            if member.islnk():
                # one file of two names: which comes first is the archiver's
                found[name] = found[_plain(member.linkname)]
                continue
            content = None
            if member.isfile():
                digest = hashlib.sha256()
                stream = archive.extractfile(member)
                for chunk in iter(lambda: stream.read(1 << 20), b''):
                    digest.update(chunk)
                content = digest.hexdigest()
            # some archivers write the kind into the mode, too
            found[name] = (member.type, member.mode & 0o7777, member.uid,
                           member.gid, int(member.mtime), member.linkname,
                           content)
    return found


def _plain(name):
    # Python 2 leaves the slash at the end of a long name of a folder
    name = name.rstrip('/')
    return name[2:] if name.startswith('./') else name


def compare(first, second):
    """(sentences on what differs, how many names were compared)"""
    odd = []
    names = [name for name in sorted(set(first) | set(second))
             if not ENGINES.match(name)]
    for name in names:
        one, other = first.get(name), second.get(name)
        if None in (one, other):
            odd.append('%s: only in the %s' % (
                name, 'second' if one is None else 'first'))
        elif one != other:
            odd.append('%s: %s' % (name, ', '.join(
                '%s %s and %s' % (field, a, b)
                for field, a, b in zip(FIELDS, one, other) if a != b)))
    return odd, len(names)


def main(arguments):
    """The command line; returns the exit status."""
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    odd, names = compare(*[entries(path) for path in arguments])
    for sentence in odd:
        print('DIFFERS %s' % sentence)
    print('%d files and folders, %d differ' % (names, len(odd)))
    return 1 if odd else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))

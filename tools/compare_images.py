"""Two file systems, as tar archives, held against each other file by file.

    python tools/compare_images.py A.tar B.tar

Names, kinds, modes, owners, targets of links and contents are compared; times
of files are counted, not compared.  Theano keeps each thing that it compiled
in a folder of a random name: these are named by the program in them instead,
and two libraries there differ for a known reason if what a process loads of
them is the same but for that name and the linker's hash of the whole file.
Exit status: 0 no file differs, 1 some do.
"""
from __future__ import division, print_function

import hashlib
import re
import struct
import sys
import tarfile
from collections import OrderedDict

#: What may differ between two builds, and why: (pattern, reason).
EXPLAINED = (
    (r'opt/untapped/\.theano/.*/key\.pkl$',
     "Theano's list of what a module is for: written in the order of "
     'addresses'),
    (r'opt/untapped/\.theano/.*/(delete\.me|lock_dir/.*)$',
     'left by a process'),
    (r'etc/shadow-?$', 'the day on which the user was made'),
    (r'etc/(hostname|hosts|resolv\.conf)$|run/\.containerenv$',
     'of the container that the files were read through'),
)
SAME_PROGRAM = ('what is loaded is the same; notes for debuggers and the '
                'build id hold the random name of the folder')
COMPILED = re.compile(r'(.*/\.theano/[^/]+)/(tmp\w+)/(.*)')
#: an ELF note: lengths of name and hash, its type, whose it is, the hash
BUILD_ID = re.compile(b'(\x04\0\0\0\x14\0\0\0\x03\0\0\0GNU\0).{20}', re.S)


def entries(path):
    """Name -> what is compared; name -> time; hash of a library -> of what
    is loaded of it."""
    with tarfile.open(path) as archive:
        found, times, loaded = OrderedDict(), {}, {}
        for member in archive:
            name = member.name[2:] if member.name.startswith('./') else \
                member.name
            content = None
            if member.isfile():
                digest = hashlib.sha256()
                stream = archive.extractfile(member)
                for chunk in iter(lambda: stream.read(1 << 20), b''):
                    digest.update(chunk)
                content = digest.hexdigest()
            found[name] = (member.type, member.mode, member.uid, member.gid,
                           member.linkname, content)
            times[name] = member.mtime
            if COMPILED.match(name) and name.endswith('.so'):
                loaded[content] = _loaded(
                    name, archive.extractfile(member).read())
    return _with_steady_names(found), times, loaded


def _loaded(name, content):
    """Hash of a library's segments, but for its folder and build id."""
    digest = hashlib.sha256()
    random = COMPILED.match(name).group(2).encode('ascii')
    for start, end in _segments(content):
        segment = content[start:end].replace(random, b'RANDOM')
        digest.update(BUILD_ID.sub(br'\1', segment))
    return digest.hexdigest()


def _segments(content):
    """(start, end) of what is loaded of a 64-bit ELF file.

    But for its header, which tells where what is not loaded begins.
    """
    if content[:5] != b'\x7fELF\x02' or len(content) < 64:
        return [(0, len(content))]
    first, = struct.unpack_from('<Q', content, 32)
    size, count = struct.unpack_from('<HH', content, 54)
    headers = [struct.unpack_from('<IIQQQQ', content, first + i * size)
               for i in range(count)]
    return [(max(h[2], 64), h[2] + h[5]) for h in headers if h[0] == 1]


def _with_steady_names(found):
    """Random names of folders replaced by the hash of the program there."""
    steady = {}
    for name, entry in found.items():
        match = COMPILED.match(name)
        if match and match.group(3) in ('mod.cpp', 'mod.cu', 'mod.c'):
            steady[match.group(1, 2)] = 'compiled-' + entry[-1][:16]
    renamed = OrderedDict()
    for name, entry in found.items():
        match = COMPILED.match(name + '/')
        if match and match.group(1, 2) in steady:
            place, random, rest = match.groups()
            rest = rest.rstrip('/').replace(random, 'RANDOM')
            name = '%s/%s/%s' % (place, steady[place, random], rest)
        renamed[name] = entry
    return renamed


def compare(first, second):
    """(what differs unexplained, what differs and why, files in both)"""
    (one, _, one_loaded), (other, _, other_loaded) = first, second
    odd, explained = [], []
    for name in sorted(set(one) | set(other)):
        if one.get(name) == other.get(name):
            continue
        what = 'only in the second' if name not in one else \
            'only in the first' if name not in other else \
            'mode %o, owner %d:%d and content %s, %s' % (
                one[name][1], one[name][2], one[name][3],
                (one[name][5] or one[name][4] or '-')[:12],
                (other[name][5] or other[name][4] or '-')[:12])
        why = [reason for pattern, reason in EXPLAINED
               if re.search(pattern, name)]
        if name in one and name in other and \
                one[name][:-1] == other[name][:-1]:
            loads = [loaded.get(entry[name][-1]) for loaded, entry in
                     ((one_loaded, one), (other_loaded, other))]
            if loads[0] and loads[0] == loads[1]:
                why = [SAME_PROGRAM]
        (explained if why else odd).append((name, why[0] if why else what))
    return odd, explained, len(set(one) & set(other))


def main(arguments):
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    first, second = [entries(path) for path in arguments]
    odd, explained, both = compare(first, second)
    for name, what in odd:
        print('DIFFERS %s: %s' % (name, what))
    reasons = OrderedDict()
    for name, why in explained:
        reasons.setdefault(why, []).append(name)
    for why, names in reasons.items():
        print('explained (%s): %d files, such as %s' % (why, len(names),
                                                        names[0]))
    times = sum(first[1].get(name) != second[1].get(name)
                for name in set(first[1]) & set(second[1]))
    print('%d files in both; %d differ, %d more for a reason that is known; '
          'the times of %d are not the same' % (both, len(odd),
                                                len(explained), times))
    return 1 if odd else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))

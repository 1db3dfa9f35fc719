"""What a run ran on: code, packages, pins, compiler, libc, BLAS, processor.

Everything is read from files of this machine; nothing asks the network, and
nothing names the machine or its user.
"""
from __future__ import division, print_function

import csv
import os
import platform
import re
import subprocess
import sys
from collections import OrderedDict

from untapped import __version__, pins
from untapped.files import swhids
from untapped.files.hashes import file_sha256, listing_sha256
from untapped.machine import processor

__all__ = ['describe', 'differences', 'source_files']

PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def describe():
    """Everything known of the code and what it runs on; plain values.

    Returns
    -------
    OrderedDict of OrderedDicts, text, numbers and None
    """
    return OrderedDict([
        ('code', _code()),
        ('lock', _lock()),
        ('python', OrderedDict([
            ('version', platform.python_version()),
            ('implementation', platform.python_implementation()),
            ('sha256', file_sha256(os.path.realpath(sys.executable)))])),
        ('packages', packages()),
        ('pins_mode', pins.mode()),
        ('pins', pins.in_force()),
        ('not_as_pinned', pins.overrides()),
        ('compiler', _compiler()),
        ('libc', ' '.join(platform.libc_ver()) if not _confstr() else
         _confstr()),
        ('blas', [OrderedDict([
            ('library', os.path.basename(path)),
            ('sha256', file_sha256(path)),
            ('kernel', kernel), ('threads', threads)])
            for path, kernel, threads in pins.loaded_blas()]),
        ('processor', _processor()),
        ('system', OrderedDict([
            ('name', _os_release()), ('kernel', platform.release()),
            ('machine', platform.machine())])),
        ('container', _container()),
        ('locale', OrderedDict(
            (name, os.environ.get(name))
            for name in ('LC_ALL', 'LC_NUMERIC', 'LANG', 'TZ'))),
    ])


def source_files():
    """Paths of every source file, by name relative to the checkout."""
    root = os.path.dirname(PACKAGE)
    found = [os.path.join(folder, name)
             for folder, _, names in os.walk(PACKAGE)
             for name in names if not name.endswith(('.pyc', '.pyo', '~'))
             and not name.startswith('.')]
    if os.path.exists(os.path.join(root, 'requirements.lock')):
        found += [os.path.join(root, name) for name in os.listdir(root)
                  if re.match(r'run_\w+\.py\Z', name)]
    return OrderedDict(sorted((os.path.relpath(path, root), path)
                              for path in found))


def _code():
    files = OrderedDict((name, file_sha256(path))
                        for name, path in source_files().items())
    commit = _of_git('UNTAPPED_REVISION', 'HEAD')
    return OrderedDict([
        ('version', __version__),
        ('commit', commit),
        ('swhids', _swhids(commit)),
        ('sha256', listing_sha256(files)),
        ('files', files)])


def _of_git(variable, name):
    """Of the checkout, if it is one; not of what the package lies in.

    In the image, which holds no .git, a variable has it.
    """
    root = os.path.dirname(PACKAGE)
    if not os.path.exists(os.path.join(root, '.git')):
        return os.environ.get(variable)
    return _output(['git', '-C', root, 'rev-parse', name])


def _swhids(commit):
    """Names by which archives of source know what ran.

    Those of the commit and of its tree are the checkout's or the image's
    word; that of the package is of its files as they are.
    """
    package = os.path.basename(PACKAGE) + '/'
    tree = _of_git('UNTAPPED_TREE', 'HEAD^{tree}')
    return OrderedDict(
        [(name, 'swh:1:%s:%s' % (kind, digest)
          if re.match(r'[0-9a-f]{40}\Z', digest or '') else None)
         for name, kind, digest in (('revision', 'rev', commit),
                                    ('directory', 'dir', tree))] +
        [('package', swhids.directory(dict(
            (name[len(package):], path)
            for name, path in source_files().items()
            if name.startswith(package))))])


def _lock():
    """The lock file's hash; None where the package has been installed."""
    path = os.path.join(os.path.dirname(PACKAGE), 'requirements.lock')
    return OrderedDict([('file', 'requirements.lock'),
                        ('sha256', file_sha256(path))])


def packages():
    """Installed packages: name -> version, files, sha256 of all of them.

    The hash is that of the lines "SHA-256, two spaces, name" of the
    package's files in the order of their names: its programs, caches and
    installer's notes, which hold paths of the machine, are left out, and so
    are its tests, which the image does not hold.
    """
    found = {}
    for folder in sys.path:
        try:
            names = os.listdir(folder or os.curdir)
        except EnvironmentError:
            continue
        for name in sorted(names):
            match = re.match(r'(.+?)-([^-]+)\.dist-info\Z', name)
            # of two of one name the first on the path is the one imported
            if match and match.group(1) not in found:
                found[match.group(1)] = _package_once(
                    os.path.abspath(folder), name, match.group(2))
    return OrderedDict(sorted(found.items(),
                              key=lambda item: item[0].lower()))


#: what container/install.sh leaves out of a package
_UNUSED = re.compile(r'(^|/)tests/|^tornado/test/|/mpl-data/sample_data/')

#: of this process: what `_package` found.  Some 400 MB take seconds to hash,
#: and what has been imported stays as it was
_packages = {}


def _package_once(*package):
    if package not in _packages:
        _packages[package] = _package(*package)
    return OrderedDict(_packages[package])


def _package(folder, info, version):
    try:
        with open(os.path.join(folder, info, 'RECORD')) as stream:
            names = sorted(row[0] for row in csv.reader(stream) if row)
    except EnvironmentError:
        names = []
    names = [name for name in names
             if not name.startswith(('..', '/', info)) and
             not name.endswith('.pyc') and not _UNUSED.search(name)]
    digest = listing_sha256(dict(
        (name, file_sha256(os.path.join(folder, name))) for name in names))
    return OrderedDict([('version', version), ('files', len(names)),
                        ('sha256', digest if names else None)])


def _compiler():
    theano = sys.modules.get('theano')
    cxx = theano.config.cxx if theano is not None else 'g++'
    version = _output((cxx or 'g++').split() + ['--version'])
    return OrderedDict([('command', os.path.basename(cxx)),
                        ('version', version and version.split('\n')[0])])


def _confstr():
    try:
        return os.confstr('CS_GNU_LIBC_VERSION')
    except (AttributeError, ValueError, OSError):
        return None


def _processor():
    found = OrderedDict()
    for key, field in (('name', 'model name'), ('flags', 'flags')):
        lines = processor.lines(field)
        found[key] = lines[0].partition(':')[2].strip() if lines else None
    return found


def _os_release():
    for line in _lines('/etc/os-release'):
        if line.startswith('PRETTY_NAME='):
            return line.split('=', 1)[1].strip().strip('"')
    return platform.system()


def _container():
    """The container's image id, where the engine tells it; else None.

    Podman writes it into the container; for others it can be given as
    UNTAPPED_IMAGE_ID.
    """
    for line in _lines('/run/.containerenv'):
        if line.startswith('imageid='):
            return line.split('=', 1)[1].strip().strip('"')
    return os.environ.get('UNTAPPED_IMAGE_ID')


def _lines(path):
    try:
        with open(path) as stream:
            return stream.readlines()
    except EnvironmentError:
        return []


def _output(command):
    """What a command prints; None if it cannot be run or fails."""
    try:
        with open(os.devnull, 'w') as null:
            process = subprocess.Popen(command, stdout=subprocess.PIPE,
                                       stderr=null)
            printed = process.communicate()[0]
    except (EnvironmentError, ValueError):
        return None
    if process.returncode:
        return None
    return printed.decode('utf-8', 'replace').strip() or None


#: What moves bits, nearest first; the rest of `describe` should not.
#: (key, what a difference in it means)
EXPLAINS = (
    ('not_as_pinned', 'a pin is not in force'),
    ('pins', 'a pin has another value'),
    ('blas', 'another BLAS, or other kernels of it (OPENBLAS_CORETYPE)'),
    ('packages', 'another package'),
    ('python', 'another Python'),
    ('code', 'other source files'),
    ('compiler', 'another compiler (pinned: gcc.cxxflags)'),
    ('libc', 'another libc, whose powf, expf and logf may round otherwise'),
    ('processor', 'another processor (pinned: OPENBLAS_CORETYPE, -march)'),
    ('system', 'another system'),
    ('container', 'another container'),
    ('locale', 'another locale or time zone'),
)


def differences(was, now):
    """Sentences on what differs between two descriptions, nearest first.

    The compile folder, a part of THEANO_FLAGS, is no pin.
    """
    found = []
    for key, meaning in EXPLAINS:
        leaves = [_leaves(_comparable(key, side.get(key)))
                  for side in (was, now)]
        for name in sorted(set(leaves[0]) | set(leaves[1])):
            one, other = [side.get(name) for side in leaves]
            if one != other:
                found.append('%s%s: %s, was %s, is %s' % (
                    key, name, meaning, _short(one), _short(other)))
    return found


def _comparable(key, value):
    if key == 'code' and value:
        return value.get('files')
    if key == 'pins' and value:
        value = dict(value)
        flags = value.get('THEANO_FLAGS') or ''
        value['THEANO_FLAGS'] = ','.join(
            part for part in flags.split(',')
            if not part.strip().startswith(('compiledir', 'base_compiledir')))
    return value


def _leaves(value, prefix=''):
    if isinstance(value, dict):
        parts = value.items()
    elif isinstance(value, (list, tuple)):
        parts = enumerate(value)
    else:
        return {prefix: value}
    found = {}
    for key, part in parts:
        found.update(_leaves(part, '%s/%s' % (prefix, key)))
    return found


def _short(value):
    text = '%s' % (value,)
    return text if len(text) <= 70 else text[:67] + '...'

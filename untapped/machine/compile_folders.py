"""Theano's compile folder: one that can be used, whose modules stay for ever.

`import untapped` installs a watch that waits for `import theano`, so that
processes without Theano pay nothing.
"""
from __future__ import print_function

import atexit
import glob
import imp
import logging
import os
import shutil
import stat
import sys
import tempfile

from untapped import pins

__all__ = ['copy', 'in_use', 'ours', 'usable', 'watch']

# statvfs's flag for file systems from which no program is run (Linux);
# Python 2.7 has no name for it
_NOEXEC = 8

#: Bytes for which a folder must have room to be compiled in.
_PROBE = 1 << 16

#: The module of Theano that keeps what was compiled.
_CMODULE = 'theano.gof.cmodule'


def in_use():
    """The compile folder that THEANO_FLAGS names, else that of the pins."""
    key, folder = _compile_flag()
    if key == 'base_compiledir':
        # Theano names the folder in it after platform and Python
        import theano
        return theano.config.compiledir
    return folder


def watch():
    """From here on `import theano` finds a compile folder that it can use."""
    if _CMODULE in sys.modules:
        _keep_for_ever(sys.modules[_CMODULE])
    # by name: reload() makes another class of it
    elif not any(type(finder).__name__ == '_TheanoWatch'
                 for finder in sys.meta_path):
        sys.meta_path.insert(0, _TheanoWatch())


class _TheanoWatch(object):
    """Sees imports coming.  Theano refuses a folder that cannot be written
    to, and throws away modules that have not been used for 24 days."""

    seen = False

    def find_module(self, name, path=None):
        # it stays in sys.meta_path: Python 2 walks that list by index
        if name == 'theano' and not self.seen:
            self.seen = True
            _prepare()
            logging.getLogger(_CMODULE).addFilter(_MarchIsMeant())
        return self if name == _CMODULE else None

    def load_module(self, name):
        found = imp.find_module('cmodule',
                                sys.modules['theano.gof'].__path__)
        try:
            module = imp.load_module(name, *found)
        finally:
            found[0].close()
        _keep_for_ever(module)
        return module


def _keep_for_ever(cmodule):
    """No age is too old.

    Theano 0.8.2 has no flag for it.  Of the second age it makes sure that it
    is not less than the first.
    """
    _quiet(cmodule)
    cache = cmodule.ModuleCache
    cache.age_thresh_use = cache.age_thresh_del = float('inf')


def _quiet(cmodule):
    """What cannot be compiled is not printed: its error says what is wrong.

    Theano prints the source, thousands of lines, of each operation that it
    could not compile.
    """
    def silent(*words, **options):
        # what it prints into a file is the source that is compiled
        if options.get('file') not in (None, sys.stderr):
            print(*words, **options)

    cmodule.print = silent


class _MarchIsMeant(object):
    """Theano advises against naming -march; here it is a pin."""

    def filter(self, record):
        return '`-march=X`' not in record.getMessage()


def ours(folder):
    """Whether nobody but this user and root can change what a folder holds.

    What lies in a compile folder is run, so that whoever can write to it can
    run programs as this user.  A folder that is not there yet is ours if
    nobody else can put another in its place.
    """
    try:
        above = os.stat(os.path.dirname(os.path.abspath(folder)))
        # in a sticky folder, as /tmp, nobody moves what is another's
        if not _of_us(above) or not (_closed(above) or
                                     above.st_mode & stat.S_ISVTX):
            return False
        if not os.path.lexists(folder):
            return True
        top = os.lstat(folder)
        if not stat.S_ISDIR(top.st_mode) or not _of_us(top):
            return False
        # nobody else comes into it
        sealed = not top.st_mode & 0o077
        return _closed(top) and all(
            _of_us(found) and (sealed or _closed(found) or
                               stat.S_ISLNK(found.st_mode))
            for found in _within(folder))
    except EnvironmentError:
        return not os.path.exists(os.path.dirname(os.path.abspath(folder)))


def _within(folder):
    for path, folders, files in os.walk(folder, onerror=_unseen):
        for name in folders + files:
            try:
                yield os.lstat(os.path.join(path, name))
            except EnvironmentError:
                if os.path.lexists(os.path.join(path, name)):
                    raise       # not one that has gone meanwhile


def _unseen(error):
    if os.path.lexists(error.filename):
        raise error


def _of_us(found):
    return found.st_uid in (0, os.geteuid())


def _closed(found):
    return not found.st_mode & 0o022


def usable(folder):
    """Can files be written to a folder (made if need be) and be run?"""
    try:
        try:
            os.makedirs(folder, 0o700)
        except EnvironmentError:
            if not os.path.isdir(folder):
                raise
        flags = os.statvfs(folder).f_flag
        # on a full disk Theano would wait for its own lock for ever
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b'\0' * _PROBE)
    except EnvironmentError:
        return False
    if sys.platform.startswith('linux') and flags & _NOEXEC:
        return False
    return os.access(folder, os.R_OK | os.W_OK | os.X_OK)


def _prepare():
    """Keep the compile folder, or go on in a temporary copy of it.

    The copy keeps what was compiled before; it belongs to this process and
    those that it starts, and goes when this process ends.
    """
    try:
        key, folder = _compile_flag()
    except ValueError:
        return          # Theano refuses these flags
    fit = all(usable(path)
              for path in [folder] + _made_by_theano(key, folder))
    # last: what `usable` found there may just have been put there
    safe = ours(folder)
    if fit and safe:
        return
    for scratch in _scratch_folders():
        made = tempfile.mkdtemp(prefix='.untapped-theano-', dir=scratch)
        atexit.register(_remove, made, os.getpid())
        if copy(folder if safe else None, os.path.join(made, 'compiled')):
            break
        _remove(made, os.getpid())
    else:
        print('untapped: no folder was found in which Theano could compile; '
              'set UNTAPPED_COMPILEDIR to one that can be written to and '
              'from which programs run.', file=sys.stderr)
        return
    # the compiler and Theano's trial programs need a folder too
    if not usable(os.environ.get('TMPDIR', '/tmp')):
        os.environ['TMPDIR'] = tempfile.tempdir = made
    os.environ['THEANO_FLAGS'] = pins.with_compile_folder(
        os.path.join(made, 'compiled'), key=key)
    print('untapped: the compile folder %s %s; compiling in %s, which goes '
          'when the run ends.' % (
              folder, 'cannot be used' if safe else
              'cannot be read' if _unreadable(folder) else
              'can be changed by others, who could run programs as you',
              made), file=sys.stderr)


def _unreadable(folder):
    """Whether part of a folder is closed to this user."""
    try:
        for _ in _within(folder):
            pass
    except EnvironmentError:
        return os.path.isdir(folder)
    return False


def _compile_flag():
    """The flag that says where Theano compiles, and the folder it names."""
    named = pins.parse(os.environ.get('THEANO_FLAGS', ''))
    key = 'compiledir'
    if key not in named and 'base_compiledir' in named:
        key = 'base_compiledir'
    return key, os.path.expanduser(named.get(key) or
                                   pins.compile_folder())


def _made_by_theano(key, folder):
    """The folders that Theano made in a base_compiledir, one a platform."""
    if key == 'compiledir':
        return []
    return [path for path in glob.glob(os.path.join(folder, 'compiledir_*'))
            if os.path.isdir(path)]


def _scratch_folders():
    places = [os.environ.get('TMPDIR'), '/tmp', '/var/tmp', '/dev/shm',
              'results', os.path.join(pins.ROOT, 'results'), os.curdir]
    return [os.path.abspath(place) for place in places
            if place and os.path.isdir(place) and usable(place)]


def copy(source, target):
    """Copy a compile folder, its lock left out; False if that failed.

    Without a source, or where it is no folder, the copy is empty.
    """
    try:
        if source is not None and os.path.isdir(source):
            shutil.copytree(source, target,
                            ignore=shutil.ignore_patterns('lock_dir'))
        else:
            os.mkdir(target)
        # what was copied may be read-only, as where it came from
        for folder, _, names in os.walk(target):
            os.chmod(folder, 0o700)
            for name in names:
                os.chmod(os.path.join(folder, name), 0o600)
    except (OSError, IOError, shutil.Error):
        return False
    return True


def _remove(folder, owner):
    if os.getpid() == owner:        # not in a forked child
        shutil.rmtree(folder, ignore_errors=True)

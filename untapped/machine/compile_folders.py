"""Theano's compile folder: one that can be used, whose modules stay for ever.

`import untapped` installs a watch that waits for `import theano`, so that
processes without Theano pay nothing.
"""
from __future__ import print_function

import os
import sys

from untapped import pins

__all__ = ['copy', 'in_use', 'usable', 'watch']

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
            import logging
            logging.getLogger(_CMODULE).addFilter(_MarchIsMeant())
        return self if name == _CMODULE else None

    def load_module(self, name):
        import imp
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
    cache = cmodule.ModuleCache
    cache.age_thresh_use = cache.age_thresh_del = float('inf')


class _MarchIsMeant(object):
    """Theano advises against naming -march; here it is a pin."""

    def filter(self, record):
        return '`-march=X`' not in record.getMessage()


def usable(folder):
    """Can files be written to a folder (made if need be) and be run?"""
    import tempfile
    try:
        try:
            os.makedirs(folder)
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
    if all(usable(path) for path in [folder] + _made_by_theano(key, folder)):
        return
    import atexit
    import tempfile
    for scratch in _scratch_folders():
        made = tempfile.mkdtemp(prefix='.untapped-theano-', dir=scratch)
        atexit.register(_remove, made, os.getpid())
        if copy(folder, os.path.join(made, 'compiled')):
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
    print('untapped: the compile folder %s cannot be used; compiling in %s, '
          'which goes when the run ends.' % (folder, made), file=sys.stderr)


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
    import glob
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
    """Copy a compile folder, its lock left out; False if that failed."""
    import shutil
    try:
        if os.path.isdir(source):
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
    import shutil
    if os.getpid() == owner:        # not in a forked child
        shutil.rmtree(folder, ignore_errors=True)

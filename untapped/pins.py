"""The pins: everything outside the code that decides the bits of a result.

One table for all: the package, `make pins`, environment.yml, the Dockerfile
and .venv take the values from here, and tests/test_stack.py fails when one
of them disagrees.  The module needs nothing but the standard library, runs
on any Python 2.7 or 3, and must run before numpy or Theano is imported:
OpenBLAS and Theano read their settings once, when they are loaded.

    python -m untapped.pins             the pins as `export NAME='value'` lines
    python -m untapped.pins --overrides what is not as pinned, a line each
    python untapped/pins.py --startup   a .pth file that makes an environment
                                        apply them at interpreter start
"""
from __future__ import print_function

import os
import shlex
import sys
from collections import OrderedDict

# .venv loads this file at every start of Python: what only some runs need
# is imported where it is needed

__all__ = ['FLAGS', 'VARIABLES', 'FlagsError', 'apply', 'check_flags',
           'compile_folder', 'environment', 'in_force', 'overrides', 'parse']

#: Theano's flags.  blas.ldflags is empty because Theano links any BLAS that
#: it finds on the machine, and numpy's own dot gives other bits than that.
FLAGS = OrderedDict([
    ('device', 'cpu'),
    ('floatX', 'float32'),
    ('optimizer', 'fast_compile'),
    ('openmp', 'False'),
    ('gcc.cxxflags', '-O2 -march=x86-64 -ffp-contract=off'),
    ('blas.ldflags', ''),
])

#: Environment variables.  THEANORC keeps a personal ~/.theanorc, whose every
#: key could move bits, out of the run.
VARIABLES = OrderedDict([
    ('OPENBLAS_NUM_THREADS', '1'),
    ('OMP_NUM_THREADS', '1'),
    ('OPENBLAS_CORETYPE', 'Nehalem'),
    ('THEANORC', '/dev/null'),
])

#: Not numeric: no screen is needed to draw figures.
DEFAULTS = OrderedDict([('MPLBACKEND', 'Agg')])

#: Further flags of Theano that decide bits, at Theano's own defaults.  They
#: are not set, but overrides() tells when someone else set them.
WATCHED = OrderedDict([
    ('mode', 'Mode'),
    ('linker', 'cvm'),
    ('optimizer_including', ''),
    ('optimizer_excluding', ''),
    ('optimizer_requiring', ''),
    ('cast_policy', 'custom'),
    ('lib.amdlibm', 'False'),
])

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

#: instructions, and the kernels of OpenBLAS 0.2.18 that need them
_KERNELS = ((('avx2', 'fma'), 'Haswell'), (('avx',), 'Sandybridge'))

# statvfs's flag for file systems from which no program is run (Linux);
# Python 2.7 has no name for it
_NOEXEC = 8

#: Bytes for which a folder must have room to be compiled in.
_PROBE = 1 << 16


class FlagsError(ValueError):
    """THEANO_FLAGS cannot be read; the message is one sentence."""


def apply():
    """Put the pins into the environment; what the user set stays.

    A user's THEANO_FLAGS keeps its keys and gets the missing ones.  Calling
    it again changes nothing.
    """
    for name, value in list(VARIABLES.items()) + list(DEFAULTS.items()):
        os.environ.setdefault(name, value)
    try:
        os.environ['THEANO_FLAGS'] = _merged(os.environ.get('THEANO_FLAGS',
                                                            ''))
    except ValueError:
        return          # unbalanced quotes: check_flags tells of them
    _watch_theano()


def check_flags():
    """Raises `FlagsError` if THEANO_FLAGS cannot be taken apart."""
    flags = os.environ.get('THEANO_FLAGS', '')
    try:
        parse(flags)
    except ValueError as error:
        raise FlagsError('THEANO_FLAGS: expected key=value pairs with commas '
                         'between them, got %s (%s)' % (flags, error))


def release_blas():
    """Let OpenBLAS use the instructions that this processor has.

    Before numpy is imported.  numpy's OpenBLAS 0.2.18 takes processors that
    are younger than itself for old ones, so that it is told which of its
    kernels they can run.  Another choice of the user's stays.
    """
    name = 'OPENBLAS_CORETYPE'
    if os.environ.get(name) != VARIABLES[name]:
        return
    try:
        with open('/proc/cpuinfo') as f:
            flags = next((line.split() for line in f
                          if line.startswith('flags')), [])
    except IOError:
        return
    for needed, kernels in _KERNELS:
        if all(flag in flags for flag in needed):
            os.environ[name] = kernels
            return


def environment():
    """The pins as an OrderedDict of variable and value, overrides ignored."""
    pins = OrderedDict([('THEANO_FLAGS', _merged(''))])
    pins.update(VARIABLES)
    pins.update(DEFAULTS)
    return pins


def in_force():
    """Each pinned variable's present value (None where it is not set)."""
    return OrderedDict((name, os.environ.get(name)) for name in environment())


def overrides():
    """What is not as pinned in this process: a list of sentences.

    Reads the environment and, as far as they are loaded, Theano's settings
    and the kernel and threads of every OpenBLAS; imports nothing.
    """
    found = ['%s is %s, pinned is %s.' % (name, _shown(os.environ.get(name)),
                                          value)
             for name, value in VARIABLES.items()
             if os.environ.get(name) != value]
    found += _flag_overrides()
    if 'numpy' in sys.modules and not any(name in line for line in found
                                          for name in VARIABLES):
        found += _blas_overrides()
    return found


def compile_folder():
    """Where Theano keeps what it compiled.

    $UNTAPPED_COMPILEDIR if set, .theano/ in a checkout, else the user's
    cache.  Theano's own default carries the kernel's version in its name, so
    that a warm folder would be missed on the next machine.
    """
    named = os.environ.get('UNTAPPED_COMPILEDIR')
    if named:
        return os.path.abspath(os.path.expanduser(named))
    tag = 'python2.7-theano0.8.2-' + os.uname()[4]
    if os.path.exists(os.path.join(ROOT, 'requirements.lock')):
        return os.path.join(ROOT, '.theano', tag)
    cache = (os.environ.get('XDG_CACHE_HOME') or
             os.path.join(os.path.expanduser('~'), '.cache'))
    return os.path.join(cache, 'untapped', tag)


def in_use():
    """The compile folder that THEANO_FLAGS names, else `compile_folder`."""
    key, folder = _compile_flag()
    if key == 'base_compiledir':
        # Theano names the folder in it after platform and Python
        import theano
        return theano.config.compiledir
    return folder


def with_compile_folder(folder, flags=None):
    """THEANO_FLAGS (default: as they are) with another compile folder."""
    return _with_flag('compiledir', folder, flags)


def _with_flag(key, path, flags=None):
    if flags is None:
        flags = os.environ.get('THEANO_FLAGS', '')
    # of two values for a key Theano takes the last
    return '%s,%s=%s' % (_merged(flags), key, _quoted(path))


# THEANO_FLAGS ---------------------------------------------------------------

def parse(flags):
    """THEANO_FLAGS as an OrderedDict, split the way Theano splits it."""
    splitter = shlex.shlex(flags, posix=True)
    splitter.whitespace = ','
    splitter.whitespace_split = True
    pairs = [part.strip().split('=', 1) for part in splitter]
    return OrderedDict(pair for pair in pairs if len(pair) == 2)


def _quoted(path):
    """A path as a flag's value: the splitter would take these signs."""
    if not any(sign in path for sign in ',"\'\\#'):
        return path
    return '"%s"' % path.replace('\\', '\\\\').replace('"', '\\"')


def _merged(flags):
    """The user's flags, then every pin that they do not name."""
    named = parse(flags)
    parts = [flags.strip(' ,')] if named else []
    parts += ['%s=%s' % pin for pin in FLAGS.items() if pin[0] not in named]
    if 'compiledir' not in named and 'base_compiledir' not in named:
        parts.append('compiledir=' + _quoted(compile_folder()))
    return ','.join(parts)


def _flag_overrides():
    try:
        given = parse(os.environ.get('THEANO_FLAGS', ''))
    except ValueError as error:
        return ['THEANO_FLAGS cannot be read (%s).' % error]
    wanted = OrderedDict(FLAGS)
    wanted.update(WATCHED)
    theano = sys.modules.get('theano')
    config = getattr(theano, 'config', None)
    found = []
    for key, pin in wanted.items():
        if config is not None:
            value = config
            for part in key.split('.'):
                value = getattr(value, part)
            value = str(value)
        else:
            value = given.get(key, pin if key in WATCHED else None)
        if value != pin:
            found.append("Theano's %s is %s, pinned is %s."
                         % (key, _shown(value), _shown(pin)))
    if config is not None and not config.cxx:
        found.append('Theano found no C++ compiler: its slow Python code '
                     'gives other bits.')
    return found


def _shown(value):
    return {None: 'not set', '': 'empty'}.get(value, value)


# OpenBLAS -------------------------------------------------------------------

def loaded_blas():
    """Every OpenBLAS in this process: (path, kernel, threads).  Linux."""
    import ctypes
    try:
        with open('/proc/self/maps') as maps:
            paths = sorted(set(line.split(None, 5)[5].rstrip('\n')
                               for line in maps if 'openblas' in line))
    except IOError:
        return []
    found = []
    for path in paths:
        try:
            library = ctypes.CDLL(path)
            library.openblas_get_corename.restype = ctypes.c_char_p
            kernel = str(library.openblas_get_corename().decode('ascii'))
            found.append((path, kernel, library.openblas_get_num_threads()))
        except (AttributeError, OSError):
            continue        # another library of that name
    return found


def _blas_overrides():
    """The variables are as pinned; was OpenBLAS loaded before they were?"""
    libraries = loaded_blas()
    if not libraries:
        return ['numpy carries no OpenBLAS that could be asked for its '
                'kernel: the bits are those of another BLAS.']
    kernel, threads = VARIABLES['OPENBLAS_CORETYPE'], '1'
    return ['%s runs its %s kernels with %d threads, pinned are %s and %s: '
            'it was loaded before the pins were set.'
            % (os.path.basename(path), has, count, kernel, threads)
            for path, has, count in libraries
            if (has, str(count)) != (kernel, threads)]


# The compile folder ---------------------------------------------------------

class _TheanoWatch(object):
    """Sees `import theano` coming, so that processes without it pay nothing.

    Theano refuses a compile folder that it cannot write to.
    """

    seen = False

    def find_module(self, name, path=None):
        # it stays in sys.meta_path: Python 2 walks that list by index
        if name == 'theano' and not self.seen:
            self.seen = True
            _prepare_compile_folder()
            import logging
            logging.getLogger('theano.gof.cmodule').addFilter(_MarchIsMeant())


class _MarchIsMeant(object):
    """Theano advises against naming -march; here it is a pin."""

    def filter(self, record):
        return '`-march=X`' not in record.getMessage()


def _watch_theano():
    # by name: this file may be loaded twice, by .venv's start-up line and
    # as untapped.pins
    if 'theano' not in sys.modules and not any(
            type(finder).__name__ == '_TheanoWatch'
            for finder in sys.meta_path):
        sys.meta_path.insert(0, _TheanoWatch())


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


def _prepare_compile_folder():
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
    os.environ['THEANO_FLAGS'] = _with_flag(key,
                                            os.path.join(made, 'compiled'))
    print('untapped: the compile folder %s cannot be used; compiling in %s, '
          'which goes when the run ends.' % (folder, made), file=sys.stderr)


def _compile_flag():
    """The flag that says where Theano compiles, and the folder it names."""
    named = parse(os.environ.get('THEANO_FLAGS', ''))
    key = 'compiledir'
    if key not in named and 'base_compiledir' in named:
        key = 'base_compiledir'
    return key, os.path.expanduser(named.get(key) or compile_folder())


def _made_by_theano(key, folder):
    """The folders that Theano made in a base_compiledir, one a platform."""
    import glob
    if key == 'compiledir':
        return []
    return [path for path in glob.glob(os.path.join(folder, 'compiledir_*'))
            if os.path.isdir(path)]


def _scratch_folders():
    places = [os.environ.get('TMPDIR'), '/tmp', '/var/tmp', '/dev/shm',
              'results', os.path.join(ROOT, 'results'), os.curdir]
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


# The command ----------------------------------------------------------------

def _startup_lines():
    """A .pth file: this checkout is importable, and the pins are applied.

    The second line loads this file and not the package, so that another
    package named untapped that comes earlier on the path, such as the
    published code, is still the one that is imported.
    """
    return ('%s\nimport imp; imp.load_source("_untapped_pins", %r).apply()'
            % (ROOT, os.path.join(ROOT, 'untapped', 'pins.py')))


def main(argv):
    if argv == ['--startup']:
        print(_startup_lines())
    elif argv == ['--overrides']:
        print('\n'.join(overrides()) or 'All pins are in force.')
    elif argv == []:
        for name, value in environment().items():
            print("export %s='%s'" % (name, value.replace("'", "'\\''")))
    else:
        print(__doc__, file=sys.stderr)
        return 2
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))

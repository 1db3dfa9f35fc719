"""The pins: everything outside the code that decides the bits of a result.

One table for all: the package, `make pins`, environment.yml, the Dockerfile
and .venv take the values from here, and tests/test_stack.py fails when one
of them disagrees.  The module needs nothing but the standard library, runs
on any Python 2.7 or 3, and must run before numpy or Theano is imported:
OpenBLAS and Theano read their settings once, when they are loaded.

The pins win over the environment.  UNTAPPED_PINS=environment (of a script:
--pins environment) turns that round: what the environment says stays.

    python -m untapped.pins             the pins as `export NAME='value'` and
                                        `unset NAME` lines
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

__all__ = ['CHOICE', 'FAMILIES', 'FLAGS', 'FREE', 'MODES', 'VARIABLES',
           'apply', 'check', 'choose', 'compile_folder', 'environment',
           'in_force', 'mode', 'overrides', 'parse', 'tell']

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

#: Beginnings of names: settings of OpenBLAS, of OpenMP's libraries, and of
#: the BLAS that another numpy may carry.  Those that are no pins are removed.
FAMILIES = ('OPENBLAS_', 'GOTO_', 'GOTOBLAS_', 'OMP_', 'GOMP_', 'KMP_',
            'MKL_', 'BLIS_', 'VECLIB_', 'NUMEXPR_')

#: Not numeric: no screen is needed to draw figures.
DEFAULTS = OrderedDict([('MPLBACKEND', 'Agg')])

#: Further flags of Theano that decide bits, at Theano's own defaults.  They
#: are not set; another value is removed.
WATCHED = OrderedDict([
    ('mode', 'Mode'),
    ('linker', 'cvm'),
    ('optimizer_including', ''),
    ('optimizer_excluding', ''),
    ('optimizer_requiring', ''),
    ('cast_policy', 'custom'),
    ('lib.amdlibm', 'False'),
])

#: Flags of Theano that stay the user's, where they name something: folders,
#: the compiler, waiting, and what is printed.  Any other flag is removed.
FREE = ('compiledir', 'base_compiledir', 'cxx', 'compile.wait',
        'compile.timeout', 'nocleanup', 'exception_verbosity',
        'traceback.limit', 'optimizer_verbose', 'profile', 'profile_memory',
        'profile_optimizer', 'cmodule.compilation_warning')

#: The variable that says which mode holds, and its values: the table wins;
#: the environment does, and what it lacks is added; nothing is touched, for
#: measurements that set everything themselves.
CHOICE = 'UNTAPPED_PINS'
MODES = ('pinned', 'environment', 'off')

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

#: instructions, and the kernels of OpenBLAS 0.2.18 that need them
_KERNELS = ((('avx2', 'fma'), 'Haswell'), (('avx',), 'Sandybridge'))

# What `apply` took the place of: variable -> [its value, sentences that are
# still to be told].  This file may be loaded twice, by .venv's start-up line
# and as untapped.pins: what the first found is there for the second.
_first = sys.modules.get('_untapped_pins', sys.modules.get('untapped.pins'))
_overruled = (vars(_first) if _first else globals()).setdefault(
    '_overruled', OrderedDict())


def apply():
    """Put the pins into the environment.

    What disagrees with them is set or removed, and remembered for `tell`
    and `choose`.  THEANO_FLAGS that cannot be read stay, see `check`.
    Calling it again changes nothing.
    """
    chosen = mode()
    if chosen == 'off':
        return
    if chosen == 'pinned':
        _overrule_variables()
        _overrule_flags()
    for name, value in list(VARIABLES.items()) + list(DEFAULTS.items()):
        os.environ.setdefault(name, value)
    try:
        os.environ['THEANO_FLAGS'] = _merged(_flags())
    except ValueError:
        pass


def mode():
    """The one of `MODES` that the environment asks for."""
    asked = os.environ.get(CHOICE)
    return asked if asked in MODES else 'pinned'


def choose(chosen):
    """Apply the pins in a mode, for this process and those it starts.

    Before numpy and Theano are imported.  With 'environment' variables are
    as they were before the pins came.
    """
    os.environ[CHOICE] = chosen
    if chosen == 'environment':
        for name, (value, _) in _overruled.items():
            os.environ[name] = value
        _overruled.clear()
    apply()


def tell():
    """What the pins took the place of: one line on stderr, once."""
    sentences = []
    for entry in _overruled.values():
        sentences += entry[1]
        entry[1] = []
    if not sentences:
        return
    try:
        print('untapped: %s (%s=environment keeps such settings)'
              % ('; '.join(sentences), CHOICE), file=sys.stderr)
    except (EnvironmentError, ValueError, AttributeError):
        pass            # there is no stderr


def check():
    """ValueError, a sentence, if the environment cannot be understood."""
    asked = os.environ.get(CHOICE, MODES[0])
    if asked not in MODES:
        raise ValueError('%s: expected %s, got %s'
                         % (CHOICE, ' or '.join(MODES[:2]), asked))
    try:
        parse(_flags())
    except ValueError as error:
        raise ValueError('THEANO_FLAGS: expected key=value pairs with commas '
                         'between them, got %s (%s)' % (_flags(), error))


def _overrule_variables():
    for name in list(VARIABLES) + _relatives():
        value, pin = os.environ.get(name), VARIABLES.get(name)
        if value in (None, pin):
            continue
        _overruled[name] = [value, [_sentence(name, value, pin)]]
        if pin is None:
            del os.environ[name]
        else:
            os.environ[name] = pin


def _relatives():
    """Names of variables that are set and, by the table, should not be."""
    return sorted(name for name in os.environ
                  if name.startswith(FAMILIES) and name not in VARIABLES)


def _overrule_flags():
    try:
        given = parse(_flags())
    except ValueError:
        return
    odd = OrderedDict((key, value) for key, value in given.items()
                      if not _agrees(key, value))
    if odd:
        _overruled['THEANO_FLAGS'] = [_flags(), [
            _sentence("Theano's " + key, value, FLAGS.get(key))
            for key, value in odd.items()]]
        os.environ['THEANO_FLAGS'] = ','.join(
            '%s=%s' % (key, _quoted(value)) for key, value in given.items()
            if key not in odd)


def _sentence(name, value, pin):
    value = ' '.join(value.split()) or 'empty'
    if pin is None:
        return '%s was %s: removed' % (name, value)
    return '%s was %s: pinned to %s' % (name, value, _shown(pin))


def _agrees(key, value):
    """Whether a flag of Theano may stay as it is."""
    if key in FREE:
        return bool(value)      # without a compiler bits are others
    return value == FLAGS.get(key, WATCHED.get(key))


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
        # not machine.processor: this file runs without the package
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
    wanted = [(name, VARIABLES.get(name))
              for name in list(VARIABLES) + _relatives()]
    found = ['%s is %s, pinned is %s.' % (name, _shown(os.environ.get(name)),
                                          _shown(value))
             for name, value in wanted if os.environ.get(name) != value]
    told = ' '.join(found)
    found += _flag_overrides()
    if 'numpy' in sys.modules and not any(name in told for name in VARIABLES):
        found += _blas_overrides()
    return found


def too_late():
    """What was loaded before the pins came and is not as pinned."""
    if 'numpy' in sys.modules or 'theano' in sys.modules:
        return overrides()
    return []


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


def with_compile_folder(folder, flags=None, key='compiledir'):
    """THEANO_FLAGS (default: as they are) with another compile folder."""
    # of two values for a key Theano takes the last
    return '%s,%s=%s' % (_merged(_flags() if flags is None else flags), key,
                         _quoted(folder))


# THEANO_FLAGS ---------------------------------------------------------------

def _flags():
    return os.environ.get('THEANO_FLAGS', '')


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
        given = parse(_flags())
    except ValueError as error:
        return ['THEANO_FLAGS cannot be read (%s).' % error]
    wanted = OrderedDict(FLAGS)
    wanted.update(WATCHED)
    theano = sys.modules.get('theano')
    config = getattr(theano, 'config', None)
    found = []
    wanted.update((key, None) for key in given
                  if key not in wanted and key not in FREE)
    for key, pin in wanted.items():
        if config is not None and pin is not None:
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
    # .venv loads this file at every start of Python
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
        # .venv's start-up line may have removed some from this process
        for name in sorted(set(_relatives()) | set(_overruled)):
            if name not in environment():
                print('unset ' + name)
    else:
        print(__doc__, file=sys.stderr)
        return 2
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))

"""The pins hold however a program is started and whatever is set."""
from __future__ import print_function

import ctypes
import json
import os
import shutil
import subprocess
import sys

import pytest

from untapped import pins
from untapped.machine import compile_folders

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PINS = os.path.join(ROOT, 'untapped', 'pins.py')
NUMERIC = ('device=cpu,floatX=float32,optimizer=fast_compile,openmp=False,'
           'gcc.cxxflags=-O2 -march=x86-64 -ffp-contract=off,blas.ldflags=')
#: as on many clusters and in many images
SURROUNDINGS = {
    'OPENBLAS_CORETYPE': 'Haswell', 'OPENBLAS_NUM_THREADS': '8',
    'OMP_NUM_THREADS': '8', 'GOTO_NUM_THREADS': '8', 'MKL_CBWR': 'AVX2',
    'THEANO_FLAGS': 'floatX=float64,optimizer=fast_run,openmp=True'}


def python(code, cwd=None, before=None, **variables):
    """Run code by this interpreter in an almost empty environment."""
    env = {'PATH': os.environ['PATH'], 'PYTHONPATH': ROOT,
           'PYTHONDONTWRITEBYTECODE': '1'}
    env.update(variables)
    # .venv's start-up file has set the pins before the code under test could
    undo = ('import os, sys; os.environ.clear(); os.environ.update(%r)\n'
            'sys.meta_path[:] = [finder for finder in sys.meta_path\n'
            '    if type(finder).__name__ != "_TheanoWatch"]\n' % env)
    process = subprocess.Popen(
        [sys.executable, '-c', undo + code], env=env, cwd=cwd or ROOT,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        preexec_fn=before)
    out, err = process.communicate()
    assert process.returncode == 0, err
    return out.decode().strip(), err.decode().strip()


def obey_access_rights():
    """Let a program that root starts from here be stopped by them, too.

    Takes CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH out of the bounding set
    (PR_CAPBSET_DROP); does nothing for other users.
    """
    for capability in (1, 2):
        ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)


# the environment ------------------------------------------------------------

def test_importing_the_package_sets_every_pin():
    out, _ = python('import untapped, os\n'
                    'for n in untapped.pins.environment():\n'
                    '    print(n + "=" + os.environ[n])',
                    UNTAPPED_COMPILEDIR='/c')
    assert out.splitlines() == [
        'THEANO_FLAGS=' + NUMERIC + ',compiledir=/c',
        'OPENBLAS_NUM_THREADS=1', 'OMP_NUM_THREADS=1',
        'OPENBLAS_CORETYPE=Nehalem', 'THEANORC=/dev/null', 'MPLBACKEND=Agg']


def test_importing_the_package_loads_neither_numpy_nor_theano():
    out, _ = python('import untapped, sys; '
                    'print([m for m in ("numpy", "theano", "lasagne") '
                    'if m in sys.modules])')
    assert out == '[]'


def test_theano_and_openblas_run_as_pinned_from_a_bare_environment(tmpdir):
    out, _ = python(
        'import untapped, theano, numpy\n'
        'c = theano.config\n'
        'print(c.device, c.floatX, c.optimizer, c.openmp, c.blas.ldflags,\n'
        '      c.gcc.cxxflags, c.compiledir)\n'
        'print([b[1:] for b in untapped.pins.loaded_blas()\n'
        '       if "numpy" in b[0]])\n'
        'print(untapped.pins.overrides())',
        UNTAPPED_COMPILEDIR=str(tmpdir.join('c')))
    first, second, third = out.splitlines()
    assert first == str(('cpu', 'float32', 'fast_compile', False, '',
                         '-O2 -march=x86-64 -ffp-contract=off',
                         str(tmpdir.join('c'))))
    assert second == "[('Nehalem', 1)]"
    assert third == '[]'


FLAGS = 'import untapped, os; print(os.environ["THEANO_FLAGS"])'


def test_of_the_users_flags_those_stay_that_move_no_bits():
    out, told = python(
        FLAGS, THEANO_FLAGS='optimizer=fast_run,profile=True,linker=cvm,'
        'compiledir="/a,b",mode=FAST_RUN,scan.allow_gc=True,cxx=')
    assert out == 'profile=True,linker=cvm,compiledir="/a,b",' + NUMERIC
    assert told == (
        "untapped: Theano's optimizer was fast_run: pinned to fast_compile; "
        "Theano's mode was FAST_RUN: removed; Theano's scan.allow_gc was "
        "True: removed; Theano's cxx was empty: removed "
        "(UNTAPPED_PINS=environment keeps such settings)")


def test_asked_for_all_flags_stay_and_the_missing_ones_are_added():
    out, told = python(
        FLAGS, THEANO_FLAGS='optimizer=fast_run,profile=True',
        UNTAPPED_COMPILEDIR='/c', UNTAPPED_PINS='environment')
    assert out == ('optimizer=fast_run,profile=True,device=cpu,'
                   'floatX=float32,openmp=False,gcc.cxxflags=-O2 '
                   '-march=x86-64 -ffp-contract=off,blas.ldflags=,'
                   'compiledir=/c')
    assert told == ''


def test_a_users_base_compiledir_stays_in_force():
    out, _ = python(FLAGS, THEANO_FLAGS='base_compiledir=/mine')
    assert out == 'base_compiledir=/mine,' + NUMERIC


def test_pins_set_twice_are_pins_set_once():
    out, _ = python('import untapped, os, sys\n'
                    'once = dict(os.environ), len(sys.meta_path)\n'
                    'untapped.pins.apply()\n'
                    'reload(untapped.pins).apply()\n'
                    'print(once == (dict(os.environ), len(sys.meta_path)))')
    assert out == 'True'


def test_a_personal_theanorc_changes_nothing(tmpdir):
    tmpdir.join('.theanorc').write(
        '[global]\nfloatX = float64\noptimizer = fast_run\nmode = FAST_RUN\n'
        'optimizer_including = fusion\n[blas]\nldflags = -lm\n'
        '[gcc]\ncxxflags = -O3\n')
    code = ('import untapped, theano; c = theano.config\n'
            'print(c.floatX, c.optimizer, c.mode, c.optimizer_including,\n'
            '      c.blas.ldflags, c.gcc.cxxflags)\n'
            'print(len(untapped.pins.overrides()))')
    folder = {'HOME': str(tmpdir),
              'UNTAPPED_COMPILEDIR': str(tmpdir.join('c'))}
    out, _ = python(code, **folder)
    assert out.splitlines() == [str((
        'float32', 'fast_compile', 'Mode', '', '',
        '-O2 -march=x86-64 -ffp-contract=off')), '0']
    # asked for it is the user's word, but only where nothing is pinned
    out, _ = python(code, THEANORC=str(tmpdir.join('.theanorc')),
                    UNTAPPED_PINS='environment', **folder)
    assert out.splitlines() == [str((
        'float32', 'fast_compile', 'FAST_RUN', 'fusion', '',
        '-O2 -march=x86-64 -ffp-contract=off')), '3']


# what is said ---------------------------------------------------------------

OVERRIDES = 'import untapped; print("\\n".join(untapped.pins.overrides()))'


@pytest.mark.parametrize('name, value, said', [
    ('OPENBLAS_CORETYPE', 'Haswell',
     'OPENBLAS_CORETYPE is Haswell, pinned is Nehalem.'),
    ('OMP_NUM_THREADS', '4', 'OMP_NUM_THREADS is 4, pinned is 1.'),
    ('THEANO_FLAGS', 'floatX=float64',
     "Theano's floatX is float64, pinned is float32."),
    ('THEANO_FLAGS', 'gcc.cxxflags=-O3 -mavx2',
     "Theano's gcc.cxxflags is -O3 -mavx2, pinned is "
     "-O2 -march=x86-64 -ffp-contract=off."),
    ('THEANO_FLAGS', 'mode=FAST_RUN',
     "Theano's mode is FAST_RUN, pinned is Mode."),
    ('THEANO_FLAGS', 'blas.ldflags=-lblas',
     "Theano's blas.ldflags is -lblas, pinned is empty."),
    ('THEANO_FLAGS', 'scan.allow_gc=True',
     "Theano's scan.allow_gc is True, pinned is not set."),
    ('MKL_CBWR', 'AVX2', 'MKL_CBWR is AVX2, pinned is not set.'),
    ('MPLBACKEND', 'svg', ''),
    ('THEANO_FLAGS', 'exception_verbosity=high', ''),
])
def test_what_is_not_as_pinned_is_told_where_it_stays(name, value, said):
    out, told = python(OVERRIDES, UNTAPPED_PINS='environment',
                       **{name: value})
    assert (out, told) == (said, '')
    out, _ = python(OVERRIDES, **{name: value})
    assert out == ''


def test_numpy_imported_before_the_pins_is_warned_of():
    for before in '', 'del os.environ["OPENBLAS_CORETYPE"]; ':
        out, told = python('import numpy; ' + before + OVERRIDES,
                           OPENBLAS_CORETYPE='Sandybridge',
                           OMP_NUM_THREADS='1')
        assert 'runs its Sandybridge kernels' in out
        assert 'loaded before the pins' in out
        assert 'RuntimeWarning: the pins do not hold' in told
        assert 'import untapped before them' in told and out in told
    _, told = python('import numpy; ' + OVERRIDES,
                     OPENBLAS_CORETYPE='Nehalem', OMP_NUM_THREADS='1')
    assert told == ''


def test_theano_imported_before_the_pins_is_told(tmpdir):
    out, told = python('import theano; ' + OVERRIDES, HOME=str(tmpdir),
                       OPENBLAS_CORETYPE='Nehalem', OMP_NUM_THREADS='1')
    assert "Theano's floatX is float64, pinned is float32." in out
    assert 'RuntimeWarning: the pins do not hold' in told


# whose word holds -----------------------------------------------------------

IN_FORCE = ('import untapped, json; '
            'print(json.dumps(untapped.pins.in_force()))')


def of_this_interpreter(code, *options, **variables):
    """Output and errors of code that nothing of .venv's is taken from."""
    env = dict(os.environ, PYTHONPATH=ROOT, **variables)
    process = subprocess.Popen(
        [sys.executable] + list(options) + (['-c', code] if code else []),
        env=env, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        universal_newlines=True)
    out, told = process.communicate()
    return process.returncode, out.strip(), told.strip()


def test_the_pins_win_over_the_surroundings_and_say_so_in_one_line():
    _, want, told = of_this_interpreter(IN_FORCE)
    assert told == ''
    status, out, told = of_this_interpreter(
        IN_FORCE + '; from untapped import pins; print(pins.overrides()); '
        'import os; print([n for n in os.environ if n[:4] in '
        '("GOTO", "MKL_")])', **SURROUNDINGS)
    out, overrides, others = out.splitlines()
    known = ('OPENBLAS_NUM_THREADS was 8: pinned to 1; '
             'OMP_NUM_THREADS was 8: pinned to 1; '
             'OPENBLAS_CORETYPE was Haswell: pinned to Nehalem; '
             'GOTO_NUM_THREADS was 8: removed; MKL_CBWR was AVX2: removed; '
             "Theano's floatX was float64: pinned to float32; "
             "Theano's optimizer was fast_run: pinned to fast_compile; "
             "Theano's openmp was True: pinned to False")
    assert told == ('untapped: %s (UNTAPPED_PINS=environment keeps such '
                    'settings)' % known)
    assert (overrides, others) == ('[]', '[]')
    assert strip(json.loads(out)) == strip(json.loads(want))


def strip(found):
    """Without the compile folder, which a test may have of its own."""
    flags = pins.parse(found['THEANO_FLAGS'])
    flags.pop('compiledir', None)
    return dict(found, THEANO_FLAGS=dict(flags))


def test_child_processes_have_nothing_left_to_say():
    _, _, told = of_this_interpreter(
        'import untapped, subprocess, sys; subprocess.check_call('
        '[sys.executable, "-c", "import untapped"])', **SURROUNDINGS)
    assert told.count('untapped: ') == 1


def test_a_program_that_never_imports_us_is_pinned_in_silence():
    _, out, told = of_this_interpreter(
        'import os; print(os.environ["OPENBLAS_CORETYPE"])', **SURROUNDINGS)
    assert (out, told) == ('Nehalem', '')


CHOSEN = ('from untapped import pins; import os; pins.choose("environment")\n'
          'import numpy\n'
          'print(os.environ["THEANO_FLAGS"], os.environ["MKL_CBWR"],\n'
          '      [blas[1:] for blas in pins.loaded_blas()\n'
          '       if "numpy" in blas[0]], len(pins.overrides()))\n'
          'import subprocess, sys; sys.stdout.flush()\n'
          'subprocess.check_call([sys.executable, "-c", "import os; print("\n'
          '    "os.environ[\'OPENBLAS_CORETYPE\'])"])')


def test_the_surroundings_come_back_until_numpy_is_loaded():
    _, out, told = of_this_interpreter(
        CHOSEN, **dict(SURROUNDINGS, OPENBLAS_CORETYPE='Prescott',
                       OPENBLAS_NUM_THREADS='1'))
    own, child = out.splitlines()
    flags = NUMERIC.replace('float32', 'float64').replace(
        'fast_compile', 'fast_run').replace('openmp=False', 'openmp=True')
    first = 'floatX=float64,optimizer=fast_run,openmp=True,device=cpu,gcc'
    assert own.startswith("('" + first) and sorted(
        flags.split(',')) == sorted(own[2:].split(',compiledir')[0].split(
            ','))
    assert own.endswith("'AVX2', [('Prescott', 1)], 7)")
    assert child == 'Prescott'


def test_a_word_that_is_no_mode_is_refused_by_programs_and_pins_hold():
    status, out, told = of_this_interpreter(
        '', '-m', 'untapped.verify', 'golden', 'none', UNTAPPED_PINS='mine')
    assert status == 2
    assert told == ('python -m untapped.verify: error: UNTAPPED_PINS: '
                    'expected pinned or environment, got mine')
    _, out, told = of_this_interpreter(
        IN_FORCE, UNTAPPED_PINS='mine', OPENBLAS_CORETYPE='Haswell')
    assert json.loads(out)['OPENBLAS_CORETYPE'] == 'Nehalem'


def test_off_nothing_is_touched():
    _, out, _ = of_this_interpreter(
        'import untapped, os; print(os.environ.get("OPENBLAS_CORETYPE"), '
        'os.environ["THEANO_FLAGS"])',
        UNTAPPED_PINS='off', OPENBLAS_CORETYPE='x', THEANO_FLAGS='mode=y')
    assert out == "('x', 'mode=y')"


def test_verify_refuses_where_numpy_came_first(tmpdir):
    code = ('import os; os.environ["OPENBLAS_CORETYPE"] = "Prescott"\n'
            'import numpy\n'
            'from untapped.verify.__main__ import main\n'
            'import sys; sys.exit(main(["golden", "none"]))')
    status, _, told = of_this_interpreter(code, '-W', 'ignore')
    assert status == 2
    told = told.splitlines()[-1]
    assert told.startswith('python -m untapped.verify: error: bits are ')
    assert 'Prescott kernels' in told


# the command ----------------------------------------------------------------

@pytest.mark.parametrize('folder', ["/a b", "/it's, \"so\" #1\\"])
@pytest.mark.parametrize('interpreter', ['this', 'python3'])
def test_exports_survive_a_shell_and_theanos_own_parser(folder, interpreter):
    if interpreter == 'python3' and subprocess.call(
            'python3 -c ""', shell=True, stderr=subprocess.PIPE):
        pytest.skip('there is no python3')
    interpreter = sys.executable if interpreter == 'this' else interpreter
    out = subprocess.check_output(
        ['sh', '-c', 'eval "$("$0" "$1")" && "$2" -c \''
         'import os; print(os.environ["THEANO_FLAGS"]); '
         'print(os.environ["OPENBLAS_CORETYPE"])\'',
         interpreter, PINS, sys.executable],
        env={'PATH': os.environ['PATH'], 'UNTAPPED_COMPILEDIR': folder,
             'HOME': os.environ.get('HOME', '/')})
    flags, kernel = out.decode().splitlines()
    assert kernel == 'Nehalem'
    assert flags.startswith(NUMERIC + ',compiledir=')
    from theano.configparser import parse_config_string
    parsed = parse_config_string(flags)
    assert parsed['gcc.cxxflags'] == '-O2 -march=x86-64 -ffp-contract=off'
    assert parsed['compiledir'] == folder


def test_an_unknown_option_of_the_command_is_refused():
    process = subprocess.Popen([sys.executable, PINS, '--frobnicate'],
                               stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)
    out, err = process.communicate()
    assert process.returncode == 2
    assert out == b'' and b'python -m untapped.pins' in err


def test_the_startup_file_pins_a_program_that_never_heard_of_us(tmpdir):
    tmpdir.join('startup.pth').write(
        subprocess.check_output([sys.executable, PINS, '--startup']))
    code = ('import site; site.addsitedir(%r)\n'
            'import numpy, os, sys\n'
            'print(os.environ["OPENBLAS_CORETYPE"])\n'
            'import untapped; print(untapped.__file__)\n' % str(tmpdir))
    out, _ = python(code, cwd=str(tmpdir), PYTHONPATH='')
    kernel, package = out.splitlines()
    assert kernel == 'Nehalem'
    assert os.path.dirname(package) == os.path.join(ROOT, 'untapped')
    # another package of that name, earlier on the path, is not shadowed
    other = tmpdir.mkdir('other')
    other.join('untapped.py').write('')
    out, _ = python(code, cwd=str(tmpdir), PYTHONPATH=str(other))
    assert out.splitlines() == ['Nehalem', str(other.join('untapped.py'))]


# the compile folder ---------------------------------------------------------

COMPILE = ('import untapped, theano, theano.tensor as T, os\n'
           'x = T.vector()\n'
           'assert theano.function([x], x + 1)([1, 2]).tolist() == [2, 3]\n'
           'from theano.gof.cc import get_module_cache\n'
           'print(theano.config.compiledir)\n'
           'print(get_module_cache().stats[2])\n')   # 2: compiled anew


def test_an_unwritable_folder_is_copied_warm_and_the_copy_removed(tmpdir):
    warm = tmpdir.mkdir('warm')
    cold_folder, cold = python(
        COMPILE, UNTAPPED_COMPILEDIR=str(warm))[0].splitlines()
    assert cold_folder == str(warm) and int(cold) > 0
    for folder, _, _ in os.walk(str(warm)):
        os.chmod(folder, 0o555)
    try:
        out, err = python(COMPILE, before=obey_access_rights,
                          UNTAPPED_COMPILEDIR=str(warm))
    finally:
        for folder, _, _ in os.walk(str(warm)):
            os.chmod(folder, 0o755)
    used, compiled = out.splitlines()
    assert used != str(warm) and compiled == '0'
    assert not os.path.exists(os.path.dirname(used))
    assert len(err.splitlines()) == 1 and str(warm) in err and used[:20] in err


def test_an_unusable_base_compiledir_is_left_for_another():
    out, err = python('import untapped, theano\n'
                      'print(theano.config.compiledir)',
                      THEANO_FLAGS='base_compiledir=/proc/self/none')
    assert os.path.basename(out).startswith('compiledir_')
    assert len(err.splitlines()) == 1
    assert 'the compile folder /proc/self/none cannot be used' in err
    assert not os.path.exists(os.path.dirname(out))


def test_a_folder_that_theano_made_in_its_base_must_be_usable_too(tmpdir):
    made = tmpdir.mkdir('base').mkdir('compiledir_here')
    made.chmod(0o555)
    out, err = python('import untapped, theano\n'
                      'print(theano.config.base_compiledir)',
                      before=obey_access_rights,
                      THEANO_FLAGS='base_compiledir=%s' % tmpdir.join('base'))
    made.chmod(0o755)
    assert out != str(tmpdir.join('base')) and 'cannot be used' in err
    # what is no folder is no hindrance
    tmpdir.join('base', 'compiledir_there').write('')
    out, err = python('import untapped, theano\n'
                      'print(theano.config.base_compiledir)',
                      THEANO_FLAGS='base_compiledir=%s' % tmpdir.join('base'))
    assert out == str(tmpdir.join('base')) and err == ''


def test_modules_stay_for_ever(tmpdir):
    """Theano would not use those of more than 24 days, and remove them."""
    folder = tmpdir.join('c')
    _, cold = python(COMPILE, UNTAPPED_COMPILEDIR=str(folder))[0].split('\n')
    assert int(cold) > 0
    # Theano may be loaded before the package, too
    for first in '', 'import theano\n':
        for place, _, names in os.walk(str(folder)):
            for name in names:
                path = os.path.join(place, name)
                age = os.stat(path).st_mtime - 10 * 365 * 86400
                os.utime(path, (age, age))
        before = sorted(os.listdir(str(folder)))
        used, again = python(first + COMPILE, THEANO_FLAGS=NUMERIC +
                             ',compiledir=%s' % folder)[0].split('\n')
        assert (used, again) == (str(folder), '0')
        assert sorted(os.listdir(str(folder))) == before


def test_a_usable_folder_is_used_in_silence(tmpdir):
    out, err = python('import untapped, theano\n'
                      'print(theano.config.compiledir)',
                      UNTAPPED_COMPILEDIR=str(tmpdir.join('new', 'c')))
    assert out == str(tmpdir.join('new', 'c')) and err == ''


def test_a_folder_from_which_nothing_runs_is_not_used():
    mount = '/dev/shm'
    if not (os.path.isdir(mount) and os.statvfs(mount).f_flag & 8):
        mount = '/proc/self'
    assert not compile_folders.usable(mount)


def test_a_program_without_theano_makes_no_folder(tmpdir):
    python('import untapped, numpy',
           UNTAPPED_COMPILEDIR=str(tmpdir.join('c')))
    assert not tmpdir.join('c').exists()


def test_four_processes_share_a_new_folder(tmpdir):
    env = dict(os.environ, UNTAPPED_COMPILEDIR=str(tmpdir.join('c')),
               PYTHONPATH=ROOT)
    del env['THEANO_FLAGS']
    started = [subprocess.Popen([sys.executable, '-c', COMPILE], env=env,
                                stdout=subprocess.PIPE) for _ in range(4)]
    assert [p.communicate()[0].split()[0].decode() for p in started] == [
        str(tmpdir.join('c'))] * 4
    assert [p.returncode for p in started] == [0] * 4


def test_installed_elsewhere_the_folder_is_in_the_users_cache(tmpdir):
    copy = tmpdir.mkdir('lib').mkdir('untapped').join('pins.py')
    shutil.copy(PINS, str(copy))
    code = ('import imp; m = imp.load_source("p", %r); '
            'print(m.compile_folder())' % str(copy))
    out, _ = python(code, HOME='/h')
    assert out.startswith('/h/.cache/untapped/python2.7-theano0.8.2-')
    out, _ = python(code, HOME='/h', XDG_CACHE_HOME='/x')
    assert out.startswith('/x/untapped/python2.7-theano0.8.2-')


# the package ----------------------------------------------------------------

def test_the_stand_in_survives_reload_pickle_and_submodules():
    out, _ = python(
        'import untapped, pickle, sys\n'
        'import untapped.pins as p\n'
        'assert untapped.pins is p is sys.modules["untapped.pins"]\n'
        'assert reload(untapped) is untapped is sys.modules["untapped"]\n'
        'assert pickle.loads(pickle.dumps(p.apply)) is p.apply\n'
        'assert "SSDGM" in dir(untapped)\n'
        'from untapped import datasets\n'
        'assert untapped.datasets is datasets\n'
        'try:\n'
        '    untapped.no_such_name\n'
        'except AttributeError as error:\n'
        '    print(error)')
    assert "has no attribute 'no_such_name'" in out

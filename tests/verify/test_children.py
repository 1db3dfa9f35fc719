"""Processes of a comparison: shims, pins, what they leave alone."""
from __future__ import division, print_function

import os
import subprocess
import sys

import pytest

from untapped import pins
from untapped.verify import children
from untapped.verify.__main__ import make_parser


def make_checkout(folder):
    """The outline of a bare checkout; its code is of no importance."""
    for name in ('untapped', 'examples', 'examples/plotting'):
        folder.join(*name.split('/')).ensure(dir=True)
    folder.join('untapped', '__init__.py').write(
        'import pkg_resources\n'
        'version = pkg_resources.get_distribution("untapped").version\n')
    folder.join('untapped', 'S2S_DGM.py').write('from IPython import embed\n')
    folder.join('examples', 'DEMO_crism.py').write('')
    folder.join('examples', 'plotting', 'plotting_crism.py').write('a = 1\n')
    return str(folder)


def test_a_folder_that_is_no_checkout_is_refused_in_one_sentence(tmpdir):
    with pytest.raises(children.NotACheckout, match='is not a checkout'):
        children.check_checkout(str(tmpdir))


def test_a_bare_checkout_becomes_importable_and_stays_untouched(tmpdir):
    checkout = make_checkout(tmpdir.mkdir('checkout'))
    shims = str(tmpdir.mkdir('shims'))
    children.write_shims(shims, checkout)
    before = sorted(str(p) for p in tmpdir.join('checkout').visit())
    paths = [os.path.join(checkout, 'examples'), checkout, shims]
    program = ('import sys; sys.path[:0] = %r; sys.path.append(%r)\n'
               'import untapped, untapped.S2S_DGM\n'
               'from plotting.plotting_crism import a\n'
               'print(untapped.version, a, untapped.__file__)\n'
               % (paths, os.path.join(shims, 'late')))
    environment = children.pinned_environment(str(tmpdir))
    output = subprocess.check_output([sys.executable, '-c', program],
                                     env=environment, cwd=str(tmpdir))
    assert checkout in output.decode()
    assert sorted(str(p) for p in tmpdir.join('checkout').visit()) == before


def test_a_plotting_package_of_the_checkout_is_left_to_it(tmpdir):
    checkout = make_checkout(tmpdir.mkdir('checkout'))
    tmpdir.join('checkout', 'examples', 'plotting', '__init__.py').write('')
    shims = tmpdir.mkdir('shims')
    children.write_shims(str(shims), checkout)
    assert not shims.join('plotting').check()


def test_children_get_all_pins_whatever_the_caller_has_set(monkeypatch):
    monkeypatch.setenv('THEANO_FLAGS', 'optimizer=fast_run,device=gpu')
    monkeypatch.setenv('OPENBLAS_CORETYPE', 'Haswell')
    monkeypatch.setenv('PYTHONPATH', '/elsewhere')
    environment = children.pinned_environment('/compiled')
    for name, value in pins.VARIABLES.items():
        assert environment[name] == value
    flags = environment['THEANO_FLAGS'].split(',')
    for item in pins.FLAGS.items():
        assert '%s=%s' % item in flags
    assert 'compiledir=/compiled' in flags
    assert 'PYTHONPATH' not in environment


def test_a_changed_pin_reaches_the_child_and_none_takes_it_away():
    environment = children.pinned_environment('/compiled', {
        'OPENBLAS_CORETYPE': None, 'OMP_NUM_THREADS': '2',
        'optimizer': 'fast_run'})
    assert 'OPENBLAS_CORETYPE' not in environment
    assert environment['OMP_NUM_THREADS'] == '2'
    assert 'optimizer=fast_run' in environment['THEANO_FLAGS']


def test_temporary_folders_go_and_given_ones_stay(tmpdir):
    kept = tmpdir.join('compiled')
    side = children.Side('ours', str(tmpdir), str(kept))
    made = side.folder('work')
    assert os.path.isdir(made)
    side.close()
    assert not os.path.exists(made)
    assert kept.check(dir=True)


def test_a_child_that_dies_leaves_its_last_words(tmpdir):
    from untapped.verify import published
    broken = tmpdir.mkdir('root').mkdir('untapped')
    broken.join('__init__.py').write('')
    broken.join('S2S_DGM.py').write('raise ImportError("no Theano here")\n')
    side = children.Side('published', str(tmpdir.join('root')),
                         str(tmpdir.join('compiled')))
    try:
        folder, report = side.run({'kind': 'cases', 'sample_seed': 1,
                                   'cases': []})
        assert report['status'] == 1
        arrays, unit = published.result(folder, report, 'any', side)
        assert arrays is None
        assert 'no Theano here' in unit['error']
    finally:
        side.close()


@pytest.mark.parametrize('words', [
    ['golden'], ['published', 'P'], ['suite', 'P'], ['pins']])
def test_a_compile_folder_is_that_of_the_caller(words):
    """Not one of the same name in a child's temporary working folder."""
    options = make_parser().parse_args(words + ['--compile-folder', 'kept'])
    assert options.compile_folder == os.path.abspath('kept')

"""What Theano compiled is the same in every image, and still found."""
from __future__ import division, print_function

import glob
import imp
import io
import os
import pickle
import shutil
import subprocess

import pytest
import theano
from theano import tensor as T

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PROGRAM = os.path.join(ROOT, 'container', 'steady.py')


@pytest.fixture(scope='module')
def steady():
    if not os.path.isfile(PROGRAM):
        pytest.skip('container/ is not installed with the package')
    try:
        subprocess.check_output(['strip', '--version'])
    except OSError:
        pytest.skip('there is no strip here')
    return imp.load_source('steady', PROGRAM)


def read(path):
    with io.open(path, 'rb') as stream:
        return stream.read()


def compiled(name):
    """A compile folder with one module of Theano's, in a folder of a name."""
    x = T.fvector()
    theano.function([x], x + 1)
    found = sorted(glob.glob(os.path.join(theano.config.compiledir, 'tmp*',
                                          'key.pkl')))[0]
    folder = 'compiled'
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(os.path.dirname(found), os.path.join(folder, name))
    # it notes the folder that it was compiled in
    library, = glob.glob(os.path.join(folder, name, '*.so'))
    was = os.path.basename(os.path.dirname(found))
    held = read(library).replace(was.encode('ascii'), name.encode('ascii'))
    with io.open(library, 'wb') as stream:
        stream.write(held)
    return os.path.abspath(folder), pickle.loads(read(found)).keys


def test_the_same_module_has_the_same_files_whatever_its_folder_was_called(
        steady, tmpdir, monkeypatch):
    monkeypatch.chdir(tmpdir)
    seen = []
    for name in ('tmpAbCd01', 'tmpzz_9Qx'):
        folder, keys = compiled(name)
        steady.steady(folder)
        (place, names), = [(place, sorted(names))
                           for place, _, names in os.walk(folder) if names]
        assert name not in place
        assert pickle.loads(read(os.path.join(place, 'key.pkl'))).keys == keys
        assert all(name.encode('ascii') not in read(os.path.join(place, each))
                   for each in names)
        seen.append([(each, read(os.path.join(place, each)))
                     for each in names])
    assert seen[0] == seen[1]


def test_a_set_is_written_in_one_order(steady):
    words = ['key%d' % number for number in range(40)]
    assert steady._pickled(set(words)) == steady._pickled(
        set(reversed(words + words)))
    assert pickle.loads(steady._pickled({'a': frozenset(words)})) == {
        'a': frozenset(words)}

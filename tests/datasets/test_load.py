"""Which data are used, what is said about them, what they are written as."""
from __future__ import division, print_function

import os
import subprocess
import sys

import numpy as np
import pytest

from untapped import datasets
from untapped.datasets import __main__ as command
from untapped.files.hashes import array_sha256
from untapped.errors import DataError

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))

#: name: the first digits of the checksums of what seed 0 gives.
SEED_0 = {
    'crism': ['209587ebe45c46bd', '93a370c1c01c0b4e', '32e41c46383f2678'],
    'libs': [
        'c2d21bb370b43705', '07b5cef16333bd5e', '4b9168f5e8ad62d0',
        'c89c20d46e830381', '9d864b337c26f849', 'ef0c6e8064bd1c16',
        '2cb385f232ce9145'],
    'mnist': [
        '301eab94776c04a6', 'ac80e57a7b72139c', '48e27d7c9f6510aa',
        'd87ceb073afed3d0', '4d668df22034458e', '64893138e0df20d5'],
    'raman': [
        '061b78bfe1c0bd79', '607c999622ed2d85', 'e131724900c444b9',
        '1417f1076c692b1c'],
}
#: the same of the second simulator
SECOND_SEED_0 = {
    'crism': ['c3a49c776a94d3da', '93a370c1c01c0b4e', 'acc57a6f00440646'],
    'libs': [
        '11aee54e90b9a99a', '68da48cc21ddd0d6', '2baffcc0440a6a6f',
        'c89c20d46e830381', '9d864b337c26f849', 'ef0c6e8064bd1c16',
        '2cb385f232ce9145'],
}


class TestLoad(object):
    def test_auto_simulates_where_the_folder_holds_no_file(self, tmpdir):
        raw = datasets.load('crism', folder=str(tmpdir))
        assert raw.kind == 'simulated' and 'seed 0' in raw.source

    def test_auto_reads_a_file_of_the_folder_or_of_its_subfolder(self, raw,
                                                                 tmpdir):
        for place in ('crism.pkl.gz', os.path.join('crism', 'crism.pkl.gz')):
            path = tmpdir.join(place)
            datasets.write_published(raw('crism'), str(path))
            read = datasets.load('crism', folder=str(tmpdir))
            assert read.kind == 'file'
            assert read.source.startswith('file ' + str(path) + ' sha256 ')
            path.remove()

    def test_auto_never_simulates_in_place_of_a_broken_file(self, tmpdir):
        tmpdir.join('crism.pkl.gz').write('broken')
        with pytest.raises(DataError, match='crism.pkl.gz'):
            datasets.load('crism', folder=str(tmpdir))

    def test_the_environment_names_the_folder(self, raw, tmpdir,
                                              monkeypatch):
        datasets.write_published(raw('crism'),
                                 str(tmpdir.join('crism.pkl.gz')))
        monkeypatch.setenv('UNTAPPED_DATA', str(tmpdir))
        assert datasets.load('crism').kind == 'file'

    @pytest.mark.parametrize('arguments, message', [
        (dict(name='iris'), 'one of crism, libs, mnist, raman'),
        (dict(name='crism', source='/no/such/place'), 'does not exist'),
        (dict(name='crism', source='simulated', seed=-1), 'seed is -1'),
        (dict(name='crism', source='simulated', seed=1.5), 'seed is 1.5; a'),
        (dict(name='crism', source='simulated', seed=True), 'seed is True;'),
        (dict(name='crism', source='simulated', seed=None), 'seed is None;'),
        (dict(name='crism', source=None), 'source is None; '),
        (dict(name=[]), 'is no data set; one of crism'),
        (dict(name='crism', source=os.path.dirname(__file__)),
         'crism.pkl.gz cannot be read: no such file'),
        (dict(name='mnist', source=os.path.dirname(__file__)),
         'is missing'),
        (dict(name='crism', source=__file__, endmembers='x'),
         'endmembers is an option of simulated data'),
        (dict(name='crism', source=__file__, simulator=2),
         'simulator is an option of simulated data'),
        (dict(name='crism', source='simulated', simulator=3),
         'simulator is 3; 1 or 2 was expected of crism'),
        (dict(name='mnist', source='simulated', simulator=2),
         'simulator is 2; 1 was expected of mnist'),
    ])
    def test_bad_arguments_are_errors_for_people(self, arguments, message):
        with pytest.raises(DataError, match=message) as error:
            datasets.load(**arguments)
        assert '\n' not in str(error.value)

    # libs, which takes seconds to write, is written in test_libs.
    @pytest.mark.parametrize('name', ['crism', 'mnist', 'raman'])
    def test_the_same_data_are_written_in_the_same_bytes(self, raw, tmpdir,
                                                         name):
        paths = [str(tmpdir.join(n)) for n in ('one', 'two')]
        for path in paths:
            datasets.write_published(raw(name), path)
        one, two = [open(path, 'rb').read() for path in paths]
        assert one == two

    def test_importing_the_data_imports_no_theano_and_draws_nothing(self):
        code = ('import numpy, sys; s = numpy.random.get_state()[1].sum();'
                'import untapped.datasets as d; d.load("crism","simulated");'
                'print("theano" in sys.modules, "matplotlib" in sys.modules,'
                's == numpy.random.get_state()[1].sum())')
        printed = subprocess.check_output([sys.executable, '-c', code],
                                          cwd=ROOT)
        assert b'False' in printed.split(b'\n')[-2]
        assert printed.count(b'True') == 1


class TestSimulated(object):
    @pytest.mark.parametrize('name', datasets.NAMES)
    def test_data_of_seed_0_are_the_same_on_every_machine(self, raw, name):
        # Of the first 16 digits of the arrays' checksums; the same under
        # Python 2.7 with numpy 1.11 and Python 3.11 with numpy 1.26. Whoever
        # changes a simulator on purpose changes these, and says so in
        # docs/data.md.
        assert [digest[:16] for digest in
                raw(name).checksums().values()] == SEED_0[name]

    @pytest.mark.parametrize('name', sorted(SECOND_SEED_0))
    def test_those_of_the_second_simulator_are_too(self, raw, name):
        second = raw(name, 2)
        assert [digest[:16] for digest in
                second.checksums().values()] == SECOND_SEED_0[name]
        assert second.source.startswith('simulated (seed 0, simulator 2')
        # same shapes, same labels: whatever reads the one reads the other
        for key, array in raw(name).arrays.items():
            assert second.arrays[key].shape == array.shape
            assert second.arrays[key].dtype == array.dtype
        assert np.array_equal(np.nan_to_num(second.arrays['y']),
                              np.nan_to_num(raw(name).arrays['y']))

    def test_the_first_simulator_says_nothing_new_of_its_data(self, raw):
        assert raw('crism').source == 'simulated (seed 0, modelled minerals)'
        assert raw('libs').source == 'simulated (seed 0)'


class TestWrite(object):
    def test_an_unwritable_place_is_an_error_and_leaves_nothing(self, raw,
                                                                tmpdir):
        tmpdir.join('file').write('')
        with pytest.raises(DataError, match='cannot be written'):
            datasets.write_published(raw('crism'),
                                     str(tmpdir.join('file', 'x.pkl.gz')))
        tmpdir.mkdir('folder')
        with pytest.raises(DataError, match='cannot be written'):
            datasets.write_published(raw('crism'),
                                     str(tmpdir.join('folder')))
        assert sorted(os.listdir(str(tmpdir))) == ['file', 'folder']


class TestChecksums(object):
    def test_values_shape_and_type_count_but_not_memory_order(self):
        array = np.arange(6.).reshape(2, 3)
        same = array_sha256(array)
        assert array_sha256(np.asfortranarray(array)) == same
        assert array_sha256(array.astype('>f8')) == same
        assert array_sha256(array.reshape(3, 2)) != same
        assert array_sha256(array.astype('f4')) != same
        assert array_sha256(array + 1e-15) != same

    def test_prepared_data_have_one_per_array(self, raw):
        data = datasets.prepare(raw('crism'), np.random.RandomState(0))
        assert list(data.checksums()) == ['X', 'y', 'X_', '_y', 'X_valid',
                                          'y_valid']


class TestCommandLine(object):
    def test_describe_prints_shapes_and_checksums(self, raw, capsys):
        assert command.main(['describe', 'mnist', '--data',
                             'simulated']) == 0
        printed = capsys.readouterr().out
        assert '1283 x 784' in printed
        for digest in raw('mnist').checksums().values():
            assert digest in printed

    def test_write_and_describe_agree(self, tmpdir, capsys):
        path = str(tmpdir.join('crism.pkl.gz'))
        assert command.main(['write', 'crism', path, '--seed', '2']) == 0
        assert 'seed 2' in capsys.readouterr().out
        command.main(['describe', 'crism', '--data', path])
        from_file = capsys.readouterr().out.split('\n')[1:]
        command.main(['describe', 'crism', '--data', 'simulated', '--seed',
                      '2'])
        assert from_file == capsys.readouterr().out.split('\n')[1:]

    def test_describe_takes_the_second_simulator(self, raw, capsys):
        assert command.main(['describe', 'crism', '--data', 'simulated',
                             '--simulator', '2']) == 0
        printed = capsys.readouterr().out
        assert 'crism: simulated (seed 0, simulator 2, mod' in printed
        for digest in raw('crism', 2).checksums().values():
            assert digest in printed
        assert command.main(['describe', 'raman', '--data', 'simulated',
                             '--simulator', '2']) == 2
        assert capsys.readouterr().err == (
            'error: simulator is 2; 1 was expected of raman.\n')

    def test_an_error_is_one_line_and_status_2(self, capsys):
        assert command.main(['describe', 'crism', '--data', '/no/x']) == 2
        captured = capsys.readouterr()
        assert captured.err.startswith('error: /no/x does not exist')
        assert captured.err.count('\n') == 1

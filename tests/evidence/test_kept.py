"""What is kept of a run, and what is not."""
from __future__ import division, print_function

import json
import os
from collections import OrderedDict

import pytest

from evidence import __main__ as command, kept
from untapped.errors import InputError
from untapped.runs import manifest as manifests
from untapped.runs.run_folder import to_json

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
CODE = {'version': '0.1.0', 'commit': None, 'sha256': '0' * 64, 'files': {}}


def write_run(path, arguments, runs=(), seed=1, status='complete'):
    """A small finished run with everything that `keep` reads."""
    method = {'validation': {'kl': .1, 'note': str(path)},
              'seeds': {'seed': 1}, 'data': {'split': 0}, 'rmsecv': [1., 2.],
              'last_evaluation': {'epoch': 3}, 'row': [1., 2., 3.]}
    source = 'file %s/mnist.pkl.gz sha256 ab' % path
    data = {'option': 'auto', 'folder': str(path), 'kind': 'file',
            'source': source, 'split': 0, 'shapes': {'X': [3, 2]}}
    files = [('metrics.json', OrderedDict(
        [('experiment', 'mnist'), ('data', {'source': source, 'split': 0}),
         ('seeds', {'seed': seed, 'data_seed': 0})]
        + [('runs', OrderedDict((name, {'m2': method}) for name in runs))
           if runs
           else ('methods', {'m2': method})])),
        ('config.json', {
            'experiment': 'mnist', 'arguments': arguments, 'quick': False,
            'data': data, 'settings': {'lr': .1}, 'runs': list(runs) or None,
            'pins': {'THEANO_FLAGS': 'device=cpu,compiledir=%s' % path,
                     'THEANORC': '/dev/null'}})]
    for name, content in files:
        path.join(name).write(to_json(content))
    path.ensure('figures', dir=True).join('figure8.pdf').write('%PDF')
    path.join('parameters.npz').write('numbers')
    for each in runs:
        write_run(path.ensure('runs', each, dir=True), arguments)
    manifest = OrderedDict([
        ('manifest', 1), ('status', status), ('experiment', 'mnist'),
        ('arguments', arguments), ('seeds', {}),
        ('sessions', [{'started_utc': 'a', 'ended_utc': 'b',
                       'seconds': 1800.}]),
        ('data', {'kind': 'file', 'source': source, 'sha256': {}}),
        ('ran_on', {'code': CODE, 'python': {
            'version': '2.7.18', 'implementation': 'CPython'}, 'pins': {},
            'processor': {'name': 'a processor'}}),
        ('parameters_sha256', {}), ('outputs', manifests.outputs(str(path)))])
    path.join('manifest.json').write(to_json(manifest))
    return path


ARGUMENTS = ['--data', '/home/me/files', '--numerics', 'fast', '--out',
             '/home/me/results', '--seeds', '2', '--quiet']


@pytest.fixture
def run(tmpdir):
    return write_run(tmpdir.mkdir('run'), ARGUMENTS, ['seed-1', 'seed-2'])


def keep(run, tmpdir, name='mnist-published', figures=('figure8',)):
    return kept.keep(name, [str(run)], figures, str(tmpdir.join('kept')))


def test_a_kept_run_has_its_numbers_and_how_it_was_made(run, tmpdir):
    found = kept.Kept(keep(run, tmpdir))
    assert found.commands == [
        'python run_mnist.py --data FOLDER --numerics fast --seeds 2']
    assert list(found.runs) == ['seed-1', 'seed-2']
    assert found.runs['seed-1']['m2']['validation']['kl'] == .1
    # two runs of half an hour; their parent only waited for them
    assert (found.seconds, found.about['runs']) == (3600., 2)
    assert found.config['settings'] == {'lr': .1}
    assert list(found.figures) == ['figure8']


def test_neither_curves_nor_parameters_nor_places_are_kept(run, tmpdir):
    path = keep(run, tmpdir)
    files = [os.path.join(place, name) for place, _, names in os.walk(path)
             for name in names]
    assert sorted(os.path.basename(name) for name in files) == [
        'config.json', 'figure8.pdf', 'kept.json', 'metrics.json']
    text = ''.join(open(name).read() for name in files)
    for word in (str(tmpdir), 'home', 'rmsecv', 'last_evaluation',
                 'compiledir', '--out', '--quiet'):
        assert word not in text
    assert 'file mnist.pkl.gz sha256 ab' in text
    assert '"row": [ 1.0, 2.0, 3.0 ]' in text


def single(tmpdir, name, seed, *more):
    return str(write_run(tmpdir.mkdir(name), [
        '--numerics', 'fast', '--seed', str(seed)] + list(more), seed=seed))


def test_runs_that_belong_together_are_kept_as_one(tmpdir):
    runs = [single(tmpdir, name, seed) for name, seed in (
        ('a', 3), ('b', 4))]
    found = kept.Kept(kept.keep('mnist-published', runs, (),
                                str(tmpdir.join('kept'))))
    assert list(found.runs) == ['seed-3', 'seed-4']
    assert found.commands == ['python run_mnist.py --numerics fast --seed '
                              + seed for seed in '34']
    assert found.seconds == 3600.


@pytest.mark.parametrize('seed, more, told', [
    (4, ('--epochs', '3'), 'is of another study'),
    (3, (), 'has seed-3, as one before it')])
def test_runs_that_do_not_are_refused(tmpdir, seed, more, told):
    runs = [single(tmpdir, 'a', 3), single(tmpdir, 'b', seed, *more)]
    with pytest.raises(InputError) as error:
        kept.keep('mnist-published', runs, (), str(tmpdir.join('kept')))
    assert told in str(error.value)


def test_of_runs_that_were_stopped_those_that_ended_are_kept(tmpdir):
    run = write_run(tmpdir.mkdir('run'), ARGUMENTS, ['seed-1', 'seed-2'],
                    status='stopped early')
    found = kept.Kept(keep(run, tmpdir))
    assert (found.about['runs'], found.about['asked']) == (2, 2)
    one = write_run(tmpdir.mkdir('one'), ARGUMENTS, status='stopped early')
    with pytest.raises(InputError) as told:
        keep(one, tmpdir, 'other')
    assert '--resume goes on' in str(told.value)


def test_a_changed_run_is_not_kept(run, tmpdir):
    run.join('metrics.json').write('{}')
    with pytest.raises(InputError) as told:
        keep(run, tmpdir)
    assert 'is no run that has ended' in str(told.value)
    assert not tmpdir.join('kept').exists()


@pytest.mark.parametrize('name', ['Upper', '../x', 'a b', '-a', ''])
def test_a_name_that_is_none_is_refused(run, tmpdir, name):
    with pytest.raises(InputError) as told:
        keep(run, tmpdir, name)
    assert str(told.value).startswith('argument NAME: expected')


def test_a_kept_run_is_not_overwritten(run, tmpdir):
    keep(run, tmpdir)
    with pytest.raises(InputError) as told:
        keep(run, tmpdir)
    assert 'is kept already' in str(told.value)


def test_what_is_too_large_is_not_kept(run, tmpdir, monkeypatch):
    monkeypatch.setitem(kept.LARGEST, '.pdf', 3)
    with pytest.raises(InputError) as told:
        keep(run, tmpdir)
    assert 'expected at most 3' in str(told.value)
    assert not tmpdir.join('kept').exists()


@pytest.mark.parametrize('given, left', [
    (['--data=/a/b', '--endmembers', '/c/d'],
     ['--data=FOLDER', '--endmembers', 'FOLDER']),
    (['--data', 'simulated', '--jobs', '2'], ['--data', 'simulated']),
    (['--name=x', '--debug', '--seeds=3'], ['--seeds=3'])])
def test_a_command_says_what_not_where(given, left):
    assert kept._arguments(given) == left


@pytest.mark.parametrize('text, found', [
    ('a/b and 1/2', 0), ('see /home/x/y', 1), ('"/opt/a/b.txt"', 1),
    ('https://a.org/b/c', 0), ('THEANORC=/dev/null', 0)])
def test_a_place_of_the_machine_is_found(text, found):
    assert len(kept.foreign(text)) == found


def test_what_the_project_keeps_is_small_and_of_no_machine():
    total = 0
    for name, each in kept.all_kept().items():
        for place, _, names in os.walk(each.path):
            for file_name in names:
                path = os.path.join(place, file_name)
                with open(path, 'rb') as stream:
                    content = stream.read()
                kept._check(os.path.relpath(path, each.path), content)
                total += len(content)
    assert total < 8 << 20


def test_the_command_tells_what_is_wrong_in_one_sentence(tmpdir, capsys):
    assert command.main(['keep', 'name', str(tmpdir)]) == 2
    told = capsys.readouterr()[1]
    assert told.startswith('error: argument RUN: ')
    assert told.count('\n') == 1


def test_json_is_read_back_to_the_same_numbers():
    value = OrderedDict([('a', [.1, 1e-30, 3]), ('b', {'c': [[1, 2], [3]]})])
    assert json.loads(kept._packed(value).decode('ascii')) == value

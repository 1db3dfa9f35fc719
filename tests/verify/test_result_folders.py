"""Two result folders, and the command line, without Theano."""
from __future__ import division, print_function

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from untapped.verify import runs
from untapped.verify.__main__ import main


def write_run(folder, lr=.003, loss=(1.5, 1.25), weight=1., bag=False):
    inner = folder.mkdir('data') if bag else folder
    inner.join('config.json').write(json.dumps(
        {'settings': {'lr': lr, 'hidden': [5]},
         'started_utc': str(folder), 'arguments': [str(folder)]}))
    inner.join('records.json').write(json.dumps(
        {'epochs': [5, 10], 'train': {'M2_x': list(loss)}}))
    np.savez(str(inner.join('parameters.npz')),
             W=np.array([weight, 2.], dtype='float32'))
    return str(folder)


def test_two_equal_runs_are_identical_whenever_they_were_started(tmpdir,
                                                                 capsys):
    first = write_run(tmpdir.mkdir('a'))
    second = write_run(tmpdir.mkdir('b'))
    assert main(['runs', first, second]) == 0
    assert capsys.readouterr()[0].splitlines()[-1].startswith('IDENTICAL')


def test_a_setting_a_record_and_a_parameter_are_told_in_this_order(tmpdir,
                                                                   capsys):
    first = write_run(tmpdir.mkdir('a'))
    second = write_run(tmpdir.mkdir('b'), lr=.01, loss=(1.5, 1.5),
                       weight=np.nextafter(np.float32(1), np.float32(2)))
    assert main(['runs', first, second]) == 1
    output = capsys.readouterr()[0]
    assert 'settings/lr' in output and '0.003 and 0.01' in output
    assert 'from evaluation 2 on' in output
    assert '1 ULP' in output
    last = output.splitlines()[-1]
    assert last.startswith('NOT IDENTICAL')
    assert 'settings/lr' in last


def test_nan_in_a_record_is_compared_as_nan(tmpdir):
    sections = runs.compare_runs(
        write_run(tmpdir.mkdir('a'), loss=(1., 'nan')),
        write_run(tmpdir.mkdir('b'), loss=(1., 2.)))
    row = [row for row in sections['records'] if not row.identical]
    assert len(row) == 1
    assert 'from evaluation 2 on' in row[0].difference


def test_a_bag_is_compared_with_the_folder_it_was_made_of(tmpdir):
    assert main(['runs', write_run(tmpdir.mkdir('a')),
                 write_run(tmpdir.mkdir('b'), bag=True)]) == 0


def test_a_run_without_parameters_is_not_called_identical(tmpdir, capsys):
    first = write_run(tmpdir.mkdir('a'))
    second = write_run(tmpdir.mkdir('b'))
    tmpdir.join('b', 'parameters.npz').remove()
    assert main(['runs', first, second]) == 1
    assert capsys.readouterr()[0].splitlines()[-1].startswith('NOT COMPARED')


@pytest.mark.parametrize('name', ['config.json', 'records.json',
                                  'metrics.json'])
@pytest.mark.parametrize('content', [
    b'', b'{"a": ', b'\xff', b'[' * 10 ** 5, b'{"a": 1, "a": 1}', b'[NaN]',
    b'[1e400]', b'[1' + b'0' * 10 ** 6 + b']', b'{"a\\n": 1}', 'folder',
    'pipe'], ids=['empty', 'cut', 'utf8', 'deep', 'twice', 'nan', '1e400',
                  'digits', 'control', 'folder', 'pipe'])
def test_damaged_json_is_one_sentence_and_status_2(tmpdir, capsys, name,
                                                   content):
    first = write_run(tmpdir.mkdir('a'))
    second = write_run(tmpdir.mkdir('b'))
    for folder in 'ab':
        tmpdir.join(folder, 'metrics.json').write('{}')
    path = tmpdir.join('b', name)
    path.remove()
    if content == 'folder':
        path.mkdir()
    elif content == 'pipe':
        os.mkfifo(str(path))
    else:
        path.write_binary(content)
    assert main(['runs', first, second]) == 2
    out, error = capsys.readouterr()
    assert (out, error.count('\n')) == ('', 1)
    assert name in error


@pytest.mark.parametrize('one, other', [
    ('1', 'true'), ('0.0', '-0.0'), ('1', '1.0'), ('[0.0]', '[-0.0]'),
    ('[[1]]', '[[2]]'), ('[]', '{}'), ('[1]', '["x"]'), ('"x"', '"y"')])
def test_what_differs_in_json_is_told_apart(tmpdir, one, other):
    tmpdir.mkdir('a').join('a.json').write('{"x": %s}' % one)
    tmpdir.mkdir('b').join('a.json').write('{"x": %s}' % other)
    rows = runs.compare_json(str(tmpdir.join('a')), str(tmpdir.join('b')),
                             'a.json', ())
    assert [row for row in rows if not row.identical]


@pytest.mark.parametrize('array', [
    np.float128(1), np.array(1.), np.array([u'x']), np.zeros((0, 3)),
    np.array(1j), np.array([True])], ids=str)
def test_parameters_of_any_kind_are_compared(tmpdir, array):
    first = write_run(tmpdir.mkdir('a'))
    second = write_run(tmpdir.mkdir('b'))
    for folder, other in ((first, array), (second, np.zeros_like(array))):
        np.savez(os.path.join(folder, 'parameters.npz'), **{
            'fit0/train/x': other, 'epochs/fit 1/00': other,
            'epochs/fit 1/01': other, 'end/00': array})
    status = main(['runs', first, second])
    assert status == (array.size and 1)


@pytest.mark.parametrize('array', [
    np.array([(1, 2.)], 'i4,f4'), np.array(['2020'], 'M8[Y]')], ids=str)
def test_parameters_that_are_no_numbers_are_refused(tmpdir, capsys, array):
    first = write_run(tmpdir.mkdir('a'))
    np.savez(os.path.join(first, 'parameters.npz'), **{'end/00': array})
    assert main(['runs', first, first]) == 2
    told = capsys.readouterr()[1]
    assert 'parameters.npz: expected an .npz of plain arrays' in told
    assert told.count('\n') == 1


def test_words_that_cannot_be_written_are_told(tmpdir):
    read, write = os.pipe()
    os.close(read)
    first = write_run(tmpdir.mkdir('a'))
    process = subprocess.Popen(
        [sys.executable, '-m', 'untapped.verify', 'runs', first, first],
        stdout=write, stderr=subprocess.PIPE)
    os.close(write)
    error = process.communicate()[1].decode('utf-8')
    assert process.returncode == 2
    assert error.count('\n') == 1 and 'cannot be written' in error


@pytest.mark.parametrize('arguments, text', [
    (['runs', 'nowhere', 'nowhere'], 'there is no folder nowhere'),
    (['published', 'nowhere'], 'is not a checkout of the published code'),
    (['suite', 'nowhere'], 'is not a checkout of the published code'),
    (['golden', 'unheard-of'], 'there is no case'),
    (['golden', '--arrays', 'nowhere'], 'nowhere does not exist'),
    (['pins', '--only', 'unheard-of'], 'no variation is named')])
def test_a_user_error_is_one_sentence_and_status_2(arguments, text, capsys,
                                                   tmpdir, monkeypatch):
    monkeypatch.chdir(str(tmpdir))
    assert main(arguments) == 2
    error = capsys.readouterr()[1]
    assert text in error
    assert len(error.strip().splitlines()) == 1

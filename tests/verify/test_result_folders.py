"""Two result folders, and the command line, without Theano."""
from __future__ import division, print_function

import json

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

"""config.json of a folder from anybody: one sentence, and nothing is done."""
from __future__ import division, print_function

import json
import os

import pytest

from test_runner import run_here
from untapped.errors import UserError
from untapped.experiments import options as command_line, recorded

GOOD = {'experiment': 'crism', 'arguments': ['--quick', '--seed', '5']}


def given(folder, *more):
    return command_line.parse('crism', ['--resume', str(folder)]
                              + list(more))


def put(folder, config):
    folder.join('config.json').write_binary(
        config if isinstance(config, bytes)
        else json.dumps(config).encode('ascii'))


def refused(folder, capsys):
    """The sentence with which --resume of a folder is refused."""
    before = sorted(os.listdir(str(folder)))
    assert run_here(['--resume', folder]) == 2
    out, told = capsys.readouterr()
    assert not out and told.count('\n') == 1 and len(told) < 1000
    assert 'argument --resume: ' in told
    assert str(folder.join('config.json')) in told
    assert sorted(os.listdir(str(folder))) == before
    return told


def test_the_options_of_the_run_are_taken(tmpdir):
    put(tmpdir, GOOD)
    options = recorded.resumed_options(given(tmpdir, '--quiet'), 'crism')
    assert (options.seed, options.quick, options.quiet) == (5, True, True)
    assert options.resume == str(tmpdir)


def test_what_a_run_is_started_with_may_be_there_by_now(tmpdir):
    """--out and --name were checked when the run began."""
    put(tmpdir, dict(GOOD, arguments=['--out', str(tmpdir.dirpath()),
                                      '--name', tmpdir.basename]))
    assert recorded.resumed_options(given(tmpdir), 'crism').resume


def test_a_run_of_a_preset_goes_on_with_the_objective_that_it_had(tmpdir):
    """--preset paper had the published one, and did not say so."""
    for arguments, objective in (
            (['--preset', 'paper'], 'published'),
            (['--preset', 'paper', '--objective', 'paper'], 'paper')):
        put(tmpdir, dict(GOOD, arguments=arguments))
        options = recorded.resumed_options(given(tmpdir), 'crism')
        assert command_line.settings(options, 'untapped')[
            'objective'] == objective


def test_a_run_of_libs_without_a_density_does_not_go_on(tmpdir, capsys):
    put(tmpdir, {'experiment': 'libs', 'arguments': ['--preset', 'paper']})
    with pytest.raises(UserError, match='subtracts the mean'):
        recorded.resumed_options(command_line.parse(
            'libs', ['--resume', str(tmpdir)]), 'libs')


@pytest.mark.parametrize('config', [
    b'', b'{', b'\xff', b'[]', b'3', b'null', b'"crism"', b'[' * 10 ** 6,
    b'{"experiment": "crism", "arguments": [1e400]}',
    b'{"experiment": "crism", "arguments": [' + b'1' * 10 ** 6 + b']}',
    b'[' * 10000 + b']' * 10000,
    b'{"experiment": "crism", "arguments": ["--quick", "\xe9"]}',
    {}, {'experiment': 'crism'}, {'arguments': []},
    dict(GOOD, experiment=['crism']), dict(GOOD, experiment={}),
    dict(GOOD, experiment=3), dict(GOOD, experiment='x\ny' * 10 ** 5),
    dict(GOOD, arguments='--quick'), dict(GOOD, arguments={'--quick': 1}),
    dict(GOOD, arguments=None), dict(GOOD, arguments=[3]),
    dict(GOOD, arguments=[['--quick']]), dict(GOOD, arguments=[None]),
    dict(GOOD, arguments=['--data', 'x\0y']),
    dict(GOOD, arguments=['--data', 'x' * 10 ** 5])])
def test_a_config_that_is_none_is_one_sentence(tmpdir, capsys, config):
    put(tmpdir, config)
    refused(tmpdir, capsys)


@pytest.mark.parametrize('arguments, part', [
    (['--help'], '--help'), (['-h'], '-h'), (['--list-presets'], 'expected'),
    (['--unknown\n'], 'unrecognized'), (['extra'], 'extra'),
    (['--resume', '/elsewhere'], 'got --resume'),
    (['--epochs', '9' * 4000], '--epochs'),
    (['--epochs', '100000000'], 'at most 99999999'),
    (['--epochs', 'nan'], '--epochs'), (['--learning-rate', 'nan'], 'rate'),
    (['--epochs', '5', '--eval-every', '7'], '--eval-every'),
    (['--preset', u'\u1234'], '--preset'),
    (['--experiment', 'libs'], '--experiment: expected crism'),
    (['--experiment', 'none'], '--experiment'),
    (['--reverse', 'latent'], '--reverse'), (['--split', '2'], '--split'),
    (['--seeds', '99999'], 'as many runs'),
    (['--seeds', '2', '--dask', 'x', '--jobs', '3'], '--jobs')])
def test_arguments_that_start_no_run_are_one_sentence(tmpdir, capsys,
                                                      arguments, part):
    put(tmpdir, dict(GOOD, arguments=arguments))
    assert part in refused(tmpdir, capsys)


def test_a_pipe_in_the_place_of_config_json_is_refused_at_once(tmpdir,
                                                               capsys):
    os.mkfifo(str(tmpdir.join('config.json')))
    assert 'no regular file' in refused(tmpdir, capsys)


def test_a_link_in_the_place_of_config_json_is_not_followed(tmpdir, capsys):
    put(tmpdir, GOOD)
    elsewhere = tmpdir.join('config.json')
    folder = tmpdir.mkdir('run')
    folder.join('config.json').mksymlinkto(elsewhere)
    assert 'symbolic link' in refused(folder, capsys)


def test_a_huge_config_is_not_read(tmpdir, capsys):
    with open(str(tmpdir.join('config.json')), 'wb') as stream:
        stream.truncate(1 << 40)
    assert 'more than' in refused(tmpdir, capsys)


def test_the_last_numerics_count(tmpdir):
    """The pins of BLAS are released for a fast run alone."""
    put(tmpdir, dict(GOOD, arguments=['--numerics', 'fast', '--numerics',
                                      'exact']))
    assert recorded.resumed_options(given(tmpdir), 'crism').numerics == \
        'exact'

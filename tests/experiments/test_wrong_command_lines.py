"""Wrong command lines, option by option: one sentence each, status 2.

None of them makes a folder or trains anything.
"""
from __future__ import division, print_function

import os

import pytest

from untapped.experiments import runner

#: option -> values that it does not take
VALUES = {
    '--epochs': ['0', '-1', '1.5', '1e3', 'many', '', ' ', 'nan', 'inf',
                 '100000000', '0x10', '1,000', u'\u0665'],
    '--eval-every': ['0', '-5', 'x', '2.0', '', '999999999', '6000'],
    '--batch-size': ['0', '4', '-100', '1e2', '', 'all', '99999999999',
                     'inf', '1j'],
    '--learning-rate': ['0', '-1e-3', 'nan', 'inf', '-inf', 'fast', '',
                        '1,5', '1e999', '3e-3j'],
    '--seed': ['-1', '1.0', '4294967296', 'x', '', 'None', '1e9', 'nan'],
    '--sample-seed': ['-1', '0.5', '99999999999', 'one', ''],
    '--data-seed': ['-1', '4294967296', 'x', '', '1.5'],
    '--seeds': ['0', '-2', '1.5', 'x', '', '100000000', '4294967296'],
    '--jobs': ['0', '-1', 'x', '', '1.5'],
    '--checkpoint-seconds': ['0', '-1', 'nan', 'inf', 'x', ''],
    '--preset': ['Paper', '', 'demo', 'published '],
    '--model': ['M2', '', 'pls', 'untapped,m2'],
    '--objective': ['', 'elbo', 'Paper'],
    '--reverse': ['', 'both', 'observed', 'latent'],
    '--numerics': ['', 'float64', 'Fast'],
    '--pins': ['', 'off', 'yes'],
    '--consistency': ['-1', 'nan', 'inf', 'x', '', '1'],
    '--data': ['', '/nowhere/at/all', '/dev/null', '/etc/passwd',
               'a\x1b[31m', 'a\nb', '/proc/self/mem'],
    '--data-folder': ['/nowhere', '', '/dev/null', 'a\x7f'],
    '--endmembers': ['/nowhere', '/dev/null', 'a\tb'],
    '--out': ['', '/dev/null/x', '/proc/x', 'a\x1bb'],
    '--name': ['', '.', '..', 'a/b', '/a', 'a\nb', '../x'],
    '--resume': ['', '/nowhere', '/dev/null', '/tmp'],
    '--split': ['1', 'all', '-1', 'x'],
    '--dask': ['tcp://127.0.0.1:1', 'here', ''],
}
CASES = [(option, value) for option in sorted(VALUES)
         for value in VALUES[option]]

#: whole lines, and what their sentence names
LINES = [
    (['--epoch', '5'], '--epoch'), (['--bogus'], '--bogus'),
    (['file.pkl'], 'file.pkl'), (['--epochs'], '--epochs'),
    (['--seed'], '--seed'), (['--quick', 'yes'], 'yes'),
    (['--quick=1'], '--quick'), (['--quiet=no'], '--quiet'),
    (['--experiment', 'crism'], '--experiment'),
    (['--resume', 'x', '--epochs', '3'], '--resume'),
    (['--resume', 'x', '--name', 'y'], '--resume'),
    (['--resume', 'x', '--data', 'y'], '--resume'),
    (['--resume', 'x', '--seed', '0'], '--resume'),
    (['--jobs', '2', '--dask', 'tcp://x:1', '--seeds', '2'], '--jobs'),
    (['--seed', '4294967295', '--seeds', '2'], '--seeds'),
    (['--epochs', '3', '--eval-every', '4'], '--eval-every'),
    (['--reverse', 'latent'], '--reverse'),
    (['--consistency', '1'], '--consistency'),
    (['--objective', 'paper', '--reverse', 'latent', '--consistency', '1'],
     '--consistency'),
    (['--objective', 'paper', '--reverse', 'latent', '--model', 'm2'],
     '--reverse'),
    (['--endmembers', '/tmp', '--data', 'download'], '--endmembers'),
    (['--endmembers', '/tmp', '--data', '/x'], '--endmembers'),
    (['-1'], '-1'), (['--seed=='], '--seed')]


@pytest.fixture(scope='module', autouse=True)
def loaded():
    """What is found by a path of the folder that tests start in."""
    from untapped.experiments import start
    assert start


def refused(arguments, tmpdir, capsys, experiment='crism'):
    """The one line that a wrong command line is answered with."""
    before = os.listdir(str(tmpdir))
    try:
        status = runner.main(experiment, arguments)
    except SystemExit as ended:
        status = ended.code
    told = capsys.readouterr()[1]
    assert status == 2, told
    assert told.count('\n') == 1, told
    assert 'Traceback' not in told and '\x1b' not in told
    assert os.listdir(str(tmpdir)) == before
    return told


@pytest.mark.parametrize('option, value', CASES)
def test_a_wrong_value_is_one_sentence(option, value, tmpdir, capsys,
                                       monkeypatch):
    monkeypatch.chdir(tmpdir)
    if isinstance(value, type(u'')) and str is bytes:
        value = value.encode('utf-8')
    told = refused([option, value], tmpdir, capsys)
    # CRISM has no --split at all
    assert ('argument ' if option != '--split' else '') + option in told


@pytest.mark.parametrize('arguments, part', LINES)
def test_a_wrong_line_is_one_sentence(arguments, part, tmpdir, capsys,
                                      monkeypatch):
    monkeypatch.chdir(tmpdir)
    assert part in refused(arguments, tmpdir, capsys)


@pytest.mark.parametrize('experiment, arguments, part', [
    ('mnist', ['--preset', 'x'], '--preset'),
    ('mnist', ['--split', '1'], '--split'),
    ('mnist', ['--endmembers', '/tmp'], '--endmembers'),
    ('raman', ['--preset', 'paper'], '--preset'),
    ('libs', ['--split', '20'], '--split'),
    ('libs', ['--split', '-1'], '--split'),
    ('libs', ['--split', 'ALL'], '--split'),
    ('libs', ['--split', '0.5'], '--split'),
    ('libs', ['--endmembers', '/tmp'], '--endmembers'),
    (None, [], '--experiment'), (None, ['--quick'], '--experiment'),
    (None, ['--experiment', 'mars'], '--experiment'),
    (None, ['--experiment', ''], '--experiment'),
    (None, ['--experiment', 'crism', '--split', '3'], '--split'),
    (None, ['--experiment', 'raman', '--preset', 'paper'], '--preset')])
def test_another_experiment_refuses_as_well(experiment, arguments, part,
                                            tmpdir, capsys, monkeypatch):
    monkeypatch.chdir(tmpdir)
    assert part in refused(arguments, tmpdir, capsys, experiment)

"""What the report says beside its tables: how to repeat a run."""
from __future__ import division, print_function

import json
import shlex

import pytest

from untapped import pins
from untapped.errors import InputError, UserError
from untapped.experiments import options, repeats, side_by_side
from untapped.report import page
from untapped.report.html import load_sections


def repeated(experiment, arguments):
    """What is printed, the options given, and those that it asks for."""
    given = options.parse(experiment, arguments, 'run')
    printed = page._command(given)
    words = shlex.split(printed)
    if words[:3] == ['python', '-m', 'untapped.experiments']:
        return printed, given, options.parse(None, words[3:], 'run')
    assert words[:2] == ['python', 'run_%s.py' % given.experiment]
    return printed, given, options.parse(given.experiment, words[2:], 'run')


PLACES = ('name', 'out', 'arguments')


@pytest.mark.parametrize('experiment, arguments, program', [
    ('crism', ['--quick'], 'run_crism.py'),
    (None, ['--experiment', 'crism', '--quick'], '-m untapped.experiments'),
    (None, ['--experiment=libs', '--split=3'], '-m untapped.experiments'),
    ('raman', ['--data', "Ann's data"], '-m untapped.experiments'),
    (None, ['--experiment', 'raman'], '-m untapped.experiments')])
def test_the_printed_command_asks_for_the_same_run(
        experiment, arguments, program, tmpdir):
    printed, given, again = repeated(experiment, arguments + [
        '--out', str(tmpdir), '--name', 'own'])
    assert printed.startswith('python %s ' % program)
    assert '--name' not in printed and '--out' not in printed
    assert again.name is None
    assert dict((key, value) for key, value in vars(again).items()
                if key not in PLACES) == \
        dict((key, value) for key, value in vars(given).items()
             if key not in PLACES)


def test_one_run_of_several_can_be_repeated_alone():
    several = options.parse('libs', ['--seeds', '2', '--split', 'all'], 'run')
    for unit in (repeats.units(several)[0], repeats.units(several)[-1]):
        line = side_by_side.arguments(several, unit, 'several/runs', 'auto',
                                      None)
        printed, given, again = repeated(None, line)
        assert 'several' not in printed
        assert (again.seed, again.split) == (given.seed, given.split)


def test_options_that_take_values_are_left_out_with_them():
    assert options.without(['--name', '--resume'], [
        '--name', 'a', '--quick', '--resume=b', '--names', 'c',
        '--name=d']) == ['--quick', '--names', 'c']


@pytest.mark.parametrize('report', [
    '{}', '[]', '3', '[' * 10 ** 5, '{"sections": 3}',
    '{"sections": [{"figures": [{"file": 3}]}]}'] + [
        json.dumps({'sections': [{'figures': [{'file': name}]}]})
        for name in ('../../secret.png', '/secret.png', 'figures/../x.png',
                     'figures/../../secret.png', 'figures/..', 'x.png')],
    ids=lambda report: report[:60])
def test_a_report_that_names_other_files_is_no_report(tmpdir, report):
    """Its figures are copied into the page of repeated runs."""
    tmpdir.join('report.json').write(report)
    with pytest.raises(UserError) as error:
        load_sections(str(tmpdir))
    assert str(tmpdir.join('report.json')) in str(error.value)


@pytest.mark.parametrize('metrics', [
    '[]', '3', '[' * 10 ** 5, '{"methods": 3}', '{"methods": {"m2": 3}}',
    '{"methods": [1]}'], ids=lambda metrics: metrics[:20])
def test_metrics_that_are_none_are_one_sentence(tmpdir, metrics):
    tmpdir.join('metrics.json').write(metrics)
    with pytest.raises(InputError) as error:
        repeats.methods(str(tmpdir))
    assert str(tmpdir.join('metrics.json')) in str(error.value)


def test_a_metric_that_is_no_number_is_none():
    metrics = {'a': {'b': 1.5, 'c': 'nan', 'd': [1], 'e': 'x', 'f': None}}
    assert repeats.at(metrics, 'a/b') == 1.5
    assert repeats.at(metrics, 'a/c') != repeats.at(metrics, 'a/c')
    assert [repeats.at(metrics, 'a/' + key) for key in 'defg'] == [None] * 4


def test_an_installed_package_names_no_script_that_is_not_there(
        tmpdir, monkeypatch):
    monkeypatch.setattr(pins, 'ROOT', str(tmpdir))
    printed, given, again = repeated('crism', ['--quick'])
    assert printed == \
        'python -m untapped.experiments --experiment crism --quick'
    assert again.experiment == given.experiment and again.quick

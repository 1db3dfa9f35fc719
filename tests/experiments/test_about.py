"""What the report says of a run: how to repeat it, and what limits it."""
from __future__ import division, print_function

import shlex

import pytest

from untapped import pins
from untapped.experiments import about, options, repeats, side_by_side


def repeated(experiment, arguments):
    """What is printed, the options given, and those that it asks for."""
    given = options.parse(experiment, arguments, 'run')
    printed = about.command(given)
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


def test_an_installed_package_names_no_script_that_is_not_there(
        tmpdir, monkeypatch):
    monkeypatch.setattr(pins, 'ROOT', str(tmpdir))
    printed, given, again = repeated('crism', ['--quick'])
    assert printed == \
        'python -m untapped.experiments --experiment crism --quick'
    assert again.experiment == given.experiment and again.quick

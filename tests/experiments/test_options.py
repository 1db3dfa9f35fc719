"""The command line: every mistake is one sentence and exit status 2."""
from __future__ import division, print_function

import os

import pytest

from untapped.experiments import options, presets


def refused(capsys, arguments, experiment='crism'):
    """The message with which a command line is refused."""
    with pytest.raises(SystemExit) as error:
        options.parse(experiment, arguments, 'run')
    assert error.value.code == 2
    _, message = capsys.readouterr()
    assert message.count('\n') == 1 and message.startswith('run: error: ')
    return message


@pytest.mark.parametrize('arguments, part', [
    (['--epoch', '3'], '--epoch'),          # no abbreviations
    (['extra'], 'extra'),
    (['--epochs', '0'], '--epochs: expected a whole number of at least 1'),
    (['--epochs', 'ten'], "got 'ten'"),
    (['--eval-every', '7', '--epochs', '5'], '--eval-every'),
    (['--batch-size', '4'], 'at least 5'),
    (['--learning-rate', '0'], '--learning-rate: expected a number above 0'),
    (['--learning-rate', 'nan'], "got 'nan'"),
    (['--learning-rate', 'inf'], "got 'inf'"),
    (['--seed', '-1'], '--seed'),
    (['--sample-seed', '4294967296'], 'below 2**32'),
    (['--preset', 'mine'], '--preset'),
    (['--model', 'm1'], '--model'),
    (['--data', ''], '--data'),
    (['--out', ''], '--out'),
    (['--name', 'a/b'], '--name'),
    (['--name', '..'], '--name'),
    (['--resume', 'x', '--epochs', '3'], 'expected no --epochs'),
    (['--seeds', '0'], '--seeds'),
    (['--seeds', '2', '--seed', '4294967295'], 'below 2**32'),
    (['--jobs', 'all'], '--jobs'),
    (['--split', '3'], '--split'),          # of LIBS alone
    (['--data-folder', '/nowhere'], '--data-folder: expected a folder'),
    (['--endmembers', 'x', '--data', 'y'], '--endmembers: expected with sim'),
])
def test_a_bad_option_is_named(capsys, arguments, part):
    assert part in refused(capsys, arguments)


def test_the_paper_has_no_raman_preset(capsys):
    message = refused(capsys, ['--experiment', 'raman', '--preset', 'paper'],
                      experiment=None)
    assert 'no raman experiment' in message


def test_without_a_script_the_experiment_is_required(capsys):
    assert '--experiment' in refused(capsys, [], experiment=None)


@pytest.mark.parametrize('experiment', presets.EXPERIMENTS + (None,))
def test_help_gives_the_default_of_every_option(capsys, experiment):
    with pytest.raises(SystemExit):
        options.parse(experiment, ['--help'], 'run')
    text, _ = capsys.readouterr()
    described = [p for p in text.split('\n  --')[1:]]
    assert len(described) >= 15
    for paragraph in described:
        words = ' '.join(paragraph.split())
        assert '(default: ' in words or '(required)' in words


def test_settings_without_options_are_the_preset():
    chosen = options.settings(options.parse('mnist', [], 'run'))
    assert chosen.pop('seed') == 1234
    assert chosen.pop('numerics') == 'exact'
    assert chosen == presets.preset('mnist', 'published')


def test_options_win_over_quick_and_quick_over_the_preset():
    chosen = options.settings(options.parse('crism', [
        '--quick', '--epochs', '7', '--learning-rate', '0.5',
        '--model', 'm2', '--seed', '3'], 'run'))
    assert chosen['num_epochs'] == 7
    assert chosen['eval_freq'] == presets.QUICK['crism']['eval_freq']
    assert (chosen['lr'], chosen['coeff_y'], chosen['seed']) == (.5, 0, 3)


def test_a_short_run_is_evaluated_at_its_end():
    chosen = options.settings(options.parse('crism', ['--epochs', '20'],
                                            'run'))
    assert chosen['eval_freq'] == 20


def test_presets_are_listed_with_their_values():
    text = '\n'.join(options.describe_presets('raman'))
    assert 'raman, preset published' in text and 'paper' not in text
    assert 'dirichlet alpha=0.001 eps=1e-06' in text


def test_a_split_is_one_of_the_twenty_or_all(capsys):
    assert options.parse('libs', ['--split', '19'], 'run').split == 19
    assert options.parse('libs', ['--split', 'all'], 'run').split == 'all'
    assert '--split' in refused(capsys, ['--split', '20'], 'libs')
    assert options.parse('crism', [], 'run').split == 0
    assert '--split' in refused(
        capsys, ['--experiment', 'crism', '--split', '2'], None)


def test_endmembers_are_an_option_of_crism(capsys):
    assert options.parse('crism', [], 'run').endmembers is None
    assert '--endmembers' in refused(capsys, ['--endmembers', 'x'], 'libs')
    assert 'with CRISM alone, got raman' in refused(
        capsys, ['--experiment', 'raman', '--endmembers', 'x'], None)


def test_repeated_runs_take_their_endmembers_from_the_same_folder():
    from untapped.experiments import repeats, side_by_side
    asked = options.parse('crism', ['--seeds', '2', '--endmembers', 'x'])
    unit = repeats.units(asked)[1]
    child = options.parse(None, side_by_side.arguments(
        asked, unit, 'somewhere', 'simulated', None))
    assert child.endmembers == os.path.abspath('x')


def test_without_an_option_both_models_are_trained():
    chosen = options.parse('crism', [], 'run')
    assert options.models(chosen) == ['m2', 'untapped']
    m2, untapped = [options.settings(chosen, key)
                    for key in options.models(chosen)]
    assert (m2['coeff_y'], untapped['coeff_y']) == (0, 0.01)
    assert m2['seed'] == untapped['seed']


def test_every_option_that_decides_a_number_reaches_the_repeated_runs():
    from untapped.experiments import repeats, side_by_side
    asked = options.parse('libs', [
        '--preset', 'paper', '--model', 'm2', '--numerics', 'fast',
        '--epochs', '7', '--eval-every', '3', '--learning-rate', '0.1',
        '--batch-size', '11', '--seed', '5', '--sample-seed', '6', '--seeds',
        '2', '--split', '4', '--quick', '--data', 'simulated',
        '--data-folder', 'x', '--data-seed', '8', '--checkpoint-seconds',
        '9', '--jobs', '2', '--debug', '--quiet', '--out', 'o'])
    given = vars(asked)
    unit = repeats.units(asked)[1]
    child = vars(options.parse(None, side_by_side.arguments(
        asked, unit, 'somewhere', asked.data, asked.data_folder)))
    own = ('seeds', 'jobs', 'dask', 'out', 'name', 'quiet', 'arguments')
    expected = dict(given, seed=6, sample_seed=7)
    assert dict((key, child[key]) for key in child if key not in own) == \
        dict((key, expected[key]) for key in given if key not in own)


def test_arguments_of_a_config_are_the_command_lines_own_strings():
    """A path with an accent would end a --resume in Python 2."""
    found = options.native([u'--data', u'donn\xe9es', 3])
    assert found == ['--data', 'donn\xc3\xa9es', '3']
    assert all(type(each) is str for each in found)

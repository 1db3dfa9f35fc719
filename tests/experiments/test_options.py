"""The command line: every mistake is one sentence and exit status 2."""
from __future__ import division, print_function

import argparse
import io
import os
import subprocess
import sys

import pytest

from untapped.datasets.simulators import sources
from untapped.experiments import (options, presets, recorded, repeats, runner,
                                  side_by_side)
from untapped.experiments.options import page
from untapped.experiments.options.table import (OPTIONS, SIMULATORS,
                                                TWICE)

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))


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
    (['--smooth-labels', '1'], '--smooth-labels: expected a number of at '
     'least 0 and below 1'),
    (['--label-floor', '-0.1'], '--label-floor'),
    (['--ablation', 'mine'], '--ablation'),
    (['--ablation', 'weights', '--alphas', '1,1,1,1'],
     '--ablation: weights varies --alphas; expected none'),
    (['--ablation', 'labelled', '--labelled', '9'], 'varies --labelled'),
    (['--alphas', '1,2,3'], 'expected search or four numbers of at least 0'),
    (['--alphas', '1,2,3,-1'], "got '1,2,3,-1'"),
    (['--alphas', '1,2,nan,1'], '--alphas'),
    (['--fold', '3'], '--fold: expected a number below 3'),
    (['--fold', '0', '--alphas', 'search'], '--fold: expected without'),
    (['--fold', '0', '--seeds', '2'], '--fold: expected with one run alone'),
    (['--fold', '0', '--ablation', 'weights'], '--fold: expected with one'),
    (['--alphas', 'search', '--labelled', '2'],
     '--labelled: expected at least 3 with --alphas search, got 2'),
    (['--data-seeds', '999', '--seeds', '999'],
     'expected at most 100000 runs in all, got 998001'),
    (['--data-seeds', '0'], '--data-seeds'),
    (['--data-seeds', '2', '--data-seed', '4294967295'],
     '--data-seeds: expected seeds below 2**32'),
    (['--data-seeds', '3', '--seeds', '2', '--seed', '4294967291'],
     '--seeds: expected seeds below 2**32, got 6'),
    (['--data-seeds', '2', '--data', 'x'],
     '--data-seeds: expected with simulated data alone, got --data x'),
    (['--jobs', 'all'], '--jobs'),
    (['--split', '3'], '--split'),          # of LIBS alone
    (['--data-folder', '/nowhere'], '--data-folder: expected a folder'),
    (['--endmembers', 'x', '--data', 'y'], '--endmembers: expected with sim'),
    (['--simulator', '3'], '--simulator'), (['--simulator', 'x'],
                                            '--simulator'),
    (['--simulator', '2', '--data', 'y'], '--simulator: expected with sim'),
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


def test_weights_are_the_papers_four_and_m2_has_no_alpha_r():
    asked = options.parse('crism', ['--alphas', '1,2,0.5,0.25'], 'run')
    m2, untapped = [options.settings(asked, key) for key in ('m2',
                                                             'untapped')]
    keys = ('coeff_x', 'coeff_x_dis', 'coeff_y', 'coeff_y_dis')
    assert [untapped[key] for key in keys] == [1, 2, .5, .25]
    assert [m2[key] for key in keys] == [1, 2, 0, .25]
    # without alpha_r Untapped is M2, its switch included
    without = options.parse('crism', ['--alphas', '1,2,0,0.25'], 'run')
    assert options.settings(without, 'untapped') == m2
    paper = options.parse('crism', ['--alphas', '1,2,0.5,0.25',
                                    '--objective', 'paper'], 'run')
    assert options.settings(paper, 'untapped')['coeff_y_prob'] == .5


def test_the_presets_weights_given_are_the_preset():
    asked = options.parse('libs', ['--alphas', '1e-2,10,1e-4,1e-4'], 'run')
    for key in ('m2', 'untapped'):
        assert repr(options.settings(asked, key)) == repr(options.settings(
            options.parse('libs', [], 'run'), key))


def test_a_short_run_is_evaluated_at_its_end():
    chosen = options.settings(options.parse('crism', ['--epochs', '20'],
                                            'run'))
    assert chosen['eval_freq'] == 20


def test_presets_are_listed_with_their_values():
    text = '\n'.join(presets.described('raman'))
    assert 'raman, preset published' in text and 'paper' not in text
    assert 'dirichlet alpha=0.001 eps=1e-06' in text


def test_a_split_is_one_of_the_twenty_or_all(capsys):
    assert options.parse('libs', ['--split', '19'], 'run').split == 19
    assert options.parse('libs', ['--split', 'all'], 'run').split == 'all'
    assert '--split' in refused(capsys, ['--split', '20'], 'libs')
    assert options.parse('crism', [], 'run').split == 0
    assert '--split' in refused(
        capsys, ['--experiment', 'crism', '--split', '2'], None)


def test_spectra_are_split_into_folds_that_all_validate(capsys):
    assert options.parse('spectra', []).split == 'all'
    assert options.splits(options.parse('spectra', [])) == list(range(5))
    assert options.splits(options.parse(
        'spectra', ['--folds', '30', '--split', '29'])) == [29]
    centre = options.parse('spectra', ['--folds', 'centre'])
    assert options.splits(centre) == [0] and not repeats.wanted(centre)
    for line, part in ((['--folds', '1'], 'at least 2'),
                       (['--folds', 'center'], '--folds'),
                       (['--split', '5'], 'a number below 5, got 5'),
                       (['--range', '2', '1'], 'FROM below TO'),
                       (['--range', '2'], '--range'),
                       (['--range', '2', 'nan'], '--range'),
                       (['--scale', 'minmax'], '--scale'),
                       (['--labelled', '2'], 'at least 3'),
                       (['--every', '0'], '--every')):
        assert part in refused(capsys, line, 'spectra')
    assert 'with spectra alone, got crism' in refused(
        capsys, ['--experiment', 'crism', '--rest'], None)


def test_width_and_bounds_are_options_of_every_model(capsys):
    chosen = options.settings(options.parse('crism', [
        '--hidden', '9', '--variational', 'off', '--model', 'untapped']))
    assert [net['hidden'] for net in chosen['networks'].values()] == [[9]] * 3
    assert chosen['variational'] is False
    assert options.settings(options.parse('libs', [
        '--variational', 'off']), 'm2')['variational'] is False
    assert '--variational' in refused(capsys, ['--variational', 'on'],
                                      'libs')
    assert '--variational' in refused(capsys, [
        '--variational', 'off', '--objective', 'paper'])


def test_endmembers_are_an_option_of_crism(capsys):
    assert options.parse('crism', [], 'run').endmembers is None
    assert '--endmembers' in refused(capsys, ['--endmembers', 'x'], 'libs')
    assert 'with CRISM alone, got raman' in refused(
        capsys, ['--experiment', 'raman', '--endmembers', 'x'], None)


def test_the_second_simulator_is_an_option_of_crism_and_libs(capsys):
    assert TWICE == sources.SIMULATED_TWICE
    assert SIMULATORS == tuple(map(str, sources.SIMULATORS))
    for experiment in ('crism', 'libs'):
        assert options.parse(experiment, [], 'run').simulator == '1'
        assert options.parse(experiment, ['--simulator', '2',
                                          '--data-seeds', '2', '--ablation',
                                          'labelled']).simulator == '2'
    assert '--simulator' in refused(capsys, ['--simulator', '2'], 'mnist')
    assert 'with CRISM or LIBS alone, got spectra' in refused(capsys, [
        '--experiment', 'spectra', '--data', 'x', '--simulator', '2'], None)


def test_repeated_runs_take_their_endmembers_from_the_same_folder():
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


#: a value of each option that repeated runs get, which is no default
GIVEN = {
    'experiment': 'libs', 'preset': 'paper', 'model': 'untapped',
    'objective': 'paper', 'alphas': (1., .1 + .2, 0., 1e-5), 'fold': 2,
    'labelled': 5, 'labels_only': 6, 'labels_width': .5,
    'smooth_labels': .25, 'label_floor': .1 + .2,
    'reverse': 'auxiliary', 'consistency': .1 + .2,
    'epochs': 7, 'eval_every': 3, 'learning_rate': .1, 'batch_size': 11,
    'seed': 5, 'sample_seed': 6, 'split': 4, 'numerics': 'fast',
    'quick': True, 'data': 'simulated', 'data_folder': 'x', 'data_seed': 8,
    'simulator': '2', 'endmembers': 'y', 'out': 'o', 'name': 'n',
    'checkpoint_seconds': 9., 'debug': True, 'pins': 'environment',
    'hidden': 7, 'variational': 'on', 'range': [-.5, 1e9], 'every': 9,
    'scale': 'snv', 'rest': True, 'folds': 'centre',
    'threads': 3, 'profile': True}


def test_every_option_of_the_table_reaches_the_repeated_runs():
    assert set(GIVEN) == set(option.key for option in OPTIONS
                             if option.handed_on)
    for experiment in presets.EXPERIMENTS:
        given = dict(vars(options.parse(experiment, [])), **GIVEN)
        given['experiment'] = experiment
        line = options.command_line(argparse.Namespace(**given))
        child = vars(options.parser().parse_args(line))
        for option in OPTIONS:
            if option.handed_on:
                expected = given[option.key] if option.required or option.of(
                    experiment) else option.value
                assert child[option.key] == expected, option.name
            else:
                assert child[option.key] == option.value, option.name


def test_a_repeated_run_has_its_own_seeds_split_and_folder():
    asked = options.parse('libs', ['--seed', '5', '--sample-seed', '6',
                                   '--seeds', '2', '--split', 'all'])
    unit = repeats.units(asked)[options.LIBS_SPLITS + 3]
    child = options.parse(None, side_by_side.arguments(
        asked, unit, 'somewhere', 'simulated', None))
    assert (child.seed, child.sample_seed, child.split, child.seeds) == (
        6, 7, 3, 1)
    assert (child.out, child.name, child.data) == (
        'somewhere', unit.name, 'simulated')


def test_each_data_seed_has_seeds_of_its_own():
    asked = options.parse('libs', ['--data-seed', '5', '--data-seeds', '2',
                                   '--seeds', '2', '--split', 'all'])
    units = repeats.units(asked)
    assert len(units) == options.runs(asked) == 80
    firsts = [tuple(unit) for unit in units[::options.LIBS_SPLITS]]
    assert firsts == [
        ('data-5-seed-1234-split-00', 5, 1234, 1, 0),
        ('data-5-seed-1235-split-00', 5, 1235, 2, 0),
        ('data-6-seed-1236-split-00', 6, 1236, 3, 0),
        ('data-6-seed-1237-split-00', 6, 1237, 4, 0)]
    child = options.parse(None, side_by_side.arguments(
        asked, units[-1], 'somewhere', 'simulated', None))
    assert (child.data_seed, child.seed, child.sample_seed, child.split,
            child.data_seeds, child.seeds) == (6, 1237, 4, 19, 1, 1)
    # one simulation has the names that it had
    alone = options.parse('crism', ['--seeds', '2'])
    assert [unit.name for unit in repeats.units(alone)] == [
        'seed-1234', 'seed-1235']


def test_what_may_stand_beside_resume_is_taken_from_there(tmpdir):
    """The others are those of the run that goes on."""
    tmpdir.join('config.json').write(
        '{"experiment": "crism", "arguments": ["--seed", "5"]}')
    for option, words, value in (
            ('quiet', ['--quiet'], True), ('debug', ['--debug'], True),
            ('dask', ['--dask', 'x'], 'x'), ('jobs', ['--jobs', '3'], 3),
            ('threads', ['--threads', '3'], 3),
            ('profile', ['--profile'], True),
            ('checkpoint_seconds', ['--checkpoint-seconds', '9'], 9)):
        given = options.parse('crism', ['--resume', str(tmpdir)] + words)
        taken = recorded.resumed_options(given, 'crism')
        assert (getattr(taken, option), taken.seed) == (value, 5)
    assert set(option.key for option in OPTIONS if option.beside_resume) == \
        set(['quiet', 'debug', 'dask', 'jobs', 'threads', 'profile',
             'checkpoint_seconds', 'experiment', 'resume'])


def test_another_experiments_run_does_not_go_on(tmpdir, capsys):
    tmpdir.join('config.json').write(
        '{"experiment": "crism", "arguments": []}')
    assert runner.main(None, ['--experiment', 'libs', '--resume',
                              str(tmpdir)]) == 2
    assert 'is a run of crism, not of libs' in capsys.readouterr()[1]


# What is read ---------------------------------------------------------------

def test_the_page_of_options_is_current():
    with io.open(os.path.join(ROOT, 'docs', 'options.md'),
                 encoding='utf-8') as stream:
        assert stream.read() == u'\n'.join(page.lines()) + u'\n', \
            'make options writes docs/options.md again'


@pytest.mark.parametrize('experiment', presets.EXPERIMENTS + (None,))
def test_the_page_has_every_option_and_choice_of_the_parsers(experiment):
    rows = [line for line in page.lines() if line.startswith('| `--')]
    for action in options.parser(experiment)._actions:
        if action.dest == 'help':
            continue
        row = next(each for each in rows if each.startswith(
            '| `' + action.option_strings[-1]))
        for choice in action.choices or ():
            assert choice in row


@pytest.mark.parametrize('arguments, status', [
    (['--help'], 0), (['--epoch', '3'], 2), (['--list-presets'], 0)])
def test_help_and_a_mistyped_option_load_neither_numpy_nor_theano(arguments,
                                                                  status):
    code = ('import sys\n'
            'from untapped.experiments import runner\n'
            'try:\n'
            '    sys.exit(runner.main("crism", sys.argv[1:]))\n'
            'finally:\n'
            '    for name in ("numpy", "scipy", "theano", "matplotlib"):\n'
            '        assert name not in sys.modules, name\n')
    process = subprocess.Popen([sys.executable, '-c', code] + arguments,
                               stdout=subprocess.PIPE, cwd=ROOT,
                               stderr=subprocess.PIPE)
    _, told = process.communicate()
    assert process.returncode == status, told


def test_a_small_negative_number_is_handed_on_as_one():
    given = options.parse('spectra', ['--data', 'x', '--range', '-0.00001',
                                      '800'])
    words = options.command_line(given)
    place = words.index('--range')
    assert words[place + 1:place + 3] == ['-0.00001', '800.0']
    assert options.parse(None, words).range == given.range

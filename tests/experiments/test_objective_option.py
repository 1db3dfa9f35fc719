"""--objective, --reverse and --consistency, from the option to the report.

Trained in Python: nothing is compiled.
"""
from __future__ import division, print_function

import os
from collections import OrderedDict

import pytest

import given_noise
from test_options import refused
from test_runner import read_json, run_here
from untapped import datasets
from untapped.experiments import (about, options, presets, side_by_side,
                                  start, summary)

PAPER = ['--objective', 'paper']


def chosen(arguments, experiment='crism', model=None):
    return options.settings(options.parse(experiment, arguments, 'run'),
                            model)


def test_without_the_option_the_objective_is_the_published_one():
    for experiment in presets.EXPERIMENTS:
        settings = chosen(['--model', 'untapped'], experiment)
        assert (settings['objective'], settings['reverse'],
                settings['coeff_consistency']) == ('published', 'observed',
                                                   0)


@pytest.mark.parametrize('experiment', presets.EXPERIMENTS)
def test_the_papers_objective_has_no_schedule_and_is_variational(experiment):
    settings = chosen(PAPER + ['--model', 'untapped'], experiment)
    published = presets.preset(experiment)
    assert (settings['objective'], settings['variational'],
            settings['anneal_lr_factor']) == ('paper', True, 1)
    for key in ('coeff_x', 'coeff_x_dis', 'coeff_y', 'coeff_y_dis', 'lr'):
        assert settings[key] == published[key]
    # no other weights than the four of eq. (15)
    assert settings['coeff_x_prob'] == settings['coeff_x']
    assert settings['coeff_y_prob'] == settings['coeff_y']


def test_consistency_has_the_weight_of_the_reverse_bounds_unless_given():
    auxiliary = PAPER + ['--reverse', 'auxiliary']
    assert chosen(auxiliary, model='untapped')['coeff_consistency'] == .01
    assert chosen(auxiliary + ['--consistency', '0.5'],
                  model='untapped')['coeff_consistency'] == .5
    assert chosen(auxiliary + ['--consistency', '0'],
                  model='untapped')['coeff_consistency'] == 0
    # M2 has no reverse bounds
    m2 = chosen(auxiliary, model='m2')
    assert (m2['reverse'], m2['coeff_consistency']) == ('observed', 0)


@pytest.mark.parametrize('arguments, part', [
    (['--objective', 'mine'], '--objective'),
    (PAPER + ['--reverse', 'mine'], '--reverse'),
    (['--reverse', 'latent'], '--reverse: expected with --objective paper'),
    (PAPER + ['--consistency', '1'],
     '--consistency: expected with --reverse auxiliary'),
    (PAPER + ['--reverse', 'auxiliary', '--consistency', '-1'],
     '--consistency: expected a number of at least 0'),
    (PAPER + ['--reverse', 'auxiliary', '--consistency', 'inf'],
     "got 'inf'"),
    (PAPER + ['--model', 'm2', '--reverse', 'latent'],
     '--reverse: expected with a model that has reverse bounds, got latent '
     'with --model m2 of crism'),
    (PAPER + ['--model', 'm2', '--reverse', 'auxiliary', '--consistency',
              '2'], '--reverse: expected with a model')])
def test_options_that_do_not_go_together_are_refused(capsys, arguments,
                                                     part):
    assert part in refused(capsys, arguments)


def test_raman_has_no_reverse_bound_to_choose(capsys):
    assert '--reverse: expected with a model' in refused(
        capsys, PAPER + ['--reverse', 'latent'], 'raman')


@pytest.mark.parametrize('experiment', presets.EXPERIMENTS)
def test_the_papers_p_of_y_is_uniform(experiment):
    """Eq. (1), Dir(1); the Raman demo has Dir(0.001)."""
    assert chosen(PAPER + ['--model', 'untapped'],
                  experiment)['prior_y'] is None


@pytest.mark.parametrize('arguments, experiment, part', [
    ([], 'crism', 'every term; unfeatured y by the bound of eq. (20)'),
    (['--reverse', 'latent'], 'crism', 'the bound of eq. (10)'),
    (['--model', 'm2'], 'crism', 'without reverse bounds'),
    ([], 'raman', 'without reverse bounds')])
def test_the_report_names_the_reverse_bound_that_is_trained(
        arguments, experiment, part):
    given = options.parse(experiment, PAPER + arguments, 'run')
    assert part in about.objective(OrderedDict(
        (key, options.settings(given, key)) for key in options.models(given)))


def test_each_models_metrics_name_its_own_settings():
    given = options.parse('crism', PAPER + ['--reverse', 'latent'], 'run')
    settings = OrderedDict((key, options.settings(given, key))
                           for key in options.models(given))
    raw = datasets.Raw('crism', OrderedDict(), 'here', 'file')
    for key, reverse in (('m2', 'observed'), ('untapped', 'latent'),
                         (None, 'latent')):
        head = dict(summary.head(given, raw, settings, key))
        assert (head['objective'], head['reverse'], head['model']) == (
            'paper', reverse, key or 'all')


def test_choices_are_those_of_the_package():
    from untapped.model import objectives, terms
    assert presets.OBJECTIVES == tuple(objectives.OBJECTIVES)
    assert presets.REVERSE == tuple(terms.REVERSE)


def test_repeated_runs_get_the_same_options():
    given = options.parse('libs', PAPER + [
        '--reverse', 'auxiliary', '--consistency', '0.25', '--seeds', '2'],
        'run')
    line = side_by_side.arguments(
        given, ('seed-1', 0, 0), 'parent', given.data, given.data_folder)
    child = options.parse(None, line, 'run')
    assert options.settings(child, 'untapped') == options.settings(
        given, 'untapped')


def test_a_preset_chooses_its_objective_and_a_run_records_it():
    given = options.parse('mnist', ['--preset', 'paper', '--reverse',
                                    'latent'], 'run')
    settings = options.settings(given, 'untapped')
    assert (settings['objective'], settings['coeff_y_prob']) == ('paper', .1)
    assert given.arguments[-2:] == PAPER
    given = options.parse('mnist', ['--preset', 'paper', '--objective',
                                    'published'], 'run')
    assert options.settings(given, 'untapped')['coeff_y_prob'] == 0
    assert given.arguments[-2:] == ['--objective', 'published']
    # nothing is added to what was typed where nothing was chosen for it
    assert options.parse('mnist', ['--quick'], 'run').arguments == [
        '--quick']


def test_a_recorded_preset_without_an_objective_had_the_published_one():
    """All presets had it before one chose the paper's."""
    old = ['--preset', 'paper', '--seeds', '3']
    assert options.recorded(old) == old + ['--objective', 'published']
    for known in (['--preset=paper', '--objective=paper'], ['--quick'],
                  old + PAPER):
        assert options.recorded(known) == known
    assert options.recorded(['--preset=paper'])[1:] == ['--objective',
                                                        'published']


def test_centred_spectra_under_a_positive_density_are_refused(capsys):
    said = refused(capsys, ['--preset', 'paper', '--objective', 'published'],
                   'libs')
    assert 'argument --objective: expected paper with --preset paper' in said
    # as the demo has it: no density, and none is asked for
    assert chosen(['--preset', 'published'], 'libs',
                  'untapped')['variational'] is False


@pytest.mark.parametrize('experiment, arguments, kept', [
    ('libs', PAPER, True), ('libs', ['--preset', 'paper'], True),
    ('libs', [], False), ('crism', PAPER, False)])
def test_positive_spectra_keep_their_mean(experiment, arguments, kept):
    """Under p(x|y, z) with a softplus flow, centred ones have no density."""
    parsed = options.parse(experiment, arguments, 'run')
    prepared = start._of_data(parsed, options.settings(parsed, 'untapped'))
    assert prepared.get('remove_mean', True) is not kept


def test_a_run_of_the_papers_objective_says_so(tiny, tmpdir,  # noqa: F811
                                               monkeypatch):
    given_noise.compile_nothing(monkeypatch)
    # in Python each number takes its time
    monkeypatch.setitem(presets.QUICK['crism'], 'rows', 20)
    status = run_here(['--data', tiny, '--out', tmpdir, '--name', 'paper',
                       '--quick', '--batch-size', '20', '--epochs', '1',
                       '--eval-every', '1', '--model', 'untapped',
                       '--reverse', 'auxiliary'] + PAPER)
    assert status == 0
    folder = str(tmpdir.join('paper'))
    settings = read_json(folder, 'config.json')['settings']
    assert (settings['objective'], settings['reverse']) == ('paper',
                                                            'auxiliary')
    metrics = read_json(folder, 'metrics.json')
    assert (metrics['objective'], metrics['reverse']) == ('paper',
                                                          'auxiliary')
    assert 'M2_consistency' in metrics['last_evaluation']['train']
    with open(os.path.join(folder, 'report.html'), 'rb') as stream:
        assert b'every term; unfeatured y by the bound of eq. (21)' in \
            stream.read()

"""The four weights by cross-validation: which are tried, on what, and kept."""
from __future__ import division, print_function

import copy
import json
import math
import os
import signal

import numpy as np
import pytest

from test_runner import SMALL, read_json, run_here
from untapped import datasets
from untapped.errors import UserError
from untapped.experiments import (alphas, folds, inputs, options, presets,
                                  side_by_side)
from untapped.studies import pls

NAN = float('nan')
#: of CRISM's preset
PRESET = (1., 1., .01, 1.)


def search(experiment, *arguments):
    return alphas.Search(options.parse(experiment, list(arguments)))


def far_from(wanted):
    """Scores that are least at these weights."""
    def fitted(fits):
        return [sum(abs(math.log10(alpha / target)) for alpha, target
                    in zip(fit.changed['alphas'], wanted) if alpha)
                + fit.changed['fold'] for fit in fits]
    return fitted


# Which are tried ------------------------------------------------------------

def test_each_weight_is_tried_at_a_tenth_and_ten_times_the_best_so_far():
    made = search('crism', '--model', 'untapped')
    made.choose(far_from((10., 1., .001, 1.)))
    assert list(made.candidates['untapped']) == [
        PRESET, (.1, 1., .01, 1.), (10., 1., .01, 1.),
        (10., .1, .01, 1.), (10., 10., .01, 1.),
        (10., 1., .001, 1.), (10., 1., .1, 1.),
        (10., 1., .001, .1), (10., 1., .001, 10.)]
    assert made.best['untapped'] == (10., 1., .001, 1.)
    scores = made.candidates['untapped'][PRESET]
    assert np.allclose(scores, [2., 3., 4.])
    assert abs(alphas.mean(scores) - 3.) < 1e-12


def test_m2_keeps_alpha_r_at_0_and_has_weights_of_its_own():
    made = search('crism')
    asked = []

    def fitted(fits):
        asked.append([fit.name for fit in fits])
        return far_from((.1, 10., .1, 1.))(fits)

    made.choose(fitted)
    assert all(weights[2] == 0 for weights in made.candidates['m2'])
    assert len(made.candidates['m2']) == 7
    assert made.best['m2'] == (.1, 10., 0., 1.)
    assert made.best['untapped'] == (.1, 10., .1, 1.)
    # both models side by side, three parts each; of alpha_r one model's
    assert [len(names) for names in asked] == [6, 12, 12, 6, 12]
    names = sum(asked, [])
    assert len(set(names)) == len(names)
    assert names[0] == 'search-m2-1-1-0-1-fold-0'


def test_of_equals_the_preset_stays():
    made = search('libs')
    made.choose(lambda fits: [1.] * len(fits))
    for key, best in made.best.items():
        assert best == alphas.of(options.settings(made.options, key))


@pytest.mark.parametrize('bad', [NAN, None, float('inf')])
def test_weights_with_which_training_goes_astray_are_not_chosen(bad):
    made = search('crism', '--model', 'untapped')
    made.choose(lambda fits: [
        bad if fit.changed['alphas'] != PRESET and fit.changed['fold'] == 1
        else 0. if fit.changed['alphas'] != PRESET else 1. for fit in fits])
    assert made.best['untapped'] == PRESET


def test_what_was_tried_and_chosen_stands_in_metrics_and_report():
    made = search('crism', '--model', 'untapped')
    made.choose(far_from((10., 1., .001, 1.)))
    plain = made.plain()['untapped']
    assert plain['chosen'] == {'alpha_f': 10., 'alpha_fd': 1.,
                               'alpha_r': .001, 'alpha_rd': 1.}
    assert len(plain['candidates']) == 9
    assert plain['candidates'][0]['kl_of_folds'] == \
        made.candidates['untapped'][PRESET]
    section = made.section()
    table, = section.tables
    assert [row[-1] for row in table.rows].count('chosen') == 1
    assert all(len(row) == len(table.columns) for row in table.rows)
    assert section.sentences == [
        'Untapped: alpha_f 10, alpha_fd 1, alpha_r 0.001, alpha_rd 1.']


# On what --------------------------------------------------------------------

@pytest.fixture(scope='module', params=['crism', 'libs'])
def draws(request):
    raw = datasets.load(request.param, 'simulated')
    return inputs.training_data(raw, 1, 1)


def test_samples_are_held_out_whole_and_each_once(draws):
    data, held = draws.data, []
    for fold in range(options.FOLDS):
        part = folds.held_out(draws, fold).data
        away, left = [set(map(tuple, y)) for y in (part.y_valid, part.y)]
        assert away and left and not away & left
        assert len(part.X) + len(part.X_valid) == len(data.X)
        held += list(away)
    assert sorted(held) == sorted(set(map(tuple, data.y)))


def test_spectra_of_held_out_samples_are_not_trained_on_unlabelled(draws):
    data = draws.data
    part = folds.held_out(draws, 0).data
    away = set(row.tobytes() for row in part.X_valid)
    assert not any(row.tobytes() in away for row in part.X_)
    if 'labels_of_unlabelled' in data.meta:     # CRISM; LIBS has other rocks
        assert 0 < len(part.X_) < len(data.X_)
    else:
        assert part.X_ is data.X_


def test_the_validation_data_are_not_looked_at(draws):
    parts = [folds.held_out(draws, 1).data.arrays()]
    blind = inputs.Draws(*draws)
    blind.data = copy.copy(draws.data)
    blind.data.X_valid = blind.data.y_valid = None
    parts.append(folds.held_out(blind, 1).data.arrays())
    for name in parts[0]:
        assert np.array_equal(parts[0][name], parts[1][name])


def test_too_few_samples_are_one_sentence():
    y = np.repeat([[.2, .3], [.3, .3]], 5, axis=0).astype('float32')
    with pytest.raises(UserError, match='at least 3 samples .* got 2'):
        folds.parts(y)
    # classes have no replicates
    assert len(folds.parts(np.eye(3, dtype='float32')[[0, 1, 2] * 4])) == 3


def test_replicates_stay_together():
    y = np.repeat([[.1], [.2], [.3], [.4]], 6, axis=0).astype('float32')
    for train, test in folds.parts(y):
        assert not set(pls.replicates(y)[train]) & set(
            pls.replicates(y)[test])


# In a run -------------------------------------------------------------------

def test_one_part_is_a_run_of_its_own_without_a_report(tiny, tmpdir):
    assert run_here(['--data', tiny, '--out', tmpdir, '--name', 'part',
                     '--fold', '1'] + SMALL) == 0
    folder = str(tmpdir.join('part'))
    assert sorted(os.listdir(folder)) == [
        'config.json', 'log.txt', 'manifest.json', 'metrics.json',
        'records.csv', 'records.json', 'ro-crate-metadata.json']
    shapes = read_json(folder, 'config.json')['data']['shapes']
    labelled = read_json(folder, 'manifest.json')
    assert labelled['status'] == 'complete'
    assert shapes['X'][0] > 1.9 * shapes['X_valid'][0] > 0
    assert shapes['X_'][0] == shapes['X'][0]    # the others are held out
    assert read_json(folder, 'metrics.json')['validation']['kl'] > 0


class Scored(side_by_side.Processes):
    """Writes scores in place of fits; the first time it is stopped."""

    stops = None

    def _run(self, waiting):
        for fit in waiting:
            if self.stops is not None and 'fold-2' in fit.name:
                self.interrupts.signum = self.stops
                return
            path = self.folder.join('runs/' + fit.name)
            os.makedirs(path)
            model = fit.changed['model']
            with open(os.path.join(path, 'metrics.json'), 'w') as stream:
                json.dump({'model': model, 'validation': {
                    'kl': far_from((1., 1., .1, 1.))([fit])[0]}}, stream)
            self._record(fit, 0, '')


def test_a_run_trains_with_what_it_chose_and_goes_on_after_a_stop(
        tiny, tmpdir, monkeypatch, capsys):
    monkeypatch.setattr(alphas, 'Processes', Scored)
    monkeypatch.setattr(Scored, 'stops', signal.SIGTERM)
    folder = str(tmpdir.join('own'))
    line = ['--data', tiny, '--out', tmpdir, '--name', 'own', '--alphas',
            'search'] + SMALL
    assert run_here(line) == 143
    assert '--resume %s goes on' % folder in capsys.readouterr()[1]
    assert read_json(folder, 'manifest.json')['status'] == 'running'
    monkeypatch.setattr(Scored, 'stops', None)
    for name in os.listdir(os.path.join(folder, 'runs')):
        tmpdir.join('own', 'runs', name, 'metrics.json').remove()
        os.rmdir(os.path.join(folder, 'runs', name))
    assert run_here(['--resume', folder]) == 0
    config, metrics = [read_json(folder, name) for name in (
        'config.json', 'metrics.json')]
    chosen = {'alpha_f': 1., 'alpha_fd': 1., 'alpha_r': .1, 'alpha_rd': 1.}
    assert config['alphas']['untapped']['chosen'] == chosen
    assert metrics['alphas'] == config['alphas']
    assert config['settings']['coeff_y'] == .01     # the preset's
    trained = dict(read_json(folder, 'report.json')['settings']['rows'])
    assert (trained['coeff_y'], trained['coeff_x']) == ('0.1', '1')
    with open(os.path.join(folder, 'report.html'), 'rb') as stream:
        assert b'Weights by cross-validation' in stream.read()


def test_a_search_starts_from_the_presets_weights():
    asked = options.parse('mnist', ['--alphas', 'search', '--preset',
                                    'paper'])
    chosen = options.settings(asked, 'untapped')
    assert alphas.of(chosen) == (.1, 1., .1, .1)
    assert list(presets.ALPHAS) == ['alpha_f', 'alpha_fd', 'alpha_r',
                                    'alpha_rd']

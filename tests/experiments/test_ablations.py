"""Ablations: what they vary, say beforehand, compare and write."""
from __future__ import division, print_function

import json
import os

import pytest

from test_runner import read_json, run_here
from untapped.experiments import (ablations, options, presets, repeats,
                                  side_by_side)


def parsed(experiment, name, *arguments):
    return options.parse(experiment, ['--ablation', name] + list(arguments))


@pytest.mark.parametrize('experiment', presets.EXPERIMENTS)
@pytest.mark.parametrize('name', ablations.NAMES)
def test_every_variant_is_a_command_line_that_is_accepted(experiment, name):
    asked = parsed(experiment, name, '--seeds', '2')
    parts = ablations.units(asked, repeats.units(asked))
    assert len(parts) == options.runs(asked) > 2
    assert len(set(part.name for part in parts)) == len(parts)
    keys = set(part.variant.key for part in parts)
    for part in parts:
        child = options.checked(side_by_side.arguments(
            asked, part, 'runs', 'simulated', None))
        assert child.ablation is None and options.runs(child) == 1
        for key, value in part.changed.items():
            assert getattr(child, key) == value
    for contrast in ablations.contrasts(asked):
        assert contrast.untapped[0] in keys and contrast.m2[0] in keys


def test_the_weights_are_six_by_two_with_the_presets_other_two():
    made = ablations.variants(parsed('crism', 'weights'))
    assert [each.changed['alphas'] for each in made] == [
        (1., 1., r, rd) for rd in (0., 1.)
        for r in (0., 1e-4, 1e-3, 1e-2, 1e-1, 1.)]
    # against alpha_r = 0, which is M2, at the same alpha_rd
    pairs = ablations.contrasts(parsed('crism', 'weights'))
    assert len(pairs) == 10
    assert pairs[-1] == ('alpha_r 1, alpha_rd 1', ('r-1-rd-1', 'untapped'),
                         ('r-0-rd-1', 'untapped'))
    # Raman's preset has alpha_rd 0
    assert len(ablations.variants(parsed('raman', 'weights'))) == 6


def test_untapped_is_held_against_m2_with_equally_smoothed_labels():
    asked = parsed('libs', 'labels-only')
    assert ablations.variants(asked)[-1].changed == {
        'smooth_labels': 9 * .15 / 8} or abs(
        ablations.variants(asked)[-1].changed['smooth_labels']
        - 9 * .15 / 8) < 1e-12
    assert ('as it is, against smoothed M2', ('as-it-is', 'untapped'),
            ('smoothed', 'm2')) in ablations.contrasts(asked)
    assert ablations.contrasts(parsed('libs', 'labels-only', '--model',
                                      'm2')) == []


class Written(side_by_side.Processes):
    """Runs that leave metrics, and find the expectation there before."""

    def _run(self, waiting):
        stated = read_json(self.folder.path, 'config.json')['ablation']
        assert stated['expectation'] == \
            ablations.ABLATIONS[self.options.ablation].expectation
        for number, part in enumerate(waiting):
            path = self.folder.join('runs/' + part.name)
            os.makedirs(path)
            with open(os.path.join(path, 'metrics.json'), 'w') as stream:
                json.dump({'methods': {
                    key: {'validation': {'kl': .1 * number + shift,
                                         'generation_error': 1.}}
                    for key, shift in (('pls', .3), ('m2', .2),
                                       ('untapped', .1))}}, stream)
            self._record(part, 0, '')


def test_one_command_writes_tables_figure_and_what_was_expected(
        tiny, tmpdir, monkeypatch, capsys):
    monkeypatch.setattr(repeats, 'Processes', Written)
    monkeypatch.setattr(repeats, '_hashes', lambda folder, done: {})
    assert run_here(['--data', tiny, '--out', tmpdir, '--name', 'a',
                     '--ablation', 'floor', '--seeds', '3']) == 0
    expected = ablations.ABLATIONS['floor'].expectation
    assert 'Expected: ' + expected in capsys.readouterr()[0]
    folder = str(tmpdir.join('a'))
    metrics = read_json(folder, 'metrics.json')
    assert metrics['ablation']['expectation'] == expected
    assert metrics['ablation']['variants']['floor 5 %'] == {
        'label_floor': .05}
    assert len(metrics['runs']) == 18
    kl = metrics['contrasts']['floor 5 %']['quantities']['validation/kl']
    assert abs(kl['mean_difference'] + .1) < 1e-9 and kl['tested'] == 3
    for name in ('tables/ablation.csv', 'tables/contrasts.csv',
                 'figures/ablation.png', 'report.html'):
        assert os.path.getsize(os.path.join(folder, name)) > 100
    report = read_json(folder, 'report.json')
    assert report['sections'][0]['sentences'][0] == \
        'Expected before the first run: ' + expected

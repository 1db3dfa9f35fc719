# -*- coding: utf-8 -*-
"""Finished runs as Markdown."""
from __future__ import division, print_function

import io
import json
import os
from collections import OrderedDict

import pytest

from untapped.errors import InputError
from untapped.experiments import markdown
from untapped.files import plain_json
from untapped.runs.run_folder import RunFolder
from untapped.studies import quantities


def methods(m2, untapped):
    digest = {'end': 'ab' * 32}
    epochs = {'asked': 10, 'done': 8}
    return OrderedDict([
        ('pls_published', {'validation': {'kl': .05}}),
        ('m2', {'validation': {'kl': m2}, 'epochs': epochs,
                'parameters_sha256': digest}),
        ('untapped', {'validation': {'kl': untapped}, 'epochs': epochs,
                      'parameters_sha256': digest})])


def write(tmpdir, metrics):
    folder = RunFolder(str(tmpdir), 'crism')
    folder.write_json('metrics.json', OrderedDict(
        [('experiment', 'crism'), ('preset', 'published')] + metrics))
    folder.write_json('report.json', {
        'command': 'python run_crism.py --seeds 3', 'source': 'simulated',
        'verdict': ['One thing.']})
    return folder.path


def test_one_run_stands_beside_the_paper(tmpdir):
    lines = markdown.markdown(write(tmpdir, [('methods', methods(.5, .25))]))
    assert lines[0] == '    python run_crism.py --seeds 3'
    assert '| KL of abundances, nats | 0.036 | 0.05 | 0.061 | 0.5 | 0.058 ' \
        '| 0.25 | 0.5 |' in lines
    assert '- One thing.' in lines
    assert lines[-1] == ('- SHA-256 of the parameters of Untapped, 8 of 10 '
                         'epochs: `%s`' % ('ab' * 32))
    table = [line for line in lines if line.startswith('|')]
    assert len(set(line.count('|') for line in table)) == 1


def test_runs_have_mean_spread_and_a_paired_test(tmpdir):
    runs = OrderedDict(('seed-%d' % i, methods(m2, untapped)) for i, (
        m2, untapped) in enumerate([(.3, .1), (.4, .3), (.5, .5)]))
    lines = markdown.markdown(write(tmpdir, [('runs', runs)]))
    row, = [line for line in lines if line.startswith('| KL')]
    # differences -.2, -.1, 0: t = -.1 / (.1 / sqrt 3), p = .2254 of 2
    # degrees of freedom, whose 97.5 % point is 4.303
    assert row == (u'| KL of abundances, nats | 0.036 | 0.05 \u00b1 0 | '
                   u'0.061 | 0.4 \u00b1 0.1 | 0.058 | 0.3 \u00b1 0.2 | 0.75 '
                   u'| 2 of 3 | -0.1 | -0.3484 to 0.1484 | -0.1 | -1 | '
                   u'0.2254, 0.2254 |  | cannot be told apart |')
    assert any(line.endswith('Untapped - M2, over 3 seeds: draws '
                             'and initial weights, on the same data.')
               for line in lines)
    assert sum('SHA-256' in line for line in lines) == 6


def test_a_run_without_a_number_is_seen_in_the_table(tmpdir):
    runs = OrderedDict(('seed-%d' % i, methods(m2, untapped)) for i, (
        m2, untapped) in enumerate([(.3, .1), (.4, 'nan'), (.5, .5)]))
    lines = markdown.markdown(write(tmpdir, [('runs', runs)]))
    row, = [line for line in lines if line.startswith('| KL')]
    assert u'| 0.058 | nan \u00b1 nan | nan | nan | nan |' in row
    assert row.endswith('| cannot be told apart |')


def places(value, way=()):
    """Where something stands in JSON: the ways to every part of it."""
    found = [way]
    steps = value.items() if isinstance(value, dict) else \
        enumerate(value) if isinstance(value, list) else ()
    for step, part in steps:
        found += places(part, way + (step,))
    return found


def changed(value, way, new):
    """A copy of JSON with something else in one place."""
    if not way:
        return new
    copy = value.copy() if isinstance(value, dict) else list(value)
    copy[way[0]] = changed(value[way[0]], way[1:], new)
    return copy


@pytest.mark.parametrize('name', ['metrics.json', 'report.json'])
def test_a_changed_run_is_shown_or_told_in_one_sentence(
        tmpdir, capsys, name):
    runs = OrderedDict(('seed-%d' % i, methods(.1 * i, .2)) for i in range(2))
    path = write(tmpdir, [('runs', runs)])
    whole = plain_json.read(os.path.join(path, name), native=False)
    refused = 0
    for way in places(whole):
        for new in (None, [], {}, 3, u'\x1b[2J', [None], {u'a': 1}):
            with open(os.path.join(path, name), 'w') as stream:
                json.dump(changed(whole, way, new), stream)
            status = markdown.main([path])
            out, told = capsys.readouterr()
            assert '\x1b' not in out + told
            assert (status, told.count('\n')) in ((0, 0), (2, 1)), told
            refused += status == 2
    assert refused > 20


def test_what_is_no_run_is_told_in_one_sentence(tmpdir, capsys):
    assert markdown.main([str(tmpdir)]) == 2
    told = capsys.readouterr()[1]
    assert 'is no finished run' in told and told.count('\n') == 1


def test_the_command_prints_utf_8(tmpdir, monkeypatch):
    path = write(tmpdir, [('runs', OrderedDict(
        ('seed-%d' % i, methods(.3, .1 * i)) for i in (1, 2)))])
    printed = io.BytesIO()

    class Out(object):
        buffer, write = printed, printed.write

    monkeypatch.setattr(markdown.sys, 'stdout', Out())
    assert markdown.main([path]) == 0
    assert u'0.15 \u00b1 0.071' in printed.getvalue().decode('utf-8')


@pytest.mark.parametrize('metrics', [
    '[]', '3', '[' * 10 ** 5, '{"methods": 3}', '{"methods": {"m2": 3}}',
    '{"methods": [1]}'], ids=lambda metrics: metrics[:20])
def test_metrics_that_are_none_are_one_sentence(tmpdir, metrics):
    tmpdir.join('metrics.json').write(metrics)
    with pytest.raises(InputError) as error:
        quantities.methods(str(tmpdir))
    assert str(tmpdir.join('metrics.json')) in str(error.value)


def test_a_metric_that_is_no_number_is_none():
    metrics = {'a': {'b': 1.5, 'c': 'nan', 'd': [1], 'e': 'x', 'f': None}}
    assert quantities.at(metrics, 'a/b') == 1.5
    assert quantities.at(metrics, 'a/c') != quantities.at(metrics, 'a/c')
    assert [quantities.at(metrics, 'a/' + key) for key in 'defg'] == [None] * 4


def test_variants_of_an_ablation_are_not_taken_for_repeats(tmpdir):
    runs = OrderedDict(('floor-0.1-seed-%d' % i, methods(.3, .1))
                       for i in range(3))
    path = write(tmpdir, [('ablation', {'title': 'T'}), ('runs', runs)])
    tmpdir.join(os.path.basename(path), 'report.json').write(json.dumps({
        'command': 'c', 'source': 's', 'verdict': ['Mind.'],
        'sections': [{'sentences': ['Expected.'], 'tables': [{
            'title': 'Every variant', 'columns': ['Variant', 'KL'],
            'rows': [['a|b', .25], ['c', None]], 'note': 'A note.'}]}]}))
    lines = markdown.markdown(path)
    assert lines[:5] == ['    c', '', 'Data: s. Preset published.', '',
                         '- Mind.']
    assert lines[5:] == ['- Expected.', '', 'Every variant', '',
                         '| Variant | KL |', '| --- | --- |',
                         '| a\\|b | 0.25 |', '| c |  |', '', 'A note.']

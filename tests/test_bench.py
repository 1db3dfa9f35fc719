"""The benchmark measures what it says, and its tables say what it measured."""
from __future__ import division, print_function

import csv
import json
import os
import subprocess
import sys

import pytest
import theano

from bench import __main__ as bench, products, report
from bench.__main__ import main, options
from bench.sizes import GROWTH, SIZES, case

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def measured(kind, epoch, start='warm', **changes):
    return {'kind': kind, 'size': 'crism', 'changes': changes, 'steps': 10,
            'start': start, 'epoch_processor_seconds': [epoch, 2 * epoch,
                                                        epoch],
            'first_update_seconds': 3., 'products_seconds': .5,
            'peak_mb': 100., 'parameters_sha256': 'ab' * 32}


def test_rows_are_medians_and_ratios_to_the_first_kind():
    rows = report.rows([measured('published', 8.), measured('exact', 2.),
                        measured('published', 8., start='cold')])
    assert [r['epoch'] for r in rows] == [8, 2]
    assert [r['times_faster'] for r in rows] == [1, 4]
    assert rows[1]['step'] == .2 and rows[1]['of_products'] == .4
    assert [r['cold_start'] for r in rows] == [3, None]


def test_numbers_of_threads_are_told_apart_and_several_count_by_the_clock():
    two = dict(measured('exact', 8.), threads=2, epoch_seconds=[5., 5.])
    rows = report.rows([measured('exact', 8.), two])
    assert [(r['threads'], r['epoch'], r['times_faster']) for r in rows] == [
        (1, 8, 1), (2, 5, 1.6)]


def test_the_peer_has_no_start_of_ours():
    rows = report.rows([measured('exact', 8.), measured(report.PEER, 4.)])
    assert rows[1]['warm_start'] is None and rows[1]['times_faster'] == 2
    assert '| jax | 1 |' in report.table([measured(report.PEER, 4.)])


def test_table_has_a_line_a_kind():
    lines = report.table([measured('published', 8.),
                          measured('fast', 1., features=1000)]).split('\n')
    assert len(lines) == 4
    assert 'crism, features 1000' in lines[3]


def test_files(tmpdir):
    found = [measured(kind, n, batch=n) for n in (100, 1000)
             for kind in ('published', 'exact')]
    report.write(str(tmpdir), found, ['--out', 'x'])
    with open(str(tmpdir.join('times.csv'))) as f:
        assert [r['kind'] for r in csv.DictReader(f)] == \
            ['published', 'exact'] * 2
    assert json.loads(tmpdir.join('times.json').read())['measured'] == found
    assert tmpdir.join('growth.png').size() > 5000
    assert not tmpdir.join('steps.png').check()


def test_a_figure_of_the_steps(tmpdir):
    report.write(str(tmpdir), [measured(kind, 4.) for kind in (
        'published', 'exact', report.PEER)], [])
    assert tmpdir.join('steps.png').size() > 5000


@pytest.mark.parametrize('size', list(SIZES))
def test_sizes_are_the_experiments(size):
    made = case(size)
    assert made['data']['features'] == SIZES[size]['features']
    assert made['nets'][2][1]['num_output'] == SIZES[size]['features']


@pytest.mark.parametrize('direction', list(GROWTH))
def test_growth_changes_one_thing(direction):
    value = GROWTH[direction][-1]
    grown, was = [case('crism', **changes) for changes in
                  ({direction: value}, {})]
    if direction == 'features':
        assert grown['data']['features'] == value
        assert grown['data']['sizes'] == was['data']['sizes']
    elif direction == 'rows':
        assert grown['data']['sizes']['train'] == [value] * 3
        assert grown['model'] == was['model']
    else:
        assert grown['model']['batch_size_Xy_train'] == value


def test_a_measurement(tmpdir, monkeypatch):
    """Of both kinds of this project, in processes of their own."""
    measure = bench.measure

    def timed(chosen, kind, size, changes, folder, epochs, threads=1):
        # the ones before, of 2 epochs, only fill the compile folder
        if epochs == 3:
            return measure(chosen, kind, size, changes, folder, epochs,
                           threads)

    monkeypatch.setattr(bench, 'measure', timed)
    status = main(['--out', str(tmpdir), '--sizes', 'crism', '--kinds',
                   'exact', 'fast', '--rounds', '1', '--epochs', '3',
                   '--compile-folder', theano.config.compiledir])
    assert status == 0
    found = json.loads(tmpdir.join('times.json').read())['measured']
    assert [one['kind'] for one in found] == ['exact', 'fast']
    assert len(set(one['parameters_sha256'] for one in found)) == 2
    for one in found:
        assert len(one['epoch_processor_seconds']) == 2
        assert 0 < one['products_seconds'] < \
            sum(one['epoch_processor_seconds'])


@pytest.mark.parametrize('arguments, said', [
    (['--out', 'x', '--published', '/nowhere'], '--published'),
    (['--out', 'x', '--kinds', 'published'], '--kinds'),
    (['--out', 'x', '--rounds', '0'], '--rounds'),
    (['--out', 'x', '--threads', '1', '0'], '--threads'),
    (['--out', 'x', '--epochs', '1'], '--epochs'),
    (['--out', __file__], '--out'),
    (['--out', 'x', '--compile-folder', __file__], '--compile-folder'),
    (['--out', 'x', '--core', '9999'], '--core'),
    (['--out', 'x', '--peer', ROOT], '--peer'),
    (['--out', 'x', '--peer', '/nowhere/python'], '--peer')])
def test_mistakes_in_the_options(arguments, said, capsys):
    with pytest.raises(SystemExit) as stop:
        options(arguments)
    assert stop.value.code == 2
    assert 'argument ' + said in capsys.readouterr()[1]


@pytest.mark.parametrize('shape', ['10x10', '0x1x1', '1x2x3x4', 'axbxc'])
def test_a_product_is_three_numbers(shape, capsys):
    assert products.main([shape]) == 2
    assert capsys.readouterr()[1] == (
        'bench.products: expected products as 100x50x20, got %s\n' % shape)


def test_help_needs_no_theano():
    code = ('import sys; from bench.__main__ import options\n'
            'try: options(["--help"])\n'
            'except SystemExit: assert "theano" not in sys.modules')
    subprocess.check_call([sys.executable, '-c', code], cwd=ROOT)


def test_the_published_code_is_measured(published, tmpdir):
    """From a checkout as it comes: bench lends it what it lacks."""
    status = main(['--out', str(tmpdir), '--sizes', 'crism', '--kinds',
                   'published', 'exact', '--rounds', '1', '--epochs', '3',
                   '--published', published, '--compile-folder',
                   theano.config.compiledir])
    assert status == 0
    found = json.loads(tmpdir.join('times.json').read())['measured']
    assert len(set(one['parameters_sha256'] for one in found)) == 1

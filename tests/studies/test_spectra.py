"""The study of spectra of one's own, on whole runs of two epochs."""
from __future__ import division, print_function

import io
import json
import os

import numpy as np
import pytest
from sklearn.metrics import r2_score

import own_spectra
from untapped.experiments import runner

SHORT = ['--epochs', '2', '--eval-every', '2', '--batch-size', '20',
         '--quiet']
METHODS = ['pls_published', 'pls', 'kernel_ridge', 'mean', 'm2', 'untapped']


def run(arguments):
    return runner.main(None, ['--experiment', 'spectra'] + [
        str(a) for a in arguments])


def read(folder, name):
    with io.open(str(folder.join(name)), encoding='utf-8') as stream:
        return json.load(stream) if name.endswith('.json') else stream.read()


@pytest.fixture(scope='module')
def one(tmpdir_factory):
    """A fold of a table of four parts, one without pure spectra."""
    folder = tmpdir_factory.mktemp('one')
    made = own_spectra.mixtures(parts=4, scale=500.)
    made['labels'][12:16] = [.1, .2, .3, .4]
    made = own_spectra.unlabelled(made, 2)
    path = own_spectra.write_csv(folder.join('a.csv'),
                                 own_spectra.table(made))
    assert run(['--data', path, '--folds', '3', '--split', '1', '--scale',
                'snv', '--out', folder, '--name', 'run'] + SHORT) == 0
    return made, folder.join('run')


@pytest.fixture(scope='module')
def folds(tmpdir_factory):
    """Two folds of an .npz of three parts."""
    folder = tmpdir_factory.mktemp('folds')
    made = own_spectra.mixtures(nuisance=False)
    made['notes'] = np.array([u'Measured in a test.'])
    path = own_spectra.write_npz(folder.join('a.npz'), made)
    assert run(['--data', path, '--folds', '2', '--jobs', '2', '--out',
                folder, '--name', 'run'] + SHORT) == 0
    return made, folder.join('run')


def test_every_method_is_judged_by_kl_error_and_r2(one):
    made, folder = one
    methods = read(folder, 'metrics.json')['methods']
    assert [key for key in METHODS if key in methods] == METHODS
    with np.load(str(folder.join('m2', 'answers.npz'))) as answers:
        true, rows = answers['true'], answers['row']
    assert np.allclose(true, made['labels'][rows], atol=1e-6)
    for key in METHODS:
        with np.load(str(folder.join(key, 'answers.npz'))) as answers:
            found = answers['predicted'].astype('float64')
        found = np.column_stack([found, 1 - found.sum(axis=1)])
        findings = methods[key]['findings']
        for part, name in enumerate(own_spectra.NAMES[:4]):
            assert abs(findings['r2'][name] - r2_score(
                true[:, part], found[:, part])) < 1e-4
            assert abs(findings['rmse'][name] - np.sqrt(np.mean(
                (true - found)[:, part] ** 2))) < 1e-6


def test_the_mean_composition_is_that_of_the_training_pairs(one):
    made, folder = one
    with np.load(str(folder.join('untapped', 'answers.npz'))) as answers:
        rows, trained = answers['row'], answers['unlabelled_row']
    held = set(made['sample'][rows])
    known = ~np.isnan(made['labels']).any(axis=1)
    train = known & ~np.in1d(made['sample'], list(held))
    assert set(trained) == set(np.flatnonzero(train | ~known))
    with np.load(str(folder.join('mean', 'answers.npz'))) as answers:
        assert np.allclose(answers['predicted'],
                           made['labels'][train].mean(axis=0)[:-1],
                           atol=1e-5)


def test_the_report_has_tables_and_figures(one):
    _, folder = one
    page = read(folder, 'report.html')
    for text in (u'Spectra of your own', u'Kernel ridge', u'F\u00e9',
                 u'room \u00b0C', u'level of the spectrum', u'scaled by',
                 u'KL of compositions, least first',
                 u'--experiment spectra'):
        assert text in page, text
    assert 'cannot be made' not in page
    assert page.count('data:image/png;base64,') == 4
    assert sorted(os.listdir(str(folder.join('tables')))) == [
        name + ending for name in ('data', 'nuisance', 'prediction',
                                   'pure_spectra', 'round_trip',
                                   'round_trip_matrix')
        for ending in ('.csv', '.json')]


def test_pure_spectra_are_compared_where_there_are_any(one):
    _, folder = one
    rows = dict((row[0], row[2:]) for row in read(
        folder, 'tables/pure_spectra.json')['rows'])
    assert sorted(rows) == sorted(
        name + how for name in own_spectra.NAMES[:3] + [u'mean']
        for how in ('', ', as published'))
    assert all(number > 0 for row in rows.values() for number in row)


def test_all_folds_are_judged_together(folds):
    made, folder = folds
    rows = dict(((row[0], row[1]), row[2]) for row in read(
        folder, 'tables/pooled.json')['rows'])
    true, found = [], []
    for fold in range(2):
        place = folder.join('runs', 'seed-1234-split-%02d' % fold)
        for name, kept in (('m2', true), ('pls', found)):
            with np.load(str(place.join(name, 'answers.npz'))) as answers:
                kept.append(answers['true' if name == 'm2'
                                    else 'predicted'])
    true, found = np.vstack(true), np.vstack(found)
    assert len(true) == len(made['labels'])
    assert abs(rows[u'R2 of quartz', u'PLS, cross-validated'] - r2_score(
        true[:, 0], found[:, 0])) < 1e-4
    page = read(folder, 'report.html')
    assert 'all folds together, least first: ' in page
    assert 'Measured in a test.' in page


def test_folds_that_have_ended_are_not_run_again(folds, capsys):
    _, folder = folds
    assert run(['--resume', folder]) == 0
    assert 'nothing is left to do' in capsys.readouterr()[0]


@pytest.mark.parametrize('arguments, part', [
    ([], 'argument --data (auto): There are no simulated spectra'),
    (['--data', 'FILE', '--folds', '13'], '--folds asks for 13 folds'),
    (['--data', 'FILE', '--labelled', '11'], '--labelled asks for 11'),
    (['--data', 'FILE', '--range', '1', '2'], 'lie in the range'),
    (['--data', 'FILE', '--every', '40'], '--every'),
    (['--data', 'FILE', '--rest'], 'no spectrum holds any rest')])
def test_a_mistake_is_one_sentence_and_leaves_nothing(arguments, part,
                                                      tmpdir, capsys):
    path = own_spectra.write_npz(tmpdir.join('a.npz'),
                                 own_spectra.mixtures())
    arguments = [path if a == 'FILE' else a for a in arguments]
    assert run(arguments + ['--out', tmpdir.join('out')]) == 2
    told = capsys.readouterr()[1]
    assert part in told and told.count('\n') == 1
    assert not tmpdir.join('out').check()

"""Raman, the experiment without a script of its own, from a tiny file."""
from __future__ import division, print_function

import csv
import io
import json
from collections import OrderedDict

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from scipy.stats import entropy

from untapped import datasets
from untapped.experiments import inputs, runner


@pytest.fixture(scope='module')
def run(tmpdir_factory):
    """(data, folder) of a comparison of two epochs on three minerals."""
    rng = np.random.RandomState(0)
    folder = tmpdir_factory.mktemp('raman')
    parts = np.vstack([np.eye(3)[[0, 1, 2] * 4],
                       rng.dirichlet(np.ones(3), 48).round(2)])
    parts[:, 2] = 1 - parts[:, :2].sum(axis=1)
    pure = rng.uniform(size=(3, 12))
    raw = datasets.Raw('raman', OrderedDict([
        ('x', parts.dot(pure) + .01 * rng.uniform(size=(60, 12))),
        ('y', np.hstack([parts.clip(0, 1), np.zeros((60, 1))])),
        ('waves', np.arange(200., 320., 10.)),
        ('majors', np.array(['Olivine', 'Quartz', 'Mica', 'none'],
                            dtype=object))]), 'tiny', 'file')
    path = str(folder.join('raman.pkl.gz'))
    datasets.write_published(raw, path)
    status = runner.main(None, [
        '--experiment', 'raman', '--data', path, '--epochs', '2',
        '--eval-every', '1', '--batch-size', '20', '--out', str(folder),
        '--name', 'run', '--quiet'])
    assert status == 0
    data = inputs.training_data(datasets.load('raman', path), 1, 2).data
    return data, folder.join('run')


def test_kl_is_scipys_of_the_answers(run):
    data, folder = run
    metrics = json.loads(folder.join('metrics.json').read())['methods']
    true = np.column_stack([data.y_valid, 1 - data.y_valid.sum(axis=1)])
    for key in ('pls', 'm2', 'untapped'):
        with np.load(str(folder.join(key, 'answers.npz'))) as answers:
            predicted = answers['predicted']
        predicted = np.column_stack([predicted, 1 - predicted.sum(axis=1)])
        expected = np.mean([entropy(t, p) for t, p in zip(
            true.clip(1e-6, 1), predicted.clip(1e-6, 1))])
        assert abs(metrics[key]['validation']['kl'] - expected) < (
            1e-4 * expected + 1e-6)


def test_endmember_errors_are_scipys_of_the_answers(run):
    data, folder = run
    with open(str(folder.join('tables', 'endmembers.csv'))) as stream:
        rows = dict((row['Quantity'], row) for row in csv.DictReader(stream))
    with np.load(str(folder.join('m2', 'answers.npz'))) as answers:
        expected = np.diag(cdist(answers['endmembers'], data.endmembers))
    assert list(data.names) == ['Olivine', 'Quartz', 'Mica']
    for name, error in zip(data.names, expected):
        assert abs(float(rows[name]['M2']) - error) < 1e-5
    assert abs(float(rows['mean']['M2']) - expected.mean()) < 1e-5


def test_the_demos_weights_make_one_model_of_both(run):
    _, folder = run
    metrics = json.loads(folder.join('metrics.json').read())['methods']
    assert (metrics['m2']['parameters_sha256'] ==
            metrics['untapped']['parameters_sha256'])


def test_the_page_says_how_to_repeat_it(run):
    _, folder = run
    with io.open(str(folder.join('report.html')), encoding='utf-8') as stream:
        text = stream.read()
    assert 'python -m untapped.experiments --experiment raman' in text
    assert text.count('data:image/png;base64,') == 3
    assert 'The paper has no Raman experiment' in text

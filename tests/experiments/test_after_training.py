"""Nothing that comes after training may lose the run."""
from __future__ import division, print_function

import json
import os

import numpy as np
import pytest
from _pytest.monkeypatch import MonkeyPatch

from test_runner import only_folder, read_json
from untapped import datasets
from untapped.errors import SavingError
from untapped.experiments import runner, stages
from untapped.report import content, figures, html, page, tables
from untapped.runs import manifest as manifests, records
from untapped.studies import (crism, crism_figures, evaluation, pls,
                              round_trip)


def broken(*args, **options):
    raise IndexError(u'a \u20ac <b> $x$')


class Ended(object):
    """A run whose models are trained, before its report."""

    def __init__(self, tiny, parent):
        whole = stages._report
        stages._report = self._kept
        try:
            assert runner.main('crism', [
                '--data', tiny, '--out', parent, '--batch-size', '20',
                '--epochs', '1', '--eval-every', '1', '--quiet']) == 0
        finally:
            stages._report = whole

    def _kept(self, run, results, trained):
        self.run, self.results, self.trained = run, results, trained


@pytest.fixture(scope='module')
def ended(tiny, tmpdir_factory):
    return Ended(tiny, str(tmpdir_factory.mktemp('ended')))


@pytest.fixture
def without_pdf():
    """Figures as PNG alone: both take twice the time, in each test."""
    patch = MonkeyPatch()
    patch.setattr(figures, 'save_pdf', lambda *args: None)
    yield
    patch.undo()


TABLES = ['tables/endmembers', 'tables/round_trip',
          'tables/round_trip_matrix', 'tables/table2']
DRAWN = ['figures/figure4', 'figures/figure5', 'figures/predicted_true',
         'figures/round_trip']


@pytest.mark.parametrize('place, name, lost', [
    (crism, '_table2', 'Table 2'),
    (crism, '_endmember_table', 'The table of endmember errors'),
    (round_trip, '_table', 'The table of the round trip'),
    (round_trip, 'draw', 'Round trip of pure parts'),
    (crism_figures, 'draw_grid', 'Figure 4. Abundance grid'),
    (crism_figures, 'draw_endmembers', 'Figure 5. Mineral endmembers'),
    (figures, 'predicted_against_true', 'Predicted against true abundance'),
    (crism, 'ordering', 'KL of abundances'),
    (crism, '_abundances', 'Section "Abundance prediction"'),
    (crism, '_endmembers', 'Section "Endmember extraction"'),
    (figures, 'agreement_caption', 'Section "Abundance prediction"'),
    (html, 'table_csv', 'Table 2. Error of predicted abundances'),
    (figures, 'save_pdf', 'Figure 4. Abundance grid'),
    (figures, 'described', 'Figure 4. Abundance grid')])
def test_each_part_of_the_report_fails_alone(
        ended, without_pdf, monkeypatch, capsys, place, name, lost):
    monkeypatch.setattr(place, name, broken)
    stages._report(ended.run, ended.results, ended.trained)
    report = read_json(ended.run.folder.path, 'report.json')
    sentences = [s for each in report['sections'] for s in each['sentences']]
    said = [s for s in sentences if s.startswith(lost)]
    assert len(said) == 1 and 'cannot be made (IndexError' in said[0]
    with open(ended.run.folder.join('report.html')) as stream:
        assert lost.split(' "')[0] in stream.read()
    assert 'warning: ' + lost in capsys.readouterr()[1]
    kept = sum(len(each['tables']) + len(each['figures'])
               for each in report['sections'])
    missing = [s for s in sentences if 'cannot be made' in s]
    if lost.startswith(('Table', 'Figure', 'The table', 'Predicted',
                        'Round')):
        assert kept + len(missing) == len(TABLES + DRAWN)
    elif not lost.startswith('Section'):
        assert kept == len(TABLES + DRAWN)


@pytest.mark.parametrize('place, name', [
    (crism, 'sections'), (page, 'verdict'), (page, 'page'),
    (stages, 'about'), (stages, 'caveats'), (html, 'render'),
    (tables, 'findings')])
def test_a_report_that_cannot_be_made_is_a_warning(
        ended, without_pdf, monkeypatch, capsys, place, name):
    monkeypatch.setattr(place, name, broken)
    ended.run.attempt('The report', lambda: stages._report(
        ended.run, ended.results, ended.trained))
    told = capsys.readouterr()[1]
    assert told.startswith('warning: The report cannot be made (IndexError')
    assert told.count('\n') == 1


@pytest.mark.parametrize('place, name, lost', [
    (evaluation, 'evaluate', 'The evaluation of M2'),
    (evaluation, 'answers', 'The answers of M2'),
    (evaluation, 'judge', 'The findings of M2'),
    (round_trip, 'answers', 'The answers of M2'),
    (round_trip, 'findings', 'The findings of M2'),
    (crism, 'findings', 'The findings of M2'),
    (figures, 'learning_curves', 'The learning curves of training'),
    (records, 'panels', 'The learning curves of validation'),
    (tables, 'results', 'The table of results')])
def test_what_a_model_is_asked_fails_alone(
        ended, without_pdf, monkeypatch, capsys, place, name, lost):
    monkeypatch.setattr(place, name, broken)
    result, found = stages._keep(ended.run, 'm2', ended.trained['m2'])
    assert 'warning: %s cannot be made' % lost in capsys.readouterr()[1]
    monkeypatch.undo()
    # the report is made of what there is
    stages._report(ended.run, [result], ended.trained)
    kept = read_json(ended.run.folder.path, 'm2/metrics.json')
    assert kept['parameters_sha256'] == json.loads(json.dumps(
        found['parameters_sha256']))


def test_a_run_with_warnings_ends_well(ended, tiny, tmpdir, monkeypatch,
                                       capsys):
    """Its models were trained before."""
    monkeypatch.setattr(stages.fitting, 'fit',
                        lambda run, key: ended.trained[key])
    monkeypatch.setattr(pls.PLS, 'fit', broken)
    monkeypatch.setattr(evaluation, 'evaluate', broken)
    monkeypatch.setattr(crism_figures, 'draw_grid', broken)
    assert runner.main('crism', [
        '--data', tiny, '--out', str(tmpdir), '--batch-size', '20',
        '--epochs', '1', '--eval-every', '1', '--quiet']) == 0
    told = capsys.readouterr()[1]
    folder = only_folder(tmpdir)
    assert 'Traceback' not in told
    for lost in ('PLS, cross-validated', 'The evaluation of Untapped',
                 'Figure 4. Abundance grid'):
        assert 'warning: %s cannot be made' % lost in told
    assert manifests.finished(folder) == 'complete'
    for name in ('metrics.json', 'm2/parameters.npz', 'untapped/records.json',
                 'untapped/metrics.json', 'report.html'):
        assert os.path.isfile(os.path.join(folder, name)), name
    # for whoever mends it
    with open(os.path.join(folder, 'log.txt')) as stream:
        assert 'Traceback' in stream.read()


def test_a_full_disk_is_no_part_that_fails_alone():
    def full():
        raise SavingError('no space')

    with pytest.raises(SavingError):
        content.attempt('A table', full)


@pytest.mark.parametrize('error', [
    ValueError(u'caf\xe9'), ValueError(b'caf\xe9'), KeyError('x'),
    MemoryError(), Exception('a\nb\x1b[31m')])
def test_any_error_becomes_a_sentence(error):
    def fail():
        raise error

    made = content.attempt(b'caf\xe9', fail)
    assert isinstance(made, content.Missing) and '\n' not in made
    assert type(error).__name__ in made and 'Traceback' in made.trace


DEGENERATE = {
    'one channel': lambda x, e: (x[:, :1], e[:1]),
    'spectra of zeros': lambda x, e: (0 * x, 0 * e)}


@pytest.mark.parametrize('case', sorted(DEGENERATE))
def test_a_run_on_degenerate_spectra_ends_well(tiny, tmpdir, capsys, case):
    raw = datasets.load('crism', tiny)
    raw.arrays['x'], raw.arrays['endmembers'] = DEGENERATE[case](
        raw.arrays['x'], raw.arrays['endmembers'])
    path = str(tmpdir.join('crism.pkl.gz'))
    datasets.write_published(raw, path)
    status = runner.main('crism', [
        '--data', path, '--out', str(tmpdir.join('out')), '--batch-size',
        '20', '--epochs', '1', '--eval-every', '1', '--quiet'])
    told = capsys.readouterr()[1]
    assert 'Traceback' not in told
    assert status == 0 or status == 3 and 'NaN in training' in told
    folder = only_folder(tmpdir.join('out'))
    assert os.path.isfile(os.path.join(folder, 'report.html'))
    for table in ('table2', 'endmembers'):
        assert os.path.isfile(os.path.join(folder, 'tables', table + '.csv'))
    assert np.isfinite(read_json(folder, 'metrics.json')['methods'][
        'untapped']['validation']['kl'])

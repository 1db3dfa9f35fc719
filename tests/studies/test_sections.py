"""The sections of each experiment's report, from invented answers."""
from __future__ import division, print_function

import copy
import io
import json
from collections import OrderedDict

import numpy as np
import pytest

from untapped import datasets
from untapped.report import figures, html
from untapped.report.content import Result
from untapped.runs.run_folder import RunFolder
from untapped.studies import (crism, crism_figures, evaluation, libs,
                              metrics, mnist, quantities, raman, round_trip)

MODULES = OrderedDict([('crism', crism), ('libs', libs), ('mnist', mnist),
                       ('raman', raman)])


def invented(name, data, seed):
    """Answers of a model that has learned a little."""
    rng = np.random.RandomState(seed)
    has_all = evaluation.has_all_parts(data)
    parts = len(data.names)
    mixed = .5 * metrics.all_parts(data.y_valid, has_all) \
        + .5 * rng.dirichlet(np.ones(parts), len(data.y_valid))
    spectra = data.mean * rng.uniform(.5, 2, (parts, len(data.mean)))
    made = OrderedDict([
        ('predicted', mixed[:, :data.y.shape[1]]),
        ('nuisance', rng.normal(size=(len(mixed), 2))),
        ('mean_nuisance', np.zeros((1, 2))),
        ('endmembers', spectra), ('endmembers_once', spectra[::-1]),
        ('round_trip', .5 * np.eye(parts) + .5 * rng.dirichlet(
            np.ones(parts), parts)),
        ('round_trip_x', rng.uniform(1, 2, len(mixed))),
        ('generated_once', rng.uniform(1, 2, len(mixed)))])
    if name == 'mnist':
        made['means'], made['means_once'] = data.X[:10], data.X[10:20]
        made['samples'] = made['samples_once'] = data.X[:10 * mnist.SAMPLES]
        made['manifold'] = data.X[:mnist.STEPS ** 2]
    return made


def result(key, name, data, answers):
    validation = metrics.validation_kl(
        data.y_valid, answers['predicted'], evaluation.has_all_parts(data))
    validation['generation_error'] = 1.5
    errors = OrderedDict()
    if data.endmembers is not None and 'endmembers' in answers:
        errors = evaluation.endmember_error(answers['endmembers'], data)
    findings = evaluation.judge(answers, data)
    if not key.startswith('pls'):
        findings.update(MODULES[name].findings(answers, data))
    findings.update(round_trip.findings(answers, data))
    return Result(key, validation, errors, findings, answers)


def _made(name):
    """(experiment, data, results, sections)."""
    raw = datasets.load(name, 'simulated')
    data = datasets.prepare(raw, np.random.RandomState(0))
    results = []
    pls = 'pls' if name == 'mnist' else 'pls_published'
    for seed, key in enumerate((pls, 'm2', 'untapped')):
        answers = invented(name, data, seed)
        if key == 'pls':
            answers = OrderedDict(predicted=answers['predicted'])
        results.append(result(key, name, data, answers))
    return name, data, results, MODULES[name].sections(results, data)


@pytest.fixture(scope='module', params=list(MODULES))
def made(request):
    return _made(request.param)


@pytest.fixture(scope='module')
def made_crism():
    return _made('crism')


@pytest.fixture(scope='module')
def made_libs():
    return _made('libs')


@pytest.fixture(scope='module')
def made_mnist():
    return _made('mnist')


EXPECTED = {
    'crism': (['table2', 'endmembers', 'nuisance'],
              ['figure4', 'predicted_true', 'figure5', 'figure6_untapped',
               'figure6_m2']),
    'libs': (['table3', 'line_hits', 'dependence_on_y'],
             ['predicted_true', 'figure7_untapped', 'figure7_m2',
              'oxides_untapped', 'oxides_m2']),
    'mnist': (['table4', 'digits'], ['figure8', 'figure9', 'manifold']),
    'raman': (['prediction', 'endmembers'],
              ['predicted_true', 'endmembers'])}
LOOP = ['round_trip', 'round_trip_matrix'], ['round_trip']


def test_the_papers_tables_and_figures_are_there(made):
    name, _, _, sections = made
    tables = [t.name for s in sections for t in s.tables]
    drawings = [d.name for s in sections for d in s.drawings]
    assert (tables, drawings) == tuple(
        own + loop for own, loop in zip(EXPECTED[name], LOOP))


def test_tables_are_as_wide_as_their_heads(made):
    for table in [t for s in made[3] for t in s.tables]:
        assert set(len(row) for row in table.rows) == {len(table.columns)}


def test_the_first_table_holds_each_methods_kl(made):
    _, _, results, sections = made
    table = sections[0].tables[0]
    row, = [r for r in table.rows if r[1] == 'this run'
            and r[0].startswith('KL(')]
    assert row[2:5] == [r.validation['kl'] for r in results]


def test_the_quantities_of_repeats_are_in_a_runs_metrics(made):
    name, _, results, _ = made
    found = {'validation': results[2].validation,
             'findings': results[2].findings,
             'endmember_error': results[2].endmember_error}
    for label, place, _ in quantities.QUANTITIES[name]:
        assert quantities.at(found, place) is not None, label
    told = quantities.details([{'untapped': found}])
    assert len(told) == 1 + len(found['findings']['round_trip']['diagonal'])
    assert None not in [quantities.at(found, each.place) for each in told]


def test_the_regression_of_x_on_y_has_a_column_beside_the_models(made):
    name, _, results, sections = made
    tables = dict((t.name, t) for s in sections for t in s.tables)
    for table in ('endmembers', 'round_trip'):
        if table in tables and name != 'mnist':
            assert tables[table].columns[2:5] == [r.label for r in results]
            assert None not in [row[2] for row in tables[table].rows
                                if row[1] == 'this run']


def test_spectra_that_are_all_alike_are_called_so(made_libs):
    name, data, results, sections = made_libs
    assert 'does not depend on y' not in ' '.join(
        s for s in sections[1].sentences if s)
    answers = dict(results[1].answers)
    answers['endmembers'] = answers['endmembers'][[0] * len(data.names)]
    m2 = result('m2', name, data, answers)
    said = libs.sections([m2, results[2]], data)[1].sentences
    assert [s for s in said if s and 'depend' in s] == [
        'M2: what is generated does not depend on y: the spectra of two '
        'oxides differ by at most 0 (as published) of their norm. Hits '
        'are those of one spectrum.']


def test_table_3_has_one_composition_for_all(made_libs):
    name, data, results, sections = made_libs
    table = sections[0].tables[0]
    at = table.columns.index('one composition for all')
    kl, = [row[at] for row in table.rows
           if row[0].startswith('KL') and row[1] == 'this run']
    mean = np.tile(data.y.mean(axis=0), (len(data.y_valid), 1))
    assert kl == metrics.validation_kl(data.y_valid, mean)['kl']
    assert results[0].validation['kl'] < kl
    assert sections[0].sentences[1] is None
    worse = result('pls', name, data, {'predicted': mean})
    assert libs.sections([worse, results[2]], data)[
        0].sentences[1].startswith(
            'No better than one answer for all spectra: PLS, '
            'cross-validated.')


def test_libs_without_a_part_named_sio2_has_a_report(made_libs):
    name, data, results, _ = made_libs
    other = copy.copy(data)
    other.names = [{'SiO2': 'silica'}.get(n, n) for n in data.names]
    renamed = [result(r.key, name, other, r.answers) for r in results]
    section = libs.sections(renamed, other)[1]
    assert 'no part named SiO2' in section.sentences[0]
    assert [d.name for d in section.drawings] == ['oxides_untapped',
                                                  'oxides_m2']


def test_repeats_have_every_mineral(made_crism):
    places = [quantity[1] for quantity in quantities.QUANTITIES['crism']]
    for mineral in made_crism[2][2].endmember_error:
        assert 'endmember_error/' + mineral in places


def test_repeats_have_every_oxide(made_libs):
    places = [quantity[1] for quantity in quantities.QUANTITIES['libs']]
    for oxide in made_libs[2][2].findings['line_hits']:
        assert 'findings/line_hits/%s/hit_rate' % oxide in places
    assert 'findings/line_hits/SiO2/hit_rate_mean' in places


def test_table_4_names_the_unlabelled_parts_as_the_truth_would(made_mnist):
    name, _, results, sections = made_mnist
    row, = [r for r in sections[0].tables[0].rows if 'matched' in r[0]]
    least = [r.findings['kl_of_namings']['least'] for r in results[1:]]
    assert row[2:5] == [None] + least
    assert all(0 < kl <= r.validation['kl'] + 1e-9
               for kl, r in zip(least, results[1:]))


def test_every_figure_fits_a_page_and_names_its_axes(made):
    for drawing in [d for s in made[3] for d in s.drawings]:
        with figures.style():
            figure = drawing.draw()
            figure.canvas.draw()
        width, height = figure.get_size_inches()
        assert width <= figures.PAGE and height <= 10
        if drawing.name == 'figure4':       # a triangle: corners are named
            continue
        for labels in ([a.get_xlabel() for a in figure.axes],
                       [a.get_ylabel() for a in figure.axes]):
            assert any(labels), drawing.name
        assert drawing.caption and drawing.title


def test_figure_5_cuts_no_generated_spectrum_off(made_crism):
    name, data, results, _ = made_crism
    answers = dict(results[1].answers)
    answers['endmembers'] = 3 * answers['endmembers'] - 1
    answers['endmembers_once'] = np.full_like(answers['endmembers'],
                                              np.nan)
    figure = crism_figures.draw_endmembers(
        [result('m2', name, data, answers), results[2]], data)
    low, high = figure.axes[0].get_ylim()
    assert low <= min(answers['endmembers'].min(), 0)
    assert answers['endmembers'].max() < high


def test_one_model_alone_has_its_sections_too(made):
    name, data, results, sections = made
    alone = MODULES[name].sections([results[2]], data)
    assert len(alone) == len(sections)
    assert [s for section in alone for s in section.sentences
            if s and 'ratio' in s] == []


def test_means_of_pixels_are_what_generation_rounds():
    from untapped.experiments import build, presets
    from untapped.parmesan.streams import sample_seeds
    settings = presets.preset('mnist')
    settings['num_epochs'] = 1
    for arch in settings['networks'].values():
        arch['hidden'] = [6]
    model = build.model(settings, 16, 10, sample_seeds(
        np.random.RandomState(0))).build()
    y = metrics.corners(10, True)
    z = np.random.RandomState(1).uniform(-1, 1, (10, 2)).astype('float32')
    means = mnist.mean_images(model)
    once = model.generate(y=y, z2=z, once=True)
    assert np.array_equal(means(y, z) >= .5, once == 1)
    assert 0 < means(y, z).min() < .5 < means(y, z).max() < 1
    # as published: encoded, and generated once more
    again = model.predict(once)
    twice = means(again, model.infer('z2', x=once, y=again))
    assert np.array_equal(twice >= .5, model.generate(y=y, z2=z) == 1)


def test_a_table_that_fails_takes_nothing_with_it(made, monkeypatch):
    name, data, results, sections = made
    module = MODULES[name]
    makers = [each for each in vars(module)
              if each.startswith('_') and 'table' in each]
    assert makers

    def broken(*args):
        raise LookupError('not there')

    for maker in makers:
        monkeypatch.setattr(module, maker, broken)
        found = module.sections(results, data)
        monkeypatch.undo()
        assert sum(len(s.tables) for s in found) == sum(
            len(s.tables) for s in sections) - 1
        assert [len(s.drawings) for s in found] == [
            len(s.drawings) for s in sections]
        assert 'cannot be made (LookupError: not there)' in ' '.join(
            s for each in found for s in each.sentences if s)


NAMES = [u'$math$', u'50 %', u'{0} {}', u'<b>&amp;', u'\x1b[31m', u'_hidden',
         u'caf\xe9 \\alpha', u'=1+1', u'"a, b"']


def test_names_from_a_file_are_taken_literally(tmpdir):
    """In figures, HTML, CSV and JSON: no formula, format or tag."""
    _, data, results, _ = _made('raman')
    parts = len(data.names)
    for start in range(0, len(NAMES), parts):
        names = (NAMES[start:] + NAMES)[:parts]
        named = copy.copy(data)
        named.names = names
        found = []
        for each in results:
            found.append(result(each.key, 'raman', named, each.answers))
        folder = RunFolder(str(tmpdir), 'raman')
        saved = [html.save_section(folder, section)
                 for section in raman.sections(found, named)]
        assert not [s for each in saved for s in each['sentences']
                    if 'cannot be made' in s]
        for name in names:
            # a terminal reads the log, too
            assert name.replace(u'\x1b', u'\\x1b') in saved[0]['figures'][
                0]['alt']
            with io.open(folder.join('tables/prediction.csv'),
                         encoding='utf-8') as stream:
                assert name.replace(u'"', u'""') in stream.read()
            with open(folder.join('tables/prediction.json')) as stream:
                assert any(name in row[0] for row in json.load(
                    stream)['rows'])
        page = html.render(OrderedDict([
            ('title', ''), ('source', ''), ('objective', ''), ('verdict', []),
            ('sections', saved), ('settings', {'columns': [], 'rows': []}),
            ('provenance', []), ('command', ''), ('repeat_note', '')]),
            folder.path)
        assert u'<b>&amp;' not in page

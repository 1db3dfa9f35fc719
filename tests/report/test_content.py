"""Tables, verdicts and the page."""
from __future__ import division, print_function

import csv
import io
import json
import re
from collections import OrderedDict

import pytest

from untapped.errors import UserError
from untapped.report import content, html, page as pages
from untapped.report.content import Result, Table
from untapped.runs.run_folder import RunFolder, to_json

PAPER = {'m2': .061, 'untapped': .058}


def result(key):
    return Result(key, {}, {}, {}, {})


def test_paper_and_run_stand_below_each_other_with_their_ratio():
    table = content.comparison(
        't', 'T', [('KL', PAPER, {'pls': .1, 'm2': .4, 'untapped': .3})],
        [result(k) for k in ('pls', 'm2', 'untapped')])
    assert table.columns == ['Quantity', 'Source', 'PLS, cross-validated',
                             'M2', 'Untapped', 'Untapped / M2']
    assert table.rows[0][:5] == ['KL', 'paper', None, .061, .058]
    assert table.rows[1][:5] == ['KL', 'this run', .1, .4, .3]
    assert abs(table.rows[1][5] - .75) < 1e-12


def test_one_model_alone_has_no_ratio():
    table = content.comparison('t', 'T', [('KL', PAPER, {'m2': .4})],
                               [result('m2')])
    assert table.columns == ['Quantity', 'Source', 'M2']
    assert table.rows[1] == ['KL', 'this run', .4]


@pytest.mark.parametrize('m2, untapped, words', [
    (.4, .3, 'Untapped is the better in this run (ratio 0.75), as in'),
    (.3, .4, 'Untapped is the worse in this run (ratio 1.333), unlike in'),
    (.3, .3, 'no difference in this run, unlike in'),
    (.3, .30001, 'no difference in this run'),
    (.3, float('nan'), 'not comparable'),
])
def test_the_verdict_says_who_is_better_and_whether_as_in_the_paper(
        m2, untapped, words):
    assert words in content.ordering('KL', PAPER, {'m2': m2,
                                                   'untapped': untapped})


def test_more_can_be_better():
    assert 'better' in content.ordering('digits', None, {
        'm2': 7, 'untapped': 9}, more_is_better=True)
    assert content.ordering('KL', PAPER, {'m2': .1}) is None


def test_csv_reads_back():
    table = Table('t', 'T', ['a', 'b, "c"'], [['x', .1 + .2], [None, 3]])
    rows = list(csv.reader(io.StringIO(content.table_csv(table))
                           if str is not bytes else
                           content.table_csv(table).encode().split('\n')))
    assert rows[0] == ['a', 'b, "c"']
    assert float(rows[1][1]) == .1 + .2 and rows[2] == ['', '3']


def test_json_of_a_table_reads_back():
    table = Table('t', 'T', ['a'], [[.5], [None]], 'note')
    assert json.loads(to_json(content.table_json(table))) == {
        'title': 'T', 'columns': ['a'], 'rows': [[.5], [None]],
        'note': 'note'}


@pytest.fixture
def page(tmpdir):
    from untapped.report import figures
    folder = RunFolder(str(tmpdir), 'crism')
    made = html.save_section(folder, content.Section(
        'A & B', ['one < two', None], [Table(
            'table2', 'Table 2', ['Quantity', 'M2'],
            [['KL <b>', .25], ['x', None]])],
        [content.Drawing('figure5', 'Figure 5', 'a caption',
                         lambda: _drawn(figures))]))
    content_of_page = OrderedDict([
        ('title', 'T'), ('source', 'simulated'), ('objective', 'own'),
        ('verdict', ['one < two']),
        ('sections', [made]),
        ('settings', pages.settings_table(OrderedDict(
            M2=OrderedDict([('lr', .003), ('networks', {'z1->y': {
                'hidden': [5]}})])))),
        ('provenance', [('data', 'here')]), ('command', 'python x'),
        ('repeat_note', 'note')])
    html.write(folder, content_of_page)
    return folder


def _drawn(figures):
    figure = figures.new(1., 1.)
    figure.add_subplot(1, 1, 1).plot([1, 2])
    return figure


def test_the_page_needs_no_other_file(page):
    with io.open(page.join('report.html'), encoding='utf-8') as stream:
        text = stream.read()
    assert re.findall('(?:src|href)="(.{15})', text) == ['data:image/png;']
    assert 'http' not in text
    with open(page.join('figures/figure5.png'), 'rb') as stream:
        assert html._inline(page.join('figures/figure5.png')) in text
        assert stream.read(4) == b'\x89PNG'


def test_what_the_data_say_is_no_markup(page):
    with io.open(page.join('report.html'), encoding='utf-8') as stream:
        text = stream.read()
    assert 'one &lt; two' in text and 'KL &lt;b&gt;' in text
    assert 'A &amp; B' in text and '0.25' in text and u'\u2013' in text


def test_equal_figures_make_equal_pdfs(page):
    from untapped.report import figures
    with figures.style():
        figures.save_pdf(page, 'again.pdf', _drawn(figures))
    with open(page.join('figures/figure5.pdf'), 'rb') as one, \
            open(page.join('again.pdf'), 'rb') as other:
        text = one.read()
        assert text == other.read()
    assert b'CreationDate' not in text and text.startswith(b'%PDF')


def test_sections_of_a_finished_run_are_read_again(page):
    section, = html.load_sections(page.path)
    assert section['title'] == 'A & B'
    assert section['figures'][0]['file'] == 'figures/figure5.png'


@pytest.mark.parametrize('report', [
    '{}', '[]', '3', '[' * 10 ** 5, '{"sections": 3}',
    '{"sections": [{"figures": [{"file": 3}]}]}'] + [
        json.dumps({'sections': [{'figures': [{'file': name}]}]})
        for name in ('../../secret.png', '/secret.png', 'figures/../x.png',
                     'figures/../../secret.png', 'figures/..', 'x.png')],
    ids=lambda report: report[:60])
def test_a_report_that_names_other_files_is_no_report(tmpdir, report):
    """Its figures are copied into the page of repeated runs."""
    tmpdir.join('report.json').write(report)
    with pytest.raises(UserError) as error:
        html.load_sections(str(tmpdir))
    assert str(tmpdir.join('report.json')) in str(error.value)

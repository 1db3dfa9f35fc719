# -*- coding: utf-8 -*-
"""The pages are what is kept, and no number on them is typed."""
from __future__ import division, print_function

import io
import os
import re
import sys

import pytest

from evidence import figures, made, pages, plan, words

from made_up import write_ablation

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
TEMPLATES = ('results.md', 'report.md', 'readme.md')

#: what may have digits though nobody measured it
NAMES = [
    r'M2', r'SiO2', r'Python \d(\.\d)?', r'splib07a',
    # the paper's and the field's own places
    r'(Table|Figure|Algorithm|appendix|[Ss]ection|eq\.|bounds?) '
    r'\(?[A-Z]?\.?\d+(\.\d+)*\)?',
    r'and \(\d+\)', r'arXiv:[\d.]+', r'abs/[\d.]+', r'30e90ab',
    r'\[\d\]', r'α_\w+ [=>] 0']


def template(name):
    path = os.path.join(ROOT, 'evidence', 'templates', name)
    with io.open(path, encoding='utf-8') as stream:
        return stream.read()


def typed(text):
    """Digits in a template that are neither a name, a command nor the work
    of an expression; the references are citations."""
    text = text.split('\n## References')[0]
    text = re.sub(r'\{#.*?#\}|\{\{.*?\}\}|\{%.*?%\}', ' ', text, flags=re.S)
    text = re.sub(r'`[^`]*`', ' ', text)
    text = re.sub(r'^    .*$', ' ', text, flags=re.M)
    for name in NAMES:
        text = re.sub(name if isinstance(name, type(u'')) else
                      name.decode('utf-8'), ' ', text, flags=re.U)
    return re.findall(r'.{0,30}\d[\d.,]*.{0,10}', text)


@pytest.mark.parametrize('name', TEMPLATES)
def test_no_number_is_typed(name):
    assert typed(template(name)) == []


@pytest.mark.parametrize('text, count', [
    (u'better by 0.3 %', 1), (u'5 seeds', 1), (u'{{ 3|n }} seeds', 0),
    (u'Table 3, M2 and `--seeds 5`', 0), (u'eq. (20) has 12 terms', 1),
    (u'    run --seeds 3', 0)])
def test_a_typed_number_is_found(text, count):
    assert len(typed(text)) == count


def test_results_are_what_is_kept():
    assert made.contents()[0] == pages.read(
        os.path.join(ROOT, made.RESULTS)), \
        'docs/results.md is of other runs: make results'


def test_the_report_is_what_is_kept():
    assert made.recorded() == made.digest(made.contents()[1]), \
        'docs/report/report.pdf is of other runs: make results'


def test_readme_has_what_is_kept():
    assert made.contents()[3] == made.in_readme(pages.read(
        os.path.join(ROOT, made.README)))[1], \
        'README.md is of other runs: make results'


@pytest.fixture
def contents(kept_folder):
    return made.contents(str(kept_folder))


def test_a_kept_run_has_a_table_and_one_that_is_not_says_so(contents):
    for text in contents[:2]:
        assert u'python run_crism.py' in text and u'20 seeds' in text
        assert u'10 data seeds' in text
        assert u'not run' in text.lower()
        assert u'**reproduced**' in text and u'not testable' in text
    assert u'0.061' in contents[0] and u'2 h' in contents[0]


def test_tables_are_whole(contents):
    for text in contents[:2]:
        for block in re.findall(r'(?:^\|.*\n)+', text, re.M):
            assert len(set(len(re.split(r'(?<!\\)\|', line))
                           for line in block.splitlines())) == 1, block


def test_nothing_kept_makes_pages_too(tmpdir):
    page, text, drawn, _ = made.contents(str(tmpdir))
    assert u'not run' in page and u'No run is kept' in text
    assert not drawn
    assert all(each.command in page for each in plan.PLANNED)


def test_an_earlier_table_goes_when_a_run_replaces_it(contents, tmpdir):
    title = u'CRISM, published objective, five seeds'
    empty = made.contents(str(tmpdir.mkdir('empty')))[0]
    assert title in empty and title not in contents[0]


def test_an_ablation_has_its_expectation_tables_and_figure(tmpdir):
    write_ablation(tmpdir, 'libs-floor')
    page, text, drawn, _ = made.contents(str(tmpdir))
    assert list(drawn) == ['libs-floor']
    for each in (page, text):
        assert u'It falls.' in each and u'3 data seeds' in each
        assert re.search(u'floor 1 % .*, 0\\].* 0.2 .*2 of 3', each)
    assert u'| floor 1 % | M2 | 0.51 \u00b1 0.01 |' in page
    assert u'| 0.9 % | 0.647 |' in page
    assert u'figures/libs-floor.png' in page and u'(libs-floor)' in text


def test_numbers_are_written_with_a_minus_and_few_digits():
    assert words.number(-.0123456) == u'\u22120.01235'
    assert words.interval(None, None) == u''
    assert words.interval(-1., 2.) == u'[\u22121, 2]'
    assert words.chance(1e-9) == u'< 0.0001'
    assert words.hours(90 * 60) == u'1.5 h'
    assert words.hours(90) == u'1.5 min'


def test_figures_are_pdf_and_the_same_twice(kept_folder):
    evidence = pages.Evidence(str(kept_folder))
    drawn = figures.drawn(evidence)
    assert list(drawn) == ['claims', 'runs', 'loop']
    first = drawn['claims']('pdf')
    assert first.startswith(b'%PDF') and first == drawn['claims']('pdf')


# The PDF --------------------------------------------------------------------

@pytest.fixture
def pdf():
    """evidence.pdf, where make results has put what it needs."""
    folder = os.path.join(ROOT, '.cache', 'report')
    if os.path.isdir(folder) and folder not in sys.path:
        sys.path.append(folder)
    pytest.importorskip('reportlab', reason='make results installs it')
    from evidence import pdf
    return pdf


def test_the_report_is_the_same_bytes_twice(pdf, kept_folder):
    drawn = figures.drawn(pages.Evidence(str(kept_folder)))
    text = u'# A\n\nb **c** `d` α → ≥\n\n| x | y |\n|---|---|\n| 1 | 2 |\n' \
        u'\n![Caption.](loop)\n\n- one\n  goes on\n- two\n'
    made_twice = [pdf.write(text, {'loop': drawn['loop']('pdf')}, {
        'title': 'A', 'author': 'B'}) for _ in range(2)]
    assert made_twice[0] == made_twice[1]
    assert made_twice[0].count(b'/FontFile2') >= 3


def test_blocks_of_markdown(pdf):
    text = u'# A\n\none\ntwo\n- x\n  y\n- z\n\n> q\n> r\n\n    code\n'
    assert pdf._blocks(text) == [
        ('heading', [u'# A']), ('text', [u'one', u'two']),
        ('item', [u'- x y', u'- z']), ('quote', [u'> q', u'> r']),
        ('code', [u'    code'])]


def test_a_character_without_a_glyph_is_refused(pdf):
    pdf._register()
    with pytest.raises(ValueError):
        pdf._inline(u'\u4e00')

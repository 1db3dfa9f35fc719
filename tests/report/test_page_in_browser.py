"""report.html in a browser: on a narrow and a wide window, and printed.

Measured by headless Chromium; skipped where there is none.
"""
from __future__ import division, print_function

import io
import json
import os
import re
import subprocess
import threading
from collections import OrderedDict
from distutils.spawn import find_executable

import pytest

from untapped.report import figures, html, page as pages
from untapped.report.content import Drawing, Finding, Section, Table
from untapped.runs.run_folder import RunFolder

WIDTHS = (400, 1200)
#: inches, of the figures of each section
HEIGHTS = ((10.,), (2., 2.1, 2.2, 2.3), (2.4,), (2.5,))
#: in each section
TABLES = 8
# what a hash, a path or a name from a file may look like
LONG = 'f0e1d2c3' * 16

MEASURE = u"""<script>
addEventListener('load', function () {
  var beyond = [], unseen = 0;
  document.querySelectorAll('body *').forEach(function (element) {
    var box = element.closest('.wide');
    if (element.getBoundingClientRect().right > innerWidth + 0.5 &&
        (!box || box === element))
      beyond.push(element.outerHTML.slice(0, 60));
  });
  document.querySelectorAll('img').forEach(function (image) {
    unseen += !image.naturalWidth;
  });
  parent.postMessage(JSON.stringify([
    innerWidth, document.scrollingElement.scrollWidth, unseen, beyond]), '*');
});</script></body>"""

# Chromium has no window narrower than 500 pixels: frames stand for it
WINDOWS = u"""<body>%s<pre></pre><script>
addEventListener('message', function (event) {
  document.querySelector('pre').textContent += 'measured ' + event.data
    + '\\n';
});</script></body>""" % u''.join(
    u'<iframe style="border: 0; width: %dpx" src="measured.html"></iframe>'
    % width for width in WIDTHS)


def _program(*names):
    """The first of some programs that is here; skips without."""
    for name in names:
        if find_executable(name):
            return find_executable(name)
    pytest.skip('%s is not here' % ' or '.join(names))


def chromium(folder, *arguments):
    """What headless Chromium prints."""
    command = [_program('chromium', 'chromium-browser', 'google-chrome'),
               '--headless', '--disable-gpu', '--virtual-time-budget=5000',
               '--user-data-dir=' + str(folder.join('profile'))]
    if os.geteuid() == 0:
        command.append('--no-sandbox')
    with open(os.devnull, 'w') as null:
        process = subprocess.Popen(command + list(arguments),
                                   stdout=subprocess.PIPE, stderr=null)
    guard = threading.Timer(60, process.kill)
    guard.start()
    try:
        return process.communicate()[0].decode('utf-8')
    finally:
        guard.cancel()


def drawn(height):
    figure = figures.new(height)
    axes = figure.add_subplot(1, 1, 1)
    axes.plot([1, height], label='curve of %g' % height)
    axes.set_xlabel('channel')
    axes.set_ylabel('reflectance')
    return figure


def rows_of(number):
    """Few and many rows, so that some heading would end a page."""
    return 30 if number % 6 == 0 else 3 + number % 4


def table(number):
    """A wide table with a title of several lines."""
    columns = ['head-%d' % number] + ['a long column %d' % k
                                      for k in range(12)]
    title = 'title-%d' % number + ' of a table of several columns' * 20
    return Table('table%d' % number, title, columns,
                 [['row-%d-%d' % (number, row)] + [.123456] * 12
                  for row in range(rows_of(number))], 'A note. ' * 9)


@pytest.fixture(scope='module')
def page(tmpdir_factory):
    """The folder of a report with all that is hard to lay out."""
    folder = RunFolder(str(tmpdir_factory.mktemp('page')), 'libs')
    sections = [html.save_section(folder, Section(
        'Section %d' % number, ['A sentence with %s.' % LONG],
        [table(TABLES * number + k) for k in range(TABLES)], [Drawing(
            'figure%g' % height, 'begins-%g' % height,
            # one that is as high as the figure is likely to be torn
            'A caption of several lines. ' * (9 if height == 10 else 60)
            + 'ends-%g' % height,
            lambda height=height: drawn(height)) for height in heights]))
        for number, heights in enumerate(HEIGHTS)]
    about = {
        'title': 'A report', 'source': '/data/' + LONG, 'objective': 'own',
        'settings': OrderedDict((label, OrderedDict([
            ('batch_size_Xy_train', 100), ('networks', {'z1->y': {
                'hidden': [25, 10], 'flows': [LONG]}})]))
            for label in ('M2', 'Untapped')),
        'provenance': [('SHA-256 of array x', LONG)],
        'command': 'python run_libs.py --data ' + LONG}
    html.write(folder, pages.page(about, sections, pages.verdict(
        [Finding('It is so.', True, 'KL of ' + LONG)], [], ['One seed.'])))
    return folder


def text_of(page):
    with io.open(page.join('report.html'), encoding='utf-8') as stream:
        return stream.read()


def test_nothing_is_wider_than_the_window(page, tmpdir):
    tmpdir.join('measured.html').write_text(
        text_of(page).replace(u'</body>', MEASURE), 'utf-8')
    tmpdir.join('windows.html').write_text(WINDOWS, 'utf-8')
    found = [json.loads(line) for line in re.findall(
        '^(?:.*<pre>)?measured (.*)$', chromium(
            tmpdir, '--dump-dom', 'file://%s' % tmpdir.join('windows.html')),
        re.MULTILINE)]
    assert sorted(inner for inner, _, _, _ in found) == list(WIDTHS)
    for inner, width, unseen, beyond in found:
        assert width <= inner
        assert beyond == [] and unseen == 0


@pytest.fixture(scope='module')
def printed(page, tmpdir_factory):
    """(pages as text, page of each picture) of the printed report."""
    text, images = _program('pdftotext'), _program('pdfimages')
    folder = tmpdir_factory.mktemp('printed')
    paper = str(folder.join('report.pdf'))
    chromium(folder, '--no-pdf-header-footer', '--print-to-pdf=' + paper,
             'file://' + os.path.abspath(page.join('report.html')))
    rows = [line.split() for line in subprocess.check_output(
        [images, '-list', paper]).decode().splitlines()[2:]]
    return (subprocess.check_output([text, '-layout', paper, '-']).decode(
        'utf-8').split('\f')[:-1],
        [int(row[0]) for row in rows if row[2] == 'image'])


def pages_of(printed, word):
    return [number for number, text in enumerate(printed[0], 1)
            if re.search(r'\b%s(?![.\d]*\d)' % re.escape(word), text)]


def test_no_printed_picture_is_torn_from_its_caption(printed):
    heights = sum(HEIGHTS, ())
    assert len(printed[1]) == len(heights)
    for height, at in zip(heights, printed[1]):
        assert pages_of(printed, 'begins-%g' % height) == [at]
        assert pages_of(printed, 'ends-%g' % height) == [at]


def test_printed_tables_keep_their_headings(printed):
    """Title, head and first row on one page; the head again on the next."""
    for number in range(TABLES * len(HEIGHTS)):
        at = pages_of(printed, 'title-%d' % number)
        rows = pages_of(printed, 'row-%d-0' % number)
        assert len(at) == 1 and at == rows, number
        last = pages_of(printed, 'row-%d-%d' % (
            number, rows_of(number) - 1))
        assert pages_of(printed, 'head-%d' % number) == list(
            range(at[0], last[0] + 1))


def test_every_picture_has_a_text_that_says_what_it_shows(page):
    texts = re.findall(r'<img [^>]* alt="([^"]*)"', text_of(page))
    assert len(texts) == len(sum(HEIGHTS, ())) == text_of(page).count('<img')
    assert texts[0] == ('1 panel; from left to right: channel; from bottom '
                        'to top: reflectance; drawn: curve of 10.')

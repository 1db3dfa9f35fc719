"""docs/results.md and docs/report/report.pdf, from what is kept."""
from __future__ import division, print_function

import os
import re

from evidence import figures, kept, pages, plan
from untapped import __version__
from untapped.errors import UserError
from untapped.files import atomic, hashes

__all__ = ['README', 'REPORT', 'RESULTS', 'contents', 'digest', 'in_readme',
           'make', 'recorded', 'shown']

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
RESULTS = os.path.join('docs', 'results.md')
#: what results.md shows
FIGURES = os.path.join('docs', 'figures')
REPORT = os.path.join('docs', 'report', 'report.pdf')
README = 'README.md'
#: between these lines of README.md stands what is made
MARKS = (u'<!-- begin results: make results writes what follows -->\n',
         u'<!-- end results -->\n')
TITLE = '[Re] Inverting Variational Autoencoders for Improved Generative ' \
    'Accuracy'
AUTHOR = 'The untapped maintainers'
#: what the report's bytes follow from, beside its text and the kept runs
CODE = ('evidence/pdf.py', 'evidence/figures.py', 'tools/report.lock')


def shown(name):
    """The figures that the report shows of a run."""
    return [figure for run, figure, _ in plan.FIGURES if run == name]


def contents(folder=kept.FOLDER):
    """(text of results.md, text of the report, its figures, README's part).

    Figures are functions that return the bytes of a PDF.
    """
    evidence = pages.Evidence(folder)
    drawn = figures.drawn(evidence)
    return (pages.rendered('results.md', evidence, figures=drawn),
            pages.rendered('report.md', evidence, figures=drawn,
                           version=__version__), drawn,
            pages.rendered('readme.md', evidence))


def in_readme(text):
    """The part of README.md that is made: (before, it, after)."""
    before, begin, rest = text.partition(MARKS[0])
    part, end, after = rest.partition(MARKS[1])
    if not begin or not end:
        raise UserError('README.md has no lines %r and %r' % MARKS)
    return before + begin, part, end + after


def digest(text, folder=kept.FOLDER):
    """SHA-256 of all that the report is made of."""
    paths = [os.path.join(ROOT, name) for name in CODE] + sorted(
        os.path.join(place, name) for place, _, names in os.walk(folder)
        for name in names)
    parts = [text.encode('utf-8')]
    for path in paths:
        with open(path, 'rb') as stream:
            parts.append(hashes.sha256([stream.read()]).encode('ascii'))
    return hashes.sha256(parts)


def recorded(root=ROOT):
    """The digest that the report was made with; None without."""
    path = os.path.join(root, REPORT)
    if not os.path.isfile(path):
        return None
    with open(path, 'rb') as stream:
        found = re.search(br'sha256:([0-9a-f]{64})', stream.read())
    return found and found.group(1).decode('ascii')


def make(folder=kept.FOLDER, root=ROOT):
    """Write the pages, their figures and README's part; their paths."""
    try:
        from evidence import pdf    # needs tools/report.lock
    except ImportError as error:
        raise UserError('the report needs what tools/report.lock holds, and '
                        'make results installs: %s' % error)
    page, text, drawn, part = contents(folder)
    readme = os.path.join(root, README)
    before, _, after = in_readme(pages.read(readme))
    report = pdf.write(
        text, dict((name, draw('pdf')) for name, draw in drawn.items()),
        dict(title=TITLE, author=AUTHOR, subject='a replication',
             keywords='sha256:' + digest(text, folder)))
    made = [(RESULTS, page.encode('utf-8')), (REPORT, report),
            (README, (before + part + after).encode('utf-8'))]
    made += [(os.path.join(FIGURES, name + '.png'), draw('png'))
             for name, draw in drawn.items()
             if 'figures/%s.png' % name in page]
    old = os.path.join(root, FIGURES)
    for name in os.listdir(old) if os.path.isdir(old) else ():
        os.remove(os.path.join(old, name))
    for path, content in made:
        atomic.atomically(os.path.join(root, path),
                          lambda stream: stream.write(content))
    return [path for path, content in made]

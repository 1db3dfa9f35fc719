# -*- coding: utf-8 -*-
"""Markdown as a PDF: vectors, fonts inside, the same bytes every time.

reportlab and pdfrw are locked in tools/report.lock, apart from the stack:
nothing but the report needs them.  The Markdown is what the templates have:
headings, paragraphs, lists, quotes, tables, commands and figures.
"""
from __future__ import division, print_function

import io
import os
import re

import matplotlib
from pdfrw import PdfReader
from pdfrw.buildxobj import pagexobj
from pdfrw.toreportlab import makerl
from reportlab.lib import colors
from reportlab.lib.enums import TA_JUSTIFY
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import (CondPageBreak, Flowable, KeepTogether,
                                ListFlowable, ListItem, Paragraph,
                                Preformatted, SimpleDocTemplate, Table,
                                TableStyle)

__all__ = ['write']

MARGIN, BODY, SMALL = 20 * mm, 10, 7.6
WIDTH = A4[0] - 2 * MARGIN
#: a figure with its caption takes half a page at most
TALLEST = 112 * mm
FONTS = {'Serif': 'STIXGeneral', 'Serif-Bold': 'STIXGeneralBol',
         'Serif-Italic': 'STIXGeneralItalic',
         'Serif-BoldItalic': 'STIXGeneralBolIta', 'Sans': 'DejaVuSans',
         'Mono': 'DejaVuSansMono'}
GREY, PALE = colors.HexColor('#666666'), colors.HexColor('#f2f2f2')


def _register():
    """The fonts that matplotlib, which is locked, brings along."""
    folder = os.path.join(matplotlib.get_data_path(), 'fonts', 'ttf')
    for name, file_name in sorted(FONTS.items()):
        pdfmetrics.registerFont(TTFont(
            name, os.path.join(folder, file_name + '.ttf')))
    pdfmetrics.registerFontFamily('Serif', 'Serif', 'Serif-Bold',
                                  'Serif-Italic', 'Serif-BoldItalic')


def _style(name, **more):
    settings = dict(fontName='Serif', fontSize=BODY, leading=BODY * 1.28,
                    spaceAfter=5, allowWidows=0, allowOrphans=0)
    settings.update(more)
    return ParagraphStyle(name, **settings)


STYLES = {
    1: _style('title', fontName='Serif-Bold', fontSize=19, leading=23,
              spaceAfter=8),
    2: _style('section', fontName='Serif-Bold', fontSize=13.5, leading=17,
              spaceBefore=10, keepWithNext=1),
    3: _style('subsection', fontName='Serif-Bold', fontSize=11, leading=14,
              spaceBefore=6, spaceAfter=3, keepWithNext=1),
    'text': _style('text', alignment=TA_JUSTIFY),
    'item': _style('item', alignment=TA_JUSTIFY, spaceAfter=2),
    'quote': _style('quote', fontSize=9.4, leading=12, backColor=PALE,
                    borderPadding=(4, 6, 4, 6), leftIndent=6,
                    rightIndent=6, spaceBefore=5, spaceAfter=9),
    'caption': _style('caption', fontSize=8.8, leading=10.8, spaceBefore=2,
                      spaceAfter=9),
    'cell': _style('cell', fontSize=SMALL, leading=SMALL * 1.16,
                   spaceAfter=0),
    'code': _style('code', fontName='Mono', fontSize=7.4, leading=9.6,
                   leftIndent=8, spaceAfter=6)}


class Vectors(Flowable):
    """A page of another PDF, not wider than the text."""

    def __init__(self, content):
        Flowable.__init__(self)
        page = pagexobj(PdfReader(fdata=content).pages[0])
        left, bottom, right, top = [float(each) for each in page.BBox]
        self.page = page
        self.scale = min(1., WIDTH / (right - left),
                         TALLEST / (top - bottom))
        self.width = self.scale * (right - left)
        self.height = self.scale * (top - bottom)
        self.hAlign = 'CENTER'

    def wrap(self, width, height):
        return self.width, self.height

    def draw(self):
        self.canv.saveState()
        self.canv.scale(self.scale, self.scale)
        self.canv.doForm(makerl(self.canv, self.page))
        self.canv.restoreState()


# Text -----------------------------------------------------------------------

def _inline(text):
    """Markdown within a line as reportlab's own marks."""
    text = text.replace('&', '&amp;').replace('<', '&lt;').replace(
        '>', '&gt;')
    parts = re.split(r'(`[^`]+`)', text)
    for position, part in enumerate(parts):
        if part.startswith('`'):
            parts[position] = u'<font face="Mono" size="-1">%s</font>' % \
                part[1:-1]
            continue
        part = re.sub(r'\[([^]]+)\]\((https?:[^)]+)\)',
                      r'<link href="\2" color="#0044aa">\1</link>', part)
        part = re.sub(r'\[([^]]+)\]\([^)]+\)', r'\1', part)
        part = re.sub(u'(\u03b1)_(\\w+)', u'\\1<sub>\\2</sub>', part)
        part = re.sub(r'\*\*(.+?)\*\*', r'<b>\1</b>', part)
        part = re.sub(r'(?<!\*)\*([^*\s][^*]*)\*', r'<i>\1</i>', part)
        parts[position] = _with_glyphs(part)
    return u''.join(parts).replace(u'size="-1"', u'size="8"')


def _with_glyphs(text):
    """What the text font lacks in one that has it; ValueError if none."""
    def elsewhere(found):
        if not _has('Sans', found.group()):
            raise ValueError('no font has %r' % found.group())
        return u'<font face="Sans" size="8">%s</font>' % found.group()

    return re.sub(u'[^\x00-\x7f]', lambda found: found.group() if _has(
        'Serif', found.group()) else elsewhere(found), text)


def _has(font, character):
    return ord(character) in pdfmetrics.getFont(font).face.charToGlyph


def _table(lines):
    """A table whose columns are as wide as their texts ask for."""
    rows = [[cell.strip().replace('\\|', '|') for cell in
             re.split(r'(?<!\\)\|', line.strip())[1:-1]] for line in lines]
    rows = [rows[0]] + rows[2:]
    widths = _widths(rows)
    cells = [[Paragraph(_inline(
        u'**%s**' % cell if number == 0 and cell else cell), STYLES['cell'])
        for cell in row] for number, row in enumerate(rows)]
    made = Table(cells, colWidths=widths, repeatRows=1, spaceBefore=3,
                 spaceAfter=8)
    made.setStyle(TableStyle([
        ('FONT', (0, 0), (-1, -1), 'Serif', SMALL),
        ('LINEABOVE', (0, 0), (-1, 0), .8, colors.black),
        ('LINEBELOW', (0, 0), (-1, 0), .5, colors.black),
        ('LINEBELOW', (0, -1), (-1, -1), .8, colors.black),
        ('LINEBELOW', (0, 1), (-1, -2), .2, colors.HexColor('#cccccc')),
        ('VALIGN', (0, 0), (-1, -1), 'TOP'),
        ('LEFTPADDING', (0, 0), (-1, -1), 2.5),
        ('RIGHTPADDING', (0, 0), (-1, -1), 2.5),
        ('TOPPADDING', (0, 0), (-1, -1), 1.5),
        ('BOTTOMPADDING', (0, 0), (-1, -1), 2)]))
    return made


def _widths(rows):
    """Widths of columns: no word is broken, the rest goes by length."""
    def wide(text):
        return pdfmetrics.stringWidth(
            re.sub('[*`]', '', text), 'Serif-Bold', SMALL) + 6

    columns = list(zip(*rows))
    least = [max(wide(word) for cell in column for word in
                 (cell.split() or [''])) for column in columns]
    asked = [max(wide(cell) for cell in column) for column in columns]
    if sum(asked) <= WIDTH:
        return asked
    # the square root: a long column takes lines, not all of the width
    extra = [max(0., want - have) ** .5 for want, have in zip(asked, least)]
    left = max(0., WIDTH - sum(least))
    scale = min(1., WIDTH / sum(least))
    return [have * scale + left * more / (sum(extra) or 1.)
            for have, more in zip(least, extra)]


# Blocks ---------------------------------------------------------------------

def _blocks(text):
    """The Markdown's blocks, lists of lines of one kind each."""
    blocks = []
    for line in text.splitlines():
        kind = _kind(line)
        if kind == 'blank' or kind == 'comment':
            blocks.append((None, []))
            continue
        last, lines = blocks[-1] if blocks else (None, None)
        if line.startswith(' ') and last == 'item':
            lines[-1] += ' ' + line.strip()
        elif last == kind and kind not in ('heading', 'figure'):
            lines.append(line)
        else:
            blocks.append((kind, [line]))
    return [block for block in blocks if block[1]]


def _kind(line):
    for kind, sign in (('comment', '<!--'), ('heading', '#'),
                       ('table', '|'), ('item', '- '), ('code', '    '),
                       ('quote', '> '), ('figure', '![')):
        if line.startswith(sign):
            return kind
    return 'text' if line.strip() else 'blank'


def _flowables(kind, lines, figures):
    """What stands on the page for a block; figures are taken in turn."""
    if kind == 'heading':
        level, _, text = lines[0].partition(' ')
        # no heading at the foot of a page, whatever follows
        return [CondPageBreak(30 * mm),
                Paragraph(_inline(text), STYLES[len(level)])]
    return [_flowable(kind, lines, figures)]


def _flowable(kind, lines, figures):
    if kind == 'table':
        return _table(lines)
    if kind == 'code':
        return Preformatted('\n'.join(line[4:] for line in lines),
                            STYLES['code'], maxLineLength=112)
    if kind == 'item':
        return ListFlowable(
            [ListItem(Paragraph(_inline(line[2:]), STYLES['item']),
                      leftIndent=12) for line in lines],
            bulletType='bullet', start=u'\u2022', leftIndent=12,
            bulletFontName='Serif', bulletFontSize=7, spaceAfter=5)
    if kind == 'figure':
        caption, name = re.match(r'!\[(.*)\]\((.*)\)\Z', lines[0]).groups()
        number, content = figures[name]
        return KeepTogether([Vectors(content), Paragraph(
            _inline(u'**Figure %d.** %s' % (number, caption)),
            STYLES['caption'])])
    quoted = kind == 'quote'
    return Paragraph(_inline(' '.join(
        line[2:] if quoted else line for line in lines)),
        STYLES['quote' if quoted else 'text'])


def write(text, figures, about):
    """The PDF of a text; bytes.

    Parameters
    ----------
    text : unicode, Markdown
    figures : dict, name -> bytes of a PDF
    about : dict with title, author, subject, keywords

    Raises
    ------
    ValueError for a character that no font has
    """
    _register()

    def page(canvas, document):
        canvas.saveState()
        canvas.setFont('Serif', 8)
        canvas.setFillColor(GREY)
        canvas.drawString(MARGIN, 12 * mm, about['title'])
        canvas.drawRightString(A4[0] - MARGIN, 12 * mm,
                               '%d' % document.page)
        canvas.restoreState()

    stream = io.BytesIO()
    document = SimpleDocTemplate(
        stream, pagesize=A4, leftMargin=MARGIN, rightMargin=MARGIN,
        topMargin=18 * mm, bottomMargin=20 * mm, invariant=1,
        # its own first font would not be inside
        lang='en', initialFontName='Serif', **about)
    numbered = dict((name, (number, figures[name])) for number, name in
                    enumerate(re.findall(r'^!\[.*\]\((.*)\)$', text,
                                         re.M), 1))
    document.build(sum([_flowables(kind, lines, numbered)
                        for kind, lines in _blocks(text)], []),
                   onFirstPage=page, onLaterPages=page)
    return stream.getvalue()

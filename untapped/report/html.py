"""report.html: one file with the tables, the figures and how it was made.

Tables are also written as CSV and JSON, figures as PNG and PDF, so that
nothing has to be copied out of the page.
"""
from __future__ import division, print_function

import base64
import os
import re
from collections import OrderedDict

import jinja2

from untapped.errors import InputError, UserError
from untapped.files import plain_json, regular, texts
from untapped.report import figures
from untapped.report.content import (Missing, attempt, shown, table_csv,
                                     table_json)

__all__ = ['write', 'render', 'save_section', 'load_sections']

#: what `save_section` calls a figure: no path that leads out of the folder
_FIGURE = re.compile(r'figures/[^/.\0][^/\0]*\.png\Z')
#: bytes
LARGEST_FIGURE = 1 << 26


def save_section(folder, section):
    """Write a section's tables and figures; what `render` needs of it.

    Returns
    -------
    OrderedDict
        title, sentences, tables, figures; plain data, the figures by the
        name of their file.  A table or figure that cannot be made is a
        `content.Missing` among the sentences.
    """
    tables, drawn = [[attempt(part.title, lambda: save(folder, part))
                      for part in parts] for parts, save in (
                          (section.tables, _save_table),
                          (section.drawings, _save_drawing))]
    sentences = section.sentences + [part for part in tables + drawn
                                     if isinstance(part, Missing)]
    return OrderedDict([
        ('title', section.title), ('sentences', [s for s in sentences if s]),
        ('tables', [t for t in tables if not isinstance(t, Missing)]),
        ('figures', [d for d in drawn if not isinstance(d, Missing)])])


def _save_table(folder, table):
    stem, plain = 'tables/' + table.name, table_json(table)
    folder.write_text(stem + '.csv', table_csv(table))
    folder.write_json(stem + '.json', plain)
    return plain


def _save_drawing(folder, drawing):
    stem = 'figures/' + drawing.name
    with figures.style():
        figure = drawing.draw()
        figures.save(folder, stem + '.png', figure)
        figures.save_pdf(folder, stem + '.pdf', figure)
    return OrderedDict([
        ('title', drawing.title), ('caption', drawing.caption),
        ('alt', figures.described(figure)), ('file', stem + '.png')])


def load_sections(path):
    """The sections of a finished run, from its report.json.

    Raises
    ------
    UserError if it is none, or names a figure that is not the run's
    """
    name = os.path.join(path, 'report.json')
    try:
        sections = plain_json.read(name, links=False,
                                   native=False)['sections']
        if all(_FIGURE.match(figure['file']) for section in sections
               for figure in section['figures']):
            return sections
    except InputError as error:
        raise UserError(str(error))
    except (LookupError, TypeError):
        pass
    raise UserError('%s is no report.json of a run' % name)


def write(folder, page):
    """report.json and report.html.

    Parameters
    ----------
    folder : RunFolder
    page : OrderedDict
        See `page.page`.
    """
    page = _legible(page)
    folder.write_json('report.json', page)
    folder.write_text('report.html', render(page, folder.path))


def _legible(value):
    """A page whose strings are all text, see `untapped.files.texts`."""
    if isinstance(value, dict):
        return OrderedDict((_legible(key), _legible(part))
                           for key, part in value.items())
    if isinstance(value, (list, tuple)):
        return [_legible(part) for part in value]
    return texts.legible(value) if isinstance(value, bytes) else value


def render(page, root):
    """The page as HTML; figures inline, nothing is loaded from elsewhere.

    The figures' files are below the folder `root`.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(os.path.join(
            os.path.dirname(os.path.abspath(__file__)), 'templates')),
        autoescape=True, undefined=jinja2.StrictUndefined)
    environment.filters['cell'] = shown
    sections = []
    for section in page['sections']:
        sections.append(dict(section, figures=[
            # a run of an earlier version has no 'alt'
            dict({'alt': figure['caption']}, **dict(
                figure, png=_inline(os.path.join(
                    root, texts.native(figure['file'])))))
            for figure in section['figures']]))
    return environment.get_template('report.html').render(
        dict(page, sections=sections))


def _inline(path):
    return base64.b64encode(
        regular.read(path, LARGEST_FIGURE, links=False)).decode('ascii')

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
from untapped.files import plain_json, regular
from untapped.report import figures
from untapped.report.content import shown, table_csv, table_json

__all__ = ['write', 'render', 'save_section', 'load_sections', 'command_line',
           'settings_table']

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
        name of their file.
    """
    for table in section.tables:
        stem = 'tables/' + table.name
        folder.write_text(stem + '.csv', table_csv(table))
        folder.write_json(stem + '.json', table_json(table))
    drawn = []
    for drawing in section.drawings:
        stem = 'figures/' + drawing.name
        with figures.style():
            figure = drawing.draw()
            figures.save(folder, stem + '.png', figure)
            figures.save_pdf(folder, stem + '.pdf', figure)
        drawn.append(OrderedDict([
            ('title', drawing.title), ('caption', drawing.caption),
            ('file', stem + '.png')]))
    return OrderedDict([
        ('title', section.title),
        ('sentences', [s for s in section.sentences if s]),
        ('tables', [table_json(table) for table in section.tables]),
        ('figures', drawn)])


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
        title, source, verdict (sentences), sections (see `save_section`),
        settings (columns and rows), provenance (pairs), command,
        repeat_note.
    """
    folder.write_json('report.json', page)
    folder.write_text('report.html', render(page, folder.path))


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
            dict(figure, png=_inline(os.path.join(root, figure['file'])))
            for figure in section['figures']]))
    return environment.get_template('report.html').render(
        dict(page, sections=sections))


def _inline(path):
    return base64.b64encode(
        regular.read(path, LARGEST_FIGURE, links=False)).decode('ascii')


def settings_table(settings):
    """Hyperparameters by model; rows where models differ are told apart.

    Parameters
    ----------
    settings : OrderedDict
        Label of a model -> its settings.
    """
    flat = OrderedDict((label, _flat(values))
                       for label, values in settings.items())
    keys = []
    for values in flat.values():
        keys += [key for key in values if key not in keys]
    rows = [[key] + [values.get(key, '') for values in flat.values()]
            for key in keys]
    return OrderedDict([('columns', ['setting'] + list(flat)),
                        ('rows', rows)])


def _flat(values):
    flat = OrderedDict()
    for key, value in values.items():
        if key == 'networks':
            for name, arch in value.items():
                flat['network ' + name] = '; '.join(
                    '%s %s' % (k.replace('_', ' '), _plain(v))
                    for k, v in arch.items())
        else:
            flat[key] = _plain(value)
    return flat


def _plain(value):
    if isinstance(value, float):
        return '%.6g' % value
    if isinstance(value, dict):
        return ' '.join('%s' % v if k == 'name' else '%s=%g' % (k, v)
                        for k, v in value.items())
    if isinstance(value, (list, tuple)):
        return ', '.join('%s' % v for v in value) or 'none'
    return '%s' % (value,)


def command_line(program, arguments):
    """The command that made a run, quoted for a shell."""
    safe = ('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
            '-_=./:,+@%')
    quoted = [a if a and all(c in safe for c in a)
              else "'%s'" % a.replace("'", "'\\''") for a in arguments]
    return ' '.join(['python', program] + quoted)

"""What README and docs/ say of the tree is so."""
from __future__ import division, print_function

import glob
import imp
import io
import os
import re

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PAGES = sorted(
    [os.path.join(ROOT, name) for name in (
        'README.md', 'CONTRIBUTING.md', 'CHANGELOG.md')] +
    glob.glob(os.path.join(ROOT, 'docs', '*.md')))
SCRIPTS = sorted(glob.glob(os.path.join(ROOT, 'tools', 'numbers', '*.py')))
SUFFIXES = ('.py', '.sh', '.c', '.json', '.lock', '.md', '.csv')


def read(path):
    with io.open(path, encoding='utf8') as page:
        return page.read()


def relative(path):
    return os.path.relpath(path, ROOT)


def script(name):
    return imp.load_source('script', os.path.join(ROOT, name))


@pytest.fixture(params=PAGES, ids=relative)
def page(request):
    return request.param


def test_readme_has_at_most_120_lines():
    assert len(read(os.path.join(ROOT, 'README.md')).splitlines()) <= 120


def test_links_lead_to_files(page):
    links = re.findall(r'\]\((?!https?:)([^)#]+)', read(page))
    folder = os.path.dirname(page)
    assert [link for link in links
            if not os.path.exists(os.path.join(folder, link))] == []


def quoted(text):
    """What stands in backticks, and in indented commands."""
    found = re.findall(r'`([^`\n]+)`', text)
    return found + re.findall(r'^    .*$', text, re.M)


def files_named(text):
    """(path, name in it or None) of the project's files in a text."""
    for words in quoted(text):
        for path, name in re.findall(
                r'(?<![\w./-])([\w-]+(?:/[\w-]+)*/[\w-]+\.\w+)'
                r'(?:: ([\w.]+))?', words):
            if path.endswith(SUFFIXES) and 'NAME' not in path:
                yield path, name


def missing(path, name):
    """Whether no file has this path, or this name is not defined in it."""
    for folder in ('', 'untapped', 'untapped/model'):
        full = os.path.join(ROOT, folder, path)
        if os.path.isfile(full):
            text = read(full)
            return bool(name) and not all(
                re.search(r'^ *(def|class) %s\b|^%s = ' % (part, part), text,
                          re.M) for part in name.split('.'))
    return True


def test_files_that_are_named_exist_and_hold_what_is_said(page):
    if os.path.basename(page) == 'CHANGELOG.md':
        pytest.skip('it tells of the past')
    assert sorted(set(found for found in files_named(read(page))
                      if missing(*found))) == []


def resolves(words):
    """Whether untapped.a.b is a module, or a name that a module has."""
    for end in range(len(words), 0, -1):
        path = os.path.join(ROOT, *words[:end])
        for source in (path + '.py', os.path.join(path, '__init__.py')):
            if os.path.isfile(source):
                return end == len(words) or re.search(
                    r'\b%s\b' % words[end], read(source)) is not None
    return False


def test_modules_that_are_named_exist(page):
    if os.path.basename(page) == 'CHANGELOG.md':
        pytest.skip('it tells of the past')
    # the last section of docs/model.md lists what is not here
    text = read(page).split('\n## Published names that are not here')[0]
    named = re.findall(r'\buntapped(?:\.[A-Za-z_]\w*)+', text)
    assert sorted(set(name for name in named
                      if not resolves(name.split('.')))) == []


def test_what_readme_imports_can_be_imported():
    lines = re.findall(r'^    (from untapped.* import .*)$',
                       read(os.path.join(ROOT, 'README.md')), re.M)
    assert len(lines) == 3
    names = {}
    exec('\n'.join(lines), names)
    assert {'SSDGM', 'KL', 'architecture'} <= set(names)


def test_the_map_is_what_the_imports_draw():
    rooms = script('tools/draw_rooms.py')
    drawn = rooms.svg(rooms.arrows())
    assert drawn == read(os.path.join(ROOT, 'docs', 'rooms.svg')), \
        'docs/rooms.svg is of other imports: make map'


def test_an_arrow_that_follows_from_others_is_not_drawn():
    rooms = script('tools/draw_rooms.py')
    found = {('model', 'compiled'), ('compiled', 'machine'),
             ('model', 'machine'), ('machine', 'model')}
    assert rooms.needed(found) == [
        ('compiled', 'machine'), ('machine', 'model'), ('model', 'compiled')]


@pytest.mark.parametrize('path', SCRIPTS, ids=relative)
def test_a_script_behind_a_number_says_what_it_needs(path, capsys):
    with pytest.raises(SystemExit) as ended:
        script(path).main(['--help'])
    assert ended.value.code == 0
    assert 'usage:' in capsys.readouterr()[0]

"""The cells of a spreadsheet's first page (.xlsx), read within bounds.

An .xlsx is a zip of XML.  A document type, which brings entities that grow
without bound, is refused; no tree is built.
"""
from __future__ import division, print_function

import re
import zipfile
from xml.parsers import expat

from untapped.errors import DataError
from untapped.files import regular

__all__ = ['read_sheet']

#: Bytes of each XML file in it, columns, and rows: at most.
LARGEST = 1 << 24
COLUMNS, ROWS = 1 << 8, 1 << 12
_TEXTS = 'xl/sharedStrings.xml'
_SHEET = 'xl/worksheets/sheet1.xml'
_CELL = re.compile(r'([A-Z]{1,3})([0-9]{1,7})\Z')


def read_sheet(path):
    """The cells of sheet1, as they are shown.

    Parameters
    ----------
    path : str

    Returns
    -------
    list of list
        Rows, each a list of text, float or, where a cell is empty, None;
        rows and columns that are left out in the file are there.

    Raises
    ------
    DataError
        If it cannot be read or is no spreadsheet.
    """
    try:
        with regular.open_regular(path) as stream, \
                zipfile.ZipFile(stream) as archive:
            texts = []
            if _TEXTS in archive.namelist():
                _parse(_member(archive, _TEXTS), _Texts(texts))
            cells = _Cells(texts)
            _parse(_member(archive, _SHEET), cells)
            return cells.rows()
    except EnvironmentError as error:
        raise DataError('%s cannot be read: %s.' % (
            path, error.strerror or error))
    except Exception as error:
        # whatever a malformed file makes zipfile and expat trip over
        raise DataError('%s: expected a spreadsheet, .xlsx (%s).' % (
            path, ' '.join(str(error).split())[:80] or type(error).__name__))


def _member(archive, name):
    with archive.open(name) as stream:
        content = stream.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise ValueError('%s unpacks to more than %d bytes' % (name, LARGEST))
    return content


def _parse(content, reader):
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _no_document_type
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.characters
    parser.Parse(content, True)


def _no_document_type(*_):
    raise ValueError('it has a document type')


class _Reader(object):
    """The text of the elements that hold any, gathered."""

    #: elements whose characters count
    holding = ('t',)

    def __init__(self):
        self._within, self._gathered = False, []

    def start(self, name, attributes):
        if name in self.holding:
            self._within = True

    def characters(self, text):
        if self._within:
            self._gathered.append(text)

    def end(self, name):
        if name in self.holding:
            self._within = False

    def taken(self):
        """What was gathered since it was last asked."""
        text, self._gathered = u''.join(self._gathered), []
        return text


class _Texts(_Reader):
    """The texts that cells refer to by number."""

    def __init__(self, texts):
        _Reader.__init__(self)
        self._texts = texts

    def end(self, name):
        _Reader.end(self, name)
        if name == 'si':
            self._texts.append(self.taken())


class _Cells(_Reader):
    """The cells, by row and column from 0."""

    holding = ('t', 'v')

    def __init__(self, texts):
        _Reader.__init__(self)
        self._texts, self._found = texts, {}

    def start(self, name, attributes):
        _Reader.start(self, name, attributes)
        if name == 'c':
            self.taken()
            self._place = _place(attributes.get('r', ''))
            self._kind = attributes.get('t', 'n')

    def end(self, name):
        _Reader.end(self, name)
        if name != 'c':
            return
        value = self.taken()
        if self._kind == 's':
            value = self._texts[int(value)]
        elif self._kind == 'n' and value:
            value = float(value)
        if value != u'':
            self._found[self._place] = value

    def rows(self):
        """The cells as rows of equal length."""
        if not self._found:
            return []
        height, width = [1 + max(n) for n in zip(*self._found)]
        return [[self._found.get((i, j)) for j in range(width)]
                for i in range(height)]


def _place(name):
    """(row, column) of a cell's name, 'B2' is (1, 1)."""
    found = _CELL.match(name)
    if found is None:
        raise ValueError('a cell called %.20s' % name)
    column = 0
    for letter in found.group(1):
        column = 26 * column + ord(letter) - ord('A') + 1
    row = int(found.group(2))
    if not 1 <= row <= ROWS or column > COLUMNS:
        raise ValueError('a cell in row %d, column %d' % (row, column))
    return row - 1, column - 1

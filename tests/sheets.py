"""Spreadsheets (.xlsx) for tests, in the form that Excel writes."""
from __future__ import division, print_function

import zipfile

__all__ = ['sheet', 'write_sheet']

_START = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_NAMES = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def sheet(rows):
    """(sheet1.xml, sharedStrings.xml) of rows of texts, numbers and None."""
    texts, lines = [], []
    for number, row in enumerate(rows, 1):
        cells = ''
        for column, value in enumerate(row):
            name = '%s%d' % (chr(ord('A') + column), number)
            if isinstance(value, str):
                cells += '<c r="%s" s="1" t="s"><v>%d</v></c>' % (
                    name, len(texts))
                texts.append('<si><t>%s</t></si>' % value)
            elif value is not None:
                cells += '<c r="%s" s="4"><v>%r</v></c>' % (name, value)
        lines.append('<row r="%d">%s</row>' % (number, cells))
    return (_START + '<worksheet %s><sheetData>%s</sheetData></worksheet>'
            % (_NAMES, ''.join(lines)),
            _START + '<sst %s>%s</sst>' % (_NAMES, ''.join(texts)))


def write_sheet(path, rows):
    """Write rows as the first page of a spreadsheet."""
    cells, texts = sheet(rows)
    with zipfile.ZipFile(path, 'w', zipfile.ZIP_DEFLATED) as archive:
        archive.writestr('xl/worksheets/sheet1.xml', cells)
        archive.writestr('xl/sharedStrings.xml', texts)

"""Spreadsheets from strangers: cells alone, within bounds."""
from __future__ import division, print_function

import zipfile

import pytest

from sheets import sheet, write_sheet
from untapped.errors import DataError
from untapped.files.xlsx import LARGEST, read_sheet


def write(path, cells, texts=None, method=zipfile.ZIP_STORED):
    with zipfile.ZipFile(str(path), 'w', method) as archive:
        archive.writestr('xl/worksheets/sheet1.xml', cells)
        if texts is not None:
            archive.writestr('xl/sharedStrings.xml', texts)
    return str(path)


def test_texts_numbers_and_gaps_come_back(tmpdir):
    rows = [['vial #', 'a', 'b'], ['ab01', .25, None], [None, None, 1e-3]]
    write_sheet(str(tmpdir.join('a.xlsx')), rows)
    assert read_sheet(str(tmpdir.join('a.xlsx'))) == rows


def test_other_ways_to_write_a_cell_are_read(tmpdir):
    cells = ('<worksheet><sheetData><row><c r="B2" t="inlineStr"><is><r><t>x'
             '</t></r><r><t>y</t></r></is></c><c r="AA2" t="str"><f>A1</f><v>'
             'z</v></c><c r="C2"><v> 2 </v></c><c r="D2" s="4"/></row>'
             '</sheetData></worksheet>')
    rows = read_sheet(write(tmpdir.join('a.xlsx'), cells))
    assert rows[0] == [None] * 27
    assert rows[1][1:4] == ['xy', 2., None] and rows[1][26] == 'z'
    assert read_sheet(write(tmpdir.join('b.xlsx'), '<worksheet/>')) == []


ENTITIES = ('<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
            '<!ENTITY b "&a;&a;&a;&a;">]>')


@pytest.mark.parametrize('cells, texts, message', [
    (ENTITIES + '<worksheet>&b;</worksheet>', None, 'a document type'),
    (ENTITIES.encode('ascii').decode('ascii').encode('utf-16'), None,
     'a document type'),
    ('<worksheet><c r="A1"', None, 'unclosed token|spreadsheet'),
    ('<w><c r="A1"><v>one</v></c></w>', None, 'could not convert|invalid'),
    ('<w><c r="1A"><v>1</v></c></w>', None, 'a cell called 1A'),
    ('<w><c r="A0"><v>1</v></c></w>', None, 'a cell in row 0'),
    ('<w><c r="A1048576"><v>1</v></c></w>', None, 'a cell in row 1048576'),
    ('<w><c r="XFD1"><v>1</v></c></w>', None, 'column 16384'),
    ('<w><c r="A1" t="s"><v>3</v></c></w>', '<sst/>', 'index out of range'),
    (' ' * (LARGEST + 1), None, 'unpacks to more than 16777216 bytes'),
])
def test_malformed_sheets_are_refused_in_a_sentence(tmpdir, cells, texts,
                                                    message):
    path = write(tmpdir.join('a.xlsx'), cells, texts, zipfile.ZIP_DEFLATED)
    with pytest.raises(DataError, match=message) as error:
        read_sheet(path)
    assert str(error.value).startswith(path)
    assert '\n' not in str(error.value)


def test_files_that_are_no_spreadsheets_are_refused(tmpdir):
    tmpdir.join('text.xlsx').write('a,b\n')
    with pytest.raises(DataError, match='expected a spreadsheet'):
        read_sheet(str(tmpdir.join('text.xlsx')))
    with pytest.raises(DataError, match='cannot be read'):
        read_sheet(str(tmpdir.join('none.xlsx')))
    cells, _ = sheet([['a']])
    with pytest.raises(DataError, match='index out of range'):
        read_sheet(write(tmpdir.join('no-texts.xlsx'), cells))
    with zipfile.ZipFile(str(tmpdir.join('empty.xlsx')), 'w'):
        pass
    with pytest.raises(DataError, match='sheet1.xml'):
        read_sheet(str(tmpdir.join('empty.xlsx')))

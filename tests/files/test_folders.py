"""Folders that several processes make."""
import errno
import os

import pytest

from untapped.files import folders


def test_a_folder_that_is_there_stays(tmpdir):
    tmpdir.join('a', 'b', 'kept').write('x', ensure=True)
    folders.make(str(tmpdir.join('a', 'b')))
    assert tmpdir.join('a', 'b', 'kept').read() == 'x'


def test_another_process_may_make_it_first(tmpdir, monkeypatch):
    def late(path):
        os.mkdir(path)
        raise OSError(errno.EEXIST, 'File exists')
    monkeypatch.setattr(os, 'makedirs', late)
    folders.make(str(tmpdir.join('a')))
    assert tmpdir.join('a').isdir()


def test_a_file_in_its_place_is_an_error(tmpdir):
    tmpdir.join('a').write('x')
    with pytest.raises(OSError):
        folders.make(str(tmpdir.join('a')))

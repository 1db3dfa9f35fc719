"""A file is written whole, and nothing else is put in its place."""
from __future__ import division, print_function

import os
import stat

import pytest

from untapped.errors import DataError
from untapped.files import atomic


def test_what_raises_leaves_what_was_there(tmpdir):
    path = tmpdir.join('x')
    path.write('before')
    with pytest.raises(RuntimeError):
        with atomic.whole(str(path)) as stream:
            stream.write(b'half')
            raise RuntimeError
    assert path.read() == 'before' and tmpdir.listdir() == [path]


@pytest.mark.parametrize('make', [os.mkfifo, os.mkdir])
def test_what_is_no_file_is_not_replaced(tmpdir, make):
    """A device would be gone, and root may write next to it."""
    path = str(tmpdir.join('x'))
    make(path)
    before = os.stat(path)
    with pytest.raises(DataError, match='cannot be written: it is no regul'):
        atomic.atomically(path, lambda stream: stream.write(b'x'))
    assert os.stat(path) == before and not stat.S_ISREG(before.st_mode)
    assert len(tmpdir.listdir()) == 1


def test_a_link_to_a_file_is_replaced(tmpdir):
    tmpdir.join('x').write('before')
    tmpdir.join('link').mksymlinkto(tmpdir.join('x'))
    atomic.atomically(str(tmpdir.join('link')), lambda f: f.write(b'after'))
    assert tmpdir.join('link').read() == 'after'

"""What is no plain file, or too much of one, is refused at once."""
from __future__ import division, print_function

import os
import signal
import socket

import pytest

from untapped.errors import InputError
from untapped.files import plain_json, regular
from untapped.files.regular import read


@pytest.fixture(autouse=True)
def soon():
    """A test that waits for a pipe ends."""
    signal.alarm(60)
    yield
    signal.alarm(0)


def pipe(path):
    os.mkfifo(path)


def link(path):
    with open(path + ' elsewhere', 'w') as stream:
        stream.write('{}')
    os.symlink(path + ' elsewhere', path)


def listening(path):
    socket.socket(socket.AF_UNIX).bind(path)


@pytest.mark.parametrize('make, part', [
    (pipe, 'It is no regular file'), (link, 'It is a symbolic link'),
    (os.mkdir, 'Is a directory'), (listening, 'It is no regular file'),
    (lambda path: os.symlink(path, path), 'It is a symbolic link'),
    (lambda path: None, 'No such file')])
def test_what_is_no_regular_file_is_named(tmpdir, make, part):
    with tmpdir.as_cwd():
        make('file')
        with pytest.raises(EnvironmentError):
            regular.open_regular('file', links=False)
        for reader in (lambda path: read(path, 9, links=False),
                       lambda path: plain_json.read(path, links=False)):
            with pytest.raises(InputError) as error:
                reader('file')
            assert str(error.value).startswith('file cannot be read: ' + part)


def test_a_link_is_followed_where_it_is_the_users(tmpdir):
    with tmpdir.as_cwd():
        link('file')
        assert read('file', 9) == b'{}' and plain_json.read('file') == {}
        pipe('pipe')
        os.symlink('pipe', 'to a pipe')
        with pytest.raises(InputError, match='no regular file'):
            read('to a pipe', 9)


def test_a_device_is_no_regular_file():
    with pytest.raises(InputError, match='/dev/zero .* no regular file'):
        read('/dev/zero', 10)


def test_no_more_is_read_than_was_expected(tmpdir):
    path = tmpdir.join('file')
    path.write('12345')
    assert read(str(path), 5) == b'12345'
    with pytest.raises(InputError, match='more than 4 bytes'):
        read(str(path), 4)
    # a file of 1 TB that takes no place on the disk
    with open(str(path), 'r+b') as stream:
        stream.truncate(1 << 40)
    with pytest.raises(InputError, match='more than'):
        plain_json.read(str(path))

"""What is no plain file, or too much of one, is refused at once."""
from __future__ import division, print_function

import os
import signal
import socket

import pytest

from untapped import plain_files
from untapped.plain_files import FileError, read, read_json, shown


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
    (pipe, 'no regular file'), (link, 'is a symbolic link'),
    (os.mkdir, 'no regular file'), (listening, 'no regular file'),
    (lambda path: os.symlink(path, path), 'is a symbolic link'),
    (lambda path: None, 'cannot be read: No such file')])
def test_what_is_no_regular_file_is_named(tmpdir, make, part):
    with tmpdir.as_cwd():
        make('file')
        for reader in (plain_files.opened, lambda path: read(path, 9),
                       read_json):
            with pytest.raises(FileError) as error:
                reader('file')
            assert str(error.value).startswith('file ')
            assert part in str(error.value)


def test_a_device_is_no_regular_file():
    with pytest.raises(FileError, match='/dev/zero is no regular file'):
        read('/dev/zero', 10)


def test_no_more_is_read_than_was_expected(tmpdir):
    path = tmpdir.join('file')
    path.write('12345')
    assert read(str(path), 5) == b'12345'
    with pytest.raises(FileError, match='more than 4 bytes'):
        read(str(path), 4)
    # a file of 1 TB that takes no place on the disk
    with open(str(path), 'r+b') as stream:
        stream.truncate(1 << 40)
    with pytest.raises(FileError, match='more than'):
        read_json(str(path))


def test_values_of_a_json_file_come_back(tmpdir):
    path = tmpdir.join('file')
    path.write_binary(b'{"b": [1, 2.5, null, true, "\xc3\xa9"], "a": {}}')
    found = read_json(str(path))
    assert list(found) == ['b', 'a']
    assert found['b'] == [1, 2.5, None, True, u'\xe9']


@pytest.mark.parametrize('content', [
    b'', b'{', b'\xff\xfe', b'"\xff"', b'[1e400]', b'[NaN]', b'[-Infinity]',
    b'1' * 10 ** 6, b'[' * 10 ** 6, b'[' * 900 + b']' * 900,
    b'{"a":' * 10 ** 5, b'{} {}'])
def test_what_is_no_json_of_ours_is_one_sentence(tmpdir, content):
    path = tmpdir.join('file')
    path.write_binary(content)
    with pytest.raises(FileError) as error:
        read_json(str(path))
    assert str(path) in str(error.value) and '\n' not in str(error.value)


@pytest.mark.parametrize('value, text', [
    (u'a\n\xe9\u1234', 'a\\n\\xe9\\u1234'), ([1, u'x'], '[1, "x"]'),
    (b'\xff', '\\ufffd'), ('x' * 10 ** 6, 'x' * 97 + '...'), (None, 'null')])
def test_values_are_shown_on_one_line(value, text):
    assert shown(value) == text and isinstance(shown(value), str)

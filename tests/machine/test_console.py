# -*- coding: utf-8 -*-
"""What is printed cannot move a terminal's cursor."""
from __future__ import print_function, unicode_literals

import io

import pytest

from untapped.machine.console import SafeStream, printable


class Terminal(io.BytesIO):
    encoding = 'utf-8'


@pytest.mark.parametrize('text, shown', [
    ('\x1b[2J', '\\x1b[2J'), (b'\x1b]0;title\x07', '\\x1b]0;title\\x07'),
    ('a\u202eb', 'a\\x202eb'), ('\x9b2J', '\\x9b2J'),
    (b'caf\xe9 \x9b', None), ('café\tau lait\r\n', 'café\tau lait\r\n'),
    ('café'.encode('utf-8'), 'café')])
def test_what_moves_the_cursor_is_spelled_out(text, shown):
    terminal = Terminal()
    SafeStream(terminal).write(text)
    if shown is None:           # bytes that are no UTF-8 stay bytes
        assert terminal.getvalue() == b'caf\xe9 \\x9b'
    else:
        assert terminal.getvalue().decode('utf-8') == shown


def test_a_printable_text_is_one_line():
    text = printable('one\ntwo\r\x1b[A')
    assert text == str('one\\x0atwo\\x0d\\x1b[A')

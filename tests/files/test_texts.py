"""Text from outside, in whatever encoding."""
# -*- coding: utf-8 -*-
from __future__ import division, print_function

import json

import pytest

from untapped.files import plain_json, texts
from untapped.runs.run_folder import to_json

WORDS = [b'', b'plain', u'caf\xe9'.encode('utf-8'), b'caf\xe9', b'\x80\xff',
         b'\xed\xb3\xa9', u'\U0001f600 \u20ac'.encode('utf-8'), b'a\xe2\x82',
         bytes(bytearray(range(256)))]


@pytest.mark.parametrize('word', WORDS)
def test_bytes_come_back_from_text(word):
    assert isinstance(texts.text(word), type(u''))
    if str is bytes:
        assert texts.native(texts.text(word)) == word


@pytest.mark.parametrize('word', WORDS)
def test_arguments_come_back_from_json(word):
    written = to_json({'arguments': [word]})
    assert json.loads(written)
    read = plain_json.parse(written.encode('ascii'))
    assert read['arguments'] == [texts.native(texts.text(word))]


@pytest.mark.parametrize('word', WORDS)
def test_legible_text_is_utf_8(word):
    said = texts.legible(word)
    assert said.encode('utf-8').decode('utf-8') == said


def test_bytes_that_are_no_utf_8_are_spelled_out():
    assert texts.legible(b'caf\xe9') == u'caf\\xe9'
    assert texts.legible(u'caf\xe9'.encode('utf-8')) == u'caf\xe9'

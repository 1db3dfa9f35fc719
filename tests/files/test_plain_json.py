"""JSON as `plain_json` reads it; what it refuses is tested with the bags."""
from __future__ import division, print_function

import json

import pytest

import strangers
from untapped.errors import InputError
from untapped.files.plain_json import parse, read, shown


def test_what_a_run_writes_is_read():
    content = {'a': [1, 2.5, -3e-300, True, None, [], {}], 'b': {'c': u'\xe9'}}
    found = parse(json.dumps(content).encode('ascii'))
    assert found['a'] == content['a']
    assert [type(each) for each in found['a'][:5]] == [
        int, float, float, bool, type(None)]
    # a string is what a path is
    assert found['b']['c'] == (b'\xc3\xa9' if str is bytes else u'\xe9')
    assert isinstance(found['b']['c'], str)


def test_texts_are_unicode_where_that_is_wanted():
    found = parse(b'{"\xc3\xa9": ["\xc3\xa9"]}', native=False)
    assert list(found.values()) == [[u'\xe9']]
    assert isinstance(list(found)[0], str)


def test_keys_stay_in_their_order():
    assert list(parse(b'{"z": 1, "a": 2, "m": 3}')) == ['z', 'a', 'm']


@pytest.mark.parametrize('content', [
    b'{"a":1}{', b"{'a': 1}", b'[1,]', b'[01]', b'"\n"', b'[-Infinity]',
    b'\xef\xbb\xbf{}', b'[' * 42 + b']' * 42, b'', b'{', b'\xff\xfe',
    b'"\xff"', b'[1e400]', b'[NaN]', b'1' * 10 ** 6, b'[' * 10 ** 6,
    b'{"a":' * 10 ** 5, b'{} {}'])
def test_what_is_no_plain_json_is_refused(content):
    with pytest.raises(ValueError):
        parse(content)


def test_a_file_that_is_not_there_is_named(tmpdir):
    with pytest.raises(InputError, match='a.json cannot be read: No such'):
        read(str(tmpdir.join('a.json')))


@pytest.mark.parametrize('part, number', [
    (b'{},', 100000), (b'{"%06d":0},', 99000), (b'[],', 990000),
    (b'1.5,', 1900000), (b'"ab",', 1900000)])
def test_the_largest_that_is_read_takes_less_than_stated(tmpdir, part,
                                                         number):
    path = tmpdir.join('large.json')
    content = b''.join(part % n if b'%' in part else part
                       for n in range(number - 1))
    path.write_binary(b'[' + content + b'0]')
    grown = strangers.memory('from untapped.files import plain_json',
                             'plain_json.read(sys.argv[1])', str(path))
    assert grown < 320 << 20


@pytest.mark.parametrize('value, text', [
    (u'a\n\xe9\u1234', 'a\\n\\xe9\\u1234'), ([1, u'x'], '[1, "x"]'),
    (b'\xff', '\\ufffd'), ('x' * 10 ** 6, 'x' * 97 + '...'), (None, 'null')])
def test_values_are_shown_on_one_line(value, text):
    assert shown(value) == text and isinstance(shown(value), str)

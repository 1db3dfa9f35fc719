"""What the system says about the processor, whatever it is."""
from __future__ import division, print_function

import os

import pytest

from untapped.machine import processor


@pytest.mark.skipif(not os.path.exists('/proc/cpuinfo'), reason='needs /proc')
def test_a_line_that_all_cores_have_is_there_once():
    with open('/proc/cpuinfo') as stream:
        there = stream.readlines()
    found = processor.lines('flags')
    assert len(found) == len(set(found))
    assert set(found) == set(line for line in there
                             if line.startswith('flags'))
    numbers = processor.lines('processor')
    assert numbers == [line for line in there if line.startswith('processor')]


def test_a_field_that_is_not_there_has_no_lines():
    assert processor.lines('colour') == []

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


@pytest.fixture
def root(tmpdir):
    """A process that may run on cores 0, 2, 3 and 4."""
    tmpdir.join('proc', 'self', 'status').write(
        'Name:\tpython\nCpus_allowed:\t1d\nCpus_allowed_list:\t0,2-4\n',
        ensure=True)
    return tmpdir


def test_a_process_has_the_cores_that_it_may_run_on(root):
    assert processor.cores(str(root)) == 4


@pytest.mark.parametrize('limit, cores', [
    ('max 100000', 4), ('250000 100000', 2), ('50000 100000', 1),
    ('900000 100000', 4)])
def test_a_container_of_version_2_has_time_for_so_many(root, limit, cores):
    root.join('proc/self/cgroup').write('0::/a/b\n')
    root.join('sys/fs/cgroup/a/cpu.max').write(limit + '\n', ensure=True)
    assert processor.cores(str(root)) == cores


@pytest.mark.parametrize('quota, cores', [(-1, 4), (300000, 3)])
def test_a_container_of_version_1_has_time_for_so_many(root, quota, cores):
    root.join('proc/self/cgroup').write('4:cpu,cpuacct:/job\n')
    group = root.join('sys/fs/cgroup/cpu/job')
    group.join('cpu.cfs_quota_us').write('%d\n' % quota, ensure=True)
    group.join('cpu.cfs_period_us').write('100000\n')
    assert processor.cores(str(root)) == cores


def test_every_process_has_a_core():
    assert processor.cores() >= 1
    assert processor.cores('/nowhere') >= 1

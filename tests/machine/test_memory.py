"""What memory is left, from files as Linux writes them."""
from __future__ import division, print_function

import resource
import subprocess
import sys

import pytest

from untapped.machine import memory


@pytest.fixture
def root(tmpdir):
    """A machine with 8 GiB, of which 2 are to be had."""
    tmpdir.join('proc', 'meminfo').write(
        'MemTotal: 8388608 kB\nMemAvailable:  2097152 kB\nSwapFree: 0 kB\n'
        'HugePages_Total: 0\n', ensure=True)
    return tmpdir


def test_the_machine_says_what_is_available(root):
    assert memory.left(str(root)) == (2 << 30, 'this machine')


def test_free_swap_space_counts(root):
    meminfo = root.join('proc', 'meminfo')
    meminfo.write(meminfo.read().replace('SwapFree: 0', 'SwapFree: 1024'))
    assert memory.left(str(root))[0] == (2 << 30) + (1 << 20)


def test_a_container_of_version_2_has_less(root):
    root.join('sys/fs/cgroup/memory.max').write('1073741824\n', ensure=True)
    root.join('sys/fs/cgroup/memory.current').write('73741824\n')
    assert memory.left(str(root)) == (1000000000, 'its control group')


def test_the_least_of_nested_groups_of_version_2_counts(root):
    root.join('proc/self/cgroup').write('0::/a/b\n', ensure=True)
    root.join('sys/fs/cgroup/a/b/memory.max').write('max\n', ensure=True)
    root.join('sys/fs/cgroup/a/memory.max').write('500\n')
    root.join('sys/fs/cgroup/a/memory.current').write('600\n')
    assert memory.left(str(root)) == (0, 'its control group')


def test_a_container_of_version_1_has_less(root):
    root.join('proc/self/cgroup').write(
        '4:cpu,cpuacct:/\n3:memory:/job\n', ensure=True)
    group = root.join('sys/fs/cgroup/memory/job')
    group.join('memory.limit_in_bytes').write('3000\n', ensure=True)
    group.join('memory.usage_in_bytes').write('1000\n')
    root.join('sys/fs/cgroup/memory/memory.limit_in_bytes').write(
        '9223372036854771712\n')
    assert memory.left(str(root)) == (2000, 'its control group')


def test_a_limit_on_addresses_counts():
    def limit():
        resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))

    said = subprocess.check_output(
        [sys.executable, '-c', 'from untapped.machine import memory\n'
         'print(memory.left())'], preexec_fn=limit, universal_newlines=True)
    assert 'ulimit -v' in said
    assert 0 < int(said.strip('(').split(',')[0].rstrip('L')) < 1 << 30


def test_a_system_that_says_nothing_has_no_bound(tmpdir, monkeypatch):
    monkeypatch.setattr(resource, 'getrlimit',
                        lambda kind: (resource.RLIM_INFINITY,) * 2)
    assert memory.left(str(tmpdir)) is None

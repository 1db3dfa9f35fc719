"""How much memory this process may still take."""
from __future__ import division, print_function

import os
import resource

from untapped.machine import control_groups

__all__ = ['left']

#: of control groups, version 2 and version 1: limit and use
_FILES = (('memory.max', 'memory.current'),
          ('memory.limit_in_bytes', 'memory.usage_in_bytes'))


def left(root='/'):
    """Bytes that this process may take beyond those it has, and who says so.

    The least of what the machine has (MemAvailable and free swap space),
    what its control groups allow (a container's limit) and what is left of
    the limit on its addresses (``ulimit -v``).

    Parameters
    ----------
    root : str
        The folder that holds proc and sys, for tests.

    Returns
    -------
    (int, str) or None, where nothing is known
    """
    found = [each for each in [_machine(root), _addresses(root)] +
             _control_groups(root) if each is not None]
    return min(found) if found else None


def _machine(root):
    sizes = dict(_sizes(os.path.join(root, 'proc/meminfo')))
    if 'MemAvailable' not in sizes:
        return None
    return sizes['MemAvailable'] + sizes.get('SwapFree', 0), 'this machine'


def _addresses(root):
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    if limit == resource.RLIM_INFINITY:
        return None
    used = dict(_sizes(os.path.join(root, 'proc/self/status')))
    return max(0, limit - used.get('VmSize', 0)), 'ulimit -v'


def _control_groups(root):
    """Of the process's own group and those above it."""
    found = []
    for limit, use in control_groups.numbers(root, 'memory', *_FILES):
        # version 1 has no limit as one that no machine reaches
        if limit and limit[0] < 1 << 60:
            found.append((max(0, limit[0] - sum(use)), 'its control group'))
    return found


def _sizes(path):
    """(name, bytes) of the lines that hold kilobytes."""
    for line in control_groups.lines(path):
        name, _, value = line.partition(':')
        words = value.split()
        if len(words) == 2 and words[1] == 'kB' and words[0].isdigit():
            yield name, int(words[0]) << 10

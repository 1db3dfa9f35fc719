"""How much memory this process may still take."""
from __future__ import division, print_function

import os
import resource

__all__ = ['left']

#: control groups, version 2 and version 1: folder, limit, use
_GROUPS = (('/sys/fs/cgroup', '', 'memory.max', 'memory.current'),
           ('/sys/fs/cgroup/memory', 'memory', 'memory.limit_in_bytes',
            'memory.usage_in_bytes'))


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
    for mount, controller, limit, use in _GROUPS:
        mount = os.path.join(root, mount.lstrip('/'))
        group = _group(root, controller)
        while True:
            folder = os.path.join(mount, group.lstrip('/'))
            most, used = [_number(os.path.join(folder, name))
                          for name in (limit, use)]
            # version 1 has no limit as one that no machine reaches
            if most is not None and most < 1 << 60:
                found.append((max(0, most - (used or 0)), 'its control group'))
            if group in ('', '/'):
                break
            group = os.path.dirname(group)
    return found


def _group(root, controller):
    """The path of this process's group below the mount."""
    for line in _lines(os.path.join(root, 'proc/self/cgroup')):
        parts = line.rstrip('\n').split(':', 2)
        if len(parts) == 3 and controller in parts[1].split(','):
            return parts[2]
    return ''


def _number(path):
    for line in _lines(path):
        return int(line) if line.strip().isdigit() else None
    return None


def _sizes(path):
    """(name, bytes) of the lines that hold kilobytes."""
    for line in _lines(path):
        name, _, value = line.partition(':')
        words = value.split()
        if len(words) == 2 and words[1] == 'kB' and words[0].isdigit():
            yield name, int(words[0]) << 10


def _lines(path):
    try:
        with open(path) as stream:
            return stream.readlines()
    except EnvironmentError:
        return []

"""What a model takes at least, and what there is.

A process that takes more is killed, after minutes, without a word.
"""
from __future__ import division, print_function

import os
import resource

from untapped.errors import InputError

__all__ = ['available', 'require']

#: where control groups say what their processes may take, by version
_GROUPS = ('/sys/fs/cgroup/memory.max',
           '/sys/fs/cgroup/memory/memory.limit_in_bytes')


def available():
    """Bytes that this process may have: the machine's, its group's, or what
    ``ulimit -v`` leaves."""
    found = [os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES')]
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    if limit != resource.RLIM_INFINITY:
        found.append(limit)
    for path in _GROUPS:
        try:
            with open(path) as stream:
                found.append(int(stream.read()))
        except (EnvironmentError, ValueError):
            # no such group, or one without a limit: 'max'
            continue
    return min(found)


def require(name, what, needed):
    """InputError unless there is as much memory as is needed.

    Parameters
    ----------
    name : str, the setting that decides
    what : str, what takes it
    needed : int, bytes, at least
    """
    there = available()
    if needed > there:
        raise InputError('%s: expected %s of at most %.1f GB, the memory that '
                         'there is; got at least %.1f GB'
                         % (name, what, there / 1e9, needed / 1e9))

"""What the system says about the processor."""
from __future__ import division, print_function

import multiprocessing
import os

from untapped.errors import InputError
from untapped.machine import control_groups

__all__ = ['THREADS', 'cores', 'lines', 'threads']

#: environment variable: the threads of a process that asks for none
THREADS = 'UNTAPPED_THREADS'

#: of control groups, version 2 and version 1: microseconds in a period, and
#: the period
_FILES = (('cpu.max',), ('cpu.cfs_quota_us', 'cpu.cfs_period_us'))


def lines(field):
    """The lines of /proc/cpuinfo that begin with a field's name, in order.

    A processor may have cores of several kinds; each line is there once.
    Empty where there is no such file.
    """
    found = []
    for line in control_groups.lines('/proc/cpuinfo'):
        if line.startswith(field) and line not in found:
            found.append(line)
    return found


def cores(root='/'):
    """How many cores this process may use at a time, at least 1.

    As many as it may run on (taskset, a container's cpuset), and no more
    than its control groups give it time for (docker's --cpus).

    Parameters
    ----------
    root : str
        The folder that holds proc and sys, for tests.
    """
    found = [_allowed(root)]
    for files in control_groups.numbers(root, 'cpu', *_FILES):
        numbers = [n for each in files for n in each]
        # version 1 has -1 for no limit
        if len(numbers) == 2 and min(numbers) > 0:
            found.append(numbers[0] // numbers[1])
    return max(1, min(found))


def threads():
    """How many threads a process takes that asks for none.

    As many as $UNTAPPED_THREADS says, else as it may use cores.

    Raises
    ------
    InputError : the variable is no number above 0
    """
    text = os.environ.get(THREADS, '')
    if not text:
        return cores()
    if not text.isdigit() or int(text) < 1:
        raise InputError('%s: expected a whole number above 0, got %r' % (
            THREADS, text))
    return int(text)


def _allowed(root):
    """The cores that the scheduler may choose from."""
    name = 'Cpus_allowed_list:'
    for line in control_groups.lines(os.path.join(root, 'proc/self/status')):
        if line.startswith(name):
            ends = [part.split('-') for part in
                    line[len(name):].strip().split(',')]
            return sum(int(end[-1]) - int(end[0]) + 1 for end in ends)
    try:
        return multiprocessing.cpu_count()
    except NotImplementedError:
        return 1

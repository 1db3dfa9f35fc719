"""What the process's control groups allow: a container's limits."""
from __future__ import division, print_function

import os

__all__ = ['lines', 'numbers']

#: version 2 and version 1 of control groups: where they are, with the names
#: of version 1's controllers below it
_ROOT = 'sys/fs/cgroup'


def numbers(root, controller, new, old):
    """Numbers in the files of the process's own group and those above it.

    Parameters
    ----------
    root : str, the folder that holds proc and sys
    controller : str, of version 1
    new, old : names of files, of version 2 and version 1

    Returns
    -------
    list of lists, a group each: a file's first numbers, [] for a file that
    is not there or that says "max"
    """
    found = []
    for name, files in (('', new), (controller, old)):
        mount = os.path.join(root, _ROOT, name)
        group = _group(root, name)
        while True:
            folder = os.path.join(mount, group.lstrip('/'))
            found.append([_first_numbers(os.path.join(folder, each))
                          for each in files])
            if group in ('', '/'):
                break
            group = os.path.dirname(group)
    return found


def _group(root, controller):
    """The path of this process's group below the mount."""
    for line in lines(os.path.join(root, 'proc/self/cgroup')):
        parts = line.rstrip('\n').split(':', 2)
        if len(parts) == 3 and controller in parts[1].split(','):
            return parts[2]
    return ''


def _first_numbers(path):
    words = ''.join(lines(path)[:1]).split()
    return [int(word) for word in words] if all(
        word.lstrip('-').isdigit() for word in words) else []


def lines(path):
    """A file's lines; none where it cannot be read."""
    try:
        with open(path) as stream:
            return stream.readlines()
    except EnvironmentError:
        return []

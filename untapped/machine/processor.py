"""What the system says about the processor."""
from __future__ import division, print_function

__all__ = ['lines']


def lines(field):
    """The lines of /proc/cpuinfo that begin with a field's name, in order.

    A processor may have cores of several kinds; each line is there once.
    Empty where there is no such file.
    """
    found = []
    try:
        with open('/proc/cpuinfo') as stream:
            for line in stream:
                if line.startswith(field) and line not in found:
                    found.append(line)
    except EnvironmentError:
        pass
    return found

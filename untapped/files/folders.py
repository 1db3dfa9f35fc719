"""Folders that several processes may make at the same moment."""
from __future__ import division, print_function

import os

__all__ = ['make']


def make(path):
    """Make a folder, and those above it, unless it is there.

    Raises
    ------
    OSError
        If it cannot be made, or something else has its name.
    """
    try:
        os.makedirs(path)
    except OSError:
        if not os.path.isdir(path):
            raise

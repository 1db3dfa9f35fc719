"""What one process of the tests has compiled, the others need not."""
from __future__ import division, print_function

import hashlib
import os
import shutil
import subprocess

from untapped.files import folders
from untapped.machine import slots

#: what Theano's modules include, in its order
HEADERS = ('Python.h', 'iostream', 'theano_mod_helper.h', 'math.h',
           'numpy/arrayobject.h', 'numpy/arrayscalars.h', 'vector',
           'algorithm')


def beside(base, ending):
    """A compile folder beside another, warm if that one is.

    The libraries of whole steps, which need no lock, they have in common.
    """
    folder = base + ending
    folders.make(os.path.join(base, slots.LIBRARIES))
    folders.make(folder)
    slots._warm(base, folder, True)
    return folder


def _with_read_headers(command, flags, folder):
    """The command, with headers that g++ has read before: half its time."""
    read = os.path.join(folder, 'headers-' + hashlib.sha256(flags).hexdigest())
    header = os.path.join(read, 'theano.h')
    if not os.path.exists(header + '.gch'):
        folders.make(read)
        with open(header, 'w') as stream:
            stream.writelines('#include <%s>\n' % name for name in HEADERS)
        part = '%s.%d' % (header, os.getpid())
        # behind -o stand the library, the source and what is linked to it
        options = [each for each in command[:command.index('-o')]
                   if each != '-shared']
        if subprocess.call(options + ['-w', '-x', 'c++-header', header,
                                      '-o', part]):
            return command
        os.rename(part, header + '.gch')
    return [command[0], '-include', header] + command[1:]


def share(folder):
    """Take from a folder what g++ would give Theano for the same source and
    flags, and put there what it gives."""
    from theano.gof import cmodule
    compiler = cmodule.output_subprocess_Popen

    def compiled(command, **options):
        if '-shared' not in command:
            return compiler(command, **options)
        made = command.index('-o') + 1
        flags = repr(command[:made] + command[made + 2:]).encode('utf-8')
        with open(command[made + 1], 'rb') as stream:
            key = hashlib.sha256(flags + stream.read()).hexdigest()
        kept = os.path.join(folder, key)
        if os.path.exists(kept):
            shutil.copy(kept, command[made])
            return b'', b'', 0
        told = compiler(_with_read_headers(command, flags, folder), **options)
        if told[2] == 0:
            folders.make(folder)
            part = '%s.%d' % (kept, os.getpid())
            shutil.copy(command[made], part)
            os.rename(part, kept)
        return told

    cmodule.output_subprocess_Popen = compiled

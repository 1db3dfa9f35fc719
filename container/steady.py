"""Makes a compile folder of Theano's the same whenever it was made.

    python container/steady.py FOLDER...

Theano puts each module into a folder of a random name, writes its key in the
order of addresses, and the compiler notes the folder in the library.  Here a
folder is named after its module, also where a library names it, a key is
written in the order of its parts, and a library keeps no notes for debuggers.
Theano finds the modules as before.
"""
from __future__ import division, print_function

import os
import pickle
import shutil
import subprocess
import sys
from io import BytesIO

import theano   # noqa: F401, what the keys are made of
from theano.gof.cmodule import module_name_from_dir


class _Pickler(pickle.Pickler):
    """Writes a value without a trace of addresses."""

    dispatch = pickle.Pickler.dispatch.copy()

    def __init__(self, stream):
        pickle.Pickler.__init__(self, stream, 2)
        # what is one object, and what are two equal ones, is chance
        self.fast = True

    def _save_set(self, values):
        self.save_reduce(type(values), (sorted(values, key=_pickled),),
                         obj=values)

    def _save_dict(self, values):
        self.write(pickle.EMPTY_DICT)
        self._batch_setitems(iter(sorted(
            values.items(), key=lambda item: _pickled(item[0]))))

    dispatch[set] = dispatch[frozenset] = _save_set
    dispatch[dict] = _save_dict


def _pickled(value):
    stream = BytesIO()
    _Pickler(stream).dump(value)
    return stream.getvalue()


def steady(folder):
    """Rename, rewrite and strip what Theano compiled into a folder."""
    shutil.rmtree(os.path.join(folder, 'lock_dir'), ignore_errors=True)
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        if not name.startswith('tmp'):
            continue
        if not os.path.exists(os.path.join(path, 'key.pkl')):
            shutil.rmtree(path)     # of a trial, or thrown away
            continue
        module = os.path.basename(module_name_from_dir(path))
        steadily = 'tmp' + module[:len(name) - len('tmp')]
        named = os.path.join(folder, steadily)
        os.rename(path, named)
        _rewrite(named, module)
        _replace(os.path.join(named, module), name, steadily)
    for path, _, names in os.walk(folder):
        for name in names:
            if name.endswith('.so'):
                _strip(os.path.join(path, name))
            elif name.endswith('.pyc'):
                os.remove(os.path.join(path, name))


def _rewrite(folder, module):
    path = os.path.join(folder, 'key.pkl')
    with open(path, 'rb') as stream:
        key = pickle.load(stream)
    key.key_pkl, key.entry = path, os.path.join(folder, module)
    with open(path, 'wb') as stream:
        stream.write(_pickled(key))


def _replace(path, name, other):
    """A folder's name in a library by one that is as long."""
    with open(path, 'rb') as stream:
        held = stream.read()
    with open(path, 'wb') as stream:
        stream.write(held.replace(('/%s/' % name).encode('ascii'),
                                  ('/%s/' % other).encode('ascii')))


def _strip(path):
    """Remove what is for debuggers, and the hash of it."""
    # another file, as this process has loaded some of these
    subprocess.check_call(['strip', '-R', '.note.gnu.build-id', '-o',
                           path + '.new', path])
    os.rename(path + '.new', path)


if __name__ == '__main__':
    for each in sys.argv[1:]:
        steady(os.path.abspath(each))

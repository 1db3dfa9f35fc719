"""Runs and bags as somebody might make them, without training anything."""
from __future__ import division, print_function

import copy
import hashlib
import json
import os
import re
import subprocess
import sys
from collections import OrderedDict

from untapped.archive import packing
from untapped.runs import manifest as manifests

EPOCHS = 2
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def digest(text, algorithm='sha256'):
    return hashlib.new(algorithm, text).hexdigest()


def write(path, content):
    if not os.path.isdir(os.path.dirname(path)):
        os.makedirs(os.path.dirname(path))
    with open(path, 'wb') as stream:
        stream.write(content)


def read(path):
    with open(path, 'rb') as stream:
        return stream.read()


def manifest(**changes):
    """A manifest like that of a run, but for its outputs."""
    hashes = [digest(b'%d' % n) for n in range(EPOCHS + 1)]
    made = OrderedDict([
        ('manifest', 1), ('status', 'complete'), ('experiment', 'crism'),
        ('arguments', ['--quick', '--epochs', '2', '--model', 'm2']),
        ('data', {'kind': 'simulated', 'source': 'simulated (seed 0)',
                  'sha256': {'x': digest(b'x')},
                  'sha256_as_trained': {'X': digest(b'X')}}),
        ('seeds', {'seed': 1234, 'sample_seed': 1, 'data_seed': 0}),
        ('sample_seeds', {'SampleLayer': 946286477}),
        ('sessions', [{'started_utc': '2026-08-01T00:00:00Z',
                       'ended_utc': '2026-08-01T00:01:00Z', 'seconds': 60.5,
                       'resumed_from_epoch': None, 'not_as_before': []}]),
        ('parameters_sha256', {'m2': {
            'start': hashes[0], 'evaluations': [
                [n, hashes[n]] for n in range(1, EPOCHS + 1)],
            'end': hashes[EPOCHS]}}),
        ('outputs', {}),
        ('ran_on', {'code': {'version': '0.1.0', 'commit': None,
                             'sha256': digest(b'code'),
                             'files': {'run_crism.py': digest(b'run')}},
                    'python': {'version': '2.7.18',
                               'implementation': 'CPython'},
                    'pins': {'OPENBLAS_CORETYPE': 'Nehalem',
                             'THEANO_FLAGS': 'floatX=float32'},
                    'blas': [{'kernel': 'Nehalem', 'threads': 1}],
                    'processor': {'name': 'one'}, 'container': None})])
    made.update(changes)
    return made


def run(folder, **changes):
    """A folder whose files are as its manifest has them."""
    write(os.path.join(folder, 'metrics.json'), b'{"kl": 0.5}\n')
    write(os.path.join(folder, 'log.txt'), b'trained\n')
    write(os.path.join(folder, 'm2', 'records.csv'), b'epoch\n1\n2\n')
    made = manifest(**changes)
    if 'outputs' not in changes:
        made['outputs'] = manifests.outputs(folder)
    write(os.path.join(folder, 'manifest.json'),
          json.dumps(made).encode('ascii'))
    return folder


def bag(folder, **changes):
    """The bag of such a run, beside it."""
    return packing.pack(run(os.path.join(folder, 'run'), **changes),
                        os.path.join(folder, 'bag'))


def below(bag):
    return sorted(os.path.relpath(os.path.join(place, name), bag)
                  for place, _, names in os.walk(bag) for name in names)


def relist(bag):
    """Lists and sums of a bag as they are right for what it holds now."""
    names = [name for name in below(bag) if 'manifest-' not in name]
    payload = [name for name in names if name.startswith('data/')]
    info = os.path.join(bag, 'bag-info.txt')
    write(info, re.sub(br'Payload-Oxum: .*', ('Payload-Oxum: %d.%d' % (
        sum(os.path.getsize(os.path.join(bag, name)) for name in payload),
        len(payload))).encode('ascii'), read(info)))
    for kind in ('manifest', 'tagmanifest'):
        for algorithm in ('sha256', 'sha512'):
            listed = payload if kind == 'manifest' else [
                name for name in below(bag) if name not in payload and
                not name.startswith('tagmanifest')]
            lines = ['%s  %s\n' % (
                digest(read(os.path.join(bag, name)), algorithm), name)
                for name in listed]
            write(os.path.join(bag, '%s-%s.txt' % (kind, algorithm)),
                  ''.join(lines))


def places(value, place=()):
    """The way to every value in a nested one."""
    yield place
    parts = (value.items() if isinstance(value, dict) else
             enumerate(value) if isinstance(value, list) else ())
    for key, part in list(parts):
        for found in places(part, place + (key,)):
            yield found


def replaced(value, place, other):
    """A copy in which another value is at a place."""
    if not place:
        return other
    made = copy.deepcopy(value)
    at = made
    for key in place[:-1]:
        at = at[key]
    at[place[-1]] = other
    return made


def memory(prepare, statement, *arguments):
    """Bytes that a statement takes in a process of its own, at the most.

    Not by getrusage, which counts what the parent had when it forked.
    """
    program = '\n'.join([
        'import sys', prepare, 'def most():',
        '    with open("/proc/self/status") as stream:',
        '        return int(stream.read().split("VmHWM:")[1].split()[0])',
        'before = most()', 'try:', '    ' + statement,
        'except ValueError as error:', '    sys.stderr.write(str(error))',
        'print((most() - before) * 1024)'])
    return int(subprocess.check_output(
        [sys.executable, '-c', program] + list(arguments), cwd=ROOT))

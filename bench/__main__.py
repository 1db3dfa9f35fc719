"""Measure training: the published code, this project, and their floor.

    python -m bench --out FOLDER [--published CHECKOUT]

The kinds are measured in turn, each in a process of its own, on one core, or
on N with --threads N:

    published   the published code, with the pins
    nodes       this project's graph, run by Theano node by node: what stands
                in for the published code where no checkout is given
    exact       this project as it is, with the bits of the published code
    fast        --numerics fast
    jax         the same steps in JAX, with --peer

For each size: the seconds to the first update with an empty compile folder
(cold) and with a filled one (warm), of an epoch, the largest memory, and the
seconds of the step's matrix products alone (the floor).  Writes times.json,
times.csv, table.md, steps.png, and with --growth growth.png.
"""
from __future__ import division, print_function

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

from bench import peer, report
from bench.sizes import GROWTH, ROOT, SIZES, case
from untapped import pins
from untapped.files import folders
from untapped.verify import children

KINDS = ('published', 'nodes', 'exact', 'fast')


def options(arguments):
    parser = argparse.ArgumentParser(
        prog='python -m bench', description=__doc__.split('\n')[0])
    parser.add_argument('--published', metavar='CHECKOUT',
                        help='a checkout of all-umass/untapped (default: '
                             'none; nodes stands in for it)')
    parser.add_argument('--out', required=True, metavar='FOLDER',
                        help='where the results go; made if need be')
    parser.add_argument('--sizes', nargs='+', choices=list(SIZES),
                        default=list(SIZES), help='default: all')
    parser.add_argument('--kinds', nargs='+', choices=KINDS,
                        help='default: exact, fast, and published with '
                             '--published, else nodes')
    parser.add_argument('--rounds', type=int, default=3,
                        help='measurements of each kind (default: '
                             '%(default)s)')
    parser.add_argument('--epochs', type=int, default=0,
                        help='epochs of a measurement (default: as many as '
                             'make it a few seconds)')
    parser.add_argument('--cold', action='store_true',
                        help='also start with an empty compile folder: '
                             'minutes for each kind and size')
    parser.add_argument('--growth', nargs='*', choices=list(GROWTH),
                        default=[], metavar='DIRECTION',
                        help='also let CRISM grow in features, batch, rows')
    parser.add_argument('--peer', metavar='PYTHON',
                        help='a Python that has JAX, whose steps are '
                             'measured, too')
    parser.add_argument('--threads', type=int, nargs='+', default=[1],
                        metavar='N', help='numbers of threads; the '
                        'published code and nodes have one (default: 1)')
    parser.add_argument('--core', type=int, default=0,
                        help='the processor core to run on; N threads run '
                             'on the N from there (default: %(default)s)')
    parser.add_argument('--compile-folder', metavar='FOLDER',
                        help='to be kept; made if need be (default: a new '
                             'one, removed at the end)')
    chosen = parser.parse_args(arguments)
    if chosen.published and not os.path.isfile(
            os.path.join(chosen.published, 'untapped', 'S2S_DGM.py')):
        parser.error('argument --published: expected a checkout of '
                     'all-umass/untapped, got %s' % chosen.published)
    if chosen.kinds is None:
        chosen.kinds = [k for k in KINDS
                        if k != ('nodes' if chosen.published
                                 else 'published')]
    if 'published' in chosen.kinds and not chosen.published:
        parser.error('argument --kinds: published needs --published')
    if chosen.peer and not _is_installed(chosen.peer):
        parser.error('argument --peer: expected a program, got %s' %
                     chosen.peer)
    if min(chosen.threads) < 1:
        parser.error('argument --threads: expected at least 1')
    if chosen.rounds < 1:
        parser.error('argument --rounds: expected at least 1')
    if chosen.epochs and chosen.epochs < 2:
        parser.error('argument --epochs: expected at least 2, as the first '
                     'is not counted, got %d' % chosen.epochs)
    with open(os.devnull, 'w') as null:
        if _is_installed('taskset') and subprocess.call(
                ['taskset', '-c', str(chosen.core), 'true'], stderr=null):
            parser.error('argument --core: expected a core that this process '
                         'may use, got %d' % chosen.core)
    for name in ('out', 'compile_folder'):
        path = getattr(chosen, name)
        if path is not None and os.path.exists(path) and \
                not os.path.isdir(path):
            parser.error('argument --%s: expected a folder, got the file %s'
                         % (name.replace('_', '-'), path))
    return chosen


#: epochs that make a measurement a few seconds
EPOCHS = {'crism': 40, 'libs': 12, 'mnist': 3}


def measure(chosen, kind, size, changes, compile_folder, epochs, threads=1):
    """What a process of its own found; see ``child`` and ``peer``."""
    cores = None
    if _is_installed('taskset'):
        cores = '%d-%d' % (chosen.core, chosen.core + threads - 1)
    if kind == report.PEER:
        found = peer.measure(chosen.peer, case(size, **changes), epochs,
                             threads, cores)
        return dict(found, kind=kind, size=size, changes=changes,
                    first_update_seconds=found['compile_seconds'],
                    products_seconds=None, parameters_sha256='')
    env = dict(os.environ)
    env.update(pins.environment())
    env['THEANO_FLAGS'] = '%s,compiledir=%s' % (
        pins.environment()['THEANO_FLAGS'], compile_folder)
    if kind == 'fast':
        env['OPENBLAS_CORETYPE'] = fast_kernels()
        env[pins.CHOICE] = 'environment'
    job = {'kind': kind, 'size': size, 'changes': changes,
           'case': case(size, **changes), 'epochs': epochs,
           'published': chosen.published, 'threads': threads,
           'started': time.time()}
    command = [sys.executable, os.path.join(ROOT, 'bench', 'child.py'),
               json.dumps(job)]
    if cores is not None:
        command = ['taskset', '-c', cores] + command
    shims = tempfile.mkdtemp()
    try:
        if kind == 'published':
            children.write_shims(shims)
            env['PYTHONPATH'] = os.pathsep.join(
                [shims, os.path.join(shims, 'late')])
        process = subprocess.Popen(
            command, env=env, cwd=compile_folder, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
        out, error = process.communicate()
    finally:
        shutil.rmtree(shims, ignore_errors=True)
    if process.returncode:
        raise SystemExit('bench: %s, %s failed:\n%s' % (
            kind, size, error.decode('utf8', 'replace')[-2000:]))
    return json.loads(out.decode())


def fast_kernels():
    """The kernels of OpenBLAS that --numerics fast takes here."""
    before = dict(os.environ)
    try:
        os.environ['OPENBLAS_CORETYPE'] = pins.VARIABLES['OPENBLAS_CORETYPE']
        pins.release_blas()
        return os.environ['OPENBLAS_CORETYPE']
    finally:
        os.environ.clear()
        os.environ.update(before)


def _is_installed(program):
    # of a path, join takes the path alone
    paths = [os.path.join(folder, program) for folder in
             os.environ.get('PATH', '').split(os.pathsep)]
    return any(os.path.isfile(path) and os.access(path, os.X_OK)
               for path in paths)


def tell(text):
    print(text, file=sys.stderr)


def main(arguments=None):
    chosen = options(arguments)
    folders.make(chosen.out)
    made = None
    if chosen.compile_folder is None:
        made = tempfile.mkdtemp(prefix='untapped-bench-')
    folder = os.path.abspath(chosen.compile_folder or made)
    folders.make(folder)
    jobs = [(size, {}) for size in chosen.sizes]
    jobs += [('crism', {direction: value}) for direction in chosen.growth
             for value in GROWTH[direction]]
    found = []
    try:
        for size, changes in jobs:
            _measure_size(chosen, size, changes, folder, found)
    finally:
        if made is not None:
            shutil.rmtree(made)
    print(report.table(found))
    return 0


def _measure_size(chosen, size, changes, folder, found):
    """Each kind in turn, on each number of threads, some rounds long."""
    epochs = 4 if changes else chosen.epochs or EPOCHS[size]
    for kind in chosen.kinds:
        if chosen.cold and not changes:
            empty = tempfile.mkdtemp(prefix='untapped-cold-')
            try:
                one = measure(chosen, kind, size, changes, empty, 2)
            finally:
                shutil.rmtree(empty)
            found.append(dict(one, start='cold', threads=1))
            tell('%s, %s, cold: first update after %.1f s' % (
                size, kind, one['first_update_seconds']))
        # what it compiles is not measured again
        measure(chosen, kind, size, changes, folder, 2)
    kinds = list(chosen.kinds) + [report.PEER] * bool(chosen.peer)
    for _ in range(chosen.rounds):
        for kind in kinds:
            for threads in chosen.threads:
                if threads > 1 and kind in ('published', 'nodes'):
                    continue
                one = measure(chosen, kind, size, changes, folder, epochs,
                              threads)
                found.append(dict(one, start='warm', threads=threads))
                tell('%s %s, %s, threads %d: epoch %.1f ms, first update '
                     'after %.1f s, %.0f MB' % (
                         size, changes or '', kind, threads,
                         1e3 * report.median(one['epoch_seconds']),
                         one['first_update_seconds'], one['peak_mb']))
        report.write(chosen.out, found, sys.argv[1:])


if __name__ == '__main__':
    sys.exit(main())

"""This package against arrays recorded from the published code.

What the recorded arrays promise is bits, and bits are promised under the
pins.  Where a process cannot keep them the same arrays are still a test of
the computation: they must agree to :data:`TOLERANCE`.
"""
from __future__ import division, print_function

import json
import os
from collections import OrderedDict

import numpy as np

from untapped.verify import compare
from untapped.verify.children import OURS, Side

__all__ = ['CASES', 'ARRAYS', 'MATHEMATICS', 'TOLERANCE', 'read_cases',
           'run_cases', 'compare_exactly', 'compare_closely']

CASES = os.path.join(OURS, 'tests', 'golden', 'cases.json')
ARRAYS = os.path.join(OURS, 'tests', 'golden', 'arrays')

#: What child.mathematics_sha256 gives with glibc 2.36.
MATHEMATICS = (
    'c5f05e42b75c0b3e2eaed3d350b4c30109663d56a39307234d01960a57a7914e')

#: Without the pins: what an array may differ by, relative to its largest
#: magnitude (or to 1e-3, where that is less).  With other BLAS kernels than
#: the pinned ones the twelve cases differ by 2.3e-6 (Haswell) and 4.1e-6
#: (Prescott) at most: float32 rounding (6e-8) that a few updates have carried
#: on.  Kernels and C libraries not measured get twenty times as much.
TOLERANCE = 1e-4


def read_cases(path, names=()):
    """Cases of a file, by name, in its order; all, or those named."""
    with open(path) as stream:
        cases = OrderedDict((case['name'], case)
                            for case in json.load(stream))
    unknown = [name for name in names if name not in cases]
    if unknown:
        raise ValueError('there is no case %r in %s; it holds %s' % (
            unknown[0], path, ', '.join(cases)))
    return OrderedDict((name, cases[name]) for name in names or cases)


def run_cases(cases, compile_folder=None, changes=None, root=OURS,
              trace=False):
    """Run cases, all in one process; (name to arrays or error, overrides).

    Parameters
    ----------
    cases : OrderedDict
        Name to case, all of one import_seed.
    compile_folder : str, optional
    changes : dict, optional
        Pins set otherwise.
    root : str
        Folder that holds the ``untapped`` to run.

    Returns
    -------
    (OrderedDict, list of str)
    """
    seeds = set(case.get('import_seed', 1) for case in cases.values())
    if len(seeds) > 1:
        raise ValueError('cases that run in one process draw the seeds of '
                         'their sample layers from one seed, not %s'
                         % sorted(seeds))
    side = Side('ours', root, compile_folder, changes)
    try:
        folder, report = side.run({
            'kind': 'cases', 'cases': list(cases.values()), 'trace': trace,
            'sample_seed': seeds.pop()})
        found = OrderedDict()
        for name in cases:
            path = os.path.join(folder, name + '.npz')
            if os.path.isfile(path):
                found[name] = compare.load_arrays(path)
            else:
                with open(report['log']) as stream:
                    words = stream.read().strip().splitlines()[-1:]
                found[name] = report['units'].get(name, {}).get(
                    'error') or 'exit %d: %s' % (report['status'],
                                                 ' '.join(words))
        return found, _not_pinned(report.get('environment', {}))
    finally:
        side.close()


def _not_pinned(environment):
    """Sentences on what a child could not keep."""
    sentences = list(environment.get('overrides', []))
    if environment.get('mathematics', MATHEMATICS) != MATHEMATICS:
        sentences.append("The C library's exp, log, tanh, log1p or pow gives "
                         'other bits than that of glibc 2.36.')
    return sentences


def compare_exactly(want, have):
    """Rows, for recorded arrays and what was computed now."""
    # a run now tells more than was recorded
    return compare.compare_arrays(want, have, ignore=(
        'earlier/', 'epochs/', 'numpy generator'))


def compare_closely(want, have, tolerance=TOLERANCE):
    """Rows as above; what is within the tolerance counts as identical."""
    rows = []
    for key, array in want.items():
        if key not in have or have[key].shape != array.shape:
            rows.append(compare.Row(key, str(array.shape), array.size,
                                    'missing, or of another shape'))
            continue
        scale = np.abs(array).max() if array.size else 0.
        error = np.abs(have[key].astype('float64') - array).max() \
            if array.size else 0.
        # NaN compares false: it is a difference
        close = error <= tolerance * max(scale, 1e-3)
        rows.append(compare.Row(key, str(array.shape), array.size,
                                None if close else
                                'by %.1e at a magnitude of %.1e'
                                % (error, scale)))
    return rows

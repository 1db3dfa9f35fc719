"""Which pin decides which bits: one pin at a time set otherwise."""
from __future__ import division, print_function

from collections import OrderedDict

import numpy as np

from untapped.verify import compare, golden

__all__ = ['VARIATIONS', 'CASES', 'measure']

#: What is varied, in the order of the table: label to changed pins.  None
#: takes a variable away.
VARIATIONS = OrderedDict([
    ('the same once more', {}),
    ('OpenBLAS kernel: Prescott', {'OPENBLAS_CORETYPE': 'Prescott'}),
    ('OpenBLAS kernel: Sandybridge', {'OPENBLAS_CORETYPE': 'Sandybridge'}),
    ('OpenBLAS kernel: Haswell', {'OPENBLAS_CORETYPE': 'Haswell'}),
    ('OpenBLAS kernel: left to choose', {'OPENBLAS_CORETYPE': None}),
    ('OpenBLAS threads: 2', {'OPENBLAS_NUM_THREADS': '2'}),
    ('OpenMP threads: 2', {'OMP_NUM_THREADS': '2'}),
    ('Theano openmp=True', {'openmp': 'True'}),
    ('Python hash seed: 12345', {'PYTHONHASHSEED': '12345'}),
    ('optimizer=fast_run', {'optimizer': 'fast_run'}),
    ('optimizer=None', {'optimizer': 'None'}),
    ('optimizer_including=inplace', {'optimizer_including': 'inplace'}),
    ('optimizer_including=fusion', {'optimizer_including': 'fusion'}),
    ('linker=c|py', {'linker': 'c|py'}),
    ('linker=py (no C)', {'linker': 'py'}),
    ('g++ -O0', {'gcc.cxxflags': '-O0 -march=x86-64 -ffp-contract=off'}),
    ('g++ -O3', {'gcc.cxxflags': '-O3 -march=x86-64 -ffp-contract=off'}),
    ('g++ -march=native', {'gcc.cxxflags':
                           '-O2 -march=native -ffp-contract=off'}),
    ('g++ -march=native -ffp-contract=fast',
     {'gcc.cxxflags': '-O2 -march=native -ffp-contract=fast'}),
    ('g++ -O3 -ffast-math', {'gcc.cxxflags': '-O3 -march=x86-64 '
                             '-ffast-math'}),
])

#: Of these the compiler makes everything anew: minutes each.
COMPILED_ANEW = ('openmp', 'gcc.cxxflags')


def _case(name, features, pairs, batch, epochs):
    """The networks and weights of the CRISM experiment, at a size."""
    nets = [['z1->y', {'hidden': [5], 'num_output': 2,
                       'flows': ['NormalizingSimplexFlowLayer']}],
            ['z1y->z2', {'hidden': [5], 'num_output': 1,
                         'flows': ['LogisticFlowLayer']}],
            ['yz2->_z1', {'hidden': [20], 'num_output': features}]]
    model = {'variational': True, 'loss_x': 'L2', 'loss_y': 'KL',
             'coeff_x': 1, 'coeff_y': .01, 'coeff_x_dis': 1,
             'coeff_y_dis': 1, 'coeff_x_prob': 1, 'coeff_y_prob': .01,
             'num_epochs': epochs, 'eval_freq': 2, 'lr': .003}
    for group in ('Xy', 'X_', '_y'):
        model['batch_size_%s_train' % group] = batch
        model['batch_size_%s_eval' % group] = batch
    sizes = [pairs, 2 * pairs, pairs]
    return {'name': name, 'nets': nets, 'model': model, 'probes': [
        ['predict', [], {'x': 'X_valid', 'deterministic': True}],
        ['generate', [], {'y': '_y', 'z2': 'z2', 'deterministic': True}]],
        'data': {'seed': 11, 'features': features, 'outputs': 2,
                 'sizes': {'train': sizes, 'valid': sizes}}}


#: A case with odd, small sizes, and one of the size of the CRISM experiment.
CASES = OrderedDict((case['name'], case) for case in (
    _case('small', 24, 60, 30, 4), _case('crism', 165, 500, 100, 6)))


def measure(root, cases, variations, compile_folder, say):
    """Run cases under each variation and compare with the pins as they are.

    Parameters
    ----------
    root : str
        Folder that holds the ``untapped`` to measure.
    cases : list of dict
    variations : OrderedDict
        Label to changes, see :data:`VARIATIONS`.
    compile_folder : str or None
    say : callable
        Takes a line of the table when it is known.

    Returns
    -------
    (bool, int)
        Whether a run without any change repeated (True if none was asked
        for), and how many variations changed bits.
    """
    pinned = _run(root, cases, {}, compile_folder)
    failed = [text for text in pinned.values() if not isinstance(text, dict)]
    if failed:
        raise ValueError('under the pins the cases do not run: %s'
                         % failed[0])
    width = max(len(label) for label in variations)
    say('%-*s  %s' % (width, 'pins, but', '  '.join(
        '%-34s' % case['name'] for case in cases)))
    repeats, changed = True, 0
    for label, changes in variations.items():
        found = _run(root, cases, changes, compile_folder)
        texts = [_cell(pinned[case['name']], found[case['name']])
                 for case in cases]
        say('%-*s  %s' % (width, label, '  '.join(
            '%-34s' % text for text in texts).rstrip()))
        same = all(text == 'same bits' for text in texts)
        changed += not same
        repeats = repeats and (same or bool(changes))
    return repeats, changed


def _run(root, cases, changes, compile_folder):
    found, _ = golden.run_cases(
        OrderedDict((case['name'], case) for case in cases), compile_folder,
        changes, root, trace=True)
    return found


def _cell(want, have):
    """What became of a case: same bits, or the first epoch and how far."""
    if not isinstance(have, dict):
        return have[:34]
    rows = compare.compare_arrays(want, have)
    if all(row.identical for row in rows):
        return 'same bits'
    epochs = [key for key in want if key.startswith('epochs/')
              and not key.endswith('sha256')]
    first = min(_first(want[key], have[key]) for key in epochs)
    largest = max(_relative(want[key][-1], have[key][-1]) for key in epochs)
    return 'from epoch %d on, up to %.0e' % (first + 1, largest)


def _first(want, have):
    index = compare.first_difference(want, have)
    return len(want) if index is None else index


def _relative(want, have):
    """Largest difference over the array's largest magnitude."""
    scale = np.abs(want).max()
    return np.abs(have.astype('float64') - want).max() / scale if scale else 0.

"""A checkout of the published code and this package, side by side."""
from __future__ import division, print_function

import glob
import json
import os
import sys
from collections import OrderedDict, namedtuple

import numpy as np

from untapped import datasets
from untapped.files import folders
from untapped.files.npz import read_npz
from untapped.verify import compare, names
from untapped.verify.children import OURS, Side

__all__ = ['EXPERIMENTS', 'Training', 'say', 'show', 'compare_demos',
           'compare_cases', 'run_suite', 'compare_names']

#: The published demos: name to the experiment whose data file it reads.
EXPERIMENTS = OrderedDict([('crism', 'crism'), ('libs', 'libs'),
                           ('mnist', 'mnist'), ('raman', 'raman'),
                           ('gridsearch', 'crism')])


#: How demos are trained: number of epochs; epochs between evaluations, which
#: draw random numbers and so are seen in the bits that follow; the model's
#: seed; the seed of numpy's generator, set before the package is imported;
#: 'untapped', the demos as they are, or 'm2', with the reverse weight 0.
Training = namedtuple('Training', 'epochs eval_every seed sample_seed model')


def say(text=''):
    """Print a line at once."""
    print(text)
    sys.stdout.flush()


def sides(checkout, compile_folder=None):
    """The two sides of a comparison, the published one first."""
    return [Side(name, root, compile_folder and
                 os.path.join(os.path.abspath(compile_folder), name))
            for name, root in (('published', checkout), ('ours', OURS))]


def data_file(experiment, folder, seed):
    """A simulated data file of the published format; its path.

    The published demos read nothing else; their authors' files are not
    needed.
    """
    path = os.path.join(folder, experiment + '.pkl.gz')
    if not os.path.isfile(path):
        raw = datasets.load(experiment, source='simulated', seed=seed)
        datasets.write_published(raw, path)
    return path


def compare_demos(checkout, names, how, files, compile_folder=None,
                  with_runs=True, keep=None):
    """Run published demos on both sides.

    Parameters
    ----------
    checkout : str
    names : list of str
        Of :data:`EXPERIMENTS`.
    how : Training
    files : dict
        Experiment to data file.
    compile_folder : str, optional
        Keeps what is compiled, below it a folder a side.
    with_runs : bool
        Also hold the demo against ``run_*.py --preset published``.
    keep : str, optional
        Folder for the arrays of both sides.

    Returns
    -------
    OrderedDict
        For :func:`compare.verdict`.
    """
    sections = OrderedDict()
    both = sides(checkout, compile_folder)
    overrides = {'num_epochs': how.epochs, 'seed': how.seed,
                 'eval_freq': how.eval_every}
    if how.model == 'm2':
        overrides.update(coeff_y=0, coeff_y_prob=0)
    try:
        for name in names:
            experiment = EXPERIMENTS[name]
            target = os.path.join('examples', 'datasets', experiment,
                                  experiment + '.pkl.gz')
            job = {'kind': 'demo', 'name': name, 'overrides': overrides,
                   'sample_seed': how.sample_seed,
                   'script': os.path.join(checkout, 'examples',
                                          'DEMO_%s.py' % name)}
            say('%s: DEMO_%s.py of the published code, unmodified%s, %d '
                'epochs, evaluated every %d, data %s' % (
                    name, name, ' but for coeff_y = 0 (M2)'
                    if how.model == 'm2' else '', how.epochs,
                    how.eval_every, files[experiment]))
            results = [_one(side, job, name, checkout=checkout,
                            files=[(files[experiment], target)], keep=keep)
                       for side in both]
            _add(sections, name, results)
            script = os.path.join(OURS, 'run_%s.py' % name)
            if with_runs and os.path.isfile(script):
                key = ('run_%s.py --preset published --model %s'
                       % (name, how.model))
                say('%s, held against the published demo' % key)
                sections[key] = _compare_run(
                    both[1], script, results[0], files[experiment], how)
                show(sections[key])
    finally:
        for side in both:
            side.close()
    return sections


def compare_cases(checkout, cases, compile_folder=None, sample_seed=None,
                  trace=True, keep=None, quiet=False):
    """Run cases (see :mod:`cases`) on both sides; as above.

    Cases whose sample layers draw their seeds from the same seed share a
    process.  A case that the published code cannot run is not held against
    this package; why it cannot is printed.
    """
    sections = OrderedDict()
    both = sides(checkout, compile_folder)
    groups = OrderedDict()
    for case in cases:
        chosen = case.get('import_seed', 1)
        if sample_seed is not None:
            chosen = sample_seed
        groups.setdefault(chosen, []).append(case)
    try:
        for chosen, group in groups.items():
            job = {'kind': 'cases', 'cases': group, 'sample_seed': chosen,
                   'trace': trace}
            runs = [side.run(job) for side in both]
            for case in group:
                name = case['name']
                results = [result(folder, report, name, side, keep)
                           for side, (folder, report) in zip(both, runs)]
                say(name)
                _add(sections, name, results, quiet)
    finally:
        for side in both:
            side.close()
    return sections


def _one(side, job, name, keep=None, **kwargs):
    say('  running on %s code ...' % {'published': 'the published',
                                      'ours': 'our'}[side.name])
    folder, report = side.run(job, **kwargs)
    return result(folder, report, name, side, keep)


def result(folder, report, name, side, keep=None):
    """(arrays or None, the unit's report with an error if it has none)."""
    unit = dict(report['units'].get(name, {}))
    path = os.path.join(folder, name + '.npz')
    if not os.path.isfile(path):
        unit['refused'] = 'error' in unit
        unit.setdefault('error', last_words(report))
        return None, unit
    arrays = compare.load_arrays(path)
    if keep is not None:
        target = os.path.join(keep, side.name)
        folders.make(target)
        os.rename(path, os.path.join(target, name + '.npz'))
    unit['overrides'] = report.get('environment', {}).get('overrides', [])
    return arrays, unit


def last_words(report):
    """Why a child left nothing: its status and the end of its log."""
    with open(report['log']) as stream:
        lines = [line.strip() for line in stream if line.strip()]
    status = report['status']
    how = 'signal %d' % -status if status < 0 else 'exit %d' % status
    return '%s: %s' % (how, lines[-1] if lines else 'no output')


def _add(sections, name, results, quiet=False):
    """The section of one run on both sides, printed as it is added."""
    (want, published), (have, ours) = results
    if want is None and published.get('refused'):
        # nothing to hold ours against, whether it goes on or refuses too
        say('  the published code cannot run this (%s); ours: %s\n' % (
            published['error'], 'can' if have is not None else
            ours['error']))
        sections[name] = []
        return
    if want is None:
        sections[name] = 'the published code ends with ' + published['error']
    elif have is None:
        sections[name] = 'our code ends with %s' % ours['error']
    else:
        sections[name] = compare.compare_arrays(want, have)
        for side, unit in (('published', published), ('our', ours)):
            for line in unit['overrides']:
                say('  not as pinned (%s): %s' % (side, line))
            if unit.get('sha256'):
                say('  SHA-256 over all parameters, %s: %s'
                    % (side, unit['sha256']))
        if published.get('ending') != ours.get('ending') or \
                'Error' in published.get('ending', ''):
            say('  the demo ends with, published: %s; ours: %s' % (
                published.get('ending'), ours.get('ending')))
        for (label, theirs), (_, mine) in zip(published.get('numbers', []),
                                              ours.get('numbers', [])):
            say('  %s, published and ours: %r, %r' % (label, theirs, mine))
        if published.get('seconds') and ours.get('seconds'):
            say('  seconds, published and ours: %.1f, %.1f'
                % (published['seconds'], ours['seconds']))
        if published.get('epoch_seconds') and ours.get('epoch_seconds'):
            each = published['epoch_seconds'], ours['epoch_seconds']
            say('  processor seconds an epoch, published and ours: %.3f, '
                '%.3f; ratio %.2f' % (each + (each[1] / each[0],)))
    show(sections[name], quiet)


def show(section, quiet=False):
    """Print a section's rows, or why there are none."""
    if not isinstance(section, list):
        say('  NOT COMPARED: ' + section)
    elif quiet:
        bad = [row for row in section if not row.identical]
        say(compare.format_table(bad) if bad else
            '  identical (%d quantities)' % len(section))
    else:
        say(compare.format_table(section))
    say()


def _compare_run(side, script, published, path, how):
    """Rows of our script's result folder against a published demo's."""
    want, unit = published
    if want is None:
        return 'the published demo ended with %s' % unit['error']
    out = side.folder('run')
    status, log = side.call(
        [script, '--preset', 'published', '--model', how.model,
         '--epochs', str(how.epochs), '--eval-every', str(how.eval_every),
         '--seed', str(how.seed), '--sample-seed', str(how.sample_seed),
         '--data', path, '--out', out], cwd=out)
    found = glob.glob(os.path.join(out, '*', 'parameters.npz'))
    if status or not found:
        return '%s: %s' % (os.path.basename(script),
                           last_words({'status': status, 'log': log}))
    have = run_arrays(os.path.dirname(found[0]))
    return compare.compare_arrays(demo_arrays(want), have)


def demo_arrays(arrays):
    """Of a demo's arrays those that a result folder holds too.

    Names of parameters differ (ours are unique), their order does not;
    records.json holds Python floats, which any float32 becomes unchanged.
    """
    chosen = OrderedDict()
    for key, value in arrays.items():
        if key.startswith('end/'):
            chosen[key[:6]] = value
        elif key.startswith('record/'):
            chosen[key] = value.astype('float64')
    return chosen


def run_arrays(folder):
    """Parameters and records of a result folder, under the demos' keys."""
    arrays = OrderedDict()
    stored = read_npz(os.path.join(folder, 'parameters.npz'))
    for index, array in enumerate(stored.values()):
        arrays['end/%02d' % index] = array
    with open(os.path.join(folder, 'records.json')) as stream:
        records = json.load(stream)
    for name in ('train', 'eval1', 'evalN'):
        for term in sorted(records[name]):
            arrays['record/%s/%s' % (name, term)] = np.array(
                [float(value) for value in records[name][term]])
    return arrays


def run_suite(checkout, compile_folder=None):
    """The published test module against this package; (text, status).

    The module sets THEANO_FLAGS anew, to nothing but the device: whatever
    this package needs pinned it has to see to itself.
    """
    script = os.path.join(checkout, 'untapped', 'tests', 'test_S2S_DGM.py')
    side = sides(checkout, compile_folder)[1]
    try:
        # the one setting that may be kept from outside: where to compile
        settings = os.path.join(side.folder('settings'), 'theanorc')
        with open(settings, 'w') as stream:
            stream.write('[global]\ncompiledir = %s\n' % side.compile_folder)
        side.changes = {'THEANORC': settings}
        folder, report = side.run({'kind': 'suite', 'script': script})
        with open(report['log']) as stream:
            lines = stream.read().splitlines()
        say('\n'.join(lines[-15:]))
        unit = report['units'].get('suite')
        if unit is None or report['status']:
            return ('FAILED: the published test suite did not end: %s'
                    % last_words(report), 1)
        if unit['failures'] or not unit['tests']:
            return ('FAILED: %(failures)d of the %(tests)d tests of the '
                    'published suite fail on this package' % unit, 1)
        return ('PASSED: the published test suite, unmodified, passes '
                'against this package (%d test, %.0f s)'
                % (unit['tests'], report['seconds']), 0)
    finally:
        side.close()


def compare_names(checkout):
    """Importable names of a checkout against this package's; (text, status).

    A name is as documented if it is here and takes what the published one
    takes, or if it is one of ``names.ABSENT`` and is not here.
    """
    both = sides(checkout)
    try:
        theirs = _names(both[0], {'kind': 'names'})
        ours = _names(both[1], {'kind': 'names', 'names': sorted(theirs)})
    finally:
        for side in both:
            side.close()
    wrong = 0
    for name in sorted(theirs):
        have, want = ours[name], theirs[name]
        if have is None:
            wrong += name not in names.ABSENT
            say('not here%s: %s' % ('' if name in names.ABSENT else
                                    ', and not known to be', name))
        elif name in names.ABSENT:
            wrong += 1
            say('here, and said not to be: ' + name)
        elif not names.accepts(have, want):
            wrong += 1
            say('takes %s, published %s: %s' % (have, want, name))
    here = sum(value is not None for value in ours.values())
    counts = '%d of the %d published names are here' % (here, len(theirs))
    if wrong or not theirs:
        return 'NOT AS DOCUMENTED: %s; %d are not as docs/model.md says' % (
            counts, wrong), 1
    return ('AS DOCUMENTED: %s and take the same arguments; docs/model.md '
            'says why the others are not' % counts, 0)


def _names(side, job):
    folder, report = side.run(job)
    found = report['units'].get('names')
    if found is None:
        raise ValueError("%s's names cannot be listed: %s" % (
            side.root, last_words(report)))
    return found

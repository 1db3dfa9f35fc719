"""Command line of :mod:`untapped.verify`; ``--help`` tells."""
from __future__ import division, print_function

import argparse
import os
import shutil
import sys
import tempfile
from collections import OrderedDict

from untapped import pins
from untapped.experiments.options import kinds
from untapped.machine import console
from untapped.verify import (cases, compare, elsewhere, golden, published,
                             runs, variations)
from untapped.verify.children import OURS, check_checkout

PROGRAM = 'python -m untapped.verify'
#: Exit status for a call that makes no sense, as argparse has it.
USAGE = 2
_natural, _positive = kinds.seed().read, kinds.whole(1).read


def make_parser():
    """The parser; each command sets ``run``, which gives line and status."""
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description='Hold this package against the published code, or two '
        'runs against each other, bit for bit.  The last line is the '
        'verdict; the exit status is 0 only if all is identical (pins: if '
        'a run repeats itself).')
    commands = parser.add_subparsers(dest='command', metavar='COMMAND')
    commands.required = True

    for add in (_add_published, _add_suite, _add_names, _add_golden, _add_runs,
                _add_elsewhere, _add_pins):
        add(commands)
    return parser


def _add_published(commands):
    command = commands.add_parser(
        'published', help='run a checkout of the published code and this '
        'package side by side',
        description='Run a checkout of the published code (all-umass/'
        'untapped) and this package side by side: the published demos, '
        'unmodified but for the number of epochs, cases of a file, or cases '
        'drawn at random.  Without a choice: all five demos.  The checkout '
        'is only read.')
    command.add_argument('path', metavar='PATH', help='the checkout')
    command.add_argument(
        '--experiment', nargs='+', default=[], metavar='NAME',
        choices=list(published.EXPERIMENTS),
        help='demos to run: %s' % ', '.join(published.EXPERIMENTS))
    command.add_argument('--epochs', type=_positive, default=20,
                         help='epochs of a demo (%(default)s)')
    command.add_argument(
        '--eval-every', type=_positive, metavar='N',
        help='epochs between evaluations, which draw random numbers and so '
        'are seen in the bits (a quarter of the epochs)')
    command.add_argument(
        '--model', choices=('untapped', 'm2'), default='untapped',
        help='the demos as they are, or as M2, with coeff_y and coeff_y_prob '
        '0 (%(default)s)')
    command.add_argument(
        '--seed', type=_natural, default=1234,
        help="the model's seed in the demos (%(default)s)")
    command.add_argument(
        '--sample-seed', type=_natural, default=None,
        help="seeds numpy's generator before the import, and so the sample "
        "layers and the split of the data (1; a case's own import_seed)")
    command.add_argument(
        '--data', nargs='+', default=[], metavar='FILE',
        help='data files of the published format, each named like '
        'crism.pkl.gz (simulated ones)')
    command.add_argument('--data-seed', type=_natural, default=0,
                         help='seed of simulated data (%(default)s)')
    command.add_argument(
        '--case', nargs='+', default=[], metavar=('FILE', 'NAME'),
        help='run cases of a file (all, or those named)')
    command.add_argument('--random', type=_positive, default=0, metavar='N',
                         help='run N random cases')
    command.add_argument('--random-seed', type=_natural, default=0,
                         help='seed of the random cases (%(default)s)')
    command.add_argument(
        '--without-runs', action='store_true',
        help='leave out run_*.py --preset published')
    command.add_argument('--keep', metavar='FOLDER',
                         help="keep both sides' arrays")
    command.add_argument('--quiet', action='store_true',
                         help='print only what differs in cases')
    _compile_option(command)
    command.set_defaults(run=run_published)


def _add_suite(commands):
    command = commands.add_parser(
        'suite', help="run a checkout's own tests against this package")
    command.add_argument('path', metavar='PATH', help='the checkout')
    _compile_option(command)
    command.set_defaults(run=run_suite)


def _add_names(commands):
    command = commands.add_parser(
        'names', help='which importable names of a checkout are here',
        description='List every importable name of a checkout of the '
        'published code, with the arguments that it takes, and compare with '
        'this package.  The exit status is 0 only if the names that are not '
        'here are those of which docs/model.md says why.')
    command.add_argument('path', metavar='PATH', help='the checkout')
    command.set_defaults(run=run_names)


def _add_golden(commands):
    command = commands.add_parser(
        'golden', help='compare with arrays recorded from the published code')
    command.add_argument('names', nargs='*', metavar='NAME',
                         help='cases (all)')
    command.add_argument('--cases', default=golden.CASES, metavar='FILE',
                         help='JSON file of cases')
    command.add_argument('--arrays', default=golden.ARRAYS, metavar='FOLDER',
                         help='one .npz a case')
    command.add_argument('--quiet', action='store_true',
                         help='print only what differs')
    _compile_option(command)
    command.set_defaults(run=run_golden)


def _add_runs(commands):
    command = commands.add_parser(
        'runs', help='compare the result folders of two runs')
    command.add_argument('first', metavar='A')
    command.add_argument('second', metavar='B')
    command.set_defaults(run=run_runs)


def _add_elsewhere(commands):
    command = commands.add_parser(
        'elsewhere', help='run the experiments on other processors, in the '
        'container, with other threads and locales',
        description="Run each experiment's --quick form here, and in every "
        'other place that this machine can offer: one processor, two '
        'threads, other locales and time zones, emulated processors '
        '(qemu-user-static), the container.  Compare data, parameters and '
        'every file with numbers.')
    command.add_argument('--only', nargs='+', metavar='TEXT', default=[],
                         help='places whose name holds one of these, beside '
                         'here')
    command.add_argument('--experiment', nargs='+', metavar='NAME',
                         choices=elsewhere.EXPERIMENTS,
                         default=list(elsewhere.EXPERIMENTS),
                         help='of: %s' % ', '.join(elsewhere.EXPERIMENTS))
    command.add_argument('--keep', metavar='FOLDER',
                         help='keep the runs; those already there are not '
                         'made again')
    command.set_defaults(run=run_elsewhere)


def _add_pins(commands):
    command = commands.add_parser(
        'pins', help='measure which pin decides which bits',
        description='Run two cases with one pin at a time set otherwise and '
        'print from which epoch on parameters differ, and by how much at the '
        "end, relative to an array's largest magnitude.  The exit status is "
        '0 unless a run with all pins as they are does not repeat.')
    command.add_argument('path', metavar='PATH', nargs='?',
                         help='a checkout of the published code (this '
                         'package)')
    command.add_argument('--only', nargs='+', metavar='TEXT', default=[],
                         help='variations whose name holds one of these')
    command.add_argument('--case', nargs='+', metavar='NAME',
                         choices=list(variations.CASES),
                         default=list(variations.CASES),
                         help='of: %s' % ', '.join(variations.CASES))
    _compile_option(command)
    command.set_defaults(run=run_pins)


def _compile_option(command):
    command.add_argument(
        # children have working folders of their own
        '--compile-folder', metavar='FOLDER', type=os.path.abspath,
        help='where what Theano compiles is kept, so that the next call is '
        'faster (a temporary folder)')


def run_published(options):
    """Hold a checkout against this package: demos, cases."""
    checkout = check_checkout(options.path)
    names = options.experiment
    if not (names or options.case or options.random):
        names = list(published.EXPERIMENTS)
    sections = OrderedDict()
    if names:
        work = tempfile.mkdtemp(prefix='untapped-data-')
        try:
            how = published.Training(
                options.epochs,
                options.eval_every or max(1, options.epochs // 4),
                options.seed,
                1 if options.sample_seed is None else options.sample_seed,
                options.model)
            sections.update(published.compare_demos(
                checkout, names, how, _data_files(options, names, work),
                options.compile_folder, not options.without_runs,
                options.keep))
        finally:
            shutil.rmtree(work, ignore_errors=True)
    chosen = []
    if options.case:
        chosen += golden.read_cases(options.case[0],
                                    options.case[1:]).values()
    if options.random:
        chosen += cases.random_cases(options.random, options.random_seed)
    if chosen:
        sections.update(published.compare_cases(
            checkout, chosen, options.compile_folder, options.sample_seed,
            keep=options.keep, quiet=options.quiet))
    return compare.verdict(sections)


def _data_files(options, names, work):
    """Experiment to data file: those given, the others simulated."""
    needed = OrderedDict((published.EXPERIMENTS[name], None)
                         for name in names)
    for path in options.data:
        experiment = os.path.basename(path).split('.')[0]
        if experiment not in needed:
            raise ValueError('argument --data: %s is not named after one of '
                             'the chosen experiments (%s)' % (
                                 path, ', '.join(needed)))
        if not os.path.isfile(path):
            raise ValueError('argument --data: there is no file %s' % path)
        needed[experiment] = os.path.abspath(path)
    for experiment in needed:
        if needed[experiment] is None:
            published.say('%s: simulating data (seed %d)' % (
                experiment, options.data_seed))
            needed[experiment] = published.data_file(experiment, work,
                                                     options.data_seed)
    return needed


def run_suite(options):
    """Run a checkout's own tests against this package."""
    return published.run_suite(check_checkout(options.path),
                               options.compile_folder)


def run_names(options):
    """Compare a checkout's importable names."""
    return published.compare_names(check_checkout(options.path))


def run_golden(options):
    """Compare with the recorded arrays."""
    for path in (options.cases, options.arrays):
        if not os.path.exists(path):
            raise ValueError('%s does not exist; --cases and --arrays name '
                             'the recorded cases' % path)
    chosen = golden.read_cases(options.cases, options.names)
    sections = OrderedDict()
    groups = OrderedDict()
    for name, case in chosen.items():
        groups.setdefault(case.get('import_seed', 1), OrderedDict())[
            name] = case
    for group in groups.values():
        found, overrides = golden.run_cases(group, options.compile_folder)
        for line in overrides:
            published.say('not as pinned: ' + line)
        for name in group:
            path = os.path.join(options.arrays, name + '.npz')
            if not isinstance(found[name], dict):
                sections[name] = found[name]
            elif not os.path.isfile(path):
                sections[name] = 'there is no %s' % path
            else:
                sections[name] = golden.compare_exactly(
                    compare.load_arrays(path), found[name])
            published.say(name)
            published.show(sections[name], options.quiet)
    return compare.verdict(sections, 'the arrays recorded from the published '
                           'code')


def run_runs(options):
    """Compare two result folders."""
    sections = runs.compare_runs(options.first, options.second)
    for title, section in sections.items():
        published.say(title)
        published.show(section, quiet=True)
    return compare.verdict(sections, options.first, options.second)


def run_pins(options):
    """Measure which pin decides which bits."""
    root = OURS if options.path is None else check_checkout(options.path)
    chosen = OrderedDict(
        (label, changes) for label, changes in variations.VARIATIONS.items()
        if not options.only or any(text in label for text in options.only))
    if not chosen:
        raise ValueError('argument --only: no variation is named like %s'
                         % ' or '.join(options.only))
    cases = [variations.CASES[name] for name in options.case]
    repeats, changed = variations.measure(
        root, cases, chosen, options.compile_folder, published.say)
    if not repeats:
        return ('NOT REPEATABLE: with all pins as they are, two runs of the '
                'same case gave different bits', 1)
    return ('MEASURED: of %d variations of a pin, %d changed bits'
            % (len(chosen), changed), 0)


def run_elsewhere(options):
    """Compare runs here with runs in other places."""
    parent = options.keep or tempfile.mkdtemp(prefix='untapped-elsewhere-')
    try:
        found = elsewhere.measure(os.path.abspath(parent),
                                  options.experiment, options.only,
                                  published.say)
        held, unlike = elsewhere.compare_places(found, published.say)
    finally:
        if options.keep is None:
            shutil.rmtree(parent, ignore_errors=True)
    if not held:
        return 'NOT COMPARED: no other place could be had', 1
    if unlike:
        return ('NOT IDENTICAL: %d of %d runs elsewhere differ'
                % (unlike, held), 1)
    return 'IDENTICAL: %d of %d runs elsewhere' % (held, held), 0


def _check_pins():
    """ValueError where this process, and so its children, go without them."""
    pins.check()
    late = pins.too_late()
    if late and pins.mode() == 'pinned':
        raise ValueError(
            'bits are compared under the pins, which do not hold here: %s  '
            'Something imports numpy or Theano before untapped' % ' '.join(
                late))


def main(arguments=None):
    """Run a command; the exit status."""
    return console.heard(PROGRAM, _main, arguments)


def _main(arguments):
    options = make_parser().parse_args(arguments)
    try:
        _check_pins()
        line, status = options.run(options)
    except ValueError as error:
        console.tell_stderr(console.printable('%s: error: %s' % (
            PROGRAM, error)))
        return USAGE
    print(line)
    return status


if __name__ == '__main__':
    sys.exit(main())

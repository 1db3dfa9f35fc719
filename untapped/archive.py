"""Keep a run: pack it as a BagIt bag, and run it again from one.

    python -m untapped.archive RUN [BAG]    pack a result folder; the bag is
                                            RUN-bag unless it is named
    python -m untapped.archive check BAG    validate a bag, and hold every
                                            file against the run's manifest
    python -m untapped.archive rerun BAG    the same, then repeat the run
                                            from its manifest, and compare

Exit status: 0 packed, valid or identical; 1 the repetition differs; 2 a
mistake, or a bag that is not valid, told in one sentence.
"""
from __future__ import division, print_function

import argparse
import json
import logging
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import OrderedDict

import bagit

import untapped
from untapped import folders, pins, provenance
from untapped.errors import InputError
from untapped.experiments import manifest as manifests
from untapped.experiments import options as command_line
from untapped.experiments.errors import DIVERGED, USER_ERROR, UserError

__all__ = ['check_bag', 'first_difference', 'main', 'pack', 'rerun']

DIFFERENT = 1
CHECKSUMS = ['sha256', 'sha512']
#: Folder of the bag, beside its payload, with the source that ran.
SOURCE = 'source'
#: Name of a repetition's folder.
AGAIN = 'again'


def pack(run, bag=None):
    """Pack a result folder as a bag; returns the bag's path.

    The folder stays as it is.  The bag holds what the run's manifest vouches
    for (data/), no checkpoints; and beside it the source files and the lock
    file, if they are still those that ran.

    Raises
    ------
    UserError if the run has not ended, if a file is not the one that its
    manifest names, or if the bag cannot be made
    """
    run = os.path.abspath(run)
    bag = os.path.abspath(bag or run + '-bag')
    manifest = _ended(run)
    if os.path.lexists(bag):
        raise UserError('%s exists already; expected a new name for the bag'
                        % bag)
    if bag.startswith(os.path.join(run, '')):
        raise UserError('%s is inside of the run, which would then hold a '
                        'file that it did not make; expected another place '
                        'for the bag' % bag)
    parent = os.path.dirname(bag)
    made = None
    try:
        made = tempfile.mkdtemp(prefix='.bag-', dir=parent)
        # mkdtemp makes folders for their owner only; bagit gives its payload
        # the mode of the whole
        os.chmod(made, 0o755)
        for name in command_line.native(manifest['outputs']) + [
                manifests.NAME]:
            _copy(os.path.join(run, name), os.path.join(made, name))
        made_bag = bagit.make_bag(made, _info(manifest), checksums=CHECKSUMS)
        if _put_source(made, manifest):
            # the manifest of tag files covers the source from here on
            made_bag.save()
        bagit.Bag(made).validate()
        os.rename(made, bag)
        made = None
    except EnvironmentError as error:
        raise UserError('%s cannot be made: %s' % (
            bag, error.strerror or error))
    finally:
        if made is not None:
            shutil.rmtree(made, ignore_errors=True)
    return bag


def _ended(run):
    """The manifest of a run, once it vouches for every file; UserError."""
    manifest = manifests.read(run)
    if manifest['status'] == 'running':
        raise UserError('the run in %s has not ended (or was killed, and '
                        '--resume %s ends it); expected one that has'
                        % (run, run))
    for name in manifests.unlike(manifest, run):
        raise UserError('%s is not as the run left it: its SHA-256 is not '
                        'the one in manifest.json' % os.path.join(run, name))
    return manifest


def _info(manifest):
    """bag-info.txt: what the bag is, for someone who knows nothing."""
    hashes = manifest['parameters_sha256']
    return OrderedDict([
        ('External-Description',
         'A run of untapped %s (semi^2-supervised deep generative models): '
         'experiment %s, %s' % (manifest['ran_on']['code']['version'],
                                manifest['experiment'], manifest['status'])),
        ('External-Identifier',
         ['sha256:%s %s' % (found['end'], model)
          for model, found in hashes.items()]),
        ('Run-Ended', manifest['sessions'][-1]['ended_utc']),
    ])


def _put_source(bag, manifest):
    """Copy the source that ran into the bag; False if it is not there."""
    here = provenance.source_files()
    ran = manifest['ran_on']['code']['files']
    if OrderedDict((name, provenance.file_sha256(path))
                   for name, path in here.items()) != ran:
        return False
    root = os.path.dirname(os.path.dirname(untapped.__file__))
    for name in ('requirements.lock', 'setup.py', 'LICENSE', 'README.md'):
        if os.path.isfile(os.path.join(root, name)):
            here[name] = os.path.join(root, name)
    for name, path in here.items():
        _copy(path, os.path.join(bag, SOURCE, name))
    return True


def _copy(source, target):
    """Copy a file, and make the folder that it goes to."""
    if not os.path.isdir(os.path.dirname(target)):
        os.makedirs(os.path.dirname(target))
    shutil.copy(source, target)


def check_bag(bag):
    """The manifest of the run in a bag; UserError if it is not valid."""
    if not os.path.isdir(bag):
        raise UserError('there is no folder %s' % bag)
    try:
        bagit.Bag(bag).validate()
    except (bagit.BagError, EnvironmentError, LookupError,
            ValueError) as error:
        # the latter where a tag file is no text
        raise UserError('%s is not a valid bag: %s'
                        % (bag, ' '.join(str(error).split())))
    return _ended(os.path.join(bag, 'data'))


def rerun(bag, parent, data=None):
    """Repeat the run in a bag; the folder of the repetition.

    Parameters
    ----------
    bag : str
    parent : str, where the new run's folder is made
    data : str, optional
        The file or folder with the data, where the run read a file that is
        elsewhere now; of simulated data the folder of --endmembers.
    """
    manifest = check_bag(bag)
    if manifest['status'] == 'stopped early':
        raise UserError('the run in %s was stopped in an epoch, which does '
                        'not come at the same minibatch again; expected one '
                        'that ran to its end' % bag)
    arguments = _without_dask(command_line.native(manifest['arguments']))
    simulated = manifest['data']['kind'] == 'simulated'
    if simulated:
        # the same even if there is a file here now
        arguments += ['--data', 'simulated']
    if data is not None:
        from_library = simulated and command_line.named('--endmembers',
                                                        arguments)
        arguments += ['--endmembers' if from_library else '--data', data]
    status = subprocess.call(
        [sys.executable, '-m', 'untapped.experiments', '--experiment',
         manifest['experiment']] + arguments + [
             '--quiet', '--out', parent, '--name', AGAIN],
        env=_environment(manifest['ran_on']['pins']))
    made = os.path.join(parent, AGAIN)
    if status not in (0, DIVERGED) or manifests.finished(made) is None:
        raise UserError('the run in %s could not be repeated: it ended with '
                        'status %d, expected %d' % (bag, status, {
                            'complete': 0,
                            'diverged': DIVERGED}[manifest['status']]))
    return made


def _without_dask(arguments):
    """A command line that stays on this machine.

    No bag chooses a cluster: a scheduler can run programs here.
    """
    return command_line.without(['--dask'], arguments)


#: What a bag may set for its repetition, beside the pins' own values: numbers,
#: kernels and flags of arithmetic, never a program, a path or a file's name.
_VALUES_OF_PINS = {
    'OPENBLAS_NUM_THREADS': re.compile(r'[0-9]{1,4}\Z'),
    'OMP_NUM_THREADS': re.compile(r'[0-9]{1,4}\Z'),
    'OPENBLAS_CORETYPE': re.compile(r'[A-Za-z0-9_]*\Z')}
_VALUE_OF_FLAGS = re.compile(r'[A-Za-z0-9_.:+-]*\Z')
_CXXFLAGS = re.compile(
    r'-(O[0-3s]?|m(arch|tune)=[\w.-]+|m(no-)?(fma|avx\w*|sse[\w.]*)|'
    r'ffp-contract=\w+|f(no-)?[a-z-]*math[a-z-]*)\Z')


def _environment(recorded):
    """This process's environment with the pins of a manifest.

    The compile folder alone is this process's: it decides no bit.

    Raises
    ------
    UserError if the manifest asks for what could run a program
    """
    environment = dict(os.environ)
    for name, value in recorded.items():
        if name == 'THEANO_FLAGS':
            value = pins.with_compile_folder(pins.in_use(), ','.join(
                '%s=%s' % flag for flag in _flags(value or '')))
        elif name not in pins.environment():
            raise UserError('the bag asks for %s, which is no pin; it was '
                            'not run' % name)
        elif value is not None and value != pins.environment()[name] and \
                not (name in _VALUES_OF_PINS and
                     _VALUES_OF_PINS[name].match(value)):
            raise UserError('the bag asks for %s=%s; the pin, or a number of '
                            'threads or a kernel, was expected, and it was '
                            'not run' % (name, value))
        if value is None:
            environment.pop(name, None)
        else:
            environment[str(name)] = str(value)
    # the package that is imported here is the one that runs
    root = os.path.dirname(os.path.dirname(
        os.path.abspath(untapped.__file__)))
    environment['PYTHONPATH'] = os.pathsep.join(
        [root] + [p for p in [os.environ.get('PYTHONPATH')] if p])
    return environment


def _flags(recorded):
    """(key, value) of Theano's flags that decide bits; UserError for one
    that could run a program."""
    kept = []
    for key, value in pins.parse(recorded).items():
        if key in ('compiledir', 'base_compiledir'):
            continue
        plain = _VALUE_OF_FLAGS.match(value)
        if key == 'gcc.cxxflags':
            plain = all(_CXXFLAGS.match(part) for part in value.split())
        if not plain or key not in pins.FLAGS and key not in pins.WATCHED:
            raise UserError("the bag asks for Theano's %s=%s, which decides "
                            'no bits or could run a program; it was not run'
                            % (key, value))
        kept.append((key, value))
    return kept


def first_difference(was, now):
    """Where two runs part, in the order in which one leads to the other.

    Parameters
    ----------
    was, now : str, result folders

    Returns
    -------
    str, or None if they are the same to the last bit
    """
    one, other = [manifests.read(path) for path in (was, now)]
    for name, first, second in _data(one, other) + _hashes(one, other):
        if first != second:
            return name
    listed = [manifest['outputs'] for manifest in (one, other)]
    for name in sorted(set(listed[0]) | set(listed[1]), key=_rank):
        if os.path.basename(name) in CIRCUMSTANCES:
            continue
        if dict(listed[0].get(name, {})) != dict(listed[1].get(
                name, {})) and (
                os.path.basename(name) != 'metrics.json' or
                _metrics(was, name) != _metrics(now, name)):
            return name
    return None


#: Files that say when, where and how, which no two runs have alike.
CIRCUMSTANCES = ('config.json', 'log.txt', 'manifest.json', 'report.html',
                 'report.json', 'ro-crate-metadata.json')
#: What the other files of a model follow from comes first.
FIRST = ('records.json', 'records.csv', 'parameters.npz', 'answers.npz')


def _rank(name):
    base = os.path.basename(name)
    if base in FIRST:
        return FIRST.index(base), name
    # then metrics and tables, figures at last
    return len(FIRST) + base.endswith(('.png', '.pdf')), name


def _data(one, other):
    """(what, its hashes in one run, and in the other)"""
    return [(what, dict(one['data'].get(key, {})),
             dict(other['data'].get(key, {})))
            for what, key in (('the data as read', 'sha256'),
                              ('the data as trained on',
                               'sha256_as_trained'))]


def _hashes(one, other):
    """The same of the parameters, model by model."""
    stages = []
    for model, hashes in one['parameters_sha256'].items():
        there = other['parameters_sha256'].get(model, {})
        of_model = 'the parameters of %s at the ' % model
        evaluated = dict(there.get('evaluations', []))
        stages.append((of_model + 'start', hashes['start'],
                       there.get('start')))
        stages += [('%sevaluation of epoch %d' % (of_model, epoch), digest,
                    evaluated.get(epoch))
                   for epoch, digest in hashes['evaluations']]
        stages.append((of_model + 'end', hashes['end'], there.get('end')))
    return stages


def _metrics(run, name):
    """A metrics.json without the lines that name the data's file."""
    path = os.path.join(run, name)
    if not os.path.isfile(path):
        return None
    with open(path) as stream:
        return _without_source(json.load(stream))


def _without_source(value):
    if not isinstance(value, dict):
        return value
    return dict((key, _without_source(part)) for key, part in value.items()
                if key != 'source')


def compare(bag, made):
    """Print whether a repetition is its original; the exit status."""
    original = os.path.join(bag, 'data')
    part = first_difference(original, made)
    one, other = [manifests.read(path) for path in (original, made)]
    for model, hashes in one['parameters_sha256'].items():
        print('SHA-256 of the parameters of %s: %s in the bag, %s now' % (
            model, hashes['end'],
            other['parameters_sha256'].get(model, {}).get('end')))
    found = provenance.differences(one['ran_on'], other['ran_on'])
    if part is None:
        print('Differences in what they ran on: %d' % len(found))
        print('IDENTICAL')
        return 0
    print('What differs between what they ran on, the likeliest cause '
          'first:')
    for sentence in found[:20]:
        print('  ' + sentence)
    if not found:
        print('  nothing that the manifest records')
    print('DIFFERENT: first in %s' % part)
    return DIFFERENT


def main(arguments=None):
    """The command line; returns the exit status."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    # bagit tells each file it writes
    logging.getLogger('bagit').setLevel(logging.CRITICAL)
    try:
        if arguments[:1] == ['rerun']:
            return _main_rerun(arguments[1:])
        if arguments[:1] == ['check']:
            return _main_check(arguments[1:])
        parser = argparse.ArgumentParser(
            prog='python -m untapped.archive',
            description='Pack a result folder as a BagIt bag. '
                        '"check BAG" in place of RUN validates one, "rerun '
                        'BAG" repeats the run in it.')
        parser.add_argument('run', help='result folder of a run that ended')
        parser.add_argument('bag', nargs='?',
                            help='folder to make (default: RUN-bag)')
        options = parser.parse_args(arguments)
        print('Bag: %s' % pack(options.run, options.bag))
        return 0
    except InputError as error:
        print('python -m untapped.archive: error: %s' % error,
              file=sys.stderr)
        return USER_ERROR


def _main_check(arguments):
    parser = argparse.ArgumentParser(
        prog='python -m untapped.archive check',
        description='Validate a bag, and hold every file in it against the '
                    'manifest of its run.')
    parser.add_argument('bag', help='folder that "archive RUN" made')
    bag = parser.parse_args(arguments).bag
    manifest = check_bag(bag)
    print('%s is valid: %s, %s, %d files as its run left them' % (
        bag, manifest['experiment'], manifest['status'],
        len(manifest['outputs'])))
    return 0


def _main_rerun(arguments):
    parser = argparse.ArgumentParser(
        prog='python -m untapped.archive rerun',
        description='Validate a bag, repeat its run and compare.')
    parser.add_argument('bag', help='folder that "archive RUN" made')
    parser.add_argument('--data', metavar='PATH',
                        help='where the data file, or the folder of '
                             '--endmembers, is now (default: where it was)')
    parser.add_argument('--keep', metavar='FOLDER',
                        help='keep the repetition in this folder (default: '
                             'it is removed)')
    options = parser.parse_args(arguments)
    parent = options.keep or tempfile.mkdtemp(prefix='untapped-rerun-')
    try:
        folders.make(parent)
        return compare(options.bag, rerun(options.bag, parent,
                                          options.data))
    except EnvironmentError as error:
        raise UserError('%s: %s' % (error.filename or parent,
                                    error.strerror or error))
    finally:
        if options.keep is None:
            shutil.rmtree(parent, ignore_errors=True)


if __name__ == '__main__':
    sys.exit(main())

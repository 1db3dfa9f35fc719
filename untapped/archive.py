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
import logging
import os
import shutil
import signal
import sys
import tempfile
from collections import OrderedDict

import bagit

import untapped
from untapped import bags, repetition
from untapped.errors import USER_ERROR, InputError, UserError
from untapped.files import folders, plain_json, regular
from untapped.machine import console, processes, provenance
from untapped.machine.signals import Stopped
from untapped.runs import manifest as manifests

__all__ = ['check_bag', 'first_difference', 'main', 'pack', 'rerun']

PROGRAM = 'python -m untapped.archive'
DIFFERENT = 1
#: What it takes to install the source.
BESIDE = ('requirements.lock', 'setup.py', 'LICENSE', 'README.md')


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
        for name in list(manifest['outputs']) + [manifests.NAME]:
            _copy(os.path.join(run, name), os.path.join(made, name))
        made_bag = bagit.make_bag(made, _info(manifest),
                                  checksums=list(bags.ALGORITHMS))
        if _put_source(made, manifest):
            # the manifest of tag files covers the source from here on
            made_bag.save()
        check_bag(made)
        os.rename(made, bag)
        made = None
    except (EnvironmentError, bagit.BagError) as error:
        raise UserError('%s cannot be made: %s' % (
            bag, getattr(error, 'strerror', None) or error))
    finally:
        if made is not None:
            _remove(made)
    return bag


def _remove(path):
    """Remove a folder, and be stopped only when it has gone."""
    with processes.handled(signal.SIG_IGN):
        shutil.rmtree(path, ignore_errors=True)


def _ended(run):
    """The manifest of a run, once it vouches for every file; UserError."""
    manifest = manifests.read(run)
    regular.alone(run)
    if manifest['status'] == 'running':
        raise UserError('the run in %s has not ended (or was killed, and '
                        '--resume %s ends it); expected one that has'
                        % (run, run))
    for name in manifests.unlike(manifest, run):
        raise UserError('%s is not as the run left it: its SHA-256 is not '
                        'the one in manifest.json' % os.path.join(run, name))
    for name in manifest['outputs']:
        if not bags.portable(name):
            raise UserError('%s cannot be packed: its name is not in ASCII, '
                            'which not every reader of bags can read'
                            % os.path.join(run, name))
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
    for name in BESIDE:
        if os.path.isfile(os.path.join(root, name)):
            here[name] = os.path.join(root, name)
    for name, path in here.items():
        _copy(path, os.path.join(bag, bags.SOURCE, name))
    return True


def _copy(source, target):
    """Copy a file, and make the folder that it goes to."""
    if not os.path.isdir(os.path.dirname(target)):
        os.makedirs(os.path.dirname(target))
    shutil.copy(source, target)


def check_bag(bag):
    """The manifest of the run in a bag; InputError if it is not valid."""
    if not os.path.isdir(bag):
        raise UserError('there is no folder %s' % bag)
    found = bags.check(bag)
    run = os.path.join(bag, bags.PAYLOAD)
    manifest = _ended(run)
    source = manifest['ran_on']['code']['files']
    for name, digest in found.items():
        folder, _, within = name.partition('/')
        # beside what the run left, hidden files and checkpoints
        if folder == bags.PAYLOAD and within != manifests.NAME and \
                within not in manifest['outputs']:
            raise UserError('%s is not as the run left it: manifest.json '
                            'does not name it' % os.path.join(run, within))
        # README.md and others are not among what the run has hashed
        if folder == bags.SOURCE and within not in BESIDE and \
                digest != source.get(within):
            raise UserError('%s is not the file that ran: its SHA-256 is not '
                            'the one in manifest.json'
                            % os.path.join(bag, name))
    return manifest


def rerun(bag, parent, data=None):
    """Repeat the run in a bag; the folder of the repetition.

    Parameters
    ----------
    bag : str
    parent, data : see `repetition.repeat`
    """
    manifest = check_bag(bag)
    try:
        return repetition.repeat(manifest, parent, data)
    except InputError as error:
        raise UserError('the run in %s cannot be repeated: %s' % (bag, error))


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
    return _without_source(plain_json.read(path))


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
        print('  ' + console.printable(sentence))
    if not found:
        print('  nothing that the manifest records')
    print('DIFFERENT: first in %s' % part)
    return DIFFERENT


def main(arguments=None):
    """The command line; returns the exit status."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    # bagit tells each file it writes
    logging.getLogger('bagit').setLevel(logging.CRITICAL)
    return console.heard(PROGRAM, _main, arguments)


def _main(arguments):
    try:
        with processes.handled(_stop):
            command = {'check': _main_check, 'rerun': _main_rerun}.get(
                arguments[0] if arguments else None)
            if command is not None:
                return command(arguments[1:])
            return _main_pack(arguments)
    except Stopped as stopped:
        console.tell_stderr('%s: stopped before it was done' % PROGRAM)
        return 128 + stopped.signum
    except InputError as error:
        console.tell_stderr(console.printable('%s: error: %s' % (
            PROGRAM, error)))
        return USER_ERROR


def _stop(signum, frame):
    raise Stopped(signum)


def _main_pack(arguments):
    parser = argparse.ArgumentParser(
        prog=PROGRAM, description='Pack a result folder as a BagIt bag. '
        '"check BAG" in place of RUN validates one, "rerun BAG" repeats the '
        'run in it.')
    parser.add_argument('run', help='result folder of a run that ended')
    parser.add_argument('bag', nargs='?',
                        help='folder to make (default: RUN-bag)')
    options = parser.parse_args(arguments)
    print('Bag: %s' % pack(options.run, options.bag))
    return 0


def _main_check(arguments):
    parser = argparse.ArgumentParser(
        prog=PROGRAM + ' check',
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
        prog=PROGRAM + ' rerun',
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
            _remove(parent)


if __name__ == '__main__':
    sys.exit(main())

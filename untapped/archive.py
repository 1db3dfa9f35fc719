"""Keep a run: pack it as a BagIt bag, and run it again from one.

    python -m untapped.archive RUN [BAG]    pack a result folder; the bag is
                                            RUN-bag unless it is named
    python -m untapped.archive rerun BAG    validate a bag, repeat its run
                                            from its manifest, and compare

Exit status: 0 packed, or identical; 1 the repetition differs; 2 a mistake,
or a bag that is not valid, told in one sentence.
"""
from __future__ import division, print_function

import argparse
import json
import logging
import os
import shutil
import subprocess
import sys
import tempfile
from collections import OrderedDict

import bagit

import untapped
from untapped import provenance
from untapped.errors import InputError
from untapped.experiments import manifest as manifests
from untapped.experiments.errors import USER_ERROR, UserError

__all__ = ['check_bag', 'first_difference', 'main', 'pack', 'rerun']

DIFFERENT = 1
CHECKSUMS = ['sha256', 'sha512']
#: Folder of the bag, beside its payload, with the source that ran.
SOURCE = 'source'


def pack(run, bag=None):
    """Pack a result folder as a bag; returns the bag's path.

    The folder stays as it is.  Beside the run's files (data/) the bag holds
    the source files and the lock file, if they are still those that ran.

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
    parent = os.path.dirname(bag)
    made = None
    try:
        made = tempfile.mkdtemp(prefix='.bag-', dir=parent)
        for name in sorted(os.listdir(run)):
            if not name.startswith('.'):
                shutil.copy(os.path.join(run, name), made)
        made_bag = bagit.make_bag(made, _info(manifest), checksums=CHECKSUMS)
        if _put_source(made, manifest):
            # the manifest of tag files covers the source from here on
            made_bag.save()
        bagit.Bag(made).validate()
        # mkdtemp makes folders for their owner only
        os.chmod(made, 0o755)
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
    found = manifests.outputs(run)
    for name in sorted(set(found) | set(manifest['outputs'])):
        if found.get(name) != manifest['outputs'].get(name):
            raise UserError('%s is not as the run left it: its SHA-256 is '
                            'not the one in manifest.json'
                            % os.path.join(run, name))
    return manifest


def _info(manifest):
    """bag-info.txt: what the bag is, for someone who knows nothing."""
    return OrderedDict([
        ('External-Description',
         'A run of untapped %s (semi^2-supervised deep generative models): '
         'experiment %s, %s' % (manifest['ran_on']['code']['version'],
                                manifest['experiment'], manifest['status'])),
        ('External-Identifier',
         'sha256:' + manifest['parameters_sha256']['end']),
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
        target = os.path.join(bag, SOURCE, name)
        if not os.path.isdir(os.path.dirname(target)):
            os.makedirs(os.path.dirname(target))
        shutil.copy(path, target)
    return True


def check_bag(bag):
    """The manifest of the run in a bag; UserError if it is not valid."""
    if not os.path.isdir(bag):
        raise UserError('there is no folder %s' % bag)
    try:
        bagit.Bag(bag).validate()
    except bagit.BagError as error:
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
        elsewhere now.
    """
    manifest = check_bag(bag)
    if manifest['status'] == 'stopped early':
        raise UserError('the run in %s was stopped in an epoch, which does '
                        'not come at the same minibatch again; expected one '
                        'that ran to its end' % bag)
    arguments = [str(a) for a in manifest['arguments']]
    if data is not None:
        arguments += ['--data', data]
    elif manifest['data']['kind'] == 'simulated':
        # the same even if there is a file here now
        arguments += ['--data', 'simulated']
    before = set(os.listdir(parent))
    status = subprocess.call(
        [sys.executable, '-m', 'untapped.experiments', '--experiment',
         manifest['experiment']] + arguments + ['--quiet', '--out', parent],
        env=_environment(manifest['ran_on']['pins']))
    made = sorted(set(os.listdir(parent)) - before)
    expected = {'complete': 0, 'diverged': 3}[manifest['status']]
    if not made or status not in (0, 3):
        raise UserError('the run in %s could not be repeated: it ended with '
                        'status %d, expected %d' % (bag, status, expected))
    return os.path.join(parent, made[0])


def _environment(recorded):
    """This process's environment with the pins of a manifest.

    The compile folder alone is this process's: it decides no bit.
    """
    environment = dict(os.environ)
    for name, value in recorded.items():
        if value is None:
            environment.pop(name, None)
        else:
            environment[str(name)] = str(value)
    flags = [part for part in (recorded.get('THEANO_FLAGS') or '').split(',')
             if not part.strip().startswith('compiledir=')]
    for part in os.environ.get('THEANO_FLAGS', '').split(','):
        if part.strip().startswith('compiledir='):
            flags.append(part)
    environment['THEANO_FLAGS'] = str(','.join(flags))
    # the package that is imported here is the one that runs
    root = os.path.dirname(os.path.dirname(
        os.path.abspath(untapped.__file__)))
    environment['PYTHONPATH'] = os.pathsep.join(
        [root] + [p for p in [os.environ.get('PYTHONPATH')] if p])
    return environment


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
    stages = [(name, dict(one['data'][key]), dict(other['data'][key]))
              for name, key in (('the data as read', 'sha256'),
                                ('the data as trained on',
                                 'sha256_as_trained'))]
    hashes = [found['parameters_sha256'] for found in (one, other)]
    stages.append(('the parameters at the start',
                   hashes[0]['start'], hashes[1]['start']))
    seconds = dict(hashes[1]['evaluations'])
    stages += [('the parameters at the evaluation of epoch %d' % epoch,
                digest, seconds.get(epoch))
               for epoch, digest in hashes[0]['evaluations']]
    stages.append(('the parameters at the end',
                   hashes[0]['end'], hashes[1]['end']))
    for name in ('records.json', 'records.csv', 'parameters.npz',
                 'metrics.json', 'train.png', 'evaluation.png'):
        if name == 'metrics.json':
            stages.append((name, _metrics(was), _metrics(now)))
        else:
            stages.append((name, dict(one['outputs'].get(name, {})),
                           dict(other['outputs'].get(name, {}))))
    for name, first, second in stages:
        if first != second:
            return name
    return None


def _metrics(run):
    """metrics.json without the line that names the data's file."""
    with open(os.path.join(run, 'metrics.json')) as stream:
        metrics = json.load(stream)
    del metrics['data']['source']
    return metrics


def compare(bag, made):
    """Print whether a repetition is its original; the exit status."""
    original = os.path.join(bag, 'data')
    part = first_difference(original, made)
    one, other = [manifests.read(path) for path in (original, made)]
    print('SHA-256 of the parameters: %s in the bag, %s now' % (
        one['parameters_sha256']['end'], other['parameters_sha256']['end']))
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
        parser = argparse.ArgumentParser(
            prog='python -m untapped.archive',
            description='Pack a result folder as a BagIt bag. '
                        '"python -m untapped.archive rerun BAG" repeats it.')
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


def _main_rerun(arguments):
    parser = argparse.ArgumentParser(
        prog='python -m untapped.archive rerun',
        description='Validate a bag, repeat its run and compare.')
    parser.add_argument('bag', help='folder that "archive RUN" made')
    parser.add_argument('--data', metavar='PATH',
                        help='where the data file is now (default: where '
                             'it was)')
    parser.add_argument('--keep', metavar='FOLDER',
                        help='keep the repetition in this folder (default: '
                             'it is removed)')
    options = parser.parse_args(arguments)
    parent = options.keep or tempfile.mkdtemp(prefix='untapped-rerun-')
    try:
        if not os.path.isdir(parent):
            os.makedirs(parent)
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

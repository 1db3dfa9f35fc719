"""A finished run as a BagIt bag, and what a valid bag of one is."""
from __future__ import division, print_function

import imp
import os
import shutil
import signal
import sys
import tempfile
from collections import OrderedDict

from untapped.archive import bags
from untapped.errors import UserError
from untapped.files import hashes, regular
from untapped.machine import processes, provenance
from untapped.runs import manifest as manifests

try:
    import bagit
except UnicodeDecodeError:
    # It looks for translations beside itself, in sys.prefix and where gettext
    # does, and Python 2 cannot join its words to a path with letters beyond
    # ASCII.
    _place = imp.find_module('bagit')[1]
    _here, _prefix = os.getcwd(), sys.prefix
    _language = os.environ.get('LANGUAGE')
    try:
        os.chdir(os.path.dirname(_place))
        sys.prefix = os.curdir
        os.environ['LANGUAGE'] = 'C'    # for which gettext does not look
        bagit = imp.load_source('bagit', os.path.basename(_place))
    finally:
        if _language is None:
            del os.environ['LANGUAGE']
        else:
            os.environ['LANGUAGE'] = _language
        sys.prefix = _prefix
        os.chdir(_here)

__all__ = ['check_bag', 'pack', 'remove']

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
        # bagit joins its words to the path, and Python 2 joins no others
        # than ASCII's to text
        made = tempfile.mkdtemp(prefix='.bag-', dir=parent
                                if bags.portable(parent) else None)
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
        _move(made, bag)
        made = None
    except (EnvironmentError, bagit.BagError) as error:
        raise UserError('%s cannot be made: %s' % (
            bag, getattr(error, 'strerror', None) or error))
    finally:
        if made is not None:
            remove(made)
    return bag


def _move(made, bag):
    """Give a folder its name, whole or not at all; also on another disk."""
    parent = os.path.dirname(bag)
    if os.path.dirname(made) == parent:
        os.rename(made, bag)
        return
    beside = tempfile.mkdtemp(prefix='.bag-', dir=parent)
    try:
        whole = os.path.join(beside, 'bag')
        shutil.copytree(made, whole)
        os.rename(whole, bag)
    finally:
        remove(beside)
    remove(made)


def remove(path):
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
    if OrderedDict((name, hashes.file_sha256(path))
                   for name, path in here.items()) != ran:
        return False
    root = os.path.dirname(provenance.PACKAGE)
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

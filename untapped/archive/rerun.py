"""A run again from what a bag says of it, and what a bag may not ask for.

A bag comes from anybody.  It chooses the options of an experiment and the
pins; it does not choose what is run, where it is written, how many processes
there are, or that this machine goes to the network.
"""
from __future__ import division, print_function

import os
import re
import sys
import tempfile

from untapped import pins
from untapped.archive.packing import check_bag
from untapped.errors import DIVERGED, InputError, UserError
from untapped.experiments import options as command_line
from untapped.files import texts
from untapped.machine import compile_folders, processes
from untapped.runs import manifest as manifests

__all__ = ['arguments', 'environment', 'repeat', 'rerun']

#: Name of a repetition's folder.
AGAIN = 'again'
#: Options that decide no bit, and stay this machine's affair: a scheduler can
#: run programs here, and so many processes can take all of its memory.
_OURS = ['--dask', '--jobs', '--out', '--name', '--checkpoint-seconds']


def rerun(bag, parent, data=None):
    """Repeat the run in a bag; the folder of the repetition.

    Parameters
    ----------
    bag : str
    parent, data : see `repeat`
    """
    manifest = check_bag(bag)
    try:
        print(announced(manifest, arguments(manifest, parent, data)))
        sys.stdout.flush()
        return repeat(manifest, parent, data)
    except InputError as error:
        raise UserError('the run in %s cannot be repeated: %s' % (bag, error))


def repeat(manifest, parent, data=None):
    """Repeat a run; the folder of the repetition.

    Parameters
    ----------
    manifest : OrderedDict, as `manifest.read` has it
    parent : str, where the new run's folder is made
    data : str, optional
        The file or folder with the data, where the run read a file that is
        elsewhere now; of simulated data the folder of --endmembers.

    Raises
    ------
    UserError if the run cannot be repeated
    """
    with tempfile.TemporaryFile() as told:
        status = processes.call(
            [sys.executable, '-m', 'untapped.experiments'] +
            arguments(manifest, parent, data),
            processes.environment(environment(manifest['ran_on']['pins'])),
            told)
        told.seek(0)
        told = told.read().decode('utf-8', 'replace').strip()
    made = os.path.join(parent, AGAIN)
    if status not in (0, DIVERGED) or manifests.finished(made) is None:
        raise UserError('its repetition ended with status %d: %s' % (
            status, texts.native(told.split('\n')[-1]) or
            'it said nothing'))
    if told:
        print(texts.native(told), file=sys.stderr)
    return made


def announced(manifest, line):
    """What a command line is about to run, in a sentence.

    A bag may ask for years of training; its own record says how long it took.
    """
    options = command_line.checked(line)
    epochs = ', '.join('%s for %d epochs' % (
        model, command_line.settings(options, model)['num_epochs'])
        for model in command_line.models(options))
    took = [each.get('seconds') for each in manifest['sessions']]
    took = sum(each for each in took if isinstance(each, (int, float)))
    return 'To be repeated: %s, %s, %d times%s; it took %.0f s.' % (
        manifest['experiment'], epochs, command_line.runs(options),
        ', each after a search over its weights'
        if options.alphas == command_line.SEARCH else '', took)


def arguments(manifest, parent, data=None):
    """The command line of a repetition; see `repeat`."""
    if manifest['status'] == 'stopped early':
        raise UserError('it was stopped in an epoch, which cannot be repeated '
                        'at the same minibatch; expected a run that ran to '
                        'its end')
    line = ['--experiment', manifest['experiment']] + command_line.without(
        _OURS, command_line.recorded(manifest['arguments']))
    simulated = manifest['data']['kind'] == 'simulated'
    if simulated:
        # the same even if there is a file here now
        line += ['--data', 'simulated']
    if data is not None:
        from_library = simulated and command_line.named('--endmembers', line)
        line += ['--endmembers' if from_library else '--data', data]
    line += ['--quiet', '--out', parent, '--name', AGAIN]
    _check(manifest, line)
    return line


def _check(manifest, line):
    """UserError if a command line is not that of a run like this."""
    try:
        options = command_line.checked(line)
    except UserError as error:
        raise UserError('its options are not those of a run: %s' % error)
    if options.experiment != manifest['experiment']:
        raise UserError('its options are those of %s, and it is a run of %s'
                        % (options.experiment, manifest['experiment']))
    if options.data == 'download':
        raise UserError('its data were downloaded, and no bag makes this '
                        'machine go to the network; expected --data PATH '
                        'with the file')
    runs = command_line.runs(options)
    if runs > max(1, len(manifest['parameters_sha256'])):
        raise UserError('its options ask for %d runs, and its manifest has '
                        'the parameters of %d' % (
                            runs, len(manifest['parameters_sha256'])))


#: What a bag may set for its repetition, beside the pins' own values: numbers,
#: kernels and flags of arithmetic, never a program, a path or a file's name.
_VALUES_OF_PINS = {
    'OPENBLAS_NUM_THREADS': re.compile(r'[0-9]{1,3}\Z'),
    'OMP_NUM_THREADS': re.compile(r'[0-9]{1,3}\Z'),
    'OPENBLAS_CORETYPE': re.compile(r'[A-Za-z0-9_]*\Z')}
_VALUE_OF_FLAGS = re.compile(r'[A-Za-z0-9_.:+-]*\Z')
_CXXFLAGS = re.compile(
    r'-(O[0-3s]?|m(arch|tune)=[\w.-]+|m(no-)?(fma|avx\w*|sse[\w.]*)|'
    r'ffp-contract=\w+|f(no-)?[a-z-]*math[a-z-]*)\Z')


def environment(recorded):
    """This process's variables with the pins of a manifest.

    The compile folder alone is this process's: it decides no bit.

    Raises
    ------
    UserError if the manifest asks for what could run a program
    """
    variables = dict(os.environ)
    # the bag's pins win over the table's
    variables[pins.CHOICE] = 'environment'
    for name, value in recorded.items():
        if name == 'THEANO_FLAGS':
            value = pins.with_compile_folder(
                compile_folders.in_use(),
                ','.join('%s=%s' % flag for flag in _flags(value or '')))
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
            variables.pop(name, None)
        else:
            variables[name] = value
    return variables


def _flags(recorded):
    """(key, value) of the pinned flags of Theano; UserError for a value that
    could run a program.  Of other flags a bag decides nothing."""
    try:
        found = pins.parse(recorded)
    except ValueError as error:
        raise UserError("the bag's THEANO_FLAGS cannot be read (%s); it was "
                        'not run' % error)
    kept = []
    for key, value in found.items():
        if key not in pins.FLAGS:
            continue
        plain = _VALUE_OF_FLAGS.match(value)
        if key == 'gcc.cxxflags':
            plain = all(_CXXFLAGS.match(part) for part in value.split())
        if not plain:
            raise UserError("the bag asks for Theano's %s=%s, which could "
                            'run a program; it was not run' % (key, value))
        kept.append((key, value))
    return kept

"""What the report says of a run: what was run, on what, how to repeat it."""
from __future__ import division, print_function

import os
import pipes
import platform
from collections import OrderedDict

from untapped import __version__, pins
from untapped.experiments import (ablations, options as command_line,
                                  presets)
from untapped.machine.console import printable
from untapped.model.terms import REVERSE
from untapped.report.paper import METHODS
from untapped.runs.config import versions

__all__ = ['about', 'caveats', 'command', 'objective']


def about(options, settings, raw, labelled=None):
    """What `report.page.page` says of a run beside its findings.

    Parameters
    ----------
    options : Namespace
    settings : OrderedDict
        Key of a model -> its hyperparameters.
    raw : untapped.datasets.Raw
    labelled : int, optional
        The number of labelled pairs.

    Returns
    -------
    OrderedDict
        title, source, objective and command, each a text; settings, label
        of a model -> its hyperparameters; provenance, pairs of texts.
    """
    provenance = [('SHA-256 of array %s' % name, digest)
                  for name, digest in raw.checksums().items()]
    if labelled is not None:
        provenance.insert(0, ('labelled pairs', labelled))
    provenance += [
        ('untapped', __version__),
        ('python', platform.python_version()),
        ('packages', ', '.join('%s %s' % item
                               for item in versions().items())),
        ('not as pinned', '; '.join(pins.overrides()) or 'nothing')]
    labels = dict(METHODS)
    return OrderedDict([
        ('title', presets.TITLES[options.experiment]),
        ('source', raw.source), ('objective', objective(settings)),
        ('settings', OrderedDict((labels[key], values)
                                 for key, values in settings.items())),
        ('provenance', provenance), ('command', command(options))])


def command(options):
    """The command that repeats a run in a folder of its own, for a shell."""
    # One run of several was made in their folder, which is complete.
    arguments = command_line.without(['--name', '--out', '--resume'],
                                     options.arguments)
    program = 'run_%s.py' % options.experiment
    # there is none of Raman, and an installed package has none at all
    script = os.path.isfile(os.path.join(pins.ROOT, program))
    named = command_line.named('--experiment', arguments)
    if named or not script:
        program = '-m untapped.experiments'
    if not named and not script:
        arguments = ['--experiment', options.experiment] + arguments
    return ' '.join(['python', program] + [_quoted(argument)
                                           for argument in arguments])


def _quoted(argument):
    """A word for a shell; what is no text is spelled as $'' spells it."""
    if printable(argument) == argument:
        return pipes.quote(argument)
    return "$'%s'" % ''.join(
        chr(byte) if 32 <= byte < 127 and chr(byte) not in "'\\"
        else '\\x%02x' % byte for byte in bytearray(argument))


def objective(settings):
    """What is trained for, in words."""
    chosen = list(settings.values())[-1]
    if chosen['objective'] == 'published':
        return "the published code's"
    if not chosen['coeff_y']:
        return "the paper's, without reverse bounds, whose weight is 0"
    return ("the paper's, every term; unfeatured y by the bound of %s"
            % REVERSE[chosen['reverse']])


def caveats(options, settings, raw, trained):
    """What a reader has to know to compare with the paper.

    Returns
    -------
    (list, list) of str
        What forbids a comparison, and what limits it.
    """
    forbids, limits = [], []
    epochs = list(settings.values())[0]['num_epochs']
    whole = presets.preset(options.experiment, options.preset)['num_epochs']
    if options.quick:
        forbids.append('This is a --quick run on part of the data. Its '
                       'numbers say nothing about the paper.')
    elif epochs < whole:
        forbids.append('Trained for %d of the %d epochs of the preset.'
                       % (epochs, whole))
    for key, training in trained.items():
        if training.status != 'complete':
            forbids.append('The training of %s ended after %d of %d epochs '
                           '(%s).' % (dict(METHODS)[key],
                                      training.epochs_done,
                                      training.model.num_epochs,
                                      training.status))
    simulated = raw.kind == 'simulated'
    if command_line.runs(options) == len(ablations.variants(options)):
        forbids.append('This is one run%s, which has no interval. %s gives '
                       'one.' % (' of each variant' if options.ablation
                                 else '', '--data-seeds 10' if simulated
                                 else '--seeds 10'))
    if simulated:
        limits.append('The data are simulated (docs/data.md). Compare '
                      'orderings, not values.')
        if options.data_seeds == 1:
            limits.append('They are one simulation. --data-seeds 10 shows '
                          'how far simulations scatter.')
    return forbids, limits

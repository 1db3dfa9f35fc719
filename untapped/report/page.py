"""What report.html says of a run beside its tables and figures."""
from __future__ import division, print_function

import platform
from collections import OrderedDict

import untapped
from untapped import pins
from untapped.experiments import options as command_line, presets, summary
from untapped.model.terms import REVERSE
from untapped.report import content, html

__all__ = ['page', 'caveats']

REPEAT_NOTE = (
    'Under the pins (make pins) the same command gives the same numbers to '
    'the last bit; config.json beside this page holds every setting and '
    'seed, parameters.npz what was learned, answers.npz what the figures '
    'were drawn from.')


def page(options, settings, raw, sections, sentences, labelled=None):
    """What `report.write` takes, but for the folder."""
    labels = dict(content.METHODS)
    provenance = [('objective', _objective(settings)), ('data', raw.source),
                  ('labelled pairs', labelled)]
    if labelled is None:
        provenance.pop()
    provenance += [('SHA-256 of array %s' % name, digest)
                   for name, digest in raw.checksums().items()]
    provenance += [
        ('untapped', untapped.__version__),
        ('python', platform.python_version()),
        ('packages', ', '.join('%s %s' % item
                               for item in summary.versions().items())),
        ('not as pinned', '; '.join(pins.overrides()) or 'nothing')]
    return OrderedDict([
        ('title', presets.TITLES[options.experiment]),
        ('source', raw.source), ('verdict', sentences),
        ('sections', sections),
        ('settings', html.settings_table(OrderedDict(
            (labels[key], values) for key, values in settings.items()))),
        ('provenance', provenance),
        ('command', _command(options)),
        ('repeat_note', REPEAT_NOTE)])


def _command(options):
    """What repeats the run, in a folder of its own."""
    # One run of several was made in their folder, which is complete.
    arguments = command_line.without(['--name', '--out', '--resume'],
                                     options.arguments)
    by_module = command_line.named('--experiment', arguments)
    if not by_module and options.experiment == 'raman':
        by_module, arguments = True, ['--experiment', 'raman'] + arguments
    return html.command_line(
        '-m untapped.experiments' if by_module
        else 'run_%s.py' % options.experiment, arguments)


def _objective(settings):
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
        What spoils the comparison, and what limits it.
    """
    sentences = []
    chosen = list(settings.values())[0]
    whole = presets.preset(options.experiment, options.preset)['num_epochs']
    if options.quick:
        sentences.append('This is a --quick run, a trial of all stages on '
                         'part of the data: its numbers say nothing about '
                         'the paper.')
    elif chosen['num_epochs'] < whole:
        sentences.append('Trained for %d of the %d epochs of the preset.'
                         % (chosen['num_epochs'], whole))
    if chosen['objective'] == 'paper':
        sentences.append('Objective: %s.' % _objective(settings))
    for key, training in trained.items():
        if training.status != 'complete':
            sentences.append('The training of %s ended after %d of %d epochs '
                             '(%s).' % (dict(content.METHODS)[key],
                                        training.epochs_done,
                                        training.model.num_epochs,
                                        training.status))
    limits = []
    if raw.kind == 'simulated':
        limits.append('The data stand in for the paper\'s (docs/data.md '
                      'says how): orderings may be compared with the paper, '
                      'values not.')
    if options.seeds == 1:
        limits.append('One seed: --seeds 5 tells how far seeds scatter.')
    return sentences, limits

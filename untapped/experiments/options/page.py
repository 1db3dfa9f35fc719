"""docs/options.md: every option, with its defaults.

    python -m untapped.experiments.options > docs/options.md
"""
from __future__ import division, print_function

import re

from untapped.experiments import presets
from untapped.experiments.options.kinds import FLAG
from untapped.experiments.options.table import GROUPS, OPTIONS, quick

__all__ = ['lines']

_SCRIPTS = """\
# Options

`python run_crism.py --help` prints the options of an experiment with its own
defaults; so do `run_libs.py` and `run_mnist.py`.
`python -m untapped.experiments --help` prints those of all experiments; what
presets set and what --quick does stands in the last two tables here. Through
make: `make crism EPOCHS=100 ARGS='--model m2'`.

Beside `--resume` may stand %s.

This page is made from the parser by `make options`."""


def lines():
    """The page in Markdown, line by line."""
    made = (_SCRIPTS % ', '.join(
        '`%s`' % option.name for option in OPTIONS if option.beside_resume
        and option.name != '--resume')).split('\n')
    for title, options in GROUPS.items():
        made += _titled(title[0].upper() + title[1:],
                        ['option', 'meaning', 'default'],
                        [[_shown(option), _about(option), option.default()]
                         for option in options])
    made += _presets()
    made += _titled(
        'What --quick does', ['experiment', 'a short run has'],
        [[name, quick(name).lstrip(': ')] for name in presets.EXPERIMENTS])
    return made


def _shown(option):
    """An option as it is typed."""
    if option.kind is FLAG:
        return '`%s`' % option.name
    value = option.kind.metavar or '|'.join(option.kind.choices(None))
    if option.kind.count:
        value = ' '.join(value)
    return '`%s %s`' % (option.name, value)


def _about(option):
    # the page stands among those that --help names
    text = re.sub(r'docs/(\w+\.md)', r'[\1](\1)', option.help())
    if option.required:
        text += '; of `python -m untapped.experiments` alone'
    elif option.only != presets.EXPERIMENTS:
        text += '; of %s alone' % ' and '.join(
            name if name == 'spectra' else name.upper()
            for name in option.only)
    return text


def _presets():
    """A table of the defaults that a preset sets: a row an option."""
    columns = [(experiment, name) for experiment in presets.EXPERIMENTS
               for name in presets.names(experiment)]
    return _titled(
        'Defaults that the preset sets',
        ['option'] + ['%s, %s' % column for column in columns],
        [['`%s`' % option.name] + ['%g' % presets.preset(*column)[
            option.settings[0]] for column in columns]
         for option in OPTIONS if option.preset])


def _titled(title, columns, rows):
    return ['', '## ' + title, '', _row(columns),
            '|' + '---|' * len(columns)] + [_row(row) for row in rows]


def _row(cells):
    return '| %s |' % ' | '.join(cell.replace('|', r'\|') for cell in cells)

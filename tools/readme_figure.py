"""Draw docs/readme.png from a finished run of CRISM.

    python run_crism.py --numerics fast --model untapped --epochs 1000
    python tools/readme_figure.py results/RUN docs/readme.png

Figure 5 in one row: the true minerals, and what Untapped generates for them
(generated once).
"""
from __future__ import division, print_function

import argparse
import os

import untapped  # noqa: F401, before numpy: it sets the pins
from untapped import datasets
from untapped.datasets.crism import NAMES, endmember_spectra
from untapped.report import figures

import numpy as np


def draw(generated, waves, true):
    """The figure; generated and true are (minerals, channels)."""
    figure = figures.new(2.1, width=7.6)
    for number, name in enumerate(NAMES):
        axes = figure.add_subplot(1, len(NAMES), number + 1)
        axes.plot(waves, true[number], color='#bbbbbb', linewidth=4.5,
                  label='true')
        axes.plot(waves, generated[number], label='generated',
                  color=figures.MARKS['untapped'][2], linewidth=1.2)
        axes.set_title(name)
        axes.set_xlabel(u'wavelength, \u00b5m')
        axes.set_xlim(waves[0], waves[-1])
        axes.set_ylim(0, 0.8)
        axes.set_xticks([1, 1.5, 2, 2.5])
        figures.grid(axes)
        if number == 0:
            axes.set_ylabel('reflectance')
            axes.legend(loc='lower right', handlelength=3,
                        labelspacing=0.3)
        else:
            axes.set_yticklabels([])
    figure.subplots_adjust(left=0.07, right=0.98, bottom=0.2, top=0.88,
                           wspace=0.1)
    return figure


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('run', help='the folder of a run of one model')
    parser.add_argument('png', help='the file to write')
    options = parser.parse_args(argv)
    raw = datasets.load('crism', 'simulated')
    with figures.style():
        answers = np.load(os.path.join(options.run, 'answers.npz'))
        figure = draw(answers['endmembers_once'], raw.meta['waves'],
                      endmember_spectra(raw.arrays['endmembers']))
        figure.savefig(options.png, dpi=105)


if __name__ == '__main__':
    main()

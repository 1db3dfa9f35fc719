"""Figure 7 of LIBS, and the same for every oxide."""
from __future__ import division, print_function

import numpy as np

from untapped.datasets.chemcam import ELEMENT
from untapped.datasets.libs import KEPT
from untapped.report import figures
from untapped.studies import libs_lines

__all__ = ['blocks', 'draw_oxide', 'draw_oxides']


def blocks(waves):
    """Slices of the three spectrometers; one, if channels are others."""
    sizes = [stop - start for start, stop in KEPT]
    if sum(sizes) != len(waves):
        return [slice(0, len(waves))]
    edges = np.r_[0, np.cumsum(sizes)]
    return [slice(a, b) for a, b in zip(edges[:-1], edges[1:])]


def draw_oxide(name, result, data):
    """Figure 7: the generated spectrum of one oxide."""
    part = list(data.names).index(name)
    spectrum = result.answers['endmembers'][part]
    lines = libs_lines.known_lines(ELEMENT[name], data.waves)
    peaks = libs_lines.find_peaks(spectrum - data.mean)
    hit = libs_lines.at_peak(lines, peaks, data.waves)
    parts = blocks(data.waves)
    figure = figures.new(2.2 * len(parts) + 0.5)
    for i, block in enumerate(parts):
        axes = figure.add_subplot(len(parts), 1, i + 1)
        waves = data.waves[block]
        axes.plot(waves, 1e3 * data.mean[block], color='#aaaaaa',
                  linewidth=1.8, label='mean of all spectra')
        axes.plot(waves, 1e3 * spectrum[block], color='#000000',
                  linewidth=0.7, label='generated')
        here = [p for p in peaks if block.start <= p < block.stop]
        axes.plot(data.waves[here], 1e3 * spectrum[here], 'v',
                  color='#0072b2', markersize=4.5, markeredgecolor='#000000',
                  markeredgewidth=0.4, linestyle='none',
                  label='peak of the excess')
        top = 1e3 * max(spectrum[block].max(), data.mean[block].max())
        for found, colour, length, label in (
                (True, '#000000', 0.13, ELEMENT[name] + ' line, found'),
                (False, '#d55e00', 0.07, ELEMENT[name] + ' line, not found')):
            at = [w for w, h in zip(lines, hit)
                  if h == found and waves[0] <= w <= waves[-1]]
            axes.vlines(at, -length * top, -0.02 * top, colors=colour,
                        linewidth=1.6 if found else 1., label=label)
        axes.axhline(0, color='#888888', linewidth=0.5)
        axes.set_xlim(waves[0], waves[-1])
        axes.set_ylim(-0.16 * top, 1.15 * top)
        axes.set_ylabel(u'signal, \u2030 of the\nspectrometer\'s sum')
        axes.locator_params(axis='y', nbins=5)
        if i == 0:
            axes.legend(loc='lower center', bbox_to_anchor=(0.5, 1.), ncol=5,
                        columnspacing=1.2, handletextpad=0.4, fontsize=7.5)
    axes.set_xlabel('wavelength in vacuum, nm')
    figure.subplots_adjust(left=0.11, right=0.98, top=0.94, bottom=0.075,
                           hspace=0.22)
    return figure


def draw_oxides(result, data):
    """The excess of each oxide's spectrum over the mean."""
    names = [name for name in data.names if name in ELEMENT]
    figure = figures.new(1.15 * len(names) + 0.6)
    parts = blocks(data.waves)
    for row, name in enumerate(names):
        part = list(data.names).index(name)
        excess = 1e3 * (result.answers['endmembers'][part] - data.mean)
        lines = libs_lines.known_lines(ELEMENT[name], data.waves)
        peaks = libs_lines.find_peaks(excess)
        hit = libs_lines.at_peak(lines, peaks, data.waves)
        for column, block in enumerate(parts):
            axes = figure.add_subplot(len(names), len(parts),
                                      row * len(parts) + column + 1)
            waves = data.waves[block]
            for found, colour, length in ((True, '#000000', 0.17),
                                          (False, '#d55e00', 0.08)):
                at = [w for w, h in zip(lines, hit)
                      if h == found and waves[0] <= w <= waves[-1]]
                axes.vlines(at, 0.18 - length, 0.18,
                            transform=axes.get_xaxis_transform(),
                            colors=colour, linewidth=1.3 if found else 0.8)
            axes.plot(waves, excess[block], color='#000000', linewidth=0.6)
            here = [p for p in peaks if block.start <= p < block.stop]
            axes.plot(data.waves[here], excess[here], 'v', color='#0072b2',
                      markersize=3., markeredgewidth=0, linestyle='none')
            low, high = excess[block].min(), excess[block].max()
            room = (high - low) or 1.
            axes.set_ylim(low - 0.35 * room, high + 0.15 * room)
            axes.set_xlim(waves[0], waves[-1])
            axes.locator_params(axis='x', nbins=4)
            axes.locator_params(axis='y', nbins=3)
            axes.tick_params(labelsize=7)
            if row < len(names) - 1:
                axes.set_xticklabels([])
            else:
                axes.set_xlabel('wavelength in vacuum, nm')
            if column == 0:
                axes.set_ylabel(figures.pretty(name), fontsize=9)
    figure.text(0.012, 0.5, u'excess over the mean, \u2030 of the '
                'spectrometer\'s sum', rotation=90, va='center')
    figure.subplots_adjust(left=0.12, right=0.98, top=0.99, bottom=0.06,
                           hspace=0.15, wspace=0.22)
    return figure

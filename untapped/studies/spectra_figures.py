"""Figures of spectra of one's own."""
from __future__ import division, print_function

import numpy as np

from untapped.report import figures
from untapped.studies.crism_nuisance import rows_of

__all__ = ['axis_label', 'draw_nuisance', 'draw_pure']

#: Units of an axis -> what it is.
AXES = {'nm': 'wavelength', 'um': 'wavelength', u'\u00b5m': 'wavelength',
        u'\u03bcm': 'wavelength', '1/cm': 'wavenumber', 'cm-1': 'wavenumber',
        'cm^-1': 'wavenumber'}


def axis_label(data):
    """'wavelength, nm', as far as the file tells it."""
    unit = data.waves_unit.strip()
    if not unit:
        # as the columns of a .csv
        return 'wavelength'
    return u', '.join([AXES[unit]] * (unit in AXES)
                      + [figures.literal(unit)])


def draw_pure(models, data):
    """A panel a part: measured and generated, in the file's unit."""
    rows = -(-len(data.names) // 2)
    figure = figures.new(1.7 * rows + 0.8)
    unit = data.meta['unit']
    for part, name in enumerate(data.names):
        axes = figure.add_subplot(rows, 2, part + 1)
        if np.isfinite(data.endmembers[part]).all():
            axes.plot(data.waves, unit * data.endmembers[part],
                      color='#bbbbbb', linewidth=3.5, label='measured')
        for r in models:
            line, = axes.plot(
                data.waves, unit * r.answers['endmembers_once'][part],
                color=figures.MARKS[r.key][2], linewidth=1., label=r.label,
                # dashes on the line, not below it
                zorder=4 if r.key == 'm2' else 3)
            line.set_dashes((4, 1.5) if r.key == 'm2' else (None, None))
        axes.set_title(figures.pretty(name))
        axes.set_xlim(data.waves[0], data.waves[-1])
        axes.locator_params(nbins=5)
        figures.grid(axes)
        if part + 2 >= len(data.names):
            axes.set_xlabel(axis_label(data))
        if part % 2 == 0:
            axes.set_ylabel('spectrum' if data.meta['scale'] == 'none'
                            else 'scaled spectrum')
    # the first panel may have no measured spectrum
    found = {}
    for axes in figure.axes:
        for handle, label in zip(*axes.get_legend_handles_labels()):
            found.setdefault(label, handle)
    labels = sorted(found)
    figure.legend([found[label] for label in labels], labels,
                  loc='upper center', ncol=3, handlelength=3)
    height = figure.get_size_inches()[1]
    figure.subplots_adjust(left=0.11, right=0.98, top=1 - 0.55 / height,
                           bottom=0.5 / height, hspace=0.5, wspace=0.25)
    return figure


def draw_nuisance(models, data, chosen):
    """A panel a nuisance: z of each validation spectrum over it.

    Parameters
    ----------
    models : list of Result
    data : Prepared
    chosen : list of lists of int
        For each model and nuisance, the column of z.
    """
    values = rows_of(data, 'nuisance')
    names = data.meta['nuisance_names']
    columns = min(3, len(names))
    rows = -(-len(names) // columns)
    height = 2.2 * rows + 0.7
    figure = figures.new(height)
    for number, name in enumerate(names):
        axes = figure.add_subplot(rows, columns, number + 1)
        for r, places in zip(models, chosen):
            marker, size, edge, face = figures.MARKS[r.key]
            axes.plot(values[:, number],
                      r.answers['nuisance'][:, places[number]],
                      linestyle='none', marker=marker, markersize=size,
                      markeredgecolor=edge, markerfacecolor=face,
                      markeredgewidth=0.7, label=r.label, alpha=0.6,
                      rasterized=True)
        axes.set_xlabel(figures.short(name))
        axes.margins(0.05)
        axes.locator_params(nbins=4)
        figures.grid(axes)
        if number % columns == 0:
            axes.set_ylabel('nuisance z')
    handles, labels = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc='upper center', ncol=2)
    figure.subplots_adjust(left=0.09, right=0.98, bottom=0.5 / height,
                           top=1 - 0.4 / height, hspace=0.5, wspace=0.3)
    return figure

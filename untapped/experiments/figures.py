"""Learning curves: each term of the objective over the epochs.

Each curve has its own line style, marker and shade of grey beside its colour,
so that the figures can be read in print without colours.  Figures are drawn
without pyplot: no global state, no display.
"""
from __future__ import division, print_function

import math

from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

__all__ = ['learning_curves', 'save']

# Colour-blind safe (Okabe and Ito), ordered so that neighbours differ in
# lightness; dashes and markers differ where lightness does not.
COLOURS = ['#000000', '#d55e00', '#56b4e9', '#0072b2', '#e69f00', '#cc79a7',
           '#009e73', '#7f7f7f']
DASHES = [(), (6, 2), (2, 2), (8, 2, 2, 2), (4, 1, 1, 1, 1, 1)]
MARKERS = 'osD^vXpP<>h'
# Inches.
WIDTH, TOP, BETWEEN, BOTTOM = 9.5, 0.45, 0.4, 0.6
LEAST_HEIGHT, LINE_HEIGHT = 2.3, 0.24
# Values of one panel may differ by this factor before its axis is symlog.
LINEAR_RANGE = 50.


def learning_curves(epochs, panels, title):
    """A figure of panels below each other, legends beside them.

    Parameters
    ----------
    epochs : list of int
    panels : list of (axis label, list of (label, values))
        Values in nats or, for an L2 loss, the unit of x.
    title : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    heights = [max(LEAST_HEIGHT, LINE_HEIGHT * len(curves))
               for _, curves in panels]
    height = TOP + sum(heights) + BETWEEN * (len(panels) - 1) + BOTTOM
    with rc_context({'font.size': 10, 'font.family': 'DejaVu Sans',
                     'axes.facecolor': 'white'}):
        figure = Figure(figsize=(WIDTH, height), dpi=120, facecolor='white')
        FigureCanvasAgg(figure)
        first, top, number = None, height - TOP, 0
        for (label, curves), tall in zip(panels, heights):
            axes = figure.add_axes([0.09, (top - tall) / height, 0.50,
                                    tall / height], sharex=first)
            _panel(axes, epochs, label, curves, number)
            number += len(curves)
            top -= tall + BETWEEN
            if first is None:
                first = axes
                axes.set_title(title, fontsize=11, loc='left')
        axes.set_xlabel('epoch')
        _whole_epochs(axes, epochs)
    return figure


def save(folder, name, figure):
    """Write a figure into a run folder as PNG."""
    with folder.file(name) as stream:
        figure.savefig(stream, format='png')


def _panel(axes, epochs, label, curves, number):
    """One set of axes; `number` curves have been drawn above it."""
    for i, (name, values) in enumerate(curves, number):
        _curve(axes, epochs, values, name, i)
    _scale(axes, [v for _, values in curves for v in values])
    axes.set_ylabel(label)
    axes.grid(True, color='#dddddd', linewidth=0.6, linestyle='-')
    axes.set_axisbelow(True)
    axes.legend(loc='upper left', bbox_to_anchor=(1.02, 1.03), frameon=False,
                fontsize=9, handlelength=4.2, labelspacing=0.7)


def _curve(axes, epochs, values, label, number):
    shown = [v if _finite(v) else float('nan') for v in values]
    line, = axes.plot(
        epochs, shown, label=label, linewidth=1.5,
        color=COLOURS[number % len(COLOURS)],
        marker=MARKERS[number % len(MARKERS)], markersize=4.5,
        markeredgecolor='white', markeredgewidth=0.4)
    line.set_dashes(DASHES[number % len(DASHES)] or (None, None))


def _scale(axes, values):
    """Linear, or symlog (linear up to 1) where curves differ by orders of
    magnitude and the largest would flatten the others."""
    sizes = [abs(v) for v in values if _finite(v) and v]
    if not sizes or max(sizes) < LINEAR_RANGE * max(min(sizes), 1):
        return
    axes.set_yscale('symlog', linthreshy=1., linscaley=1.2)
    if min(values) < 0 < max(values):
        axes.axhline(0, color='#888888', linewidth=0.8, zorder=0)


def _whole_epochs(axes, epochs):
    """Ticks at whole epochs, also for one evaluation."""
    axes.xaxis.get_major_locator().set_params(integer=True)
    if len(epochs) == 1:
        axes.set_xlim(epochs[0] - 1, epochs[0] + 1)


def _finite(value):
    return not (math.isnan(value) or math.isinf(value))

"""Learning curves, and what all figures share.

Each curve has its own line style, marker and shade of grey beside its colour,
so that the figures can be read in print without colours.  Figures are drawn
without pyplot: no global state, no display.
"""
from __future__ import division, print_function

import math
import re
from collections import OrderedDict
from contextlib import contextmanager

import numpy as np
from matplotlib import rc_context
from matplotlib.backends import backend_pdf
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure

__all__ = ['learning_curves', 'save', 'save_pdf', 'style', 'new', 'grid',
           'literal', 'short', 'pretty', 'described', 'predicted_against_true',
           'agreement_caption', 'PAGE', 'MARKS']

_CONTROL = re.compile(u'[\x00-\x1f\x7f-\x9f]')
_FORMULA = re.compile(r'([A-Z][a-z]?[0-9]*)+\Z')

# Colour-blind safe (Okabe and Ito), ordered so that neighbours differ in
# lightness; dashes and markers differ where lightness does not.
COLOURS = ['#000000', '#d55e00', '#56b4e9', '#0072b2', '#e69f00', '#cc79a7',
           '#009e73', '#7f7f7f']
DASHES = [(), (6, 2), (2, 2), (8, 2, 2, 2), (4, 1, 1, 1, 1, 1)]
MARKERS = 'osD^vXpP<>h'
# Inches.
WIDTH, TOP, BETWEEN, BOTTOM, MARGIN = 9.5, 0.45, 0.4, 0.6, 0.1
LEAST_HEIGHT, LINE_HEIGHT = 2.3, 0.24
# Values of one panel may differ by this factor before its axis is symlog.
LINEAR_RANGE = 50.


# Inches: the width of a page of text.
PAGE = 7.
#: of a name, above or below a third of the page
LETTERS = 24
#: More spectra than this hide each other as points; so many true values or
#: fewer have a median and a bar each instead.
MANY, FEW = 500, 20
#: Method -> marker, its size, edge and face colours; told apart by shape and
#: lightness.
MARKS = {'pls_published': ('+', 5, '#000000', 'none'),
         'pls': ('x', 3.5, '#7f7f7f', 'none'),
         'kernel_ridge': ('^', 3.5, '#009e73', 'none'),
         'mean': ('_', 4, '#000000', 'none'),
         'm2': ('s', 3.5, '#d55e00', 'none'),
         'untapped': ('o', 3., '#0072b2', '#0072b2')}


def style():
    """The settings that figures are made and written under."""
    return rc_context({
        'font.size': 9, 'font.family': 'DejaVu Sans', 'axes.titlesize': 9,
        'axes.labelsize': 9, 'xtick.labelsize': 8, 'ytick.labelsize': 8,
        'legend.fontsize': 8, 'legend.frameon': False, 'legend.numpoints': 1,
        'legend.scatterpoints': 1, 'axes.facecolor': 'white',
        'axes.linewidth': 0.7, 'image.cmap': 'gray_r',
        'image.interpolation': 'nearest'})


def new(height, width=PAGE):
    """An empty figure of so many inches."""
    figure = Figure(figsize=(width, height), dpi=150, facecolor='white')
    FigureCanvasAgg(figure)
    return figure


def grid(axes, which='both'):
    axes.grid(True, axis=which, color='#dddddd', linewidth=0.6,
              linestyle='-')
    axes.set_axisbelow(True)


def literal(text):
    """A text from the data for a figure, where $ would start a formula."""
    return _CONTROL.sub(lambda found: '\\x%02x' % ord(found.group()),
                        text).replace('$', r'\$')


def short(name):
    """A name as a panel has room for it: long ones without their middle."""
    if len(name) <= LETTERS:
        return literal(name)
    half = LETTERS // 2
    return literal(name[:half] + u'\u2026' + name[1 - half:])


def pretty(name):
    """'SiO2' with its number below the line; other names `short`."""
    if len(name) > LETTERS or not _FORMULA.match(name):
        return short(name)
    return u''.join(u'\u2080\u2081\u2082\u2083\u2084\u2085\u2086\u2087'
                    u'\u2088\u2089'[int(c)] if c.isdigit() else c
                    for c in name)


def described(figure):
    """What a figure shows, in words, for those who cannot see it.

    Returns
    -------
    unicode
        The panels' titles, axes and named curves, each thing once.
    """
    panels = figure.axes
    curves = [label for axes in panels
              for label in axes.get_legend_handles_labels()[1]]
    texts = [text.get_text() for axes in panels for text in axes.texts]
    parts = [u'%d panel%s' % (len(panels), 's' * (len(panels) != 1))]
    for head, words in (
            ('titles', [axes.get_title() or axes.get_title(loc='left')
                        for axes in panels]),
            ('from left to right', [a.get_xlabel() for a in panels]),
            ('from bottom to top', [a.get_ylabel() for a in panels]),
            ('drawn', curves), ('written in it', texts)):
        words = OrderedDict.fromkeys(
            u' '.join(word.split()).replace(r'\$', '$') for word in words)
        words.pop(u'', None)
        if words:
            parts.append(u'%s: %s' % (head, u', '.join(words)))
    return u'; '.join(parts) + u'.'


def predicted_against_true(true, predicted, names, unit, scale=1.):
    """One panel a part: predicted over true, the line where both agree.

    Methods are shifted sideways a little, so that they can be seen where
    many spectra have the same true value. Of more than `MANY` spectra with
    few true values each value has a mark at the median of what is predicted
    and a bar from the 5th to the 95th percentile.

    Parameters
    ----------
    true : array ``(n, parts)``
    predicted : list of (method's key, label, array ``(n, parts)``)
    names : list of str
    unit : str
        For the axes, e.g. 'wt.%'.
    scale : float
        From fractions to the unit.

    Returns
    -------
    matplotlib.figure.Figure
    """
    columns = min(3, len(names))
    rows = -(-len(names) // columns)
    figure = new(2.25 * rows + 0.75)
    for part, name in enumerate(names):
        axes = figure.add_subplot(rows, columns, part + 1)
        values = [true[:, part]] + [p[:, part] for _, _, p in predicted]
        low = scale * min(v.min() for v in values)
        high = scale * max(v.max() for v in values)
        room = 0.08 * (high - low) or 0.05 * scale
        axes.plot([low - room, high + room], [low - room, high + room],
                  color='#000000', linewidth=0.8)
        draw = _medians if _few_values(true[:, part]) else _points
        # beside each other, as the true values are few
        step = min(0.035 if len(set(true[:, part])) <= 6 else 0.018,
                   # not out of the panel
                   0.14 / max(len(predicted) - 1, 1)) * (high - low)
        for n, (key, label, answer) in enumerate(predicted):
            shift = step * (n - (len(predicted) - 1) / 2)
            draw(axes, scale * true[:, part], scale * answer[:, part], shift,
                 key, label)
        axes.set_xlim(low - room, high + room)
        axes.set_ylim(low - room, high + room)
        axes.set_title(pretty(name))
        axes.locator_params(nbins=5)
        grid(axes)
        if part % columns == 0:
            axes.set_ylabel('predicted, ' + unit)
        if part + columns >= len(names):
            axes.set_xlabel('true, ' + unit)
    handles, labels = axes.get_legend_handles_labels()
    lines = -(-len(labels) // 4)
    figure.legend(handles, labels, loc='upper center',
                  ncol=-(-len(labels) // lines))
    height = figure.get_size_inches()[1]
    figure.subplots_adjust(
        left=0.09, right=0.98, bottom=0.5 / height,
        top=1 - (0.35 + 0.15 * lines) / height, hspace=0.4, wspace=0.3)
    return figure


def agreement_caption(true, what):
    """What `predicted_against_true` has drawn, for below it.

    Parameters
    ----------
    true : array ``(n, parts)``
    what : str
        A part, with its article: 'an oxide'.
    """
    few = [_few_values(column) for column in np.transpose(true)]
    median = ('the median of the predictions at one true value, with a bar '
              'from the 5th to the 95th percentile')
    drawn = ('a spectrum' if not any(few) else median if all(few) else
             'a spectrum or, where there are at most %d true values, %s'
             % (FEW, median))
    return ('Validation spectra. Each panel is %s, each mark %s. On the line '
            'both agree. Methods are set beside each other.' % (what, drawn))


def _few_values(true):
    return len(true) > MANY and len(set(np.round(true, 4))) <= FEW


def _points(axes, true, predicted, shift, key, label):
    """A mark a spectrum."""
    marker, size, edge, face = MARKS[key]
    axes.plot(true + shift, predicted, linestyle='none', marker=marker,
              markersize=size, markeredgecolor=edge, markerfacecolor=face,
              markeredgewidth=0.7, label=label,
              alpha=0.6 if len(true) > MANY else 1., rasterized=True)


def _medians(axes, true, predicted, shift, key, label):
    """Median and 5th to 95th percentile at each true value."""
    marker, size, edge, face = MARKS[key]
    rounded = np.round(true, 4)
    values = np.unique(rounded)
    low, middle, high = np.transpose([
        np.percentile(predicted[rounded == v], [5, 50, 95]) for v in values])
    axes.vlines(values + shift, low, high, colors=edge, linewidth=1.)
    axes.plot(values + shift, middle, linestyle='none', marker=marker,
              markersize=size, markeredgecolor=edge,
              markerfacecolor='white' if face == 'none' else face,
              markeredgewidth=0.9, label=label)


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
        _make_room_for_legends(figure)
    return figure


def _make_room_for_legends(figure):
    """Widen a figure beyond `WIDTH` as its legends need; axes stay."""
    legends = [axes.get_legend() for axes in figure.axes]
    for legend in legends:
        # it has its size when it is drawn
        legend.draw(figure.canvas.get_renderer())
    right = max(legend.get_window_extent().x1
                for legend in legends) / figure.dpi
    width = max(WIDTH, right + MARGIN)
    for axes in figure.axes:
        left, bottom, across, tall = axes.get_position().bounds
        axes.set_position([left * WIDTH / width, bottom,
                           across * WIDTH / width, tall])
    figure.set_size_inches(width, figure.get_figheight())


def save(folder, name, figure):
    """Write a figure into a run folder as PNG."""
    with folder.file(name) as stream:
        figure.savefig(stream, format='png')


def save_pdf(folder, name, figure):
    """Write a figure as PDF; equal figures make equal files."""
    with folder.file(name) as stream, _dictionaries_in_order():
        with PdfPages(stream) as pdf:
            # kept under keys that are addresses or hold some, and written
            # out in their order
            for kept in ('markers', '_images', 'fontNames',
                         'multi_byte_charprocs'):
                setattr(pdf._file, kept, OrderedDict())
            # matplotlib would put the time of day there
            pdf.infodict().pop('CreationDate')
            pdf.savefig(figure, dpi=200)


@contextmanager
def _dictionaries_in_order():
    """matplotlib 2.0 writes a PDF's dictionaries in the order of addresses
    in memory; here in that of their keys."""
    written = backend_pdf.pdfRepr

    def in_order(value):
        if isinstance(value, dict):
            value = OrderedDict(sorted(
                value.items(), key=lambda item: getattr(item[0], 'name',
                                                        item[0])))
        return written(value)

    backend_pdf.pdfRepr = in_order
    try:
        yield
    finally:
        backend_pdf.pdfRepr = written


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

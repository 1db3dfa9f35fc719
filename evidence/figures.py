# -*- coding: utf-8 -*-
"""The report's figures, each as the bytes of a PDF: vectors, fonts inside."""
from __future__ import division, print_function

import io
from collections import OrderedDict
from contextlib import contextmanager

import numpy as np

from evidence import plan
from evidence.pages import numbers
from evidence.variants import variants
from untapped.report import figures, paper
from untapped.studies import over_variants
from untapped.studies.quantities import at

__all__ = ['drawn']

#: percent, beyond which an interval is cut off
FARTHEST = 110.
#: objective -> marker, and whether it is filled
MARKERS = OrderedDict([('published', ('o', '#0072b2')),
                       ('paper', ('s', 'white'))])
#: what each run is shown by: experiment, quantity's place, its name
SHOWN = [('crism', 'validation/kl', 'KL of abundances, nats'),
         ('crism', 'endmember_error/mean', 'mean endmember error'),
         ('libs', 'validation/kl', 'KL of compositions, nats'),
         ('mnist', 'validation/kl', 'KL of digits 5 to 9, nats')]


def drawn(evidence):
    """Name -> function that returns the bytes of a figure, for each that the
    kept runs give; nothing is drawn yet.

    The function's argument is 'pdf' or 'png'; what a run drew itself is a
    PDF always.
    """
    made = OrderedDict()
    for name, found, draw in (('claims', _estimated(evidence), claims),
                              ('runs', _compared(evidence), runs),
                              ('loop', _loops(evidence), loop)):
        if found:
            made[name] = lambda form, draw=draw, found=found: _drawn(
                form, draw, found)
    for _, kept in evidence.ablations():
        made[kept.name] = lambda form, kept=kept: _drawn(
            form, ablation, kept)
    for run, name, _ in plan.FIGURES:
        if run in evidence.kept and name in evidence.kept[run].figures:
            path = evidence.kept[run].figures[name]
            made[name] = lambda form, path=path: _read(path)
    return made


def _read(path):
    with open(path, 'rb') as stream:
        return stream.read()


class _Memory(object):
    """Takes what `figures.save_pdf` writes into a run's folder."""

    def __init__(self):
        self.stream = io.BytesIO()

    @contextmanager
    def file(self, name):
        yield self.stream


def _drawn(form, draw, found):
    made = _Memory()
    save = figures.save if form == 'png' else figures.save_pdf
    with figures.style():
        save(made, 'figure', draw(found))
    return made.stream.getvalue()


def _estimated(evidence):
    """The Verdicts that have a relative difference, a list a claim."""
    found = [[verdict for verdict in each.values()
              if verdict.effect is not None
              and verdict.effect.relative is not None]
             for each in evidence.verdicts.values()]
    return [each for each in found if each]


def claims(rows):
    """Every claim's relative difference with its interval, and the paper's.

    `rows` are those of `_estimated`.
    """
    height = .34 * len(rows) + 1.2
    figure = figures.new(height)
    axes = figure.add_axes([.34, .6 / height, .64, 1 - 1.2 / height])
    for line, found in enumerate(rows):
        for verdict in found:
            _interval(axes, line, verdict)
    axes.axvline(0, color='#555555', linewidth=.8)
    axes.set_ylim(len(rows) - .4, -.6)
    axes.set_xlim(-1.04 * FARTHEST, 1.04 * FARTHEST)
    axes.set_yticks(range(len(rows)))
    axes.set_yticklabels([_short(found[0].claim) for found in rows])
    axes.set_xlabel('difference as a share of the second, percent')
    figures.grid(axes, 'x')
    handles, labels = axes.get_legend_handles_labels()
    unique = OrderedDict(zip(labels, handles))
    figure.legend(list(unique.values()), list(unique), loc='upper center',
                  ncol=len(unique), numpoints=1)
    return figure


def _short(claim):
    """What a claim compares, in a few words."""
    names = dict(paper.METHODS)
    label = u' \u2212 '.join(names[each] for each in claim.methods) \
        if len(claim.methods) > 1 else names[claim.methods[0]] + (
            ', other oxides' if isinstance(claim.against, str)
            else ', chance')
    return u'%s: %s' % (claim.source + (
        ', LIBS' if claim.key == 'loop-libs' else ''), label)


def _interval(axes, line, verdict):
    """One objective's mean and interval, and the paper's effect."""
    marker, face = MARKERS[verdict.objective]
    at_y = line + (-.16 if verdict.objective == 'published' else .16)
    mean, low, high = [float(np.clip(100 * each, -FARTHEST, FARTHEST))
                       for each in verdict.effect.relative]
    axes.plot([low, high], [at_y, at_y], color='#0072b2', linewidth=1.3)
    axes.plot([mean], [at_y], linestyle='none', marker=marker, markersize=5,
              markerfacecolor=face, markeredgecolor='#0072b2',
              label=plan.OBJECTIVES[verdict.objective] + ' objective')
    if verdict.printed is not None:
        axes.plot([100 * verdict.printed], [line], linestyle='none',
                  marker='D', markersize=4, markerfacecolor='#d55e00',
                  markeredgecolor='#d55e00', label='the paper')


def _compared(evidence):
    """(title, numbers by method, the paper's) of each panel of `runs`."""
    panels = []
    for experiment, place, label in SHOWN:
        for objective in plan.OBJECTIVES:
            kept = evidence.kept.get('%s-%s' % (experiment, objective))
            found = numbers(kept, place) if kept else {}
            if len(found) > 1:
                panels.append((u'%s, %s\n%s' % (
                    plan.TITLES[experiment], objective, label), found,
                    paper.printed(experiment, place)))
    return panels


def runs(panels):
    """Each run's numbers, a panel a quantity and objective."""
    across = 2
    down = -(-len(panels) // across)
    height = 1.75 * down + .6
    figure = figures.new(height)
    for position, (title, found, printed) in enumerate(panels):
        _panel(figure.add_subplot(down, across, position + 1), title, found,
               printed)
    handles, labels = OrderedDict(), []
    for axes in figure.axes:
        handles.update((label, handle) for handle, label in zip(
            *axes.get_legend_handles_labels()))
    labels = [label for _, label in paper.METHODS if label in handles]
    figure.legend([handles[label] for label in labels], labels,
                  loc='upper center', ncol=len(labels), numpoints=1)
    figure.subplots_adjust(left=.08, right=.98, bottom=.35 / height,
                           top=1 - .6 / height, hspace=.55, wspace=.2)
    return figure


def _panel(axes, title, found, printed):
    """A quantity: marks a method, M2 and Untapped of a run joined."""
    count = len(list(found.values())[0])
    places = list(range(1, count + 1))
    if 'm2' in found and 'untapped' in found:
        axes.vlines(places, found['m2'], found['untapped'],
                    colors='#bbbbbb', linewidth=1.)
    for key, label in paper.METHODS:
        marker, size, edge, face = figures.MARKS[key]
        if key in found:
            axes.plot(places, found[key], linestyle='none', marker=marker,
                      markersize=size, markeredgecolor=edge,
                      markerfacecolor=face, label=label)
        if key in printed:
            axes.axhline(printed[key], color=edge, linewidth=.8,
                         linestyle='--')
    axes.set_title(title, loc='left')
    axes.set_xlim(.4, count + .6)
    axes.set_xticks([place for place in places
                     if count <= 12 or place % 5 == 0])
    axes.set_ylim(0, 1.08 * max(
        [each for numbers_ in found.values() for each in numbers_]
        + list(printed.values())))
    figures.grid(axes, 'y')


def _loops(evidence):
    """(title, names of parts, matrix) of each panel of `loop`."""
    panels = []
    for experiment in ('crism', 'libs'):
        kept = evidence.kept.get(experiment + '-published')
        for key in ('m2', 'untapped'):
            found = [methods.get(key, {}).get('findings', {}).get(
                'round_trip') for methods in kept.runs.values()] \
                if kept else []
            if found and None not in found:
                panels.append((
                    u'%s, %s' % (plan.TITLES[experiment],
                                 dict(paper.METHODS)[key]),
                    list(found[0]['diagonal']), np.mean(
                        [[[at({'x': share}, 'x') for share in row]
                          for row in each['matrix']] for each in found],
                        axis=0)))
    return panels


def ablation(kept):
    """The ablation's own figure."""
    return over_variants.draw_variants(kept.experiment, variants(kept))


def loop(panels):
    """What comes back of each pure part, the mean over runs."""
    figure = figures.new(2.4)
    for position, (title, names, matrix) in enumerate(panels):
        axes = figure.add_subplot(1, len(panels), position + 1)
        _matrix(axes, names, matrix)
        axes.set_title(title)
    figure.subplots_adjust(left=.1, right=.99, bottom=.3, top=.9, wspace=.5)
    return figure


def _matrix(axes, names, matrix):
    axes.pcolormesh(np.arange(len(names) + 1), np.arange(len(names) + 1),
                    matrix, vmin=0, vmax=1, cmap='Blues', edgecolors='white',
                    linewidth=.3)
    axes.set_aspect('equal')
    axes.set_xlim(0, len(names))
    axes.set_ylim(len(names), 0)
    labels = [figures.pretty(name) for name in names]
    for ticks, write in ((axes.set_xticks, axes.set_xticklabels),
                         (axes.set_yticks, axes.set_yticklabels)):
        ticks(np.arange(len(names)) + .5)
        write(labels, fontsize=6)
    for label in axes.get_xticklabels():
        label.set_rotation(90)
    axes.tick_params(length=0)
    if len(names) < 5:
        for row, column in np.ndindex(*matrix.shape):
            axes.text(column + .5, row + .5, '%.0f' % (
                100 * matrix[row, column]), ha='center', va='center',
                fontsize=7, color='white' if matrix[row, column] > .6
                else 'black')

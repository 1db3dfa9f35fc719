"""Figures 4 to 6 of CRISM."""
from __future__ import division, print_function

import numpy as np
from sklearn.decomposition import PCA

from untapped.report import figures
from untapped.studies import crism_nuisance as nuisance, metrics

__all__ = ['draw_endmembers', 'draw_grid', 'draw_nuisance', 'in_triangle',
           'principal_components']

#: The most outliers that Figure 6 shows.
MOST_SHOWN = 12
#: Colours of Figure 6: spectra at the median of z, and outlying ones.
NEAR, FAR_COLOUR = '#e6b800', '#b2182b'


def principal_components(x, number=3):
    """Scores on the first components, and their share of the variance.

    Parameters
    ----------
    x : array ``(n, channels)``
    number : int

    Returns
    -------
    (array ``(n, number)``, array ``(number,)``)
    """
    found = PCA(number, svd_solver='full')
    scores = found.fit_transform(np.asarray(x, 'float64'))
    # components have no sign of their own: the largest entry is positive
    largest = np.abs(found.components_).argmax(axis=1)
    signs = np.sign(found.components_[np.arange(number), largest])
    return scores * signs, found.explained_variance_ratio_


def in_triangle(abundance):
    """Points of the plane for compositions of three parts, ``(n, 2)``.

    Corners: the first part at the lower left, the second at the lower right,
    the third on top.
    """
    corners = np.array([[0., 0.], [1., 0.], [.5, np.sqrt(.75)]])
    return np.asarray(abundance).dot(corners)


def draw_grid(data):
    """Figure 4."""
    figure = figures.new(4.2, 6.4)
    axes = figure.add_axes([0.02, 0.02, 0.96, 0.96])
    edge = in_triangle(np.eye(3)[[0, 1, 2, 0]])
    axes.plot(edge[:, 0], edge[:, 1], color='#000000', linewidth=0.8)
    for tenth in np.arange(1, 10) / 10:
        for turn in range(3):
            ends = np.roll([[tenth, 1 - tenth, 0], [tenth, 0, 1 - tenth]],
                           turn, axis=1)
            line = in_triangle(ends)
            axes.plot(line[:, 0], line[:, 1], color='#dddddd', linewidth=0.6,
                      zorder=0)

    def distinct(y):
        rows = set(tuple(row) for row in np.round(
            metrics.all_parts(y).astype('float64'), 4))
        return np.array(sorted(rows))

    trained = distinct(data.y)
    inside = set(map(tuple, trained))
    others = np.array([row for row in distinct(data.y_valid)
                       if tuple(row) not in inside])
    corners = in_triangle(metrics.all_parts(data._y))
    axes.plot(corners[:, 0], corners[:, 1], 'o', markersize=4.,
              markerfacecolor='none', markeredgecolor='#d55e00',
              markeredgewidth=0.5, linestyle='none',
              label='labels without spectra (%d)' % len(data._y))
    if len(others):
        points = in_triangle(others)
        axes.plot(points[:, 0], points[:, 1], 'o', markersize=3.5,
                  color='#9a9a9a', markeredgewidth=0, linestyle='none',
                  label='validated on only (%d mixtures)' % len(others))
    points = in_triangle(trained)
    axes.plot(points[:, 0], points[:, 1], '^', markersize=7,
              color='#0072b2', markeredgecolor='#000000',
              markeredgewidth=0.5, linestyle='none',
              label='labelled region (%d mixtures)' % len(trained))
    for name, (x, y), ha, dy in zip(
            data.names, in_triangle(np.eye(3)), ('left', 'right', 'center'),
            (-0.05, -0.05, 0.035)):
        axes.text(x, y + dy, '100 % ' + figures.literal(name), ha=ha,
                  va='top' if dy < 0 else 'bottom')
    axes.set_aspect('equal')
    axes.set_xlim(-0.42, 1.06)
    axes.set_ylim(-0.1, 0.94)
    axes.axis('off')
    axes.legend(loc='upper left', bbox_to_anchor=(0., 0.98),
                handletextpad=0.3)
    return figure


def draw_endmembers(models, data):
    """Figure 5: a row a mineral; as published, and generated once."""
    figure = figures.new(2.05 * len(data.names) + 0.9)
    columns = (('endmembers', 'as published'),
               ('endmembers_once', 'generated once'))
    first = None
    for i, name in enumerate(data.names):
        for j, (key, how) in enumerate(columns):
            axes = figure.add_subplot(len(data.names), 2, 2 * i + j + 1,
                                      sharex=first, sharey=first)
            first = first or axes
            axes.plot(data.waves, data.endmembers[i], color='#bbbbbb',
                      linewidth=4.5, solid_capstyle='butt', label='true')
            for r in models:
                error = metrics.endmember_errors(data.endmembers,
                                                 r.answers[key])[i]
                line, = axes.plot(
                    data.waves, r.answers[key][i], linewidth=1.2,
                    color=figures.MARKS[r.key][2],
                    # dashes on the line, not below it
                    zorder=4 if r.key == 'm2' else 3,
                    label='%s, error %.3f' % (r.label, error))
                line.set_dashes((4, 1.5) if r.key == 'm2' else (None, None))
            axes.text(0.03, 0.93, figures.literal(name),
                      transform=axes.transAxes, va='top')
            if i == 0:
                axes.set_title(how)
            if i == len(data.names) - 1:
                axes.set_xlabel(axis_label(data))
            if j == 0:
                axes.set_ylabel('reflectance')
            figures.grid(axes)
            axes.legend(loc='lower right', handlelength=3, labelspacing=0.3)
    drawn = np.array([data.endmembers] + [r.answers[key] for r in models
                                          for key, _ in columns])
    drawn = drawn[np.isfinite(drawn)]
    low = min(drawn.min(), 0.)
    # the mineral's name stands above
    first.set_ylim(low, low + 1.2 * (drawn.max() - low))
    first.set_xlim(data.waves[0], data.waves[-1])
    height = figure.get_size_inches()[1]
    figure.subplots_adjust(left=0.09, right=0.98, bottom=0.5 / height,
                           top=1 - 0.3 / height, hspace=0.2, wspace=0.15)
    return figure


def axis_label(data):
    """Wavelength, where the file tells it; else channel."""
    if data.waves_unit == 'channel':
        return 'channel'
    return 'wavelength, %s' % {'um': u'\u00b5m'}.get(data.waves_unit,
                                                     data.waves_unit)


def draw_nuisance(result, data):
    """Figure 6, a to d."""
    z = result.answers['nuisance'][:, 0].astype('float64')
    position = nuisance.rows_of(data, 'position')
    far = nuisance.outlying(z, position)[:MOST_SHOWN]
    near = _at_the_median(z, position, max(len(far), 3))
    figure = figures.new(6.6)
    _draw_levels(figure.add_subplot(2, 2, 1), z, position, data, far, near)
    _draw_first(figure.add_subplot(2, 2, 2), z, position, far, near)
    scores, share = principal_components(data.X_valid)
    for i, (a, b) in enumerate(((0, 1), (0, 2))):
        axes = figure.add_axes([0.09 + 0.25 * i, 0.08, 0.165, 0.36])
        axes.plot(scores[:, a], scores[:, b], '.', color='#bbbbbb',
                  markersize=2, rasterized=True)
        _mark(axes, scores[:, a], scores[:, b], far, near)
        for set_label, k in ((axes.set_xlabel, a), (axes.set_ylabel, b)):
            set_label('PC %d (%.1f %%)' % (k + 1, 100 * share[k]),
                      labelpad=1)
        axes.locator_params(nbins=3)
        axes.tick_params(labelsize=7)
        figures.grid(axes)
    figure.text(0.09, 0.452, 'c. All spectra on principal components')
    axes = figure.add_axes([0.59, 0.08, 0.39, 0.36])
    spectra = data.X_valid + (data.mean if data.meta['mean_removed'] else 0)
    for rows, colour, dashes, label in (
            (near, NEAR, (), 'at the median of z'),
            (far, FAR_COLOUR, (4, 1.5), 'outlying z')):
        for n, row in enumerate(rows):
            line, = axes.plot(data.waves, spectra[row], color=colour,
                              linewidth=0.9, label=None if n else label)
            line.set_dashes(dashes or (None, None))
    axes.set_xlim(data.waves[0], data.waves[-1])
    axes.set_ylim(0, 1.28 * spectra[np.r_[far, near]].max())
    axes.set_xlabel(axis_label(data))
    axes.set_ylabel('reflectance')
    axes.set_title('d. Spectra of both', loc='left')
    axes.legend(loc='upper right', handlelength=3)
    figures.grid(axes)
    figure.subplots_adjust(left=0.09, right=0.98, top=0.95, bottom=0.08,
                           hspace=0.38, wspace=0.25)
    return figure


def _at_the_median(z, position, number):
    first = np.flatnonzero(position == 0)
    off = np.abs(z[first] - np.median(z[first]))
    return first[np.argsort(off, kind='mergesort')[:number]]


def _mark(axes, x, y, far, near, labels=False):
    for rows, marker, colour, label in (
            (near, 'D', NEAR, 'at the median'),
            (far, 's', FAR_COLOUR, 'outlying')):
        if not len(rows):
            continue
        axes.plot(x[rows], y[rows], marker, markersize=4.5, color=colour,
                  markeredgecolor='#000000', markeredgewidth=0.5,
                  linestyle='none', label=label if labels else None)


def _draw_levels(axes, z, position, data, far, near):
    order = np.argsort(position, kind='mergesort')
    at = np.empty(len(z))
    at[order] = np.arange(len(z))
    axes.plot(at, z, '.', color='#777777', markersize=2, rasterized=True)
    for i, level in enumerate(nuisance.levels(z, position)):
        here = at[position == i]
        axes.plot([here.min(), here.max()], [level, level], color='#000000',
                  linewidth=1.6)
        axes.text(here.mean(), 0.985, data.meta['positions'][i],
                  transform=axes.get_xaxis_transform(), ha='center',
                  va='top', fontsize=8)
        if i:
            axes.axvline(here.min() - 0.5, color='#000000', linewidth=0.6,
                         dashes=(2, 2))
    _mark(axes, at, z, far, near)
    spread = z.max() - z.min() or 1.
    axes.set_ylim(z.min() - 0.05 * spread, z.max() + 0.18 * spread)
    axes.set_xlim(-0.02 * len(z), 1.02 * len(z))
    axes.locator_params(axis='x', nbins=5)
    axes.set_xlabel('spectrum, sorted by geometry')
    axes.set_ylabel('nuisance z')
    axes.set_title('a. Nuisance by geometry', loc='left')


def _draw_first(axes, z, position, far, near):
    rows = np.flatnonzero(position == 0)
    at = np.zeros(len(z))
    at[rows] = np.arange(len(rows))
    axes.plot(at[rows], z[rows], '.', color='#777777', markersize=2,
              rasterized=True)
    axes.axhline(np.median(z[rows]), color='#000000', linewidth=1.6)
    _mark(axes, at, z, far, near, labels=True)
    spread = z[rows].max() - z[rows].min() or 1.
    axes.set_ylim(z[rows].min() - 0.05 * spread,
                  z[rows].max() + 0.25 * spread)
    axes.set_xlim(-0.02 * len(rows), 1.02 * len(rows))
    axes.set_xlabel('spectrum of Position 1')
    axes.set_ylabel('nuisance z')
    axes.set_title('b. Position 1', loc='left')
    axes.legend(loc='upper right', ncol=2, columnspacing=1,
                handletextpad=0.2)

"""CRISM: Table 2, Figures 4 to 6 and the endmembers, section 4."""
from __future__ import division, print_function

from collections import OrderedDict

import numpy as np
from scipy import stats

from untapped.report import figures, paper
from untapped.report.content import (Drawing, Finding, Section, Table,
                                     comparison, ordering)
from untapped.studies import metrics

__all__ = ['findings', 'sections', 'nuisance_levels', 'outlying',
           'rank_correlation', 'area_under_curve', 'principal_components',
           'in_triangle']

#: A nuisance value this many robust standard deviations from the median of
#: its geometry is an outlier, in Figure 6 and in the tables.
FAR = 5.
#: The most outliers that Figure 6 shows.
MOST_SHOWN = 12


def findings(answers, data):
    """What the nuisance has to do with the geometry (section 4.3).

    Returns
    -------
    OrderedDict
        Empty for files that do not tell the geometry of each spectrum; else
        ``nuisance_levels``, geometry -> median of z;
        ``incidence_rank_correlation``, Spearman's rho of these medians and
        the incidence angle, and ``incidence_rank_correlation_all``, of all
        spectra; ``nuisance_outliers`` in Position 1. Where the container's
        pixels are known, ``container_auc``: how well the distance of z from
        its median tells them from the others of Position 1, 0.5 by chance.
    """
    found = OrderedDict()
    position = rows_of(data, 'position')
    if position is None or 'nuisance' not in answers:
        return found
    z = answers['nuisance'][:, 0].astype('float64')
    names = data.meta['positions']
    levels = nuisance_levels(z, position)
    found['nuisance_levels'] = OrderedDict(zip(names, levels))
    angles = np.array([paper.INCIDENCE[name] for name in names])
    found['incidence_rank_correlation'] = rank_correlation(levels, angles)
    found['incidence_rank_correlation_all'] = rank_correlation(
        z, angles[position])
    distance = robust_distance(z, position)
    first = position == 0
    found['nuisance_outliers'] = int((distance[first] > FAR).sum())
    container = rows_of(data, 'container')
    if container is not None and container.any():
        found['container_auc'] = area_under_curve(
            distance[first], container[first])
    return found


def rows_of(data, name):
    """One of meta's arrays over all spectra, for the validation's rows."""
    if name not in data.meta:
        return None
    values = np.asarray(data.meta[name])
    kept = data.meta.get('kept_valid')
    return values if kept is None else values[kept]


def nuisance_levels(z, position):
    """The median of z in each of the three geometries."""
    return [float(np.median(z[position == i])) for i in range(3)]


def robust_distance(z, position):
    """|z - median| over the robust standard deviation of its geometry.

    The latter is 1.4826 times the median of |z - median|, which for a
    Gaussian is its standard deviation.
    """
    distance = np.zeros(len(z))
    for i in range(3):
        here = position == i
        off = np.abs(z[here] - np.median(z[here]))
        distance[here] = off / max(1.4826 * np.median(off), 1e-12)
    return distance


def outlying(z, position):
    """Rows of Position 1 with far nuisance, the farthest first."""
    distance = np.where(position == 0, robust_distance(z, position), 0)
    order = np.argsort(-distance, kind='mergesort')
    return order[distance[order] > FAR]


def rank_correlation(a, b):
    """Spearman's rho; NaN where one of them does not vary."""
    if len(set(a)) < 2 or len(set(b)) < 2:
        return float('nan')
    return float(stats.spearmanr(a, b)[0])


def area_under_curve(score, true):
    """The chance that a true one scores higher than a false one.

    The area under the receiver operating characteristic (Mann-Whitney).
    """
    true = np.asarray(true, bool)
    if true.all() or not true.any():
        return float('nan')
    ranks = stats.rankdata(score)[true]
    wins = ranks.sum() - len(ranks) * (len(ranks) + 1) / 2
    return float(wins / (len(ranks) * (~true).sum()))


def principal_components(x, number=3):
    """Scores on the first components, and their share of the variance."""
    centred = np.asarray(x, 'float64') - np.mean(x, axis=0, dtype='float64')
    values, vectors = np.linalg.eigh(centred.T.dot(centred))
    vectors = vectors[:, ::-1][:, :number]
    # eigenvectors have no sign of their own: the largest entry is positive
    vectors = vectors * np.sign(vectors[np.abs(vectors).argmax(axis=0),
                                        np.arange(vectors.shape[1])])
    return centred.dot(vectors), values[::-1][:number] / values.sum()


def in_triangle(abundance):
    """Points of the plane for compositions of three parts, ``(n, 2)``.

    Corners: the first part at the lower left, the second at the lower right,
    the third on top.
    """
    corners = np.array([[0., 0.], [1., 0.], [.5, np.sqrt(.75)]])
    return np.asarray(abundance).dot(corners)


# The report -----------------------------------------------------------------

def sections(results, data):
    """Of the report; `results` in the order PLS, M2, Untapped."""
    models = [r for r in results if r.key != 'pls']
    made = [_abundances(results, data)]
    if data.endmembers is not None:
        made.append(_endmembers(models, data))
    if rows_of(data, 'position') is not None:
        made.append(_nuisance(models, data))
    return made


def _abundances(results, data):
    kl = OrderedDict((r.key, r.validation['kl']) for r in results)
    errors = OrderedDict((r.key, r.findings['rmse']['mean']) for r in results)
    table = comparison(
        'table2', 'Table 2. Error of predicted abundances, validation data', [
            ('KL(true || predicted), nats', paper.KL['crism'], kl),
            ('root mean square error, fractions of 1', None, errors)],
        results, 'Less is better. The paper has no root mean square error.')
    true = metrics.all_parts(data.y_valid)
    return Section('Abundance prediction', [
        ordering('KL of abundances', paper.KL['crism'], kl)], [table], [
            Drawing('figure4', 'Figure 4. Abundance grid',
                    'Triangles: mixtures that give the labelled and the '
                    'unlabelled spectra; grey points: mixtures that are only '
                    'validated on; circles: labels without spectra, near '
                    'the corners.', lambda: draw_grid(data)),
            Drawing('predicted_true', 'Predicted against true abundance',
                    figures.agreement_caption(true, 'a mineral'),
                    lambda: figures.predicted_against_true(
                        true, [(r.key, r.label, metrics.all_parts(
                            r.answers['predicted'])) for r in results],
                        data.names, 'fraction'))])


def _endmembers(models, data):
    quantities = []
    for name in list(data.names) + ['mean']:
        quantities.append((
            name, paper.ENDMEMBER_ERROR if name == 'mean' else None,
            OrderedDict((r.key, r.endmember_error[name]) for r in models)))
    for name in list(data.names) + ['mean']:
        quantities.append((
            name + ', generated once', None, OrderedDict(
                (r.key, r.findings['endmember_error_once'][name])
                for r in models)))
    table = comparison(
        'endmembers', 'Endmember error ||x_bar - x||_2, reflectance',
        quantities, models,
        'As published, what p(x|y, z) generates is encoded and generated '
        'once more; "generated once" is p(x|y, z) itself. z is the mean of '
        'q(z|x, y) over the training pairs, eq. (18). The paper gives one '
        'number a model (Figure 5), taken here as the mean.')
    mean = OrderedDict((r.key, r.endmember_error['mean']) for r in models)
    once = OrderedDict((r.key, r.findings['endmember_error_once']['mean'])
                       for r in models)
    return Section('Endmember extraction', [
        ordering('Mean endmember error, as published', paper.ENDMEMBER_ERROR,
                 mean),
        ordering('Mean endmember error, generated once',
                 paper.ENDMEMBER_ERROR, once)], [table], [
            Drawing('figure5', 'Figure 5. Mineral endmembers',
                    'Thick grey: true endmembers; thin: generated at the '
                    'corners of the simplex. Left as published, right '
                    'generated once. Errors are ||x_bar - x||_2 over the '
                    'channels.',
                    lambda: draw_endmembers(models, data))])


def _nuisance(models, data):
    columns = ['Quantity'] + [r.label for r in models]
    found = [r.findings for r in models]
    names = data.meta['positions']
    rows = [['median of z, %s (incidence %g deg)'
             % (name, paper.INCIDENCE[name])]
            + [f['nuisance_levels'][name] for f in found] for name in names]
    for key, label in (
            ('incidence_rank_correlation',
             'rank correlation of the three medians with incidence'),
            ('incidence_rank_correlation_all',
             'rank correlation of z with incidence, all spectra'),
            ('nuisance_outliers',
             'spectra of Position 1 more than %g robust standard deviations '
             'from its median' % FAR),
            ('container_auc',
             'area under curve, container pixels told by |z - median|')):
        if key in found[0]:
            rows.append([label] + [f[key] for f in found])
    table = Table(
        'nuisance', 'The nuisance z and the geometry', columns, rows,
        "Spearman's rank correlation. The paper finds three levels, inverse "
        'to the incidence angle. The model does not determine the sign of '
        'z: +1 and -1 say the same.')
    drawings = []
    for r in reversed(models):
        drawings.append(Drawing(
            'figure6_' + r.key, 'Figure 6. The nuisance, ' + r.label,
            'a: z of each spectrum by geometry, with the median of each. b: '
            'Position 1 alone. Squares: the most outlying z; diamonds: '
            'spectra at the median, for comparison. c: the same on principal '
            'components of all spectra. d: their spectra.',
            lambda r=r: draw_nuisance(r, data)))
    sentences = [_level_sentence(r) for r in models]
    return Section('Latent semantics', sentences, [table], drawings)


def _level_sentence(result):
    rho = result.findings['incidence_rank_correlation']
    ordered = abs(rho) > 0.999
    # Figure 6 is about Untapped alone
    reproduced = ordered if result.key == 'untapped' else None
    if rho != rho:
        said = '%s: z does not vary between the geometries' % result.label
        return Finding(said + '.', reproduced, said)
    said = ('%s: the three levels of z %s the order of the incidence angles '
            '(rank correlation %.2g)' % (
                result.label, 'follow' if ordered else 'do not follow', rho))
    return Finding('%s, %s in the paper.' % (
        said, 'as' if ordered else 'unlike'), reproduced, said)


# Figures --------------------------------------------------------------------

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
    position = rows_of(data, 'position')
    far = outlying(z, position)[:MOST_SHOWN]
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


NEAR, FAR_COLOUR = '#e6b800', '#b2182b'


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
    for i, level in enumerate(nuisance_levels(z, position)):
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

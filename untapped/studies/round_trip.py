"""The loop y -> x -> y and back, the claim of Figure 3.

A model trained in both directions on pairs alone may map what it generates
to anything.  Trained on y without x as well, it shall find its own y again.
Everything goes by means, without sampling: no random stream moves.
"""
from __future__ import division, print_function

from collections import OrderedDict

import numpy as np

from untapped.report import figures
from untapped.report.content import (Drawing, Section, Table, attempt,
                                     by_method, comparison, models,
                                     ordering, shown)
from untapped.studies import evaluation, metrics

__all__ = ['answers', 'answers_of', 'draw', 'findings', 'section']


def answers(model, data):
    """What comes back from a model, see `answers_of`.

    x of y is the mean of p(x|y, z) itself, eq. (3), at the mean z of eq.
    (18).  From x to y to x, z is the mean of q(z|x, y) of that x.  Of zeros
    and ones x is the likelier value of each.

    Parameters
    ----------
    model : SSDGM, trained
    data : untapped.datasets.Prepared
    """
    z_bar = evaluation.mean_z(model, data)

    def generate(y):
        return model.generate(y=y, z2=np.repeat(z_bar, len(y), axis=0),
                              once=True)

    def again(x, y):
        return model.generate(y=y, z2=model.infer('z2', x=x, y=y), once=True)

    return answers_of(model.predict, generate, data, again)


def answers_of(predict, generate, data, again=None):
    """What comes back from any two maps x -> y and y -> x.

    Parameters
    ----------
    predict, generate : callables
        From x ``(n, features)`` to y ``(n, num_output)`` and back.
    data : untapped.datasets.Prepared
    again : callable, optional
        From x and its y to x; by default y alone generates.

    Returns
    -------
    OrderedDict
        ``round_trip`` ``(K, K)``: a row a pure part that was put in, the
        composition that comes back; ``round_trip_x`` ``(n,)``, ||x' - x||_2
        of each validation x and what comes back of it; ``generated_once``
        ``(n,)``, the same of what the validation y generate.
    """
    has_all = evaluation.has_all_parts(data)
    pure = metrics.corners(data.y.shape[1], has_all)
    y = predict(data.X_valid)
    back = generate(y) if again is None else again(data.X_valid, y)
    return OrderedDict([
        ('round_trip', metrics.all_parts(
            np.asarray(predict(generate(pure)), 'float64'), has_all)),
        ('round_trip_x', metrics.row_errors(data.X_valid, back)),
        ('generated_once', metrics.row_errors(data.X_valid,
                                              generate(data.y_valid)))])


def findings(answers, data):
    """Numbers that follow from `answers_of`; empty without them.

    Returns
    -------
    OrderedDict
        ``round_trip``: ``matrix``, lists of floats, a row a pure part;
        ``diagonal``, part -> the share of it that comes back, and
        ``mean_diagonal``; ``kl``, KL(pure || what comes back) in nats;
        ``x_error``, the mean of ||x' - x||_2 after x -> y -> x, in the unit
        of x.  ``generation_error_once``, the mean of ||x_bar - x||_2.
    """
    found = OrderedDict()
    if 'round_trip' not in answers:
        return found
    matrix = answers['round_trip']
    diagonal = [float(share) for share in np.diag(matrix)]
    found['round_trip'] = OrderedDict([
        ('matrix', matrix.tolist()),
        ('diagonal', OrderedDict(zip(data.names, diagonal))),
        ('mean_diagonal', float(np.mean(diagonal))),
        ('kl', metrics.kl_divergence(np.eye(len(matrix)), matrix)),
        ('x_error', float(answers['round_trip_x'].mean()))])
    found['generation_error_once'] = float(answers['generated_once'].mean())
    return found


# The report -----------------------------------------------------------------

def section(results, data):
    """Of every experiment's report."""
    there = [r for r in results if 'round_trip' in r.findings]
    if not there:
        return Section('Round trip', ['What comes back was not computed.'])
    trained = models(there)
    label = 'KL of pure parts after y -> x -> y'
    return Section('Round trip', [
        attempt(label, lambda: ordering(label, None, by_method(
            trained, lambda r: r.findings['round_trip']['kl'])))] + [
        attempt('What comes back from ' + r.label,
                lambda r=r: _sentence(r, data)) for r in there], [
        attempt('The table of the round trip',
                lambda: _table(there, data)),
        attempt('The table of what comes back',
                lambda: _matrix_table(there, data))], [
        Drawing('round_trip', 'Round trip of pure parts',
                'A row is the pure part that p(x|y, z) generates from at the '
                'mean z, eq. (3); along it stands the composition that '
                'q(y|x) reads from that x, in percent. A model that closes '
                'the loop has its numbers on the diagonal; equal rows are '
                'one answer for everything.',
                lambda: draw(list(reversed(trained)), data))
    ] if trained else [])


def _sentence(result, data):
    trip = result.findings['round_trip']
    least = min(trip['diagonal'], key=trip['diagonal'].get)
    return ('%s: after y -> x -> y a pure part comes back as %s of itself on '
            'average (least %s, of %s); one answer for all parts gives %s.' % (
                result.label, shown(trip['mean_diagonal']),
                shown(trip['diagonal'][least]), least,
                shown(1. / len(data.names))))


def _table(results, data):
    def trip(key):
        return by_method(results, lambda r: r.findings['round_trip'][key])

    quantities = [
        ('KL(pure || what comes back) after y -> x -> y, nats', None,
         trip('kl')),
        ('share that comes back, mean', None, trip('mean_diagonal'))]
    for name in data.names:
        quantities.append((
            'share of %s that comes back' % name, None, by_method(
                results,
                lambda r: r.findings['round_trip']['diagonal'][name])))
    quantities += [
        ('||x\' - x||_2 after x -> y -> x', None, trip('x_error')),
        ('||x_bar - x||_2 of x generated from y, as published', None,
         by_method(results, lambda r: r.validation.get('generation_error'))),
        ('the same, generated once', None, by_method(
            results, lambda r: r.findings['generation_error_once']))]
    return comparison(
        'round_trip', 'Round trip and generation', quantities, results,
        'y -> x -> y of the pure parts; all else of the validation data, '
        'mean over the rows, in the unit of x. The share is 1 where a model '
        'reads its own pure spectra as pure. x is generated once, by p(x|y, '
        'z) itself, at the mean z, eq. (18); after x -> y -> x at the z of '
        'that x. As published, what is generated is encoded and generated '
        'once more. PLS, published, generates x by the regression of x on '
        'y. The paper argues for this loop (Figure 3) and prints no number.')


def _matrix_table(results, data):
    return Table(
        'round_trip_matrix', 'What comes back of each pure part',
        ['Part put in', 'Method'] + list(data.names),
        [[name, r.label] + [round(share, 4) for share in
                            r.findings['round_trip']['matrix'][part]]
         for part, name in enumerate(data.names) for r in results],
        'Fractions of 1; each row sums to 1.')


def draw(results, data):
    """The matrices as heat maps, a panel a model."""
    parts = len(data.names)
    figure = figures.new(4.1)
    names = [figures.pretty(name) for name in data.names]
    longest = min(max(map(len, names)), 25)
    turned = sum(map(len, names)) > 30
    for n, r in enumerate(results):
        # the last part, 1 less the others, may be a rounding below 0
        matrix = 100 * np.clip(r.findings['round_trip']['matrix'], 0, 1)
        axes = figure.add_subplot(1, len(results), n + 1)
        axes.imshow(matrix, vmin=0, vmax=100, cmap='Blues',
                    interpolation='nearest')
        for row, column in np.ndindex(parts, parts):
            share = matrix[row, column]
            axes.text(column, row, '%.0f' % share, ha='center', va='center',
                      fontsize=7 if parts > 6 else 9,
                      color='white' if share > 60 else 'black')
        axes.set_title(r.label)
        axes.set_xticks(range(parts))
        axes.set_xticklabels(names, rotation=90 if turned else 0)
        axes.set_yticks(range(parts))
        axes.set_yticklabels(names if n == 0 else [])
        axes.tick_params(length=0)
        axes.set_xlabel('comes back, percent')
        if n == 0:
            axes.set_ylabel('pure part put in')
    # room for the names, of 0.07 inches a letter
    figure.subplots_adjust(
        left=0.07 + 0.01 * longest, right=0.99, top=0.93, wspace=0.06,
        bottom=0.13 + 0.014 * longest * turned)
    return figure

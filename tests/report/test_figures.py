"""Learning curves: what is drawn, apart from how it looks."""
from __future__ import division, print_function

import numpy as np
import pytest
from matplotlib import pyplot
from py.path import local

from untapped.report import figures
from untapped.runs.run_folder import RunFolder

EPOCHS = [5, 10, 15]


def axes_of(*panels):
    figure = figures.learning_curves(
        EPOCHS, [('label %d' % i, curves) for i, curves in enumerate(panels)],
        'title')
    return figure.axes


def test_every_curve_is_drawn_and_in_the_legend_of_its_panel():
    above, below = axes_of([('-J', [3., 2., 1.])],
                           [('a', [1., 2., 3.]), ('b', [2., 2., 2.])])
    assert [line.get_label() for line in above.get_lines()] == ['-J']
    assert [t.get_text() for t in below.get_legend().get_texts()] == ['a',
                                                                      'b']
    assert below.get_lines()[1].get_ydata().tolist() == [2., 2., 2.]
    assert below.get_lines()[1].get_xdata().tolist() == EPOCHS
    assert above.get_title(loc='left') == 'title'
    assert (above.get_ylabel(), below.get_ylabel()) == ('label 0', 'label 1')
    assert below.get_xlabel() == 'epoch'


def test_curves_of_a_figure_differ_without_colour():
    panels = axes_of(*[[(str(i), [1., 2., 3.]) for i in range(n)]
                       for n in (2, 6, 9)])
    styles = [(line.get_marker(), figures.DASHES[i % len(figures.DASHES)])
              for i, line in enumerate(
                  line for axes in panels for line in axes.get_lines())]
    assert len(set(styles)) == 17


def test_legends_do_not_run_into_each_other():
    figure = figures.learning_curves(EPOCHS, [
        (str(n), [('label %d' % i, [1., 2., 3.]) for i in range(n)])
        for n in (2, 6, 9)], 'title')
    figure.canvas.draw()
    boxes = [axes.get_legend().get_window_extent() for axes in figure.axes]
    assert all(upper.y0 > lower.y1 for upper, lower in zip(boxes, boxes[1:]))
    assert boxes[-1].y0 > 0
    assert all(box.x1 < figure.bbox.width for box in boxes)


@pytest.mark.parametrize('length', [10, 90])
def test_nothing_is_cut_off_at_an_edge(length):
    figure = figures.learning_curves(EPOCHS, [
        ('terms without weights, nats',
         [('l' * length, [-1000., 2e3, 1.]), ('b', [.1, .2, .3])])], 'title')
    figure.canvas.draw()
    axes, = figure.axes
    for part in (axes.get_legend(), axes.yaxis.label, axes.title):
        box = part.get_window_extent()
        assert box.x0 >= 0 and box.x1 <= figure.bbox.width
        assert box.y0 >= 0 and box.y1 <= figure.bbox.height
    # in inches, the axes are what they are beside a short legend
    width = figure.get_figwidth()
    assert (width > figures.WIDTH) == (length == 90)
    assert abs(axes.get_position().width * width - .5 * figures.WIDTH) < 1e-9


def test_curves_far_apart_are_drawn_on_a_symlog_axis():
    far, near = axes_of([('a', [-400., -300., 5.]), ('b', [.1, .2, .3])],
                        [('a', [-4., -3., 5.]), ('b', [1., .2, .3])])
    assert far.get_yscale() == 'symlog'
    assert near.get_yscale() == 'linear'


def test_nan_infinity_zeros_and_one_epoch_can_be_drawn(tmpdir):
    folder = RunFolder(str(tmpdir), 'crism')
    figure = figures.learning_curves(
        [1], [('objective', [('-J', [float('inf')])]),
              ('terms', [('a', [float('nan')]), ('b', [0.]),
                         ('c', [-1e9])])], 'title')
    figures.save(folder, 'train.png', figure)
    with open(folder.join('train.png'), 'rb') as stream:
        assert stream.read(8) == b'\x89PNG\r\n\x1a\n'


def test_the_order_of_a_pdf_does_not_depend_on_addresses(tmpdir):
    """Each marker shape is an object of its own, kept by address."""
    folder = RunFolder(str(tmpdir), 'crism')
    kept = []
    for name in ('a.pdf', 'b.pdf', 'c.pdf', 'd.pdf'):
        figure = figures.new(3.)
        axes = figure.add_subplot(111)
        for number, marker in enumerate(figures.MARKERS):
            axes.plot([1, 2], [number] * 2, marker=marker)
        figures.save_pdf(folder, name, figure)
        # what comes next lies elsewhere in memory
        kept.append((figure, [object() for _ in range(999)]))
    assert len(set(local(folder.join(name)).read_binary()
                   for name in ('a.pdf', 'b.pdf', 'c.pdf', 'd.pdf'))) == 1


def test_drawing_leaves_pyplot_alone():
    before = pyplot.get_fignums()
    axes_of([('a', [1., 2., 3.])])
    assert pyplot.get_fignums() == before


def test_many_spectra_with_few_true_values_become_medians_and_bars():
    rng = np.random.RandomState(0)
    true = np.repeat([[0.], [.5], [1.]], 300, axis=0)
    predicted = true + rng.normal(size=true.shape) * .1
    figure = figures.predicted_against_true(
        true, [('m2', 'M2', predicted)], ['a'], 'fraction')
    diagonal, medians = figure.axes[0].get_lines()
    rows = predicted[:, 0].reshape(3, 300)
    assert np.allclose(medians.get_ydata(), np.median(rows, axis=1))
    assert np.allclose(medians.get_xdata(), [0, .5, 1])
    bars = figure.axes[0].collections[0].get_segments()
    assert np.allclose([bar[:, 1] for bar in bars],
                       np.percentile(rows, [5, 95], axis=1).T)
    # fewer are drawn one by one
    figure = figures.predicted_against_true(
        true[::9], [('m2', 'M2', predicted[::9])], ['a'], 'fraction')
    assert np.array_equal(figure.axes[0].get_lines()[1].get_ydata(),
                          predicted[::9, 0])


def drawn_and_said(true):
    """Whether bars are drawn, and whether the caption promises them."""
    figure = figures.predicted_against_true(
        true, [('m2', 'M2', true)], ['a'] * true.shape[1], 'fraction')
    caption = figures.agreement_caption(true, 'a part')
    return ([bool(axes.collections) for axes in figure.axes],
            'median' in caption, 'a spectrum' in caption)


def test_the_caption_of_predicted_against_true_says_what_is_drawn():
    many = np.linspace(0, 1, figures.MANY + 1)[:, np.newaxis]
    few = np.round(many)
    assert drawn_and_said(few) == ([True], True, False)
    assert drawn_and_said(many) == ([False], False, True)
    assert drawn_and_said(few[:-1]) == ([False], False, True)
    assert drawn_and_said(np.hstack([few, many])) == ([True, False], True,
                                                      True)


def test_a_dollar_in_a_name_is_no_formula():
    """Two of them would be read as mathtext, and cut the name."""
    figure = figures.new(2.)
    axes = figure.add_subplot(111)
    for text in ('a$b$c', 'Fe$2'):
        axes.set_title(figures.pretty(text))
        _, mathtext = axes.title.is_math_text(axes.title.get_text())
        assert not mathtext
    assert axes.title.is_math_text(figures.literal('a$b$c')) == ('a$b$c',
                                                                 False)


def test_a_long_name_keeps_its_beginning_its_end_and_a_panels_width():
    figure = figures.new(2.)
    axes = figure.add_subplot(111)
    for name in (u'plagioclase of the second quarry, sieved 3 times',
                 u'W' * 60, u'Fe2O3'):
        axes.set_title(figures.pretty(name))
        figure.canvas.draw()
        shown = axes.title.get_text()
        assert shown[:2] + shown[-1] in (name[:2] + name[-1], u'Fe\u2083')
    assert figures.short(u'a' * 24) == u'a' * 24
    assert figures.short(u'a' * 12 + u'b' * 13) == (
        u'a' * 12 + u'\u2026' + u'b' * 11)

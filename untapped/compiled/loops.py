"""C++ of loops: element-wise instructions, and reductions of their rows."""
from __future__ import division, print_function

import itertools
from collections import OrderedDict

from untapped.compiled import fusion, reductions
from untapped.compiled.instructions import c_type

__all__ = ['bounds', 'indices', 'nest', 'over', 'text']


def indices(count):
    """Names of the indices of so many axes."""
    return ['i%d' % k for k in range(count)]


def bounds(axis, length, cut=None):
    """Where a loop over an axis begins and ends, texts.

    Parameters
    ----------
    axis, length : int
    cut : division.Cut, whose axis has the bounds of a part
    """
    if cut is not None and cut.axis == axis:
        return 'first', 'end'
    return '0', str(length)


def over(axis, length, cut=None):
    """The line that opens a loop over an axis; see `bounds`."""
    return 'for (npy_intp i%d = %s; i%d < %s; i%d++) {' % (
        (axis, bounds(axis, length, cut)[0], axis) +
        bounds(axis, length, cut)[1:] + (axis,))


def nest(shape, axes, cut=None):
    """The lines that open loops over some axes of a shape."""
    return ''.join(over(k, shape[k], cut) + '\n' for k in axes)


def text(source, loop):
    """A nest over a loop's axes, the tightest innermost.

    Parameters
    ----------
    source : source.Source, which the text becomes a part of
    loop : fusion.Loop

    Returns
    -------
    str
    """
    names = indices(len(loop.axes))
    order = fusion.order(source, loop)
    rows = _rows(source, loop)
    if _is_near(source, loop):
        return _near(source, loop, names, order)
    once, body = _statements(source, loop, names, rows)
    before, after_row, after = _reductions(source, loop, names, rows)
    opened = _opened(source, loop, order)
    return ''.join([
        _lines(once, 1), before, opened, _lines(body, len(order) + 1),
        '    ', '}' * min(1, len(order)), '\n', after_row,
        '    ', '}' * (len(order) - 1), '\n', after])


def _opened(source, loop, order):
    """The lines that open a nest."""
    opened = ''
    for depth, k in enumerate(order):
        # no element depends on another: buffers do not overlap
        opened += '#pragma GCC ivdep\n' * (k == order[-1])
        opened += '    ' * (depth + 1) + over(
            k, loop.axes[k], source.cut) + '\n'
    return opened


def _is_near(source, loop):
    """Whether all that a loop does has code for moderate numbers, and what
    it reads is still there afterwards."""
    written = set(a.buffer for a in loop.writes)
    return bool(loop.axes) and not loop.reductions and all(
        i.near is not None for i in loop.instructions) and not any(
            a.buffer in written for i in loop.instructions for a in i.reads)


def _near(source, loop, names, order):
    """A nest for moderate numbers, and one for all where some are not."""
    parts = []
    for near in (True, False):
        once, body = _statements(source, loop, names, {}, near)
        parts.append(''.join([
            _lines(once, 1), _opened(source, loop, order),
            _lines(body, len(order) + 1), '    ', '}' * len(order), '\n']))
    return ('    npy_int32 far = 0;\n    {\n%s    }\n'
            '    if (far) {\n%s    }\n' % tuple(parts))


def _lines(lines, depth):
    return ''.join('    ' * depth + line + '\n' for line in lines)


def _statements(source, loop, names, rows, near=False):
    """The lines before the nest, and those inside it."""
    once, body, held, number = [], [], {}, itertools.count()
    for instruction in loop.instructions:
        source.needs(instruction.support)
        ins = []
        for array in instruction.reads:
            key = fusion.access(array)
            if key not in held:
                held[key] = 'v%d' % next(number)
                there = array.squeezed()
                # what is the same for all elements is read once
                (body if any(there.strides) else once).append(
                    'const %s %s = %s;' % (c_type(array.dtype), held[key],
                                           source.element(there, names)))
            ins.append(held[key])
        outs = []
        for array in instruction.writes:
            name = held[fusion.access(array)] = 'v%d' % next(number)
            body.append('%s %s;' % (c_type(array.dtype), name))
            outs.append(name)
        code = instruction.near if near else instruction.code
        body.append('{ %s }' % code(ins, outs))
        for array, name in zip(instruction.writes, outs):
            if source.in_memory(array):
                body.append('%s = %s;' % (
                    source.element(array.squeezed(), names), name))
            elif array.buffer in rows:
                body.append('%s[%s] = %s;' % (rows[array.buffer], names[-1],
                                              name))
    return once, body


def _rows(source, loop):
    """Names of rows that only reductions read: kept until they have."""
    found = OrderedDict()
    for step in loop.reductions:
        array = step.reads[0]
        if not source.in_memory(array):
            found.setdefault(array.buffer, 'row%d' % len(found))
    return found


def _reductions(source, loop, names, rows):
    """What a loop's reductions do before it, after each row, after it."""
    before, after_row, after = '', '', ''
    for buffer, name in rows.items():
        before += '%s %s[%d] __attribute__((aligned(64)));\n' % (
            c_type(buffer.dtype), name, loop.axes[-1])
    for i, step in enumerate(loop.reductions):
        source.needs(step.support)
        array, made = step.reads[0].squeezed(), step.writes[0].squeezed()

        def read(index):
            if array.buffer in rows:
                return '%s[%s]' % (rows[array.buffer], index)
            return source.element(array, names[:-1] + [index])

        def give(index):
            return source.element(made, names if index == '' else [index])
        pieces = _pieces(source, step, 'acc%d' % i, loop.axes)
        before += pieces.declared()
        if isinstance(pieces, reductions.InParts) and made.shape:
            after_row += (pieces.cleared() + pieces.added(read) +
                          pieces.given(give))
        else:
            before += pieces.cleared()
            after_row += pieces.added(read)
            after += pieces.given(give)
    return before, after_row, after


def _pieces(source, step, name, axes):
    """How a reduction in a loop over some axes is written."""
    array, count = step.reads[0], axes[-1]
    if not fusion.of_columns(step):
        return reductions.InParts(step, name, count)
    small = source.reorder and array.dtype == 'float32' and \
        array.size <= reductions.FEW * count
    return reductions.Abreast(step, name, count,
                              c_type(array.dtype) if small else None,
                              bounds(len(axes) - 1, count, source.cut))

"""C++ of reductions, a piece at a time.

Each class has four pieces: ``declared``, ``cleared``, ``added`` and ``given``.
The last two take an element's text as a function of its index.  Indices are j
and k.
"""
from __future__ import division, print_function

from untapped.compiled.instructions import c_type

__all__ = ['FEW', 'PARTS', 'Abreast', 'InParts']

#: sums that one is made of, where it may be
PARTS = 16

#: rows whose sum float32 may hold, where bits may move: half the memory
FEW = 256


class _Pieces(object):
    """Accumulators in an array.

    Parameters
    ----------
    step : instructions.Reduction
    name : str, of the accumulators
    count : int, of numbers that are added at a time
    acc : str, their C++ type (default: the step's)
    columns : (str, str), the first of those that are reduced and the one
        after the last (default: all)
    """
    def __init__(self, step, name, count, acc=None, columns=None):
        self.step, self.name, self.count = step, name, count
        self.acc = acc or c_type(step.acc)
        self.columns = columns or ('0', str(count))

    def declared(self):
        """The accumulators."""
        return '%s %s[%d];\n' % (self.acc, self.name, self.size)

    def cleared(self):
        """What a sum of nothing is goes into each."""
        return self._each('%s[k] = %s;\n' % (self.name, self.step.initial))

    def _each(self, statement):
        """A statement for each accumulator k."""
        return 'for (npy_intp k = 0; k < %d; k++) %s' % (self.size, statement)

    def _one(self, element):
        target = self.name + '[k]'
        return '{ const %s x = %s; %s }\n' % (
            c_type(self.step.reads[0].dtype), element,
            self.step.code([target, 'x'], [target]))


class Abreast(_Pieces):
    """A result for each of ``count`` columns, row after row."""
    @property
    def size(self):
        """How many accumulators there are."""
        return self.count

    def _each(self, statement):
        return 'for (npy_intp k = %s; k < %s; k++) %s' % (
            self.columns + (statement,))

    def added(self, element):
        """One number goes to each column's accumulator."""
        return self._each(self._one(element('k')))

    def given(self, element):
        """The accumulators go to the result's elements."""
        return self._each('%s = %s[k];\n' % (element('k'), self.name))


class InParts(_Pieces):
    """One result, its numbers dealt out to several accumulators."""
    size = PARTS

    def added(self, element):
        """All numbers go to the accumulators in turn."""
        one = self._one(element('(j + k)'))
        return ('{\nnpy_intp j = 0;\n'
                'for (; j + %d <= %d; j += %d)\n'
                'for (npy_intp k = 0; k < %d; k++) %s'
                'for (npy_intp k = 0; j + k < %d; k++) %s}\n' % (
                    PARTS, self.count, PARTS, PARTS, one, self.count, one))

    def given(self, element):
        """The sum of the accumulators goes to the result's element."""
        return ('{\n%s acc = %s;\n'
                'for (npy_intp k = 0; k < %d; k++) { %s }\n'
                '%s = acc;\n}\n' % (
                    self.acc, self.step.initial, PARTS,
                    self.step.code(['acc', self.name + '[k]'], ['acc']),
                    element('')))

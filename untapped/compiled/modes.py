"""How graphs are compiled: the pinned rewrites, and one that is exact.

Theano's ``fast_compile`` rewrites decide the bits of the published code.  To
them comes one that changes no bit and saves time: a power with the exponent 2
becomes a square, one with the exponent 1 its base.

Theano writes ``pow(x, y)`` with a float x and an 8-bit integer y; C++ takes
both to double.  The square of a float is a double without rounding, so that
pow returns it exactly, and rounding it to float is what ``x * x`` does.
``tests/compiled/test_modes.py`` compares the two, and ``make floats`` does so
for every float there is and prints what either takes.
"""
from __future__ import division, print_function

import theano
import theano.tensor as T
from theano.compile import optdb
from theano.gof.opt import local_optimizer
from theano.scalar import Pow
from theano.tensor.elemwise import Elemwise
from theano.tensor.opt import in2out

from untapped.compiled.linker import WholeGraph
from untapped.compiled.rewriting import Later
from untapped.machine import slots

__all__ = ['compile_mode', 'step_mode', 'EXACT', 'KINDS']

slots.follow_forks()

#: the tag that the rewrite is registered under
EXACT = 'untapped_exact'

#: after Theano's canonicalisation and specialisation (1 and 2), which fold
#: the exponents that differentiation makes
_POSITION = 2.9


def _integer_exponent(node):
    """The exponent of an element-wise float32 power, None if none."""
    if not isinstance(node.op, Elemwise) or \
            not isinstance(node.op.scalar_op, Pow):
        return None
    base, exponent = node.inputs
    out = node.outputs[0]
    if base.dtype != 'float32' or out.dtype != 'float32' or \
            not exponent.dtype.startswith('int') or \
            base.broadcastable != out.broadcastable:
        # a float exponent asks for powf, which does round otherwise
        return None
    try:
        return int(T.get_scalar_constant_value(exponent))
    except T.NotScalarConstantError:
        return None


@local_optimizer([Elemwise])
def exact_powers(node):
    """x ** 2 becomes x * x, x ** 1 becomes x, for integer constants."""
    exponent = _integer_exponent(node)
    if exponent == 2:
        return [T.sqr(node.inputs[0])]
    if exponent == 1:
        return [node.inputs[0]]


optdb.register('untapped_exact_powers', in2out(exact_powers), _POSITION,
               EXACT)


def compile_mode():
    """The mode to compile with: the one in force, with the exact rewrite."""
    slots.move_if_forked()
    return theano.compile.mode.get_default_mode().including(EXACT)


#: what steps may be compiled for: the published bits, or speed
KINDS = ('exact', 'fast')


def step_mode(kind='exact', name='function'):
    """The mode of the steps over minibatches: one function as a whole.

    The graph is the one of ``compile_mode``.  Shapes stay the same from step
    to step, so that it is compiled but once; a mode that is not the pinned
    one is left as it is.

    Parameters
    ----------
    kind : 'exact', with the published code's bits, or 'fast', with the
        instructions of this machine and functions of ``compiled.fast``
    name : str, of the function, for ``compiled.profile``
    """
    mode = compile_mode()
    if theano.config.optimizer != 'fast_compile' or \
            theano.config.mode != 'Mode' or not theano.config.cxx:
        return mode
    return Later(WholeGraph(exact=kind == 'exact', name=name),
                 mode.provided_optimizer).including(EXACT)

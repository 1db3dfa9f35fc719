"""C++ statements of scalar operations: what is done to one element.

They are Theano's own.  For float32, `exact` and `fast` have others in their
place.  Here *code* is a function of two lists of names, of inputs and of
outputs, to the text of the statements.
"""
from __future__ import division, print_function

import re

from theano import scalar
from theano.gof import Apply
from theano.gof.utils import MethodNotDefined

from untapped.compiled.instructions import Unsupported

__all__ = ['calls', 'replaced', 'statements', 'support', 'without_unread']


def statements(op, in_dtypes, out_dtypes):
    """The code of a scalar operation.

    Raises
    ------
    Unsupported : the operation has no C++
    """
    node = Apply(op, *[[scalar.get_scalar_type(str(d)).make_variable()
                        for d in dtypes]
                       for dtypes in (in_dtypes, out_dtypes)])

    def code(ins, outs):
        return op.c_code(node, 'scalar', ins, outs, {'fail': 'return -1;'})
    try:
        code(['x'] * len(in_dtypes), ['z'] * len(out_dtypes))
    except (NotImplementedError, MethodNotDefined):
        raise Unsupported('%s without C++' % op)
    return code


def replaced(node, functions):
    """The code that takes the place of Theano's; None if Theano's stays.

    Parameters
    ----------
    node : Apply of an element-wise operation
    functions : dict from the type of a scalar operation to an expression of
        its arguments ``%(a)s``, ``%(b)s``, ``%(c)s``; for float32 alone
    """
    text = functions.get(type(node.op.scalar_op))
    if text is None or any(v.dtype != 'float32' for v in
                           node.inputs + node.outputs):
        return None
    return lambda ins, outs: '%s = %s;' % (
        outs[0], text % dict(zip('abc', ins)))


def support(op):
    """C++ that must precede the statements of a scalar operation."""
    try:
        return op.c_support_code()
    except MethodNotDefined:
        return ''


#: a call in C++ text that is neither a single instruction nor put inline, as
#: the functions of `exact` and `fast` are
_CALL = re.compile(
    r'\b(?!fabsf?\b|sqrtf?\b|either\b|exact_|fast_)[A-Za-z_]\w*\(')


def calls(code, inputs, outputs):
    """Whether code for so many operands calls the C library."""
    return bool(_CALL.search(code(['x'] * inputs, ['z'] * outputs)))


def without_unread(reads, code, outputs):
    """Drop operands of which only the shape counts, as of `second`.

    Parameters
    ----------
    reads : list of Array
    code : function
    outputs : int, how many outputs the code has

    Returns
    -------
    reads, code : of the operands that are left
    """
    names = ['operand%d' % i for i in range(len(reads))]
    words = set(re.findall(r'\w+', code(names, ['z'] * outputs)))
    read = [i for i, name in enumerate(names) if name in words]
    if len(read) == len(reads):
        return reads, code

    def shorter(ins, outs):
        given = dict(zip(read, ins))
        return code([given.get(i) for i in range(len(reads))], outs)
    return [reads[i] for i in read], shorter

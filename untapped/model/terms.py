"""What is recorded while a model trains: J, its terms, and their parts.

A term is minus a bound, or a loss; all are to be minimised.  The parts of a
bound are the recognition log-densities (``rec_...``) and the generative ones
(``gen_...``) that it is made of.

=============  ====================================  ==================
kind           of                                    equation
=============  ====================================  ==================
x_sup_dis      labelled pairs, loss of predicted y   (13)
y_sup_dis      labelled pairs, loss of generated x   (14)
x_sup          labelled pairs, forward bound         (7)
y_sup          labelled pairs, reverse bound         (9)
x              x without y                           (8)
y              y without x                           (20), (10) or (21)
consistency    y without x                           (22)
=============  ====================================  ==================
"""
from __future__ import division, print_function

from collections import OrderedDict, namedtuple

__all__ = ['KINDS', 'REVERSE', 'Term', 'labels', 'paper', 'published']

#: the kinds of term, in the order in which they are recorded
KINDS = ('x_sup_dis', 'y_sup_dis', 'x_sup', 'y_sup', 'x', 'y', 'consistency')

#: the reverse bound of unfeatured y -> its equation
REVERSE = OrderedDict([('observed', 'eq. (20)'), ('latent', 'eq. (10)'),
                       ('auxiliary', 'eq. (21)')])


class Term(namedtuple('Term', 'model kind part label equation')):
    """One recorded quantity.

    Attributes
    ----------
    model : 'M1' or 'M2'
    kind : str, one of ``KINDS``
    part : str, e.g. 'rec_y'; None for the whole bound or loss
    label : str, what it is
    equation : str, where the paper defines it
    name : str, the published name, e.g. 'M2_x_rec_y'
    """
    __slots__ = ()

    @property
    def name(self):
        """The published name."""
        return '_'.join([self.model, self.kind] +
                        ([self.part] if self.part else []))


def labels(terms):
    """What a table shows of terms: name -> (label, equation).

    J comes first, then each whole term before its parts, whose labels are
    indented; M2's come before M1's.
    """
    shown = OrderedDict([
        ('train', ('objective J on training minibatches', 'eq. (15)')),
        ('eval', ('objective J on validation data', 'eq. (15)'))])
    for term in sorted(terms, key=lambda t: (
            t.model == 'M1', KINDS.index(t.kind), t.part is not None)):
        indent = '  ' if term.part else ''
        shown[term.name] = indent + term.label, term.equation
    return shown


# the published objective

#: rows (kind, label, equation, parts) in the published order
_M1 = (
    ('x', '- unlabelled bound on log p(x)', 'M1', (
        ('rec_y', 'log q(y|x)'), ('gen_x', 'log p(x|y) + log p(y)'))),
    ('y', '- unfeatured bound on log q(y)', 'M1', (
        ('rec_x', 'log p(x|y)'), ('gen_y', 'log q(y|x) + log q(x)'))),
    ('x_sup', '- labelled bound, forward', 'M1', (
        ('gen_x_sup', 'log p(x|y)'),)),
    ('y_sup', '- labelled bound, reverse', 'M1', (
        ('gen_y_sup', 'log q(y|x)'),)),
    ('x_sup_dis', 'y-discriminative loss of x', 'eq. (13)', ()),
    ('y_sup_dis', 'x-discriminative loss of y', 'eq. (14)', ()))
_M2 = (
    ('x', '- unlabelled bound on log p(x)', 'eq. (8)', (
        ('rec_y', 'log q(y|x)'), ('rec_z2', 'log q(z|x,y)'),
        ('gen_z1', 'log p(x|y,z) + log p(y) + log p(z)'))),
    ('y', '- unfeatured bound on log q(y)', 'eq. (20)', (
        ('rec_z1', 'log p(x|y,z)'), ('gen_y', 'log q(y|x) + log q(x)'))),
    ('x_sup', '- labelled bound, forward', 'eq. (7)', (
        ('rec_z2_sup', 'log q(z|x,y)'),
        ('gen_z1_sup', 'log p(x|y,z) + log p(z)'))),
    ('y_sup', '- labelled bound, reverse', 'eq. (9)', (
        ('gen_y_sup', 'log q(y|x) + log q(x)'),)),
    ('x_sup_dis', 'y-discriminative loss of x', 'eq. (13)', ()),
    ('y_sup_dis', 'x-discriminative loss of y, z', 'eq. (14)', ()))

#: labels of the reconstruction objective, where they are others
_RECONSTRUCTION = {'x': 'error of x inferred and generated again',
                   'y': 'error of y generated and inferred again'}


def published(model_type, variational):
    """The published terms of a model, in the published order.

    Parameters
    ----------
    model_type : 0 for M1, 1 for M2, 2 for M1+M2
    variational : bool; False: the reconstruction objective, without parts

    Returns
    -------
    list of Term.  M1+M2 takes only the bound on log p(x) from M1, with as
    many of its parts as the published code keeps.
    """
    terms = []
    if model_type in (0, 2):
        terms += [t for t in _published('M1', _M1, variational)
                  if model_type == 0 or
                  t.kind == 'x' and t.part != 'rec_y']
    if model_type in (1, 2):
        terms += _published('M2', _M2, variational)
    return terms


def _published(model, rows, variational):
    for kind, label, equation, parts in rows:
        if variational:
            for part, density in parts:
                yield Term(model, kind, part, density, equation)
        elif kind in _RECONSTRUCTION:
            label, equation = _RECONSTRUCTION[kind], 'reconstruction'
        yield Term(model, kind, None, label, equation)


# the paper's objective

#: rows (kind, label, equation); 'y' has that of ``REVERSE``
_PAPER = (
    ('x_sup_dis', 'y-discriminative loss of x', 'eq. (13)'),
    ('y_sup_dis', 'x-discriminative loss of y, z', 'eq. (14)'),
    ('x_sup', '- labelled bound, forward', 'eq. (7)'),
    ('y_sup', '- labelled bound, reverse', 'eq. (9)'),
    ('x', '- unlabelled bound on log p(x)', 'eq. (8)'),
    ('y', '- unfeatured bound, reverse', None),
    ('consistency', 'KL(q(z|y) || integral of q(z|x,y) over x)', 'eq. (22)'))

#: (part, log-density) of the forward and of the reverse bounds
_FORWARD = (
    ('gen_x', 'log p(x|y,z)'), ('gen_h', 'log p(h|y,z)'),
    ('gen_y', 'log p(y)'), ('gen_z', 'log p(z)'), ('rec_h', 'log q(h|x)'),
    ('rec_y', 'log q(y|x)'), ('rec_z', 'log q(z|x,y)'))
_REVERSE = (
    ('gen_x', 'log q(x)'), ('gen_h', 'log q(h|x)'), ('gen_y', 'log q(y|x)'),
    ('gen_z', 'log q(z|x,y)'), ('rec_z', 'log p(z)'),
    ('rec_h', 'log p(h|y,z)'), ('rec_x', 'log p(x|y,z)'))
_PAPER_PARTS = {'x_sup': _FORWARD, 'x': _FORWARD, 'y_sup': _REVERSE,
                'y': _REVERSE}


def paper(model_type, reverse='observed'):
    """The terms of the paper's objective, each with all parts it may have.

    Parameters
    ----------
    model_type : 0 for M1, 1 for M2, 2 for M1+M2
    reverse : 'observed', 'latent' or 'auxiliary', the bound of unfeatured y

    Returns
    -------
    list of Term, the parts of a bound before the bound
    """
    model, terms = 'M1' if model_type == 0 else 'M2', []
    for kind, label, equation in _PAPER:
        equation = equation or REVERSE[reverse]
        for part, density in _PAPER_PARTS.get(kind, ()):
            if (kind, part, reverse) == ('y', 'rec_z', 'auxiliary'):
                density = 'log q(z|y)'
            terms.append(Term(model, kind, part, density, equation))
        terms.append(Term(model, kind, None, label, equation))
    return terms

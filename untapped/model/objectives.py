"""The choice between the two objectives.

published
    The published code, to the bit: ``published`` and ``published_bounds``.
paper
    The paper's equations with every term: ``paper`` and ``paper_bounds``.

An objective holds settings alone.  ``ssdgm.SSDGM`` hands it what it needs:

===================  ==================================================
check_settings       refuses settings that do not go together
architectures        the networks' descriptions
bounds               every term's expression, of networks
check_data           refuses data that have no density
weighted             which kinds of term J holds, with their weights
J, total, term       expressions: J, one kind of term, one recorded term
terms, recorded      what may be recorded, and what is
updates              Adam's step
anneal_factor        of the learning rate
needs_z2             whether unfeatured y need their z2
===================  ==================================================
"""
from __future__ import division, print_function

from collections import OrderedDict

from untapped.model import kinds
from untapped.model.objective import Settings
from untapped.model.paper import Paper
from untapped.model.published import Published
from untapped.model.terms import REVERSE

__all__ = ['OBJECTIVES', 'choose']

OBJECTIVES = OrderedDict([('published', Published), ('paper', Paper)])


def choose(model, plain=False):
    """The objective that an estimator's present settings ask for.

    plain : bool, numpy's numbers are taken as Python's, see ``kinds.plain``

    Raises
    ------
    InputError for an objective or a reverse bound that does not exist
    """
    for name, known in (('objective', OBJECTIVES), ('reverse', REVERSE)):
        kinds.require(kinds.choice(tuple(known)), name, getattr(model, name))
    settings = Settings.of(model)
    if plain:
        settings = Settings(*map(kinds.plain, settings))
    return OBJECTIVES[model.objective](settings)

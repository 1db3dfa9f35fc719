"""The losses and priors by the names that other code imports.

Importing this module draws from numpy's global generator, see
``parmesan.layers``.
"""
from untapped.model.losses import KL, L2, REP, categorical, dirichlet
from untapped.model.published_densities import logsumexp
from untapped.parmesan import layers as _drawn_at_import

__all__ = ['KL', 'L2', 'REP', 'categorical', 'dirichlet', 'logsumexp']

del _drawn_at_import

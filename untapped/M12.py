"""The losses and priors by the names that other code imports.

Importing this module draws from numpy's global generator, see
``parmesan.layers``.
"""
from untapped.model.losses import (KL, L2, REP, categorical, dirichlet,
                                   supervised_loss)
from untapped.model.published_densities import logsumexp
from untapped.parmesan.distributions import log_bernoulli as log_bern
from untapped.parmesan.distributions import log_gumbel_softmax as log_gumsoft
from untapped.parmesan.distributions import log_normal as log_norm
from untapped.parmesan.layers import (
    BernoulliSampleLayer, ConcreteSampleLayer, ListIndexLayer, SampleLayer)
from untapped.parmesan.special import IdentityLayer

__all__ = ['BernoulliSampleLayer', 'ConcreteSampleLayer', 'IdentityLayer',
           'KL', 'L2', 'ListIndexLayer', 'REP', 'SampleLayer', 'categorical',
           'dirichlet', 'log_bern', 'log_gumsoft', 'log_norm', 'logsumexp',
           'sup_error']


def sup_error(predicted, actual, num_output, eq_samples, iw_samples,
              loss=None):
    """``losses.supervised_loss``, without a loss by default."""
    return supervised_loss(predicted, actual, num_output, eq_samples,
                           iw_samples, loss)

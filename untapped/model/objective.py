"""What the published objective and the paper's have in common."""
from __future__ import division, print_function

from collections import namedtuple

from untapped.errors import InputError
from untapped.model.architectures import AUXILIARY

__all__ = ['Objective', 'Settings']


class Settings(namedtuple('Settings', (
        'variational', 'reverse', 'loss_x', 'loss_y', 'prior_x', 'prior_y',
        'prior_z1', 'prior_z2', 'coeff_x', 'coeff_y', 'coeff_x_dis',
        'coeff_y_dis', 'coeff_x_prob', 'coeff_y_prob', 'coeff_consistency',
        'anneal_lr_factor'))):
    """The settings of ``SSDGM`` that decide its objective."""
    __slots__ = ()

    @classmethod
    def of(cls, model):
        """The present settings of an estimator."""
        return cls(*[getattr(model, name) for name in cls._fields])


class Objective(object):
    """J of eq. (15) as a weighted sum of terms.

    It holds settings alone.  Networks, bounds and data are handed to it.

    Parameters
    ----------
    settings : Settings
    """
    def __init__(self, settings):
        self.settings = settings

    def J(self, weighted, bounds):
        """J, to be minimised: the weighted sum of its terms.

        weighted : list of (kind of term, weight), see ``weighted``
        """
        J = 0
        for kind, weight in weighted:
            J += weight * self.total(kind, bounds)
        return J

    def _check_auxiliary(self, given):
        if AUXILIARY in given and self.settings.reverse != 'auxiliary':
            raise InputError(
                "model_dict[%r]: expected only with reverse='auxiliary', got "
                'reverse=%r' % (AUXILIARY, self.settings.reverse))

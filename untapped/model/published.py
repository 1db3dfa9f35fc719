"""The published code's objective, to the bit."""
from __future__ import division, print_function

from untapped.errors import InputError
from untapped.model import adam, terms
from untapped.model.objective import Objective
from untapped.model.published_bounds import PublishedBounds

__all__ = ['Published']


class Published(Objective):
    """J as the published code has it; see ``objectives`` for the methods.

    ``coeff_x`` and ``coeff_y`` weigh the bounds of the forward and of the
    reverse model, labelled and unlabelled alike.  ``coeff_x_dis`` and
    ``coeff_y_dis`` weigh the losses of predicted y and of generated x.
    ``coeff_x_prob`` and ``coeff_y_prob`` switch the labelled bounds on where
    they are above 0.
    """
    #: unfeatured y are of use only together with their z2
    needs_z2 = True

    @property
    def variational(self):
        """Whether J has bounds; without, it has reconstruction errors."""
        return bool(self.settings.variational)

    @property
    def anneal_factor(self):
        """What the learning rate is multiplied by."""
        return self.settings.anneal_lr_factor

    def check_settings(self):
        """InputError for what this objective does not have."""
        for name, expected in (('reverse', 'observed'),
                               ('coeff_consistency', 0)):
            got = getattr(self.settings, name)
            if got != expected:
                raise InputError("%s: expected %r under "
                                 "objective='published', got %r"
                                 % (name, expected, got))

    def check_data(self, arrays, suffix, nets):
        """Nothing is asked for beyond what every model needs."""

    def architectures(self, archs, given):
        """The networks' descriptions, as they are."""
        self._check_auxiliary(given)
        return archs

    def bounds(self, nets, symbols, passes):
        """The ``PublishedBounds`` of the networks."""
        s = self.settings
        priors = {'x': s.prior_x, 'y': s.prior_y, 'z1': s.prior_z1,
                  'z2': s.prior_z2}
        return PublishedBounds(nets, symbols, passes, (s.loss_x, s.loss_y),
                               priors)

    def weighted(self, data, model_type):
        """(kind of term, weight) of all that J holds for the data.

        In the published order of addition, which decides bits.
        """
        s, held = self.settings, []
        if data.labelled:
            if self.variational:
                held += [('x_sup', s.coeff_x)] * (s.coeff_x_prob > 0)
                held += [('y_sup', s.coeff_y)] * (s.coeff_y_prob > 0)
            held += [('x_sup_dis', s.coeff_x_dis)] * (s.coeff_x_dis > 0)
            held += [('y_sup_dis', s.coeff_y_dis)] * (s.coeff_y_dis > 0)
        if data.has('X_'):
            held += [('x', s.coeff_x)] * (s.coeff_x > 0)
        if data.has('_y') and (model_type == 0 or data.has('z2')):
            held += [('y', s.coeff_y)] * (s.coeff_y > 0)
        return held

    def terms(self, model_type):
        """All terms that a model may have."""
        return terms.published(model_type, self.variational)

    def recorded(self, weighted, bounds):
        """The terms that J holds and their parts, as published."""
        held = [kind for kind, _ in weighted]
        return [term for kind in terms.KINDS if kind in held
                for term in self.terms(bounds.model_type)
                if term.kind == kind]

    def term(self, term, bounds):
        """The scalar expression of a ``terms.Term``."""
        return bounds.term(term, self.variational)

    def total(self, kind, bounds):
        """The scalar expression of a kind of term."""
        return bounds.total(kind, self.variational)

    def updates(self, J, params, lr):
        """Adam's; the gradient's total norm is held to 5 first."""
        return adam.updates(J, params, lr, adam.MAX_TOTAL_NORM)

"""The paper's objective: eq. (15) with every term of its bounds."""
from __future__ import division, print_function

import numpy as np

from untapped.errors import InputError
from untapped.model import adam, terms
from untapped.model.architectures import AUXILIARY, copied
from untapped.model.conditional import Bernoulli, Concrete, Conditional, Normal
from untapped.model.exact_flows import (Z_LIMIT, LogisticFlow, SimplexFlow,
                                        SoftplusFlow, exact)
from untapped.model.objective import Objective
from untapped.model.paper_bounds import PaperBounds
from untapped.model.supports import check_interval
from untapped.parmesan import flow

__all__ = ['Paper']


class Paper(Objective):
    """J of eq. (15): four weights, every term, no schedule.

    See ``objectives`` for the methods.
    """
    #: there is no other
    variational = True
    #: the learning rate is constant
    anneal_factor = 1.

    def check_settings(self):
        """InputError for settings that do not go together."""
        model = self.settings
        if not model.variational:
            raise InputError("variational: expected True under objective="
                             "'paper', which has no reconstruction "
                             'objective, got %r' % (model.variational,))
        if model.prior_z2 is not None:
            raise InputError("prior_z2: expected None under objective="
                             "'paper', whose reverse bounds draw z from "
                             'U(-%g, %g), got one' % (Z_LIMIT, Z_LIMIT))
        if model.coeff_consistency and model.reverse != 'auxiliary':
            raise InputError("coeff_consistency: expected 0 unless reverse="
                             "'auxiliary', the network of eq. (22), got %r"
                             % (model.coeff_consistency,))

    def architectures(self, archs, given):
        """Exact flows; what was not described ends on its support.

        A network of z that the user did not describe gets a logistic flow,
        one of y a flow to the simplex where it has none.
        """
        self._check_auxiliary(given)
        labels = 'z1->y' if 'z1->y' in archs else 'x->z1'
        for name, last in (('z1y->z2', flow.LogisticFlowLayer),
                           (labels, flow.NormalizingSimplexFlowLayer)):
            if name in archs and name not in given:
                flows = archs[name]['arch']['flows']
                if not flows or flows[-1] is not last:
                    flows.append(last)
        if self.settings.reverse == 'auxiliary':
            self._require_z(archs)
            archs[AUXILIARY] = copied(
                given.get(AUXILIARY, archs['z1y->z2']))
        for name, described in archs.items():
            described['arch']['flows'] = exact(
                described['arch']['flows'], of_z=name.endswith('->z2'))
        return archs

    @staticmethod
    def _require_z(archs):
        if 'z1y->z2' not in archs:
            raise InputError("reverse: expected 'observed' or 'latent' in "
                             "M1, which has no z, got 'auxiliary'")

    @property
    def needs_z2(self):
        """Whether unfeatured y are of use only together with their z2."""
        return self.settings.reverse == 'observed'

    def bounds(self, nets, symbols, passes):
        """The ``PaperBounds`` of the networks, once they are checked."""
        s = self.settings
        of_labels, unused = ('prior_z1', 'prior_y') \
            if nets.model_type == 0 else ('prior_y', 'prior_z1')
        if getattr(s, unused) is not None:
            raise InputError("%s: expected None in this type of model under "
                             "objective='paper', where it has no place, got "
                             'one' % unused)
        prior_y = getattr(s, of_labels)
        self._check_networks(nets, prior_y)
        return PaperBounds(nets, symbols, passes, (s.loss_x, s.loss_y),
                           (s.prior_x, prior_y), s.reverse)

    def _check_networks(self, nets, prior_y):
        """InputError for distributions that the priors do not fit."""
        labels = _labels(nets)
        if prior_y is None:
            _check_labels(labels, nets)
        for name in ('z1y->z2', AUXILIARY):
            if name in nets:
                _check_latents(name, nets)
        if AUXILIARY in nets:
            units, wanted = [nets[name].num_output for name in (
                AUXILIARY, 'z1y->z2')]
            if units != wanted:
                raise InputError(
                    "model_dict[%r]: expected num_output = %d, as "
                    "model_dict['z1y->z2'] has, got %d"
                    % (AUXILIARY, wanted, units))
        generating = ['z1->_x'] if nets.model_type == 0 else \
            ['yz2->_z1'] + ['z1->_x'] * (nets.model_type == 2)
        recognising = [labels] + [name for name in ('z1y->z2', 'x->z1')
                                  if name in nets and name != labels]
        for name in generating + recognising * (self.settings.coeff_y > 0):
            nets[name].require_inverse(name)

    def check_data(self, arrays, suffix, nets):
        """InputError for x off the support of its density.

        Parameters
        ----------
        arrays : dict from group, or 'x', to array or None
        suffix : str, '_valid' for validation data
        nets : Networks
        """
        generating = nets['yz2->_z1' if nets.model_type == 1 else 'z1->_x']
        last = generating.arch['flows'][-1:]
        binary = Conditional(generating).family is Bernoulli
        for name, value in arrays.items():
            if value is None or name not in ('X', 'X_', 'x'):
                continue
            if last == [SoftplusFlow]:
                check_interval(name + suffix, value, 0, np.inf,
                               'p(x|y, z) with its softplus flow')
            elif binary:
                _check_binary(name + suffix, value)

    def weighted(self, data, model_type):
        """(kind of term, weight) of all that J holds for the data."""
        m, kinds = self.settings, []
        if data.labelled:
            kinds += [('x_sup', m.coeff_x), ('y_sup', m.coeff_y),
                      ('x_sup_dis', m.coeff_x_dis),
                      ('y_sup_dis', m.coeff_y_dis)]
        if data.has('X_'):
            kinds.append(('x', m.coeff_x))
        if data.has('_y') and (data.has('z2') or not self.needs_z2 or
                               model_type == 0):
            kinds += [('y', m.coeff_y), ('consistency', m.coeff_consistency)]
        return [(kind, weight) for kind, weight in kinds if weight > 0]

    def terms(self, model_type):
        """All terms that a model may have."""
        return terms.paper(model_type, self.settings.reverse)

    def recorded(self, weighted, bounds):
        """The terms that J holds and their parts."""
        return [term for kind, _ in weighted
                for term in bounds.recorded(kind)]

    def term(self, term, bounds):
        """The scalar expression of a ``terms.Term``."""
        return bounds.term(term)

    def total(self, kind, bounds):
        """The scalar expression of a kind of term."""
        return bounds.total(kind)

    def updates(self, J, params, lr):
        """Adam's on gradients clipped by element, appendix A.2.1."""
        return adam.updates(J, params, lr)


def _labels(nets):
    """The name of the network of y."""
    return 'x->z1' if nets.model_type == 0 else 'z1->y'


def _check_labels(name, nets):
    """InputError unless a network's samples fill the simplex."""
    family = Conditional(nets[name]).family
    flows = nets.archs[name]['arch']['flows']
    if not (family is Concrete and not flows or
            family is Normal and flows and flows[-1] is SimplexFlow):
        raise InputError(
            "model_dict[%r]: expected sample 'normal' with flows that end in "
            "'simplex', or 'concrete' without flows, as p(y) of "
            "objective='paper' is uniform on the simplex" % name)


def _check_latents(name, nets):
    """InputError unless a network's samples fill the interval of p(z)."""
    flows = nets.archs[name]['arch']['flows']
    if Conditional(nets[name]).family is not Normal or not flows \
            or flows[-1] is not LogisticFlow:
        raise InputError(
            "model_dict[%r]: expected sample 'normal' with flows that end in "
            "'logistic', as p(z) of objective='paper' is uniform on (-%g, %g)"
            % (name, Z_LIMIT, Z_LIMIT))


def _check_binary(name, value):
    others = (value != 0) & (value != 1)
    if others.any():
        row = others.any(axis=1).argmax()
        raise InputError(
            "%s: expected zeros and ones, as p(x|y, z) is Bernoulli's under "
            "objective='paper', got %g in row %d" % (
                name, value[row][others[row]][0], row))

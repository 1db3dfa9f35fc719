"""What the two objectives do differently, behind one interface.

``model.SSDGM`` asks its objective for the networks' descriptions, the bounds,
the weighted terms, the updates and the schedule, and lets it check settings
and data.

published
    The published code, to the bit: ``bounds`` and ``training``.
paper
    The paper's equations with every term: ``paper_bounds``.
"""
from __future__ import division, print_function

from collections import OrderedDict

import lasagne
import numpy as np
import theano.tensor as T

from untapped.errors import InputError
from untapped.model import networks, training
from untapped.model.conditional import Bernoulli, Concrete, Conditional, Normal
from untapped.model.exact_flows import (Z_LIMIT, LogisticFlow, SimplexFlow,
                                        SoftplusFlow, exact)
from untapped.model.paper_bounds import REVERSE, PaperBounds
from untapped.model.published_bounds import Bounds
from untapped.parmesan import flow

__all__ = ['OBJECTIVES', 'Paper', 'Published', 'choose']

#: how far given values may lie outside their support: rounding of float32
ROUNDING = 1e-5


def choose(model):
    """The objective that a model's settings ask for.

    Raises
    ------
    InputError for settings that do not go together
    """
    if model.objective not in OBJECTIVES:
        raise InputError('objective: expected %s, got %r' % (
            ' or '.join(map(repr, sorted(OBJECTIVES))), model.objective))
    if model.reverse not in REVERSE:
        raise InputError('reverse: expected %s, got %r' % (
            ' or '.join(map(repr, REVERSE)), model.reverse))
    chosen = OBJECTIVES[model.objective](model)
    chosen.check_settings()
    return chosen


class Published(object):
    """J as the published code has it; the model is read at every call."""

    def __init__(self, model):
        self.model = model

    def check_settings(self):
        """Raise InputError for what this objective does not have."""
        for name, expected in (('reverse', 'observed'),
                               ('coeff_consistency', 0)):
            got = getattr(self.model, name)
            if got != expected:
                raise InputError("%s: expected %r under "
                                 "objective='published', got %r"
                                 % (name, expected, got))

    def check_data(self, arrays, suffix):
        """Data need nothing beyond what every model asks for."""

    #: whether unfeatured y are of use only together with their z2
    needs_z2 = True

    def architectures(self, archs, given):
        """Descriptions of the networks, from the completed ones."""
        self._check_auxiliary(given)
        return archs

    def _check_auxiliary(self, given):
        if networks.AUXILIARY in given and self.model.reverse != 'auxiliary':
            raise InputError(
                "model_dict[%r]: expected only with reverse='auxiliary', got "
                'reverse=%r' % (networks.AUXILIARY, self.model.reverse))

    def bounds(self, nets, symbols, passes):
        model = self.model
        return Bounds(nets, symbols, passes, model.loss_x, model.loss_y,
                      model.prior_x, model.prior_y, model.prior_z1,
                      model.prior_z2)

    @property
    def variational(self):
        return bool(self.model.variational)

    def weighted(self, data, nets):
        """(kind of term, weight) of all that J holds for the data."""
        m = self.model
        weights = training.Weights(
            m.coeff_x, m.coeff_y, m.coeff_x_dis, m.coeff_y_dis,
            m.coeff_x_prob, m.coeff_y_prob)
        return weights.weighted(data, self.variational, nets.model_type)

    def recorded(self, weighted, bounds):
        """Names of the terms that are recorded."""
        return training.recorded_terms(weighted, bounds.model_type,
                                       self.variational)

    def updates(self, J, params, lr):
        """Updates of the parameters and of Adam's moments."""
        return training.gradient_updates(J, params, lr)

    @property
    def anneal_factor(self):
        """What the learning rate is multiplied by."""
        return self.model.anneal_lr_factor


class Paper(Published):
    """J of eq. (15): four weights, every term, no schedule."""

    def check_settings(self):
        model = self.model
        if not model.variational:
            raise InputError("variational: expected True under objective="
                             "'paper', which has no reconstruction "
                             'objective, got %r' % (model.variational,))
        if model.prior_z2 is not None:
            raise InputError("prior_z2: expected None under objective="
                             "'paper', whose reverse bounds draw z from "
                             'U(-%g, %g), got one' % (Z_LIMIT, Z_LIMIT))
        if not 0 <= model.coeff_consistency < np.inf:
            raise InputError('coeff_consistency: expected a number of at '
                             'least 0, got %r' % (model.coeff_consistency,))
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
        archs = OrderedDict((name, _copied(each))
                            for name, each in archs.items())
        labels = 'z1->y' if 'z1->y' in archs else 'x->z1'
        for name, last in (('z1y->z2', flow.LogisticFlowLayer),
                           (labels, flow.NormalizingSimplexFlowLayer)):
            if name in archs and name not in given:
                flows = archs[name]['arch']['flows']
                if not flows or flows[-1] is not last:
                    flows.append(last)
        if self.model.reverse == 'auxiliary':
            self._require_z(archs)
            archs[networks.AUXILIARY] = _copied(
                given.get(networks.AUXILIARY, archs['z1y->z2']))
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
        return self.model.reverse == 'observed'

    def bounds(self, nets, symbols, passes):
        model = self.model
        of_labels, unused = ('prior_z1', 'prior_y') \
            if nets.model_type == 0 else ('prior_y', 'prior_z1')
        if getattr(model, unused) is not None:
            raise InputError("%s: expected None in this type of model under "
                             "objective='paper', where it has no place, got "
                             'one' % unused)
        self._check_networks(nets, getattr(model, of_labels))
        return PaperBounds(nets, symbols, passes, model.loss_x, model.loss_y,
                           model.prior_x, getattr(model, of_labels),
                           model.reverse)

    def _check_networks(self, nets, prior_y):
        """InputError for distributions that the priors do not fit."""
        labels = 'x->z1' if nets.model_type == 0 else 'z1->y'
        family = Conditional(nets[labels]).family
        flows = nets.archs[labels]['arch']['flows']
        if prior_y is None and not (
                family is Concrete and not flows or
                family is Normal and flows and flows[-1] is SimplexFlow):
            raise InputError(
                "model_dict[%r]: expected sample 'normal' with flows that "
                "end in 'simplex', or 'concrete' without flows, as p(y) of "
                "objective='paper' is uniform on the simplex" % labels)
        for name in ('z1y->z2', networks.AUXILIARY):
            if name not in nets:
                continue
            flows = nets.archs[name]['arch']['flows']
            if Conditional(nets[name]).family is not Normal or not flows \
                    or flows[-1] is not LogisticFlow:
                raise InputError(
                    "model_dict[%r]: expected sample 'normal' with flows "
                    "that end in 'logistic', as p(z) of objective='paper' "
                    'is uniform on (-%g, %g)' % (name, Z_LIMIT, Z_LIMIT))
        if networks.AUXILIARY in nets:
            units, wanted = [nets[name].num_output for name in (
                networks.AUXILIARY, 'z1y->z2')]
            if units != wanted:
                raise InputError(
                    "model_dict[%r]: expected num_output = %d, as "
                    "model_dict['z1y->z2'] has, got %d"
                    % (networks.AUXILIARY, wanted, units))
        generating = ['z1->_x'] if nets.model_type == 0 else \
            ['yz2->_z1'] + ['z1->_x'] * (nets.model_type == 2)
        recognising = [labels] + [name for name in ('z1y->z2', 'x->z1')
                                  if name in nets and name != labels]
        for name in generating + recognising * (self.model.coeff_y > 0):
            nets[name].require_inverse(name)

    def check_data(self, arrays, suffix):
        nets = self.model.networks_
        labels = nets['x->z1' if nets.model_type == 0 else 'z1->y']
        concrete = Conditional(labels).family is Concrete
        generating = nets['yz2->_z1' if nets.model_type == 1 else 'z1->_x']
        last = generating.arch['flows'][-1:]
        binary = Conditional(generating).family is Bernoulli
        for name, value in arrays.items():
            if value is None:
                continue
            value = np.asarray(value)
            if name in ('y', '_y') and self._label_prior() is None:
                _check_simplex(name + suffix, value, concrete)
            elif name == 'z2' and self.needs_z2 and nets.model_type != 0:
                _check_interval(name + suffix, value, -Z_LIMIT, Z_LIMIT,
                                'p(z)')
            elif name in ('X', 'X_') and last == [SoftplusFlow]:
                _check_interval(name + suffix, value, 0, np.inf,
                                'p(x|y, z) with its softplus flow')
            elif name in ('X', 'X_') and binary:
                _check_binary(name + suffix, value)

    def _label_prior(self):
        model = self.model
        return model.prior_z1 if model.networks_.model_type == 0 else \
            model.prior_y

    #: there is no other
    variational = True

    def weighted(self, data, nets):
        m = self.model
        kinds = []
        if data.labelled:
            kinds += [('x_sup', m.coeff_x), ('y_sup', m.coeff_y),
                      ('x_sup_dis', m.coeff_x_dis),
                      ('y_sup_dis', m.coeff_y_dis)]
        if data.has('X_'):
            kinds.append(('x', m.coeff_x))
        if data.has('_y') and (data.has('z2') or not self.needs_z2 or
                               nets.model_type == 0):
            kinds += [('y', m.coeff_y), ('consistency', m.coeff_consistency)]
        return [(kind, weight) for kind, weight in kinds if weight > 0]

    def recorded(self, weighted, bounds):
        return [name for kind, _ in weighted
                for name in bounds.term_names(kind)]

    def updates(self, J, params, lr):
        """Adam on gradients clipped to (-1, 1), appendix A.2.1."""
        grads = T.grad(J, params, disconnected_inputs='ignore')
        limit = training.MAX_ELEMENT
        clipped = [T.clip(g, -limit, limit) for g in grads]
        return lasagne.updates.adam(clipped, params, learning_rate=lr,
                                    **training.ADAM)

    #: the learning rate is constant
    anneal_factor = 1.


OBJECTIVES = OrderedDict([('published', Published), ('paper', Paper)])


def _copied(described):
    """A network's description whose flows may be changed."""
    arch = OrderedDict(described['arch'])
    arch['flows'] = list(arch['flows'])
    return OrderedDict(described, arch=arch)


def _check_simplex(name, value, all_parts):
    total = value.sum(axis=1)
    off = value.min() < -ROUNDING or total.max() > 1 + ROUNDING or (
        all_parts and total.min() < 1 - ROUNDING)
    if off:
        raise InputError(
            "%s: expected points on the simplex, %s, under objective="
            "'paper', got parts from %g and sums from %g to %g" % (
                name, 'all their parts' if all_parts else
                'without their last part', value.min(), total.min(),
                total.max()))


def _check_binary(name, value):
    others = value[(value != 0) & (value != 1)]
    if others.size:
        raise InputError(
            "%s: expected zeros and ones, as p(x|y, z) is Bernoulli's under "
            "objective='paper', got %g" % (name, others.flat[0]))


def _check_interval(name, value, lo, hi, support_of):
    if value.min() < lo - ROUNDING or value.max() > hi + ROUNDING:
        raise InputError(
            "%s: expected values from %g to %g under objective='paper', the "
            'support of %s, got %g to %g' % (
                name, lo, hi, support_of, value.min(), value.max()))

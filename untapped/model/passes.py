"""Which random stream each expression of the model draws from.

The published code builds every expression of the model when the model is
made: the bounds first, then the functions for inference.  Each pass through
a network that draws takes the next stream of every sample layer it runs
through, so the whole sequence of passes decides which noise an expression
sees.  Here the sequence is a table; an expression is built when it is first
wanted, from the stream that the table gives it, and the bits are those of
the published order.
"""
from __future__ import division, print_function

from collections import OrderedDict

import lasagne

from untapped.parmesan.sample import _Sampler

__all__ = ['Passes', 'M1_BOUNDS', 'M2_BOUNDS', 'INFERENCE']

#: passes of the bounds: (label, what comes out, what is given).  What comes
#: out is a network, with all its key layers, or a variable.
M1_BOUNDS = (
    ('x: x->z1', 'x->z1', ('x',)),
    ('x: z1->_x', 'z1->_x', ('x',)),
    ('y: z1->_x', 'z1->_x', ('z1',)),
    ('y: x->z1', 'x->z1', ('x',)),
    ('sup: x->z1', 'x->z1', ('x',)),
    ('sup: z1->_x', 'z1->_x', ('z1',)),
)

M2_BOUNDS = (
    ('x: z1->y', 'z1->y', ('x',)),
    ('x: z1', 'z1', ('x',)),
    ('x: z1y->z2', 'z1y->z2', ('z1', 'y')),
    ('x: yz2->_z1', 'yz2->_z1', ('y', 'z2')),
    ('y: yz2->_z1', 'yz2->_z1', ('y', 'z2')),
    ('y: z1->y', 'z1->y', ('z1',)),
    ('sup: z1->y', 'z1->y', ('x',)),
    ('sup: z1', 'z1', ('x',)),
    ('sup: z1y->z2', 'z1y->z2', ('z1', 'y')),
    ('sup: yz2->_z1', 'yz2->_z1', ('z2', 'y')),
    ('sup: prior z1', 'z1', ('x',)),
)

#: functions for inference: (what comes out, what is given, the passes in
#: their order).  A pass is (variable, variables given to it); one whose
#: result nothing reads still takes its streams.
_INFER_Z1 = (
    ('z1', ('x',), (('z1', ('x',)),)),
)

_INFER_X = (
    ('_x', ('x',), (('_x', ('x',)),)),
    ('_x', ('z1',), (('_x', ('z1',)),)),
)

_INFER_X_BY_Z1 = (
    ('_x', ('y', 'z2'), (('_z1', ('y', 'z2')), ('_x', ('z1',)))),
)

_INFER_X_IN_M2 = (
    ('_x', ('x', 'y'),
     (('z1', ('x',)), ('z2', ('z1', 'y')), ('_x', ('y', 'z2')))),
    ('_x', ('z1', 'y'),
     (('z2', ('z1', 'y')), ('_x', ('y', 'z2')))),
    ('_x', ('x', 'z2'),
     (('z1', ('x',)), ('y', ('z1',)), ('_x', ('y', 'z2')))),
    ('_x', ('z1', 'z2'),
     (('y', ('z1',)), ('unread _x', ('z1',)), ('_x', ('y', 'z2')))),
)

_INFER_Y_AS_Z1 = (
    ('y', ('x',), (('z1', ('x',)),)),
)

_INFER_Y = (
    ('y', ('x',), (('y', ('x',)),)),
    ('y', ('z1',), (('y', ('z1',)),)),
)

_INFER_Z2 = (
    ('z2', ('x',), (('z2', ('x',)),)),
    ('z2', ('x', 'y'), (('z2', ('x', 'y')),)),
    ('z2', ('z1',), (('z2', ('z1',)),)),
    ('z2', ('z1', 'y'), (('z2', ('z1', 'y')),)),
)

_INFER__Z1 = (
    ('_z1', ('x',), (('_z1', ('x',)),)),
    ('_z1', ('z1',), (('_z1', ('z1',)),)),
    ('_z1', ('x', 'y'),
     (('z1', ('x',)), ('z2', ('z1', 'y')), ('_z1', ('y', 'z2')))),
    ('_z1', ('z1', 'y'),
     (('z2', ('z1', 'y')), ('_z1', ('y', 'z2')))),
    ('_z1', ('x', 'z2'),
     (('z1', ('x',)), ('y', ('z1',)), ('_z1', ('y', 'z2')))),
    ('_z1', ('z1', 'z2'),
     (('y', ('z1',)), ('_z1', ('y', 'z2')))),
    ('_z1', ('y', 'z2'), (('_z1', ('y', 'z2')),)),
)

#: by model type, in the published order
INFERENCE = {
    0: _INFER_Z1 + _INFER_X + _INFER_Y_AS_Z1,
    1: (_INFER_Z1 + _INFER_X + _INFER_X_BY_Z1 + _INFER_X_IN_M2 + _INFER_Y +
        _INFER_Z2 + _INFER__Z1),
    2: (_INFER_Z1 + _INFER_X + _INFER_X_BY_Z1 + _INFER_Y + _INFER_Z2 +
        _INFER__Z1),
}


class Passes(object):
    """Outputs of layers, each drawn from its own streams.

    Parameters
    ----------
    networks : Networks
    """
    def __init__(self, networks):
        self.networks = networks
        self._starts = {}
        self._taken = {}
        if networks.model_type in (0, 2):
            self._reserve_bounds('M1', M1_BOUNDS)
        if networks.model_type in (1, 2):
            self._reserve_bounds('M2', M2_BOUNDS)
        for target, given, steps in INFERENCE[networks.model_type]:
            for step, (variable, inputs) in enumerate(steps):
                key = ('infer', target, given, step)
                self._reserve(key, variable.split()[-1], inputs)

    def _reserve_bounds(self, model, table):
        for label, target, given in table:
            self._reserve((model, label), target, given)

    def _reserve(self, key, target, given):
        """Give the pass the next stream of each layer that it draws from."""
        inputs = [self.networks.layers[name] for name in given]
        ran = lasagne.layers.get_all_layers(self._layers(target),
                                            treat_as_input=inputs)
        starts = []
        for layer in ran:
            if isinstance(layer, _Sampler) and layer not in inputs:
                position = self._taken.get(layer, 0)
                self._taken[layer] = position + 1
                starts.append((layer, position))
        self._starts[key] = starts

    @property
    def taken(self):
        """The most streams that the table gives away of any layer."""
        return max(self._taken.values())

    def _layers(self, target):
        if target in self.networks:
            return list(self.networks[target].key_layers.values())
        return self.networks.layers[target]

    def run(self, key, target, inputs, deterministic, **options):
        """The output expressions of one pass.

        Parameters
        ----------
        key : which pass it is, ('M1' or 'M2', label) or ('infer', target,
            given, step)
        target : str, a network or a variable
        inputs : dict from variable to expression
        deterministic : bool, draw nothing

        Returns
        -------
        Theano expression of a variable; of a network an OrderedDict of its
        key layers' expressions, 'l_sample' its output's
        """
        if not deterministic:
            for layer, position in self._starts[key]:
                layer._srng.seek(position)
        outputs = lasagne.layers.get_output(
            self._layers(target),
            inputs={self.networks.layers[k]: v for k, v in inputs.items()},
            deterministic=deterministic, **options)
        if target not in self.networks:
            return outputs
        network = self.networks[target]
        outputs = OrderedDict(zip(network.key_layers, outputs))
        outputs['l_sample'] = outputs[network.output_name]
        return outputs

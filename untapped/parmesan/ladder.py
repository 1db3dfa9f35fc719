"""Layers of the ladder network (Rasmus et al. 2015), in Parmesan's names."""
from __future__ import division, print_function

import lasagne
import theano.tensor as T

__all__ = ['DecoderNormalizeLayer', 'DenoiseLayer']


class DecoderNormalizeLayer(lasagne.layers.MergeLayer):
    """(input - mean) / sqrt(var), with mean and var from other layers."""
    def __init__(self, incoming, mean, var, **kwargs):
        parts = [incoming, mean, var]
        super(DecoderNormalizeLayer, self).__init__(parts, **kwargs)

    def get_output_shape_for(self, shapes):
        return shapes[0]

    def get_output_for(self, inputs, **kwargs):
        value, mean, var = inputs
        return (value - mean) / T.sqrt(var)


class DenoiseLayer(lasagne.layers.MergeLayer):
    """Estimate of a clean latent z from a signal u above and a noisy z.

    z' = a1 + a2 z + b1 s + a3 u + a4 z u with
    s = nonlinearity(c1 + c2 z + c3 u + c4 z u); every coefficient is a
    vector with one entry a unit.  a2 and c2 start at 1, all others at 0.

    Parameters
    ----------
    u_net, z_net : Layers of the same number of units
    nonlinearity : callable on Theano expressions
    """
    def __init__(self, u_net, z_net,
                 nonlinearity=lasagne.nonlinearities.sigmoid, **kwargs):
        super(DenoiseLayer, self).__init__([u_net, z_net], **kwargs)
        u_shape, z_shape = self.input_shapes
        if u_shape[-1] != z_shape[-1]:
            raise ValueError('u_net and z_net: expected the same number of '
                             'units, got shapes %s and %s'
                             % (u_shape, z_shape))
        self.num_inputs = z_shape[-1]
        self.nonlinearity = nonlinearity
        for name in ('a1', 'a2', 'a3', 'a4', 'c1', 'c2', 'c3', 'c4', 'b1'):
            start = lasagne.init.Constant(1. if name[1] == '2' else 0.)
            tags = {'regularizable': False} if name == 'b1' else {}
            setattr(self, name, self.add_param(
                start, (self.num_inputs,), name=name, **tags))

    def get_output_shape_for(self, input_shapes):
        return tuple(input_shapes[0])

    def get_output_for(self, inputs, **kwargs):
        u, z = inputs
        s = self.nonlinearity(self.c1 + self.c2 * z +
                              (self.c3 * u + self.c4 * z * u))
        return (self.a1 + self.a2 * z + self.b1 * s +
                (self.a3 * u + self.a4 * z * u))

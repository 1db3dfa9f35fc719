"""Layers for layers that output lists."""
from __future__ import division, print_function

import lasagne

__all__ = ['ListIndexLayer', 'IdentityLayer']


class ListIndexLayer(lasagne.layers.Layer):
    """One entry of the list that the incoming layer outputs.

    A flow outputs ``[f(z), log|det df/dz|]``; this layer picks one of them.
    The output shape is the incoming layer's.

    Parameters
    ----------
    incoming : Layer
    index : int
    """
    def __init__(self, incoming, index, **kwargs):
        self.index = index
        super(ListIndexLayer, self).__init__(incoming, **kwargs)

    def get_output_for(self, outputs, **kwargs):
        return outputs[self.index]


class IdentityLayer(lasagne.layers.Layer):
    """A layer that passes its input on: a network without hidden units."""
    def get_output_for(self, value, **kwargs):
        return value

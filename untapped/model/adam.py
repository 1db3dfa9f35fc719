"""Adam's step on a clipped gradient, appendix A.2.1."""
from __future__ import division, print_function

import lasagne
import theano.tensor as T

__all__ = ['ADAM', 'MAX_ELEMENT', 'MAX_TOTAL_NORM', 'updates']

#: Adam's numbers from appendix A.2.1
ADAM = {'beta1': 0.9, 'beta2': 0.999, 'epsilon': 1e-4}
#: every element of the gradient is clipped to (-1, 1), appendix A.2.1
MAX_ELEMENT = 1.
#: the published code holds the gradient's total norm to this first
MAX_TOTAL_NORM = 5.


def updates(J, params, lr, max_total_norm=None):
    """Adam's updates of the parameters and of its own moments.

    Parameters
    ----------
    J : scalar, the objective to be minimised
    params : list of shared variables
    lr : scalar, the learning rate
    max_total_norm : float, the gradient is scaled down to this norm before
        its elements are clipped; None: it is not

    Returns
    -------
    OrderedDict from shared variable to its new value
    """
    grads = T.grad(J, params, disconnected_inputs='ignore')
    if max_total_norm is not None:
        grads = lasagne.updates.total_norm_constraint(grads, max_total_norm)
    grads = [T.clip(g, -MAX_ELEMENT, MAX_ELEMENT) for g in grads]
    return lasagne.updates.adam(grads, params, learning_rate=lr, **ADAM)

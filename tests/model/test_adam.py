"""The gradient is held before Adam's step."""
from __future__ import division, print_function

import numpy as np
import pytest
import theano
import theano.tensor as T

from untapped.model import adam


@pytest.mark.parametrize('max_total_norm, gradient, expected', [
    # norm 10 > 5 is scaled by half, then held to (-1, 1)
    (5., [1., 3, -9, 3], [.5, 1, -1, 1]),
    (5., [.6, -.8, 0, 0], [.6, -.8, 0, 0]),
    (None, [6., -.8, -40., 0], [1., -.8, -1., 0])])
def test_gradient_is_held_by_norm_and_by_element(max_total_norm, gradient,
                                                 expected):
    """Adam's first moment is 0.1 of the gradient it was given."""
    p = theano.shared(np.zeros(4, dtype='float32'), name='p')
    J = T.sum(p * np.array(gradient, dtype='float32'))
    updates = adam.updates(J, [p], T.constant(np.float32(.1)),
                           max_total_norm)
    moment = [v for v in updates if v is not p and v.ndim == 1][0]
    theano.function([], [], updates=updates,
                    mode=theano.Mode(linker='py', optimizer=None))()
    np.testing.assert_allclose(moment.get_value(), .1 * np.array(expected),
                               rtol=1e-5)

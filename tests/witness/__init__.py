"""The model derived a second time, in plain numpy, from the equations.

Nothing here comes from the package.  A network is a function of numpy arrays
and of its parameters by name.  A density is evaluated at a point by undoing
the flows there, whichever way the point was found.  ``paper`` has the bounds
as the paper writes them, ``published`` the published code's.

Rows: (batch, eq_samples, iw_samples) in this order, flattened.
"""
from witness.networks import KL, L2, KL_all_parts, Net, concrete
from witness.paper import Paper
from witness.published import Published

__all__ = ['KL', 'KL_all_parts', 'L2', 'Net', 'Paper', 'Published',
           'concrete']

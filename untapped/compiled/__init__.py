"""A Theano function as one C++ function.

Theano runs a graph node by node.  ``linker.WholeGraph`` takes the graph as
Theano has rewritten it and emits it as one source: the shapes of an epoch's
minibatches do not change, so that every loop's bounds, every buffer and every
view are known beforehand.  Each number is rounded as often, and in the same
order, as where Theano runs the nodes:

================  ========================================================
``trace``         from graph to instructions, with all shapes known
``instructions``  what is done to which arrays
``copies``        copies that need not be made
``fusion``        element-wise instructions to loops, buffers to memory
``source``        loops and instructions to C++, a function each
``reductions``    C++ of sums and products over axes, a piece at a time
``entry``         C++ that calls these functions, and that Python calls
``exact``         C++ of exp, log, ... with the bits of the C library
``fast``          C++ of the same where bits may move
``products``      matrix products
``library``       C++ to a shared library, and its calls
``linker``        all of it, behind Theano's interface
================  ========================================================
"""

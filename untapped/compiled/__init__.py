"""A Theano function as one C++ function.

Theano runs a graph node by node.  ``linker.WholeGraph`` takes the graph as
Theano has rewritten it and writes it as one source.  The shapes of an epoch's
minibatches do not change: every loop's bounds, every buffer and every view
are known beforehand.  Each number is rounded as often, and in the same order,
as where Theano runs the nodes.  In the order in which a graph passes them:

================  ========================================================
``modes``         which functions are compiled so
``rewriting``     Theano's rewrites, and a key of what is to be rewritten
``linker``        all of the below, behind Theano's interface
``trace``         from graph to instructions, with all shapes known
``nodes``         which instructions a node becomes
``scalars``       C++ statements of what is done to one element
``exact``         C++ of exp, log, ... with the bits of the C library
``fast``          C++ of the same where bits may move
``instructions``  what is done to which arrays
``copies``        copies that need not be made
``fusion``        element-wise instructions to loops, buffers to memory
``division``      where steps are cut, for threads
``source``        all steps to one C++ source, a function each
``loops``         C++ of loops, and of the sums of their rows
``writers``       C++ of all other instructions
``reductions``    C++ of sums and products over axes, a piece at a time
``entry``         C++ that calls these functions, and that Python calls
``products``      matrix products: what multiplies each
``tiles``         their C++
``strips``        of it, how operands are copied
``pool``          threads, and the parts of steps that they take
``profile``       milliseconds and bytes of each step
``plan``          what a step is made of, in the compile folder
``library``       C++ to a shared library, and its calls
================  ========================================================
"""

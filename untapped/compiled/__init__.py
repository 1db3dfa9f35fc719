"""A Theano function as one C++ function.

Theano runs a graph node by node.  ``linker.WholeGraph`` takes the graph as
Theano has rewritten it and emits it as one source: the shapes of an epoch's
minibatches do not change, so that every loop's bounds, every buffer and every
view are known beforehand.  Each number is rounded as often, and in the same
order, as where Theano runs the nodes:

=============  ===========================================================
``trace``      from graph to arrays and instructions, with all shapes known
``fusion``     element-wise instructions to loops, buffers to memory
``source``     loops to C++
``library``    C++ to a shared library, and its calls
``products``   matrix products
``linker``     all of it, behind Theano's interface
=============  ===========================================================
"""

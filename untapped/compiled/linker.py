"""Whole graphs behind Theano's interface of a linker."""
from __future__ import division, print_function

import os

import numpy as np
from theano.gof.link import Container, LocalLinker, map_storage
from theano.gof.vm import VM_Linker

from untapped.compiled import (exact, fast, plan as plans, pool, products,
                               profile)
from untapped.compiled.instructions import Unsupported
from untapped.compiled.library import Library, built, exact_flags, identity
from untapped.compiled.rewriting import keeping_all
from untapped.compiled.source import Source
from untapped.compiled.trace import Trace

__all__ = ['WholeGraph']


class WholeGraph(LocalLinker):
    """Compiles a function as a whole when it is first called.

    It is compiled anew for inputs of other shapes, or other values of the
    integers that shapes depend on.  Graphs with operations that have no
    instruction are left to Theano.

    Parameters
    ----------
    schedule : function from a graph to its nodes in order (default:
        Theano's)
    exact : bool, keep every bit; else host instructions and polynomials
    name : str, of the function, for `profile`
    """
    def __init__(self, schedule=None, exact=True, name='function'):
        self.fgraph = None
        self._exact, self._name = exact, name
        if schedule:
            self.schedule = schedule

    def accept(self, fgraph, no_recycling=None):
        """The linker of a graph: this one, or another if it has one."""
        if self.fgraph is not None and self.fgraph is not fgraph:
            return type(self)(exact=self._exact, name=self._name).accept(
                fgraph, no_recycling)
        self.fgraph = fgraph
        self.no_recycling = no_recycling or []
        self._updates = {}
        return self

    def accept_var_updates(self, updates):
        """Learn which output replaces which input."""
        self._updates = updates

    def make_thunk(self, input_storage=None, output_storage=None,
                   storage_map=None):
        """The function, and its cells.

        Parameters
        ----------
        input_storage, output_storage : lists of cells (lists of one value),
            made if None
        storage_map : dict from variable to cell

        Returns
        -------
        step, inputs, outputs : Step, lists of Container
        """
        fgraph = self.fgraph
        if hasattr(fgraph, 'unrewritten'):
            # it may never be walked; and its variables come and go
            input_storage, output_storage = [
                storage or [[None] for _ in variables] for storage, variables
                in ((input_storage, fgraph.inputs),
                    (output_storage, fgraph.outputs))]
            storage_map = dict(zip(fgraph.inputs, input_storage))
        else:
            input_storage, output_storage, storage_map = map_storage(
                fgraph, self.schedule(fgraph), input_storage, output_storage,
                storage_map)
        step = Step(fgraph, self.schedule, input_storage, output_storage,
                    self._exact, self._updates, self._name)
        step.storage_map = storage_map
        return (step,
                [Container(v, s) for v, s in zip(fgraph.inputs,
                                                 input_storage)],
                [Container(v, s, True) for v, s in zip(fgraph.outputs,
                                                       output_storage)])


class Step(object):
    """A function of no arguments, from input cells to output cells.

    Attributes
    ----------
    left_to_theano : str or None, why Theano runs the graph node by node
    sources : list of str, the C++ of each set of shapes, but for those that
        the compile folder knew
    """
    allow_gc = False
    #: the inputs that have an update are replaced here
    need_update_inputs = False

    def __init__(self, fgraph, schedule, inputs, outputs, exact, updates,
                 name):
        self._fgraph, self._schedule, self._name = fgraph, schedule, name
        self._unrewritten = getattr(fgraph, 'unrewritten', None)
        self._inputs, self._outputs = list(inputs), list(outputs)
        self._exact = exact
        self._updates = _positions(fgraph, updates)
        self._libraries, self.sources = [], []
        self.left_to_theano = None

    def __call__(self):
        if self.left_to_theano is None and not self._ran():
            try:
                with keeping_all():
                    library = self._compile()
                self._libraries.insert(0, library)
            except Unsupported as reason:
                self._leave(str(reason))
            else:
                if not self._ran():
                    raise AssertionError('a compiled function refuses the '
                                         'inputs that it was made for')
        if self.left_to_theano is not None:
            self._thunk()
            self._update(self._updates)
        return [cell[0] for cell in self._outputs]

    def _ran(self):
        """Whether a library is for inputs like these, and has run."""
        for library in self._libraries:
            if library.run(self._inputs, self._outputs) == 0:
                self._update(library.new)
                return True
        return False

    def _update(self, outputs):
        for position in outputs:
            if position in self._updates:
                cell = self._outputs[position]
                self._inputs[self._updates[position]][0] = cell[0]

    def _leave(self, reason):
        """Let Theano run the graph."""
        self.left_to_theano = reason
        if self._unrewritten is not None:
            self._unrewritten.rewrite(copies=True)
        linker = VM_Linker(use_cloop=True).accept(self._fgraph)
        self._thunk = linker.make_thunk(
            input_storage=self._inputs, output_storage=self._outputs)[0]

    def _compile(self):
        """A Library for the present inputs: from the compile folder, or
        traced."""
        flags = exact_flags() if self._exact else fast.flags()
        values = [np.asarray(cell[0]) for cell in self._inputs]
        key, plan = self._key(flags), None
        if key is not None:
            plan = plans.kept(key, values)
        if plan is None:
            plan = self._traced(flags)
            if key is not None:
                plans.keep(key, values, plan)
        return Library(
            plan, products.chosen(plan.products, self._exact, flags),
            pool.address() if plan.threads else None,
            profile.clock(self._name, plan))

    def _key(self, flags):
        """What the compile folder knows the graph by; None: it does not."""
        if self._unrewritten is None or self._unrewritten.key is None:
            return None
        return (' '.join([self._unrewritten.key, str(self._exact)]).encode(
            'ascii') + b' ' + identity(flags))

    def _traced(self, flags):
        """The Plan of the graph for the present inputs."""
        if self._unrewritten is not None:
            self._unrewritten.rewrite()
        trace = Trace(self._fgraph.inputs, self._fgraph.outputs,
                      self._schedule(self._fgraph),
                      [cell[0] for cell in self._inputs], self._updates,
                      (exact if self._exact else fast).FUNCTIONS,
                      exact.NEAR if self._exact else None)
        source = Source(trace, exact.preamble() if self._exact
                        else fast.PREAMBLE, reorder=not self._exact)
        self.sources.append(source.text)
        return plans.Plan.of(source, os.path.basename(built(
            source.text, flags)), trace)


def _positions(fgraph, updates):
    """The positions of new values among the outputs, which come last."""
    inputs = dict((v, i) for i, v in enumerate(fgraph.inputs))
    left = list(range(len(fgraph.outputs) - len(updates),
                      len(fgraph.outputs)))
    positions = {}
    for variable in sorted(updates, key=lambda v: inputs[v]):
        out = next(i for i in left if fgraph.outputs[i] is updates[variable])
        left.remove(out)
        positions[out] = inputs[variable]
    return positions

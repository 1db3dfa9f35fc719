"""Whether the tests notice mistakes in the objective and in the flows.

    python tools/mutants.py                     every mutant
    python tools/mutants.py --only losses flow  of some modules
    python tools/mutants.py --every 10          a tenth of them
    python tools/mutants.py --list              what would be tried

One thing at a time is changed in a module's syntax tree: a sign, an operand
left out, an operator, a number, a clip or a function taken away, a condition
negated.  Each mutant is imported in place of the module in a process of its
own, which runs the tests of the objective until one fails.  A mutant that no
test fails has survived and is printed; the exit status is then 1.

Mutants leave no trace: no file is changed, nothing is compiled.
"""
from __future__ import division, print_function

import argparse
import ast
import imp
import os
import resource
import sys
import tempfile
import time
from collections import Counter, OrderedDict

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

PAPER = ['model/test_paper_bounds.py', 'model/test_objectives.py',
         'model/test_marginals.py']
PUBLISHED = ['model/test_published_densities.py',
             'model/test_published_bounds.py']
FLOWS = ['parmesan/test_flow.py', 'parmesan/test_distributions.py']
EXACT = ['model/test_exact_flows.py', 'model/test_conditional.py']

#: module -> the tests, those first that are likely to fail
MODULES = OrderedDict([
    ('untapped.model.paper_bounds', PAPER),
    ('untapped.model.conditional', EXACT[1:] + PAPER),
    ('untapped.model.exact_flows', EXACT + PAPER),
    ('untapped.model.log_sum_exp', EXACT + PAPER),
    ('untapped.model.published_bounds', PUBLISHED + PAPER[:1]),
    ('untapped.model.published_densities', PUBLISHED),
    ('untapped.parmesan.flow', FLOWS[:1] + PUBLISHED + PAPER[:1]),
    ('untapped.model.losses',
     ['model/test_losses.py'] + PAPER[:1] + PUBLISHED),
    ('untapped.model.objective', PAPER[1:2] + PAPER[:1]),
    ('untapped.model.paper', PAPER[1:2] + PAPER[:1]),
    ('untapped.model.published', ['model/test_published.py'] + PAPER[1:2]),
    ('untapped.model.adam', ['model/test_adam.py']),
    ('untapped.parmesan.distributions', FLOWS[1:] + PUBLISHED),
])

#: tables of names and labels: no part of the mathematics
TABLES = {'__all__', 'NOISE'}
#: functions that may be left out: f(x, ...) becomes x
PEELED = {'exp', 'log', 'log1p', 'expm1', 'sqr', 'sqrt', 'abs_', 'softplus',
          'sigmoid', 'tanh', 'clip', 'maximum', 'spread', 'float',
          'log_mean_exp', 'logsumexp', 'log_sum_exp', '_log_softmax',
          'disconnected_grad'}
SWAPPED = {'sum': 'mean', 'mean': 'sum', 'max': 'min', 'maximum': 'minimum',
           'softplus': 'sigmoid', 'sigmoid': 'softplus', 'tile': 'repeat'}
OPERATORS = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div,
             ast.Div: ast.Mult, ast.Pow: ast.Mult}
COMPARED = {ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.GtE,
            ast.GtE: ast.Lt, ast.Gt: ast.LtE, ast.LtE: ast.Gt,
            ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn,
            ast.NotIn: ast.In}
#: of processor time, after which a mutant counts as killed
SECONDS = 300


class Mutation(ast.NodeTransformer):
    """Applies mutation number ``target`` of a tree; counts without one.

    Attributes
    ----------
    count : int, mutations offered so far
    done : (line, what) of the one applied, or None
    """
    def __init__(self, target=None):
        self.target, self.count, self.done = target, 0, None

    def _offered(self, node, what):
        """Whether this is the mutation to apply."""
        self.count += 1
        if self.count - 1 != self.target:
            return False
        self.done = node.lineno, what
        return True

    def visit_Assign(self, node):
        names = [t.id for t in node.targets if isinstance(t, ast.Name)]
        return node if TABLES & set(names) else self.generic_visit(node)

    def visit_Raise(self, node):
        # messages
        return node

    def visit_BinOp(self, node):
        self.generic_visit(node)
        text = isinstance(node.left, ast.Str) or isinstance(node.right,
                                                            ast.Str)
        if text or type(node.op) not in OPERATORS:
            return node
        name = type(node.op).__name__
        if self._offered(node, '%s becomes %s' % (
                name, OPERATORS[type(node.op)].__name__)):
            return ast.copy_location(ast.BinOp(
                node.left, OPERATORS[type(node.op)](), node.right), node)
        if self._offered(node, 'right of %s left out' % name):
            return node.left
        if self._offered(node, 'left of %s left out' % name):
            return node.right
        return node

    def visit_AugAssign(self, node):
        self.generic_visit(node)
        if type(node.op) in OPERATORS and self._offered(
                node, 'augmented %s becomes %s' % (
                    type(node.op).__name__,
                    OPERATORS[type(node.op)].__name__)):
            node.op = OPERATORS[type(node.op)]()
        elif self._offered(node, 'augmented assignment left out'):
            return ast.copy_location(ast.Pass(), node)
        return node

    def visit_UnaryOp(self, node):
        self.generic_visit(node)
        if isinstance(node.op, ast.USub) and self._offered(
                node, 'minus left out'):
            return node.operand
        if isinstance(node.op, ast.Not) and self._offered(
                node, 'not left out'):
            return node.operand
        return node

    def visit_Num(self, node):
        changed = node.n * 10. if isinstance(node.n, float) and node.n else \
            node.n + 1
        if self._offered(node, '%r becomes %r' % (node.n, changed)):
            return ast.copy_location(ast.Num(changed), node)
        return node

    def visit_Name(self, node):
        flipped = {'True': 'False', 'False': 'True'}.get(node.id)
        if flipped and self._offered(node, '%s becomes %s' % (node.id,
                                                              flipped)):
            return ast.copy_location(ast.Name(flipped, node.ctx), node)
        return node

    def visit_Compare(self, node):
        self.generic_visit(node)
        for number, op in enumerate(node.ops):
            if type(op) in COMPARED and self._offered(
                    node, '%s becomes %s' % (
                        type(op).__name__, COMPARED[type(op)].__name__)):
                node.ops[number] = COMPARED[type(op)]()
                break
        return node

    def visit_BoolOp(self, node):
        self.generic_visit(node)
        other = ast.Or if isinstance(node.op, ast.And) else ast.And
        if self._offered(node, '%s becomes %s' % (type(node.op).__name__,
                                                  other.__name__)):
            node.op = other()
        return node

    def _visit_condition(self, node):
        self.generic_visit(node)
        if self._offered(node, 'condition negated'):
            node.test = ast.copy_location(
                ast.UnaryOp(ast.Not(), node.test), node)
        return node

    visit_If = visit_IfExp = _visit_condition

    def visit_Call(self, node):
        self.generic_visit(node)
        of_value = isinstance(node.func, ast.Attribute)
        name = node.func.attr if of_value else getattr(node.func, 'id', '')
        if name in PEELED:
            # value.clip(lo, hi), or T.clip(value, lo, hi)
            module = of_value and _is_module(node.func.value)
            kept = node.func.value if of_value and not module else \
                (node.args or [None])[0]
            if kept is not None and self._offered(node, name + ' left out'):
                return kept
        if name in SWAPPED and self._offered(
                node, '%s becomes %s' % (name, SWAPPED[name])):
            if of_value:
                node.func.attr = SWAPPED[name]
            else:
                node.func.id = SWAPPED[name]
        return node


def _is_module(node):
    """T, np, lasagne.layers, theano.gradient and the like."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name) and node.id in (
        'T', 'np', 'math', 'theano', 'lasagne')


def source(module):
    with open(os.path.join(ROOT, *module.split('.')) + '.py') as stream:
        return stream.read()


def mutants(module):
    """[(number, line, what)] of a module."""
    counted = Mutation()
    counted.visit(ast.parse(source(module)))
    made = []
    for number in range(counted.count):
        one = Mutation(number)
        one.visit(ast.parse(source(module)))
        made.append((number,) + one.done)
    return made


class Importer(object):
    """Imports a mutant in the place of its module."""

    def __init__(self, module, number):
        self.module, self.number = module, number

    def find_module(self, name, path=None):
        return self if name == self.module else None

    def load_module(self, name):
        tree = Mutation(self.number).visit(ast.parse(source(name)))
        ast.fix_missing_locations(tree)
        made = sys.modules[name] = imp.new_module(name)
        made.__file__ = os.path.join(ROOT, *name.split('.')) + '.py'
        made.__package__ = name.rpartition('.')[0]
        try:
            exec(compile(tree, made.__file__, 'exec'), made.__dict__)
        except BaseException:
            del sys.modules[name]
            raise
        return made


def child(module, number, tests):
    """Run the tests on a mutant and leave the process; 0: it survived."""
    import pytest

    if number is not None:
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        sys.meta_path.insert(0, Importer(module, number))
    with tempfile.TemporaryFile() as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
        status = pytest.main(
            ['-q', '-x', '-p', 'no:cacheprovider', '--tb=no', '--rootdir',
             ROOT] + [os.path.join(ROOT, 'tests', name)
                      for name in tests])
    os._exit(int(status))


def run(todo, jobs):
    """Yield (module, mutant, exit status or signal) as they end.

    todo : list of (module, mutant, tests)
    """
    waiting, running = list(todo), {}
    while waiting or running:
        while waiting and len(running) < jobs:
            module, mutant, tests = waiting.pop(0)
            sys.stdout.flush()
            pid = os.fork()
            if not pid:
                try:
                    child(module, mutant[0], tests)
                finally:
                    os._exit(70)
            running[pid] = module, mutant
        pid, status = os.wait()
        yield running.pop(pid) + (status,)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--only', nargs='+', metavar='MODULE',
                        help='modules by their last name')
    parser.add_argument('--every', type=int, default=1, metavar='N',
                        help='try every Nth mutant')
    parser.add_argument('--offset', type=int, default=0, metavar='K',
                        help='of these, from number K on')
    parser.add_argument('--jobs', type=int, default=1, metavar='N')
    parser.add_argument('--list', action='store_true')
    options = parser.parse_args()
    chosen = [m for m in MODULES if not options.only or
              m.rpartition('.')[2] in options.only]
    todo = [(module, mutant, MODULES[module]) for module in chosen
            for mutant in mutants(module)][options.offset::options.every]
    if options.list:
        for module, (_, line, what), _ in todo:
            print('%s:%d: %s' % (module, line, what))
        return 0
    sys.path.insert(0, ROOT)
    from untapped import pins
    pins.apply()
    # what every child needs, once
    import lasagne  # noqa: F401
    import pytest  # noqa: F401
    import scipy.stats  # noqa: F401
    import theano  # noqa: F401

    started = time.time()
    every_test = sorted(set(sum((MODULES[m] for m in chosen), [])))
    for _, _, status in run([('', (None, 0, ''), every_test)], 1):
        if status:
            print('The tests fail without any mutation.')
            return 2
    print('%d mutants; the tests pass without one (%.0f s)'
          % (len(todo), time.time() - started))
    sys.stdout.flush()
    survived, tried = Counter(), Counter()
    for module, (_, line, what), status in run(todo, options.jobs):
        tried[module] += 1
        if sum(tried.values()) % 50 == 0:
            print('%d of %d tried' % (sum(tried.values()), len(todo)))
            sys.stdout.flush()
        if status == 0:
            survived[module] += 1
            print('survived: %s:%d: %s\n    %s' % (
                module, line, what,
                source(module).split('\n')[line - 1].strip()))
        sys.stdout.flush()
    for module in chosen:
        print('%-34s %4d of %4d killed' % (
            module, tried[module] - survived[module], tried[module]))
    print('%-34s %4d of %4d killed, %.0f s' % (
        'all', sum(tried.values()) - sum(survived.values()),
        sum(tried.values()), time.time() - started))
    return 1 if survived else 0


if __name__ == '__main__':
    sys.exit(main())

"""One measurement, in a process of its own.

    python bench/child.py JOB

JOB is JSON: kind ('published', 'nodes', 'exact' or 'fast'), size, changes,
case (see ``sizes``), epochs, published (a checkout, or null), threads, started
(seconds since 1970, when this process was).  Prints a line of JSON.  Both
packages are driven through the published names.
"""
from __future__ import division, print_function

import imp
import json
import os
import resource
import shutil
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path = [p for p in sys.path if os.path.abspath(p or '.') != HERE]


def processor_seconds():
    """Of this process and of the compilers that it started."""
    return sum(u.ru_utime + u.ru_stime for u in map(
        resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))


class Watch(object):
    """When the first update was made, and when each epoch began."""

    def __init__(self, started):
        self.started = started
        self.first_update = None
        self.shuffles = []

    def install(self):
        import numpy as np
        from theano.compile.function_module import Function
        call, shuffle, watch = Function.__call__, np.random.shuffle, self

        def watched_call(function, *args, **kwargs):
            found = call(function, *args, **kwargs)
            if watch.first_update is None and any(
                    i.update is not None
                    for i in function.maker.expanded_inputs):
                watch.first_update = (time.time() - watch.started,
                                      processor_seconds())
            return found

        def watched_shuffle(rows):
            watch.shuffles.append((time.time(), time.clock()))
            return shuffle(rows)

        Function.__call__ = watched_call
        np.random.shuffle = watched_shuffle

    def epochs(self, count):
        """(seconds, processor seconds) of each epoch but the first."""
        each = len(self.shuffles) // count
        starts = self.shuffles[::each] + [(time.time(), time.clock())]
        return [(b[0] - a[0], b[1] - a[1])
                for a, b in zip(starts[1:], starts[2:])]


def products(model):
    """Seconds that the step's matrix products alone take; None if unknown.

    Through the numpy, and so the BLAS, of this process.
    """
    import numpy as np
    shapes = getattr(model, '_bench_products', None)
    if not shapes:
        return None
    rng = np.random.RandomState(0)
    jobs = []
    for (m, k, n), (left, right) in shapes:
        a = rng.normal(size=(k, m) if left else (m, k)).astype('float32')
        b = rng.normal(size=(n, k) if right else (k, n)).astype('float32')
        jobs.append((a.T if left else a, b.T if right else b,
                     np.empty((m, n), 'float32')))
    times = []
    for _ in range(9):
        start = time.clock()
        for a, b, out in jobs:
            np.dot(a, b, out)
        times.append(time.clock() - start)
    return sorted(times)[len(times) // 2]


def set_kind(model, kind, threads):
    """Let the model compute as ``kind`` says, and keep its products."""
    from untapped.model import training
    if kind == 'nodes':
        # Theano's own linker on the graph that the published code has
        training.step_mode = lambda *given: None
        return
    model.numerics = kind
    from untapped.compiled import linker, pool
    pool.use(threads)
    take = linker.Library

    def kept(plan, *args):
        if not hasattr(model, '_bench_products'):
            model._bench_products = [
                (product.reads[0].shape + product.reads[1].shape[1:],
                 [bool(a.fortran) for a in product.reads])
                for product in plan.products]
        return take(plan, *args)
    linker.Library = kept


def main(job):
    import numpy as np
    if job['kind'] != 'published':
        sys.path.insert(0, os.path.dirname(HERE))
    else:
        sys.path.insert(0, job['published'])
    np.random.seed(1)
    verify = os.path.join(os.path.dirname(HERE), 'untapped', 'verify')
    cases = imp.load_source('bench_cases', os.path.join(verify, 'cases.py'))
    case = job['case']
    data = cases.draw_data(case['data'])
    watch = Watch(job['started'])
    watch.install()
    models = imp.load_source('bench_models',
                             os.path.join(verify, 'case_models.py'))
    folder = tempfile.mkdtemp()
    try:
        model = models.build_model(case, folder, num_epochs=job['epochs'],
                                   eval_freq=10 ** 6)
        if job['kind'] != 'published':
            set_kind(model, job['kind'], job['threads'])
        model.fit(verbose=False, debug=False, **data)
        epochs = watch.epochs(job['epochs'])
        digest = models.parameter_arrays(model, 'end')
        import hashlib
        sha = hashlib.sha256(b''.join(
            a.tobytes() for a in digest.values())).hexdigest()
        # before the products, which need memory of their own
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.
        return {'kind': job['kind'], 'size': job['size'],
                'changes': job['changes'],
                'first_update_seconds': watch.first_update[0],
                'first_update_processor_seconds': watch.first_update[1],
                'epoch_seconds': [e[0] for e in epochs],
                'epoch_processor_seconds': [e[1] for e in epochs],
                'steps': -(-max(case['data']['sizes']['train']) //
                           case['model']['batch_size_Xy_train']),
                'products_seconds': products(model), 'peak_mb': peak,
                'parameters_sha256': sha}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == '__main__':
    stdout, sys.stdout = sys.stdout, sys.stderr
    found = main(json.loads(sys.argv[1]))
    print(json.dumps(found), file=stdout)

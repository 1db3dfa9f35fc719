"""Short trainings on random numbers of threads and cores: the same bits?

    make threads
    python tools/stress_threads.py [--runs 200] [--seed 0]

Models of the experiments' sizes are compiled once.  Each run is a process
that is forked from there: it may run on a random choice of cores, takes a
random number of threads (1 to 8), changes it now and then, and trains for a
few minibatches.  Exit status 1 if the parameters of two runs of a model
differ in a bit, or a run does not end.
"""
from __future__ import division, print_function

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, ROOT)

from untapped import pins  # noqa: E402

pins.apply()

import numpy as np  # noqa: E402
from bench import sizes  # noqa: E402
from untapped.compiled import pool  # noqa: E402
from untapped.files import hashes  # noqa: E402
from untapped.verify import case_models, cases  # noqa: E402

#: size, what is changed of it, numerics
MODELS = (('crism', {'batch': 500}, 'exact'), ('libs', {}, 'exact'),
          ('libs', {}, 'fast'), ('mnist', {'batch': 1000, 'rows': 3000},
                                 'exact'))
#: seconds after which a run does not end
PATIENCE = 300


class Model(object):
    """A model, compiled, before its training."""

    def __init__(self, size, changes, numerics):
        self.name = ' '.join([size, numerics] + [
            '%s=%d' % item for item in sorted(changes.items())])
        case = sizes.case(size, **changes)
        self.folder = tempfile.mkdtemp()
        self.model = case_models.build_model(case, self.folder, num_epochs=1,
                                             eval_freq=10 ** 6)
        self.model.numerics = numerics
        # compiles; every run goes on from here
        self.model.fit(verbose=False, debug=False,
                       **cases.draw_data(case['data']))

    def train(self):
        """One more epoch; the SHA-256 of the parameters."""
        state = self.model._state
        steps = state.passes['train']
        steps.data.shuffle(np.random)
        steps.epoch(state.schedule.samples, state.progress.lr)
        arrays = case_models.parameter_arrays(self.model, 'end')
        return hashes.sha256([a.tobytes() for a in arrays.values()])


def one_run(model, seed):
    """What a forked process does; the text it leaves."""
    rng = random.Random(seed)
    cores = sorted(rng.sample(range(os.sysconf('SC_NPROCESSORS_ONLN')),
                              rng.randint(1, os.sysconf(
                                  'SC_NPROCESSORS_ONLN'))))
    with open(os.devnull, 'w') as nowhere:
        subprocess.call(['taskset', '-p', '-c', ','.join(map(str, cores)),
                         str(os.getpid())], stdout=nowhere, stderr=nowhere)
    threads = [rng.randint(1, 8) for _ in range(2)]
    digests = []
    for count in threads:
        pool.use(count)
        digests.append(model.train())
    return '%s %s' % ('-'.join(d[:16] for d in digests), ', '.join(
        ['threads %s' % threads, 'cores %s' % cores]))


def forked(model, seed):
    """The text of a run in a process of its own; None if it does not end."""
    there, here = os.pipe()
    child = os.fork()
    if not child:
        status = 1
        try:
            os.close(there)
            signal.alarm(PATIENCE)
            os.write(here, one_run(model, seed).encode('ascii'))
            status = 0
        finally:
            os._exit(status)
    os.close(here)
    with os.fdopen(there, 'rb') as stream:
        text = stream.read().decode('ascii')
    return text if os.waitpid(child, 0)[1] == 0 else None


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--runs', type=int, default=200)
    parser.add_argument('--seed', type=int, default=0)
    chosen = parser.parse_args(arguments)
    models, failed = [], 0
    try:
        models = [Model(*each) for each in MODELS]
        found = {}
        for run in range(chosen.runs):
            model = models[run % len(models)]
            text = forked(model, chosen.seed + run)
            print('%3d %s: %s' % (run, model.name, text or 'did not end'))
            sys.stdout.flush()
            failed += text is None
            if text is not None:
                found.setdefault(model.name, set()).add(text.split()[0])
    finally:
        for model in models:
            shutil.rmtree(model.folder)
    for name in sorted(found):
        print('%s: %d different results' % (name, len(found[name])))
    different = any(len(each) > 1 for each in found.values())
    print('%d runs, %d did not end, %s' % (
        chosen.runs, failed, 'results differ' if different
        else 'one result a model'))
    return int(bool(failed) or different)


if __name__ == '__main__':
    sys.exit(main())

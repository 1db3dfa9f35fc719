"""What the models of repeated LIBS runs answer, and what constants would.

    python tools/numbers/libs_answers.py results/RUN

Prints the KL of answering one standard's composition to everything, and the
part called Other of validation and training data.  Then, for each model of
each run: the share of answers within 0.01 (L2) of a composition that was
trained on, and whose; Other's share of the KL, the whole KL, and the mean
Other answered; how far generated spectra depend on y.
"""
from __future__ import division, print_function

import argparse
import glob
import os

import untapped  # noqa: F401, before numpy: it sets the pins
from untapped import datasets
from untapped.studies import libs, metrics

import numpy as np

NEAR = 0.01
SMALLEST = 1e-6


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('run', help='the folder of a run over seeds')
    folder = parser.parse_args(argv).run
    data = datasets.prepare(datasets.load('libs', 'simulated'),
                            np.random.RandomState(1))
    true, trained = [metrics.all_parts(y) for y in (data.y_valid, data.y)]
    types = np.array(data.meta['types'])[data.meta['train']]
    standards = sorted(set(types))
    print('KL of the mean composition:', libs.single_composition(data))
    for kind in standards:
        mean = trained[types == kind].mean(axis=0)
        print('KL of %s alone:' % kind, metrics.kl_divergence(
            true, np.tile(mean, (len(true), 1))))
    print('Other: %g to %g, trained on at most %g' % (
        true[:, -1].min(), true[:, -1].max(), trained[:, -1].max()))
    for name in sorted(glob.glob(os.path.join(
            folder, 'runs', '*', '*', 'answers.npz'))):
        answers = np.load(name)
        y = metrics.all_parts(answers['predicted'])
        ratio = true.clip(SMALLEST, 1) / y.clip(SMALLEST, 1)
        parts = (true.clip(SMALLEST, 1) * np.log(ratio)).mean(axis=0)
        far = np.linalg.norm(y[:, None] - trained, axis=2)
        near = far.min(axis=1) < NEAR
        whose = types[far.argmin(axis=1)[near]]
        print(name, near.mean(),
              [(kind, (whose == kind).sum()) for kind in standards],
              parts[-1], parts.sum(), y[:, -1].mean(),
              [libs.dependence_on_y(answers[key]) for key in answers.files
               if key.startswith('endmembers')])


if __name__ == '__main__':
    main()

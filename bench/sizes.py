"""What is measured: the experiments' models on random data of their size."""
from __future__ import division, print_function

import os
from collections import OrderedDict

from untapped.experiments import presets

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

#: features, columns of y, latents, rows of pairs, of x alone and of y alone:
#: the experiments' own, except that MNIST has one epoch's two minibatches
SIZES = OrderedDict([
    ('crism', dict(features=165, outputs=2, latents=1,
                   rows=(992, 992, 992), batch=100)),
    ('libs', dict(features=5485, outputs=7, latents=2,
                  rows=(42, 720, 762), batch=100)),
    ('mnist', dict(features=784, outputs=10, latents=2,
                   rows=(20000, 20000, 20000), batch=10000)),
])

#: CRISM's model, grown in one direction at a time
GROWTH = OrderedDict([
    ('features', (165, 1000, 5500, 20000)),
    ('batch', (100, 1000, 10000)),
    ('rows', (1000, 4000, 16000)),
])


#: the published classes by the presets' names
_LAYERS = {'normal': 'SampleLayer', 'concrete': 'ConcreteSampleLayer',
           'bernoulli': 'BernoulliSampleLayer'}
_FLOWS = {'simplex': 'NormalizingSimplexFlowLayer',
          'logistic': 'LogisticFlowLayer', 'softplus': 'SoftplusFlowLayer'}


def case(size, **changes):
    """The case of a size, for ``verify.cases``.

    Parameters
    ----------
    size : 'crism', 'libs' or 'mnist'
    changes : features, batch or rows (a number: of each group)
    """
    preset = presets.preset(size, 'published')
    shape = dict(SIZES[size])
    rows = changes.pop('rows', None)
    shape.update(changes)
    if rows is None:
        rows = shape['rows']
        # a batch that the rows do not fill would be filled by repeating
        rows = [max(n, shape['batch']) if 'batch' in changes else n
                for n in rows]
    else:
        rows = [rows] * 3
    outputs = {'z1->y': shape['outputs'], 'z1y->z2': shape['latents'],
               'yz2->_z1': shape['features']}
    nets = [[name, dict(
        hidden=net['hidden'], nonlin=net['nonlin'], gain=net['gain'],
        num_output=outputs[name], batch_norm=net['batch_norm'],
        sample_layer=_LAYERS[net['sample']],
        flows=[_FLOWS[flow] for flow in net['flows']])]
        for name, net in preset['networks'].items()]
    kept = ('variational', 'loss_x', 'loss_y', 'lr', 'eq_samples',
            'iw_samples', 'coeff_x', 'coeff_y', 'coeff_x_dis', 'coeff_y_dis',
            'coeff_x_prob', 'coeff_y_prob')
    model = dict((key, preset[key]) for key in kept)
    model.update((key, shape['batch']) for key in presets.BATCH_SIZES)
    return {
        'data': {'seed': 1, 'features': shape['features'],
                 'outputs': shape['outputs'], 'latents': shape['latents'],
                 'x': {'mnist': 'binary', 'libs': 'positive'}.get(size,
                                                                  'real'),
                 'drop_last': size != 'mnist',
                 'sizes': {'train': rows, 'valid': (10, 10, 10)}},
        'nets': nets, 'model': model}

"""Small training runs, described by a dictionary, that two implementations
of the published names can both execute.

A case names its data (drawn from a seed), its networks, the arguments of
``SSDGM`` and what to ask the trained model for; ``case_models.run_case``
executes it.  The same description runs on the published code and on this
package.
"""
from __future__ import division, print_function

from collections import OrderedDict

import numpy as np

__all__ = ['draw_data', 'random_cases']

#: groups of arrays that ``SSDGM.fit`` takes: (x, y) pairs, x alone, y alone
GROUPS = ('xy', 'x', 'y')


def draw_data(spec):
    """The arrays of a case, float32, drawn from ``spec['seed']``.

    Compositions come from a flat Dirichlet distribution.  Features are a
    nonlinear mixture, ``tanh(y M + 0.3 e)``, so that y can be learnt from x
    and x from y.

    Parameters
    ----------
    spec : dict
        seed, features, outputs; latents (1); sizes: train and valid, each
        three counts (pairs, x alone, y alone); x: 'real', 'positive' or
        'binary'; drop_last: whether y leaves its last part out (True);
        groups: which of 'xy', 'x', 'y' are handed to fit (all).

    Returns
    -------
    OrderedDict
        Named as the arguments of ``SSDGM.fit``.

    Notes
    -----
    All groups are drawn, in this order, whether asked for or not: what a
    case leaves out must not change what it keeps.
    """
    rng = np.random.RandomState(spec['seed'])
    parts = spec['outputs']
    drop_last = spec.get('drop_last', True)
    kind = spec.get('x', 'real')
    mixing = rng.normal(size=(parts, spec['features']))

    def compositions(count):
        alpha = np.ones(parts + 1 if drop_last else parts)
        return rng.dirichlet(alpha, size=count)[:, :parts].astype('float32')

    def features(y):
        noise = rng.normal(size=(len(y), spec['features']))
        x = np.tanh(y.dot(mixing) + .3 * noise)
        if kind == 'positive':
            x = np.abs(x) + .05
        if kind == 'binary':
            x = (x > 0).astype('float64')
        return x.astype('float32')

    data = OrderedDict()
    wanted = spec.get('groups', GROUPS)
    for key, suffix in (('train', ''), ('valid', '_valid')):
        pairs, lone_x, lone_y = spec['sizes'][key]
        y_sup = compositions(pairs)
        x_sup = features(y_sup)
        x = features(compositions(lone_x))
        y = compositions(lone_y)
        z2 = rng.uniform(-1.5, 1.5, size=(lone_y, spec.get('latents', 1)))
        if 'xy' in wanted:
            data['X' + suffix] = x_sup
            data['y' + suffix] = y_sup
        if 'x' in wanted:
            data['X_' + suffix] = x
        if 'y' in wanted:
            data['_y' + suffix] = y
            if not spec.get('without_z2', False):
                data['z2' + suffix] = z2.astype('float32')
    return data


def random_cases(count, seed):
    """Cases drawn at random over what the published code can be asked for.

    Sizes, batch sizes (some larger than the data), seeds, learning rates,
    M1, M2 and M1+M2, both objectives, flows, sample layers, numbers of
    samples, priors, losses, weights (some zero), groups of data, refits and
    grid searches.  Some of it the published code refuses; a comparison tells.

    Parameters
    ----------
    count : int
    seed : int
        The same seed gives the same cases, and the first ones of a longer
        list.

    Returns
    -------
    list of dict
    """
    rng = np.random.RandomState(seed)
    return [_random_case('random-%d-%d' % (seed, number),
                         np.random.RandomState(rng.randint(2 ** 31 - 1)))
            for number in range(count)]


def _choose(rng, *options):
    """One of the options, each as likely as the others."""
    return options[rng.randint(len(options))]


def _random_case(name, rng):
    kind = _choose(rng, 'm1', 'm2', 'm2', 'm12', 'm2 nets', 'm2 nets',
                   'm2 nets', 'm12 nets', 'm1 nets')
    features = int(rng.randint(4, 31))
    outputs = int(rng.randint(2, 6))
    latents = int(rng.randint(1, 4))
    z1 = int(rng.randint(2, 7))
    sizes = dict((key, [int(n) for n in rng.randint(12, 50, size=3)])
                 for key in ('train', 'valid'))
    groups = _choose(rng, ['xy', 'x', 'y'], ['xy', 'x', 'y'],
                     ['xy', 'x', 'y'], ['xy', 'x'], ['xy', 'y'], ['x', 'y'],
                     ['xy'], ['x'], ['y'])
    data = {'seed': int(rng.randint(1000)), 'features': features,
            'outputs': outputs, 'latents': latents, 'sizes': sizes,
            'groups': groups, 'x': _choose(rng, 'real', 'real', 'positive')}
    model = _random_arguments(rng, groups)
    case = OrderedDict([('name', name), ('data', data), ('model', model)])
    if kind.endswith('nets'):
        case['nets'] = _random_nets(kind, rng, data, z1)
    else:
        model.update(
            model_type=('m1', 'm2', 'm12').index(kind),
            hidden=[int(n) for n in rng.randint(3, 9, rng.randint(3))],
            num_latent_z2=latents, nflows=int(rng.randint(3)),
            num_latent_z1=features if kind == 'm2' else z1,
            simplexflow=bool(rng.randint(4)),
            nonlin_enc=_choose(rng, 'tanh', 'softplus', 'rectify'),
            nonlin_dec=_choose(rng, 'tanh', 'softplus'))
        if kind == 'm1':
            model['num_latent_z1'] = outputs
    case['fits'] = int(_choose(rng, 1, 1, 1, 2))
    if case['fits'] == 2 and rng.randint(2):
        case['fit_arguments'] = [{}, {
            'lr': .01, 'variational': not model['variational']}]
    if 'xy' in groups and rng.randint(8) == 0:
        case['grid'] = {'coeff_x': [.1, 1.]}
        case['fits'] = 0
    case['probes'] = _random_probes(kind, groups, rng)
    return case


def _random_arguments(rng, groups):
    """Arguments of ``SSDGM`` that every kind of model takes."""
    model = {'variational': bool(rng.randint(4)),
             'loss_x': _choose(rng, 'L2', 'L2', 'L2', 'REP'),
             'loss_y': _choose(rng, 'KL', 'KL', 'L2'),
             'seed': int(rng.randint(10000)),
             'lr': float(_choose(rng, .001, .003, .01, .05)),
             'num_epochs': int(rng.randint(2, 6)),
             'eval_freq': int(rng.randint(1, 3)),
             'iw_samples': int(_choose(rng, 1, 1, 1, 2, 3)),
             'eq_samples': int(_choose(rng, 1, 1, 1, 2))}
    for key in ('coeff_x', 'coeff_y', 'coeff_x_dis', 'coeff_y_dis',
                'coeff_x_prob', 'coeff_y_prob'):
        model[key] = float(_choose(rng, 1., 1., .1, .01, 10., 0.))
    # an objective without any term is nothing to minimise
    needed = {'xy': 'coeff_x_dis', 'x': 'coeff_x', 'y': 'coeff_y'}[groups[0]]
    model[needed] = model[needed] or 1.
    for group in ('Xy', 'X_', '_y'):
        for part in ('train', 'eval'):
            model['batch_size_%s_%s' % (group, part)] = int(
                _choose(rng, rng.randint(5, 20), rng.randint(20, 50), 100))
    for key in ('prior_x', 'prior_z1', 'prior_z2'):
        model[key] = _choose(rng, None, None, 'normal', ['normal', .5])
    model['prior_y'] = _choose(rng, None, None, 'normal',
                               ['dirichlet', _choose(rng, .001, .5, 2.)])
    if rng.randint(3) == 0:
        model['anneal_lr_epoch'] = int(rng.randint(1, 4))
        model['anneal_lr_factor'] = float(_choose(rng, .5, .9, .9995))
    return model


def _random_nets(kind, rng, data, z1):
    """Entries of ``model_dict``, as a list of names and descriptions."""
    features, outputs = data['features'], data['outputs']

    def net(num_output, sampling, *flows):
        chosen = {'hidden': [int(n) for n in rng.randint(3, 12,
                                                         rng.randint(3))],
                  'num_output': num_output,
                  'nonlin': _choose(rng, 'tanh', 'tanh', 'softplus',
                                    'rectify', 'sigmoid')}
        layer = _choose(rng, *sampling)
        if layer is not None:
            chosen['sample_layer'] = layer
        flow = _choose(rng, *flows)
        # a sample layer other than the normal one makes what it is to make
        if flow and layer is None:
            chosen['flows'] = flow
        return chosen

    simplex = ['NormalizingSimplexFlowLayer']
    to_y = net(outputs, [None, None, None, 'ConcreteSampleLayer'], simplex,
               simplex, ['NICE'] + simplex)
    to_z2 = net(data['latents'], [None], ['LogisticFlowLayer'],
                ['LogisticFlowLayer'], None,
                ['NICE'] if data['latents'] > 1 else None,
                ['NormalizingPlanarFlowLayer'])
    sampling = [None]
    if data['x'] == 'real' and rng.randint(3) == 0:
        data['x'], sampling = 'binary', ['BernoulliSampleLayer']
    positive = ['SoftplusFlowLayer'] if data['x'] == 'positive' else None
    if kind == 'm2 nets':
        return [['z1->y', to_y], ['z1y->z2', to_z2],
                ['yz2->_z1', net(features, sampling, positive)]]
    if kind == 'm1 nets':
        return [['x->z1', to_y],
                ['z1->_x', net(features, sampling, positive)]]
    return [['x->z1', net(z1, [None], None, ['NICE'])],
            ['z1->_x', net(features, sampling, positive)],
            ['z1->y', to_y], ['z1y->z2', to_z2],
            ['yz2->_z1', net(z1, [None], None)]]


def _random_probes(kind, groups, rng):
    """Questions that a model of this kind answers."""
    probes = []
    certain = bool(rng.randint(2))
    x = 'X' if 'xy' in groups else 'X_'
    if x == 'X' or 'x' in groups:
        probes.append(['predict', [], {'x': x, 'deterministic': certain}])
        probes.append(['generate', [], {'x': x, 'deterministic': certain}])
        if not kind.startswith('m1 ') and kind != 'm1':
            probes.append(['getYZ2', [], {'x': x, 'deterministic': certain}])
    if 'xy' in groups:
        for name in ('getXY_obj', 'getYX_obj', 'getXsup_obj', 'getYsup_obj',
                     'loss', 'score'):
            probes.append([name, ['X', 'y'], {}])
        if kind.startswith('m1') and not kind.startswith('m12'):
            probes.append(['generate', [], {'y': 'y',
                                            'deterministic': certain}])
        elif kind.startswith('m2'):
            for name in ('getZ2', 'get_Z1', 'generate'):
                probes.append([name, [], {'x': 'X', 'y': 'y',
                                          'deterministic': certain}])
    if 'y' in groups and not (kind.startswith('m1')
                              and not kind.startswith('m12')):
        for name in ('generate', 'get_Z1'):
            probes.append([name, [], {'y': '_y', 'z2': 'z2',
                                      'deterministic': certain}])
        probes.append(['getY_obj', ['_y', 'z2'], {}])
    return probes

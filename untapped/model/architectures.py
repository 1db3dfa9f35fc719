"""Descriptions of networks, and which networks a model has.

A model is made of up to six networks, by their published names:

=========  ==============  ========================================
name       distribution    in
=========  ==============  ========================================
x->z1      q(z1|x)         M1 and M1+M2
z1->_x     p(x|z1)         M1 and M1+M2
z1->y      q(y|z1)         M2 and M1+M2; M2 has z1 = x: eq. (5)
z1y->z2    q(z2|z1, y)     M2 and M1+M2; eq. (6)
yz2->_z1   p(z1|y, z2)     M2 and M1+M2; eq. (3)
y->z2      q(z2|y)         where asked for: eqs. (21) and (22)
=========  ==============  ========================================
"""
from __future__ import division, print_function

from collections import OrderedDict

import lasagne
import numpy as np
import theano.tensor as T

from untapped.errors import InputError
from untapped.model import kinds
from untapped.parmesan import flow as flows_, sample as samples_

__all__ = ['AUXILIARY', 'DEFAULTS', 'FLOWS', 'M1_NETWORKS', 'M2_NETWORKS',
           'NONLINEARITIES', 'SAMPLES', 'architecture',
           'check_architecture', 'complete', 'copied',
           'default_architectures', 'layer_sizes']

M1_NETWORKS = ('x->z1', 'z1->_x')
M2_NETWORKS = ('z1->y', 'z1y->z2', 'yz2->_z1')
#: q(z|y) of eqs. (21) and (22); built last, where a model has it
AUXILIARY = 'y->z2'

NONLINEARITIES = {
    'tanh': lasagne.nonlinearities.tanh,
    'softplus': T.nnet.softplus,
    'sigmoid': T.nnet.sigmoid,
    'rectify': lasagne.nonlinearities.rectify,
    'linear': lasagne.nonlinearities.linear,
}

SAMPLES = {
    'normal': samples_.SampleLayer,
    'bernoulli': samples_.BernoulliSampleLayer,
    'concrete': samples_.ConcreteSampleLayer,
}

FLOWS = {
    'simplex': flows_.NormalizingSimplexFlowLayer,
    'logistic': flows_.LogisticFlowLayer,
    'softplus': flows_.SoftplusFlowLayer,
    'nice': flows_.NICE,
    'planar': flows_.NormalizingPlanarFlowLayer,
}


def _named(value, table, argument):
    """The table's entry for a name; anything that is no name passes."""
    if not isinstance(value, kinds.TEXTS):
        return value
    if value not in table:
        raise InputError('%s: expected one of %s, got %s' % (
            argument, ', '.join(sorted(table)), kinds.shown(value)))
    return table[value]


def architecture(hidden, num_output, nonlin='tanh', sample='normal',
                 flows=(), gain=np.sqrt(2), batch_norm=False):
    """One network's description, as ``SSDGM(model_dict=...)`` takes it.

    Parameters
    ----------
    hidden : list of int, units of the hidden layers
    num_output : int, units of the distribution
    nonlin : str or callable, of the hidden layers
    sample : 'normal', 'bernoulli', 'concrete' or a sample layer's class
    flows : list of 'simplex', 'logistic', 'softplus', 'nice', 'planar' or
        flow layers' classes, the first applied first
    gain : float, of Glorot's uniform initialisation of the weights
    batch_norm : bool, batch normalisation of the hidden layers

    Returns
    -------
    OrderedDict with the one key 'arch'

    Raises
    ------
    InputError for a layer that cannot be
    """
    kinds.require(kinds.units, 'hidden', hidden)
    if not isinstance(flows, (list, tuple)):
        raise InputError('flows: expected a list of flows, got %s'
                         % kinds.shown(flows))
    described = _described(hidden, num_output, nonlin, sample, flows, gain,
                           batch_norm)
    for name, kind in PARTS.items():
        kinds.require(kind, 'sample' if name == 'sample_layer' else name,
                      described['arch'][name])
    return described


def _described(hidden, num_output, nonlin, sample, flows, gain, batch_norm):
    return OrderedDict([('arch', OrderedDict([
        ('hidden', list(hidden)),
        ('gain', gain),
        ('nonlin', _named(nonlin, NONLINEARITIES, 'nonlin')),
        ('num_output', num_output),
        ('sample_layer', _named(sample, SAMPLES, 'sample')),
        ('flows', [_named(f, FLOWS, 'flows') for f in flows]),
        ('batch_norm', batch_norm),
    ]))])


#: what each part of a description may be
PARTS = OrderedDict([
    ('hidden', kinds.units), ('gain', kinds.gain),
    ('nonlin', kinds.optional(kinds.function)),
    ('num_output', kinds.count()),
    ('sample_layer', kinds.subclass((
        samples_.SampleLayer, samples_.BernoulliSampleLayer,
        samples_.ConcreteSampleLayer))),
    ('flows', kinds.flows), ('batch_norm', kinds.flag)])


def check_architecture(described, name):
    """InputError unless this is what ``architecture`` makes.

    name : str, for the error
    """
    if not isinstance(described, dict) or \
            not isinstance(described.get('arch'), dict):
        raise InputError('%s: expected what architecture makes, got %s' % (
            name, kinds.shown(described)))
    arch = described['arch']
    odd = sorted(set(arch) ^ set(PARTS), key=repr)
    if odd:
        raise InputError("%s['arch']: expected exactly the keys %s, found a "
                         'difference at %s' % (name, ', '.join(PARTS),
                                               kinds.shown(odd[0])))
    for part, kind in PARTS.items():
        kinds.require(kind, "%s['arch'][%r]" % (name, part), arch[part])


#: of the networks that are not described, see ``SSDGM``
DEFAULTS = {
    'num_output': None, 'hidden': (), 'num_latent_z1': 100,
    'num_latent_z2': 2, 'nflows': 0, 'simplexflow': True,
    'nonlin_enc': None, 'nonlin_dec': None, 'gain_enc': np.sqrt(2),
    'gain_dec': np.sqrt(2), 'batch_norm': False, 'sample': 'normal'}


def default_architectures(model_type, num_features, **settings):
    """Descriptions of all networks of a model type, the published defaults.

    Every network has the same hidden layers.  A flow to the simplex ends
    the network of y (M2) or z1 (M1, where z1 stands for y), after
    ``nflows`` NICE flows.  Latents get the NICE flows alone; an output of
    one unit gets none.

    Parameters
    ----------
    model_type : 0 for M1, 1 for M2, 2 for M1+M2
    num_features : int, features of x
    settings : those of ``DEFAULTS`` that are others

    Returns
    -------
    OrderedDict from network name to description
    """
    chosen = dict(DEFAULTS, **settings)
    nice = [flows_.NICE] * chosen['nflows']
    simplex = ([flows_.NormalizingSimplexFlowLayer] *
               bool(chosen['simplexflow']))
    # the published rule: a latent gets all flows but the last
    latent_flows = (nice + simplex)[:-1]

    def describe(num, flows, side='enc'):
        return _described(
            chosen['hidden'], num, chosen['nonlin_' + side],
            chosen['sample'], flows if num > 1 else [],
            chosen['gain_' + side], chosen['batch_norm'])

    made = OrderedDict()
    if model_type == 0:
        made['x->z1'] = describe(chosen['num_output'], nice + simplex)
    elif model_type == 2:
        made['x->z1'] = describe(chosen['num_latent_z1'], latent_flows)
    if model_type in (0, 2):
        made['z1->_x'] = describe(num_features, [])
    if model_type in (1, 2):
        made['z1->y'] = describe(chosen['num_output'], nice + simplex)
        made['z1y->z2'] = describe(chosen['num_latent_z2'], latent_flows)
        made['yz2->_z1'] = describe(
            num_features if model_type == 1 else chosen['num_latent_z1'],
            [], 'dec')
    return made


def copied(described):
    """A network's description whose lists are its own, of Python's numbers."""
    return OrderedDict(described, arch=OrderedDict(
        (name, list(map(kinds.plain, part))
         if isinstance(part, (list, tuple, np.ndarray)) else kinds.plain(part))
        for name, part in described['arch'].items()))


def complete(archs, model_type=0, num_features=None, **defaults):
    """The networks of a model: those given, the published defaults for the
    rest.

    The names given decide the model type: 'z1->y' asks for M2, with
    'x->z1' for M1+M2, 'x->z1' alone for M1; only without either is
    ``model_type`` read.

    Parameters
    ----------
    archs : dict from network name to description
    defaults : see ``default_architectures``

    Returns
    -------
    OrderedDict from network name to description, which are copies

    Raises
    ------
    InputError if a network is missing or, in M2, the generated z1 has
    another size than x
    """
    wanted = ()
    if 'x->z1' in archs:
        wanted += M1_NETWORKS
    if 'z1->y' in archs:
        wanted += M2_NETWORKS
    missing = [name for name in wanted if name not in archs]
    if missing:
        raise InputError('model_dict: expected the networks %s, found no %s'
                         % (', '.join(wanted), ' and no '.join(missing)))
    if wanted:
        made = OrderedDict((name, archs[name]) for name in wanted)
    else:
        if model_type not in (0, 1, 2):
            raise InputError('model_type: expected 0 (M1), 1 (M2) or 2 '
                             '(M1+M2), got %r' % (model_type,))
        made = default_architectures(model_type, num_features, **defaults)
        made.update((k, v) for k, v in archs.items() if k in made)
    if 'yz2->_z1' in made and 'x->z1' not in made:
        generated = made['yz2->_z1']['arch']['num_output']
        if generated != num_features:
            raise InputError(
                "model_dict['yz2->_z1']: expected num_output = num_features "
                '= %s in a model without x->z1 (z1 = x), got %s'
                % (num_features, generated))
    return OrderedDict((name, copied(each)) for name, each in made.items())


def layer_sizes(archs, num_features):
    """Units of every network's layers, its input first.

    Returns
    -------
    dict from network name to list of int
    """
    archs = dict((name, archs[name]['arch']) for name in archs)
    out = dict((name, arch['num_output']) for name, arch in archs.items())
    z1, y = out.get('x->z1', num_features), out.get('z1->y')
    incoming = {'x->z1': num_features, 'z1->_x': z1, 'z1->y': z1,
                AUXILIARY: y}
    if y is not None:
        incoming.update({'z1y->z2': z1 + y,
                         'yz2->_z1': y + out['z1y->z2']})
    return dict((name, [incoming[name]] + list(arch['hidden']) + [out[name]])
                for name, arch in archs.items())

"""An architecture becomes Lasagne layers.

A network is a multilayer perceptron, a sample layer and flows: one
conditional distribution, e.g. q(y|x) of eq. (5).  Its last flow's output is
the distribution's sample; beside it stand the layers whose outputs make its
log-density: mean (or logits), standard deviation, the sample before the
flows and the flows' log-determinants.
"""
from __future__ import division, print_function

import contextlib
from collections import OrderedDict

import lasagne
import theano.tensor as T
from lasagne.layers import DenseLayer, InputLayer

from untapped.errors import InputError
from untapped.model import kinds
from untapped.model.architectures import AUXILIARY
from untapped.model.locks import Lock
from untapped.parmesan import sample as samples_
from untapped.parmesan.normalize import NormalizeLayer, ScaleAndShiftLayer
from untapped.parmesan.special import IdentityLayer, ListIndexLayer

__all__ = ['Network', 'Networks', 'weights_from']


class Network(object):
    """One conditional distribution as layers.

    Parameters
    ----------
    incoming : Layer, what the distribution is conditional on
    arch : dict, see ``architectures.architecture``
    eq_samples, iw_samples : Theano scalars
    sample_seeds : dict from a sample layer's class name to its seed, or
        None: the class's default seed

    Attributes
    ----------
    output : Layer, the sample after all flows
    key_layers : OrderedDict of the layers whose outputs the bounds use, by
        name: 'l_mu' and 'l_log_var' (mean and standard deviation) or
        'l_mu' alone (Bernoulli's probability) or 'l_logits', then 'l_z',
        'l_z<n>' (the sample before and after the n flows), 'l_nf_<i>'
        (log-determinant of flow i)
    output_name : str, the output's name among them
    num_output : int
    base, base_input : Layers, from a value of the output back to the
        sample before the flows (the identity unless every flow has an
        inverse), and the input layer of that way back
    invertible : bool, whether every flow has an inverse
    params : list of shared variables; those that training moves are in
        ``trainable``, those of the mean in ``mean_params``
    """
    def __init__(self, incoming, arch, eq_samples, iw_samples,
                 sample_seeds=None):
        self.arch = arch
        self.num_output = arch['num_output']
        last = self._hidden_layers(incoming, arch)
        self.key_layers = self._sample_layers(
            last, arch, eq_samples, iw_samples, sample_seeds)
        mean_name = next(iter(self.key_layers))
        self.mean_params = _own_params(self.key_layers[mean_name], incoming,
                                       trainable=True)
        self._way_back(self._flow_layers(arch['flows']))
        self.params = _own_params(self.output, incoming)
        self.trainable = _own_params(self.output, incoming, trainable=True)

    def _hidden_layers(self, incoming, arch):
        layer = incoming
        for n, units in enumerate(arch['hidden']):
            name = 'l_%d' % n
            W = lasagne.init.GlorotUniform(arch['gain'])
            if arch['batch_norm']:
                layer = _normalized_dense(layer, units, W, arch['nonlin'],
                                          name)
            else:
                layer = DenseLayer(layer, num_units=units, W=W, name=name,
                                   nonlinearity=arch['nonlin'])
        if not arch['hidden']:
            layer = IdentityLayer(layer, name='identity')
        return layer

    def _sample_layers(self, last, arch, eq_samples, iw_samples, seeds):
        cls = arch['sample_layer']
        options = {'eq_samples': eq_samples, 'iw_samples': iw_samples,
                   'name': 'l_z'}
        if seeds is not None:
            if cls.__name__ not in seeds:
                raise InputError('sample_seeds: expected a seed of %s, got '
                                 'none' % cls.__name__)
            options['seed'] = seeds[cls.__name__]
        elif getattr(cls, 'default_seed', '') is None:
            raise InputError('model_dict: expected sample layers of '
                             'untapped.parmesan.layers, which have a seed, '
                             'got %s' % kinds.shown(cls))

        def dense(name, W, nonlinearity):
            return DenseLayer(last, num_units=arch['num_output'], W=W,
                              b=lasagne.init.Constant(0.),
                              nonlinearity=nonlinearity, name=name)

        glorot = lasagne.init.GlorotUniform(arch['gain'])
        if issubclass(cls, samples_.SampleLayer):
            mean = dense('l_mu', glorot, None)
            # softplus of zero weights: the published start of the standard
            # deviation is log 2 everywhere
            std = dense('l_log_var', lasagne.init.Constant(0),
                        T.nnet.softplus)
            z = cls(mean=mean, log_var=std, nonlinearity=_as_is, **options)
            return OrderedDict([('l_mu', mean), ('l_log_var', std),
                                ('l_z', z)])
        if issubclass(cls, samples_.BernoulliSampleLayer):
            mean = dense('l_mu', glorot, T.nnet.sigmoid)
            return OrderedDict([('l_mu', mean),
                                ('l_z', cls(mean=mean, **options))])
        if issubclass(cls, samples_.ConcreteSampleLayer):
            logits = dense('l_logits', glorot, None)
            return OrderedDict([('l_logits', logits),
                                ('l_z', cls(logits=logits, **options))])
        raise InputError('sample_layer: expected a SampleLayer, '
                         'BernoulliSampleLayer or ConcreteSampleLayer, '
                         'got %r' % (cls,))

    def _flow_layers(self, flows):
        """Apply the flows; their key layers join ``key_layers``.

        Their inverses, as they tell them.
        """
        self.output, self.output_name = self.key_layers['l_z'], 'l_z'
        made, inverses = [], []
        for n, flow in enumerate(flows):
            try:
                layer = flow(self.output, name='l_nf_%d' % n)
                self.output_name = 'l_z%d' % (n + 1)
                self.output = ListIndexLayer(layer, index=0,
                                             name=self.output_name)
                inverses.append(layer.inverse)
            except Exception as error:
                # whatever a class of the user's raises
                raise InputError(
                    'flows: expected classes of flow layers for %d units, '
                    'got %s (%s)' % (self.num_output, kinds.shown(flow),
                                     ' '.join(str(error).split())[:80]))
            made.append(layer)
        if made:
            self.key_layers[self.output_name] = self.output
        for layer in made:
            self.key_layers[layer.name] = ListIndexLayer(layer, index=1)
        return inverses

    def _way_back(self, inverses):
        self.base_input = InputLayer((None, self.num_output))
        layer = self.base_input
        self.invertible = None not in inverses
        if inverses and self.invertible:
            for n in reversed(range(len(inverses))):
                inverse, argument = inverses[n]
                layer = inverse(layer, argument, name='l_if_%d' % n)
        else:
            layer = IdentityLayer(layer, name='l_if_0')
        self.base = layer

    def require_inverse(self, name):
        """InputError unless the density of a given value is known."""
        if not self.invertible:
            raise InputError(
                'model_dict[%r]: expected flows that have an inverse, which '
                'the density of given values needs, got one without (planar '
                'flows serve only where a network is drawn from)' % name)

    @property
    def sample_layer(self):
        """The layer that draws."""
        return self.key_layers['l_z']

    def samplers(self):
        """All layers that draw, from the data to the key layers."""
        return [layer for layer in lasagne.layers.get_all_layers(
            list(self.key_layers.values()))
            if isinstance(layer, samples_._Sampler)]


def _normalized_dense(incoming, units, W, nonlin, name):
    """A dense layer, batch-normalised before its non-linearity."""
    layer = DenseLayer(incoming, num_units=units, W=W, b=None,
                       nonlinearity=None, name=name)
    layer = NormalizeLayer(layer, name=name + '_normalize')
    layer = ScaleAndShiftLayer(layer, name=name + '_scale')
    return lasagne.layers.NonlinearityLayer(layer, nonlin, name=name + '_out')


def _as_is(value):
    return value


def _own_params(layer, incoming, **tags):
    """Parameters of the layers from ``incoming``, exclusive, to ``layer``."""
    layers = lasagne.layers.get_all_layers(layer, treat_as_input=[incoming])
    params = []
    for own in layers:
        if own is not incoming:
            params += [p for p in own.get_params(**tags) if p not in params]
    return params


class Networks(OrderedDict):
    """All networks of a model, connected; from name to ``Network``.

    Weights are drawn from Lasagne's generator in the order of the names:
    the order is observable in the bits.

    Parameters
    ----------
    archs : OrderedDict from network name to description, see
        ``architectures.complete``
    num_features : int, features of x
    eq_samples, iw_samples, sample_seeds : see ``Network``

    Attributes
    ----------
    model_type : 0 for M1, 1 for M2, 2 for M1+M2
    layers : dict of the layers of the variables 'x', 'z1', '_x', 'y', 'z2',
        '_z1' (an underscore before: generated), 'z2 of y'
    lock : Lock, held by whoever compiles or calls a function of theirs:
        Theano's functions keep their inputs in one place for all threads
    """
    def __init__(self, archs, num_features, eq_samples, iw_samples,
                 sample_seeds=None):
        super(Networks, self).__init__()
        self.lock = Lock()
        self.model_type = 1 if 'x->z1' not in archs else \
            2 if 'z1->y' in archs else 0
        self.archs = archs
        self._options = (eq_samples, iw_samples, sample_seeds)
        x = InputLayer((None, num_features))
        self.layers = {'x': x}
        self.layers['z1'] = x
        if self.model_type in (0, 2):
            self._add('x->z1', x, 'z1')
            self._add('z1->_x', self.layers['z1'], '_x')
        if self.model_type in (1, 2):
            z1 = self.layers['z1']
            self._add('z1->y', z1, 'y')
            self._add('z1y->z2', self._join(z1, self.layers['y']), 'z2')
            self._add('yz2->_z1',
                      self._join(self.layers['y'], self.layers['z2']), '_z1')
        if AUXILIARY in archs:
            self._add(AUXILIARY, self.layers['y'], 'z2 of y')
        if self.model_type == 1:
            self.layers['_x'] = self.layers['_z1']

    def _add(self, name, incoming, variable):
        arch = self.archs[name]['arch']
        self[name] = Network(incoming, arch, *self._options)
        self.layers[variable] = self[name].output

    @staticmethod
    def _join(*layers):
        return lasagne.layers.ConcatLayer(layers, axis=-1)

    @property
    def params(self):
        """Shared variables of all networks, in the published order."""
        return [p for net in self.values() for p in net.params]

    @property
    def trainable(self):
        """Those of them that training moves."""
        return [p for net in self.values() for p in net.trainable]

    @property
    def batch_norm(self):
        """Whether any network normalises its hidden layers by batches."""
        return any(net.arch['batch_norm'] and net.arch['hidden']
                   for net in self.values())

    def named_params(self):
        """Every parameter by '<network> <layer>.<name>'; OrderedDict."""
        return OrderedDict(('%s %s' % (name, param.name), param)
                           for name, network in self.items()
                           for param in network.params)


#: Lasagne's generator is one for all threads
_WEIGHTS = Lock()


@contextlib.contextmanager
def weights_from(rng):
    """Lasagne's initialisers draw from rng inside the block.

    Another thread waits with its own.
    """
    with _WEIGHTS:
        before = lasagne.random.get_rng()
        lasagne.random.set_rng(rng)
        try:
            yield
        finally:
            lasagne.random.set_rng(before)

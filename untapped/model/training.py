"""Gradients, updates, minibatches, epochs and records.

The five data groups are labelled X, y, unlabelled X_, and unfeatured _y with
their observed z2.  A step takes a minibatch of each group, all into one
objective; each group walks at its own batch size and wraps round, and an
epoch is as many steps as the group that needs most.
"""
from __future__ import division, print_function

import time
from collections import OrderedDict

import lasagne
import numpy as np
import theano
import theano.tensor as T

from untapped.compiled.modes import step_mode
from untapped.model.published_bounds import term_names

__all__ = ['Data', 'Event', 'History', 'Place', 'TrainingDiverged', 'Weights',
           'gradient_updates', 'objective', 'recorded_terms', 'train']

#: bounds of the published gradient, Adam's numbers from appendix A.2.1
MAX_TOTAL_NORM = 5.
MAX_ELEMENT = 1.
ADAM = {'beta1': 0.9, 'beta2': 0.999, 'epsilon': 1e-4}

#: importance samples of the second evaluation
EVAL_IW_SAMPLES = 5

GROUPS = ('X', 'y', 'X_', '_y', 'z2')


class TrainingDiverged(ArithmeticError):
    """An objective became NaN; the parameters are the last good ones.

    Attributes
    ----------
    epoch : int, the epoch in which it happened
    term : str, the first term that is not finite
    """
    def __init__(self, epoch, term):
        super(TrainingDiverged, self).__init__(
            'training stopped in epoch %d: %s is NaN; the parameters are '
            'those from before that epoch' % (epoch, term))
        self.epoch = epoch
        self.term = term


class Weights(object):
    """The weights of J, eq. (15), by the published names.

    ``x`` and ``y`` scale the bounds of the forward and the reverse model,
    labelled and unlabelled alike; ``x_dis`` and ``y_dis`` the losses of
    predicted y and generated x; ``x_prob`` and ``y_prob`` switch the
    labelled bounds on where they are above 0.
    """
    def __init__(self, x=1, y=0, x_dis=0, y_dis=0, x_prob=0, y_prob=0):
        self.x, self.y = x, y
        self.x_dis, self.y_dis = x_dis, y_dis
        self.x_prob, self.y_prob = x_prob, y_prob

    def weighted(self, data, variational, model_type):
        """(kind of term, weight) of all that J holds for the data at hand.

        In the published order of addition, which decides bits.
        """
        held = []
        if data.labelled:
            if variational:
                held += [('x_sup', self.x)] * (self.x_prob > 0)
                held += [('y_sup', self.y)] * (self.y_prob > 0)
            held += [('x_sup_dis', self.x_dis)] * (self.x_dis > 0)
            held += [('y_sup_dis', self.y_dis)] * (self.y_dis > 0)
        if data.has('X_'):
            held += [('x', self.x)] * (self.x > 0)
        if data.unfeatured(model_type):
            held += [('y', self.y)] * (self.y > 0)
        return held


class Data(object):
    """One set of the five groups, with batch sizes and order of rows.

    Parameters
    ----------
    arrays : dict from group name to ndarray (rows, columns) or None
    batch_sizes : (labelled pairs, X_, _y), ints
    """
    def __init__(self, arrays, batch_sizes):
        self.arrays = OrderedDict(
            (name, None if arrays.get(name) is None else
             np.asarray(arrays[name], dtype=theano.config.floatX))
            for name in GROUPS)
        self.batch_sizes = tuple(batch_sizes)
        self._orders = {}
        for kind, names in (('pairs', ('X', 'y')), ('X_', ('X_',)),
                            ('_y', ('_y', 'z2'))):
            rows = [len(self.arrays[n]) for n in names if self.has(n)]
            if rows:
                self._orders[kind] = np.arange(rows[0])
        self.shared = OrderedDict(
            (name, theano.shared(value, name=name, borrow=True))
            for name, value in self.arrays.items() if value is not None)
        self.shared_orders = dict(
            (kind, theano.shared(order.astype('int32'), name='order ' + kind))
            for kind, order in self._orders.items())

    def has(self, name):
        return self.arrays[name] is not None

    @property
    def labelled(self):
        return self.has('X') and self.has('y')

    def unfeatured(self, model_type):
        """Whether there are y without x that the model can use."""
        return self.has('_y') and (model_type == 0 or self.has('z2'))

    @property
    def any(self):
        """Whether there is data to report on."""
        return self.labelled or self.has('X_') or self.has('_y')

    def shuffle(self, rng):
        """New orders of the rows, drawn as the published code draws them.

        Pairs and unfeatured labels are ordered afresh; X_ is shuffled on
        from its last order.  The sequence of draws is pairs, unfeatured,
        X_.
        """
        for kind in ('pairs', '_y', 'X_'):
            if kind not in self._orders:
                continue
            order = self._orders[kind]
            if kind != 'X_':
                order = np.arange(len(order))
            rng.shuffle(order)
            self._orders[kind] = order
            self.shared_orders[kind].set_value(order.astype('int32'))

    @property
    def order_of_X_(self):
        """The rows of X_ in their present order: part of a run's state.

        None without X_.  The other orders are drawn afresh each epoch.
        """
        return self._orders.get('X_')

    @order_of_X_.setter
    def order_of_X_(self, order):
        # a copy that is our own: it is shuffled in place
        self._orders['X_'] = np.array(order)

    def batches(self, batch_sizes):
        """Steps of one epoch."""
        rows = [self.arrays[name] for name in ('X', 'X_', '_y')]
        needed = [len(a) / b for a, b in zip(rows, batch_sizes)
                  if a is not None]
        return int(max(np.ceil(needed)))

    def givens(self, symbols, index, batch_sizes):
        """Minibatch ``index`` of each group, in its symbol's place."""
        places = (('X', symbols.x_sup, 'pairs', 0),
                  ('y', symbols.y_sup, 'pairs', 0),
                  ('X_', symbols.x, 'X_', 1),
                  ('_y', symbols.y, '_y', 2),
                  ('z2', symbols.z2, '_y', 2))
        chosen = {}
        givens = OrderedDict()
        for name, symbol, kind, which in places:
            if not self.has(name):
                continue
            if kind not in chosen:
                size = batch_sizes[which]
                rows = len(self._orders[kind])
                steps = (index * size + T.arange(size)) % rows
                chosen[kind] = self.shared_orders[kind][steps]
            givens[symbol] = self.shared[name][chosen[kind]]
        return givens


def objective(bounds, weighted, variational):
    """J of eq. (15), to be minimised: the weighted sum of its terms."""
    J = 0
    for kind, weight in weighted:
        J += weight * bounds.total(kind, variational)
    return J


def recorded_terms(weighted, model_type, variational):
    """Names of the terms that J holds, and of their parts, as published."""
    names = term_names(model_type, variational)
    kinds = [kind for kind, _ in weighted]

    def chosen(kind):
        if kind not in kinds:
            return []
        if kind.endswith('dis'):
            return [n for n in names if n[3:] == kind]
        if kind.endswith('sup'):
            return [n for n in names
                    if n[3:].startswith(kind) and 'dis' not in n]
        return [n for n in names if n[3] == kind and 'sup' not in n]

    order = ('x_sup_dis', 'y_sup_dis', 'x_sup', 'y_sup', 'x', 'y')
    return [name for kind in order for name in chosen(kind)]


def gradient_updates(J, params, lr):
    """Adam's updates for a gradient held to bounds.

    The published bounds: the total norm to 5, then each element to (-1, 1).
    """
    grads = T.grad(J, params, disconnected_inputs='ignore')
    grads = lasagne.updates.total_norm_constraint(grads, MAX_TOTAL_NORM)
    grads = [T.clip(g, -MAX_ELEMENT, MAX_ELEMENT) for g in grads]
    return lasagne.updates.adam(grads, params, learning_rate=lr, **ADAM)


class History(object):
    """What is recorded at evaluations.

    epochs : list of int
    train, eval1, evalN : OrderedDict from term to a list of numbers, one an
        evaluation: means over the epoch's steps; over the validation data
        with one sample, and with ``EVAL_IW_SAMPLES`` importance samples
    """
    def __init__(self, train_terms, eval_terms):
        self.epochs = []
        self.train = OrderedDict((name, []) for name in train_terms)
        self.eval1 = OrderedDict((name, []) for name in eval_terms)
        self.evalN = OrderedDict((name, []) for name in eval_terms)


class Place(object):
    """How far training is: the last whole epoch, and the rate after it.

    ``whole`` is False inside an epoch, and after one that was stopped.
    """
    def __init__(self, lr, epoch=0):
        self.lr = lr
        self.epoch = epoch
        self.whole = True


class Event(object):
    """What a monitor is told.

    kind : 'epoch' or 'evaluation'
    whole : bool, False if the epoch was stopped before its end
    epoch, num_epochs : int
    lr : float, the learning rate from here on
    seconds : float, since the epoch began
    train : OrderedDict from term to this epoch's mean
    eval1, evalN : the same of the two evaluations, None for an epoch
    history : History
    """
    def __init__(self, **kwargs):
        self.__dict__.update(kwargs)


class Pass(object):
    """A function over minibatches, and the means of its outputs.

    It is compiled when it is first needed.

    Parameters
    ----------
    data : Data
    kind : 'train' or 'eval', the name of the objective's column
    terms : list of str
    numerics : 'exact' or 'fast', see ``numerics.step_mode``

    Attributes
    ----------
    names : list of str, the outputs: the objective and the terms
    moments : list of shared variables, Adam's
    nan : list of those that were NaN in a step of the last epoch
    """
    def __init__(self, data, kind, terms, J, bounds, symbols, variational,
                 updates=None, params=(), numerics='exact'):
        self.data = data
        self.moments = [v for v in updates or () if v not in params]
        self.names = ([kind] if data.any else []) + terms
        self.nan = []
        self._leaves = set()
        self._with_lr = updates is not None
        if not self.names:
            return
        index = T.iscalar('index')
        sizes = [T.iscalar('batch size') for _ in range(3)]
        inputs = [index] + sizes + [symbols.eq_samples, symbols.iw_samples]
        if self._with_lr:
            inputs.append(symbols.lr)
        outputs = [J] * data.any
        outputs += [bounds.term(name, variational) for name in terms]
        self._leaves.update(theano.gof.graph.inputs(
            outputs + list((updates or {}).values())))
        self._compile = lambda: theano.function(
            inputs, outputs, updates=updates, on_unused_input='ignore',
            givens=data.givens(symbols, index, sizes),
            mode=step_mode(numerics), name='%s step' % kind)
        self._function = None

    def draws_from(self, states):
        """Whether the function draws from a stream's shared variable."""
        return states in self._leaves

    def epoch(self, eq_samples, iw_samples, lr=None, divide_batches=1,
              stop=lambda: False):
        """One walk over the data; an OrderedDict from term to mean."""
        if not self.names:
            return OrderedDict()
        if self._function is None:
            self._function = self._compile()
        sizes = [size // divide_batches for size in self.data.batch_sizes]
        last = [lr] if self._with_lr else []
        steps = []
        for index in range(self.data.batches(sizes)):
            args = [index] + sizes + [eq_samples, iw_samples] + last
            steps.append(self._function(*args))
            if stop():
                break
        values = OrderedDict((name, np.array([step[i] for step in steps]))
                             for i, name in enumerate(self.names))
        self.nan = [name for name in self.names
                    if np.isnan(values[name]).any()]
        return OrderedDict((k, v.mean()) for k, v in values.items())


def _most_telling(names):
    """Of the terms that are NaN, a part of a bound before the bound."""
    names = sorted(names, key=lambda n: (n in ('train', 'eval'),
                                         '_rec_' not in n,
                                         '_gen_' not in n))
    return names[0]


def train(train_pass, eval_pass, valid, rng, place, anneal_epoch,
          anneal_factor, num_epochs, eval_freq, eq_samples, iw_samples,
          history, monitor=None, stop=lambda: False, before_epoch=None,
          before_eval=None):
    """Run the epochs after ``place``, and move it; whether it was stopped.

    Each epoch orders training and validation rows anew (drawn from rng in
    that sequence), walks over the training data and, every ``eval_freq``
    epochs, evaluates twice.  From ``anneal_epoch`` on the learning rate is
    multiplied by ``anneal_factor`` after each epoch.

    Raises
    ------
    TrainingDiverged after an epoch whose mean objective is NaN
    """
    def nothing(*args):
        pass

    monitor = monitor or nothing
    before_epoch = before_epoch or nothing
    before_eval = before_eval or nothing
    lr = place.lr
    for epoch in range(1 + place.epoch, 1 + num_epochs):
        start = time.time()
        place.whole = False
        before_epoch(epoch)
        train_pass.data.shuffle(rng)
        valid.shuffle(rng)
        means = train_pass.epoch(eq_samples, iw_samples, lr, stop=stop)
        if 'train' in train_pass.nan:
            raise TrainingDiverged(epoch, _most_telling(train_pass.nan))
        if epoch >= anneal_epoch:
            lr = lr * anneal_factor
        event = dict(epoch=epoch, num_epochs=num_epochs, lr=lr, train=means,
                     seconds=time.time() - start, history=history)
        if epoch % eval_freq == 0 and not stop():
            before_eval()
            event['eval1'] = eval_pass.epoch(1, 1, stop=stop)
            # smaller batches, as each row now stands for several
            event['evalN'] = eval_pass.epoch(
                1, EVAL_IW_SAMPLES, divide_batches=EVAL_IW_SAMPLES,
                stop=stop)
        if 'evalN' in event and not stop():
            history.epochs.append(epoch)
            for name in ('train', 'eval1', 'evalN'):
                for term, value in event[name].items():
                    getattr(history, name)[term].append(value)
            monitor(Event(kind='evaluation', whole=True, **event))
        # asked once: a stop that comes later finds the epoch whole
        event['whole'] = place.whole = not stop()
        if place.whole:
            place.epoch, place.lr = epoch, lr
        monitor(Event(kind='epoch', **dict(event, eval1=None, evalN=None)))
        if stop():
            return True
    return False

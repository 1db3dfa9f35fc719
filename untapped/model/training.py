"""Training: minibatches, epochs, evaluations and records.

A step takes a minibatch of each group of data, see ``data``, all into one
objective; its updates are Adam's, see ``adam``.
"""
from __future__ import division, print_function

import time
from collections import OrderedDict

import lasagne
import numpy as np
import theano
import theano.tensor as T

from untapped.compiled.modes import compile_mode, step_mode
from untapped.compiled.rewriting import keeping_all
from untapped.errors import InputError
from untapped.model.locks import Lock

__all__ = ['Event', 'History', 'Hooks', 'Pass', 'Progress', 'Schedule',
           'TrainingDiverged', 'collect_statistics', 'require_x', 'train']

#: importance samples of the second evaluation
EVAL_IW_SAMPLES = 5


class TrainingDiverged(ArithmeticError):
    """An objective or a parameter was lost; the parameters are the last good
    ones.

    Attributes
    ----------
    epoch : int, the epoch in which it happened
    term : str, a term that is NaN, or a parameter that is not finite
    """
    def __init__(self, epoch, term, what='NaN'):
        super(TrainingDiverged, self).__init__(
            'training stopped in epoch %d: %s is %s; the parameters are '
            'those from before that epoch' % (epoch, term, what))
        self.epoch = epoch
        self.term = term


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

    def add(self, epoch, means):
        """Record the means of an evaluation, a dict of the three."""
        self.epochs.append(epoch)
        for name in ('train', 'eval1', 'evalN'):
            for term, value in means[name].items():
                getattr(self, name)[term].append(value)


class Progress(object):
    """How far training is: the last whole epoch, and the rate after it.

    ``whole`` is False inside an epoch, and after one that was stopped.
    """
    def __init__(self, lr, epoch=0):
        self.lr = lr
        self.epoch = epoch
        self.whole = True


class Schedule(object):
    """How long to train, and how.

    num_epochs : int
    eval_freq : int, epochs between evaluations
    samples : (eq_samples, iw_samples) of a training step
    anneal_epoch, anneal_factor : after each epoch from this one on the
        learning rate is multiplied by the factor
    """
    def __init__(self, num_epochs, eval_freq, samples=(1, 1),
                 anneal_epoch=1, anneal_factor=1.):
        self.num_epochs, self.eval_freq = num_epochs, eval_freq
        self.samples = samples
        self.anneal_epoch = anneal_epoch
        self.anneal_factor = anneal_factor


def _nothing(*args):
    return None


class Hooks(object):
    """What is called while a model trains.

    monitor : callable of an ``Event``, after evaluations and epochs
    stop : callable; training ends after the step in which it is True
    before_epoch : callable of the epoch's number
    before_eval : callable
    lost : callable; the name of a parameter that is not finite, or None
    """
    def __init__(self, monitor=None, stop=None, before_epoch=None,
                 before_eval=None, lost=None):
        self.monitor = monitor or _nothing
        self.stop = stop or _nothing
        self.before_epoch = before_epoch or _nothing
        self.before_eval = before_eval or _nothing
        self.lost = lost or _nothing


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
    kind : 'train' or 'eval'
    data : Data
    outputs : OrderedDict from name to expression: J under the name of the
        kind, then the terms
    symbols : Symbols
    updates : OrderedDict from shared variable to its new value, or None
    numerics : 'exact' or 'fast', see ``modes.step_mode``
    lock : Lock of the networks, held in each step

    Attributes
    ----------
    nan : list of the names that were NaN in the first step of the last
        epoch whose J was NaN; after it all are
    """
    def __init__(self, kind, data, outputs, symbols, updates=None,
                 numerics='exact', lock=None):
        self.kind, self.data, self.outputs = kind, data, outputs
        self.symbols, self.numerics = symbols, numerics
        self.lock = lock or Lock()
        self.updates = updates or OrderedDict()
        self.nan = []
        self._leaves = set(theano.gof.graph.inputs(
            list(outputs.values()) + list(self.updates.values())))
        self._function = self._dtypes = None

    def draws_from(self, states):
        """Whether the function draws from a stream's shared variable."""
        return states in self._leaves

    def _compile(self):
        index = T.iscalar('index')
        sizes = [T.iscalar('batch size') for _ in range(3)]
        sym = self.symbols
        inputs = [index] + sizes + [sym.eq_samples, sym.iw_samples]
        if self.updates:
            inputs.append(sym.lr)
        name = '%s step' % self.kind
        function = theano.function(
            inputs, list(self.outputs.values()), updates=self.updates,
            on_unused_input='ignore', mode=step_mode(self.numerics, name),
            givens=self.data.givens(sym, index, sizes), name=name)
        # arrays of the right types are given: Theano need not look at each
        # shared variable, which takes a twentieth of CRISM's steps
        function.trust_input = True
        self._dtypes = [variable.dtype for variable in inputs]
        return function

    def epoch(self, samples, lr=None, divide_batches=1, stop=_nothing):
        """One walk over the data; an OrderedDict from name to mean.

        samples : (eq_samples, iw_samples)
        divide_batches : int, batches are smaller by this factor
        """
        if not self.outputs:
            return OrderedDict()
        if self._function is None:
            with keeping_all(), self.lock:
                self._function = self._compile()
        sizes = [size // divide_batches for size in self.data.batch_sizes]
        after = list(samples) + ([lr] if self.updates else [])
        given = [np.asarray(value, dtype) for value, dtype in
                 zip([0] + sizes + after, self._dtypes)]
        steps = []
        for index in range(self.data.batches(sizes)):
            given[0] = np.asarray(index, self._dtypes[0])
            with self.lock:
                steps.append(self._function(*given))
            if stop():
                break
        values = OrderedDict((name, np.array([step[i] for step in steps]))
                             for i, name in enumerate(self.outputs))
        nan = np.isnan(values.get(self.kind, 0.))
        self.nan = [name for name in self.outputs
                    if nan.any() and np.isnan(values[name][nan.argmax()])]
        return OrderedDict((k, v.mean()) for k, v in values.items())


def _most_telling(names):
    """Of the terms that are NaN, a part of a bound before the bound."""
    names = sorted(names, key=lambda n: (n in ('train', 'eval'),
                                         '_rec_' not in n,
                                         '_gen_' not in n))
    return names[0]


def train(passes, rng, schedule, progress, history, hooks):
    """Run the epochs after ``progress``, and move it.

    Each epoch orders training and validation rows anew (drawn from rng in
    that sequence), walks over the training data and, every ``eval_freq``
    epochs, evaluates twice.

    Parameters
    ----------
    passes : (Pass over training data, Pass over validation data)
    rng : numpy.random.RandomState, or the module numpy.random
    schedule : Schedule
    progress : Progress
    history : History
    hooks : Hooks

    Returns
    -------
    bool, whether ``hooks.stop`` ended the training

    Raises
    ------
    TrainingDiverged after an epoch whose mean objective is NaN, or whose
    last step lost a parameter
    """
    train_pass, eval_pass = passes
    lr, stop = progress.lr, hooks.stop
    for epoch in range(1 + progress.epoch, 1 + schedule.num_epochs):
        start = time.time()
        progress.whole = False
        hooks.before_epoch(epoch)
        train_pass.data.shuffle(rng)
        eval_pass.data.shuffle(rng)
        means = train_pass.epoch(schedule.samples, lr, stop=stop)
        if 'train' in train_pass.nan:
            raise TrainingDiverged(epoch, _most_telling(train_pass.nan))
        lost = hooks.lost()
        if lost:
            raise TrainingDiverged(epoch, lost, 'not finite')
        if epoch >= schedule.anneal_epoch:
            lr = lr * schedule.anneal_factor
        event = dict(epoch=epoch, num_epochs=schedule.num_epochs, lr=lr,
                     train=means, seconds=time.time() - start,
                     history=history)
        if epoch % schedule.eval_freq == 0 and not stop():
            hooks.before_eval()
            event.update(_evaluate(eval_pass, stop))
        if 'evalN' in event and not stop():
            history.add(epoch, event)
            hooks.monitor(Event(kind='evaluation', whole=True, **event))
        # asked once: a stop that comes later finds the epoch whole
        event['whole'] = progress.whole = not stop()
        if progress.whole:
            progress.epoch, progress.lr = epoch, lr
        hooks.monitor(Event(kind='epoch', **dict(event, eval1=None,
                                                 evalN=None)))
        if stop():
            return True
    return False


def _evaluate(eval_pass, stop):
    """The means with one sample, and with several importance samples."""
    eval1 = eval_pass.epoch((1, 1), stop=stop)
    # smaller batches, as each row now stands for several
    return {'eval1': eval1, 'evalN': eval_pass.epoch(
        (1, EVAL_IW_SAMPLES), divide_batches=EVAL_IW_SAMPLES, stop=stop)}


def require_x(networks, has):
    """InputError for batch normalisation without training x.

    has : callable of a group's name, whether there is such training data
    """
    if networks.batch_norm and not (has('X') or has('X_')):
        raise InputError('X: expected training data with x, which batch '
                         'normalisation takes its statistics from')


def collect_statistics(networks, symbols, data):
    """A function that stores the statistics of batch normalisation.

    They are of up to ten minibatches of training x.  None without any
    batch normalisation.
    """
    if not networks.batch_norm:
        return None
    require_x(networks, data.has)
    name, size = ('X', data.batch_sizes[0]) if data.has('X') else \
        ('X_', data.batch_sizes[1])
    layers = networks.layers
    output = lasagne.layers.get_output(
        layers['_x'], inputs={layers['x']: symbols.x}, deterministic=True,
        collect=True)
    givens = symbols.one_sample()
    givens[symbols.x] = data.shared[name][:10 * size]
    function = theano.function([], output, on_unused_input='ignore',
                               mode=compile_mode(), givens=givens)

    def collect():
        with networks.lock:
            function()

    return collect

"""The semi^2-supervised deep generative model as a scikit-learn estimator.

The forward model p(y) p(z) p(x|y, z), eqs. (1)-(3), and the reverse model
q(x) q(y|x) q(z|x, y), eqs. (4)-(6), serve each other as recognition models.
Trained on labelled pairs (x, y), on x without y and on (y, z) without x, it
predicts y from x and generates x from y and z.
"""
from __future__ import division, print_function

import contextlib
from collections import OrderedDict

import numpy as np
from sklearn.base import BaseEstimator

from untapped.compiled.rewriting import keeping_all
from untapped.errors import InputError
from untapped.model import checks, kinds, objectives, stored, training
from untapped.model.answers import Answers
from untapped.model.architectures import complete
from untapped.model.data import GROUPS, Data, Symbols
from untapped.model.inference import Inference
from untapped.model.keeping import Keeping
from untapped.model.losses import L2
from untapped.model.networks import Networks, weights_from
from untapped.model.passes import Passes
from untapped.model.state import State
from untapped.parmesan.streams import sample_seeds as draw_sample_seeds

__all__ = ['SSDGM']


class SSDGM(Answers, Keeping, BaseEstimator):
    """Semi^2-supervised deep generative model.

    The constructor stores its arguments and does nothing else.  Networks
    are built by ``fit``, Theano functions compiled when first called.

    Parameters
    ----------
    num_features : int, features of x
    num_output : int, columns of y.  Labels on a simplex carry all parts but
        the last, which is 1 - sum of the others
    model_dict : dict from network name to description, see ``architectures``;
        without it every network has the layers ``hidden``
    variational : bool, bounds on log-likelihoods; False: reconstruction
        errors of means
    model_type : 0 for M1, 1 for M2 (the paper's), 2 for M1+M2; read only
        where ``model_dict`` does not decide
    iw_samples, eq_samples : int, importance samples and Monte Carlo samples
        of each posterior in training
    lr : float, Adam's learning rate
    anneal_lr_factor, anneal_lr_epoch : the learning rate is multiplied by
        the factor after each epoch from this one on
    prior_x, prior_y, prior_z1, prior_z2 : callables from a value (..., n)
        to its log-density (...), or None: uniform, eqs. (1), (2), (4)
    nonlin_enc, nonlin_dec, gain_enc, gain_dec, hidden, num_latent_z1,
    num_latent_z2, nflows, simplexflow, batch_norm : defaults of the
        networks, see ``architectures.default_architectures``
    default_data : dict of X_, _y, z2 for ``fit`` calls that do not give
        them, as GridSearchCV's; _y and z2 for those that give neither
    loss_x, loss_y : losses of generated x and predicted y, see ``losses``
    coeff_x, coeff_y : weights of the forward and reverse bounds, alpha_f
        and alpha_r of eq. (15)
    coeff_x_dis, coeff_y_dis : weights of the losses of predicted y and of
        generated x, alpha_fd and alpha_rd
    coeff_x_prob, coeff_y_prob : > 0 switches the labelled bounds on
    batch_size_<group>_<train|eval> : rows of a minibatch of labelled pairs
        (Xy), unlabelled x (X_) and unfeatured y (_y)
    num_epochs : int
    eval_freq : int, epochs between evaluations
    seed : int or None, of the initial weights and the order of minibatches
    sample_seeds : seeds of the sample layers: dict from class name to int,
        or an int that they are drawn from, see ``streams.sample_seeds``
    objective : 'published', the published code's terms, or 'paper', the
        paper's equations with every term (docs/model.md).  The paper's asks
        for ``variational=True`` and reads neither coeff_x_prob and
        coeff_y_prob nor the annealing
    warm_start : bool, ``fit`` goes on from the parameters it finds; what
        networks and bounds were made with must then be as it was
    numerics : 'exact', the bits of the published code, or 'fast': equal to
        them but for rounding, in a fraction of the time
    reverse : bound of unfeatured y under objective='paper': 'observed', eq.
        (20), 'latent', eq. (10), or 'auxiliary', eq. (21), with a network
        'y->z2', by default like 'z1y->z2'
    coeff_consistency : weight of eq. (22), with reverse='auxiliary'

    Attributes
    ----------
    networks_ : Networks
    objective_ : ``published.Published`` or ``paper.Paper``, of the present
        settings
    history_ : training.History of the last fit
    stopped_early_ : bool, whether ``request_stop`` ended the last fit

    References
    ----------
    The paper's section 3 and appendix A.
    """
    def __init__(self, num_features, num_output, model_dict=None,
                 variational=False, model_type=0, iw_samples=1, eq_samples=1,
                 lr=0.001, anneal_lr_factor=0.9995, anneal_lr_epoch=500,
                 prior_x=None, prior_y=None, prior_z1=None, prior_z2=None,
                 nonlin_enc=None, nonlin_dec=None, gain_enc=np.sqrt(2),
                 gain_dec=np.sqrt(2), hidden=(), num_latent_z1=100,
                 num_latent_z2=2, nflows=0, simplexflow=True,
                 batch_norm=False, default_data=None, loss_x=L2, loss_y=L2,
                 coeff_x=1, coeff_y=0, coeff_x_dis=0, coeff_y_dis=0,
                 coeff_x_prob=0, coeff_y_prob=0, batch_size_Xy_train=100,
                 batch_size_X__train=100, batch_size__y_train=100,
                 batch_size_Xy_eval=100, batch_size_X__eval=100,
                 batch_size__y_eval=100, num_epochs=10, eval_freq=5,
                 seed=1234, sample_seeds=1, objective='published',
                 warm_start=False, numerics='exact', reverse='observed',
                 coeff_consistency=0):
        # the arguments under their own names, as scikit-learn asks
        given = locals()
        for name in SSDGM._get_param_names():
            setattr(self, name, given[name])

    # building

    #: the sample layer of a network that is not described
    _default_sample = 'normal'

    def build(self):
        """Make the networks, with new weights; self.

        Weights are drawn from the generator of ``seed``; numpy's global one
        is left alone.
        """
        checks.check_settings(self)
        seeds = self.sample_seeds
        if not isinstance(seeds, dict):
            seeds = draw_sample_seeds(np.random.RandomState(seeds))
        with _as_it_was_if_refused(self):
            self._build(np.random.RandomState(self.seed),
                        self.model_dict or {}, seeds)
        self.n_features_ = int(self.num_features)
        return self

    def _build(self, rng, given, seeds):
        self._rng = rng
        self._made = stored.settings(self), seeds and dict(seeds)
        objective = self.objective_
        objective.check_settings()
        archs = self._architectures(given)
        checks.check_networks(archs, self.num_features)
        self.symbols_ = Symbols()
        with weights_from(rng):
            self.networks_ = Networks(
                archs, kinds.plain(self.num_features),
                self.symbols_.eq_samples, self.symbols_.iw_samples, seeds)
        passes = Passes(self.networks_)
        self.bounds_ = objective.bounds(self.networks_, self.symbols_,
                                        passes)
        self._passes = passes
        self._infer = Inference(self.networks_, self.symbols_, passes)
        self._objectives = {}

    def _architectures(self, given):
        """Descriptions of all networks, of those given and the settings."""
        archs = complete(
            given, self.model_type, self.num_features,
            num_output=self.num_output, hidden=self.hidden,
            num_latent_z1=self.num_latent_z1,
            num_latent_z2=self.num_latent_z2,
            nflows=kinds.plain(self.nflows),
            simplexflow=self.simplexflow, nonlin_enc=self.nonlin_enc,
            nonlin_dec=self.nonlin_dec, gain_enc=self.gain_enc,
            gain_dec=self.gain_dec, batch_norm=self.batch_norm,
            sample=self._default_sample)
        return self.objective_.architectures(archs, given)

    @property
    def objective_(self):
        """The objective that the present settings ask for."""
        return objectives.choose(self, plain=True)

    @property
    def described(self):
        """``model_dict``, descriptions alone."""
        return self.model_dict

    @property
    def built(self):
        """Whether the networks are there."""
        return hasattr(self, 'networks_')

    def _require_built(self):
        if not self.built:
            raise InputError('this SSDGM is not fitted: expected a call of '
                             'fit (or build) first')

    def _require_as_built(self):
        """InputError unless the settings still fit networks and bounds."""
        self._require_built()
        checks.check_settings(self)
        checks.check_unchanged(self, self._made[0], self._architectures(
            self.model_dict or {}))

    # training

    def fit(self, X=None, y=None, X_=None, _y=None, z2=None, **more):
        """Train on labelled pairs, x without y, and (y, z2) without x.

        Parameters
        ----------
        X, y : arrays (n, num_features), (n, num_output): labelled pairs
        X_ : array (m, num_features), x without y
        _y, z2 : arrays (k, num_output), (k, latents): y without x, and the
            latents observed with them (z2 not in M1)
        X_valid, y_valid, X__valid, _y_valid, z2_valid : validation data for
            the evaluations
        monitor : callable of a ``training.Event``, after each epoch and
            each evaluation
        state : what ``state`` gave in an earlier fit with the same
            parameters and data; training goes on from there and ends with
            the same bits as if it had never stopped.  Names, shapes and
            records are checked; that all else is the same is up to you

        Returns
        -------
        self

        Raises
        ------
        InputError, a ValueError, for data that cannot be what they should;
        the model is then as it was before
        training.TrainingDiverged when the objective becomes NaN, or a
        parameter is not finite after an epoch; the parameters are then the
        last good ones
        """
        monitor, state = more.pop('monitor', None), more.pop('state', None)
        for name, value, kind in (('monitor', monitor, kinds.function),
                                  ('state', state, kinds.dictionary)):
            kinds.require(kinds.optional(kind), name, value)
        valid = dict((name, more.pop(name + '_valid', None))
                     for name in GROUPS)
        if more:
            raise TypeError('fit() got an unexpected keyword argument %r'
                            % sorted(more)[0])
        with _as_it_was_if_refused(self):
            self._prepare(dict(X=X, y=y, X_=X_, _y=_y, z2=z2), valid, state)
        self._train(monitor)
        return self

    def _prepare(self, arrays, valid, state):
        """All that comes before the first step of ``fit``."""
        self._stop = False
        checks.check_settings(self)
        arrays = self._with_default_data(arrays)
        if self.warm_start and self.built:
            self._require_as_built()
        else:
            self.build()
        arrays = checks.check_data(self, arrays, '')
        valid = checks.check_data(self, valid, '_valid')
        checks.check_batches(self, arrays, valid)
        self._start(arrays, valid, self.networks_.trainable)
        if state is not None:
            self._state.set(state)

    def _with_default_data(self, arrays):
        """The arrays, with ``default_data`` for what was not given.

        _y and z2 belong together: where one is given, the other is not
        taken from the defaults.
        """
        defaults = self.default_data or {}
        for names in (('X_',), ('_y', 'z2')):
            if all(arrays[name] is None for name in names):
                arrays.update((name, defaults.get(name)) for name in names)
        return arrays

    def _start(self, arrays, valid_arrays, params):
        """The passes over the data, and the state at the first epoch."""
        data = Data(arrays, self._batch_sizes('train'))
        valid = Data(valid_arrays, self._batch_sizes('eval'))
        with keeping_all():
            passes = (self._compile_pass('train', data, params),
                      self._compile_pass('eval', valid))
        self.history_ = training.History(*[p.outputs for p in passes])
        self.stopped_early_ = False
        schedule = training.Schedule(
            kinds.plain(self.num_epochs), kinds.plain(self.eval_freq),
            (int(self.eq_samples), int(self.iw_samples)),
            kinds.plain(self.anneal_lr_epoch), self.objective_.anneal_factor)
        self._state = State(self.networks_, passes, self._rng,
                            training.Progress(float(self.lr)), schedule,
                            self.history_)

    def _train(self, monitor, restore_after_nan=True):
        """Run the epochs that ``_start`` prepared."""
        state, last_good = self._state, []
        train_pass = state.passes['train']

        def keep(epoch):
            last_good[:] = [p.get_value() for p in self.networks_.params]

        def lost():
            for name, param in self.networks_.named_params().items():
                if not np.isfinite(param.get_value(borrow=True)).all():
                    return 'parameter ' + name

        hooks = training.Hooks(
            monitor, lambda: self._stop, keep if restore_after_nan else None,
            training.collect_statistics(self.networks_, self.symbols_,
                                        train_pass.data),
            lost if restore_after_nan else None)
        try:
            self.stopped_early_ = training.train(
                list(state.passes.values()), self._rng, state.schedule,
                state.progress, self.history_, hooks)
        except training.TrainingDiverged:
            if restore_after_nan:
                for param, value in zip(self.networks_.params, last_good):
                    param.set_value(value)
            raise

    def state(self):
        """All that ``fit`` needs to go on from the last whole epoch.

        For monitors, at an event of kind 'epoch' that is ``whole``, and
        after a ``fit`` that was not stopped; InputError in the middle of
        an epoch, where there is no such state.

        Returns
        -------
        OrderedDict from name to ndarray: parameters, Adam's moments, every
        stream of random numbers, the generator of the minibatches and
        their order, epoch, learning rate, and the records so far.
        ``checkpoints`` writes it to a file.
        """
        self._require_built()
        if not hasattr(self, '_state'):
            raise InputError('this SSDGM has no state to go on from: expected '
                             'a call of fit first')
        return self._state.get()

    def request_stop(self):
        """Let a running ``fit`` end after its present minibatch.

        For signal handlers and monitors; ``fit`` then returns as usual and
        ``stopped_early_`` is True.  An evaluation that is under way is
        dropped.
        """
        self._stop = True

    def _batch_sizes(self, kind):
        return [int(getattr(self, 'batch_size_%s_%s' % (group, kind)))
                for group in ('Xy', 'X_', '_y')]

    def _compile_pass(self, kind, data, params=None):
        """The function over minibatches of training or validation data."""
        objective, bounds = self.objective_, self.bounds_
        weighted = objective.weighted(data, bounds.model_type)
        if not weighted and (data.any or kind == 'train'):
            raise InputError(
                '%s data: expected at least one group with a weight above 0 '
                'in the objective (coeff_x, coeff_y, coeff_x_dis, '
                'coeff_y_dis)'
                % {'train': 'training', 'eval': 'validation'}[kind])
        J = objective.J(weighted, bounds)
        terms = objective.recorded(weighted, bounds)
        updates = None
        if kind == 'train':
            updates = objective.updates(J, params, self.symbols_.lr)
        outputs = OrderedDict([(kind, J)] * data.any)
        outputs.update((term.name, objective.term(term, bounds))
                       for term in terms)
        return training.Pass(kind, data, outputs, self.symbols_, updates,
                             self.numerics, self.networks_.lock)


@contextlib.contextmanager
def _as_it_was_if_refused(model):
    """What fails inside the block takes back what it made of a model."""
    before = dict(vars(model))
    try:
        yield
    except BaseException:
        vars(model).clear()
        vars(model).update(before)
        raise

"""SSDGM by its published name, as eager as the published class.

A thin layer over ``model.SSDGM``.  Making one seeds numpy's global
generator, draws the weights from it, makes the results folder and fills
``model_dict``; ``fit`` goes on from the parameters it finds, draws the order
of minibatches from the global generator, and logs and plots at evaluations.
Importing this module draws the sample layers' seeds, see
``parmesan.layers``.
"""
from __future__ import division, print_function

import code
import gzip
import os
import pickle
import shutil
import sys
from collections import OrderedDict

import numpy as np
import theano

from untapped.errors import InputError
from untapped.model import architectures, objectives, ssdgm as core, terms
from untapped.model.losses import L2
from untapped.model.objective import Settings
from untapped.model.published import Published
from untapped.model.training import TrainingDiverged
from untapped.parmesan.distributions import log_normal2  # noqa: F401
from untapped.parmesan.layers import (  # noqa: F401, published here too
    NICE, NormalizeLayer, NormalizingSimplexFlowLayer, SampleLayer,
    ScaleAndShiftLayer)
from untapped.utilities import timeStamp, toLog, toScreen

__all__ = ['SSDGM']

# as the published modules do: a caller may have imported Theano before the
# pins could set this
theano.config.floatX = 'float32'

#: errors that the published test suite knows carry this
PREFIX = 'S2S_DGM msg: '


class SSDGM(core.SSDGM):
    """The published class: see ``model.SSDGM`` for the parameters.

    Four more: ``res_out``, the folder for results; ``verbose``; ``debug``,
    an interactive shell when a cost is NaN; and the sample layers' seeds are
    those drawn at import.
    """
    def __init__(self, num_features, num_output, model_dict=None,
                 variational=False, model_type=0, iw_samples=1, eq_samples=1,
                 lr=0.001, anneal_lr_factor=0.9995, anneal_lr_epoch=500,
                 prior_x=None, prior_y=None, prior_z1=None, prior_z2=None,
                 nonlin_enc=None, nonlin_dec=None, gain_enc=np.sqrt(2),
                 gain_dec=np.sqrt(2), hidden=[], num_latent_z1=100,
                 num_latent_z2=2, nflows=0, simplexflow=True,
                 batch_norm=False, default_data={}, loss_x=L2, loss_y=L2,
                 coeff_x=1, coeff_y=0, coeff_x_dis=0, coeff_y_dis=0,
                 coeff_x_prob=0, coeff_y_prob=0, batch_size_Xy_train=100,
                 batch_size_X__train=100, batch_size__y_train=100,
                 batch_size_Xy_eval=100, batch_size_X__eval=100,
                 batch_size__y_eval=100, num_epochs=10, eval_freq=5,
                 res_out='results/' + timeStamp().format(''), seed=1234,
                 verbose=True, debug=True):
        given = dict(locals())
        del given['self']
        given.pop('__class__', None)
        own = {name: given.pop(name)
               for name in ('res_out', 'verbose', 'debug')}
        super(SSDGM, self).__init__(**given)
        vars(self).update(own)
        self._make_folder()
        self._make_networks()

    _default_sample = SampleLayer

    def _make_folder(self):
        if not os.path.isdir(self.res_out):
            os.makedirs(self.res_out)
        script = os.path.splitext(os.path.abspath(__file__))[0] + '.py'
        self.filename_script = os.path.basename(script)
        shutil.copy(script, self.res_out)
        self.logfile = os.path.join(self.res_out, 'logfile.log')
        self.model_out = os.path.join(self.res_out, 'model')

    def _make_networks(self):
        if self.seed is not None:
            np.random.seed(self.seed)
        if self.model_dict is None:
            self.model_dict = OrderedDict()
        self._build(np.random, self.model_dict, None)
        self.model_type = self.networks_.model_type
        self._note_sizes()
        self._fill_model_dict()
        # what the published functions were compiled with when it was made
        self._variational_when_made = bool(self.variational)

    def _note_sizes(self):
        nets = self.networks_
        if 'yz2->_z1' in nets:
            self.num_latent_z1 = nets['yz2->_z1'].num_output
            self.num_latent_z2 = nets['z1y->z2'].num_output
        self.M1_built, self.M2_built = 'x->z1' in nets, 'z1->y' in nets
        for name, layer in nets.layers.items():
            setattr(self, name, layer)

    def _fill_model_dict(self):
        """Networks, symbols, parameters and terms, in the published keys."""
        filled, nets = self.model_dict, self.networks_
        for name in nets:
            # the user's own where there is one, as published
            arch = filled.get(name, nets.archs[name])['arch']
            filled[name] = OrderedDict([
                ('arch', arch), ('key_layers', nets[name].key_layers)])
        filled['sym'] = OrderedDict(sorted(vars(self.symbols_).items()))
        params = _published_params(nets)
        filled['params'] = params
        filled['objs'] = OrderedDict()
        for key, variational in (('var', True), ('nonvar', False)):
            filled['objs'][key] = _Terms(
                self.bounds_, terms.published(self.model_type, variational),
                variational)

    def _require_as_built(self):
        self._require_built()

    @property
    def objective_(self):
        """The objective, of numpy's numbers as they are."""
        return objectives.choose(self)

    @property
    def described(self):
        """``model_dict``, descriptions alone."""
        return OrderedDict((name, {'arch': net.arch})
                           for name, net in self.networks_.items())

    def save(self, path):
        raise InputError('save: expected a model of untapped.SSDGM, got one '
                         'of the published class (pickle keeps it)')

    def __getstate__(self):
        # layers, symbols and terms are made anew
        state = super(SSDGM, self).__getstate__()
        for name in self.networks_.layers:
            state.pop(name, None)
        return dict(state, model_dict=self.described)

    def __setstate__(self, state):
        super(SSDGM, self).__setstate__(state)
        self._note_sizes()
        self._fill_model_dict()

    @property
    def args_dict(self):
        """The arguments by name, as they stand now."""
        return OrderedDict((name, getattr(self, name))
                           for name in self._get_param_names())

    def fit(self, X=None, y=None, X_=None, _y=None, z2=None, X_valid=None,
            y_valid=None, X__valid=None, _y_valid=None, z2_valid=None,
            params=None, variational=None, lr=None, verbose=True,
            debug=True):
        """Train on; see ``model.SSDGM.fit``.

        params : shared variables to train, default all
        variational, lr : replace those given when the model was made
        """
        self._stop = False
        self.verbose, self.debug = bool(verbose), bool(debug)
        if variational is not None:
            self.variational = variational
        if lr is not None:
            if not isinstance(lr, float) or lr < 0.:
                raise AssertionError(
                    PREFIX + 'lr: expected a float of at least 0, got %r'
                    % (lr,))
            self.lr = lr
        self._write_header()
        report = _Report(self)
        arrays = self._with_default_data(
            dict(X=X, y=y, X_=X_, _y=_y, z2=z2))
        valid = dict(X=X_valid, y=y_valid, X_=X__valid, _y=_y_valid,
                     z2=z2_valid)
        if params is None:
            params = self.model_dict['params']['all']
        self._start(arrays, valid, params)
        try:
            self._train(report, restore_after_nan=False)
        except TrainingDiverged:
            self._after_nan()
        self.train_record = self.history_.train
        self.eval1_record = self.history_.eval1
        self.evalN_record = self.history_.evalN

    def _with_default_data(self, arrays):
        # as published: _y and z2 are taken from it both or not at all
        defaults = self.default_data or {}
        if arrays['X_'] is None:
            arrays['X_'] = defaults.get('X_')
        if arrays['_y'] is None or arrays['z2'] is None:
            if '_y' in defaults and 'z2' in defaults:
                arrays['_y'], arrays['z2'] = defaults['_y'], defaults['z2']
        return arrays

    def _after_nan(self):
        if self.verbose:
            print('NaN encountered in (train) cost!')
        if self.debug and sys.stdin.isatty():
            code.interact('A cost is NaN; self is the model.',
                          local={'self': self})

    def _write_header(self):
        rule = '#' * 54
        with open(self.logfile, 'w') as log:
            log.write(rule + '\n# --Model Params--\n')
            for name, value in self.args_dict.items():
                if name == 'model_dict':
                    value = OrderedDict((k, v['arch'])
                                        for k, v in value.items()
                                        if 'arch' in v)
                log.write('# %s:\t%s\n' % (name, value))
            log.write(rule + '\n')

    # the functions' published names

    def _deterministic(self, deterministic):
        if deterministic is None:
            return not self._variational_when_made
        return deterministic

    def _get(self, target, deterministic, **values):
        try:
            return self._infer(
                target, {k: v for k, v in values.items() if v is not None},
                self._deterministic(deterministic))
        except InputError as error:
            raise AssertionError(PREFIX + str(error))

    def _not_in(self, model_types, what):
        if self.model_type in model_types:
            raise NotImplementedError(
                '%s%s is no part of the %s model'
                % (PREFIX, what, ('M1', 'M2', 'M1+M2')[self.model_type]))

    def getX(self, x):
        """x itself."""
        return x

    def getZ1(self, x=None, deterministic=None):
        """z1 of x; in M2 z1 is x, and this is not implemented."""
        self._not_in((1,), 'a z1 apart from x')
        return self._get('z1', deterministic, x=x)

    def getY(self, x=None, z1=None, deterministic=None):
        """y of x, or of z1 where that is given."""
        if self.model_type == 0 and z1 is not None:
            raise TypeError("getY got an unexpected keyword argument 'z1'")
        if z1 is not None:
            x = None
        return self._get('y', deterministic, x=x, z1=z1)

    def predict(self, X=None, z1=None, deterministic=None, x=None):
        """y of x; getY under scikit-learn's name."""
        return self.getY(x if X is None else X, z1, deterministic)

    def getZ2(self, x=None, y=None, z1=None, deterministic=None):
        """z2 of x or z1, and y where that is given."""
        self._not_in((0,), 'z2')
        return self._get('z2', deterministic, x=x, y=y, z1=z1)

    def getYZ2(self, x=None, z1=None, deterministic=None):
        """(y, z2): y of x or z1, then z2 of both."""
        self._not_in((0,), 'z2')
        if x is None and z1 is None:
            raise AssertionError(PREFIX + 'x or z1: expected one of them')
        if self.model_type == 2 and z1 is None:
            z1 = self.getZ1(x=x, deterministic=deterministic)
        known = {'z1': z1} if self.model_type == 2 else \
            {'x': z1 if x is None else x}
        y = self.getY(deterministic=deterministic, **known)
        return y, self.getZ2(y=y, deterministic=deterministic, **known)

    def get_Z1(self, x=None, y=None, z1=None, z2=None, deterministic=None):
        """Generated z1 of y and z2, or of what lets them be inferred."""
        self._not_in((0,), 'a generated z1')
        return self._get('_z1', deterministic, x=x, y=y, z1=z1, z2=z2)

    def get_X(self, x=None, y=None, z1=None, z2=None, deterministic=None):
        """Generated x of y and z2, or of what lets them be inferred."""
        if self.model_type == 0:
            if z2 is not None:
                raise TypeError(
                    "get_X got an unexpected keyword argument 'z2'")
            x, y, z1 = self._y_as_z1(x, y, z1)
        elif self.model_type == 2 and (y is None or z2 is None):
            # M1 alone makes x from x or z1, whatever else is known
            known = tuple(v is not None for v in (x, y, z1, z2))
            if known in ((1, 1, 0, 0), (0, 1, 1, 0), (1, 0, 0, 1),
                         (0, 0, 1, 1)):
                y = z2 = None
        return self._get('_x', deterministic, x=x, y=y, z1=z1, z2=z2)

    @staticmethod
    def _y_as_z1(x, y, z1):
        """In M1 z1 stands for y; it is used before x."""
        if z1 is not None and y is not None and not np.allclose(z1, y):
            raise AssertionError(PREFIX + 'z1 and y: expected the same, as '
                                 'z1 stands for y in M1')
        z1 = y if z1 is None else z1
        return (x if z1 is None else None), None, z1

    generate = get_X

    def _objective(self, kind, *arrays):
        settings = Settings.of(self)._replace(
            variational=self._variational_when_made)
        return self._objective_value(kind, arrays, Published(settings))

    def getX_obj(self, x):
        """Objective of x without y."""
        return self._objective('x', x)

    def getY_obj(self, y, z2=None):
        """Objective of y and z2 without x."""
        return self._objective('y', y, z2)

    def getXsup_obj(self, x, y):
        """Labelled bound of the forward model."""
        return self._objective('x_sup', x, y)

    def getYsup_obj(self, x, y):
        """Labelled bound of the reverse model."""
        return self._objective('y_sup', x, y)

    def getXY_obj(self, x, y):
        """Loss of predicted y."""
        return self._objective('x_sup_dis', x, y)

    def getYX_obj(self, x, y):
        """Loss of generated x."""
        return self._objective('y_sup_dis', x, y)

    def loss(self, X, y):
        """Weighted losses of predicted y and generated x."""
        return (self.coeff_x_dis * self.getXY_obj(X, y) +
                self.coeff_y_dis * self.getYX_obj(X, y))


def _published_params(nets):
    """Parameters by network, by model and all together, as published.

    In the published M1 the entry of the generating network z1->_x holds the
    parameters of x->z1: by default training moves those, counted twice in
    the gradient's norm, and never the generating network's.
    """
    params = OrderedDict()
    models = (('M1', architectures.M1_NETWORKS),
              ('M2', architectures.M2_NETWORKS))
    models = [(model, [n for n in names if n in nets])
              for model, names in models if names[0] in nets]
    for model, names in models:
        for name in names:
            net = nets['x->z1'] if name == 'z1->_x' else nets[name]
            params[name] = net.params
            params[name + '__nonvar'] = nets[name].mean_params
            params[name + '__var'] = [p for p in nets[name].params
                                      if p not in nets[name].mean_params]
        for suffix in ('', '__nonvar', '__var'):
            params[model + suffix[1:]] = [
                p for name in names for p in params[name + suffix]]
    for key, suffix in (('all', ''), ('nonvar', '_nonvar'), ('var', '_var')):
        params[key] = [p for model, _ in models
                       for p in params[model + suffix]]
    return params


class _Terms(OrderedDict):
    """The terms by name; each is built when it is first read."""
    def __init__(self, bounds, terms, variational):
        super(_Terms, self).__init__((term.name, None) for term in terms)
        by_name = dict((term.name, term) for term in terms)
        self._build = lambda name: bounds.term(by_name[name], variational)

    def __getitem__(self, name):
        value = super(_Terms, self).__getitem__(name)
        return self._build(name) if value is None else value

    def __reduce__(self):
        return OrderedDict, (list(self.items()),)


class _Report(object):
    """Log, console, plots and parameter files at evaluations."""
    def __init__(self, model):
        self.model = model

    def __call__(self, event):
        if event.kind != 'evaluation':
            return
        self._log(event)
        if event.epoch % 1000 == 0:
            self._save(event.epoch)
        plots = (('train', 'Train', event.history.train),
                 ('eval_L1', 'Eval L1', event.history.eval1),
                 ('eval_LN', 'Eval LN', event.history.evalN))
        for name, title, record in plots:
            self._plot(name, title, event.history.epochs, record)

    def _log(self, event):
        model = self.model
        head = ('\n*Epoch=%d\tTime=%.2f\tLR=%.5f\teq_samples=%d\t'
                'iw_samples=%d\n' % (event.epoch, event.seconds, event.lr,
                                     model.eq_samples, model.iw_samples))
        parts = [('Train_', event.train), ('Eval1_', event.eval1),
                 ('EvalN_', event.evalN)]
        if model.verbose:
            print(head)
            for prefix, means in parts:
                toScreen(prefix=prefix, mydict=means)
        with open(model.logfile, 'a') as log:
            log.write(head)
            for prefix, means in parts:
                log.write(toLog(prefix=prefix, mydict=means))

    def _save(self, epoch):
        path = '%sepoch%d' % (self.model.model_out, epoch)
        with gzip.open(path, 'wb') as out:
            pickle.dump(self.model.networks_.params, out, protocol=2)

    def _plot(self, name, title, epochs, record):
        # here, as a model that is not evaluated needs no matplotlib
        from matplotlib.figure import Figure
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        figure = Figure(figsize=(12, 12))
        axes = FigureCanvasAgg(figure).figure.add_subplot(111)
        for term, values in record.items():
            axes.plot(epochs, values, 'o-', label=term)
        axes.set_xlabel('Epochs')
        axes.set_ylabel('log()')
        axes.set_title(title)
        axes.grid(True)
        found = [axes.legend(loc='center left', bbox_to_anchor=(1.05, 1))] \
            if record else []
        figure.savefig(os.path.join(self.model.res_out, name + '.png'),
                       bbox_extra_artists=found, bbox_inches='tight')

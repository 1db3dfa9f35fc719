"""A case's ``SSDGM``: built, trained and asked.

:func:`run_case` executes a case of :mod:`cases` against whichever
``untapped`` is importable.  It returns every array that has to match:
parameters before and after training, records, answers.  ``child.py`` and the
benchmark load this file without its package, which may be the other one.
"""
from __future__ import division, print_function

import os
import shutil
import tempfile
from collections import OrderedDict

import lasagne
import numpy as np
import theano.tensor

from untapped import M12
from untapped.parmesan import layers
from untapped.parmesan.distributions import log_normal2
from untapped.S2S_DGM import SSDGM

__all__ = ['SSDGM', 'build_model', 'parameter_arrays', 'probe_arrays',
           'record_arrays', 'run_case']


def _nonlinearity(name):
    """Lasagne's by that name, or Theano's (Lasagne 0.1 has no softplus)."""
    found = getattr(lasagne.nonlinearities, name, None)
    return found or getattr(theano.tensor.nnet, name)


def _prior(description, outputs):
    """A log density of a 4-d Theano tensor: 'normal' or ['dirichlet', a]."""
    if description == 'normal':
        return lambda v: log_normal2(v, mean=0., log_var=0.).sum(axis=3)
    name, alpha = description
    if name == 'normal':
        return lambda v: log_normal2(v, mean=alpha, log_var=0.).sum(axis=3)
    if name != 'dirichlet':
        raise ValueError("prior is 'normal', ['normal', mean] or "
                         "['dirichlet', alpha], not %r" % (description,))
    alphas = alpha * np.ones(outputs + 1)
    return lambda v: M12.dirichlet(v, alpha=alphas, eps=1e-6, axis=-1)


def _architecture(net):
    """A network's entry of ``model_dict``, from the case's description."""
    return OrderedDict([('arch', OrderedDict([
        ('hidden', net['hidden']),
        ('gain', net.get('gain', np.sqrt(2))),
        ('nonlin', _nonlinearity(net.get('nonlin', 'tanh'))),
        ('num_output', net['num_output']),
        ('sample_layer', getattr(layers,
                                 net.get('sample_layer', 'SampleLayer'))),
        ('flows', [getattr(layers, name) for name in net.get('flows', [])]),
        ('batch_norm', net.get('batch_norm', False))]))])


def build_model(case, res_out, **others):
    """The case's ``SSDGM``, from the published names.

    Parameters
    ----------
    case : dict
        See :func:`run_case`.
    res_out : str
        Folder for what the model writes.
    others : dict
        Further arguments of ``SSDGM``.
    """
    arguments = dict(case.get('model', {}))
    outputs = case['data']['outputs']
    for key, value in arguments.items():
        if key.startswith('nonlin_') and value is not None:
            arguments[key] = _nonlinearity(value)
        elif key.startswith('loss_') and value is not None:
            arguments[key] = getattr(M12, value)
        elif key.startswith('prior_') and value is not None:
            arguments[key] = _prior(value, outputs)
    if 'nets' in case:
        arguments['model_dict'] = OrderedDict(
            (name, _architecture(net)) for name, net in case['nets'])
    arguments.update(others)
    return SSDGM(case['data']['features'], outputs, res_out=res_out,
                 debug=False, verbose=False, **arguments)


def parameter_arrays(model, prefix):
    """Every parameter's value, in the published order, by a unique key."""
    return OrderedDict(
        ('%s/%02d %s' % (prefix, index, shared.name),
         np.asarray(shared.get_value()))
        for index, shared in enumerate(model.model_dict['params']['all']))


def record_arrays(model, prefix):
    """The three records that fit leaves on the model, one array a term."""
    return OrderedDict(
        ('%s/%s/%s' % (prefix, name, term), np.asarray(record[term]))
        for name in ('train', 'eval1', 'evalN')
        for record in [getattr(model, name + '_record')]
        for term in sorted(record))


def probe_arrays(model, probe, data):
    """What the model answers to one probe: [function, names, keywords].

    Names, and keywords' values that are names of the case's arrays, stand for
    those arrays.
    """
    function, names, keywords = probe
    label = ','.join(sorted(keywords)) or len(names)
    answer = getattr(model, function)(
        *[data[name] for name in names],
        **dict((key, value if isinstance(value, bool) else data[value])
               for key, value in keywords.items()))
    if not isinstance(answer, tuple):
        answer = (answer,)
    return OrderedDict(
        ('probe/%s(%s)%d' % (function, label, index), np.asarray(part))
        for index, part in enumerate(answer))


def add_answers(arrays, answers):
    """Add a probe's answers; what has the same key goes to 'earlier/'."""
    for key, value in answers.items():
        if key in arrays:
            arrays['earlier/%d %s' % (len(arrays), key)] = arrays[key]
        arrays[key] = value


def run_case(case, data):
    """Build, train and question one case's model.

    Parameters
    ----------
    case : dict
        name, data (see ``cases.draw_data``), model (arguments of ``SSDGM``;
        priors, losses and nonlinearities by name) and, if given, nets
        (entries of ``model_dict``), fits (how often to fit, 1),
        fit_arguments (a list of further arguments, one dictionary a fit),
        probes (:func:`probe_arrays`), grid (values for ``GridSearchCV``).
    data : OrderedDict
        What ``cases.draw_data`` gives for the case.

    Returns
    -------
    OrderedDict
        Key to array, in the order in which the arrays came to be.  Where two
        probes have the same key the later one keeps it, as in the recorded
        arrays; the earlier is under 'earlier/'.
    """
    folder = tempfile.mkdtemp(prefix='untapped-case-')
    try:
        model = build_model(case, os.path.join(folder, 'out'))
        arrays = parameter_arrays(model, 'init')
        if 'grid' in case:
            arrays.update(_grid_search(case, model, data))
        for number in range(case.get('fits', 1)):
            further = (case.get('fit_arguments') or [{}])
            further = further[min(number, len(further) - 1)]
            # fit shuffles what it is given: every fit starts from the same
            model.fit(verbose=False, debug=False,
                      **dict(further, **dict((key, value.copy())
                                             for key, value in data.items())))
            arrays.update(parameter_arrays(model, 'fit%d' % number))
            arrays.update(record_arrays(model, 'fit%d' % number))
        for probe in case.get('probes', []):
            add_answers(arrays, probe_arrays(model, probe, data))
        kind, keys, position, _, _ = np.random.get_state()
        # what was drawn from numpy's own generator is observable, too
        arrays['numpy generator'] = np.append(keys, np.uint32(position))
        return arrays
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _grid_search(case, model, data):
    """Scores and winner of a grid search that clones the model."""
    # it warns of its age when it is imported, and few cases have a grid
    from sklearn.grid_search import GridSearchCV
    search = GridSearchCV(model, case['grid'], cv=2,
                          fit_params={'verbose': False, 'debug': False})
    search.fit(X=data['X'].copy(), y=data['y'].copy())
    arrays = OrderedDict()
    for index, score in enumerate(search.grid_scores_):
        arrays['grid/scores %d' % index] = np.asarray(
            score.cv_validation_scores)
    arrays.update(parameter_arrays(search.best_estimator_, 'grid/best'))
    return arrays

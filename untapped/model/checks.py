"""Settings and data that cannot be what they should be are refused.

Everything is refused before anything is compiled.
"""
from __future__ import division, print_function

from collections import OrderedDict

import theano
import theano.tensor as T
from theano.gof.graph import ancestors

from untapped.compiled.modes import KINDS
from untapped.errors import InputError
from untapped.model import kinds, memory, objectives, training
from untapped.model.architectures import (AUXILIARY, M1_NETWORKS,
                                          M2_NETWORKS, NONLINEARITIES,
                                          check_architecture, layer_sizes)
from untapped.model.arrays import check_rows, floats, matrix
from untapped.model.losses import KL, KL_all_parts
from untapped.model.supports import (check_ends, check_interval,
                                     check_simplex, interval, simplex)
from untapped.model.terms import REVERSE
from untapped.parmesan.streams import SEED_END

__all__ = ['LARGEST_BATCH', 'SETTINGS', 'check_batches', 'check_data',
           'check_networks', 'check_settings', 'check_unchanged', 'matrices']

#: rows of a minibatch, where no group of data has as many
LARGEST_BATCH = 10000


def _seeds(value):
    """A seed, or one for each class of sample layer."""
    seed = kinds.count(1, SEED_END - 1)
    if isinstance(value, dict):
        if not all(isinstance(name, kinds.TEXTS) and seed(each) is None
                   for name, each in value.items()):
            return 'seeds from 1 to %d by the names of classes' % (
                SEED_END - 1)
    elif kinds.count(0, kinds.SEEDS - 1)(value) is not None:
        return 'a whole number from 0 to %d or a dict' % (kinds.SEEDS - 1)


def _default_data(value):
    """Unlabelled and unfeatured data."""
    known = ('X_', '_y', 'z2')
    if not isinstance(value, dict) or not all(
            isinstance(name, kinds.TEXTS) and name in known
            for name in value):
        return 'a dict with no other keys than %s' % ', '.join(known)


def _networks(value):
    known = M1_NETWORKS + M2_NETWORKS + (AUXILIARY,)
    if not isinstance(value, dict) or not all(
            isinstance(name, kinds.TEXTS) and name in known
            for name in value):
        return 'a dict with no other keys than %s' % ', '.join(
            map(repr, known))


#: the parameters of SSDGM, and what each may be
SETTINGS = OrderedDict([
    (name, kind) for names, kind in (
        ('num_features num_output iw_samples eq_samples num_latent_z1 '
         'num_latent_z2 num_epochs eval_freq batch_size_Xy_train '
         'batch_size_X__train batch_size__y_train', kinds.count()),
        # the second evaluation takes a fifth of a batch
        ('batch_size_Xy_eval batch_size_X__eval batch_size__y_eval',
         kinds.count(training.EVAL_IW_SAMPLES)),
        ('anneal_lr_epoch', kinds.count(0)),
        ('nflows', kinds.count(0, 1000)),
        ('lr anneal_lr_factor coeff_x coeff_y coeff_x_dis coeff_y_dis '
         'coeff_x_prob coeff_y_prob coeff_consistency', kinds.number),
        ('variational simplexflow batch_norm warm_start', kinds.flag),
        ('model_type', kinds.choice((0, 1, 2))),
        ('numerics', kinds.choice(tuple(KINDS))),
        ('objective', kinds.choice(tuple(objectives.OBJECTIVES))),
        ('reverse', kinds.choice(tuple(REVERSE))),
        ('prior_x prior_y prior_z1 prior_z2 loss_x loss_y',
         kinds.optional(kinds.function)),
        ('nonlin_enc nonlin_dec',
         kinds.optional(kinds.named(NONLINEARITIES))),
        ('gain_enc gain_dec', kinds.gain),
        ('hidden', kinds.units),
        ('default_data', kinds.optional(_default_data)),
        ('seed', kinds.optional(kinds.count(0, kinds.SEEDS - 1))),
        ('sample_seeds', _seeds),
        ('model_dict', kinds.optional(_networks)))
    for name in names.split()])


def check_settings(model):
    """Raise InputError for a setting that cannot be meant."""
    for name, kind in SETTINGS.items():
        kinds.require(kind, name, getattr(model, name))
    objectives.choose(model).check_settings()
    _check_networks(model)
    _check_functions(model)


#: settings that bounds are made with; networks are made with others
OF_BOUNDS = ('num_features', 'num_output', 'objective', 'reverse', 'loss_x',
             'loss_y', 'prior_x', 'prior_y', 'prior_z1', 'prior_z2')


def check_unchanged(model, made_with, archs):
    """InputError for settings that ask for other networks or bounds.

    made_with : dict, the settings that the model was built with
    archs : descriptions of networks, which the present settings ask for
    """
    for name in OF_BOUNDS:
        now, then = getattr(model, name), made_with[name]
        if not kinds.alike(now, then):
            raise InputError(
                '%s: expected the value that this SSDGM was built with, %s, '
                'as another needs a new fit, got %s' % (
                    name, kinds.shown(then), kinds.shown(now)))
    built = model.networks_.archs
    for name in sorted(set(archs) | set(built)):
        if not kinds.alike(archs.get(name), built.get(name)):
            raise InputError(
                'model_dict, or the defaults of networks: expected the '
                'settings that this SSDGM was built with, as others need a '
                'new fit, got another %r' % str(name))


def _check_networks(model):
    """InputError for descriptions that do not fit the model's data."""
    given = model.model_dict or {}
    for name in given:
        check_architecture(given[name], 'model_dict[%r]' % str(name))
        check_ends("model_dict[%r]['arch']['flows']" % str(name),
                   given[name]['arch']['flows'])
    decided = 'x->z1' in given, 'z1->y' in given
    model_type = {(True, True): 2, (False, True): 1, (True, False): 0}.get(
        decided, model.model_type)
    known = (M1_NETWORKS, M2_NETWORKS, M1_NETWORKS + M2_NETWORKS)[model_type]
    for name in given:
        if name not in known + (AUXILIARY,):
            raise InputError(
                'model_dict: expected the networks of %s, %s, got %r' % (
                    ('M1', 'M2', 'M1+M2')[model_type], ', '.join(known),
                    str(name)))
    x, y = 'num_features', 'num_output'
    sizes = [{'x->z1': y, 'z1->_x': x}, {'z1->y': y, 'yz2->_z1': x},
             {'z1->y': y, 'z1->_x': x}][model_type]
    for name in sorted(sizes):
        if name in given:
            wanted = getattr(model, sizes[name])
            _check_outputs(given, name, sizes[name], wanted)
    if model_type == 2 and 'x->z1' in given and 'yz2->_z1' in given:
        _check_outputs(given, 'yz2->_z1', "that of 'x->z1'",
                       given['x->z1']['arch']['num_output'])


def _check_outputs(given, name, of, wanted):
    got = given[name]['arch']['num_output']
    if got != wanted:
        raise InputError('model_dict[%r]: expected num_output = %s = %d, got '
                         '%d' % (str(name), of, wanted, got))


def _check_functions(model):
    """InputError for functions that cannot be called as what they are."""
    # the published bounds are of (rows, eq_samples, iw_samples, units)
    axes = 2 if model.objective == 'paper' else 4
    for name in ('loss_x', 'loss_y'):
        _check_function(name, getattr(model, name), 2, 4, 3, learned=True)
    for name in ('prior_x', 'prior_y', 'prior_z1', 'prior_z2'):
        _check_function(name, getattr(model, name), 1, axes, axes - 1)
    named = [(name, getattr(model, name))
             for name in ('nonlin_enc', 'nonlin_dec')]
    named += [("model_dict[%r]['arch']['nonlin']" % str(name),
               described['arch']['nonlin'])
              for name, described in (model.model_dict or {}).items()]
    for name, function in named:
        _check_function(name, NONLINEARITIES.get(function, function)
                        if isinstance(function, kinds.TEXTS) else function,
                        1, 2, 2)


def _check_function(name, function, arguments, axes, result, learned=False):
    """InputError unless a function takes Theano expressions to one.

    axes, result : int, axes of its arguments and of its result
    learned : bool, whether it must depend on its first argument
    """
    if function is None:
        return
    given = [T.TensorType(theano.config.floatX, (False,) * axes)()
             for _ in range(arguments)]
    try:
        found = T.as_tensor_variable(function(*given))
    except Exception as error:
        # whatever a function of the user's raises
        problem = ' '.join(str(error).split())[:80] or type(error).__name__
    else:
        of_float = found.dtype.startswith('float')
        # a constant is one for all rows
        if found.ndim not in (0, result):
            problem = 'it gives one of %d' % found.ndim
        elif found.dtype.startswith('complex') or learned and not of_float:
            problem = 'it gives one of type %s' % found.dtype
        elif learned and given[0] not in ancestors([found]):
            problem = 'it does not read the first'
        else:
            return
    raise InputError(
        '%s: expected a function from %d Theano expressions of %d axes to '
        'one of %d, got %s (%s)' % (name, arguments, axes, result,
                                    kinds.shown(function), problem))


def check_networks(archs, num_features):
    """InputError for networks that the memory does not hold."""
    sizes = layer_sizes(archs, num_features).values()
    weights = sum(a * b for layers in sizes
                  for a, b in zip(layers, layers[1:]))
    # in float32: value, gradient and Adam's two moments
    memory.require('model_dict or hidden', 'networks', 4 * 4 * weights)


def check_batches(model, arrays, valid):
    """InputError for minibatches that repeat the data without end.

    A minibatch larger than its group of data wraps round, as published.

    arrays, valid : dicts from group of training and of validation data to
        array or None
    """
    rows = max([LARGEST_BATCH] + [
        len(value) for value in list(arrays.values()) + list(valid.values())
        if value is not None])
    # what every row takes, at least: one number a unit
    units = sum(map(sum, layer_sizes(model.networks_.archs,
                                     model.n_features_).values()))
    for name in SETTINGS:
        if not name.startswith('batch_size_'):
            continue
        size = getattr(model, name)
        if size > rows:
            raise InputError(
                '%s: expected at most %d, the rows of the data or %d, '
                'whichever is more, got %d' % (name, rows, LARGEST_BATCH,
                                               size))
        of_kind, group = (arrays, name[11:-6]) if name.endswith('train') \
            else (valid, name[11:-5])
        if of_kind['X' if group == 'Xy' else group] is not None:
            samples = int(model.eq_samples) * int(model.iw_samples) \
                if of_kind is arrays else 1
            memory.require(
                name if samples == 1 else name + ', eq_samples or iw_samples',
                'a step', 4 * int(size) * samples * units)


def _widths(nets):
    """Columns of each variable of built networks, by its name."""
    found = {'x': nets.layers['x'].shape[1],
             'y': nets[_labels(nets)].num_output}
    if nets.model_type != 0:
        found['z2'] = nets['z1y->z2'].num_output
    found['z1'] = found['x'] if nets.model_type == 1 else \
        nets['x->z1'].num_output
    return found


def matrices(nets, given, of=None):
    """Float32 arrays by the argument's name, of [(name, value)].

    InputError for arrays that are none of built networks' variables.

    of : SSDGM whose objective the arrays are to have a value in, or None
    """
    columns = _widths(nets)
    for name, value in given:
        if name.lower() not in columns:
            raise InputError('%s: expected None in M1, which has no %s, got '
                             'one' % (name, name))
    found = [(name, matrix(name, value, columns[name.lower()]))
             for name, value in given]
    check_rows(found)
    _check_supports(nets, found, of and of.loss_y)
    if of is not None:
        of.objective_.check_data(dict(found), '', nets)
    return OrderedDict((name, floats(value)) for name, value in found)


def _labels(nets):
    """The name of the network of y."""
    return 'x->z1' if nets.model_type == 0 else 'z1->y'


def check_data(model, arrays, suffix):
    """Raise InputError for data that cannot be what they should be.

    Parameters
    ----------
    model : SSDGM, built
    arrays : dict from group to array or None
    suffix : str, '_valid' for validation data

    Returns
    -------
    dict from group to ndarray or None
    """
    objective, nets = model.objective_, model.networks_
    columns = _widths(nets)
    found = {}
    for name in sorted(arrays):
        width = columns.get(name.strip('_').lower())
        found[name] = None if arrays[name] is None else matrix(
            name + suffix, arrays[name], width)
    _check_pairs(found, suffix, nets.model_type, objective.needs_z2)
    if not suffix and all(found[n] is None for n in ('X', 'X_', '_y')):
        raise InputError('X, X_ or _y: expected training data, got none')
    if not suffix:
        training.require_x(nets, lambda name: found[name] is not None)
    _check_supports(nets, [(name + suffix, value) for name, value in
                           sorted(found.items())], model.loss_y)
    objective.check_data(found, suffix, nets)
    return found


def _check_supports(nets, given, loss_y=None):
    """InputError for labels and latents that no network can make.

    given : list of (argument's name, array or None)
    loss_y : a loss that may ask for points on the simplex, too
    """
    parts = simplex(nets[_labels(nets)].arch)
    if parts is None and loss_y in (KL, KL_all_parts):
        parts = 'some'
    ends = nets.model_type != 0 and interval(nets['z1y->z2'].arch)
    for name, value in given:
        if value is None:
            continue
        if parts and name.startswith(('y', '_y')):
            check_simplex(name, value, parts == 'all')
        if ends and name.startswith('z2'):
            check_interval(name, value, ends[0], ends[1],
                           'q(z|x, y) with its logistic flow')


def _check_pairs(arrays, suffix, model_type, needs_z2):
    """InputError for groups that belong together and do not fit."""
    for one, other in (('X', 'y'), ('_y', 'z2')):
        a, b = arrays[one], arrays[other]
        if other == 'z2' and b is None and not (model_type and needs_z2):
            continue
        if (a is None) != (b is None):
            absent = one if a is None else other
            raise InputError('%s: expected together with %s, got None' % (
                absent + suffix, (other if a is None else one) + suffix))
        if a is not None:
            check_rows([(one + suffix, a), (other + suffix, b)])

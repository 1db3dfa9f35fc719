"""Kept runs that are made up, with the differences that a test wants."""
from __future__ import division, print_function

import json
from collections import OrderedDict

from untapped.runs.run_folder import to_json

#: what only the models have, and the baseline does not
HEAD = {'epochs': {'asked': 9, 'done': 9}}


def metrics(m2, untapped, pls, data_seed=0, seed=1):
    """Metrics of one run by method; three numbers of each quantity."""
    found = OrderedDict()
    for key, value in (('pls_published', pls), ('m2', m2),
                       ('untapped', untapped)):
        found[key] = {
            'validation': {'kl': value},
            'endmember_error': {'mean': value},
            'findings': {
                'incidence_rank_correlation': 1., 'container_auc': .9,
                'digits_covered': 10 if key == 'untapped' else 9,
                'round_trip': {'kl': value, 'mean_diagonal': .5,
                               'matrix': [[.7, .3], [.2, .8]],
                               'diagonal': {'a': .7, 'b': .8}},
                'line_hits': {'SiO2': {'hit_rate': .8,
                                       'hit_rate_others': .1}}}}
        if key != 'pls_published':
            found[key].update(HEAD, seeds={'seed': seed,
                                           'data_seed': data_seed})
    return found


def write(folder, name, runs, split=0, figures=()):
    """One kept run of made-up metrics, {run's name: metrics}."""
    path = folder.mkdir(name)
    experiment = name.split('-')[0]
    path.join('metrics.json').write(to_json(OrderedDict([
        ('experiment', experiment), ('preset', 'published'),
        ('objective', 'published'), ('data', {
            'kind': 'simulated', 'source': 'made up', 'split': split}),
        ('runs', runs)])))
    path.join('config.json').write(to_json({'data': {
        'shapes': {'X': [3, 2], 'X_valid': [9, 2]}}}))
    path.join('kept.json').write(to_json({
        'commands': ['python run_%s.py' % experiment], 'seconds': 7200.,
        'untapped': '0.1.0', 'commits': ['ab' * 20], 'runs': len(runs),
        'asked': len(runs),
        'processors': ['made up']}))
    for figure in figures:
        path.mkdir('figures').join(figure[0] + '.pdf').write_binary(figure[1])


def write_ablation(folder, name):
    """A kept ablation of two variants and three data seeds."""
    runs = OrderedDict(
        ('%s-data-%d-seed-%d' % (key, k, k),
         metrics(level + .01 * k, level, 2 * level, data_seed=k, seed=k))
        for key, level in (('no-floor', .6), ('floor-0.01', .5))
        for k in range(3))
    write(folder, name, runs)
    path = folder.join(name, 'metrics.json')
    found = json.loads(path.read(), object_pairs_hook=OrderedDict)
    found['ablation'] = OrderedDict([
        ('title', 'The least share'), ('expectation', 'It falls.'),
        ('variants', OrderedDict([('no floor', {}), ('floor 1 %', {})]))])
    found['contrasts'] = {'floor 1 %': {'quantities': {'validation/kl': {
        'label': 'KL', 'mean_difference': -.01, 'interval': [-.02, .0],
        'effect_size': -1., 'p': .1, 'p_holm': .2, 'untapped_better': 2,
        'runs': 3, 'verdict': 'cannot be told apart'}}}}
    found['constant_answers'] = {'0.009': .647}
    path.write(to_json(found))


def seeds(m2, untapped, pls):
    """Runs on the same data, a seed each, of three lists of numbers."""
    return OrderedDict(
        ('seed-%d' % k, metrics(*each, seed=k))
        for k, each in enumerate(zip(m2, untapped, pls)))

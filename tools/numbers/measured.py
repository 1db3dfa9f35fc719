"""Why the models fail on measured mixtures: the fits, the table, the figure.

    python tools/numbers/measured.py fit OUT --minerals FILE --raman FILE
    python tools/numbers/measured.py table OUT
    python tools/numbers/measured.py figure OUT FIGURE.png

The files are those that `python -m untapped.datasets convert` makes.  Each
fit is one line of OUT, in JSON; what OUT has is not fitted again, so that a
stopped call goes on.  `--plan` chooses a part: see PLANS.

KL is that of the samples held out, in nats, after every --every epochs, and
so is that of the training pairs.  With the plan `searched` the weights and
the number of epochs are those with the least KL in folds of the training
samples alone, and then the model is trained on all of them.
"""
from __future__ import division, print_function

import argparse
import copy
import itertools
import json
import os
import sys
import time
from collections import OrderedDict, defaultdict

import untapped  # noqa: F401, before numpy: it sets the pins
from untapped import pins

if __name__ == '__main__':
    pins.release_blas()

import numpy as np  # noqa: E402

from untapped import datasets  # noqa: E402
from untapped.experiments import (build, inputs,  # noqa: E402
                                  options as command_line)
from untapped.report import figures  # noqa: E402
from untapped.report.paper import METHODS  # noqa: E402
from untapped.studies import (baselines as regressions,  # noqa: E402
                              metrics)
from untapped.studies.spectra_baselines import BASELINES  # noqa: E402

#: Data -> the options that choose and scale its spectra.
CHOSEN = {
    'minerals': ['--range', '1001', '2477', '--every', '9'],
    'raman': ['--range', '300', '1900', '--scale', 'derivative', '--every',
              '4']}
#: Name of a plan -> the options in which its models differ.
PLANS = OrderedDict([
    ('published', []),
    ('paper', ['--objective', 'paper']),
    ('reconstruction', ['--variational', 'off']),
    ('wide', ['--hidden', '30']),
    ('labels', ['--alphas', '1,100,0.01,1']),
    ('searched', None)])
#: What `searched` tries: alpha_fd beside the published 1, and alpha_r.
LOSSES, REVERSES = (1., 10., 100., 1000.), (0.01, 1.)
INNER = 3
MODELS = ('m2', 'untapped')
LABELS = OrderedDict(METHODS)


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest='command', metavar='COMMAND')
    commands.required = True
    fit = commands.add_parser('fit', help='fit what a file lacks')
    fit.add_argument('out', help='a file of JSON, a line a fit')
    for name in sorted(CHOSEN):
        fit.add_argument('--' + name, metavar='FILE')
    fit.add_argument('--plan', choices=list(PLANS), nargs='+',
                     default=list(PLANS))
    fit.add_argument('--folds', nargs='+', default=['5', 'centre'])
    fit.add_argument('--fold', type=int, nargs='+', metavar='I',
                     help='of grouped folds these alone')
    fit.add_argument('--seeds', type=int, nargs='+', default=range(5))
    fit.add_argument('--epochs', type=int, default=5000)
    fit.add_argument('--every', type=int, default=250)
    fit.add_argument('--seconds', type=float, default=float('inf'),
                     help='start no fit after so many')
    for name, about in (('table', 'the table, in Markdown'),
                        ('figure', 'the learning curves')):
        command = commands.add_parser(name, help=about)
        command.add_argument('out')
        if name == 'figure':
            command.add_argument('png')
    arguments = parser.parse_args(argv)
    {'fit': run, 'table': table, 'figure': figure}[arguments.command](
        arguments)


# Fits -----------------------------------------------------------------------

class Data(object):
    """One data set, one split and one seed."""

    def __init__(self, name, raw, folds, fold, seed):
        self.name, self.raw, self.seed = name, raw, seed
        self.line = CHOSEN[name] + [
            '--folds', folds, '--split', '%d' % fold, '--numerics', 'fast',
            '--seed', '%d' % (1234 + seed), '--sample-seed', '%d' % (1 + seed)]

    def draws(self, more=(), model='untapped'):
        """(settings, `inputs.Draws`) with more options."""
        asked = command_line.parse('spectra', self.line + list(more))
        settings = command_line.settings(asked, model)
        return settings, inputs.training_data(
            self.raw, asked.sample_seed, settings['num_latent_z2'],
            **inputs.data_options(asked, settings))

    def inner(self, fold):
        """Data of the training samples alone, in folds of their own."""
        _, draws = self.draws()
        rows = draws.data.meta['trained']
        raw = copy.copy(self.raw)
        raw.arrays = OrderedDict(raw.arrays)
        for name in ('spectra', 'labels', 'sample', 'nuisance'):
            if name in raw.arrays:
                raw.arrays[name] = raw.arrays[name][rows]
        made = Data(self.name, raw, '%d' % INNER, fold, self.seed)
        return made


def trained(data, model, more, epochs, every):
    """Fit a model; [epoch, KL of training pairs, KL of validation] each."""
    settings, draws = data.draws(
        list(more) + ['--epochs', '%d' % epochs, '--eval-every', '%d' % every],
        model)
    prepared, z2, z2_valid, sample_seeds = draws
    net = build.model(settings, prepared.X.shape[1], prepared.y.shape[1],
                      sample_seeds).build()
    curve = []

    def monitor(event):
        if event.kind == 'evaluation':
            curve.append([event.epoch] + [
                metrics.validation_kl(y, net.predict(x))['kl'] for x, y in (
                    (prepared.X, prepared.y),
                    (prepared.X_valid, prepared.y_valid))])

    net.fit(X=prepared.X, y=prepared.y, X_=prepared.X_, _y=prepared._y,
            z2=z2, X_valid=prepared.X_valid, y_valid=prepared.y_valid,
            X__valid=prepared.X__valid, _y_valid=prepared._y_valid,
            z2_valid=z2_valid, monitor=monitor)
    return curve, net.predict(prepared.X_valid), prepared


def searched(data, model, epochs, every):
    """(options, epoch) with the least KL in folds of the training samples."""
    tried = [(loss, reverse) for loss in LOSSES
             for reverse in (REVERSES if model == 'untapped' else (0.01,))]
    least = None
    for loss, reverse in tried:
        more = ['--alphas', '1,%r,%r,1' % (loss, reverse)]
        curves = np.array([trained(data.inner(fold), model, more, epochs,
                                   every)[0] for fold in range(INNER)])
        mean = curves[:, :, 2].mean(axis=0)
        best = int(np.nanargmin(mean))
        if least is None or mean[best] < least[0]:
            least = mean[best], more, int(curves[0, best, 0])
    return least[1], least[2]


def judged(y, predicted):
    """KL, R2 and error of predictions, as plain numbers."""
    return OrderedDict([
        ('kl', metrics.validation_kl(y, predicted)['kl']),
        ('r2', float(np.nanmean(metrics.r2(y, predicted)))),
        ('rmse', float(np.sqrt(np.mean(np.square(metrics.rmse(
            y, predicted))))))])


def baselines(data):
    """Method -> what it is judged by."""
    _, draws = data.draws()
    wanted = regressions.wanted(draws.data)
    wanted.update(BASELINES)
    return OrderedDict(
        (key, judged(draws.data.y_valid,
                     make(draws.data).answers['predicted']))
        for key, make in wanted.items())


def run(arguments):
    begun = time.time()
    done = set(key_of(line) for line in lines(arguments.out))
    loaded = OrderedDict(
        (name, datasets.load('spectra', getattr(arguments, name)))
        for name in sorted(CHOSEN) if getattr(arguments, name))
    todo = [(name, folds, fold, seed, plan)
            for seed in arguments.seeds for folds in arguments.folds
            for fold in ([0] if folds == 'centre' else
                         arguments.fold or range(int(folds)))
            for plan in ['baselines'] + arguments.plan for name in loaded]
    for name, folds, fold, seed, plan in todo:
        data = Data(name, loaded[name], folds, fold, seed)
        for model in MODELS if plan != 'baselines' else ('',):
            line = OrderedDict([
                ('data', name), ('folds', folds), ('fold', fold),
                ('seed', seed), ('plan', plan), ('model', model)])
            if key_of(line) in done:
                continue
            if time.time() - begun > arguments.seconds:
                return
            start = time.time()
            if plan == 'baselines':
                line['found'] = baselines(data)
            else:
                line.update(fitted(data, model, plan, arguments))
            line['seconds'] = round(time.time() - start, 1)
            with open(arguments.out, 'a') as stream:
                stream.write(json.dumps(line) + '\n')
            print(json.dumps(line)[:300])
            sys.stdout.flush()


def fitted(data, model, plan, arguments):
    """What is kept of one plan's model."""
    more, epochs = PLANS[plan], arguments.epochs
    if plan == 'searched':
        more, epochs = searched(data, model, arguments.epochs,
                                arguments.every)
    curve, predicted, prepared = trained(data, model, more, epochs,
                                         min(arguments.every, epochs))
    return OrderedDict([('options', more), ('curve', curve), (
        'found', {model: judged(prepared.y_valid, predicted)})])


def key_of(line):
    return tuple('%s' % line[key] for key in (
        'data', 'folds', 'fold', 'seed', 'plan', 'model'))


def lines(path):
    if not os.path.exists(path):
        return []
    with open(path) as stream:
        return [json.loads(line) for line in stream]


# Table and figure -----------------------------------------------------------

def table(arguments):
    """Mean and standard deviation over seeds and folds."""
    numbers = defaultdict(list)
    for line in lines(arguments.out):
        for method, found in line['found'].items():
            key = (line['data'], line['folds'], line['plan'], method)
            numbers[key].append([found[name] for name in ('kl', 'r2', 'rmse')]
                                + [line['curve'][-1][1] if 'curve' in line
                                   else float('nan')])
    print('| data | split | method | KL | R2 | error | KL of training pairs '
          '| fits |')
    print('|---|---|---|---|---|---|---|---|')
    for data, folds, plan in itertools.product(
            sorted(CHOSEN), ('5', 'centre'), ['baselines'] + list(PLANS)):
        for method, label in LABELS.items():
            found = numbers.get((data, folds, plan, method))
            if found:
                cells = [
                    u'' if mean != mean else u'%.3f' % mean if len(found) < 2
                    else u'%.3f \u00b1 %.3f' % (mean, spread)
                    for mean, spread in zip(
                        np.mean(found, axis=0), np.std(
                            found, axis=0, ddof=min(len(found) - 1, 1)))]
                row = u'| %s | %s | %s | %s | %d |\n' % (
                    data, folds if folds == 'centre' else folds + ' folds',
                    label + ('' if plan in ('baselines', 'published')
                             else ', ' + plan), u' | '.join(cells),
                    len(found))
                # UTF-8 also where the output goes into a file
                getattr(sys.stdout, 'buffer', sys.stdout).write(
                    row.encode('utf-8'))


def figure(arguments):
    """KL over epochs: held-out samples, and training pairs."""
    curves = defaultdict(list)
    for line in lines(arguments.out):
        if 'curve' in line and line['plan'] != 'searched':
            curves[line['data'], line['folds'], line['model'],
                   line['plan']].append(line['curve'])
    panels = [(data, folds, model) for data in sorted(CHOSEN)
              for folds in ('5', 'centre') for model in MODELS
              if any(key[:3] == (data, folds, model) for key in curves)]
    with figures.style():
        drawn = figures.new(2.3 * -(-len(panels) // 2) + .7)
        for number, panel in enumerate(panels):
            axes = drawn.add_subplot(-(-len(panels) // 2), 2, number + 1)
            for plan, colour in zip(PLANS, figures.COLOURS):
                found = curves.get(panel + (plan,))
                if not found:
                    continue
                shortest = min(map(len, found))
                mean = np.mean([curve[:shortest] for curve in found], axis=0)
                axes.plot(mean[:, 0], mean[:, 2], color=colour, label=plan)
                line, = axes.plot(mean[:, 0], mean[:, 1], color=colour,
                                  linewidth=.8)
                line.set_dashes((3, 2))
            axes.set_yscale('log')
            axes.set_ylim(3e-3, 2)
            axes.set_title('%s, %s, %s' % (
                panel[0], panel[1] if panel[1] == 'centre' else
                panel[1] + ' folds', LABELS[panel[2]]))
            figures.grid(axes)
            if number % 2 == 0:
                axes.set_ylabel('KL, nats')
        for axes in drawn.axes[-2:]:
            axes.set_xlabel('epoch')
        # a panel may lack a plan
        shown = OrderedDict(
            (label, handle) for axes in drawn.axes for handle, label in
            zip(*axes.get_legend_handles_labels()))
        drawn.legend(list(shown.values()), list(shown), loc='upper center',
                     ncol=len(shown))
        drawn.subplots_adjust(left=.1, right=.98, hspace=.4, wspace=.2,
                              bottom=.08, top=.9)
        drawn.savefig(arguments.png)


if __name__ == '__main__':
    main()

"""The stages of a run from its data on: train, save, judge, report."""
from __future__ import division, print_function

import importlib
from collections import OrderedDict

from untapped.errors import DIVERGED
from untapped.experiments import fitting, summary
from untapped.model import terms as recorded
from untapped.report import content, figures, html, page, tables
from untapped.report.content import Result
from untapped.runs import records
from untapped.studies import evaluation, metrics, pls as baselines

__all__ = ['Run', 'train_and_report']

LABELS = dict(content.METHODS)


class Run(object):
    """What every stage of a run works with.

    Attributes
    ----------
    options : Namespace, the command line's
    settings : OrderedDict, key of a model -> its hyperparameters
    raw : untapped.datasets.Raw
    draws : inputs.Draws
    folder : RunFolder
    manifest : manifest.Manifest, begun
    output : progress.Output
    interrupts : interrupt.Interrupts
    """

    def __init__(self, options, settings, raw, draws, folder, manifest,
                 output, interrupts):
        self.options, self.settings, self.raw = options, settings, raw
        self.draws, self.folder, self.manifest = draws, folder, manifest
        self.output, self.interrupts = output, interrupts

    @property
    def alone(self):
        """Whether there is one model; its files are in the run's folder."""
        return len(self.settings) == 1

    def place(self, key):
        """What the names of a model's files begin with."""
        return '' if self.alone else key + '/'

    @property
    def experiment(self):
        """The module that knows the experiment's tables and figures."""
        return importlib.import_module('untapped.studies.'
                                       + self.options.experiment)


def train_and_report(run):
    """All stages; returns the exit status."""
    output, folder = run.output, run.folder
    results, trained, parts = [], OrderedDict(), OrderedDict()
    if not run.alone:
        baseline, parts['pls'] = _baseline(run)
        results.append(baseline)
        output.line('PLS: %d components, KL %.6g' % (
            parts['pls']['components'], baseline.validation['kl']))
    for key in run.settings:
        if run.interrupts.signum is not None:
            break
        if not run.alone:
            output.line()
            output.line('%s:' % LABELS[key])
        trained[key] = fitting.train(run, key)
        result, parts[key] = _keep(run, key, trained[key])
        results.append(result)
    folder.write_json('metrics.json', _metrics(run, trained, parts))
    _report(run, results, trained)
    for key, training in trained.items():
        output.line('Parameters%s: SHA-256 %s' % (
            '' if run.alone else ' of ' + LABELS[key],
            training.model.parameters_sha256()), always=True)
    output.line('Results: %s' % folder.path, always=True)
    exit_status = _ending(run, trained)
    _vouch(run, trained)
    return exit_status


def _baseline(run):
    """Partial least squares on the same data: (Result, its metrics)."""
    data = run.draws.data
    has_all = evaluation.has_all_parts(data)
    # One-hot labels of thousands of images: fewer folds say as much.
    pls = baselines.PLS(num_folds=3 if has_all else 10)
    pls.fit(data.X, data.y)
    answers = OrderedDict([('predicted', metrics.onto_simplex(
        pls.predict(data.X_valid), has_all))])
    validation = metrics.validation_kl(data.y_valid, answers['predicted'],
                                       has_all)
    findings = evaluation.judge(answers, data)
    kept = OrderedDict([
        ('components', pls.n_components_),
        ('replicates_held_out_together', pls.grouped_),
        ('rmsecv', [float(e) for e in pls.rmsecv_]),
        ('validation', validation), ('findings', findings)])
    run.folder.write_json('pls/metrics.json', kept)
    run.folder.write_npz('pls/answers.npz', answers)
    return Result('pls', validation, OrderedDict(), findings, answers), kept


def _keep(run, key, training):
    """Save, evaluate, print a model: (Result, its metrics)."""
    data, folder, place = run.draws.data, run.folder, run.place(key)
    terms = _terms(training.model)
    folder.write_npz(place + 'parameters.npz', training.model.parameters())
    records.write(folder, training.record, place)
    validation, endmember_error = evaluation.evaluate(training.model, data)
    experiment = run.experiment
    answers = evaluation.answers(training.model, data)
    if hasattr(experiment, 'answers'):
        answers.update(experiment.answers(training.model, data))
    folder.write_npz(place + 'answers.npz', answers)
    findings = evaluation.judge(answers, data)
    findings.update(experiment.findings(answers, data))
    found = summary.model_metrics(training, key, run.options, run.settings,
                                  run.raw, validation, endmember_error,
                                  findings)
    if place:
        folder.write_json(place + 'metrics.json', found)
    _curves(run, key, training.record, terms)

    run.output.line()
    for line in tables.results(found, terms):
        run.output.line(line)
    run.output.line()
    return Result(key, validation, endmember_error, findings, answers), found


def _terms(model):
    """(label, equation) of what was recorded, by name."""
    return recorded.labels(model.objective_.terms(model.bounds_.model_type))


def _curves(run, key, record, terms):
    if not record['epochs']:
        return
    title = '%s, %s, preset %s' % (run.options.experiment.upper(), key,
                                   run.options.preset)
    if run.settings[key]['objective'] == 'paper':
        title += ", the paper's objective"
    for name, shown, what in (
            ('train.png', ['train'], 'training'),
            ('evaluation.png', ['eval1', 'evalN'], 'validation')):
        if record[shown[0]]:
            figures.save(
                run.folder, run.place(key) + name, figures.learning_curves(
                    record['epochs'], records.panels(record, terms, shown),
                    '%s: %s' % (title, what)))


def _metrics(run, trained, parts):
    """metrics.json of the run, from those of its methods."""
    if run.alone:
        return list(parts.values())[0]
    found = OrderedDict(summary.head(run.options, run.raw, run.settings))
    found['status'] = _status(run, trained)
    found['methods'] = parts
    return found


def _status(run, trained):
    """The worst of the models' statuses."""
    found = [training.status for training in trained.values()]
    if len(trained) < len(run.settings):
        found.append('stopped early')
    for status in ('diverged', 'stopped early'):
        if status in found:
            return status
    return 'complete'


def _report(run, results, trained):
    """Tables, figures and the page; the verdict is printed too."""
    data = run.draws.data
    sections = run.experiment.sections(results, data)
    saved = [html.save_section(run.folder, section)
             for section in sections]
    found = [s for section in saved for s in section['sentences']]
    before, after = page.caveats(run.options, run.settings, run.raw, trained)
    sentences = before + found + after
    html.write(run.folder, page.page(run.options, run.settings, run.raw,
                                     saved, sentences, len(data.X)))
    if len(results) > 1:
        for line in tables.findings(sections[0].tables[:1], sentences):
            run.output.line(line)
    run.output.line('Report: %s' % run.folder.join('report.html'))


def _ending(run, trained):
    """Tell what did not go as it should; the exit status."""
    status = run.interrupts.exit_status
    for key, training in trained.items():
        place = run.place(key)
        if training.diverged is not None:
            run.output.tell('NaN in training: %s in epoch %d; the last good '
                            'parameters are saved in %s' % (
                                training.diverged.term,
                                training.diverged.epoch,
                                run.folder.join(place + 'parameters.npz')))
            status = DIVERGED
        elif training.status != 'complete':
            run.output.tell('Stopped in epoch %d of %d; what was learned is '
                            'saved in %s, and --resume %s goes on' % (
                                training.epochs_done + 1,
                                training.model.num_epochs,
                                run.folder.join(place) if place
                                else run.folder.path, run.folder.path))
    return status


def _vouch(run, trained):
    """The manifest, as the last file."""
    resumed = OrderedDict((key, training.resumed_from)
                          for key, training in trained.items()
                          if training.resumed_from is not None)
    run.manifest.end(
        _status(run, trained),
        OrderedDict((key, training.hashes)
                    for key, training in trained.items()), resumed or None)

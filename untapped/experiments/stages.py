"""The stages of a run from its data on: train, save, judge, report."""
from __future__ import division, print_function

from collections import OrderedDict

from untapped.compiled import profile
from untapped.errors import DIVERGED
from untapped.experiments import fitting, summary
from untapped.experiments.about import about, caveats
from untapped.model import terms as recorded
from untapped.report import content, figures, html, page, tables
from untapped.report.content import Missing, Result, attempt
from untapped.runs import records
from untapped.studies import (baselines, crism, evaluation, libs, mnist,
                              raman, round_trip, spectra)

__all__ = ['Run', 'train_and_report']

LABELS = dict(content.METHODS)
#: what is peculiar to each experiment
STUDIES = {'crism': crism, 'libs': libs, 'mnist': mnist, 'raman': raman,
           'spectra': spectra}


class Run(object):
    """What every stage of a run works with.

    Attributes
    ----------
    options : Namespace, the command line's
    settings : OrderedDict, key of a model -> its hyperparameters
    raw : untapped.datasets.Raw
    draws : inputs.Draws
    manifest : runs.manifest.Manifest, begun
    folder : runs.run_folder.RunFolder, the manifest's
    output : progress.Output
    interrupts : machine.signals.Interrupts
    search : alphas.Search that chose the weights, or None
    """

    def __init__(self, options, settings, raw, draws, manifest, output,
                 interrupts):
        self.options, self.settings, self.raw = options, settings, raw
        self.draws, self.manifest = draws, manifest
        self.folder = manifest.folder
        self.output, self.interrupts = output, interrupts
        self.search = None

    def attempt(self, what, make, otherwise=None):
        """What `make` returns; where it fails a warning, and `otherwise`.

        Nothing that comes after training may lose the run.
        """
        made = attempt(what, make)
        if not isinstance(made, Missing):
            return made
        self.warn(made)
        return otherwise

    def warn(self, missing):
        """Tell of a `content.Missing`; its traceback goes to the log."""
        self.output.tell('warning: ' + missing)
        for line in missing.trace.rstrip().split('\n'):
            self.output.log(line)

    @property
    def judged(self):
        """Whether it is for itself, and not to choose weights by."""
        return self.options.fold is None

    @property
    def alone(self):
        """Whether there is one model; its files are in the run's folder."""
        return len(self.settings) == 1

    @property
    def study(self):
        """The module that knows the experiment's tables and figures."""
        return STUDIES[self.options.experiment]

    def prefix(self, key):
        """What the names of a model's files begin with."""
        return '' if self.alone else key + '/'

    def head(self, key=None):
        """What a metrics.json begins with: a model's, or the run's."""
        found = summary.head(self.options, self.raw, self.settings, key)
        if self.search is not None:
            found.append(('alphas', self.search.plain()))
        return found


def train_and_report(run):
    """All stages; returns the exit status."""
    output, folder = run.output, run.folder
    results, trained, parts = [], OrderedDict(), OrderedDict()
    if not run.alone:
        # it has no part in the models, which are trained without it too
        wanted = baselines.wanted(run.draws.data)
        wanted.update(getattr(run.study, 'BASELINES', {}))
        for key, make in wanted.items():
            baseline = run.attempt(LABELS[key],
                                   lambda: _baseline(run, key, make))
            if baseline is not None:
                results.append(baseline[0])
                parts[key] = baseline[1]
    for key in run.settings:
        if run.interrupts.signum is not None:
            break
        if not run.alone:
            output.line()
            output.line('%s:' % LABELS[key])
        trained[key] = fitting.fit(run, key)
        result, parts[key] = _keep(run, key, trained[key])
        results.append(result)
    folder.write_json('metrics.json', _metrics(run, trained, parts))
    if run.judged:
        run.attempt('The report', lambda: _report(run, results, trained))
    if run.options.profile:
        _profile(run)
    for key, fitted in trained.items():
        output.line('Parameters%s: SHA-256 %s' % (
            '' if run.alone else ' of ' + LABELS[key],
            fitted.model.parameters_sha256()), always=True)
    output.line('Results: %s' % folder.path, always=True)
    exit_status = _ending(run, trained)
    _vouch(run, trained)
    return exit_status


def _baseline(run, key, make):
    """A regression on the same data: (Result, its metrics)."""
    made = make(run.draws.data)
    if hasattr(run.study, 'BASELINES'):
        made.findings.update(run.study.findings(made.answers,
                                                run.draws.data))
    kept = OrderedDict(made.details)
    kept.update([('validation', made.validation),
                 ('endmember_error', made.endmember_error),
                 ('findings', made.findings)])
    run.folder.write_json(key + '/metrics.json', kept)
    run.folder.write_npz(key + '/answers.npz', made.answers)
    components = made.details.get('components')
    run.output.line('%s: %sKL %.6g' % (
        LABELS[key], '%d components, ' % components if components else '',
        made.validation['kl']))
    return Result(key, made.validation, made.endmember_error, made.findings,
                  made.answers), kept


def _keep(run, key, fitted):
    """Save, evaluate, print a model: (Result, its metrics)."""
    data, folder, prefix = run.draws.data, run.folder, run.prefix(key)
    terms = _terms(fitted.model)
    if run.judged:
        folder.write_npz(prefix + 'parameters.npz',
                         fitted.model.parameters())
    records.write(folder, fitted.record, prefix)
    validation, endmember_error = run.attempt(
        'The evaluation of %s' % LABELS[key],
        lambda: evaluation.evaluate(fitted.model, data),
        (OrderedDict(), OrderedDict()))
    answers, findings = _judged(run, key, fitted) if run.judged else (
        OrderedDict(), OrderedDict())
    found = summary.model_metrics(run.head(key), fitted, validation,
                                  endmember_error, findings)
    if prefix:
        folder.write_json(prefix + 'metrics.json', found)
    if run.judged:
        _curves(run, key, fitted.record, terms)

    run.output.line()
    for line in run.attempt('The table of results',
                            lambda: tables.results(found, terms), []):
        run.output.line(line)
    run.output.line()
    return Result(key, validation, endmember_error, findings, answers), found


def _judged(run, key, fitted):
    """What a model answers, which is saved, and what follows from it."""
    answers, findings = OrderedDict(), OrderedDict()
    data = run.draws.data
    for what, into, make in (
            ('answers', answers, lambda: evaluation.answers(fitted.model,
                                                            data)),
            ('answers', answers, lambda: _answers(run, fitted)),
            # last of the answers: what was there before keeps its draws
            ('answers', answers, lambda: round_trip.answers(fitted.model,
                                                            data)),
            ('findings', findings, lambda: evaluation.judge(answers, data)),
            ('findings', findings, lambda: run.study.findings(answers,
                                                              data)),
            ('findings', findings, lambda: round_trip.findings(answers,
                                                               data))):
        into.update(run.attempt('The %s of %s' % (what, LABELS[key]), make,
                                {}))
    run.folder.write_npz(run.prefix(key) + 'answers.npz', answers)
    return answers, findings


def _answers(run, fitted):
    """What one study alone asks of a model."""
    if not hasattr(run.study, 'answers'):
        return {}
    return run.study.answers(fitted.model, run.draws.data)


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
            run.attempt('The learning curves of %s' % what,
                        lambda: figures.save(
                            run.folder, run.prefix(key) + name,
                            figures.learning_curves(
                                record['epochs'],
                                records.panels(record, terms, shown),
                                '%s: %s' % (title, what))))


def _metrics(run, trained, parts):
    """metrics.json of the run, from those of its methods."""
    if run.alone:
        return list(parts.values())[0]
    found = OrderedDict(run.head())
    found['status'] = _status(run, trained)
    found['methods'] = parts
    return found


def _status(run, trained):
    """The worst of the models' statuses."""
    found = [fitted.status for fitted in trained.values()]
    if len(trained) < len(run.settings):
        found.append('stopped early')
    for status in ('diverged', 'stopped early'):
        if status in found:
            return status
    return 'complete'


def _report(run, results, trained):
    """Tables, figures and the page; the verdict is printed too."""
    data = run.draws.data
    sections = run.study.sections(results, data)
    if run.search is not None:
        sections.append(run.search.section())
    saved = [html.save_section(run.folder, section)
             for section in sections]
    found = [s for section in saved for s in section['sentences']]
    for sentence in found:
        if isinstance(sentence, Missing):
            run.warn(sentence)
    nothing = page.NOTHING
    if hasattr(run.study, 'summary'):
        nothing = run.study.summary(results, data)
    forbids, limits = caveats(run.options, run.settings, run.raw, trained)
    verdict = page.verdict(found, forbids, limits, nothing)
    html.write(run.folder, page.page(
        about(run.options, run.settings, run.raw, len(data.X)), saved,
        verdict))
    if len(results) > 1 and sections:
        for line in tables.findings(sections[0].tables[:1], found, verdict):
            run.output.line(line)
    run.output.line('Report: %s' % run.folder.join('report.html'))


def _profile(run):
    """Where the time of the steps went; all of them in profile.csv."""
    found = profile.rows()
    run.folder.write_text('profile.csv', profile.to_csv(found))
    for line in [''] + profile.table(found):
        run.output.line(line)


def _ending(run, trained):
    """Tell what did not go as it should; the exit status."""
    status = run.interrupts.exit_status
    for key, fitted in trained.items():
        prefix = run.prefix(key)
        if fitted.diverged is not None:
            run.output.tell('NaN in training: %s in epoch %d; the last good '
                            'parameters are saved in %s' % (
                                fitted.diverged.term,
                                fitted.diverged.epoch,
                                run.folder.join(prefix + 'parameters.npz')))
            status = DIVERGED
        elif fitted.status != 'complete':
            run.output.tell('Stopped in epoch %d of %d; what was learned is '
                            'saved in %s, and --resume %s goes on' % (
                                fitted.epochs_done + 1,
                                fitted.model.num_epochs,
                                run.folder.join(prefix) if prefix
                                else run.folder.path, run.folder.path))
    return status


def _vouch(run, trained):
    """The manifest, as the last file."""
    resumed = OrderedDict((key, fitted.resumed_from)
                          for key, fitted in trained.items()
                          if fitted.resumed_from is not None)
    run.manifest.end(
        _status(run, trained),
        OrderedDict((key, fitted.hashes)
                    for key, fitted in trained.items()), resumed or None)

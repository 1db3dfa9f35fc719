"""One run of an experiment, from the command line to its results.

    python run_crism.py --preset paper
    python -m untapped.experiments --experiment raman

The stages: load and prepare the data; make the run folder; fit partial least
squares; then for M2 and for Untapped: train, save the parameters and records,
evaluate, print the table; last the report.  A run of one model (--model) has
its files in the run folder itself, a run of all in a folder a model.  Nothing
is written before the options and the data have been checked.
"""
from __future__ import division, print_function

import importlib
import logging
import os
import platform
import sys
import time
import traceback
import warnings
from collections import OrderedDict

from untapped.errors import InputError
from untapped.experiments import options as command_line
from untapped.experiments import presets
from untapped.experiments.errors import DIVERGED, USER_ERROR, SavingError
from untapped.experiments.interrupt import Interrupts, Stopped

__all__ = ['main', 'run', 'training_data', 'page', 'caveats']


def main(experiment=None, arguments=None):
    """Run an experiment as its script does; returns the exit status.

    Parameters
    ----------
    experiment : str or None
        'crism', 'libs', 'mnist' or 'raman'; None: the option --experiment.
    arguments : list of str, optional
        Default: the command line's.
    """
    program = os.path.basename(sys.argv[0])
    if program == '__main__.py':
        program = 'python -m untapped.experiments'
    options = command_line.parse(experiment, arguments, program)
    # From here on numpy comes in, so only now.
    from untapped.experiments.progress import Output
    output = Output(quiet=options.quiet)
    if options.list_presets:
        for line in command_line.describe_presets(options.experiment):
            output.line(line, always=True)
        return 0
    _silence_known_warnings()
    with Interrupts() as interrupts:
        try:
            return run(options, output, interrupts)
        except Stopped as stopped:
            _complain(options, program, 'stopped at once; %s'
                      % (stopped.saved or 'nothing was saved'))
            return 128 + stopped.signum
        except _user_errors() as error:
            _complain(options, program, 'error: %s%s'
                      % (_blamed(options, error), error))
            return USER_ERROR
        finally:
            output.close()


def run(options, output, interrupts):
    """The stages of a run; returns the exit status."""
    from untapped import datasets, pins
    from untapped.experiments import repeats
    from untapped.experiments.run_folder import RunFolder, check_parent

    check_parent(options.out)
    raw = datasets.load(options.experiment, source=options.data,
                        folder=options.data_folder, seed=options.data_seed)
    output.line('Data: %s' % raw.source, always=True)
    if repeats.wanted(options):
        return repeats.run(options, raw, output, interrupts)
    settings = OrderedDict((key, command_line.settings(options, key))
                           for key in command_line.models(options))
    draws = training_data(
        raw, options.sample_seed,
        list(settings.values())[0]['num_latent_z2'],
        **_of_data(options))
    # Theano is loaded by now: its flags are seen as they are in force.
    for sentence in pins.overrides():
        output.line('Not as pinned: ' + sentence, always=True)
    if options.quick:
        draws = _subset(*draws,
                        rows=presets.QUICK[options.experiment]['rows'])

    folder = RunFolder(options.out, options.experiment, options.name)
    try:
        output.start_log(folder.open_log())
        folder.write_json('config.json', _config(options, settings, raw,
                                                 draws))
        output.line('Results go to %s' % folder.path)
        return _stages(options, settings, raw, draws, folder, output,
                       interrupts)
    except SavingError:
        # Whatever could be written stays.
        raise
    except BaseException as error:
        if any(name.endswith('parameters.npz') for name in folder.written):
            if isinstance(error, Stopped):
                error.saved = '%s holds %s' % (folder.path,
                                               ', '.join(folder.written))
        else:
            # Nothing learned: no folder left behind.
            output.close()
            folder.discard()
        raise


def _of_data(options):
    """Options of `datasets.prepare`."""
    return {'trial': options.split} if options.experiment == 'libs' else {}


class Draws(object):
    """The data and everything else that is drawn before training."""

    def __init__(self, data, z2, z2_valid, sample_seeds):
        self.data, self.z2, self.z2_valid = data, z2, z2_valid
        self.sample_seeds = sample_seeds

    def __iter__(self):
        return iter((self.data, self.z2, self.z2_valid, self.sample_seeds))


def training_data(raw, sample_seed, num_latent_z2, **options):
    """Everything that is drawn before training, in the published order.

    The published demos draw, all from one generator: the seeds of the sample
    layers, at import; the split of the data; z of the unfeatured labels for
    training, then for validation, both U(-1.5, 1.5), eq. (2).  The order is
    observable in every bit that follows.

    Parameters
    ----------
    raw : untapped.datasets.Raw
    sample_seed, num_latent_z2 : int
    options
        Of `untapped.datasets.prepare`.

    Returns
    -------
    Draws
        Unpacks as (data, z2, z2_valid, sample_seeds).
    """
    import numpy as np
    from untapped import datasets, streams

    rng = np.random.RandomState(sample_seed)
    sample_seeds = streams.sample_seeds(rng)
    data = datasets.prepare(raw, rng, **options)
    size = (len(data._y), num_latent_z2)
    z2 = rng.uniform(-1.5, 1.5, size).astype('float32')
    z2_valid = rng.uniform(-1.5, 1.5, size).astype('float32')
    return Draws(data, z2, z2_valid, sample_seeds)


class _Training(object):
    """A model after training, and how that went."""

    def __init__(self, model):
        self.model = model
        self.sha256_at_start = None
        self.epochs_done = 0
        self.diverged = None
        self.record = None

    @property
    def status(self):
        if self.diverged is not None:
            return 'diverged'
        return 'stopped early' if self.model.stopped_early_ else 'complete'


def _train(settings, draws, output, interrupts):
    """Train a model; returns a `_Training`."""
    from untapped.experiments import build, records
    from untapped.experiments.progress import Progress, duration
    from untapped.training import TrainingDiverged

    data, z2, z2_valid, sample_seeds = draws
    output.line('Compiling ...')
    start = time.time()
    model = build.model(settings, data.X.shape[1], data.y.shape[1],
                        sample_seeds).build()
    training = _Training(model)
    training.sha256_at_start = model.parameters_sha256()
    progress = Progress(output, settings['num_epochs'])

    def monitor(event):
        # An epoch in which the run was asked to stop is not a whole one,
        # unless its evaluation was reached.
        if event.kind == 'evaluation' or interrupts.signum is None:
            training.epochs_done = event.epoch
        progress(event)
        if interrupts.signum is not None:
            # Again: fit forgets what was asked just before it started.
            model.request_stop()

    def stop():
        # While Theano compiles there is nothing to finish or to save.
        if not hasattr(model, 'history_'):
            raise Stopped(interrupts.signum)
        model.request_stop()

    interrupts.training(stop)
    try:
        model.fit(X=data.X, y=data.y, X_=data.X_, _y=data._y, z2=z2,
                  X_valid=data.X_valid, y_valid=data.y_valid,
                  X__valid=data.X__valid, _y_valid=data._y_valid,
                  z2_valid=z2_valid, monitor=monitor)
    except TrainingDiverged as error:
        training.diverged = error
    finally:
        interrupts.training(None)
        progress.close()
    training.record = records.plain(model.history_)
    output.line('Epochs trained: %d, in %s, compilation included'
                % (training.epochs_done, duration(time.time() - start)))
    return training


def _stages(options, settings, raw, draws, folder, output, interrupts):
    """Train, evaluate, report; returns the exit status."""
    from untapped.experiments import content
    from untapped.experiments.evaluation import has_all_parts

    alone = len(settings) == 1
    results, trained, parts = [], OrderedDict(), OrderedDict()
    if not alone:
        baseline, parts['pls'] = _baseline(draws.data, folder, options,
                                           has_all_parts(draws.data))
        results.append(baseline)
        output.line('PLS: %d components, KL %.6g' % (
            parts['pls']['components'], baseline.validation['kl']))
    for key, chosen in settings.items():
        if interrupts.signum is not None:
            break
        if not alone:
            output.line()
            output.line('%s:' % dict(content.METHODS)[key])
        trained[key] = _train(chosen, draws, output, interrupts)
        result, parts[key] = _keep(trained[key], key, options, raw,
                                   draws.data, folder,
                                   '' if alone else key + '/', output)
        results.append(result)
    if alone:
        metrics = list(parts.values())[0]
    else:
        metrics = OrderedDict(_what(options, raw))
        metrics['status'] = _status(trained, settings)
        metrics['methods'] = parts
    folder.write_json('metrics.json', metrics)
    _report(options, settings, raw, draws.data, results, trained, folder,
            output)
    for key, training in trained.items():
        output.line('Parameters%s: SHA-256 %s' % (
            '' if alone else ' of ' + dict(content.METHODS)[key],
            training.model.parameters_sha256()), always=True)
    output.line('Results: %s' % folder.path, always=True)
    return _ending(trained, folder, output, interrupts, alone)


def _status(trained, settings):
    """The worst of the models' statuses."""
    found = [training.status for training in trained.values()]
    if len(trained) < len(settings):
        found.append('stopped early')
    for status in ('diverged', 'stopped early'):
        if status in found:
            return status
    return 'complete'


def _ending(trained, folder, output, interrupts, alone):
    """Tell what did not go as it should; the exit status."""
    status = interrupts.exit_status
    for key, training in trained.items():
        place = '' if alone else key + '/'
        if training.diverged is not None:
            _tell('NaN in training: %s in epoch %d; the last good parameters '
                  'are saved in %s' % (
                      training.diverged.term, training.diverged.epoch,
                      folder.join(place + 'parameters.npz')), output)
            status = DIVERGED
        elif training.status != 'complete':
            _tell('Stopped in epoch %d of %d; what was learned is saved in %s'
                  % (training.epochs_done + 1, training.model.num_epochs,
                     folder.join(place) if place else folder.path), output)
    return status


def _baseline(data, folder, options, has_all):
    """Partial least squares on the same data: (Result, its metrics)."""
    from untapped import baselines
    from untapped.experiments import evaluation, metrics
    from untapped.experiments.content import Result

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
    folder.write_json('pls/metrics.json', kept)
    folder.write_npz('pls/answers.npz', answers)
    return Result('pls', validation, OrderedDict(), findings, answers), kept


def _keep(training, key, options, raw, data, folder, place, output):
    """Save, evaluate, print a model: (Result, its metrics)."""
    from untapped import bounds
    from untapped.experiments import evaluation, records, tables
    from untapped.experiments.content import Result

    terms = bounds.TERMS if training.model.variational else \
        bounds.RECONSTRUCTION_TERMS
    folder.write_npz(place + 'parameters.npz', training.model.parameters())
    records.write(folder, training.record, place)
    validation, endmember_error = evaluation.evaluate(training.model, data)
    experiment = _experiment(options)
    answers = evaluation.answers(training.model, data)
    if hasattr(experiment, 'answers'):
        answers.update(experiment.answers(training.model, data))
    folder.write_npz(place + 'answers.npz', answers)
    findings = evaluation.judge(answers, data)
    findings.update(experiment.findings(answers, data))
    metrics = _metrics(training, key, options, raw, validation,
                       endmember_error, findings)
    if place:
        folder.write_json(place + 'metrics.json', metrics)
    _curves(training.record, terms, options, key, folder, place)

    output.line()
    for line in tables.results(metrics, terms):
        output.line(line)
    output.line()
    return Result(key, validation, endmember_error, findings, answers), \
        metrics


def _experiment(options):
    """The module that knows the experiment's tables and figures."""
    return importlib.import_module('untapped.experiments.'
                                   + options.experiment)


def _report(options, settings, raw, data, results, trained, folder, output):
    """Tables, figures and the page; the verdict is printed too."""
    from untapped.experiments import report, tables

    sections = _experiment(options).sections(results, data)
    saved = [report.save_section(folder, section) for section in sections]
    found = [s for section in saved for s in section['sentences']]
    before, after = caveats(options, settings, raw, trained)
    sentences = before + found + after
    report.write(folder, page(options, settings, raw, saved, sentences,
                              len(data.X)))
    if len(results) > 1:
        for line in tables.findings(sections[0].tables[:1], sentences):
            output.line(line)
    output.line('Report: %s' % folder.join('report.html'))


def page(options, settings, raw, sections, sentences, labelled=None):
    """What `report.write` takes, but for the folder."""
    import untapped
    from untapped import pins
    from untapped.experiments import content, report

    labels = dict(content.METHODS)
    provenance = [('data', raw.source), ('labelled pairs', labelled)]
    if labelled is None:
        provenance.pop()
    provenance += [('SHA-256 of array %s' % name, digest)
                   for name, digest in raw.checksums().items()]
    provenance += [
        ('untapped', untapped.__version__),
        ('python', platform.python_version()),
        ('packages', ', '.join('%s %s' % item
                               for item in _versions().items())),
        ('not as pinned', '; '.join(pins.overrides()) or 'nothing')]
    script = 'run_%s.py' % options.experiment
    arguments = list(options.arguments)
    if options.experiment == 'raman':
        script = '-m untapped.experiments'
    return OrderedDict([
        ('title', presets.TITLES[options.experiment]),
        ('source', raw.source), ('verdict', sentences),
        ('sections', sections),
        ('settings', report.settings_table(OrderedDict(
            (labels[key], values) for key, values in settings.items()))),
        ('provenance', provenance),
        ('command', report.command_line(script, arguments)),
        ('repeat_note', REPEAT_NOTE)])


REPEAT_NOTE = (
    'Under the pins (make pins) the same command gives the same numbers to '
    'the last bit; config.json beside this page holds every setting and '
    'seed, parameters.npz what was learned, answers.npz what the figures '
    'were drawn from.')


def caveats(options, settings, raw, trained):
    """What a reader has to know to compare with the paper.

    Returns
    -------
    (list, list) of str
        What spoils the comparison, and what limits it.
    """
    from untapped.experiments import content

    sentences = []
    chosen = list(settings.values())[0]
    whole = presets.preset(options.experiment, options.preset)['num_epochs']
    if options.quick:
        sentences.append('This is a --quick run, a trial of all stages on '
                         'part of the data: its numbers say nothing about '
                         'the paper.')
    elif chosen['num_epochs'] < whole:
        sentences.append('Trained for %d of the %d epochs of the preset.'
                         % (chosen['num_epochs'], whole))
    for key, training in trained.items():
        if training.status != 'complete':
            sentences.append('The training of %s ended after %d of %d epochs '
                             '(%s).' % (dict(content.METHODS)[key],
                                        training.epochs_done,
                                        training.model.num_epochs,
                                        training.status))
    limits = []
    if raw.kind == 'simulated':
        limits.append('The data stand in for the paper\'s (docs/data.md '
                      'says how): orderings may be compared with the paper, '
                      'values not.')
    if options.seeds == 1:
        limits.append('One seed: --seeds 5 tells how far seeds scatter.')
    return sentences, limits


def _curves(record, terms, options, key, folder, place):
    from untapped.experiments import figures, records

    if not record['epochs']:
        return
    title = '%s, %s, preset %s' % (options.experiment.upper(), key,
                                   options.preset)
    for name, shown, what in (
            ('train.png', ['train'], 'training'),
            ('evaluation.png', ['eval1', 'evalN'], 'validation')):
        if record[shown[0]]:
            figures.save(folder, place + name, figures.learning_curves(
                record['epochs'], records.panels(record, terms, shown),
                '%s: %s' % (title, what)))


def _config(options, settings, raw, draws):
    """config.json: every setting, resolved, and what it ran on."""
    import untapped
    from untapped import pins

    alone = list(settings.values())[0] if len(settings) == 1 else settings
    return OrderedDict([
        ('experiment', options.experiment),
        ('preset', options.preset),
        ('model', options.model),
        ('quick', options.quick),
        ('arguments', options.arguments),
        ('started_utc', time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())),
        ('data', OrderedDict([
            ('option', options.data), ('folder', options.data_folder),
            ('kind', raw.kind), ('source', raw.source),
            ('split', options.split),
            ('shapes', OrderedDict(
                (name, list(getattr(draws.data, name).shape))
                for name in ARRAYS))])),
        ('seeds', _seeds(options)),
        ('sample_seeds', OrderedDict(
            (key, int(value)) for key, value in draws.sample_seeds.items())),
        ('settings', alone),
        ('pins', pins.in_force()),
        ('not_as_pinned', pins.overrides()),
        ('untapped', untapped.__version__),
        ('python', platform.python_version()),
        ('packages', _versions()),
    ])


def _what(options, raw, model=None):
    """What stands at the head of each metrics.json."""
    return [
        ('experiment', options.experiment),
        ('preset', options.preset),
        ('model', model or options.model),
        ('quick', options.quick),
        ('data', OrderedDict([('kind', raw.kind), ('source', raw.source),
                              ('split', options.split)])),
        ('seeds', _seeds(options))]


def _metrics(training, key, options, raw, validation, endmember_error,
             findings):
    """metrics.json: no times and no paths of the machine's own in it.

    Two runs with the same bits have the same metrics.json.
    """
    from untapped.experiments import records

    last = None
    if training.record['epochs']:
        last = OrderedDict([('epoch', training.record['epochs'][-1])])
        last.update(records.last(training.record))
    return OrderedDict(_what(options, raw, key) + [
        ('status', training.status),
        ('stopped_early', training.status != 'complete'),
        ('epochs', OrderedDict([('asked', training.model.num_epochs),
                                ('done', training.epochs_done)])),
        ('parameters_sha256', OrderedDict([
            ('start', training.sha256_at_start),
            ('end', training.model.parameters_sha256())])),
        ('validation', validation),
        ('endmember_error', endmember_error),
        ('findings', findings),
        ('last_evaluation', last),
    ])


def _seeds(options):
    return OrderedDict([('seed', options.seed),
                        ('sample_seed', options.sample_seed),
                        ('data_seed', options.data_seed)])


def _versions():
    return OrderedDict(
        (name, importlib.import_module(name).__version__)
        for name in ('numpy', 'scipy', 'sklearn', 'theano', 'lasagne',
                     'matplotlib', 'tqdm', 'jinja2'))


ARRAYS = ('X', 'y', 'X_', '_y', 'X_valid', 'y_valid', 'X__valid', '_y_valid')


def _subset(data, z2, z2_valid, sample_seeds, rows):
    """At most `rows` evenly spaced rows of each array (--quick)."""
    import copy
    import numpy as np

    def kept(array):
        count = min(len(array), rows)
        return [i * len(array) // count for i in range(count)]

    small = copy.copy(data)
    for name in ARRAYS:
        array = getattr(data, name)
        setattr(small, name, array[kept(array)])
    # Which of the validation's rows these are, for what meta knows of them.
    small.meta = dict(data.meta, kept_valid=np.array(kept(data.X_valid)))
    return Draws(small, z2[kept(z2)], z2_valid[kept(z2_valid)], sample_seeds)


def _silence_known_warnings():
    """Two warnings of the pinned stack that ask nothing of the user.

    Lasagne 0.1 imports a module that Theano 0.8.2 has moved; Theano would
    rather choose -march itself, which is pinned on purpose.
    """
    warnings.filterwarnings('ignore', message='downsample module has been')
    logging.getLogger('theano.gof.cmodule').setLevel(logging.ERROR)


def _user_errors():
    from untapped import datasets
    return (InputError, datasets.DataError)


def _blamed(options, error):
    """The option that a mistake in the data comes from, for the message."""
    from untapped import datasets
    if not isinstance(error, datasets.DataError):
        return ''
    return 'argument --data (%s): ' % options.data


def _complain(options, program, message):
    """A sentence on stderr; with --debug the traceback before it."""
    if options.debug:
        traceback.print_exc()
    _tell_stderr('%s: %s' % (program, message))


def _tell(message, output):
    _tell_stderr(message)
    output.log(message)


def _tell_stderr(message):
    from untapped.experiments.progress import SafeStream
    stream = SafeStream(sys.stderr)
    stream.write(message + '\n')
    stream.flush()

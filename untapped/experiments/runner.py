"""One run of an experiment, from the command line to its results.

    python run_crism.py --preset paper
    python -m untapped.experiments --experiment raman

The stages: load and prepare the data; make the run folder; train; save the
parameters and records; evaluate; save metrics and figures; print the table.
Nothing is written before the options and the data have been checked.
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
from untapped.experiments.compiling import explained
from untapped.experiments.errors import DIVERGED, USER_ERROR, SavingError
from untapped.experiments.interrupt import Interrupts, Stopped

__all__ = ['main', 'run', 'training_data']


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
            if options.resume is not None:
                from untapped.experiments.keeping import resumed_options
                options = resumed_options(options, experiment)
            return run(options, output, interrupts)
        except Stopped as stopped:
            _complain(options, program, 'stopped at once; %s'
                      % (stopped.saved or 'nothing was saved'))
            return 128 + stopped.signum
        except _user_errors() as error:
            _complain(options, program, 'error: %s%s'
                      % (_blamed(options, error), error))
            return USER_ERROR
        except Exception as error:
            error = explained(error, sys.exc_info()[2])
            if error is None:
                raise
            _complain(options, program, 'error: %s' % error)
            return USER_ERROR
        finally:
            output.close()


def run(options, output, interrupts):
    """The stages of a run; returns the exit status."""
    from untapped import datasets, pins
    from untapped.experiments.manifest import Manifest
    from untapped.experiments.run_folder import RunFolder, check_parent

    if options.resume is None:
        check_parent(options.out)
    settings = command_line.settings(options)
    raw = datasets.load(options.experiment, source=options.data,
                        folder=options.data_folder, seed=options.data_seed)
    output.line('Data: %s' % raw.source, always=True)
    data, z2, z2_valid, sample_seeds = training_data(
        raw, options.sample_seed, settings['num_latent_z2'])
    # Theano is loaded by now: its flags are seen as they are in force.
    for sentence in pins.overrides():
        output.line('Not as pinned: ' + sentence, always=True)
    if options.quick:
        data, z2, z2_valid = _subset(
            data, z2, z2_valid, presets.QUICK[options.experiment]['rows'])

    if options.resume is None:
        folder = RunFolder(options.out, options.experiment)
    else:
        folder = RunFolder.again(options.resume)
    try:
        config = _config(options, settings, raw, data, sample_seeds)
        manifest = Manifest(folder, config, raw, data, z2, z2_valid)
        if options.resume is None:
            output.start_log(folder.open_log())
            manifest.begin()
            # The last thing without which a run cannot go on.
            folder.write_json('config.json', config)
        elif manifest.resume(output):
            output.line('%s is complete; nothing is left to do.'
                        % folder.path, always=True)
            # its log is left alone: the manifest vouches for it
            return 0
        else:
            output.start_log(folder.open_log())
        output.line('Results go to %s' % folder.path)
        training = _train(options, settings, data, z2, z2_valid,
                          sample_seeds, folder, output, interrupts)
        return _finish(training, options, raw, data, folder, manifest,
                       output, interrupts)
    except SavingError as error:
        # Whatever could be written stays.
        if folder.resumable():
            raise SavingError('%s; what was written before stands, and '
                              '--resume %s goes on from there'
                              % (error, folder.path))
        raise
    except BaseException as error:
        if 'parameters.npz' in folder.written or folder.resumable():
            if isinstance(error, Stopped):
                error.saved = '%s holds %s' % (folder.path, ', '.join(
                    folder.written))
                if folder.resumable():
                    error.saved += ('; --resume %s goes on with it'
                                    % folder.path)
        else:
            # Nothing learned: no folder left behind.
            output.close()
            if options.resume is None:
                folder.discard()
        raise


def training_data(raw, sample_seed, num_latent_z2):
    """Everything that is drawn before training, in the published order.

    The published demos draw, all from one generator: the seeds of the sample
    layers, at import; the split of the data; z of the unfeatured labels for
    training, then for validation, both U(-1.5, 1.5), eq. (2).  The order is
    observable in every bit that follows.

    Returns
    -------
    (data, z2, z2_valid, sample_seeds)
    """
    import numpy as np
    from untapped import datasets, streams

    rng = np.random.RandomState(sample_seed)
    sample_seeds = streams.sample_seeds(rng)
    data = datasets.prepare(raw, rng)
    size = (len(data._y), num_latent_z2)
    z2 = rng.uniform(-1.5, 1.5, size).astype('float32')
    z2_valid = rng.uniform(-1.5, 1.5, size).astype('float32')
    return data, z2, z2_valid, sample_seeds


class _Training(object):
    """A model after training, and how that went."""

    def __init__(self, model):
        self.model = model
        self.sha256_at_start = None
        self.keeper = None
        self.resumed_from = None
        self.epochs_done = 0
        self.diverged = None
        self.record = None

    @property
    def status(self):
        if self.diverged is not None:
            return 'diverged'
        return 'stopped early' if self.model.stopped_early_ else 'complete'


def _train(options, settings, data, z2, z2_valid, sample_seeds, folder,
           output, interrupts):
    """Train a model; returns a `_Training`."""
    from untapped.experiments import build, records
    from untapped.experiments.keeping import Keeper
    from untapped.experiments.progress import Progress, duration
    from untapped.training import TrainingDiverged

    output.line('Compiling ...')
    start = time.time()
    model = build.model(settings, data.X.shape[1], data.y.shape[1],
                        sample_seeds).build()
    training = _Training(model)
    training.sha256_at_start = model.parameters_sha256()
    progress = Progress(output, settings['num_epochs'])
    training.keeper = keeper = Keeper(
        folder, model,
        options.checkpoint_seconds or command_line.CHECKPOINT_SECONDS)
    state = None
    if options.resume is not None:
        state, complaints = keeper.restore()
        for sentence in complaints:
            output.line('Passed over: %s' % sentence, always=True)
        training.resumed_from = 0
        if state is not None:
            training.resumed_from = int(state['epoch'])
            training.epochs_done = training.resumed_from
        output.line('Going on after epoch %d' % training.resumed_from,
                    always=True)

    def monitor(event):
        # An epoch in which the run was asked to stop is not a whole one,
        # unless its evaluation was reached.
        if event.whole:
            training.epochs_done = event.epoch
        keeper(event)
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
                  z2_valid=z2_valid, monitor=monitor, state=state)
    except TrainingDiverged as error:
        training.diverged = error
    finally:
        interrupts.training(None)
        progress.close()
    keeper.write()
    training.record = records.plain(model.history_)
    output.line('Epochs trained: %d, in %s, compilation included'
                % (training.epochs_done, duration(time.time() - start)))
    return training


def _finish(training, options, raw, data, folder, manifest, output,
            interrupts):
    """Save, evaluate, report; returns the exit status."""
    from untapped import bounds
    from untapped.experiments import evaluation, records, tables

    terms = bounds.TERMS if training.model.variational else \
        bounds.RECONSTRUCTION_TERMS
    folder.write_npz('parameters.npz', training.model.parameters())
    records.write(folder, training.record)
    validation, endmember_error = evaluation.evaluate(training.model, data)
    metrics = _metrics(training, options, raw, validation, endmember_error)
    folder.write_json('metrics.json', metrics)
    _figures(training.record, terms, options, folder)

    output.line()
    for line in tables.results(metrics, terms):
        output.line(line)
    output.line()
    output.line('Parameters: SHA-256 %s' % metrics['parameters_sha256']['end'],
                always=True)
    output.line('Results: %s' % folder.path, always=True)
    status = _report_end(training, metrics, folder, output, interrupts)
    manifest.end(training, metrics)
    if training.status != 'stopped early':
        training.keeper.discard()
    return status


def _report_end(training, metrics, folder, output, interrupts):
    """Tell what kept a run from its end; the exit status."""
    if training.diverged is not None:
        _tell('NaN in training: %s in epoch %d; the last good parameters are '
              'saved in %s' % (training.diverged.term,
                               training.diverged.epoch,
                               folder.join('parameters.npz')), output)
        return DIVERGED
    if interrupts.signum is not None:
        _tell('Stopped in epoch %d of %d; what was learned is saved in %s, '
              'and --resume %s goes on'
              % (training.epochs_done + 1, metrics['epochs']['asked'],
                 folder.path, folder.path), output)
    return interrupts.exit_status


def _figures(record, terms, options, folder):
    from untapped.experiments import figures, records

    if not record['epochs']:
        return
    title = '%s, %s, preset %s' % (options.experiment.upper(), options.model,
                                   options.preset)
    for name, shown, what in (
            ('train.png', ['train'], 'training'),
            ('evaluation.png', ['eval1', 'evalN'], 'validation')):
        if record[shown[0]]:
            figures.save(folder, name, figures.learning_curves(
                record['epochs'], records.panels(record, terms, shown),
                '%s: %s' % (title, what)))


def _config(options, settings, raw, data, sample_seeds):
    """config.json: every setting, resolved, and what it ran on."""
    import untapped
    from untapped import pins

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
            ('shapes', OrderedDict((name, list(getattr(data, name).shape))
                                   for name in ARRAYS))])),
        ('seeds', _seeds(options)),
        ('sample_seeds', OrderedDict(
            (key, int(value)) for key, value in sample_seeds.items())),
        ('settings', settings),
        ('pins', pins.in_force()),
        ('not_as_pinned', pins.overrides()),
        ('untapped', untapped.__version__),
        ('python', platform.python_version()),
        ('packages', _versions()),
    ])


def _metrics(training, options, raw, validation, endmember_error):
    """metrics.json: no times and no paths of the machine's own in it.

    Two runs with the same bits have the same metrics.json.
    """
    from untapped.experiments import records

    last = None
    if training.record['epochs']:
        last = OrderedDict([('epoch', training.record['epochs'][-1])])
        last.update(records.last(training.record))
    return OrderedDict([
        ('experiment', options.experiment),
        ('preset', options.preset),
        ('model', options.model),
        ('quick', options.quick),
        ('data', OrderedDict([('kind', raw.kind), ('source', raw.source)])),
        ('seeds', _seeds(options)),
        ('status', training.status),
        ('stopped_early', training.status != 'complete'),
        ('epochs', OrderedDict([('asked', training.model.num_epochs),
                                ('done', training.epochs_done)])),
        ('parameters_sha256', OrderedDict([
            ('start', training.sha256_at_start),
            ('end', training.model.parameters_sha256())])),
        ('validation', validation),
        ('endmember_error', endmember_error),
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
                     'matplotlib', 'tqdm'))


ARRAYS = ('X', 'y', 'X_', '_y', 'X_valid', 'y_valid', 'X__valid', '_y_valid')


def _subset(data, z2, z2_valid, rows):
    """At most `rows` evenly spaced rows of each array (--quick)."""
    import copy

    def spread(array):
        if len(array) <= rows:
            return array
        return array[[i * len(array) // rows for i in range(rows)]]

    small = copy.copy(data)
    for name in ARRAYS:
        setattr(small, name, spread(getattr(data, name)))
    return small, spread(z2), spread(z2_valid)


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

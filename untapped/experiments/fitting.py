"""Training one model of a run: progress, checkpoints, gentle stops."""
from __future__ import division, print_function

import time
from collections import OrderedDict

from untapped.errors import UserError
from untapped.experiments import build
from untapped.experiments.keeping import Keeper
from untapped.experiments.options import CHECKPOINT_SECONDS
from untapped.experiments.progress import Progress, duration
from untapped.machine.signals import Stopped
from untapped.model.state import StateError
from untapped.model.training import TrainingDiverged
from untapped.runs import records

__all__ = ['Fitted', 'fit']


class Fitted(object):
    """A model that is trained or was, and how that went.

    Attributes
    ----------
    model : SSDGM
    sha256_at_start : str, of the parameters before the first epoch
    keeper : keeping.Keeper
    resumed_from : int or None, the epoch that it went on after
    epochs_done : int
    diverged : TrainingDiverged or None
    record : dict, see `runs.records.plain`
    """

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
        """'complete', 'stopped early' or 'diverged'."""
        if self.diverged is not None:
            return 'diverged'
        return 'stopped early' if self.model.stopped_early_ else 'complete'

    @property
    def hashes(self):
        """SHA-256 of the parameters on the way, for the manifest."""
        return OrderedDict([
            ('start', self.sha256_at_start),
            ('evaluations', [list(pair)
                             for pair in self.keeper.evaluations]),
            ('end', self.model.parameters_sha256())])


def fit(run, key):
    """Train a model of a `stages.Run`; returns a `Fitted`.

    It goes on from its last checkpoint, if it has one.
    """
    data, z2, z2_valid, sample_seeds = run.draws
    settings, output = run.settings[key], run.output
    output.line('Compiling ...')
    start = time.time()
    model = build.model(settings, data.X.shape[1], data.y.shape[1],
                        sample_seeds).build()
    fitted = Fitted(model)
    fitted.sha256_at_start = model.parameters_sha256()
    progress = Progress(output, settings['num_epochs'])
    fitted.keeper = keeper = Keeper(
        run.folder, run.prefix(key), model, run.options.checkpoint_seconds
        or CHECKPOINT_SECONDS)
    state = _last_state(fitted, output, settings['num_epochs'])

    def monitor(event):
        # An epoch in which the run was asked to stop is not a whole one.
        if event.whole:
            fitted.epochs_done = event.epoch
        keeper(event)
        progress(event)
        if run.interrupts.signum is not None:
            # Again: fit forgets what was asked just before it started.
            model.request_stop()

    def stop():
        # While Theano compiles there is nothing to finish or to save.
        if not hasattr(model, 'history_'):
            raise Stopped(run.interrupts.signum)
        model.request_stop()

    run.interrupts.training(stop)
    try:
        model.fit(X=data.X, y=data.y, X_=data.X_, _y=data._y, z2=z2,
                  X_valid=data.X_valid, y_valid=data.y_valid,
                  X__valid=data.X__valid, _y_valid=data._y_valid,
                  z2_valid=z2_valid, monitor=monitor, state=state)
    except TrainingDiverged as error:
        fitted.diverged = error
    except StateError as error:
        raise UserError('argument --resume: %s: %s'
                        % (keeper.restored, error))
    finally:
        run.interrupts.training(None)
        progress.close()
    keeper.write()
    fitted.record = records.plain(model.history_)
    output.line('Epochs trained: %d, in %s, compilation included'
                % (fitted.epochs_done, duration(time.time() - start)))
    return fitted


def _last_state(fitted, output, num_epochs):
    """What a model goes on from, told; None where it starts.

    A model that was trained to its end is restored the same way: no epoch
    is left to train then.
    """
    state, complaints = fitted.keeper.restore()
    for sentence in complaints:
        output.line('Passed over: %s' % sentence, always=True)
    if state is None:
        return None
    epoch = fitted.resumed_from = fitted.epochs_done = int(
        state['epoch'])
    output.line('Going on after epoch %d' % epoch if epoch < num_epochs else
                'All %d epochs were trained before' % epoch, always=True)
    return state

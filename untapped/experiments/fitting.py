"""Training one model of a run, with progress and gentle stops."""
from __future__ import division, print_function

import time

from untapped.experiments import build, records
from untapped.experiments.interrupt import Stopped
from untapped.experiments.progress import Progress, duration
from untapped.training import TrainingDiverged

__all__ = ['Training', 'train']


class Training(object):
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


def train(settings, draws, output, interrupts):
    """Train a model; returns a `Training`."""
    data, z2, z2_valid, sample_seeds = draws
    output.line('Compiling ...')
    start = time.time()
    model = build.model(settings, data.X.shape[1], data.y.shape[1],
                        sample_seeds).build()
    training = Training(model)
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

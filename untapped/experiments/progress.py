"""What a run tells while it runs: output that outlives its reader, progress.

Everything printed goes to log.txt too, once there is a run folder.
"""
from __future__ import division, print_function

import sys
import time

from tqdm import tqdm

from untapped.errors import SavingError
from untapped.machine.console import SafeStream, spelled, tell_stderr

__all__ = ['Output', 'Progress', 'duration']


class Output(object):
    """Lines for a person, and for the log.

    A reader that closes the pipe (``| head``) or a terminal that goes away
    ends the printing, not the run.

    Parameters
    ----------
    quiet : bool
        Print only what is marked as ``always``; the log gets every line.
    stream : file, optional
        Default: sys.stdout.
    """

    def __init__(self, quiet=False, stream=None):
        self.quiet = quiet
        self.stream = SafeStream(sys.stdout if stream is None else stream)
        self._log = None
        self._waiting = []

    def line(self, text='', always=False):
        """A line for stdout and the log; see `quiet` for `always`."""
        if always or not self.quiet:
            self.stream.write(text + '\n')
            self.stream.flush()
        self.log(text)

    def log(self, text):
        """A line for the log alone."""
        text = spelled(text)
        if self._log is None:
            self._waiting.append(text)
        else:
            try:
                self._log.write(text + u'\n')
                self._log.flush()
            except EnvironmentError as error:
                name = self._log.name
                self.close()
                raise SavingError('cannot write %s: %s'
                                  % (name, error.strerror))

    def tell(self, text):
        """A line for stderr and the log."""
        tell_stderr(text)
        self.log(text)

    def start_log(self, log):
        """Log to an open text file from here on, the lines so far first."""
        self._log = log
        waiting, self._waiting = self._waiting, []
        for text in waiting:
            self.log(text)

    def close(self):
        """Close the log."""
        log, self._log = self._log, None
        if log is not None:
            try:
                log.close()
            except EnvironmentError:
                # A full disk: told when the line was written.
                pass


class Progress(object):
    """A monitor for `SSDGM.fit`: epochs, speed, time left, objective.

    A bar on a terminal; elsewhere a line at each evaluation, and between
    evaluations one at most every `interval` seconds.
    """

    def __init__(self, output, num_epochs, stream=None, interval=30.):
        self.output = output
        self.num_epochs = num_epochs
        self.interval = interval
        stream = SafeStream(sys.stderr if stream is None else stream)
        self._bar = None
        self._stream = stream
        self._shown = time.time()
        self._start = None
        self._before = 0

    def __call__(self, event):
        if self._start is None:
            # Not earlier: compilation is no part of an epoch.
            self._shown = time.time()
            self._start = self._shown - event.seconds
            self._before = event.epoch - 1
        if event.kind == 'evaluation':
            self._evaluation(event)
        else:
            self._epoch(event)

    def close(self):
        """Take the bar away."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def _epoch(self, event):
        cost = event.train.get('train')
        if self.output.quiet:
            return
        if self._stream.isatty():
            if self._bar is None:
                self._bar = tqdm(total=self.num_epochs, unit='epoch',
                                 file=self._stream, dynamic_ncols=True,
                                 initial=self._before)
                self._bar.start_t = self._start
            self._bar.update(event.epoch - self._bar.n)
            self._bar.set_postfix_str('-J = %.6g' % cost, refresh=False)
        elif time.time() - self._shown > self.interval:
            self._line('epoch %d of %d   -J = %.6g   %s' % (
                event.epoch, event.num_epochs, cost, self._left(event)))

    def _evaluation(self, event):
        text = 'epoch %d of %d   -J = %.6g' % (
            event.epoch, event.num_epochs, event.train['train'])
        if event.eval1:
            text += '   validation: -J = %.6g, %.6g (5 importance samples)' % (
                event.eval1['eval'], event.evalN['eval'])
        self._line(text + '   ' + self._left(event))

    def _left(self, event):
        passed = time.time() - self._start
        # epochs of this process: a resumed run begins further on
        done = event.epoch - self._before
        left = passed / done * (event.num_epochs - event.epoch)
        return '%s passed, %s left' % (duration(passed), duration(left))

    def _line(self, text):
        self._shown = time.time()
        if self._bar is None:
            self.output.line(text)
            return
        self.output.log(text)
        with self._bar.external_write_mode(file=self._stream):
            self._stream.write(text + '\n')


def duration(seconds):
    """'42 s', '3 min 20 s', '5 h 12 min'."""
    seconds = int(round(seconds))
    if seconds < 60:
        return '%d s' % seconds
    if seconds < 3600:
        return '%d min %02d s' % divmod(seconds, 60)
    return '%d h %02d min' % divmod(seconds // 60, 60)

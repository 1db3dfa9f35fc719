"""Output that outlives its reader."""
from __future__ import division, print_function

import io
import os
from collections import OrderedDict

import pytest

from untapped.experiments.progress import Output, Progress, duration


class Event(object):
    def __init__(self, kind, epoch, evaluated=True):
        self.kind, self.epoch, self.num_epochs = kind, epoch, 10
        self.seconds = 1.
        self.train = OrderedDict([('train', 2.5)])
        self.eval1 = OrderedDict([('eval', 3.5)] if evaluated else [])
        self.evalN = OrderedDict([('eval', 4.5)] if evaluated else [])


class Terminal(io.BytesIO if str is bytes else io.StringIO):
    encoding = 'ascii'

    def isatty(self):
        return True


@pytest.fixture
def stream():
    return io.BytesIO() if str is bytes else io.StringIO()


def test_a_closed_pipe_ends_the_printing_and_not_the_run(tmpdir):
    read, write = os.pipe()
    with os.fdopen(write, 'w') as stream:
        output = Output(stream=stream)
        output.line('first')
        os.close(read)
        output.line('second')
        output.line('third')
        with io.open(str(tmpdir.join('log.txt')), 'w') as log:
            output.start_log(log)
            output.line('fourth')
            output.close()
    assert tmpdir.join('log.txt').read().split() == ['first', 'second',
                                                     'third', 'fourth']


def test_quiet_prints_what_is_always_printed_and_logs_all(stream, tmpdir):
    output = Output(quiet=True, stream=stream)
    output.line('source', always=True)
    output.line('table')
    with io.open(str(tmpdir.join('log.txt')), 'w') as log:
        output.start_log(log)
    assert stream.getvalue() == 'source\n'
    assert tmpdir.join('log.txt').read() == 'source\ntable\n'


def test_what_the_stream_cannot_encode_becomes_a_question_mark(stream):
    Output(stream=stream).line(u'd\xe4ta')
    assert stream.getvalue() == 'd?ta\n'


def test_without_a_terminal_evaluations_are_lines(stream):
    progress = Progress(Output(stream=stream), 10, stream=stream)
    progress(Event('epoch', 1))
    assert stream.getvalue() == ''
    progress(Event('evaluation', 2))
    assert stream.getvalue().startswith(
        'epoch 2 of 10   -J = 2.5   validation: -J = 3.5, 4.5')
    assert 'left' in stream.getvalue()


def test_between_evaluations_there_is_a_line_now_and_then(stream):
    progress = Progress(Output(stream=stream), 10, stream=stream, interval=-1)
    progress(Event('epoch', 3))
    assert stream.getvalue().startswith('epoch 3 of 10   -J = 2.5')


def test_on_a_terminal_there_is_a_bar_with_the_objective():
    terminal = Terminal()
    progress = Progress(Output(stream=terminal), 10, stream=terminal)
    progress(Event('epoch', 1))
    progress(Event('evaluation', 2))
    progress(Event('epoch', 2))
    progress.close()
    assert '2/10' in terminal.getvalue()
    assert '-J = 2.5' in terminal.getvalue()
    assert 'validation: -J = 3.5' in terminal.getvalue()


def test_without_validation_data_the_line_has_no_validation(stream):
    progress = Progress(Output(stream=stream), 10, stream=stream)
    progress(Event('evaluation', 2, evaluated=False))
    assert 'validation' not in stream.getvalue()


@pytest.mark.parametrize('seconds, text', [
    (0, '0 s'), (59.4, '59 s'), (61, '1 min 01 s'), (3600 * 5, '5 h 00 min')])
def test_durations(seconds, text):
    assert duration(seconds) == text

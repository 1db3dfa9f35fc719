"""What is printed: safe streams, and commands whose words must arrive."""
from __future__ import division, print_function

import os
import re
import sys

from untapped.errors import USER_ERROR, InputError
from untapped.files import texts

__all__ = ['SafeStream', 'heard', 'printable', 'spelled', 'tell_stderr']

#: exit status of a command that could not say what came of it
UNHEARD = 2

# control characters, and those that turn the direction of writing
_OTHERS = u'\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]'
_CONTROL = re.compile(u'[\x00-\x1f' + _OTHERS)
# the same, but for the end of a line and a progress bar's return to its start
_IN_STREAM = re.compile(u'[\x00-\x08\x0b\x0c\x0e-\x1f' + _OTHERS)


class SafeStream(object):
    """A text stream that falls silent when nobody can read it any more.

    What a file holds may come into what is printed: control characters are
    spelled out, as ``\\x1b``.
    """

    def __init__(self, stream):
        self._stream = stream
        self.encoding = getattr(stream, 'encoding', None) or 'ascii'

    def write(self, text):
        if self._stream is None:
            return
        try:
            self._stream.write(self._printable(text))
        except (IOError, OSError, ValueError) as error:
            self._silence()
            self.lost(error)

    def flush(self):
        if self._stream is None:
            return
        try:
            self._stream.flush()
        except (IOError, OSError, ValueError) as error:
            self._silence()
            self.lost(error)

    def lost(self, error):
        """Called when what was written could not be."""

    def isatty(self):
        return self._stream is not None and self._stream.isatty()

    def _printable(self, text):
        """`text` with what the stream's encoding lacks replaced by '?'."""
        if isinstance(text, bytes):
            try:
                whole = text.decode('utf-8')
            except UnicodeDecodeError:
                whole = text.decode('latin-1')
                return _spelled(whole, _IN_STREAM).encode('latin-1')
            return _spelled(whole, _IN_STREAM).encode('utf-8')
        text = _spelled(text, _IN_STREAM).encode(self.encoding, 'replace')
        return text if str is bytes else text.decode(self.encoding)

    def _silence(self):
        # Python flushes stdout again when it exits; what is still in its
        # buffer would raise there, so the descriptor is pointed elsewhere.
        stream, self._stream = self._stream, None
        try:
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, stream.fileno())
            os.close(null)
        except (IOError, OSError, ValueError, AttributeError):
            pass


def tell_stderr(text):
    """A line on stderr, if anybody reads it."""
    stream = SafeStream(sys.stderr)
    stream.write(text + '\n')
    stream.flush()


def printable(text):
    """Text on one line, with what would move a terminal's cursor escaped."""
    text = _spelled(texts.legible(text), _CONTROL)
    return text.encode('utf-8') if str is bytes else text


def spelled(text):
    """Text for a file of lines, with other control characters spelled out."""
    return _spelled(texts.legible(text), _IN_STREAM)


def _spelled(text, which):
    return which.sub(lambda match: u'\\x%02x' % ord(match.group()), text)


class Unheard(BaseException):
    """What a command printed did not arrive.

    Not an Exception, so that no ``except Exception`` on the way keeps it.
    """


class _Heard(SafeStream):
    """Standard output of a command; `Unheard` as soon as a line is lost."""

    def write(self, text):
        SafeStream.write(self, text)
        if text[-1:] == (b'\n' if isinstance(text, bytes) else u'\n'):
            self.flush()

    def lost(self, error):
        raise Unheard(getattr(error, 'strerror', None) or str(error))

    def __getattr__(self, name):
        return getattr(self._stream, name)


def heard(program, command, arguments):
    """Run a command and return its exit status.

    2 on an InputError, which is printed, or if its output was lost.  A full
    disk and a reader that closed the pipe are told in a sentence: who asked
    whether a bag is valid should not take silence for an answer.

    Parameters
    ----------
    program : str, its name in the sentence
    command : callable
        Of the `arguments`; prints to sys.stdout and returns a status.
    """
    stream, sys.stdout = sys.stdout, _Heard(sys.stdout)
    try:
        return command(arguments)
    except InputError as error:
        tell_stderr(printable('error: %s' % error))
        return USER_ERROR
    except Unheard as error:
        tell_stderr('%s: error: what it found cannot be written to standard '
                    'output: %s' % (program, error))
        return UNHEARD
    finally:
        sys.stdout = stream

"""What a run can end with, and its exit status."""
from __future__ import division, print_function

from untapped.errors import InputError

__all__ = ['UserError', 'SavingError', 'USER_ERROR', 'DIVERGED']

# 0: fine.  128 + signal: stopped by a signal (130 Ctrl-C, 143 SIGTERM).
USER_ERROR = 2
DIVERGED = 3


class UserError(InputError):
    """Something the user can mend; the message is one sentence."""


class SavingError(UserError):
    """A file of the run folder could not be written; earlier ones stand."""

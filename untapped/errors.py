"""What errors that a user meets are kinds of, and a run's exit statuses.

A kind that one module alone raises stands there: `model.state.StateError`,
`model.arrays.SparseError`, `runs.checkpoints.CheckpointError` and others.
Training that ends in NaN is no mistake of the user's, and so no InputError:
`model.training.TrainingDiverged`, exit status 3.
"""

__all__ = ['DIVERGED', 'DataError', 'FlagsError', 'InputError',
           'SavingError', 'USER_ERROR', 'UserError']

# 0: fine.  128 + signal: stopped by a signal (130 Ctrl-C, 143 SIGTERM).
USER_ERROR = 2
DIVERGED = 3


class InputError(ValueError):
    """An argument is not what was expected.

    The message is one sentence that names the argument and what was
    expected; scripts print it and end with exit status 2.  It is one line,
    and can be printed, whatever a path in it holds.
    """
    def __str__(self):
        told = self.args[0] if len(self.args) == 1 else self.args
        if str is bytes and isinstance(told, type(u'')):
            # Python 2 would say that it is no ASCII
            told = told.encode('utf-8')
        return str(told).replace('\n', '\\n').replace('\r', '\\r')

    def __unicode__(self):
        return str(self).decode('utf-8', 'replace')


class DataError(InputError):
    """Data that cannot be used; the message is one sentence."""


class FlagsError(InputError):
    """The environment asks for pins in a way that cannot be understood."""


class UserError(InputError):
    """Something the user can mend; the message is one sentence."""


class SavingError(UserError):
    """A file of the run folder could not be written; earlier ones stand."""

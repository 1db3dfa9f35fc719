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
    expected; scripts print it and end with exit status 2.
    """


class DataError(InputError):
    """Data that cannot be used; the message is one sentence."""


class FlagsError(InputError):
    """The environment asks for pins in a way that cannot be understood."""


class UserError(InputError):
    """Something the user can mend; the message is one sentence."""


class SavingError(UserError):
    """A file of the run folder could not be written; earlier ones stand."""

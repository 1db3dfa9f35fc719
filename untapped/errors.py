"""What a user of the package can get wrong."""

__all__ = ['InputError']


class InputError(ValueError):
    """An argument is not what was expected.

    The message is one sentence that names the argument and what was
    expected; scripts print it and end with exit status 2.
    """

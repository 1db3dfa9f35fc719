"""The command, as a user calls it; checkouts of the originals."""
import os

import pytest

from untapped.datasets import __main__ as command


@pytest.fixture
def refused(capsys):
    """``refused(arguments)``: the sentence of a command that ended with 2,
    having left no new file behind at its last path."""
    def sentence(*arguments):
        assert command.main([str(each) for each in arguments]) == 2
        out, error = capsys.readouterr()
        assert not out and error.count('\n') == 1
        assert error.startswith('error: ') and error.endswith('.\n')
        return error
    return sentence


@pytest.fixture
def originals():
    """``originals(variable)``: the checkout that the environment names."""
    def folder(variable):
        if not os.environ.get(variable):
            pytest.skip('the originals are not here (%s)' % variable)
        return os.environ[variable]
    return folder

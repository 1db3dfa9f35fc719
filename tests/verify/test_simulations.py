"""The command that holds the simulations against measured spectra."""
from untapped.verify.simulations import __main__ as command


def test_compare_without_files_is_an_error(capsys):
    assert command.main(['compare']) == 2
    assert '--library, --product or --targets' in capsys.readouterr().err

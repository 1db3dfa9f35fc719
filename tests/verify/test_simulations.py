"""The command that holds the simulations against measured spectra."""
import pytest

from untapped.verify.simulations import __main__ as command, scatter


def test_compare_without_files_is_an_error(capsys):
    assert command.main(['compare']) == 2
    assert '--library, --product or --targets' in capsys.readouterr().err


@pytest.mark.parametrize('given, said', [
    (['--library', 'x', '--simulator', '2'],
     'argument --simulator: expected with --targets'),
    (['--library', 'x', '--seeds', '2'], 'argument --seeds: expected with'),
    (['--targets', 'x', '--scale', '1'],
     'argument --scale: expected with --simulator 2')])
def test_options_that_nothing_would_read_are_refused(capsys, given, said):
    assert command.main(['compare'] + given) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize('given', [['--seeds', '0'], ['--scale', '-1']])
def test_numbers_that_cannot_be_meant_are_refused(capsys, given):
    with pytest.raises(SystemExit):
        command.main(['compare', '--targets', 'x'] + given)
    assert 'argument %s: expected' % given[0] in capsys.readouterr().err


def test_what_is_asked_of_the_targets_reaches_the_simulations(monkeypatch,
                                                              capsys):
    asked = []
    monkeypatch.setattr(scatter, 'report', lambda *given, **named:
                        asked.append((given, named)) or ['told'])
    assert command.main(['compare', '--targets', 'x', '--simulator', '2',
                         '--seeds', '3', '--scale', '.6']) == 0
    assert asked == [(('x',), dict(simulator=2, seeds=3, scale=.6))]
    assert capsys.readouterr().out.endswith('told\n')

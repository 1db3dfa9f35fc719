"""Whole runs on a tiny CRISM file, through the command line.

One run is shared by the tests that only look at its results.
"""
from __future__ import division, print_function

import csv
import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

import forked
from untapped import datasets
from untapped.experiments import inputs, presets, runner
from untapped.machine.signals import Interrupts, Stopped
from untapped.report import paper

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
SMALL = ['--batch-size', '20', '--epochs', '2', '--eval-every', '1',
         '--sample-seed', '3', '--model', 'untapped']


def run_here(arguments):
    return runner.main('crism', [str(a) for a in arguments])


def start(arguments):
    """A run as a process of its own, which has loaded all it needs."""
    return forked.Run('crism', arguments)


def script(arguments, **options):
    """run_crism.py as a process of its own."""
    return subprocess.Popen(
        [sys.executable, os.path.join(ROOT, 'run_crism.py')]
        + [str(a) for a in arguments], stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, universal_newlines=True, **options)


def only_folder(parent):
    name, = os.listdir(str(parent))
    return os.path.join(str(parent), name)


def read_json(folder, name):
    with open(os.path.join(folder, name)) as stream:
        return json.load(stream)


class Run(object):
    def __init__(self, status, folder, printed):
        self.status, self.folder, self.printed = status, folder, printed
        self.config = read_json(folder, 'config.json')
        self.metrics = read_json(folder, 'metrics.json')


@pytest.fixture(scope='module')
def run(tiny, tmpdir_factory):
    """A run of two epochs that went well."""
    import io
    parent = tmpdir_factory.mktemp('results')
    printed = io.BytesIO() if str is bytes else io.StringIO()
    before, sys.stdout = sys.stdout, printed
    try:
        status = run_here(['--data', tiny, '--out', parent] + SMALL)
    finally:
        sys.stdout = before
    return Run(status, only_folder(parent), printed.getvalue())


@pytest.mark.parametrize('arguments, message', [
    ([], 'no folder of splib07a'), (['--data-folder', 'files'], 'simulated')])
def test_endmembers_that_cannot_be_had_are_one_sentence(
        tiny, tmpdir, capsys, arguments, message):
    if arguments:
        arguments = ['--data-folder', os.path.dirname(tiny)]
    folder = str(tmpdir.join('none'))
    assert run_here(['--endmembers', folder, '--out', tmpdir]
                    + arguments) == 2
    complaint = capsys.readouterr()[1].strip()
    assert 'argument --endmembers (%s): ' % folder in complaint
    assert message in complaint and '\n' not in complaint
    assert os.listdir(str(tmpdir)) == []


def test_a_simulator_of_data_in_a_file_is_one_sentence(tiny, tmpdir, capsys):
    assert run_here(['--simulator', '2', '--data-folder',
                     os.path.dirname(tiny), '--out', tmpdir]) == 2
    complaint = capsys.readouterr()[1].strip()
    assert 'argument --simulator (2): simulator is an option of simulated ' \
        'data; ' in complaint and '\n' not in complaint
    assert os.listdir(str(tmpdir)) == []


def test_a_run_writes_its_files(run):
    assert run.status == 0
    assert sorted(os.listdir(run.folder)) == [
        'answers.npz', 'config.json', 'evaluation.png', 'figures', 'log.txt',
        'manifest.json', 'metrics.json', 'parameters.npz', 'records.csv',
        'records.json', 'report.html', 'report.json',
        'ro-crate-metadata.json', 'tables', 'train.png']


def test_the_first_line_is_the_data_source(run, tiny):
    first = run.printed.split('\n')[0]
    assert first.startswith('Data: ') and tiny in first
    assert run.metrics['data']['kind'] == 'file'
    assert tiny in run.metrics['data']['source']


def test_the_last_lines_are_the_hash_and_the_folder(run):
    lines = run.printed.strip().split('\n')
    assert lines[-1] == 'Results: ' + run.folder
    assert lines[-2].endswith(run.metrics['parameters_sha256']['end'])


def test_the_hash_is_that_of_the_saved_parameters(run):
    digest = hashlib.sha256()
    with np.load(os.path.join(run.folder, 'parameters.npz')) as saved:
        # The archive keeps the model's order.
        for name in saved.files:
            digest.update(saved[name].tobytes())
    sha256 = run.metrics['parameters_sha256']
    assert digest.hexdigest() == sha256['end'] != sha256['start']


def test_config_holds_every_setting_resolved(run):
    expected = presets.preset('crism', 'published')
    expected.update(num_epochs=2, eval_freq=1, seed=1234, numerics='exact')
    expected.update((key, 20) for key in presets.BATCH_SIZES)
    assert run.config['settings'] == expected
    assert run.config['seeds'] == {'seed': 1234, 'sample_seed': 3,
                                   'data_seed': 0}
    assert run.config['started_utc'].endswith('Z')


def test_metrics_name_status_and_epochs(run):
    assert run.metrics['status'] == 'complete'
    assert run.metrics['stopped_early'] is False
    assert run.metrics['epochs'] == {'asked': 2, 'done': 2}
    assert sorted(run.metrics['validation']) == [
        'generation_error', 'generation_error_own_z', 'kl']
    assert sorted(run.metrics['endmember_error']) == [
        'bytownite', 'diopside', 'mean', 'olivine']


def test_metrics_repeat_the_last_record(run):
    with open(os.path.join(run.folder, 'records.csv')) as stream:
        rows = list(csv.DictReader(stream))
    assert [(r['epoch'], r['record']) for r in rows] == [
        (e, n) for e in '12' for n in ('train', 'eval1', 'evalN')]
    last = run.metrics['last_evaluation']
    assert last['epoch'] == 2
    assert float(rows[3]['objective']) == last['train']['train']
    assert float(rows[5]['M2_x']) == last['evalN']['M2_x']


def test_the_objective_is_the_weighted_sum_of_its_terms(run):
    # Eq. (15), minimized, with the weights of the CRISM experiment.
    record = run.metrics['last_evaluation']['train']
    expected = (record['M2_x_sup'] + record['M2_x']
                + .01 * (record['M2_y_sup'] + record['M2_y'])
                + record['M2_x_sup_dis'] + record['M2_y_sup_dis'])
    assert abs(record['train'] - expected) < 1e-4 * abs(expected)


def test_the_table_shows_metrics_and_terms(run):
    for value in (run.metrics['validation']['kl'],
                  run.metrics['validation']['generation_error'],
                  run.metrics['endmember_error']['mean'],
                  run.metrics['last_evaluation']['train']['M2_y']):
        assert '%.6g' % value in run.printed
    assert 'eq. (20)' in run.printed


def test_the_page_says_how_to_repeat_the_run(run):
    with open(os.path.join(run.folder, 'report.html'), 'rb') as stream:
        assert b'python run_crism.py --data' in stream.read()


def test_the_log_has_what_was_printed(run):
    with open(os.path.join(run.folder, 'log.txt')) as stream:
        assert stream.read() == run.printed


def test_same_files_in_another_process_time_zone_and_with_a_closed_pipe(
        run, tiny, tmpdir):
    environment = dict(os.environ, TZ='Asia/Tokyo', LC_ALL='C')
    process = script(['--data', tiny, '--out', tmpdir] + SMALL,
                     env=environment)
    assert process.stdout.readline().startswith('Data: ')
    process.stdout.close()
    process.stderr.read()
    assert process.wait() == 0
    folder = only_folder(tmpdir)
    assert sorted(os.listdir(folder)) == sorted(os.listdir(run.folder))
    for name in ('metrics.json', 'records.csv', 'records.json',
                 'parameters.npz', 'train.png', 'evaluation.png',
                 'answers.npz', 'figures/figure5.png', 'figures/figure5.pdf',
                 'tables/table2.csv'):
        with open(os.path.join(folder, name), 'rb') as one, \
                open(os.path.join(run.folder, name), 'rb') as other:
            assert one.read() == other.read(), name


def test_a_real_ctrl_c_saves_what_was_learned(run, tiny, tmpdir):
    process = script(['--data', tiny, '--out', tmpdir, '--batch-size', '20',
                      '--epochs', '100000', '--eval-every', '2',
                      '--model', 'm2'])
    for line in iter(process.stdout.readline, ''):
        # the first line comes before the first checkpoint
        if line.startswith('epoch ') and not line.startswith('epoch 2 '):
            break
    process.send_signal(signal.SIGINT)
    _, told = process.communicate()
    assert process.returncode == 130
    folder = only_folder(tmpdir)
    assert 'is saved in ' + folder in told and 'Traceback' not in told
    # and checkpoints, to go on from
    kept = [name for name in os.listdir(folder)
            if name.startswith('checkpoint-')]
    assert 1 <= len(kept) <= 2
    assert sorted(set(os.listdir(folder)) - set(kept)) == sorted(
        os.listdir(run.folder))
    metrics = read_json(folder, 'metrics.json')
    assert metrics['status'] == 'stopped early'
    assert metrics['stopped_early'] is True
    assert 2 <= metrics['epochs']['done'] < 100000
    sha256 = metrics['parameters_sha256']
    assert sha256['start'] != sha256['end']


def test_nan_in_training_keeps_the_last_good_parameters(tiny, tmpdir,
                                                        capsys):
    status = run_here(['--data', tiny, '--out', tmpdir, '--batch-size', '20',
                       '--epochs', '50', '--eval-every', '50',
                       '--learning-rate', '1e30', '--model', 'm2'])
    assert status == 3
    printed, told = capsys.readouterr()
    folder = only_folder(tmpdir)
    assert 'NaN in training: ' in told and 'in epoch ' in told
    assert os.path.join(folder, 'parameters.npz') in told
    with np.load(os.path.join(folder, 'parameters.npz')) as saved:
        for name in saved.files:
            assert np.isfinite(saved[name]).all(), name
    assert read_json(folder, 'metrics.json')['status'] == 'diverged'


@pytest.mark.parametrize('arguments, part', [
    (['--data', '/nowhere/crism.pkl.gz'], '/nowhere/crism.pkl.gz'),
    (['--data', 'BROKEN'], 'broken.pkl.gz'),
    (['--out', 'FILE'], '--out'),
    (['--out', '/proc/results'], '--out'),
])
def test_a_users_mistake_is_one_sentence_and_leaves_nothing(
        tiny, tmpdir, capsys, arguments, part):
    broken = tmpdir.join('broken.pkl.gz')
    with open(tiny, 'rb') as stream:
        broken.write_binary(stream.read()[:2000])
    names = {'BROKEN': str(broken), 'FILE': str(broken)}
    arguments = [names.get(a, a) for a in arguments]
    defaults = ['--data', tiny, '--out', tmpdir.join('results')]
    assert run_here(defaults + SMALL + arguments) == 2
    printed, told = capsys.readouterr()
    assert part in told and told.count('\n') == 1
    assert 'Traceback' not in told
    assert not tmpdir.join('results').check()


def test_debug_shows_the_traceback(capsys):
    assert run_here(['--data', '/nowhere', '--debug']) == 2
    told = capsys.readouterr()[1]
    assert 'Traceback' in told and 'DataError' in told


def test_the_draws_are_those_of_the_published_demos(tiny):
    # One generator: 12 seeds, the split, z for training, z for validation.
    raw = datasets.load('crism', tiny)
    data, z2, z2_valid, sample_seeds = inputs.training_data(raw, 5, 1)
    rng = np.random.RandomState(5)
    seeds = [rng.randint(1, 2147462579) for _ in range(12)]
    datasets.prepare(raw, rng)
    assert list(sample_seeds.values()) == seeds
    for z in (z2, z2_valid):
        assert z.dtype == np.float32
        assert np.array_equal(z, rng.uniform(-1.5, 1.5, (501, 1)).astype(
            'float32'))


def test_the_draws_leave_numpys_global_generator_alone(tiny):
    raw = datasets.load('crism', tiny)
    np.random.seed(0)
    expected = np.random.RandomState(0).rand()
    inputs.training_data(raw, 5, 1)
    assert np.random.rand() == expected


def test_the_first_signal_asks_and_the_second_ends():
    asked = []
    with Interrupts() as interrupts:
        interrupts.training(lambda: asked.append(1))
        os.kill(os.getpid(), signal.SIGINT)
        assert asked == [1] and interrupts.exit_status == 130
        with pytest.raises(Stopped):
            os.kill(os.getpid(), signal.SIGINT)
    assert asked == [1]


def test_outside_training_a_signal_ends_at_once():
    with Interrupts() as interrupts:
        with pytest.raises(Stopped) as stopped:
            os.kill(os.getpid(), signal.SIGTERM)
        assert stopped.value.signum == signal.SIGTERM
        assert interrupts.exit_status == 143


def test_a_stop_that_was_caught_on_its_way_is_raised_again():
    with Interrupts() as interrupts:
        interrupts.check()
        try:
            os.kill(os.getpid(), signal.SIGTERM)
        except:         # noqa: E722, as Theano has it where it is loaded
            pass
        with pytest.raises(Stopped):
            interrupts.check()


def handles(pid, signum):
    """Whether a process has a handler for a signal (Linux)."""
    with open('/proc/%d/status' % pid) as stream:
        caught, = [line for line in stream if line.startswith('SigCgt')]
    return int(caught.split()[1], 16) >> (signum - 1) & 1


@pytest.mark.parametrize('seconds', [0., .5, 1.])
@pytest.mark.parametrize('signum', [signal.SIGINT, signal.SIGTERM])
def test_a_stop_while_modules_load_is_told_in_a_line(tmpdir, signum, seconds):
    process = script(['--out', tmpdir.join('out')])
    while not handles(process.pid, signal.SIGTERM):
        assert process.poll() is None
        time.sleep(.01)
    time.sleep(seconds)
    process.send_signal(signum)
    told = process.communicate()[1]
    assert process.returncode == 128 + signum
    assert told == 'run_crism.py: stopped at once; nothing was saved\n'
    assert not tmpdir.join('out').check() or not tmpdir.join('out').listdir()


def test_a_stop_that_ends_the_compiler_too_is_a_stop(monkeypatch, capsys):
    """Ctrl-C reaches g++, of the same group; what fails is not its folder."""
    def fails(options, output, interrupts):
        os.kill(os.getpid(), signal.SIGINT)
        raise RuntimeError('g++ failed:')
    monkeypatch.setattr(runner, '_run', fails)
    monkeypatch.setattr(runner, 'explained', lambda error, trace: 'folder')
    monkeypatch.setattr(Interrupts, '_handle', lambda self, signum,
                        frame: setattr(self, 'signum', signum))
    assert runner.main('crism', ['--quick', '--quiet']) == 130
    assert 'stopped at once; nothing was saved' in capsys.readouterr()[1]


@pytest.mark.parametrize('flags, why', [
    ('device="cpu', 'got device="cpu (No closing quotation)'),
    ('device=abacus', 'Invalid value ("cpu") for configuration variable'),
    ('linker=thread', 'Invalid value ("thread") for')])
def test_flags_that_theano_cannot_read_are_named(tmpdir, flags, why):
    process = script(['--out', tmpdir.join('out')],
                     env=dict(os.environ, THEANO_FLAGS=flags,
                              UNTAPPED_PINS='environment'))
    told = process.communicate()[1]
    assert process.returncode == 2
    assert told.startswith('run_crism.py: error: THEANO_FLAGS: expected ')
    assert why in told and told.count('\n') == 1
    assert not tmpdir.join('out').check()


def test_handlers_are_given_back_and_threads_go_without():
    before = signal.getsignal(signal.SIGINT)
    with Interrupts():
        assert signal.getsignal(signal.SIGINT) != before
    assert signal.getsignal(signal.SIGINT) == before
    failed = []

    def inside():
        try:
            with Interrupts():
                pass
        except ValueError as error:
            failed.append(error)

    thread = threading.Thread(target=inside)
    thread.start()
    thread.join()
    assert not failed


# Comparisons ----------------------------------------------------------------

class Repeated(object):
    """A comparison of PLS, M2 and Untapped, for two seeds side by side."""

    def __init__(self, tiny, parent):
        process = start(['--data', tiny, '--out', parent, '--name', 'two',
                         '--seeds', '2', '--jobs', '2'] + SMALL
                        + ['--model', 'all'])
        self.printed, told = process.communicate()
        assert process.returncode == 0, told
        self.folder = parent.join('two')


@pytest.fixture(scope='module')
def repeated(tiny, tmpdir_factory):
    return Repeated(tiny, tmpdir_factory.mktemp('repeated'))


@pytest.fixture(scope='module')
def compared(repeated):
    """The run of the first seed: PLS, M2 and Untapped."""
    return repeated.folder.join('runs', 'seed-1234')


def test_a_comparison_has_a_folder_a_method(compared):
    assert sorted(p.basename for p in compared.listdir()) == [
        'config.json', 'figures', 'log.txt', 'm2', 'manifest.json',
        'metrics.json', 'pls', 'pls_published',
        'report.html', 'report.json', 'ro-crate-metadata.json', 'tables',
        'untapped']
    for key in ('m2', 'untapped'):
        assert sorted(p.basename for p in compared.join(key).listdir()) == [
            'answers.npz', 'evaluation.png', 'metrics.json',
            'parameters.npz', 'records.csv', 'records.json', 'train.png']


def test_untapped_has_the_bits_of_a_run_of_its_own(compared, run):
    with np.load(str(compared.join('untapped', 'parameters.npz'))) as both, \
            np.load(os.path.join(run.folder, 'parameters.npz')) as alone:
        assert both.files == alone.files
        for name in alone.files:
            assert both[name].tobytes() == alone[name].tobytes()


def test_both_models_start_from_the_same_weights(compared):
    metrics = read_json(str(compared), 'metrics.json')
    m2, untapped = [metrics['methods'][key]['parameters_sha256']
                    for key in ('m2', 'untapped')]
    assert m2['start'] == untapped['start']
    assert m2['end'] != untapped['end']


def test_metrics_can_be_computed_again_from_the_answers(compared, tiny):
    from scipy import stats
    raw = datasets.load('crism', tiny)
    data = inputs.training_data(raw, 3, 1).data
    true = data.y_valid.astype('float64')
    true = np.column_stack([true, 1 - true.sum(axis=1)]).clip(1e-6, 1)
    for key in ('pls', 'm2', 'untapped'):
        metrics = read_json(str(compared.join(key)), 'metrics.json')
        with np.load(str(compared.join(key, 'answers.npz'))) as answers:
            predicted = answers['predicted'].astype('float64')
            predicted = np.column_stack([
                predicted, 1 - predicted.sum(axis=1)]).clip(1e-6, 1)
            kl = stats.entropy(true.T, predicted.T).mean()
            assert abs(metrics['validation']['kl'] - kl) < 1e-4 * kl
            if key == 'pls':
                continue
            for part, name in enumerate(data.names):
                off = answers['endmembers'][part] - data.endmembers[part]
                error = sum(float(d) ** 2 for d in off) ** .5
                assert abs(metrics['endmember_error'][name] - error) < 1e-6


def test_the_tables_hold_the_metrics_and_the_papers_numbers(compared):
    metrics = read_json(str(compared), 'metrics.json')['methods']
    with open(str(compared.join('tables', 'table2.csv'))) as stream:
        rows = list(csv.DictReader(stream))
    assert [rows[0][name] for name in ('PLS, published', 'M2',
                                       'Untapped')] == [
        '0.036', '0.061', '0.058']
    names = dict(paper.METHODS)
    assert sorted(metrics) == ['m2', 'pls', 'pls_published', 'untapped']
    for key in metrics:
        assert float(rows[1][names[key]]) == metrics[key]['validation']['kl']


def test_the_page_tells_source_verdict_and_command(compared, tiny):
    with open(str(compared.join('report.html')), 'rb') as stream:
        text = stream.read().decode('utf-8')
    assert 'Table 2' in text and 'Figure 5' in text and tiny in text
    assert 'KL of abundances: Untapped' in text
    assert 'python -m untapped.experiments ' in text
    assert '--experiment crism' in text
    assert 'Trained for 2 of the 5000 epochs' in text
    assert text.count('data:image/png;base64,') == 4


def test_a_comparison_is_held_against_another(compared, run, tmpdir):
    from untapped.verify import compare, runs
    sections = runs.compare_runs(str(compared), str(compared))
    assert list(sections) == ['settings'] + [
        model + what for model in ('m2', 'untapped')
        for what in (' records', ' metrics', ' parameters')]
    assert compare.verdict(sections)[1] == 0
    # of a comparison and one model alone nothing is passed over
    sections = runs.compare_runs(str(compared), run.folder)
    assert compare.verdict(sections)[1] != 0


def test_a_taken_name_is_refused_and_left_alone(compared, tiny):
    before = sorted(os.listdir(str(compared)))
    with pytest.raises(SystemExit) as error:
        run_here(['--data', tiny, '--out', compared.dirname, '--name',
                  compared.basename] + SMALL)
    assert error.value.code == 2
    assert sorted(os.listdir(str(compared))) == before


def test_seeds_are_repeated_side_by_side_and_summed_up(repeated, run):
    folder = str(repeated.folder)
    assert sorted(os.listdir(os.path.join(folder, 'runs'))) == [
        'seed-1234', 'seed-1235']
    found = read_json(folder, 'metrics.json')
    metrics = found.pop('runs')
    assert found.pop('comparison')['over'].startswith('2 seeds: ')
    # under the same head as one run
    assert found == dict([(key, run.metrics[key]) for key in (
        'experiment', 'preset', 'objective', 'reverse', 'quick', 'data',
        'seeds')], model='all')
    kl = [metrics[name]['untapped']['validation']['kl']
          for name in ('seed-1234', 'seed-1235')]
    with open(os.path.join(folder, 'tables', 'repeats.csv')) as stream:
        rows = [row for row in csv.DictReader(stream)
                if row['Quantity'].startswith('KL')
                and row['Method'] == 'Untapped']
    assert abs(float(rows[0]['mean']) - (kl[0] + kl[1]) / 2) < 1e-12
    assert abs(float(rows[0]['standard deviation'])
               - abs(kl[0] - kl[1]) / 2 ** .5) < 1e-12
    # the first seed's run is the run without --seeds, to the bit
    assert metrics['seed-1234']['untapped']['parameters_sha256'] == \
        run.metrics['parameters_sha256']
    assert 'Untapped better in' in repeated.printed
    with open(os.path.join(folder, 'tables', 'runs.csv')) as stream:
        # a head; each of the four methods, of two seeds
        assert len(stream.readlines()) == 1 + 2 * 4
    with open(os.path.join(folder, 'report.html'), 'rb') as stream:
        assert b'seed-1234 alone' in stream.read()

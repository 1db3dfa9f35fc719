"""A fit that goes on from a state ends with the same bits."""
from __future__ import division, print_function

import hashlib
import json
import os

import numpy as np
import pytest

from test_model import data, model, validation
from untapped.errors import InputError
from untapped.model.states import StateError
from untapped.runs import checkpoints


def fit(one, **options):
    given = dict(data(), **validation())
    given.update(X__valid=data(seed=2)['X_'], _y_valid=data(seed=2)['_y'],
                 z2_valid=data(seed=2)['z2'])
    return one.fit(**dict(given, **options))


def whole_run(**options):
    """A model of six epochs, and its state after each."""
    states = []

    def monitor(event):
        if event.kind == 'epoch':
            states.append(one.state())

    one = model(num_epochs=6, eval_freq=2, anneal_lr_epoch=2, **options)
    return fit(one, monitor=monitor), states


@pytest.fixture(scope='module')
def run():
    return whole_run()


def assert_same(state, expected):
    assert list(state) == list(expected)
    for name in expected:
        assert state[name].dtype == expected[name].dtype, name
        assert state[name].tobytes() == expected[name].tobytes(), name


@pytest.mark.parametrize('epoch', [1, 2, 5])
def test_a_fit_from_a_state_ends_with_the_same_bits(run, epoch, tmpdir):
    one, states = run
    path = tmpdir.join('checkpoint')
    path.write_binary(checkpoints.to_bytes(states[epoch - 1]))
    again = fit(model(num_epochs=6, eval_freq=2, anneal_lr_epoch=2),
                state=checkpoints.read(str(path)))
    assert_same(again.state(), states[-1])
    assert again.parameters_sha256() == one.parameters_sha256()
    assert again.history_.epochs == [2, 4, 6]
    for record in ('train', 'eval1', 'evalN'):
        assert getattr(again.history_, record) == \
            getattr(one.history_, record)


def test_a_fit_from_its_last_state_changes_nothing(run):
    one, states = run
    again = fit(model(num_epochs=6, eval_freq=2, anneal_lr_epoch=2),
                state=states[-1])
    assert_same(again.state(), states[-1])


def test_taking_states_changes_no_bit(run):
    one = fit(model(num_epochs=6, eval_freq=2, anneal_lr_epoch=2))
    assert one.parameters_sha256() == run[0].parameters_sha256()


def test_the_state_holds_every_variable_that_training_updates(run):
    """Compared with what Theano itself lists as updated."""
    resumable = run[0]._resumable
    kept = [v.container for v in resumable.variables.values()]
    updated = [given for walk in resumable.passes.values()
               for given in walk._function.maker.expanded_inputs
               if given.update is not None]
    assert len(updated) > 20
    for given in updated:
        assert any(given.value is container for container in kept), given
    streams = [name for name in resumable.variables
               if name.startswith('stream ')]
    assert len(streams) > 3


def test_each_part_of_the_state_moves(run):
    """What never changed would not need to be kept."""
    _, states = run
    still = [name for name in states[0]
             if states[0][name].tobytes() == states[-1][name].tobytes()]
    # whether numpy's generator holds a spare normal number: it never does
    assert still == ['generator gauss'], still


def test_a_states_arrays_are_its_own(run):
    _, states = run
    assert not any(np.may_share_memory(states[0][name], states[1][name])
                   for name in states[0])


def test_another_models_state_is_refused(run):
    state = run[1][0]
    with pytest.raises(InputError, match='found a difference at'):
        fit(model(num_epochs=6, coeff_y_dis=0), state=state)
    other = dict(state)
    name = [n for n in other if n.startswith('parameter ')][0]
    other[name] = other[name][:1]
    with pytest.raises(InputError, match='found a difference at'):
        fit(model(num_epochs=6), state=other)


@pytest.mark.parametrize('name, spoil', [
    ('generator position', lambda a: np.array([10 ** 9, 0])),
    ('generator position', lambda a: np.array([-1, 0])),
    ('order train', lambda a: a + 1),
    ('epoch', lambda a: np.array(7)),
    ('lr', lambda a: np.array(np.nan)),
    ('record epochs', lambda a: a[:0]),
    ('adam 0', lambda a: a.astype('float64'))])
def test_a_hostile_state_is_refused_and_nothing_is_set(run, name, spoil):
    """numpy's generator crashes at a position that is out of range."""
    one, states = run
    before = one.state()
    hostile = dict(states[2])
    hostile[name] = spoil(hostile[name])
    with pytest.raises(StateError, match=name):
        one._resumable.set(hostile)
    assert_same(one.state(), before)


def test_in_the_middle_of_an_epoch_there_is_no_state():
    one = model(num_epochs=3, eval_freq=1, coeff_y=0, variational=False)
    said = []

    def monitor(event):
        if event.kind == 'evaluation':
            one.request_stop()
        else:
            said.append(event.whole)

    fit(one, monitor=monitor)
    assert one.stopped_early_ and said == [False]
    with pytest.raises(InputError, match='middle of an epoch'):
        one.state()
    with pytest.raises(InputError, match='expected a call of fit'):
        model().build().state()


def test_batch_normalisation_goes_on_too():
    from test_model import networks
    nets = networks()
    for net in nets.values():
        net['arch']['batch_norm'] = True
    one, states = whole_run(model_dict=nets)
    again = fit(model(num_epochs=6, eval_freq=2, anneal_lr_epoch=2,
                      model_dict=nets), state=states[2])
    assert_same(again.state(), states[-1])


# the files

STATE = {'epoch': np.array(7), 'a': np.arange(5.), 'b': np.array(b'text')}


class Folder(object):
    """What checkpoints ask of a run folder."""

    def __init__(self, path):
        self.path = str(path)

    def join(self, name):
        return os.path.join(self.path, name)

    def file(self, name):
        return open(self.join(name), 'wb')


def test_two_checkpoints_are_kept(tmpdir):
    for epoch in (1, 5, 12, 100):
        checkpoints.write(Folder(tmpdir), dict(STATE, epoch=np.array(epoch)))
    assert sorted(os.listdir(str(tmpdir))) == ['checkpoint-00000012',
                                               'checkpoint-00000100']
    state, complaints, path = checkpoints.latest(str(tmpdir))
    assert state['epoch'] == 100 and not complaints
    assert path == str(tmpdir.join('checkpoint-00000100'))
    assert state['a'].tolist() == STATE['a'].tolist()
    assert state['b'] == b'text'


def test_a_truncated_or_changed_checkpoint_gives_way_to_the_one_before(
        tmpdir):
    for epoch in (1, 2):
        checkpoints.write(Folder(tmpdir), dict(STATE, epoch=np.array(epoch)))
    last = tmpdir.join('checkpoint-00000002')
    content = last.read_binary()
    damaged = [content[:n] for n in range(len(content))]
    for place in range(0, len(content), 7):
        changed = bytearray(content)
        changed[place] ^= 4
        damaged.append(bytes(changed))
    for bad in damaged:
        last.write_binary(bad)
        state, complaints, _ = checkpoints.latest(str(tmpdir))
        assert state['epoch'] == 1
        assert str(last) in complaints[0] and len(complaints) == 1


def test_without_a_whole_checkpoint_there_is_none(tmpdir):
    assert checkpoints.latest(str(tmpdir)) == (None, [], None)
    tmpdir.join('checkpoint-00000002').write('')
    state, complaints, _ = checkpoints.latest(str(tmpdir))
    assert state is None and 'is no checkpoint' in complaints[0]


def with_hash(body):
    """A file whose hash is right, whatever it holds."""
    return b'\n'.join([checkpoints.FIRST_LINE[:-1], hashlib.sha256(
        body).hexdigest().encode('ascii'), body])


GOOD = checkpoints.to_bytes(STATE).split(b'\n', 2)[2]
LINE, ARRAYS = GOOD.split(b'\n', 1)


@pytest.mark.parametrize('body', [
    b'', b'\n', b'{}\n', b'3\n', b'[', b'[' * 10 ** 5 + b'\n' + ARRAYS,
    b'[["a"], {}, 3]\n' + ARRAYS, b'["a", "a", "a"]\n' + ARRAYS,
    json.dumps(['%d' % n for n in range(10 ** 5)]).encode('ascii') + b'\n',
    b'["' + b'a' * 10 ** 7 + b'"]\n' + ARRAYS, LINE + b'\n', GOOD[:-1],
    GOOD + b'more', GOOD.replace(b'<f8', b'|O8'),
    GOOD.replace(b'(5,)', b'(9999999999,)'), GOOD.replace(b'(5,)', b'(-5,)'),
    GOOD.replace(b'(5,), ', b'1+1+1,')])
def test_a_file_of_the_right_hash_that_is_no_state_is_refused(tmpdir, body):
    """It does not give way to the one before: no accident made it."""
    checkpoints.write(Folder(tmpdir), dict(STATE, epoch=np.array(1)))
    path = tmpdir.join('checkpoint-00000002')
    path.write_binary(with_hash(GOOD))
    assert checkpoints.latest(str(tmpdir))[0]['epoch'] == 7
    path.write_binary(with_hash(body))
    with pytest.raises(checkpoints.CheckpointError) as error:
        checkpoints.latest(str(tmpdir))
    assert str(path) in str(error.value) and '\n' not in str(error.value)


def test_a_file_of_more_bytes_than_expected_is_refused(tmpdir):
    path = tmpdir.join('checkpoint-00000002')
    path.write_binary(checkpoints.to_bytes(STATE))
    size = path.size()
    assert checkpoints.latest(str(tmpdir), size)[0]
    with pytest.raises(checkpoints.CheckpointError, match='more than'):
        checkpoints.latest(str(tmpdir), size - 1)


def test_what_is_no_regular_file_is_passed_over(tmpdir):
    """A pipe would be waited for, a link leads elsewhere."""
    elsewhere = tmpdir.join('elsewhere')
    elsewhere.write_binary(checkpoints.to_bytes(STATE))
    os.mkfifo(str(tmpdir.join('checkpoint-00000003')))
    tmpdir.join('checkpoint-00000004').mksymlinkto(elsewhere)
    tmpdir.mkdir('checkpoint-00000005')
    state, complaints, _ = checkpoints.latest(str(tmpdir))
    assert state is None and len(complaints) == 2
    assert 'is a symbolic link' in complaints[0]
    assert 'is no regular file' in complaints[1]
    for epoch in (6, 7, 8):
        checkpoints.write(Folder(tmpdir), dict(STATE, epoch=np.array(epoch)))
    assert elsewhere.check()
    assert sorted(os.listdir(str(tmpdir))) == [
        'checkpoint-00000005', 'checkpoint-00000007', 'checkpoint-00000008',
        'elsewhere']

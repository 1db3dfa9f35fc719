"""A fit that goes on from a state ends with the same bits."""
from __future__ import division, print_function

import os

import numpy as np
import pytest

from test_model import data, model, validation
from untapped import checkpoints
from untapped.errors import InputError


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
    state, complaints = checkpoints.latest(str(tmpdir))
    assert state['epoch'] == 100 and not complaints
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
        state, complaints = checkpoints.latest(str(tmpdir))
        assert state['epoch'] == 1
        assert str(last) in complaints[0] and len(complaints) == 1


def test_without_a_whole_checkpoint_there_is_none(tmpdir):
    assert checkpoints.latest(str(tmpdir)) == (None, [])
    tmpdir.join('checkpoint-00000002').write('')
    state, complaints = checkpoints.latest(str(tmpdir))
    assert state is None and 'is no checkpoint' in complaints[0]

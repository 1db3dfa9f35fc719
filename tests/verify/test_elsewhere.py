"""Runs in several places: what is held against what, and what is told."""
from __future__ import division, print_function

import json
import os
from collections import OrderedDict

import numpy as np
import pytest

import strangers
from untapped.errors import UserError
from untapped.files.hashes import file_sha256
from untapped.runs import manifest
from untapped.runs.run_folder import RunFolder
from untapped.verify import elsewhere


def made(parent, name, weight=1., kl=.5, log=u'here'):
    """A run's folder with a manifest, as far as it is compared."""
    folder = RunFolder(str(parent), 'crism', name)
    folder.write_npz('m2/parameters.npz', OrderedDict([
        ('w', np.array([weight, 2.], 'float32'))]))
    folder.write_json('metrics.json', OrderedDict([('kl', kl)]))
    folder.write_text('log.txt', log)
    hashes = file_sha256(folder.join('m2/parameters.npz'))
    folder.write_json('manifest.json', strangers.manifest(
        parameters_sha256={'m2': {'start': '0' * 64, 'evaluations': [],
                                  'end': hashes}},
        outputs=manifest.outputs(folder.path)))
    return folder.path


def told(found):
    lines = []
    counts = elsewhere.compare_places(found, lines.append)
    return counts, '\n'.join(lines)


def test_equal_runs_have_one_hash_whatever_their_logs_say(tmpdir):
    found = OrderedDict([
        ('here', {'crism': made(tmpdir, 'a')}),
        ('there', {'crism': made(tmpdir, 'b', log=u'somewhere else')})])
    counts, text = told(found)
    assert counts == (1, 0)
    one, other = [line.split()[-1] for line in text.split('\n')[-2:]]
    assert one == other and len(one) == 16


def test_what_differs_is_named_with_its_distance(tmpdir):
    found = OrderedDict([
        ('here', {'crism': made(tmpdir, 'a')}),
        ('there', {'crism': made(tmpdir, 'b', np.nextafter(
            np.float32(1), np.float32(2)), kl=.25)})])
    counts, text = told(found)
    assert counts == (1, 1)
    assert 'first in the parameters of m2 at the end' in text
    assert '2 files: m2/parameters.npz, metrics.json' in text
    assert 'm2/parameters.npz: w: ' in text and '1 ULP' in text
    assert 'metrics.json: kl: 0.5 and 0.25' in text


def test_a_place_that_is_not_there_is_told_and_not_counted(tmpdir):
    found = OrderedDict([
        ('here', {'crism': made(tmpdir, 'a')}),
        ('there', {'crism': 'no engine has an image'})])
    counts, text = told(found)
    assert counts == (0, 0)
    assert 'not tried: no engine has an image' in text


def test_why_a_place_cannot_be_had():
    assert 'is not installed' in elsewhere.Place(
        'x', ['no-such-emulator', '-cpu', 'Nehalem']).absent()
    assert 'no locale' in elsewhere.Place(
        'x', environment={'LC_ALL': 'xx_XX.UTF-8'}).absent()
    assert elsewhere.Place('x', environment={'LC_ALL': 'C'}).absent() is None


def test_a_run_that_fails_says_what_it_said(tmpdir):
    with pytest.raises(UserError, match='exit status 2: .*run_nothing.py'):
        elsewhere.Place('x').run('nothing', str(tmpdir))


def test_the_emulator_stands_before_the_program(monkeypatch, tmpdir):
    """In the container and outside; nothing is run here."""
    started = []

    class Process(object):
        returncode = 0

        def __init__(self, command, **options):
            started.append(command)

        def communicate(self):
            return '', None

    monkeypatch.setattr(elsewhere, '_path', lambda program: '/bin/'
                        + program)
    monkeypatch.setattr(elsewhere.subprocess, 'Popen', Process)
    for container in (False, True):
        elsewhere.Place('x', ['qemu', '-cpu', 'Haswell'],
                        container=container).run('libs', str(tmpdir))
    outside, inside = started
    assert outside[:3] == ['/bin/qemu', '-cpu', 'Haswell']
    assert outside[4].endswith('run_libs.py')
    assert inside[2:] == ['in', str(tmpdir), '--with', '/bin/qemu', '-cpu',
                          'Haswell', 'python', 'run_libs.py'] + inside[10:]
    assert inside[-1] == 'results' and outside[-1] == str(tmpdir)


def test_the_json_of_a_manifest_may_come_in_any_order(tmpdir):
    path = made(tmpdir, 'a')
    name = os.path.join(path, 'manifest.json')
    with open(name) as stream:
        plain = json.load(stream)
    before = elsewhere.digest(path)
    with open(name, 'w') as stream:
        json.dump(plain, stream)
    assert elsewhere.digest(path) == before


def test_other_bits_against_a_pin_are_told_and_no_fault(tmpdir):
    name, = [place.name for place in elsewhere.PLACES if not place.pinned]
    found = OrderedDict([('here', {'crism': made(tmpdir, 'a')}),
                         (name, {'crism': made(tmpdir, 'b', kl=.25)})])
    counts, text = told(found)
    assert counts == (0, 0)
    assert 'metrics.json: kl: 0.5 and 0.25' in text

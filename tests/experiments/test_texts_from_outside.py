# -*- coding: utf-8 -*-
"""Paths with letters beyond ASCII, in UTF-8 and not, from start to archive."""
from __future__ import division, print_function

import json
import os
import shutil

import pytest

from test_runner import SMALL, script
from untapped.archive import packing, rerun
from untapped.experiments import about, options, runner
from untapped.runs import manifest as manifests

WORDS = {'utf-8': u'donn\xe9es $\u20ac$ <b>'.encode('utf-8'),
         'latin-1': b'donn\xe9es'}


@pytest.fixture(scope='module', params=sorted(WORDS))
def run(request, tiny, tmpdir_factory):
    """A run all of whose paths have an accent, and that was resumed."""
    here = os.path.join(str(tmpdir_factory.mktemp('accents')),
                        WORDS[request.param])
    os.mkdir(here)
    shutil.copy(tiny, here)
    word = WORDS[request.param]
    before = os.environ.get('UNTAPPED_DATA')
    os.environ['UNTAPPED_DATA'] = here
    try:
        status = runner.main('crism', [
            '--data', os.path.join(here, 'crism.pkl.gz'), '--out', here,
            '--data-folder', here, '--name', word, '--quiet'] + SMALL)
    finally:
        os.environ.pop('UNTAPPED_DATA')
        if before is not None:
            os.environ['UNTAPPED_DATA'] = before
    assert status == 0
    return os.path.join(here, word)


def read(folder, name):
    with open(os.path.join(folder, name), 'rb') as stream:
        return stream.read().decode('utf-8')


def test_every_file_is_utf_8_and_names_the_data(run):
    for name in ('report.html', 'report.json', 'config.json', 'log.txt',
                 'manifest.json', 'metrics.json', 'ro-crate-metadata.json'):
        said = read(run, name)
        assert u'donn' in said, name
        assert u'\x1b' not in said, name
        if name.endswith('.json'):
            json.loads(said)
    assert u'<b>/crism' not in read(run, 'report.html')


def test_the_report_repeats_the_command_with_the_same_bytes(run):
    given = manifests.read(run)['arguments']
    command = about.command(options.parse('crism', given, resumed=run))
    assert os.path.dirname(run) in eval(
        'b' + command.split("--data ")[1].split(' --')[0].lstrip('$'))


def test_a_finished_run_is_resumed(run, capsys):
    assert runner.main('crism', ['--resume', run]) == 0
    assert 'nothing is left to do' in capsys.readouterr()[0]


def test_it_becomes_a_bag_whose_run_can_be_repeated(run):
    bag = packing.pack(run)
    manifest = packing.check_bag(bag)
    line = rerun.arguments(manifest, os.path.dirname(run))
    found = options.checked(line)
    assert found.data == os.path.join(os.path.dirname(run), 'crism.pkl.gz')


@pytest.mark.parametrize('locale', ['C', 'C.UTF-8'])
def test_a_stopped_run_goes_on_in_another_locale(run, locale, tmpdir):
    """As a script: a locale is of a process."""
    again = os.path.join(os.path.dirname(run), b'again-\xe9-' +
                         locale.encode('ascii'))
    shutil.copytree(run, again)
    manifest = os.path.join(again, 'manifest.json')
    with open(manifest) as stream:
        said = stream.read()
    with open(manifest, 'w') as stream:
        stream.write(said.replace('"status": "complete"',
                                  '"status": "running"'))
    process = script(['--resume', again], env=dict(
        os.environ, LC_ALL=locale, LANG=locale))
    _, told = process.communicate()
    assert process.returncode == 0, told
    for name in ('parameters.npz', 'metrics.json'):
        with open(os.path.join(again, name), 'rb') as one, \
                open(os.path.join(run, name), 'rb') as other:
            assert one.read() == other.read(), name

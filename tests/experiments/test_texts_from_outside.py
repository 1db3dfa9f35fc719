# -*- coding: utf-8 -*-
"""Paths with letters beyond ASCII, in UTF-8 and not, from start to archive."""
from __future__ import division, print_function

import json
import os
import shutil
import subprocess
import sys

import pytest

from test_runner import ROOT, SMALL
from untapped.archive import packing, rerun
from untapped.experiments import about, options, runner
from untapped.runs import manifest as manifests

WORDS = {'utf-8': u'donn\xe9es $\u20ac$ <b>'.encode('utf-8'),
         'latin-1': b'donn\xe9es'}


def made(word, tiny, parent):
    """The folder of a run all of whose paths have an accent."""
    here = os.path.join(parent, word)
    os.mkdir(here)
    shutil.copy(tiny, here)
    before = os.environ.get('UNTAPPED_DATA')
    os.environ['UNTAPPED_DATA'] = here
    try:
        status = runner.main('crism', [
            '--data', os.path.join(here, 'crism.pkl.gz'), '--out', here,
            '--data-folder', here, '--name', word, '--quiet'] + SMALL
            + ['--model', 'm2'])
    finally:
        os.environ.pop('UNTAPPED_DATA')
        if before is not None:
            os.environ['UNTAPPED_DATA'] = before
    assert status == 0
    return os.path.join(here, word)


@pytest.fixture(scope='module')
def runs(tiny, tmpdir_factory):
    return dict((name, made(word, tiny, str(tmpdir_factory.mktemp('accents'))))
                for name, word in WORDS.items())


@pytest.fixture(params=sorted(WORDS))
def run(request, runs):
    return runs[request.param]


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


#: what run_crism.py does, for one folder after the other
RESUME = '''
import sys
from untapped.experiments.runner import main
folders, sys.argv[1:] = sys.argv[1:], []
sys.exit(max(main('crism', ['--resume', folder]) for folder in folders))
'''


@pytest.mark.parametrize('locale', ['C', 'C.UTF-8'])
def test_stopped_runs_go_on_in_another_locale(runs, locale):
    """In a process of its own: a locale is of a process."""
    again = {}
    for name, run in runs.items():
        again[name] = os.path.join(os.path.dirname(run), b'again-\xe9-' +
                                   locale.encode('ascii'))
        shutil.copytree(run, again[name])
        manifest = os.path.join(again[name], 'manifest.json')
        with open(manifest) as stream:
            said = stream.read()
        with open(manifest, 'w') as stream:
            stream.write(said.replace('"status": "complete"',
                                      '"status": "running"'))
    process = subprocess.Popen(
        [sys.executable, '-c', RESUME] + sorted(again.values()), cwd=ROOT,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=dict(
            os.environ, LC_ALL=locale, LANG=locale))
    _, told = process.communicate()
    assert process.returncode == 0, told
    for name, run in runs.items():
        for kept in ('parameters.npz', 'metrics.json'):
            with open(os.path.join(again[name], kept), 'rb') as one, \
                    open(os.path.join(run, kept), 'rb') as other:
                assert one.read() == other.read(), (name, kept)

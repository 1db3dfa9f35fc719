"""What archives ask for is written from one table, and is current."""
from __future__ import division, print_function

import io
import json
import os
import subprocess

import pytest

from test_images import tool

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


@pytest.fixture(scope='module')
def deposit():
    return tool('deposit')


@pytest.mark.parametrize('name', ['CITATION.cff', 'codemeta.json',
                                  '.zenodo.json'])
def test_the_file_is_what_make_deposit_writes(deposit, name):
    with io.open(os.path.join(ROOT, name), encoding='utf-8') as stream:
        assert stream.read() == deposit.FILES[name]()


def test_zenodo_gets_what_it_requires(deposit):
    found = json.loads(deposit.zenodo())
    assert set(found) > {'title', 'upload_type', 'description', 'creators',
                         'access_right', 'license', 'version'}
    assert found['version'] == deposit.version()


def test_the_swhids_are_gits_names(deposit):
    if not os.path.exists(os.path.join(ROOT, '.git')):
        pytest.skip('this is no checkout')
    try:
        names = subprocess.check_output(
            ['git', '-C', ROOT, 'rev-parse', 'HEAD', 'HEAD^{tree}'])
    except (OSError, subprocess.CalledProcessError):
        pytest.skip('git does not answer here')
    commit, tree = names.decode('ascii').split()
    assert deposit.identifiers() == ['swh:1:rev:' + commit,
                                     'swh:1:dir:' + tree]

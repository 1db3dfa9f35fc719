"""The names by which archives of source know what a run ran."""
from __future__ import division, print_function

import os
import subprocess

import pytest

from untapped.machine import provenance

ROOT = os.path.dirname(provenance.PACKAGE)


def test_a_run_names_commit_tree_and_package_as_git_does():
    if not os.path.exists(os.path.join(ROOT, '.git')):
        pytest.skip('this is no checkout')
    swhids = provenance.describe()['code']['swhids']

    def git(*words):
        return subprocess.check_output(
            ('git', '-C', ROOT) + words).decode('ascii').strip()

    try:
        if git('status', '--porcelain', 'untapped'):
            pytest.skip('untapped/ is not as it was committed')
    except (OSError, subprocess.CalledProcessError):
        pytest.skip('git does not answer here')
    assert dict(swhids) == {
        'revision': 'swh:1:rev:' + git('rev-parse', 'HEAD'),
        'directory': 'swh:1:dir:' + git('rev-parse', 'HEAD^{tree}'),
        'package': 'swh:1:dir:' + git('rev-parse', 'HEAD:untapped')}


@pytest.mark.parametrize('said, named', [
    ('ab' * 20, 'swh:1:dir:' + 'ab' * 20), ('unknown', None), (None, None)])
def test_the_image_says_which_tree_it_was_built_of(tmpdir, monkeypatch,
                                                   said, named):
    tmpdir.join('untapped', 'one.py').write('1\n', ensure=True)
    monkeypatch.setattr(provenance, 'PACKAGE', str(tmpdir.join('untapped')))
    monkeypatch.delenv('UNTAPPED_TREE', raising=False)
    if said:
        monkeypatch.setenv('UNTAPPED_TREE', said)
    swhids = provenance._code()['swhids']
    assert swhids['directory'] == named
    # git's name of a folder with that one file
    assert swhids['package'] == (
        'swh:1:dir:928293a4db810010d684065d9b0d41501bf1d259')

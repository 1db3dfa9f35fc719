"""SWHIDs: names by content, held against known ones and against git."""
from __future__ import division, print_function

import os
import subprocess

import pytest

from untapped.files import swhids

#: The first commit of git itself, of 2005.
FIRST = b"""\
tree 2b5bfdf7798569e0b59b16eb9602d5fa572d6038
author Linus Torvalds <torvalds@ppc970.osdl.org> 1112911993 -0700
committer Linus Torvalds <torvalds@ppc970.osdl.org> 1112911993 -0700

Initial revision of "git", the information manager from hell
"""


@pytest.mark.parametrize('held, known', [
    (b'', 'swh:1:cnt:e69de29bb2d1d6434b8b29ae775ad8c2e48c5391'),
    (b'hello world\n', 'swh:1:cnt:3b18e512dba79e4c8300dd08aeb37f8e728b8dad'),
])
def test_a_file_has_its_known_name(tmpdir, held, known):
    tmpdir.join('file').write(held, mode='wb')
    assert swhids.content(str(tmpdir.join('file'))) == known


def test_the_empty_folder_and_a_commit_have_their_known_names():
    assert swhids.directory({}) == (
        'swh:1:dir:4b825dc642cb6eb9a060e54bf8d69288fbee4904')
    assert swhids.revision(FIRST) == (
        'swh:1:rev:e83c5163316f89bfbde7d9ab23ca2e25604af290')


def test_a_folder_has_the_name_that_git_gives_it(tmpdir):
    def git(*words):
        return subprocess.check_output(
            ('git', '-c', 'core.fileMode=true') + words,
            cwd=str(tmpdir)).decode('ascii').strip()

    try:
        git('init', '-q')
    except OSError:
        pytest.skip('there is no git here')
    # foo.bar comes between the folder foo/ and foo-bar
    files = ('foo/one', 'foo/deep/er', 'foo.bar', 'foo-bar', 'foo0', 'run')
    for name in files:
        tmpdir.join(*name.split('/')).write(name, ensure=True)
    tmpdir.join('run').chmod(0o755)
    os.symlink('foo/one', str(tmpdir.join('link')))
    git('add', '-A')
    assert swhids.directory(dict(
        (name, str(tmpdir.join(*name.split('/'))))
        for name in files + ('link',))) == 'swh:1:dir:' + git('write-tree')

"""A capsule: its bag, what checks it, and where its parts are asked for."""
from __future__ import division, print_function

import os
import shutil
import subprocess

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CONTAINER = os.path.join(ROOT, 'container')

if not os.path.isdir(os.path.join(CONTAINER, 'capsule')):
    pytest.skip('container/ is not installed with the package',
                allow_module_level=True)


def run(*command, **options):
    """(exit status, what it said)"""
    process = subprocess.Popen(command, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, **options)
    said = process.communicate()[0].decode('utf-8')
    return process.returncode, said


@pytest.fixture(scope='module')
def capsule(tmpdir_factory):
    """A folder with the programs of a capsule and two files of payload."""
    folder = tmpdir_factory.mktemp('capsule').join('c')
    programs = folder.join('data', 'source', 'container', 'capsule')
    shutil.copytree(os.path.join(CONTAINER, 'capsule'), str(programs))
    programs.join('steps.sh').write('echo steps were taken\n')
    folder.join('data', 'image', 'a file').write('one\n', ensure=True)
    folder.join('data', 'empty').write('')
    for name in ('rebuild.sh', 'READ-ME-FIRST.txt'):
        programs.join(name).copy(folder.join(name))
    assert run('sh', str(programs.join('bag.sh')), str(folder),
               'Bagging-Date: 2026-01-01') == (0, '')
    return folder


def rebuild(folder):
    return run('sh', str(folder.join('rebuild.sh')))


def test_a_whole_capsule_is_a_valid_bag_and_goes_on_to_its_steps(capsule):
    status, said = rebuild(capsule)
    assert status == 0 and said.endswith('steps were taken\n'), said
    bagit = pytest.importorskip('bagit')
    assert bagit.Bag(str(capsule)).is_valid()


def test_a_flipped_bit_anywhere_names_the_file_and_ends_1(capsule):
    files = [path for path in sorted(capsule.visit(rec=True))
             if path.isfile() and path.size()]
    assert len(files) > 12
    for number, path in enumerate(files):
        was = path.read_binary()
        changed = bytearray(was)
        changed[len(was) * number // len(files)] ^= 1 << number % 8
        path.write_binary(bytes(changed))
        status, said = rebuild(capsule)
        path.write_binary(was)
        assert (status, 'steps were' in said) == (1, False), path
        assert path.relto(capsule) in said, said
    assert rebuild(capsule)[0] == 0


@pytest.mark.parametrize('name', ['data/more', 'more'])
def test_a_file_too_many_or_missing_is_named(capsule, name):
    path = capsule.join(*name.split('/'))
    path.write('x')
    status, said = rebuild(capsule)
    path.remove()
    assert status == 1 and '    %s\n' % name in said
    path = capsule.join('data', 'empty')
    path.remove()
    status, said = rebuild(capsule)
    path.write('')
    assert status == 1 and '    data/empty\n' in said


# Where Debian's packages are asked for --------------------------------------

#: an apt-get that finds what it looks for in the places of $THERE only
APT_GET = '''#!/bin/sh
for word; do
    case $word in
    Dir::Etc::SourceList=*) list=${word#*=} ;;
    Dir::Cache::archives=*) : >"${word#*=}/found.deb" ;;
    esac
done
read -r deb place suite <"$list"
case " $THERE " in *" $place "*) ;; *) exit 100 ;; esac
'''

MIRRORS, ARCHIVE, SNAPSHOTS = (
    'http://deb.debian.org/debian', 'http://archive.debian.org/debian',
    'http://snapshot.debian.org/archive/debian/20260801T000000Z')


@pytest.mark.parametrize('there, settings, expected', [
    ([MIRRORS, ARCHIVE], {}, MIRRORS),
    ([ARCHIVE, SNAPSHOTS], {}, ARCHIVE),
    ([SNAPSHOTS], {}, SNAPSHOTS),
    ([MIRRORS, 'http://near/debian'], {'APT_MIRROR': 'http://near'},
     'http://near/debian'),
    ([MIRRORS], {'APT_SNAPSHOT': '20260102T030405Z'}, None),
    ([SNAPSHOTS.replace('0801T000000', '0102T030405'), MIRRORS],
     {'APT_SNAPSHOT': '20260102T030405Z'},
     SNAPSHOTS.replace('0801T000000', '0102T030405')),
    ([], {}, None)])
def test_packages_come_from_the_mirrors_the_archive_or_the_snapshots(
        tmpdir, there, settings, expected):
    program = tmpdir.join('bin', 'apt-get')
    program.write(APT_GET, ensure=True)
    program.chmod(0o755)
    parts = tmpdir.join('parts')
    status, said = run(
        'sh', os.path.join(CONTAINER, 'parts.sh'), str(parts), 'debian',
        cwd=str(tmpdir), env=dict(
            settings, THERE=' '.join(there), PATH='%s:/usr/bin:/bin' %
            program.dirpath()))
    if expected is None:
        assert status != 0 and "no place gave Debian 11's packages" in said
        return
    assert status == 0, said
    assert "packages came from %s\n" % expected in said
    assert parts.join('from').read().split()[2] == expected
    assert sorted(each.basename for each in parts.listdir()) == [
        'SHA256SUMS', 'debs', 'from']

"""Images held against each other, and their bill of materials."""
from __future__ import division, print_function

import imp
import io
import json
import os
import subprocess
import tarfile

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def tool(name):
    path = os.path.join(ROOT, 'tools', name + '.py')
    if not os.path.isfile(path):
        pytest.skip('tools/ is not installed with the package')
    return imp.load_source(name, path)


@pytest.fixture(scope='module')
def images():
    return tool('compare_images')


def archive(path, files):
    """A tar of {name: content or (content, mode, time)}."""
    with tarfile.open(str(path), 'w') as stream:
        for name, content in files:
            mode, time = 0o644, 0
            if isinstance(content, tuple):
                content, mode, time = content
            member = tarfile.TarInfo(name)
            member.size, member.mode, member.mtime = len(content), mode, time
            stream.addfile(member, io.BytesIO(content))
    return str(path)


BASE = [('etc/x', (b'1', 0o644, 1))]


def test_equal_files_are_equal_whatever_the_engine_puts_beside(
        images, tmpdir, capsys):
    a = archive(tmpdir.join('a'), BASE + [('etc/hosts', b'here')])
    b = archive(tmpdir.join('b'), [('./etc/x', BASE[0][1]), ('dev/tty', b'')])
    assert images.main([a, b]) == 0
    assert capsys.readouterr()[0] == '1 files and folders, 0 differ\n'


def test_the_kind_of_file_may_stand_in_the_mode_too(images, tmpdir):
    """As Go's archives have it, those of engines among them."""
    a = archive(tmpdir.join('a'), BASE)
    b = archive(tmpdir.join('b'), BASE)
    with open(b, 'r+b') as stream:
        header = stream.read(512)
        header = header[:100] + b'0100644\0' + header[108:]
        total = tarfile.calc_chksums(header)[0]
        stream.seek(0)
        stream.write(header[:148] + ('%06o' % total).encode('ascii')
                     + header[154:])
    with tarfile.open(b) as stream:
        assert stream.next().mode == 0o100644
    assert images.main([a, b]) == 0


def test_folders_and_the_root_may_be_written_in_two_ways(images, tmpdir):
    paths = []
    for start in ('', './'):
        path = str(tmpdir.join('a%d.tar' % len(paths)))
        with tarfile.open(path, 'w') as stream:
            for name in (start + '/'.join(['folder'] * 30),) + (
                    ('.',) if start else ()):
                member = tarfile.TarInfo(name)
                member.type = tarfile.DIRTYPE
                stream.addfile(member)
        paths.append(path)
    assert images.main(paths) == 0


@pytest.mark.parametrize('files, told', [
    ([('etc/x', (b'2', 0o644, 1))], 'etc/x: content '),
    ([('etc/x', (b'1', 0o755, 1))], 'etc/x: mode 420 and 493'),
    ([('etc/x', (b'1', 0o644, 2))], 'etc/x: time 1 and 2'),
    ([], 'etc/x: only in the first'),
    (BASE + [('etc/y', b'')], 'etc/y: only in the second')])
def test_content_mode_time_and_presence_count(images, tmpdir, capsys, files,
                                              told):
    a = archive(tmpdir.join('a'), BASE)
    b = archive(tmpdir.join('b'), files)
    assert images.main([a, b]) == 1
    assert 'DIFFERS ' + told in capsys.readouterr()[0]


def test_of_one_file_with_two_names_either_may_come_first(images, tmpdir):
    def image(name, first, second):
        path = str(tmpdir.join(name))
        with tarfile.open(path, 'w') as stream:
            member = tarfile.TarInfo(first)
            member.size = 1
            stream.addfile(member, io.BytesIO(b'1'))
            link = tarfile.TarInfo(second)
            link.type, link.linkname = tarfile.LNKTYPE, first
            stream.addfile(link)
        return path
    assert images.main([image('a', 'one', 'two'),
                        image('b', 'two', 'one')]) == 0


def test_the_bill_names_each_package_once_and_is_the_same_twice():
    sbom = tool('sbom')
    packages = list(sbom.python())
    if not packages:
        pytest.skip('there is no .venv in this folder')
    text = [json.dumps(sbom.document(packages, 0)) for _ in range(2)]
    assert text[0] == text[1]
    names = [package['SPDXID'] for package in packages]
    assert len(set(names)) == len(names)
    numpy, = [p for p in packages if p['name'] == 'numpy']
    assert numpy['versionInfo'] == '1.11.3'
    assert numpy['externalRefs'][0]['referenceLocator'] == \
        'pkg:pypi/numpy@1.11.3'
    assert 'SHA-256 ' in numpy['comment']


def test_the_bill_of_a_debian_system_has_its_packages():
    sbom = tool('sbom')
    try:
        subprocess.check_output(['dpkg-query', '--version'])
    except OSError:
        pytest.skip('this system has no dpkg')
    packages = list(sbom.debian())
    libc, = [p for p in packages if p['name'] == 'libc6'][:1]
    assert libc['externalRefs'][0]['referenceLocator'].startswith(
        'pkg:deb/debian/libc6@')
    document = sbom.document(packages, 0)
    assert document['creationInfo']['created'] == '1970-01-01T00:00:00Z'
    assert len(document['relationships']) == len(packages)

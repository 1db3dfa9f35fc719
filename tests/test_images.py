"""Images held against each other, and their bill of materials."""
from __future__ import division, print_function

import imp
import io
import json
import os
import struct
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


COMPILED = 'opt/untapped/.theano/python2.7/'


def test_equal_files_of_other_times_are_equal(images, tmpdir, capsys):
    a = archive(tmpdir.join('a'), [('etc/x', (b'1', 0o644, 1))])
    b = archive(tmpdir.join('b'), [('etc/x', (b'1', 0o644, 2))])
    assert images.main([a, b]) == 0
    assert 'the times of 1 are not the same' in capsys.readouterr()[0]


@pytest.mark.parametrize('files', [
    [('etc/x', b'2')], [('etc/x', (b'1', 0o755, 0))], [],
    [('etc/x', b'1'), ('etc/y', b'')]])
def test_content_mode_and_presence_count(images, tmpdir, capsys, files):
    a = archive(tmpdir.join('a'), [('etc/x', b'1')])
    b = archive(tmpdir.join('b'), files)
    assert images.main([a, b]) == 1
    assert 'DIFFERS etc/' in capsys.readouterr()[0]


def test_compiled_programs_are_known_by_what_is_in_them(images, tmpdir,
                                                        capsys):
    def image(name, folder, program):
        return archive(tmpdir.join(name), [
            (COMPILED + folder + '/mod.cpp', b'int main'),
            (COMPILED + folder + '/%s.so' % folder, program),
            (COMPILED + folder + '/key.pkl', folder.encode('ascii'))])
    a, b, c = [image(*given) for given in (
        ('a', 'tmpAb1', b'ELF'), ('b', 'tmpXy2', b'ELF'),
        ('c', 'tmpXy2', b'other'))]
    assert images.main([a, b]) == 0
    assert "explained (Theano's list" in capsys.readouterr()[0]
    assert images.main([a, c]) == 1


def test_a_library_is_compared_but_for_its_folder_and_build_id(
        images, tmpdir, capsys):
    def image(name, folder, build, program):
        loads = (program + b'/' + folder.encode('ascii') +
                 b'/mod.cpp\0\x04\0\0\0\x14\0\0\0\x03\0\0\0GNU\0' +
                 build * 20 + b'end')
        # a header, one segment to load, and what is for debuggers
        library = b'\x7fELF\x02'.ljust(32, b'\0') + struct.pack(
            '<Q14x2H6x', 64, 56, 1) + struct.pack(
            '<IIQQQQQQ', 1, 4, 120, 0, 0, len(loads), 0, 0) + loads + build
        return archive(tmpdir.join(name), [
            (COMPILED + folder + '/mod.cpp', b'int main'),
            (COMPILED + folder + '/ab12.so', library)])
    a, b, c = [image(*given) for given in (
        ('a', 'tmpAb1', b'1', b'same'), ('b', 'tmpXy2', b'\n', b'same'),
        ('c', 'tmpXy2', b'\n', b'other'))]
    assert images.main([a, b]) == 0
    assert 'what is loaded is the same' in capsys.readouterr()[0]
    assert images.main([a, c]) == 1


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

"""A bill of materials: this system's Debian packages and .venv's, as SPDX.

    python tools/sbom.py [SECONDS]

SPDX 2.3 in JSON, of the file system that it runs in (`make sbom` runs it in
the image).  SECONDS since 1970 is the time that the document bears; the
same packages and time give the same bytes.
"""
from __future__ import print_function

import glob
import hashlib
import json
import os
import re
import subprocess
import sys
import time
import uuid
from collections import OrderedDict

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FIELDS = ('Package', 'Version', 'Architecture', 'source:Package',
          'source:Version')


def debian():
    """dpkg's installed packages."""
    listed = subprocess.check_output(
        ['dpkg-query', '-W', '-f', '${db:Status-Status}\t' + '\t'.join(
            '${%s}' % field for field in FIELDS) + '\n'])
    for line in sorted(listed.decode('utf-8').splitlines()):
        status, name, version, architecture, source, source_version = \
            line.split('\t')
        if status == 'installed':
            yield _package(
                'deb-' + architecture, name, version,
                'pkg:deb/debian/%s@%s?arch=%s' % (
                    _quoted(name), _quoted(version), architecture),
                'https://packages.debian.org/source/bullseye/' + source,
                comment='source package %s %s' % (source, source_version))


def python():
    """The packages of .venv, with the hashes that the lock has for them."""
    locked = _locked()
    found = glob.glob(os.path.join(ROOT, '.venv', 'lib', 'python2.7',
                                   'site-packages', '*.dist-info',
                                   'METADATA'))
    for path in sorted(found, key=lambda p: p.lower()):
        with open(path, 'rb') as stream:
            head = stream.read().decode('utf-8', 'replace').split('\n\n')[0]
        field = dict(re.findall(r'^(Name|Version|License): *(.*)$', head,
                                re.M))
        name, version = field['Name'], field['Version']
        hashes = locked.get('%s==%s' % (name.lower().replace('_', '-'),
                                        version))
        yield _package(
            'pypi', name, version,
            'pkg:pypi/%s@%s' % (name.lower().replace('_', '-'), version),
            'https://pypi.org/project/%s/%s/' % (name, version),
            comment='license, as its author has it: %s%s' % (
                field.get('License', 'not given'),
                '; one of the files with SHA-256 %s' % ', '.join(hashes)
                if hashes else ''))


def _locked():
    """'name==version' -> SHA-256 of the files that requirements.lock allows.
    """
    found, key = {}, None
    with open(os.path.join(ROOT, 'requirements.lock')) as stream:
        for line in stream:
            match = re.match(r'([\w.-]+==[\w.]+)', line)
            if match:
                key = match.group(1).lower().replace('_', '-')
            for digest in re.findall(r'sha256:([0-9a-f]{64})', line):
                found.setdefault(key, []).append(digest)
    return found


def _package(kind, name, version, purl, place, comment):
    return OrderedDict([
        ('SPDXID', 'SPDXRef-%s-%s' % (kind, re.sub('[^A-Za-z0-9.-]', '-',
                                                   name))),
        ('name', name), ('versionInfo', version),
        ('downloadLocation', place),
        ('filesAnalyzed', False),
        ('licenseConcluded', 'NOASSERTION'),
        ('licenseDeclared', 'NOASSERTION'),
        ('copyrightText', 'NOASSERTION'),
        ('externalRefs', [OrderedDict([
            ('referenceCategory', 'PACKAGE-MANAGER'),
            ('referenceType', 'purl'), ('referenceLocator', purl)])]),
        ('comment', comment)])


def _quoted(text):
    return text.replace('+', '%2B').replace(':', '%3A').replace('~', '%7E')


def document(packages, seconds):
    """The SPDX document, an OrderedDict."""
    digest = hashlib.sha256(json.dumps(packages).encode('ascii')).hexdigest()
    return OrderedDict([
        ('spdxVersion', 'SPDX-2.3'), ('dataLicense', 'CC0-1.0'),
        ('SPDXID', 'SPDXRef-DOCUMENT'), ('name', 'untapped-image'),
        ('documentNamespace', 'urn:uuid:%s' % uuid.uuid5(
            uuid.NAMESPACE_URL, str(digest))),
        ('creationInfo', OrderedDict([
            ('created', time.strftime('%Y-%m-%dT%H:%M:%SZ',
                                      time.gmtime(seconds))),
            ('creators', ['Tool: untapped-tools-sbom.py'])])),
        ('packages', packages),
        ('relationships', [OrderedDict([
            ('spdxElementId', 'SPDXRef-DOCUMENT'),
            ('relationshipType', 'DESCRIBES'),
            ('relatedSpdxElement', package['SPDXID'])])
            for package in packages])])


def main(arguments):
    seconds = int(arguments[0]) if arguments else 0
    print(json.dumps(document(list(debian()) + list(python()), seconds),
                     indent=1, separators=(',', ': ')))


if __name__ == '__main__':
    main(sys.argv[1:])

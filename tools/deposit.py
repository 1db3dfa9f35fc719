"""What archives ask for: .zenodo.json, codemeta.json, CITATION.cff, SWHIDs.

    python tools/deposit.py [--swhids]

Writes the three files anew from the tables here and the version in
untapped/__init__.py; --swhids prints the names of the last commit and of its
tree by which Software Heritage knows them (https://www.swhid.org).  Runs on
any Python and needs no package.
"""
from __future__ import print_function

import imp
import io
import json
import os
import re
import subprocess
import sys
from collections import OrderedDict

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

TITLE = 'untapped'
ABSTRACT = ('Semi^2-supervised deep generative models, which learn from pairs '
            '(x, y), from x alone and from y alone, on a pinned stack that '
            "repeats the published code's results to the last bit.")
LICENSE = 'MIT'
AUTHOR = 'The untapped maintainers'
KEYWORDS = ['deep generative models', 'variational autoencoders',
            'semi-supervised learning', 'reproducibility', 'Theano']
PAPER = OrderedDict([
    ('title', 'Inverting Variational Autoencoders for Improved Generative '
              'Accuracy'),
    ('authors', ['Gemp, Ian', 'Durugkar, Ishan', 'Parente, Mario',
                 'Dyar, M. Darby', 'Mahadevan, Sridhar']),
    ('year', 2016), ('journal', 'arXiv preprint'),
    ('arxiv', '1608.05983')])
PUBLISHED = 'https://github.com/all-umass/untapped'
COMMIT, RELEASED = '30e90ab', '2019-05-05'


def read(*name):
    """A file of the checkout, as text."""
    with io.open(os.path.join(ROOT, *name), encoding='utf-8') as stream:
        return stream.read()


def version():
    """That of the package, which need not be importable."""
    return str(re.search("^__version__ = '(.*)'$",
                         read('untapped', '__init__.py'), re.M).group(1))


def requirements():
    """The stack, as setup.py pins it."""
    return [str(each) for each in
            re.findall(r"'([\w-]+==[\w.]+)'", read('setup.py'))]


def citation():
    """CITATION.cff, version 1.2.0 of the format."""
    authors = ''.join('    - family-names: %s\n      given-names: %s\n' % (
        tuple(name.split(', '))) for name in PAPER['authors'])
    abstract = ABSTRACT.split(' ')
    lines = ['']
    for word in abstract:
        if len(lines[-1] + word) > 74:
            lines.append('')
        lines[-1] += ' ' + word
    return '''cff-version: 1.2.0
message: >-
  If you use this software, please cite the paper that describes the model.
title: %s
type: software
version: %s
license: %s
abstract: >-
%s
authors:
  - name: %s
preferred-citation:
  type: article
  title: %s
  authors:
%s  year: %d
  journal: %s
  url: https://arxiv.org/abs/%s
  identifiers:
    - type: other
      value: arXiv:%s
references:
  - type: software
    title: untapped (the published code)
    authors:
      - name: Untapped contributors
    repository-code: %s
    commit: %s
    date-released: %s
''' % (TITLE, version(), LICENSE, '\n'.join(' ' + line for line in lines),
       AUTHOR, PAPER['title'], authors, PAPER['year'], PAPER['journal'],
       PAPER['arxiv'], PAPER['arxiv'], PUBLISHED, COMMIT, RELEASED)


def codemeta():
    """codemeta.json, version 2.0 of the vocabulary."""
    return _json([
        ('@context', 'https://doi.org/10.5063/schema/codemeta-2.0'),
        ('@type', 'SoftwareSourceCode'),
        ('name', TITLE), ('version', version()), ('description', ABSTRACT),
        ('license', 'https://spdx.org/licenses/' + LICENSE),
        ('author', [OrderedDict([('@type', 'Organization'),
                                 ('name', AUTHOR)])]),
        ('keywords', KEYWORDS),
        ('programmingLanguage', OrderedDict([
            ('@type', 'ComputerLanguage'), ('name', 'Python'),
            ('version', '2.7')])),
        ('operatingSystem', 'Linux'),
        ('softwareRequirements', requirements()),
        ('isBasedOn', PUBLISHED),
        ('referencePublication', OrderedDict([
            ('@type', 'ScholarlyArticle'), ('name', PAPER['title']),
            ('url', 'https://arxiv.org/abs/' + PAPER['arxiv'])]))])


def zenodo():
    """.zenodo.json: the metadata of a deposit."""
    def related(identifier, relation, kind):
        return OrderedDict([('identifier', identifier),
                            ('relation', relation), ('resource_type', kind)])
    return _json([
        ('title', TITLE), ('version', version()),
        ('upload_type', 'software'), ('access_right', 'open'),
        ('license', LICENSE), ('description', ABSTRACT),
        ('creators', [OrderedDict([('name', AUTHOR)])]),
        ('keywords', KEYWORDS),
        ('related_identifiers', [
            related('arXiv:' + PAPER['arxiv'], 'isSupplementTo',
                    'publication-preprint'),
            related(PUBLISHED, 'isDerivedFrom', 'software')])])


def _json(pairs):
    return json.dumps(OrderedDict(pairs), indent=2,
                      separators=(',', ': ')) + '\n'


FILES = OrderedDict([('CITATION.cff', citation), ('codemeta.json', codemeta),
                     ('.zenodo.json', zenodo)])


def identifiers():
    """The SWHIDs of the last commit and of its tree, from git's objects."""
    swhids = imp.load_source('swhids', os.path.join(
        ROOT, 'untapped', 'files', 'swhids.py'))
    return [swhids.identifier(kind, subprocess.check_output(
        ['git', '-C', ROOT, 'cat-file', word, name]))
        for kind, word, name in (('rev', 'commit', 'HEAD'),
                                 ('dir', 'tree', 'HEAD^{tree}'))]


def main(arguments):
    """The command line; returns the exit status."""
    if arguments == ['--swhids']:
        print('\n'.join(identifiers()))
        return 0
    if arguments:
        print(__doc__, file=sys.stderr)
        return 2
    for name, made in FILES.items():
        path = os.path.join(ROOT, name)
        with io.open(path + '.new', 'w', encoding='utf-8') as stream:
            stream.write(u'%s' % made())
        os.rename(path + '.new', path)
        print('%s, version %s' % (name, version()))
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))

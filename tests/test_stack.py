"""Lock file, environment.yml, Dockerfile and package name the same stack."""
from __future__ import print_function

import io
import os
import re
import shutil

import pkg_resources
import pytest

import untapped
from untapped import pins

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

#: What the project is defined on; everything else follows from it.
STACK = {'theano': '0.8.2', 'lasagne': '0.1', 'numpy': '1.11.3',
         'scipy': '0.19.0', 'scikit-learn': '0.18.1', 'matplotlib': '2.0.0',
         'pytest': '4.6.11'}
PYTHON = '2.7.18'
#: Packages whose wheels carry compiled code that decides bits.
BINARY = {'numpy', 'scipy', 'scikit-learn', 'matplotlib'}

FILES = ['requirements.in', 'requirements.lock', 'environment.yml',
         'Dockerfile', 'CITATION.cff', 'setup.py', 'tools/make_env.sh',
         'container/install.sh']


def read(folder, name):
    with io.open(os.path.join(folder, name), encoding='utf8') as f:
        return f.read()


def pinned_versions(text):
    return {name.lower(): version for name, version in
            re.findall(r'^([\w.-]+)==([\w.]+)', text, re.M)}


def pinned_environment():
    """The pins without the compile folder, which is the machine's own."""
    wanted = dict(pins.environment())
    wanted['THEANO_FLAGS'] = re.sub(',compiledir=.*$', '',
                                    wanted['THEANO_FLAGS'])
    return wanted


def lock_faults(folder):
    text = read(folder, 'requirements.lock')
    locked = pinned_versions(text)
    asked = pinned_versions(read(folder, 'requirements.in'))
    for name, version in STACK.items():
        if locked.get(name) != version:
            yield 'lock: %s is %s' % (name, locked.get(name))
    for name, version in asked.items():
        if locked.get(name) != version:
            yield 'lock: %s is %s, asked for is %s' % (
                name, locked.get(name), version)
    # an entry reaches to the first line that does not end in a backslash
    for entry in re.findall(r'^[\w.-]+==(?:.*\\\n)*.*$', text, re.M):
        if not re.search(r'--hash=sha256:[0-9a-f]{64}\b', entry):
            yield 'lock: no hash for ' + entry.split()[0]
    if BINARY != set(re.findall(r'^--only-binary (\S+)$', text, re.M)):
        yield 'lock: other packages than %s are binary' % sorted(BINARY)
    if re.search(r'://|--(extra-)?index-url|--find-links|--trusted', text):
        yield 'lock: names a package index'


def conda_faults(folder):
    text = read(folder, 'environment.yml')
    found = re.findall(r'^  - ([^\s:]+)', text.split('dependencies:')[1],
                       re.M)
    if [name.split('=')[0] for name in found] != ['python', 'pip', 'gxx',
                                                  'pip']:
        yield 'environment.yml: conda brings %s' % found
    if 'python=' + PYTHON not in found:
        yield 'environment.yml: another Python'
    if re.findall(r'^      - (.*)$', text, re.M) != ['--require-hashes',
                                                     '-r requirements.lock']:
        yield 'environment.yml: pip takes not the lock file'
    variables = dict(re.findall(r"^  (\w+): '?(.*?)'?$",
                                text.split('variables:')[1], re.M))
    if variables != pinned_environment():
        yield 'environment.yml: variables are %s' % variables


def image_faults(folder):
    text = read(folder, 'Dockerfile')
    lines = text.replace('\\\n', ' ')
    if (re.search(r'^ARG BASE=(.*)$', text, re.M).group(1) !=
            'debian:bullseye-slim' or
            set(re.findall(r'^FROM (?:--\S+ )?(\S+)', text, re.M)) !=
            {'$BASE', 'scratch'}):
        yield 'Dockerfile: another base'
    if ('sh tools/make_env.sh /usr/bin/python2.7'
            not in read(folder, 'container/install.sh')):
        yield 'install.sh: another way to make the environment'
    if ('pip install --require-hashes -r requirements.lock'
            not in read(folder, 'tools/make_env.sh')):
        yield 'make_env.sh: pip takes not the lock file'
    variables = {}
    for line in re.findall(r'^ENV (.*)$', lines, re.M):
        for name, value in re.findall(r'(\w+)=("[^"]*"|\S+)', line):
            variables.setdefault(name, value.strip('"'))
    for name, value in pinned_environment().items():
        if variables.get(name) != value:
            yield 'Dockerfile: %s is %s' % (name, variables.get(name))
    if 'image.version="%s"' % untapped.__version__ not in text:
        yield 'Dockerfile: another version'
    if not text.endswith('CMD ["python", "run_libs.py"]\n'):
        yield 'Dockerfile: another default command'


def package_faults(folder):
    locked = pinned_versions(read(folder, 'requirements.lock'))
    required = re.findall(r"'([\w-]+)==([\w.]+)'", read(folder, 'setup.py'))
    for name in ('theano', 'lasagne', 'numpy', 'scipy', 'scikit-learn',
                 'matplotlib'):
        if (name, STACK[name]) not in [(n.lower(), v) for n, v in required]:
            yield 'setup.py: %s %s is not required' % (name, STACK[name])
    for name, version in required:
        if locked.get(name.lower()) != version:
            yield 'setup.py: %s %s is not locked' % (name, version)
    if ('version: %s\n' % untapped.__version__
            not in read(folder, 'CITATION.cff')):
        yield 'CITATION.cff: another version'


def faults(folder):
    return [fault for check in (lock_faults, conda_faults, image_faults,
                                package_faults) for fault in check(folder)]


def test_lock_file_conda_image_and_package_agree():
    assert faults(ROOT) == []


@pytest.mark.parametrize('name', sorted(STACK))
def test_the_installed_stack_is_the_locked_one(name):
    assert pkg_resources.get_distribution(name).version == STACK[name]


@pytest.mark.parametrize('name, old, new', [
    ('requirements.lock', 'numpy==1.11.3', 'numpy==1.11.2'),
    ('requirements.lock', 'tqdm==4.64.1', 'tqdm==4.64.0'),
    ('requirements.lock', '--only-binary numpy\n', ''),
    ('requirements.lock', '--only-binary numpy',
     '--index-url https://example.org/simple'),
    ('requirements.lock', ' \\\n    --hash=sha256:7463c8f7ed', ' # '),
    ('requirements.in', 'scipy==0.19.0', 'scipy==0.19.1'),
    ('environment.yml', 'python=2.7.18', 'python=2.7.15'),
    ('environment.yml', '  - pip\n', '  - pip\n  - numpy=1.11.3\n'),
    ('environment.yml', '      - --require-hashes\n', ''),
    ('environment.yml', 'Nehalem', 'Haswell'),
    ('environment.yml', 'floatX=float32,', ''),
    ('environment.yml', '-ffp-contract=off', ''),
    ('environment.yml', "  OMP_NUM_THREADS: '1'\n", ''),
    ('Dockerfile', 'BASE=debian:bullseye', 'BASE=debian:bookworm'),
    ('Dockerfile', 'linux/amd64 $BASE AS made', 'linux/amd64 python:2'),
    ('Dockerfile', 'OPENBLAS_NUM_THREADS=1', 'OPENBLAS_NUM_THREADS=2'),
    ('Dockerfile', 'optimizer=fast_compile', 'optimizer=fast_run'),
    ('container/install.sh', 'sh tools/make_env.sh /usr/bin/python2.7',
     'pip install theano'),
    ('Dockerfile', 'run_libs.py', 'run_mnist.py'),
    ('Dockerfile', 'image.version="', 'image.version="9'),
    ('tools/make_env.sh', '--require-hashes -r requirements.lock',
     '-r requirements.in'),
    ('setup.py', 'numpy==1.11.3', 'numpy==1.16.6'),
    ('setup.py', "'Lasagne==0.1'", "'Lasagne'"),
    ('CITATION.cff', 'version: ', 'version: 9'),
])
def test_a_disagreement_is_noticed(tmpdir, name, old, new):
    for each in ('tools', 'container'):
        tmpdir.mkdir(each)
    for file in FILES:
        shutil.copy(os.path.join(ROOT, file), str(tmpdir.join(file)))
    text = read(ROOT, name)
    assert old in text
    changed = text.replace(old, new)
    with io.open(str(tmpdir.join(name)), 'w', encoding='utf8') as f:
        f.write(changed)
    assert faults(str(tmpdir)) != []


def test_a_pin_changed_in_the_package_is_noticed(monkeypatch):
    monkeypatch.setitem(pins.FLAGS, 'openmp', 'True')
    assert any('environment.yml' in fault for fault in faults(ROOT))
    assert any('Dockerfile' in fault for fault in faults(ROOT))

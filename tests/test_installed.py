"""`pip install .` is enough: every module imports beside nothing but what
setup.py requires, and commands run from anywhere."""
from __future__ import division, print_function

import ast
import os
import shutil
import subprocess
import sys
from collections import OrderedDict

import pkg_resources
import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
#: what an empty virtual environment has
SEEDED = ('pip', 'setuptools', 'wheel')

#: leaves of this environment but the standard library, then runs a module
CHILD = """
import os, runpy, sys
own = os.path.dirname(os.__file__)
sys.path[:] = sys.argv[1].split(os.pathsep) + [
    path for path in sys.path[1:] if 'site-packages' not in path]
del sys.argv[:2]
if sys.argv[0] == 'import':
    for name in sys.argv[1:]:
        __import__(name)
    print(sys.modules['untapped'].__file__)
else:
    runpy.run_module(sys.argv[0], run_name='__main__', alter_sys=True)
"""


def required(requirements):
    """The distributions that these need, here installed, by name."""
    found, todo = OrderedDict(), list(requirements)
    while todo:
        requirement = todo.pop()
        key = (requirement.key, requirement.extras)
        if key not in found:
            found[key] = pkg_resources.get_distribution(requirement)
            todo += found[key].requires(requirement.extras)
    return OrderedDict((name, made) for (name, _), made in found.items())


def tops(distribution):
    """What a distribution has put into its folder, without folders' files."""
    record = [line.rsplit(',', 2)[0]
              for line in distribution.get_metadata_lines('RECORD')]
    return set(path.split('/')[0] for path in record if path[:1] not in '/.')


class Environment(object):
    """Where `pip install .` put the package, and what it may import."""

    def __init__(self, folder):
        self.home, self.work = folder.mkdir('home'), folder.mkdir('work')
        self.target = folder.join('target')
        source = folder.join('source')
        os.mkdir(str(source))
        # the whole folder would take pip a minute to copy
        for name in ('setup.py', 'setup.cfg', 'MANIFEST.in', 'README.md',
                     'LICENSE'):
            shutil.copy(os.path.join(ROOT, name), str(source))
        shutil.copytree(os.path.join(ROOT, 'untapped'),
                        str(source.join('untapped')),
                        ignore=shutil.ignore_patterns('*.pyc'))
        subprocess.check_output(
            [sys.executable, '-m', 'pip', 'install', '-q', '--no-deps',
             '--no-index', '--no-build-isolation', '--no-compile',
             '--disable-pip-version-check', '--target', str(self.target),
             str(source)], stderr=subprocess.STDOUT,
            env=self.variables())
        installed, = pkg_resources.find_distributions(str(self.target))
        # only what the installed package says counts, not this checkout
        self.sets = {}
        for name, extras in (('alone', ()), ('cluster', ('cluster',))):
            wanted = required(
                installed.requires(extras) +
                [pkg_resources.Requirement.parse(seed) for seed in SEEDED])
            self.sets[name] = folder.join(name)
            os.mkdir(str(self.sets[name]))
            for found in wanted.values():
                for top in tops(found):
                    link = str(self.sets[name].join(top))
                    if not os.path.lexists(link):
                        os.symlink(os.path.join(found.location, top), link)

    def variables(self, **more):
        made = {name: value for name, value in os.environ.items()
                if name not in ('PYTHONPATH', 'XDG_CACHE_HOME')}
        made.update(HOME=str(self.home), PYTHONDONTWRITEBYTECODE='1', **more)
        return made

    def run(self, what, *arguments, **more):
        """What a process prints that has this environment, elsewhere."""
        path = os.pathsep.join([str(self.target),
                                str(self.sets[more.pop('beside', 'alone')])])
        process = subprocess.Popen(
            [sys.executable, '-W', 'ignore', '-c', CHILD, path, what] +
            list(arguments), cwd=str(self.work), stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, universal_newlines=True,
            env=more.pop('variables', self.variables()))
        out = process.communicate()[0]
        assert process.returncode == 0, out
        return out

    def modules(self):
        """Names of all modules, with each one's file."""
        for place, _, files in sorted(os.walk(
                str(self.target.join('untapped')))):
            for name in sorted(files):
                path = os.path.join(place, name)
                parts = os.path.relpath(path[:-3], str(self.target))
                if name.endswith('.py'):
                    yield (parts.replace(os.sep, '.').replace(
                        '.__init__', ''), path)


@pytest.fixture(scope='module')
def installed(tmpdir_factory):
    return Environment(tmpdir_factory.mktemp('installed'))


def test_every_file_of_the_package_is_installed(installed):
    def files(folder):
        return sorted(
            os.path.relpath(os.path.join(place, name), folder)
            for place, _, names in os.walk(folder) for name in names
            if not name.endswith(('.pyc', '.pyo')))

    assert files(str(installed.target.join('untapped'))) == \
        files(os.path.join(ROOT, 'untapped'))


def test_every_module_imports_beside_what_setup_py_requires(installed):
    names = [name for name, _ in installed.modules()
             if not name.endswith('.__main__')]
    assert len(names) > 100
    cluster = [name for name in names if name.startswith('untapped.cluster')]
    for beside, wanted in (('alone', sorted(set(names) - set(cluster))),
                           ('cluster', cluster)):
        out = installed.run('import', *wanted, beside=beside)
        assert out.splitlines()[-1].startswith(str(installed.target))


def test_every_import_is_of_something_that_setup_py_requires(installed):
    """Also those within functions, which importing a module leaves out."""
    def named(path):
        with open(path) as stream:
            for node in ast.walk(ast.parse(stream.read())):
                if isinstance(node, ast.Import):
                    for alias in node.names:
                        yield alias.name.split('.')[0]
                elif isinstance(node, ast.ImportFrom) and not node.level:
                    yield node.module.split('.')[0]

    others = set(name.split('.')[0] for name in os.listdir(
        pkg_resources.get_distribution('numpy').location))
    for beside in ('alone', 'cluster'):
        others -= set(entry.basename.split('.')[0]
                      for entry in installed.sets[beside].listdir())
        missing = [(path, name) for module, path in installed.modules()
                   for name in set(named(path))
                   if name in others and not (
                       beside == 'alone' and
                       module.startswith('untapped.cluster'))]
        assert missing == []


@pytest.mark.parametrize('module, word', [
    ('untapped.archive', 'rerun'), ('untapped.verify', 'golden'),
    ('untapped.experiments', '--quick'), ('untapped.datasets', 'write'),
    ('untapped.experiments.markdown', 'RUN')])
def test_commands_run_from_any_folder(installed, module, word):
    assert word in installed.run(module, '--help')
    assert installed.work.listdir() == []


def test_what_is_compiled_goes_into_the_users_cache(installed):
    installed.sets['alone'].join('ask.py').write(
        'from untapped import pins\nprint(pins.compile_folder())\n')
    out = installed.run('ask', variables={
        name: value for name, value in installed.variables().items()
        if not name.startswith(('THEANO', 'UNTAPPED'))})
    assert out.startswith(str(installed.home.join('.cache', 'untapped')))

"""Every importable name of the published package is here, or docs/model.md
says why not."""
from __future__ import division, print_function

import io
import json
import os
import re

import pytest

from untapped.verify import __main__ as command
from untapped.verify import names

HERE = os.path.dirname(os.path.abspath(__file__))
#: what `python -m untapped.verify names` compares, of commit 30e90ab
RECORDED = os.path.join(HERE, 'published_names.json')
DOCUMENT = os.path.join(HERE, '..', '..', 'docs', 'model.md')


@pytest.fixture(scope='module')
def recorded():
    with open(RECORDED) as stream:
        return json.load(stream)


@pytest.fixture(scope='module')
def here(recorded):
    return names.described(recorded)


def documented():
    """Names of the table: those in backticks of each row's first column."""
    with io.open(DOCUMENT, encoding='utf8') as stream:
        text = stream.read()
    table = text.split('## Published names that are not here')[1]
    found = []
    for cell in re.findall(r'^\| (`.*?) \|', table, re.M):
        module = None
        for name in re.findall('`(.*?)`', cell):
            if name.startswith('untapped.'):
                module = re.match(r'(untapped(\.[a-z]\w+|\.M12|\.S2S_DGM)*)\.',
                                  name).group(1)
            else:
                name = module + '.' + name
            found.append(name)
    return found


def test_every_published_name_is_here_or_in_the_table_of_those_that_are_not(
        recorded, here):
    missing = sorted(name for name in recorded if here[name] is None)
    assert missing == sorted(names.ABSENT)
    assert missing == sorted(documented())


def test_what_is_here_takes_what_the_published_names_take(recorded, here):
    assert [name for name in recorded if here[name] is not None and
            not names.accepts(here[name], recorded[name])] == []


def test_the_recorded_list_has_modules_classes_functions_and_constants(
        recorded):
    assert recorded['untapped.parmesan.layers.flow'] == 'module'
    assert recorded['untapped.parmesan.layers.flow.sf'] == 'constant'
    assert recorded['untapped.M12.KL'] == '(predicted, actual)'
    assert recorded['untapped.S2S_DGM.SSDGM.fit'].startswith('(self, X=, y=,')
    assert len(recorded) == 178


@pytest.mark.parametrize('ours, theirs, verdict', [
    ('module', 'module', True), ('module', 'constant', False),
    ('(a)', 'constant', False), ('constant', '(a)', False),
    ('(a)', '(a)', True), ('(b)', '(a)', False), ('(a, b)', '(b, a)', False),
    ('(a, b=)', '(a)', True), ('(a, b)', '(a)', False),
    ('(a=)', '(a)', True), ('(a)', '(a=)', False), ('(a)', '(a, b=)', False),
    ('(a, **rest)', '(a)', True), ('(a)', '(a, **rest)', False),
    ('(a, *rest)', '(a, **rest)', False), ('()', '()', True)])
def test_a_signature_accepts_all_calls_of_another_or_not(ours, theirs,
                                                         verdict):
    assert names.accepts(ours, theirs) is verdict


#: a module of a checkout, and what the verdict on it is
KNOWN = ('from untapped.M12 import KL\n', 'def KL(predicted, actual): pass\n'
         'def M1(anything): pass\n')


def checkout(folder, s2s, m12):
    folder.join('untapped', '__init__.py').write('', ensure=True)
    folder.join('untapped', 'S2S_DGM.py').write(s2s)
    folder.join('untapped', 'M12.py').write(m12)
    folder.join('examples', 'DEMO_crism.py').write('', ensure=True)
    return str(folder)


def told(capfd, *arguments):
    status = command.main(('names',) + arguments)
    return status, capfd.readouterr()


def test_a_checkout_whose_names_are_all_here_or_known_passes(tmpdir, capfd):
    path = checkout(tmpdir, '', KNOWN[1])
    status, (out, _) = told(capfd, path)
    assert status == 0
    assert 'not here: untapped.M12.M1\n' in out
    assert out.splitlines()[-1].startswith(
        'AS DOCUMENTED: 4 of the 5 published names are here')


def test_a_name_that_nobody_knew_and_other_arguments_fail(tmpdir, capfd):
    path = checkout(tmpdir, KNOWN[0], 'def L2(predicted, real): pass\n'
                    'def KL(): pass\nnews = 1\n')
    status, (out, _) = told(capfd, path)
    assert status == 1
    assert 'not here, and not known to be: untapped.M12.news\n' in out
    assert 'published (predicted, real): untapped.M12.L2\n' in out
    assert out.splitlines()[-1].startswith('NOT AS DOCUMENTED')


def test_a_checkout_that_cannot_be_imported_is_told_in_one_sentence(tmpdir,
                                                                    capfd):
    path = checkout(tmpdir, '', 'raise SystemError("broken")\n')
    status, (out, err) = told(capfd, path)
    assert status == 2
    assert err.endswith('SystemError: broken\n')
    assert err.startswith('python -m untapped.verify: error: ')

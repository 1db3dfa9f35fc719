"""Bags: what they hold, what is refused, and that a run can be had again."""
from __future__ import division, print_function

import io
import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest

import strangers
from untapped import datasets, pins
from untapped.archive import __main__ as command
from untapped.archive import differences, packing, rerun
from untapped.archive.packing import bagit
from untapped.errors import UserError
from untapped.experiments import runner
from untapped.files.hashes import file_sha256
from untapped.runs import manifest as manifests
from untapped.verify.runs import compare_runs

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))


@pytest.fixture(scope='module')
def run(tiny, tmpdir_factory):
    """The folder of a run on a file of spectra."""
    parent = tmpdir_factory.mktemp('results')
    assert runner.main('crism', [
        '--quiet', '--epochs', '2', '--eval-every', '1', '--batch-size', '20',
        '--data', tiny, '--out', str(parent)]) == 0
    return str(parent.join(os.listdir(str(parent))[0]))


@pytest.fixture(scope='module')
def bag(run):
    return packing.pack(run)


@pytest.fixture
def copy(run, tmpdir):
    """A copy of the run that a test may spoil."""
    shutil.copytree(run, str(tmpdir.join('run')))
    return tmpdir.join('run')


@pytest.fixture
def library(tmpdir):
    """A folder of made spectra in the files of splib07a."""
    folder = tmpdir.mkdir('library')
    made = {'Wavelengths': np.linspace(.2, 3., 480),
            'Olivine_GDS70.c': np.linspace(.3, .6, 480),
            'Diopside_HS15': np.linspace(.7, .5, 480),
            'Bytownite_HS106': np.full(480, .8)}
    for name, values in made.items():
        folder.join('splib07a_%s_BECKa.txt' % name).write('\n'.join(
            ['made ' + name] + ['%.6f' % value for value in values]))
    return folder


def files(folder):
    """Names of all files of a folder and the folders in it."""
    return sorted(os.path.relpath(os.path.join(place, name), folder)
                  for place, _, names in os.walk(folder) for name in names)


def test_the_manifest_vouches_for_every_file(run):
    manifest = manifests.read(run)
    assert sorted(manifest['outputs']) == [
        name for name in files(run) if name != 'manifest.json']
    assert 'm2/parameters.npz' in manifest['outputs']
    for name, found in manifest['outputs'].items():
        path = os.path.join(run, name)
        assert found['sha256'] == file_sha256(path)
        assert found['bytes'] == os.path.getsize(path)


def test_a_simulated_run_can_be_had_again_with_endmembers_in_a_new_place(
        library, tmpdir):
    parent = tmpdir.mkdir('results')
    assert runner.main('crism', [
        '--quick', '--quiet', '--epochs', '2', '--eval-every', '1', '--model',
        'm2', '--endmembers', str(library), '--out', str(parent),
        '--name', 'real']) == 0
    run = str(parent.join('real'))
    raw = datasets.load('crism', 'simulated', endmembers=str(library))
    manifest = manifests.read(run)
    assert manifest['data']['sha256'] == raw.checksums()
    assert 'made Olivine_GDS70.c' in manifest['data']['source']
    bag = packing.pack(run)
    library.move(tmpdir.join('elsewhere'))
    again = rerun.rerun(bag, str(tmpdir.mkdir('again')),
                        str(tmpdir.join('elsewhere')))
    assert differences.first_difference(os.path.join(bag, 'data'),
                                        again) is None


def test_the_manifest_names_code_packages_and_surroundings(run):
    manifest = manifests.read(run)
    ran_on = manifest['ran_on']
    code = ran_on['code']['files']
    for name in ('run_crism.py', 'untapped/model/ssdgm.py',
                 'untapped/report/templates/report.html'):
        assert code[name] == file_sha256(os.path.join(ROOT, name))
    assert ran_on['packages']['numpy']['version'] == '1.11.3'
    assert len(ran_on['packages']['numpy']['sha256']) == 64
    assert ran_on['packages']['numpy']['files'] > 100
    assert ran_on['blas'][0]['kernel'] == 'Nehalem'
    for part in (ran_on['compiler']['version'], ran_on['libc'],
                 ran_on['system']['name'], ran_on['lock']['sha256']):
        assert part
    assert manifest['status'] == 'complete'
    assert list(manifest['parameters_sha256']) == ['m2', 'untapped']
    for hashes in manifest['parameters_sha256'].values():
        assert [epoch for epoch, _ in hashes['evaluations']] == [1, 2]
        assert len(set([hashes['start']] + [h for _, h in
                                            hashes['evaluations']])) == 3
        assert hashes['end'] == hashes['evaluations'][-1][1]
    assert len(manifest['data']['sha256_as_trained']) == 10


def test_the_crate_describes_the_run_and_its_files(run):
    """The demands of RO-Crate 1.1 and of Process Run Crate 0.5."""
    with open(os.path.join(run, 'ro-crate-metadata.json')) as stream:
        crate = json.load(stream)
    entities = dict((e['@id'], e) for e in crate['@graph'])
    assert len(entities) == len(crate['@graph'])
    assert entities['ro-crate-metadata.json']['about'] == {'@id': './'}
    root = entities['./']
    assert root['conformsTo']['@id'] in entities
    for key in ('name', 'description', 'datePublished', 'license'):
        assert root[key]
    assert sorted(part['@id'] for part in root['hasPart']) == [
        name for name in files(run) if name != 'ro-crate-metadata.json']
    action = entities[root['mentions']['@id']]
    assert action['@type'] == 'CreateAction'
    software = entities[action['instrument']['@id']]
    assert software['@type'] == 'SoftwareApplication'
    assert software['url'] and software['softwareVersion']

    def references(value):
        if isinstance(value, dict):
            return ([value['@id']] if list(value) == ['@id'] else
                    [r for v in value.values() for r in references(v)])
        if isinstance(value, list):
            return [r for v in value for r in references(v)]
        return []

    outside = [r for entity in crate['@graph'] for r in references(entity)
               if r not in entities]
    assert set(outside) == {'https://w3id.org/ro/crate/1.1'}
    assert action['actionStatus'] == 'http://schema.org/CompletedActionStatus'
    assert sorted(e['@id'] for e in crate['@graph']
                  if e['@type'] == 'File') == sorted(
                      part['@id'] for part in root['hasPart'])


def test_bagits_own_validator_accepts_the_bag(bag):
    process = subprocess.Popen(
        [sys.executable, '-c', 'from untapped.archive.packing import bagit; '
         'import sys; sys.exit(bagit.main())', '--validate', bag],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    out = process.communicate()[0].decode('utf-8')
    assert process.returncode == 0 and 'is valid' in out


def test_bagit_may_lie_in_a_path_with_letters_beyond_ascii(tmpdir):
    place = str(tmpdir) + '/r\xc3\xa9p\xc3\xa9tition'
    os.mkdir(place)
    shutil.copy(bagit.__file__.replace('.pyc', '.py'), place)
    code = ('import gettext, os, sys\n'
            'sys.prefix = gettext._default_localedir = %r\n'
            'sys.path.insert(0, %r)\n'
            'before = dict(os.environ), os.getcwd()\n'
            'from untapped.archive.packing import bagit\n'
            'assert (dict(os.environ), os.getcwd()) == before\n'
            'assert sys.prefix == %r and bagit is sys.modules["bagit"]\n'
            'print(bagit.__file__.replace(".pyc", ".py"))'
            % (place, place, place))
    assert subprocess.check_output(
        [sys.executable, '-c', code], universal_newlines=True,
        env=dict(os.environ, LANG='fr_FR.UTF-8')).strip() == 'bagit.py'


def test_others_may_read_the_bag(bag):
    for place, _, names in os.walk(bag):
        assert os.stat(place).st_mode & 0o055 == 0o055, place
        for name in names:
            assert os.stat(os.path.join(place, name)).st_mode & 0o044


def test_the_bag_holds_the_source_that_ran(bag, run):
    code = manifests.read(run)['ran_on']['code']['files']
    for name, digest in code.items():
        path = os.path.join(bag, 'source', name)
        assert file_sha256(path) == digest
    assert os.path.isfile(os.path.join(bag, 'source', 'requirements.lock'))
    listed = bagit.Bag(bag).entries
    assert os.path.join('source', 'run_crism.py') in listed


def test_verify_reads_the_bag(bag, run):
    sections = compare_runs(bag, run)
    assert list(sections)[-1] == 'untapped parameters'
    assert sections['m2 parameters']
    assert not any(row.difference for rows in sections.values()
                   for row in rows)


@pytest.mark.parametrize('name', [
    'm2/answers.npz', 'pls/metrics.json', 'tables/table2.csv',
    'figures/figure5.png'])
def test_any_file_with_numbers_counts(bag, copy, name):
    manifest = json.loads(copy.join('manifest.json').read())
    manifest['outputs'][name]['sha256'] = '0' * 64
    copy.join('manifest.json').write(json.dumps(manifest))
    if name.endswith('metrics.json'):
        # of these the content counts, but for the data's place
        copy.join(name).write(copy.join(name).read().replace('"kl": ',
                                                             '"kl": 1'))
    assert differences.first_difference(os.path.join(bag, 'data'),
                                        str(copy)) == name


def test_a_valid_bag_is_called_valid(bag, capsys):
    assert command.main(['check', bag]) == 0
    assert 'is valid: crism, complete, ' in capsys.readouterr()[0]


def test_a_run_can_be_had_again(bag, capsys):
    assert command.main(['rerun', bag]) == 0
    assert capsys.readouterr()[0].endswith('IDENTICAL\n')


def test_the_first_difference_is_named_with_its_pin(bag, run, copy, capsys):
    manifest = json.loads(copy.join('manifest.json').read())
    hashes = manifest['parameters_sha256']['untapped']
    hashes['evaluations'][1][1] = hashes['end'] = '0' * 64
    manifest['ran_on']['pins']['OPENBLAS_CORETYPE'] = 'Haswell'
    copy.join('manifest.json').write(json.dumps(manifest))
    assert differences.compare(bag, str(copy)) == 1
    out = capsys.readouterr()[0]
    assert ('pins/OPENBLAS_CORETYPE: a pin has another value, was Nehalem, '
            'is Haswell') in out
    assert out.endswith('DIFFERENT: first in the parameters of untapped '
                        'at the evaluation of epoch 2\n')


@pytest.mark.parametrize('spoil, part', [
    ('changed', 'm2/records.csv is not as the run left it'),
    ('more', 'notes.txt is not as the run left it'),
    ('less', 'm2/records.csv is not as the run left it'),
    ('running', 'has not ended'),
    ('none', 'manifest.json cannot be read'),
])
def test_a_run_that_cannot_be_vouched_for_is_not_packed(copy, capsys, spoil,
                                                        part):
    if spoil == 'changed':
        copy.join('m2', 'records.csv').write('1', mode='a')
    elif spoil == 'more':
        copy.join('notes.txt').write('mine')
    elif spoil == 'less':
        copy.join('m2', 'records.csv').remove()
    elif spoil == 'running':
        manifest = json.loads(copy.join('manifest.json').read())
        manifest['status'] = 'running'
        copy.join('manifest.json').write(json.dumps(manifest))
    else:
        copy.join('manifest.json').remove()
    assert command.main([str(copy)]) == 2
    told = capsys.readouterr()[1]
    assert part in told and told.count('\n') == 1
    assert os.listdir(copy.dirname) == ['run']


def test_a_bag_is_not_made_over_something_else(run, bag):
    with pytest.raises(UserError, match='exists already'):
        packing.pack(run)


@pytest.mark.parametrize('name', [
    'data/metrics.json', 'manifest-sha256.txt', 'source/run_crism.py'])
def test_a_bag_that_was_changed_is_not_valid(bag, tmpdir, capsys, name):
    shutil.copytree(bag, str(tmpdir.join('bag')))
    changed = tmpdir.join('bag', name)
    content = bytearray(changed.read_binary())
    content[10] ^= 1
    changed.write_binary(bytes(content))
    assert command.main(['check', str(tmpdir.join('bag'))]) == 2
    told = capsys.readouterr()[1]
    assert 'is not a valid bag' in told
    # of a changed list of files the first that does not fit it is named
    assert name in told or name.startswith('manifest')


@pytest.mark.parametrize('pin, value, part', [
    ('LD_PRELOAD', '/tmp/evil.so', 'which is no pin'),
    ('MPLBACKEND', 'module:///tmp/evil', 'MPLBACKEND=module'),
    ('THEANORC', '/tmp/evil', 'THEANORC=/tmp/evil'),
    ('THEANORC', 'evil.rc', 'THEANORC=evil.rc'),
    ('OPENBLAS_NUM_THREADS', 'evil', 'OPENBLAS_NUM_THREADS=evil'),
    ('OMP_NUM_THREADS', '9999', 'OMP_NUM_THREADS=9999'),
    ('THEANO_FLAGS', 'a="', 'cannot be read'),
    ('THEANO_FLAGS', 'gcc.cxxflags=-O2 -fplugin=/tmp/evil.so', 'cxxflags'),
    ('THEANO_FLAGS', 'gcc.cxxflags=-B/tmp', 'cxxflags'),
    ('THEANO_FLAGS', 'optimizer=/tmp/evil', 'optimizer')])
def test_a_bag_cannot_make_a_repetition_run_a_program(pin, value, part):
    with pytest.raises(UserError, match=part):
        rerun.environment({pin: value})


def test_of_theanos_flags_a_bag_decides_the_pinned_ones_alone():
    flags = pins.parse(rerun.environment({
        'THEANO_FLAGS': 'mode=DebugMode,cxx=/tmp/evil,optimizer=None'})[
            'THEANO_FLAGS'])
    assert flags['optimizer'] == 'None'
    assert 'mode' not in flags and 'cxx' not in flags


def test_a_repetition_says_first_what_it_is_about_to_run():
    manifest = {'experiment': 'libs', 'sessions': [
        {'seconds': 3.25}, {'seconds': 9}, {'seconds': None}, {}]}
    said = rerun.announced(manifest, [
        '--experiment', 'libs', '--epochs', '99999999', '--seeds', '3'])
    assert said == ('To be repeated: libs, m2 for 99999999 epochs, untapped '
                    'for 99999999 epochs, 3 times; it took 12 s.')
    assert '1 times, each after a search over its weights; it' in \
        rerun.announced(manifest, ['--experiment', 'libs', '--alphas',
                                   'search'])


def test_tag_files_that_are_no_text_are_told(bag, tmpdir, capsys):
    shutil.copytree(bag, str(tmpdir.join('bag')))
    tmpdir.join('bag', 'bagit.txt').write_binary(b'\xff\xfe\xff')
    assert command.main(['check', str(tmpdir.join('bag'))]) == 2
    told = capsys.readouterr()[1]
    assert 'is not a valid bag' in told and told.count('\n') == 1


def test_a_bag_is_not_made_inside_of_its_run(bag, tmpdir):
    run = tmpdir.join('run')
    shutil.copytree(os.path.join(bag, 'data'), str(run))
    with pytest.raises(UserError, match='inside of the run'):
        packing.pack(str(run), str(run.join('bag')))
    assert not run.join('bag').check()


def test_a_run_in_a_folder_with_an_accent_is_packed(bag, tmpdir):
    run = str(tmpdir) + '/donn\xc3\xa9es'
    shutil.copytree(os.path.join(bag, 'data'), run)
    # bagit itself reads no such path in Python 2
    plain = str(tmpdir.join('plain'))
    os.rename(packing.pack(run), plain)
    packing.check_bag(plain)


def repeated(*arguments, **changes):
    """The command line of a repetition of a run with these options."""
    made = strangers.manifest(arguments=list(arguments), **changes)
    return rerun.arguments(made, 'there')


def test_a_bag_does_not_choose_where_and_beside_what_it_is_repeated():
    assert repeated(
        '--quick', '--dask', 'tcp://evil:1', '--dask=tcp://evil:2',
        '--jobs', '1000', '--out', '/etc', '--name=x', '--epochs', '3') == [
            '--experiment', 'crism', '--quick', '--epochs', '3', '--data',
            'simulated', '--quiet', '--out', 'there', '--name', 'again']


def test_a_preset_is_repeated_with_the_objective_that_it_had():
    """--preset paper had the published one, and its bags do not say so."""
    assert repeated('--preset', 'paper')[2:6] == [
        '--preset', 'paper', '--objective', 'published']
    assert repeated('--preset', 'paper', '--objective', 'paper')[2:7] == [
        '--preset', 'paper', '--objective', 'paper', '--data']


FILE = {'data': {'kind': 'download', 'source': '', 'sha256': {}}}


@pytest.mark.parametrize('arguments, changes, part', [
    (['--help'], {}, 'unrecognized arguments: --help'),
    (['--list-presets'], {}, '--list-presets runs nothing'),
    (['--unheard-of'], {}, 'unrecognized arguments: --unheard-of'),
    (['--'], {}, 'unrecognized arguments'),
    (['--resume', 'results/mine'], {}, 'argument --resume'),
    (['--experiment', 'libs'], {}, 'those of libs'),
    (['--data', 'download', '--data-folder', '/etc'], FILE, 'network'),
    (['--seeds', '40000'], {}, 'ask for 40000 runs'),
    (['--data-seeds', '40000'], {}, 'ask for 40000 runs'),
    ([], {'status': 'stopped early'}, 'was stopped in an epoch')])
def test_what_a_bag_may_not_ask_for_is_refused_before_anything_runs(
        arguments, changes, part, capsys):
    with pytest.raises(UserError, match=part):
        repeated(*arguments, **changes)
    assert capsys.readouterr() == ('', '')


def test_a_repetition_has_the_pins_of_its_bag(monkeypatch):
    monkeypatch.setenv('THEANO_FLAGS', 'compiledir=/tmp/here,linker=py')
    recorded = dict(pins.environment(), OPENBLAS_CORETYPE='Haswell')
    recorded['THEANO_FLAGS'] = recorded['THEANO_FLAGS'].replace(
        'fast_compile', 'None') + ',compiledir=/tmp/there'
    environment = rerun.environment(recorded)
    assert environment['OPENBLAS_CORETYPE'] == 'Haswell'
    flags = pins.parse(environment['THEANO_FLAGS'])
    assert flags.pop('compiledir') == '/tmp/here'
    assert flags == dict(pins.FLAGS, optimizer='None')


def test_codemeta_and_citation_say_the_same():
    import untapped
    with io.open(os.path.join(ROOT, 'codemeta.json'),
                 encoding='utf-8') as stream:
        codemeta = json.load(stream)
    with io.open(os.path.join(ROOT, 'CITATION.cff'),
                 encoding='utf-8') as stream:
        citation = stream.read()
    assert codemeta['version'] == untapped.__version__
    assert 'version: %s\n' % codemeta['version'] in citation
    assert codemeta['referencePublication']['url'] in citation
    with open(os.path.join(ROOT, 'requirements.in')) as stream:
        needed = stream.read().split('# tests')[0]
    # and what setup.py names beside these
    assert set(line for line in needed.split('\n') if '==' in line) <= set(
        codemeta['softwareRequirements'])


def test_packing_and_checking_need_no_theano():
    """Nor a compile folder, which may be another user's."""
    code = ('import sys, untapped.archive.__main__\n'
            'for name in ("theano", "lasagne", "matplotlib", "scipy"):\n'
            '    assert name not in sys.modules, name\n')
    assert subprocess.call([sys.executable, '-c', code], cwd=ROOT) == 0

"""Powder mixtures: from the authors' .mat files to the study's format."""
from __future__ import division, print_function

import os
import zlib

import numpy as np
import pytest
from scipy.io import savemat

from untapped.datasets import __main__ as command
from untapped.datasets.converters import visionlab
from untapped.errors import DataError
from untapped.files.npz import read_npz

CHANNELS = 12
SECTIONS = {'Al': 0.66, 'Ca': 1.0, 'Fe': 2.15, 'Si': 0.15, 'Ti': 4.72}
BINARY = [(first, 1 - first) for first in np.arange(1, 8) / 8]
PAPER, AGAIN, TERNARY = [
    os.path.join(*name) for name in (
        ('Dataset of the paper',),
        ('Unpublished dataset', 'Binary mixtures'),
        ('Unpublished dataset', 'Ternary mixtures'))]


def save(path, name, array):
    savemat(str(path), {name: array}, do_compression=True)


def spectra(seed, number):
    return np.random.RandomState(seed).uniform(.1, .9, (CHANNELS, number))


def add(root, series, parts, weights, abundances=None):
    """A folder of mixtures as the authors keep them."""
    place = root.ensure(series, 'Spectrometer', '_'.join(parts), dir=True)
    save(place.join('lambda.mat'), 'lambda',
         np.arange(1001, 1001 + CHANNELS).astype('u2')[:, np.newaxis])
    for seed, row in enumerate(weights):
        stem = '_'.join(parts) + '_' + {.25: '25', .5: '50', .75: '75'}.get(
            row[0], '%03d' % (1000 * row[0]))
        save(place.join(stem + '.mat'), stem,
             spectra(zlib.crc32((series + stem).encode()) & 0xffff,
                     2 + seed % 2))
    shares = np.array(weights) * [SECTIONS[part] for part in parts]
    if abundances is None:
        abundances = shares / shares.sum(axis=1)[:, np.newaxis]
    save(place.join('Abundance_%s.mat' % ''.join(parts)),
         'Abund' if len(parts) > 2 else 'Abundance_' + ''.join(parts),
         np.transpose(abundances))
    for part in parts:
        # the same file in every folder
        save(place.join('Pure_%s.mat' % part), 'Pure_' + part,
             spectra(sorted(SECTIONS).index(part), 3))
    return place


@pytest.fixture
def checkout(tmpdir):
    """Three pairs, one of them measured again, and two series of three."""
    root = tmpdir.mkdir('checkout')
    for pair in (('Al', 'Si'), ('Fe', 'Al'), ('Ca', 'Si')):
        add(root, PAPER, pair, BINARY)
    add(root, AGAIN, ('Al', 'Si'), BINARY)
    add(root, TERNARY, ('Al', 'Fe', 'Si'),
        [(.125, .5, .375), (.25, .5, .25), (.625, .25, .125)])
    # its second mixture is the second of the folder above
    add(root, TERNARY, ('Fe', 'Si', 'Al'),
        [(.125, .5, .375), (.5, .25, .25)])
    # what is to be passed over
    root.ensure('.git', 'objects', 'ab').write('x')
    root.ensure(PAPER, 'Camera', 'Al_Si', 'Pure_Al.mat').write('cut')
    return root


def rows(arrays, sample):
    return arrays['labels'][arrays['sample'] == sample]


class TestConvert(object):
    def test_weights_of_two_parts_come_from_the_files_names(self, checkout):
        made = visionlab.convert(str(checkout))
        assert list(made['parts']) == ['Al2O3', 'CaO', 'Fe2O3', 'SiO2']
        assert (rows(made, 'Al125_Si875') == [.125, 0, 0, .875]).all()
        # the file is called Fe_Al_75
        assert (rows(made, 'Al250_Fe750') == [.25, 0, .75, 0]).all()
        assert (rows(made, 'Pure_Fe') == [0, 0, 1, 0]).all()

    def test_weights_of_three_parts_follow_from_the_cross_sections(
            self, checkout):
        made = visionlab.convert(str(checkout))
        for sample, weights in (('Al125_Fe500_Si375', (.125, .5, .375)),
                                ('Al375_Fe125_Si500', (.375, .125, .5)),
                                ('Al625_Fe250_Si125', (.625, .25, .125))):
            assert (rows(made, sample)[:, [0, 2, 3]] == weights).all()
        assert 'Fe2O3' in made['notes'][1] and '1/8' in made['notes'][1]

    def test_a_composition_is_one_sample_and_has_one_label(self, checkout):
        for labels in visionlab.LABELS:
            made = visionlab.convert(str(checkout), labels)
            for sample in set(made['sample']):
                assert np.ptp(rows(made, sample), axis=0).max() == 0
        # from Al_Fe_Si_25 and from Fe_Si_Al_50
        assert len(rows(made, 'Al250_Fe500_Si250')) == 3 + 3

    def test_abundances_are_the_authors_averaged_over_the_series(
            self, checkout):
        add(checkout, TERNARY, ('Si', 'Al', 'Fe'), [(.25, .25, .5)],
            [(.03, .13, .84)])
        made = visionlab.convert(str(checkout), 'abundance')
        share = .875 * SECTIONS['Si'] / (.125 * SECTIONS['Al'] +
                                         .875 * SECTIONS['Si'])
        assert np.allclose(rows(made, 'Al125_Si875')[:, 3], share)
        other = .5 * SECTIONS['Fe'] / (.25 * (SECTIONS['Al'] + SECTIONS['Si'])
                                       + .5 * SECTIONS['Fe'])
        assert np.allclose(rows(made, 'Al250_Fe500_Si250')[:, 2],
                           (2 * other + .84) / 3)

    def test_a_spectrum_that_lies_in_several_folders_is_kept_once(
            self, checkout):
        made = visionlab.convert(str(checkout))
        kept = set(each.tobytes() for each in made['spectra'])
        assert len(kept) == len(made['spectra'])
        for part in ('Al', 'Ca', 'Fe', 'Si'):
            assert len(rows(made, 'Pure_' + part)) == 3
        assert made['notes'][2].startswith('30 spectra that stand in several')

    def test_spectra_are_rows_on_the_axis_of_the_file(self, checkout):
        made = visionlab.convert(str(checkout))
        assert list(made['axis']) == list(range(1001, 1001 + CHANNELS))
        assert made['axis_unit'] == 'nm'
        assert made['spectra'].dtype == 'f4'
        assert (made['spectra'][made['sample'] == 'Pure_Al'] ==
                spectra(0, 3).T.astype('f4')).all()

    def test_series_are_told_apart_by_nuisances(self, checkout):
        made = visionlab.convert(str(checkout))
        assert list(made['nuisance_names']) == [
            'series: Binary mixtures', 'series: Dataset of the paper',
            'series: Ternary mixtures']
        assert (made['nuisance'].sum(axis=1) == 1).all()
        ternary = np.array([name.count('_') == 2 for name in made['sample']])
        assert (made['nuisance'][:, 2] == ternary).all()
        one = visionlab.convert(str(checkout.join(PAPER)))
        assert 'nuisance' not in one and len(one['notes']) == 3

    def test_of_some_parts_come_the_spectra_that_hold_no_others(self,
                                                                checkout):
        made = visionlab.convert(str(checkout), parts=['SiO2', 'Al2O3'])
        assert list(made['parts']) == ['SiO2', 'Al2O3']
        assert (rows(made, 'Al125_Si875') == [.875, .125]).all()
        assert set(made['sample']) == {'Pure_Al', 'Pure_Si'} | set(
            'Al%d_Si%d' % (n, 1000 - n) for n in range(125, 1000, 125))

    @pytest.mark.parametrize('options, said', [
        (dict(labels='abundances'), "labels is 'abundances'; weight or abu"),
        (dict(labels='Abundance'), "labels is 'Abundance'; weight or abund"),
        (dict(labels=None), 'labels is None; weight or abundance was expe'),
        (dict(parts=[]), 'argument --parts: expected at least two of ')])
    def test_options_that_cannot_be_meant_are_told(self, checkout, options,
                                                   said):
        with pytest.raises(DataError) as caught:
            visionlab.convert(str(checkout), **options)
        assert str(caught.value).startswith(said)

    def test_the_authors_files_give_what_others_derived(self, originals,
                                                        shared):
        made = visionlab.convert(originals('UNTAPPED_VISIONLAB'))
        known = read_npz(os.path.join(shared, 'data', 'measured',
                                      'visionlab_asd.npz'))
        # 15 spectra of TiO2 are twice in those, which are in another order
        place = dict((spectrum.tobytes(), row) for row, spectrum
                     in enumerate(known['spectra']))
        found = [place.pop(spectrum.tobytes()) for spectrum
                 in made['spectra']]
        assert not place and len(found) == 1078
        assert np.array_equal(made['labels'], known['weight'][found])
        assert np.array_equal(made['sample'], known['sample'][found])
        assert np.array_equal(made['axis'], known['wavelength_nm'])


class TestBrokenOriginals(object):
    @pytest.mark.parametrize('damage, message', [
        (lambda f: save(f.join('Al_Si_125.mat'), 'other', spectra(1, 2)),
         'Al_Si_125.mat holds no array of numbers called Al_Si_125'),
        (lambda f: save(f.join('Al_Si_125.mat'), 'Al_Si_125', 'text'),
         'holds no array of numbers'),
        (lambda f: save(f.join('Al_Si_125.mat'), 'Al_Si_125',
                        spectra(1, 2).T),
         r'Al_Si_125 has shape \(2, 12\); \[12 x n\] was expected'),
        (lambda f: save(f.join('Al_Si_125.mat'), 'Al_Si_125',
                        spectra(1, 2) * np.nan), 'holds NaN'),
        (lambda f: save(f.join('Al_Si_125.mat'), 'Al_Si_125',
                        spectra(1, 2) * 1j), 'no array of numbers'),
        (lambda f: f.join('Al_Si_125.mat').write(
            f.join('Al_Si_125.mat').read('rb')[:300], 'wb'),
         'expected a MATLAB file of version 5 to 7, whole'),
        (lambda f: f.join('Al_Si_125.mat').write('version https://git-lfs'),
         'expected a MATLAB file'),
        (lambda f: f.join('Al_Si_125.mat').remove(),
         r'the abundances has shape \(2, 7\); \[2 x 6\] was expected'),
        (lambda f: f.join('Al_Si_125.mat').rename(f.join('Al_Xx_125.mat')),
         'holds the part Xx'),
        (lambda f: f.join('Al_Si_125.mat').rename(f.join('Al_Ca_125.mat')),
         'mixtures of the parts of Al_Ca_125.mat'),
        (lambda f: f.join('Al_Si_125.mat').rename(f.join('Al_Si_0.mat')),
         'each with a share of the first'),
        (lambda f: f.join('lambda.mat').remove(), 'lambda.mat cannot be'),
        (lambda f: save(f.join('lambda.mat'), 'lambda',
                        np.ones((CHANNELS, 1))), 'rising order'),
        (lambda f: save(f.join('lambda.mat'), 'lambda',
                        np.arange(CHANNELS)[:, np.newaxis]),
         'other wavelengths than in the folders before'),
        (lambda f: f.join('Abundance_AlSi.mat').remove(),
         'holds 0 files Abundance_'),
        (lambda f: save(f.join('Abundance_AlSi.mat'), 'Abund',
                        np.ones((2, 7))), 'off the simplex'),
        (lambda f: save(f.join('Abundance_AlSi.mat'), 'Abund',
                        np.repeat([[1], [0]], 7, 1)), 'some of every part'),
    ])
    def test_what_is_wrong_is_said_in_a_sentence(self, checkout, refused,
                                                 damage, message):
        damage(checkout.join(PAPER, 'Spectrometer', 'Al_Si'))
        with pytest.raises(DataError, match=message):
            visionlab.convert(str(checkout))
        out = checkout.join('out.npz')
        refused('convert', 'visionlab', checkout, out)
        assert not out.exists()

    def test_weights_that_are_no_eighths_are_refused(self, checkout):
        add(checkout, TERNARY, ('Al', 'Si', 'Fe'), [(.125, .4, .475)])
        with pytest.raises(DataError, match='come out as 0.125, 0.400, 0.475'):
            visionlab.convert(str(checkout))

    def test_mixtures_of_three_alone_have_no_weights(self, checkout):
        with pytest.raises(DataError, match='that connect Al, Fe, Si'):
            visionlab.convert(str(checkout.join(TERNARY)))

    @pytest.mark.parametrize('arguments, message', [
        (['--parts', 'SiO2'], 'argument --parts: expected at least two'),
        (['--parts', 'SiO2', 'MgO'], 'Fe2O3, SiO2, TiO2, each once, got '),
        (['--parts', 'SiO2', 'SiO2'], 'each once'),
        (['--parts', 'SiO2', 'TiO2'], 'no spectrum holds any TiO2')])
    def test_parts_that_are_not_there_are_refused(self, checkout, refused,
                                                  arguments, message):
        assert message in refused('convert', 'visionlab', checkout,
                                  checkout.join('out.npz'), *arguments)

    def test_a_folder_of_other_things_is_refused(self, tmpdir, refused):
        out = tmpdir.join('out.npz')
        assert 'is no folder' in refused('convert', 'visionlab',
                                         tmpdir.join('none'), out)
        assert 'holds no .mat files' in refused('convert', 'visionlab',
                                                tmpdir, out)


class TestCommand(object):
    def test_the_file_is_the_same_each_time_and_read_without_pickles(
            self, checkout, capsys):
        paths = [str(checkout.join(name)) for name in ('one.npz', 'two.npz')]
        for path in paths:
            assert command.main(['convert', 'visionlab', str(checkout), path,
                                 '--parts', 'Al2O3', 'Fe2O3', 'SiO2']) == 0
        one, two = [open(path, 'rb').read() for path in paths]
        assert one == two
        found = read_npz(paths[0])
        assert set(found) == {
            'spectra', 'axis', 'axis_unit', 'labels', 'parts', 'sample',
            'nuisance', 'nuisance_names', 'notes'}
        assert ('visionlab: %d spectra of %d samples, 12 channels from 1001 '
                'to 1012 nm, parts Al2O3, Fe2O3, SiO2' % (
                    len(found['spectra']), len(set(found['sample'])))
                in capsys.readouterr()[0])

    def test_a_file_that_is_there_is_kept(self, checkout, refused):
        out = checkout.join('out.npz')
        out.write('mine')
        assert 'exists already' in refused('convert', 'visionlab', checkout,
                                           out)
        assert out.read() == 'mine'

"""Amino compounds: from the authors' tables to the study's format."""
from __future__ import division, print_function

import os

import numpy as np
import pytest

from sheets import write_sheet
from untapped.datasets import __main__ as command
from untapped.datasets.converters import raman_amino
from untapped.errors import DataError
from untapped.files.npz import read_npz

PIXELS, LASER = 6, 784.816
WAVES = [801.62, 801.76, 801.90, 802.05, 802.19, 802.33]
PARTS = ['Alanine', 'Aspartic Acid', 'Glucosamine']
MIXTURES = [['ab01', .5, .25, .25], ['ab02', .25, .75, 0.]]


def table(scans=2, power='60.0', name='Laser Power %', start=0):
    """A spectrometer's table, as text."""
    lines = ['ENLIGHTEN Version,3.2.6']
    for title, value in (('Integration Time', '1000'), ('Note', ''),
                         ('Laser Wavelength', str(LASER)), (name, power),
                         ('Pixel Count', str(PIXELS))):
        lines.append(title + ',,' + (',,' + value) * scans)
    lines += ['', 'WP-00643,,' + ',,16:52:51 WP-00643' * scans,
              'Pixel,Wavelength,Wavenumber' + ',Processed,Raw' * scans]
    for pixel, wave in enumerate(WAVES):
        lines.append('%d,%.2f,0' % (pixel, wave) + ''.join(
            ',%.2f,%.2f' % (-1, start + 10 * pixel + scan)
            for scan in range(scans)))
    return '\r\n'.join(lines) + '\r\n'


@pytest.fixture
def checkout(tmpdir):
    root = tmpdir.mkdir('checkout')
    data = root.mkdir('Data')
    data.ensure('AAF_Data', 'ab01.csv').write(table())
    # its table has no column of wavenumbers
    data.ensure('AAF_Data', 'ab02.csv').write(
        table(3, '50.0', start=1000).replace(',Wavenumber', '').replace(
            ',0,-1.00', ',-1.00'))
    write_sheet(str(data.ensure('AA_GroundTruth', 'AAF_proportions.xlsx')),
                [['vial #'] + PARTS] + MIXTURES)
    for name in ('DL-alanine', 'L-aspartic-acid', 'D-glucosamine-HCl'):
        data.ensure('AA_Pure', name + '.csv').write(table(
            1, '100', 'Laser Power', 5000))
    data.join('.DS_Store').write('x')
    return root


class TestConvert(object):
    def test_each_scan_is_a_row_with_its_mixtures_proportions(self,
                                                              checkout):
        made = raman_amino.convert(str(checkout))
        assert list(made['parts']) == PARTS
        assert list(made['sample']) == ['ab01'] * 2 + ['ab02'] * 3
        assert made['labels'].tolist() == [MIXTURES[0][1:]] * 2 + \
            [MIXTURES[1][1:]] * 3
        assert (made['spectra'][1] == 10 * np.arange(PIXELS) + 1).all()
        assert (made['spectra'][2] == 10 * np.arange(PIXELS) + 1000).all()

    def test_the_axis_is_the_shift_from_the_laser(self, checkout):
        made = raman_amino.convert(str(checkout))
        assert made['axis_unit'] == '1/cm'
        assert np.allclose(made['axis'],
                           (1 / LASER - 1 / np.array(WAVES)) * 1e7)

    def test_a_table_without_its_laser_has_that_of_the_authors(self,
                                                               checkout):
        path = checkout.join('Data', 'AAF_Data', 'ab01.csv')
        path.write(path.read('rb').replace(b'Laser Wave', b'Wave'), 'wb')
        checkout.join('Data', 'AAF_Data', '._ab01.csv').write('x')
        assert len(raman_amino.convert(str(checkout))['spectra']) == 5

    def test_scan_and_power_are_nuisances_and_what_never_varies_is_not(
            self, checkout):
        made = raman_amino.convert(str(checkout))
        assert list(made['nuisance_names']) == ['scan', 'laser power (%)']
        assert made['nuisance'].tolist() == [[1, 60], [2, 60], [1, 50],
                                             [2, 50], [3, 50]]

    def test_what_not_every_table_tells_is_left_out(self, checkout):
        path = checkout.join('Data', 'AAF_Data', 'ab02.csv')
        path.write(path.read('rb').replace(b'Laser Power %', b'Power'), 'wb')
        made = raman_amino.convert(str(checkout))
        assert list(made['nuisance_names']) == ['scan']

    def test_the_compounds_alone_are_samples_if_asked_for(self, checkout):
        made = raman_amino.convert(str(checkout), pure=True)
        assert list(made['sample'][5:]) == [
            'D-glucosamine-HCl', 'DL-alanine', 'L-aspartic-acid']
        assert made['labels'][5:].tolist() == [[0, 0, 1], [1, 0, 0],
                                               [0, 1, 0]]
        assert (made['nuisance'][5:, 1] == 100).all()

    def test_the_folder_data_alone_is_enough(self, checkout):
        assert len(raman_amino.convert(str(checkout.join('Data')))
                   ['spectra']) == 5

    def test_the_authors_files_give_what_others_derived(self, originals,
                                                        shared):
        folder = originals('UNTAPPED_RAMAN_AMINO')
        made = raman_amino.convert(folder, pure=True)
        known = read_npz(os.path.join(shared, 'data', 'measured',
                                      'raman_aaf.npz'))
        n = len(known['spectra'])
        assert n == 2880 and len(made['spectra']) == n + 60
        for name, theirs in (('spectra', 'spectra'), ('sample', 'sample')):
            assert np.array_equal(made[name][:n], known[theirs])
        assert np.allclose(made['labels'][:n], known['proportion'],
                           atol=1e-7)
        assert np.allclose(made['axis'], known['wavenumber'], atol=1e-8)
        for sample in set(made['sample'][n:]):
            assert np.array_equal(made['spectra'][made['sample'] == sample],
                                  known['pure_' + sample])


def change(name, old, new):
    """A damage to a table: some bytes are others."""
    def damage(data):
        path = data.join('AAF_Data', name)
        content = path.read('rb')
        assert old in content
        path.write(content.replace(old, new, 1), 'wb')
    return damage


def listed(rows):
    """A damage to the list: it has these rows."""
    return lambda data: write_sheet(
        str(data.join('AA_GroundTruth', 'AAF_proportions.xlsx')), rows)


class TestBrokenOriginals(object):
    @pytest.mark.parametrize('damage, message', [
        (change('ab01.csv', b'\r\n5,802.33', b'\r\n'),
         'pixel 5 is malformed; 7 numbers were expected'),
        (change('ab01.csv', table().encode()[-60:], b''),
         'malformed|has 5 pixels'),
        (change('ab01.csv', b'3,802.05', b'4,802.05'),
         'has 6 pixels; 6 in their order'),
        (change('ab01.csv', b'Pixel Count,,,,6,,6', b'Pixel Count,,,,9'),
         'has 6 pixels; 9 in their order'),
        (change('ab01.csv', b'-1.00,51.00', b'-1.00,x'), 'pixel 5 is malf'),
        (change('ab01.csv', b'-1.00,51.00', b'-1.00,nan'), 'holds NaN'),
        (change('ab01.csv', b'Pixel,Wave', b'Pix,Wave'), 'begins with Pixel'),
        (change('ab01.csv', b'Processed,Raw,Processed,Raw', b'a,b,c,d'),
         'columns Wavelength and Raw'),
        (change('ab01.csv', b'784.816', b'785'),
         'one number in the line Laser Wavelength'),
        (change('ab01.csv', b'Laser Wavelength,,,,784.816,,784.816',
                b'Laser Wavelength,0'), 'one number in the line Laser'),
        (change('ab01.csv', b'Laser Wavelength,,,,784.816,,784.816',
                b'Laser Wavelength'), 'one number in the line Laser'),
        (change('ab01.csv', b'802.05', b'700.05'), 'rising order'),
        (change('ab01.csv', b'802.05', b'802.06'),
         'ab02.csv: other wavelengths than in the tables before'),
        (lambda data: data.join('AAF_Data', 'ab02.csv').remove(),
         'ab02 stands in the list alone'),
        (lambda data: data.join('AAF_Data', 'ab03.csv').write('x'),
         'ab03 stands beside the list'),
        (listed([['vial #'] + PARTS]), 'a line for each mixture'),
        (listed([['vial #', 1., 2.]] + MIXTURES), 'a line of names'),
        (listed([['vial #'] + PARTS, MIXTURES[0], ['ab02', .5, .5]]),
         'row 3 is malformed; the name of a mixture and 3 numbers'),
        (listed([['vial #'] + PARTS, MIXTURES[0], ['ab02', .5, .5, 'x']]),
         'row 3 is malformed'),
        (listed([['vial #'] + PARTS, MIXTURES[0], MIXTURES[0]]),
         'row 3 is malformed'),
        (listed([['vial #'] + PARTS, MIXTURES[0], ['../x', .5, .5, 0.]]),
         'row 3 is malformed'),
        (listed([['vial #'] + PARTS, MIXTURES[0], ['ab02', .5, .5, .5]]),
         'row 1 of the proportions is off the simplex'),
        (listed([['vial #'] + PARTS, ['ab01', .5, .5, 0.],
                 ['ab02', .5, .5, 0.]]), 'no spectrum holds any Glucosamine'),
        (lambda data: data.join('AA_GroundTruth').remove(),
         'AAF_proportions.xlsx cannot be read'),
        (lambda data: data.join('AAF_Data').remove(), 'is no folder'),
    ])
    def test_what_is_wrong_is_said_in_a_sentence(self, checkout, refused,
                                                 damage, message):
        damage(checkout.join('Data'))
        with pytest.raises(DataError, match=message):
            raman_amino.convert(str(checkout))
        out = checkout.join('out.npz')
        refused('convert', 'raman-amino', checkout, out)
        assert not out.exists()

    def test_a_compound_that_is_no_part_is_named(self, checkout):
        checkout.join('Data', 'AA_Pure', 'L-proline.csv').write(table())
        with pytest.raises(DataError, match='L-proline.csv: the name of one'):
            raman_amino.convert(str(checkout), pure=True)

    def test_a_folder_of_other_things_is_refused(self, tmpdir, refused):
        assert 'AAF_proportions.xlsx cannot be read' in refused(
            'convert', 'raman-amino', tmpdir, tmpdir.join('out.npz'))


def test_the_command_writes_what_was_converted(checkout, capsys):
    out = str(checkout.join('out.npz'))
    assert command.main(['convert', 'raman-amino', str(checkout), out,
                         '--pure']) == 0
    assert 'raman-amino: 8 spectra of 5 samples, 6 channels from 267.101 ' \
        'to 278.141 1/cm' in capsys.readouterr()[0]
    made = raman_amino.convert(str(checkout), pure=True)
    found = read_npz(out)
    assert set(found) == set(made)
    for name, array in made.items():
        assert np.array_equal(found[name], array)

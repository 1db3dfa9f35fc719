"""libs.pkl.gz from folders in the form of ChemCam's public archive."""
from __future__ import division, print_function

import os
import shutil

import numpy as np
import pytest

from untapped import datasets
from untapped.datasets import __main__ as command
from untapped.datasets import chemcam, libs, pds
from untapped.errors import DataError

HEADER = 'Sol,EDR Type,SCLK,Filename,Sequence,Target,Distance (m)'
AXIS = chemcam.channel_axis()
#: clock: target, in the list's words
TARGETS = {101: 'Cal Target 2', 102: 'CCCT 03', 103: 'Shergottite',
           104: 'NAu-2_Med-S', 105: 'Cal Target 6', 106: 'Cal Target 5',
           107: 'CCCT-10', 108: 'Cal Target 4'}
ROCKS = {201: 'Coronation', 202: 'Jake Matijevic', 203: 'Rocknest_3'}
#: the tables' heights, which tell them apart
HEIGHT = dict((clock, float(clock)) for clock in list(TARGETS) + list(ROCKS))


def write_table(path, height, axis=AXIS, names='wave, shot1, median, mean'):
    """A table of which the column mean is `height` in each channel."""
    path.write('# NSHOTS = 1\n# %s\n' % names + ''.join(
        '%.5f, 1e9, 2e9, %s\n' % (wave, height) for wave in axis),
        ensure=True)


def name_of(clock, version=3):
    return 'cl5_%09dccs_f0030004ccam02013p%d.csv' % (clock, version)


@pytest.fixture(scope='module')
def made(tmpdir_factory):
    """A mirror: eight targets, three rocks, labels beside the tables."""
    root = tmpdir_factory.mktemp('pds')
    lines = [HEADER]
    for clock, target in sorted(list(TARGETS.items()) +
                                list(ROCKS.items())):
        lines.append('%d,CL5,%d,CL5_X,ccam02013,%s,2.7' % (
            clock % 7, clock, target))
        write_table(root.join('data', 'sol%05d' % (clock % 7),
                              name_of(clock)), HEIGHT[clock])
        root.join('data', 'sol%05d' % (clock % 7),
                  name_of(clock)[:-4] + '.lbl').write('PDS_VERSION_ID')
    # darks, and what else the list holds
    lines += ['3,CL1,101,x,y,Norite,', '4,CL9', '', ',,,']
    root.ensure('document', pds.LIST).write('\r\n'.join(lines))
    return root


@pytest.fixture
def mirror(made, tmpdir):
    """A copy of it, to be changed."""
    shutil.copytree(str(made), str(tmpdir.join('mirror')))
    return tmpdir.join('mirror')


def add_lines(mirror, *lines):
    mirror.join('document', pds.LIST).write('\r\n' + '\r\n'.join(lines), 'a')


class TestBuild(object):
    def test_targets_get_their_compositions_and_rocks_none(self, made):
        raw, counts = pds.build(str(made))
        arrays = raw.arrays
        assert sorted(arrays['types']) == [
            'GRAPHITE', 'KGA-MED', 'NAU2-MED', 'NORITE', 'PICRITE',
            'SHERGOTTITE', 'SHERGOTTITE', 'TITANIUM']
        for name, spectrum, row in zip(arrays['types'], arrays['x'],
                                       arrays['y']):
            if name in chemcam.TARGETS:
                assert np.allclose(row[:8], chemcam.TARGETS[name])
                assert abs(row[:9].sum() - max(100, row[:8].sum())) < 1e-9
            else:
                assert np.isnan(row[:9]).all()
            assert np.isnan(row[9:]).all()
            words = TARGETS[int(spectrum[0])]
            assert pds.target_of(words) == name
        assert arrays['small_means'][:, 0].tolist() == [201, 202, 203]
        assert np.array_equal(arrays['waves'], AXIS)
        assert counts['rock'] == 3 and counts['SHERGOTTITE'] == 2
        assert sum(number for name, number in counts.items()
                   if name.startswith('left out')) == 0

    def test_the_file_is_what_the_experiment_reads(self, mirror, capsys):
        path = str(mirror.join('libs.pkl.gz'))
        # the file last, as people write it
        assert command.main(['build', 'libs', '--pds', str(mirror),
                             path]) == 0
        out = capsys.readouterr()[0]
        assert [line.split() for line in out.splitlines()
                if 'rock' in line][0] == ['rock', '3']
        assert out.endswith('written: %s\n' % path)
        data = datasets.prepare(datasets.load('libs', path),
                                np.random.RandomState(0))
        assert data.meta['validation_types'] == ['NAU2-MED', 'NORITE',
                                                 'PICRITE']
        assert len(data.X_) == 3 and data.names[0] == 'SiO2'
        assert data.y.shape[1] == 8

    def test_too_few_standards_are_told(self, mirror, capsys):
        mirror.join('document', pds.LIST).write('\n'.join(
            '1,CL5,%d,x,y,%s' % each for each in (
                (101, 'Shergottite'), (102, 'Shergottite'),
                (201, 'Coronation'))))
        path = str(mirror.join('libs.pkl.gz'))
        assert command.main(['build', 'libs', path, '--pds',
                             str(mirror)]) == 0
        assert 'These are 1 of the standards; run_libs.py needs 4.' in \
            capsys.readouterr()[0]
        with pytest.raises(DataError, match='at least 4 standards'):
            datasets.prepare(datasets.load('libs', path),
                             np.random.RandomState(0))

    def test_the_newest_version_of_a_table_counts(self, mirror):
        write_table(mirror.join('data', 'sol00000', name_of(201, 4)), 7.)
        write_table(mirror.join('data', 'sol00000', name_of(201, 2)), 8.)
        raw, counts = pds.build(str(mirror))
        assert raw.arrays['small_means'][:, 0].tolist() == [7, 202, 203]
        assert counts['left out: older versions and copies'] == 2

    def test_names_in_capitals_count_too(self, mirror):
        for path in mirror.join('data').listdir():
            path.move(mirror.join('data', path.basename.upper()))
        old = next(path for path in mirror.visit(name_of(203)))
        old.rename(old.dirpath(name_of(203).upper()))
        mirror.join('document', pds.LIST).rename(
            mirror.join('document', pds.LIST.upper()))
        assert len(pds.build(str(mirror))[0].arrays['small_means']) == 3

    def test_what_is_left_out_is_counted(self, mirror):
        add_lines(mirror, '9,CL5,301,x,y,Cal Target 11,',
                  '9,CL5,302,x,y,MAHLI Cal Target,', '9,CL5,303,x,y,,',
                  '9,CL5,305,x,y,Never sent,')
        for clock in (301, 302, 303, 304):
            write_table(mirror.join('data', 'sol00009', name_of(clock)), 1)
        raw, counts = pds.build(str(mirror), rocks=2)
        assert raw.arrays['small_means'][:, 0].tolist() == [201, 203]
        assert [number for name, number in counts.items()
                if name.startswith('left out')] == [1, 2, 1, 1, 0, 1]

    def test_the_real_product_is_a_rock(self, mirror, shared):
        name = 'CL5_398645626CCS_F0030004CCAM02013P3.csv.gz'
        real = os.path.join(shared, 'data', 'chemcam', name)
        shutil.copy(real, str(mirror.join('data')))
        add_lines(mirror, '13,CL5,398645626,x,ccam02013,Coronation,2.67')
        raw, counts = pds.build(str(mirror))
        mean = chemcam.read_ccs(real)[1]['mean']
        assert np.array_equal(raw.arrays['small_means'][3], mean)
        assert counts['rock'] == 4

    @pytest.mark.parametrize('words, target', [
        ('Cal Target 1', 'MACUSANITE'), ('cal_target_9', 'NAU2-HI'),
        ('CCCT 06', 'KGA-MED'), ('CCCT_4', 'SHERGOTTITE'),
        ('Cal Target 10 Titanium', 'TITANIUM'),
        ('ChemCam Cal Target 3', 'PICRITE'), ('NAu-2_Low-S', 'NAU2-LO'),
        ('NAu2-Hi', 'NAU2-HI'), ('Kga-d_Med-S', 'KGA-MED'),
        ('KGa-2 Med S', 'KGA-MED'), ('MACUSANITE', 'MACUSANITE'),
        ('Titanium', 'TITANIUM'), ('Cal Target', pds.UNKNOWN),
        ('CCCT 42', pds.UNKNOWN), ('APXS Calibration Target', pds.UNKNOWN),
        ('Cal Target 0', pds.UNKNOWN), ('Norite Hill', pds.ROCK),
        ('Calcite', pds.ROCK), ('Target 4', pds.ROCK), (' ', None),
        ('', None)])
    def test_names_of_targets_are_known(self, words, target):
        assert pds.target_of(words) == target

    def test_the_numbered_targets_are_those_of_known_composition(self):
        assert set(pds.NUMBERED) - set(chemcam.TARGETS) == {'GRAPHITE',
                                                            'TITANIUM'}
        assert set(chemcam.TARGETS) <= set(pds.NUMBERED)
        assert set(libs.EXCLUDED) <= set(pds.NUMBERED)


def cut(mirror):
    path = next(path for path in mirror.visit(name_of(201)))
    path.write(path.read()[:-2000])


def renamed(mirror):
    write_table(next(path for path in mirror.visit(name_of(202))), 1,
                names='wave, shot1, median, average')


def shifted(mirror):
    write_table(next(path for path in mirror.visit(name_of(203))), 1,
                AXIS + .05)


class TestBroken(object):
    @pytest.mark.parametrize('damage, message', [
        (cut, r'p3.csv has 60\d\d channels|is malformed'),
        (renamed, 'has no column mean'),
        (shifted, 'other wavelengths than in the tables before'),
        (lambda m: add_lines(m, '9,CL5,205,x'), 'row 17 is malformed'),
        (lambda m: add_lines(m, '9,CL5,noon,x,y,Rock,'), 'row 17 is malf'),
        (lambda m: add_lines(m, '9,CL5,201,x,y,Other,'),
         'row 17 gives the clock 201 another target'),
        (lambda m: add_lines(m, '9,CL5,205,x,y,"Ro\0ck",'),
         'a table of commas|holds'),
        (lambda m: m.join('document', pds.LIST).remove(),
         'holds 0 lists msl_ccam_obs.csv and 11 tables'),
        (lambda m: m.join('document', pds.LIST).copy(m),
         'holds 2 lists'),
        (lambda m: m.join('data').remove(), 'and 0 tables'),
        (lambda m: m.join('document', pds.LIST).write('\n'.join(
            '1,CL5,%d,x,y,Rock' % clock for clock in HEIGHT)),
         'tables of 11 rocks and of 0 calibration targets that'),
        (lambda m: m.join('document', pds.LIST).write('\n'.join(
            '1,CL5,%d,x,y,%s' % each for each in TARGETS.items())),
         'tables of 0 rocks and of 4 calibration targets that'),
        (lambda m: m.join('document', pds.LIST).write('\0\0\0'),
         'a table of commas|of 0 rocks'),
        (lambda m: m.remove(), 'is no folder'),
    ])
    def test_what_is_wrong_is_said_in_a_sentence(self, mirror, tmpdir,
                                                 capsys, damage, message):
        damage(mirror)
        with pytest.raises(DataError, match=message):
            pds.build(str(mirror))
        out = tmpdir.join('libs.pkl.gz')
        assert command.main(['build', 'libs', str(out), '--pds',
                             str(mirror)]) == 2
        error = capsys.readouterr()[1]
        assert error.startswith('error: ') and error.count('\n') == 1
        assert not out.exists()

    def test_no_rocks_cannot_be_asked_for(self, made):
        with pytest.raises(DataError, match='argument --rocks'):
            pds.build(str(made), rocks=0)

    def test_a_file_that_is_there_is_kept(self, made, tmpdir, capsys):
        out = tmpdir.join('libs.pkl.gz')
        out.write('mine')
        assert command.main(['build', 'libs', str(out), '--pds',
                             str(made)]) == 2
        assert 'exists already' in capsys.readouterr()[1]
        assert out.read() == 'mine'

"""Spectra of one's own: the two formats, what is refused, and the split."""
from __future__ import division, print_function

import io
import os
import subprocess
import sys

import numpy as np
import pytest

import own_spectra
from untapped import datasets
from untapped.datasets import spectra_prepared
from untapped.datasets.spectra_prepared import Channels, Division
from untapped.errors import DataError

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))


def prepared(raw, seed=0, channels=(None, None, 1, 'none'),
             division=(4, 0, None), rest=False):
    return datasets.prepare(raw, np.random.RandomState(seed),
                            channels=Channels(*channels),
                            division=Division(*division), rest=rest)


@pytest.fixture(scope='module')
def arrays():
    return own_spectra.unlabelled(own_spectra.mixtures(), 2)


@pytest.fixture(scope='module')
def raw(arrays, tmpdir_factory):
    folder = tmpdir_factory.mktemp('own')
    return datasets.load('spectra', own_spectra.write_npz(
        folder.join('a.npz'), arrays))


@pytest.mark.parametrize('options, said', [
    (dict(channels=(None, None, 1, 'SNV')), "scale is 'SNV'; none or sum"),
    (dict(channels=(None, None, 1, None)), 'scale is None; none or sum or'),
    (dict(channels=(None, None, 0, 'none')), 'every is 0; a whole number of'),
    (dict(channels=(None, None, -1, 'none')), 'every is -1; a whole number'),
    (dict(channels=(None, None, 1.5, 'none')), 'every is 1.5; a whole numb'),
    (dict(channels=(1200, None, 1, 'none')), 'start and stop are 1200 and N'),
    (dict(channels=('a', 1500, 1, 'none')), "start and stop are 'a' and 150"),
    (dict(division=(5, 7, None)), 'fold is 7; a whole number from 0 to 4'),
    (dict(division=(5, -1, None)), 'fold is -1; a whole number from 0 to 4'),
    (dict(division=(0, 0, None)), 'folds, if not centre, is 0; a whole num'),
    (dict(division=('center', 0, None)), "folds, if not centre, is 'center'"),
    (dict(division=(4, 0, -1)), 'labelled, if not None, is -1; a whole num'),
    (dict(division=(4, 0, 0)), 'labelled, if not None, is 0; a whole numbe'),
    (dict(division=(4, 0, 1)), 'labelled, if not None, is 1; a whole numbe')])
def test_options_that_cannot_be_meant_are_told(raw, options, said):
    with pytest.raises(DataError) as caught:
        prepared(raw, **options)
    assert str(caught.value).startswith(said)


def test_spectra_of_ones_own_have_no_published_file(raw, tmpdir):
    with pytest.raises(DataError, match='^There is no published file of sp'):
        datasets.write_published(raw, str(tmpdir.join('a.pkl.gz')))
    assert not tmpdir.listdir()


def test_both_formats_hold_the_same(arrays, raw, tmpdir):
    read = datasets.load('spectra', own_spectra.write_csv(
        tmpdir.join('a.csv'), own_spectra.table(arrays)))
    assert read.meta['outputs'] == raw.meta['outputs'] == \
        own_spectra.NAMES[:3]
    assert (raw.meta['waves_unit'], read.meta['waves_unit']) == ('nm', '')
    assert list(read.arrays) == list(raw.arrays)
    for name in read.arrays:
        np.testing.assert_array_equal(read.arrays[name], raw.arrays[name])
    assert 'sha256 ' in read.source


def test_columns_of_a_table_may_stand_in_any_order(arrays, raw, tmpdir):
    lines = own_spectra.table(arrays)
    order = list(range(1, 4)) + [0] + list(range(6, len(lines[0]))) + [4, 5]
    read = datasets.load('spectra', own_spectra.write_csv(
        tmpdir.join('a.csv'), [[line[k] for k in order] for line in lines]))
    assert np.array_equal(read.arrays['spectra'], raw.arrays['spectra'])
    assert np.array_equal(read.arrays['nuisance'], raw.arrays['nuisance'])


def test_a_table_may_have_a_mark_of_its_encoding_quotes_and_empty_lines(
        arrays, raw, tmpdir):
    lines = own_spectra.table(arrays)
    lines = [['"%s"' % cell for cell in lines[0]], []] + lines[1:] + [[]]
    lines[0][0] = u'\ufeff' + lines[0][0]
    read = datasets.load('spectra', own_spectra.write_csv(
        tmpdir.join('A.CSV'), lines))
    assert np.array_equal(read.arrays['spectra'], raw.arrays['spectra'])


#: what is done to the lines of a table, and what the sentence names
def _cell(line, column, text):
    def change(lines):
        lines[line][column] = text
    return change


def _without(columns):
    def change(lines):
        for line in lines:
            del line[columns]
    return change


def _percent(lines):
    for line in lines[1:]:
        line[1:4] = [cell and u'%g' % (100 * float(cell))
                     for cell in line[1:4]]


def _absent(lines):
    for line in lines[1:]:
        line[1:4] = [u'0', u'0.5', u'0.5']


def _one_sample(lines):
    lines[1:] = [lines[1] for _ in lines[1:]]


WRONG_TABLES = [
    (_cell(7, 11, u'nan'), 'line 8, column 1258.6 is nan'),
    (_cell(7, 11, u'-inf'), 'line 8, column 1258.6 is -inf'),
    (_cell(7, 11, u'1e39'), 'line 8, column 1258.6 is 1e+39'),
    (_cell(7, 11, u'dark'), 'line 8, column 1258.6 is dark; a number'),
    (_cell(7, 11, u''), 'line 8, column 1258.6 is empty; a number'),
    (_cell(3, 2, u'much'), 'line 4, column label:Al2O3 is much'),
    (_cell(3, 2, u''), 'line 4, column label:Al2O3 is missing beside'),
    (_cell(3, 1, u'-0.2'), 'line 4, column label:quartz is -0.2'),
    (_cell(3, 2, u'0.5'), 'line 4: labels sum to 1.5'),
    (_cell(3, 3, u'inf'), u'line 4, column label:F\u00e9 is inf'),
    (_percent, 'line 2, column label:quartz is 100; fractions from 0 to 1'),
    (_cell(1, 0, u's07'), 'line 30: sample s07 has other labels than in '
                          'line 2'),
    (_cell(5, 0, u' '), 'line 6 has no sample'),
    (_cell(5, 4, u'inf'), 'line 6, column nuisance:lamp is infinite'),
    (_cell(0, 0, u'name'), '0 columns of line 1 are named sample'),
    (_cell(0, 1, u'sample'), '2 columns of line 1 are named sample'),
    (_cell(0, 1, u'quartz'), 'column 2 is named quartz'),
    (_cell(0, 9, u''), 'column 10 is named empty'),
    (_cell(0, 2, u'label:quartz'), 'name 1 of parts is quartz'),
    (_cell(0, 2, u'label:mean'), 'name 1 of parts is mean'),
    (_cell(0, 2, u'label:'), 'name 1 of parts is empty'),
    (_cell(0, 9, u'990'), 'wavelength 990 follows 1103.4 in channel 3'),
    (_cell(0, 9, u'1103.4'), 'wavelength 1103.4 follows 1103.4'),
    (_cell(0, 9, u'nan'), 'channel 3 of the axis is no finite number'),
    (_without(slice(1, 4)), 'no part has labels'),
    (_without(slice(7, None)), 'of 1 channels'),
    (lambda lines: lines[4].append(u'1'), 'line 5 has 37 columns; 36'),
    (lambda lines: lines.__delitem__(slice(1, None)), 'holds no spectra'),
    (lambda lines: lines.__delitem__(slice(None)), '0 columns of line 1'),
    (_absent, 'no spectrum holds any quartz'),
    (_one_sample, 'samples with labels: 1; at least 3'),
    (_cell(5, 0, u'"s'), 'is malformed'),
    (_cell(5, 0, u'\0'), 'is malformed'),
]


@pytest.mark.parametrize('change, part', WRONG_TABLES)
def test_a_wrong_table_is_one_sentence_with_its_line_and_column(
        arrays, tmpdir, change, part):
    lines = [list(line) for line in own_spectra.table(arrays)]
    change(lines)
    path = own_spectra.write_csv(tmpdir.join('a.csv'), lines)
    with pytest.raises(DataError) as error:
        datasets.load('spectra', path)
    told = str(error.value)
    told = told.decode('utf-8') if str is bytes else told
    assert part in told and path in told and '\n' not in told


def test_a_table_in_another_encoding_is_one_sentence(arrays, tmpdir):
    text = u'\n'.join(u','.join(line) for line in own_spectra.table(arrays))
    tmpdir.join('a.csv').write_binary(text.encode('latin1'))
    with pytest.raises(DataError, match='line 1 is no text; UTF-8'):
        datasets.load('spectra', str(tmpdir.join('a.csv')))


def _set(name, value, where=None):
    def change(arrays):
        if where is None:
            arrays[name] = value
        else:
            arrays[name] = arrays[name].copy()
            arrays[name][where] = value
    return change


WRONG_ARRAYS = [
    (_set('spectra', np.nan, (5, 3)), 'row 5 of spectra, column 3 (1155.2)'),
    (_set('spectra', np.nan, 5), 'row 5 of spectra, column 0 (1000) is nan'),
    (_set('labels', .7, (2, 1)), 'row 2 of labels: labels sum to 1.7'),
    (_set('labels', np.nan, (2, 1)), 'row 2 of labels, column 1 (label:Al'),
    (_set('labels', np.eye(3)), 'labels has shape (3, 3); (48, 3)'),
    (_set('axis', np.arange(30)[::-1]), 'wavelength 28 follows 29 in channel '
                                        '1'),
    (_set('axis', np.arange(29)), 'axis has shape (29,)'),
    (_set('axis_unit', np.arange(3)), 'axis_unit has shape (3,)'),
    (_set('parts', np.arange(3)), 'parts has shape (3,) and type int64'),
    (_set('spectra', np.zeros((48, 30), 'U3')), 'spectra has shape'),
    (_set('spectra', np.zeros(48)), 'numbers with 2 axes were expected'),
    (_set('sample', np.zeros(48)), 'sample has shape (48,) and type float64; '
                                   'texts or whole numbers'),
    (_set('labels_only', np.full((4, 3), .5)), 'row 0 of labels_only'),
    (_set('labels_only', np.full((4, 3), np.nan)), 'row 0 of labels_only'),
    (_set('labels_only', np.ones((4, 2))), 'labels_only has shape (4, 2)'),
    (_set('labels_only', np.ones((0, 3))), 'labels_only has no row'),
    (_set('nuisance_names', np.array([u'a', u'level of the spectrum'])),
     'a nuisance is named level of the spectrum, which is computed'),
    (_set('nuisance', np.inf, (7, 1)), 'row 7 of nuisance, column 1'),
    (lambda arrays: arrays.pop('nuisance_names'), 'without nuisance_names'),
    (lambda arrays: arrays.pop('sample'), 'holds no array sample'),
    (_set('parts', np.array([u'a', u'b', u'c'], object)), 'array of objects'),
]


@pytest.mark.parametrize('change, part', WRONG_ARRAYS)
def test_a_wrong_npz_is_one_sentence_with_its_row_and_column(
        arrays, tmpdir, change, part):
    changed = dict(arrays)
    change(changed)
    path = own_spectra.write_npz(tmpdir.join('a.npz'), changed)
    with pytest.raises(DataError) as error:
        datasets.load('spectra', path)
    assert part in str(error.value) and path in str(error.value)
    assert '\n' not in str(error.value)


@pytest.mark.parametrize('source, part', [
    ('simulated', 'There are no simulated spectra'),
    ('download', 'There are no downloaded spectra'),
    ('nowhere.npz', 'does not exist'), (__file__, 'neither .npz nor .csv')])
def test_spectra_come_from_a_file_alone(source, part):
    with pytest.raises(DataError, match=part):
        datasets.load('spectra', source)


def test_a_large_table_takes_little_more_memory_than_its_numbers(tmpdir):
    path = str(tmpdir.join('large.csv'))
    rng = np.random.RandomState(0)
    with io.open(path, 'wb') as stream:
        waves = b','.join(b'%d' % wave for wave in range(1000, 3000))
        stream.write(b'sample,label:a,label:b,' + waves + b'\n')
        row = b','.join(b'%.6f' % number for number in rng.uniform(size=2000))
        for number in range(600):
            stream.write(b's%d,0.%d,0.%d,' % (
                number % 4, 2 + number % 4, 8 - number % 4) + row + b'\n')
    size = os.path.getsize(path)
    assert size > 10 << 20
    code = ('import resource, sys\n'
            'from untapped import datasets\n'
            'used = int(open("/proc/self/statm").read().split()[0])\n'
            'most = used * resource.getpagesize() + int(sys.argv[2])\n'
            'resource.setrlimit(resource.RLIMIT_AS, (most, most))\n'
            'datasets.load("spectra", sys.argv[1])\n')

    def read_within(room):
        return subprocess.call(
            [sys.executable, '-c', code, path, str(room)], cwd=ROOT,
            stderr=subprocess.PIPE) == 0

    # 1 GB for 100 MB, less what Python has loaded
    assert read_within(6 * size) and not read_within(size // 2)


# Prepared -------------------------------------------------------------------

def held_out(raw, fold, **options):
    return set(raw.arrays['sample'][prepared(
        raw, division=(4, fold, None), **options).meta['validation']])


def test_each_sample_is_held_out_once_with_all_its_spectra(raw):
    folds = [held_out(raw, fold) for fold in range(4)]
    assert sorted(sum(map(list, folds), [])) == [
        's%02d' % n for n in range(10)]
    assert held_out(raw, 0, seed=1) != folds[0]


def test_nothing_of_a_held_out_sample_is_trained_on(raw):
    sample = raw.arrays['sample']
    data = prepared(raw)
    valid, trained = [set(sample[data.meta[key]])
                      for key in ('validation', 'trained')]
    assert not valid & trained and {'s10', 's11'} <= trained
    assert len(data.X_) == len(data.meta['trained'])
    assert np.allclose(data.X_.mean(axis=0), 0, atol=1e-5)


def test_x_have_the_spread_of_crisms_whatever_their_unit(arrays, raw, tmpdir):
    many = dict(arrays, spectra=1e4 * arrays['spectra'])
    other = datasets.load('spectra', own_spectra.write_npz(
        tmpdir.join('b.npz'), many))
    one, two = prepared(raw), prepared(other)
    assert np.allclose(one.X, two.X, atol=1e-5)
    assert abs(np.sqrt((one.X_ ** 2).mean())
               - spectra_prepared.SPREAD) < 1e-4
    # and back
    x = one.meta['unit'] * (one.X + one.mean)
    assert np.allclose(x, raw.arrays['spectra'][one.meta['train']],
                       atol=1e-5)


def test_withheld_labels_leave_their_spectra_to_train_on(raw):
    all_of_them, some, few = [prepared(raw, division=(4, 1, count))
                              for count in (None, 5, 3)]
    assert [len(set(raw.arrays['sample'][data.meta['train']]))
            for data in (all_of_them, some, few)] == [7, 5, 3]
    assert set(few.meta['train']) < set(some.meta['train'])
    assert np.array_equal(all_of_them.X_, few.X_)
    assert np.array_equal(all_of_them.X_valid, few.X_valid)
    with pytest.raises(DataError, match='--labelled asks for 8 samples of '
                                        'the 7 that train'):
        prepared(raw, division=(4, 1, 8))


def test_the_centre_trains_and_what_is_outside_validates(tmpdir):
    made = own_spectra.mixtures(parts=4, samples=60)
    raw = datasets.load('spectra', own_spectra.write_npz(
        tmpdir.join('a.npz'), made))
    data = prepared(raw, division=('centre', 0, None))
    inside = np.abs(made['labels'] * 4 - 1).max(axis=1) < .7
    assert np.array_equal(data.meta['train'], np.flatnonzero(inside))
    assert np.array_equal(data.meta['validation'], np.flatnonzero(~inside))
    # the published CRISM demo's 501 near the corners, for any parts
    corners = np.column_stack([data._y, 1 - data._y.sum(axis=1)])
    assert len(corners) == 504 and (corners.max(axis=1) > .9 - 1e-6).all()
    assert np.bincount(corners.argmax(axis=1)).tolist() == [126] * 4


def test_labels_only_of_the_file_are_taken(arrays, tmpdir):
    only = np.array([[.2, .3, .5], [1, 0, 0]])
    data = prepared(datasets.load('spectra', own_spectra.write_npz(
        tmpdir.join('a.npz'), dict(arrays, labels_only=only))))
    assert np.allclose(data._y, only[:, :-1])


def test_the_rest_is_a_part_of_its_own(arrays, tmpdir):
    less = dict(arrays, labels=arrays['labels'][:, :2],
                parts=arrays['parts'][:2])
    raw = datasets.load('spectra', own_spectra.write_npz(
        tmpdir.join('a.npz'), less))
    data = prepared(raw, rest=True)
    assert data.names == [u'quartz', u'Al2O3', u'rest']
    whole = prepared(datasets.load('spectra', own_spectra.write_npz(
        tmpdir.join('b.npz'), arrays)))
    assert np.allclose(data.y, whole.y) and np.allclose(data.X, whole.X)
    with pytest.raises(DataError, match='row 8 of labels: labels sum to 0; '
                                        '1 was expected, or --rest'):
        prepared(raw)


def test_the_rest_of_nothing_is_refused(raw):
    with pytest.raises(DataError, match='no spectrum holds any rest'):
        prepared(raw, rest=True)


def test_channels_are_those_of_the_range_every_so_many(raw):
    data = prepared(raw, channels=(1100, 2000, 3, 'none'))
    axis = raw.arrays['axis']
    assert np.array_equal(
        data.waves, axis[(axis >= 1100) & (axis <= 2000)][::3])
    with pytest.raises(DataError, match='0 of the channels, 1000 to 2500, '
                                        'lie in the range from 1 to 2'):
        prepared(raw, channels=(1, 2, 1, 'none'))
    with pytest.raises(DataError, match='1 channel is left by --range and '
                                        '--every'):
        prepared(raw, channels=(None, None, 99, 'none'))


def test_spectra_are_scaled_one_by_one(raw):
    x = raw.arrays['spectra']
    axis = raw.arrays['axis']

    def seen(scale):
        data = prepared(raw, channels=(None, None, 1, scale))
        return data.meta['unit'] * (data.X_valid + data.mean), \
            x[data.meta['validation']]

    for scale, expected in (
            ('sum', lambda x: x / x.sum(axis=1, keepdims=True)),
            ('snv', lambda x: (x - x.mean(axis=1, keepdims=True))
             / x.std(axis=1, keepdims=True))):
        found, given = seen(scale)
        assert np.allclose(found, expected(given), atol=1e-4)
    found, given = seen('derivative')
    # least squares through 11 channels
    for k, start in ((0, 0), (3, 0), (10, 5), (15, 10), (29, 19)):
        a, b, _ = np.polyfit(axis[start:start + 11],
                             given[:, start:start + 11].T, 2)
        # the axis is rounded to 0.1 nm
        assert np.allclose(found[:, k], 2 * a * axis[k] + b, rtol=.01,
                           atol=1e-6)


@pytest.mark.parametrize('scale', ['sum', 'snv'])
def test_a_spectrum_that_cannot_be_scaled_is_named(arrays, tmpdir, scale):
    spectra = arrays['spectra'].copy()
    spectra[7] = 0
    raw = datasets.load('spectra', own_spectra.write_npz(
        tmpdir.join('a.npz'), dict(arrays, spectra=spectra)))
    with pytest.raises(DataError, match='row 7 of spectra has the'):
        prepared(raw, channels=(None, None, 1, scale))


def test_spectra_that_are_all_the_same_are_refused(arrays, tmpdir):
    raw = datasets.load('spectra', own_spectra.write_npz(
        tmpdir.join('a.npz'), dict(arrays, spectra=np.ones((48, 30)))))
    with pytest.raises(DataError, match='all training spectra are the same'):
        prepared(raw)


def test_too_few_samples_are_told(raw, tmpdir):
    with pytest.raises(DataError, match='11 folds of 10 samples'):
        prepared(raw, division=(11, 0, None))
    few = datasets.load('spectra', own_spectra.write_npz(
        tmpdir.join('a.npz'), own_spectra.mixtures(samples=4)))
    for folds in (2, 'centre'):
        with pytest.raises(DataError, match='of the samples train and'):
            prepared(few, division=(folds, 0, None))


def test_labels_of_a_sample_that_rounding_tells_apart_are_one(
        arrays, tmpdir):
    """Baselines know replicates by equal labels."""
    noisy = dict(arrays)
    with np.errstate(invalid='ignore'):
        mixed = noisy['labels'].min(axis=1) > .01
    noise = mixed * np.random.RandomState(1).uniform(-4e-6, 4e-6, len(mixed))
    noisy['labels'] = noisy['labels'] + np.outer(noise, [1, -1, 0])
    data = prepared(datasets.load('spectra', own_spectra.write_npz(
        tmpdir.join('a.npz'), noisy)))
    exact = prepared(datasets.load('spectra', own_spectra.write_npz(
        tmpdir.join('b.npz'), arrays)))
    count, expected = [len(set(map(tuple, each.y.tolist())))
                       for each in (data, exact)]
    assert count == expected < len(data.y)


def test_pure_spectra_are_the_mean_of_pure_samples(arrays, raw):
    data = prepared(raw)
    x = arrays['spectra']
    assert np.allclose(data.meta['unit'] * data.endmembers,
                       [x[4 * part:4 * part + 4].mean(axis=0)
                        for part in range(3)])

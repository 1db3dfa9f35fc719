"""The LIBS experiment: published file, splits, simulation."""
from __future__ import division, print_function

import os
from collections import OrderedDict

import numpy as np
import pytest

from untapped import datasets
from untapped.datasets import chemcam, libs
from untapped.datasets.simulators import libs as libs_simulator, rocks
from untapped.errors import DataError
from untapped.verify.simulations import scatter


class TestRead(object):
    def test_what_was_written_is_read(self, raw, tmpdir):
        # Few of the rocks: packing all takes seconds.
        arrays = OrderedDict(raw('libs').arrays)
        for name in ('small_means', 'big_means'):
            arrays[name] = arrays[name][:10]
        few = datasets.Raw('libs', arrays, '', 'file')
        datasets.write_published(few, str(tmpdir.join('libs.pkl.gz')))
        read = datasets.load('libs', str(tmpdir))
        assert read.checksums() == few.checksums()
        assert read.meta['outputs'] == raw('libs').meta['outputs']

    def test_object_names_and_a_missing_big_set_are_fine(self, raw):
        small, _, (x, y, majors, waves, types) = libs.published(raw('libs'))
        read = libs.from_content(
            (small, None, (x, y, list(majors), waves[None, :],
                           types.astype(object))), 'libs.pkl.gz')
        assert 'big_means' not in read.arrays
        data = datasets.prepare(read, np.random.RandomState(0))
        assert data.X_.shape == (len(small), 5485)
        assert data.meta['train_types'] == ['NORITE', 'PICRITE',
                                            'SHERGOTTITE']

    def test_what_is_wrong_with_spectra_that_are_not_used_does_not_matter(
            self, raw):
        small, big, (x, y, majors, waves, types) = libs.published(raw('libs'))
        x, y = x.copy(), y.copy()
        unused = (types == 'MACUSANITE') | (types == 'GRAPHITE')
        x[unused], y[types == 'MACUSANITE'] = np.nan, 170.
        libs.from_content((small, big, (x, y, majors, waves, types)), 'x')
        bad = y.copy()
        bad[types == 'GRAPHITE', -1] = np.inf
        with pytest.raises(DataError, match='y holds NaN, infinity'):
            libs.from_content((small, big, (x, bad, majors, waves, types)),
                              'x')
        x[0] = np.inf
        with pytest.raises(DataError, match='x holds NaN, infinity'):
            libs.from_content((small, big, (x, y, majors, waves, types)), 'x')

    @pytest.mark.parametrize('change, message', [
        (lambda s, b, c: (s, b), 'a tuple'),
        (lambda s, b, c: (s, b, c[:4]), 'a tuple'),
        (lambda s, b, c: (s[:, :6143], b, c), 'small_means has shape'),
        (lambda s, b, c: (s * np.nan, b, c), 'small_means holds NaN'),
        (lambda s, b, c: (s, b, c[:3] + (c[3] * 0, c[4])),
         'waves does not rise at channel 111'),
        (lambda s, b, c: (s, b, c[:3] + (c[3][::-1], c[4])),
         'waves does not rise'),
        (lambda s, b, c: (s, s / 0, c), 'big_means holds NaN'),
        (lambda s, b, c: (s, b, (c[0][1:],) + c[1:]), 'y has shape'),
        (lambda s, b, c: (s, b, c[:1] + (c[1] * 100,) + c[2:]), 'percent'),
        (lambda s, b, c: (s, b, c[:1] + (c[1] * -1,) + c[2:]), 'percent'),
        (lambda s, b, c: (s, b, c[:1] + (c[1] * np.nan,) + c[2:]),
         'percent'),
        (lambda s, b, c: (s, b, c[:2] + (c[2][1:],) + c[3:]), 'names were'),
        (lambda s, b, c: (s, b, c[:3] + (c[3][1:],) + c[4:]), 'waves has'),
        (lambda s, b, c: (s, b, c[:4] + (c[4][1:],)), 'names were'),
        (lambda s, b, c: (s, b, c[:4] + (np.arange(168),)), 'names were'),
        (lambda s, b, c: (s, b, c[:1] + (c[1] * ([0] + [1] * 13),) + c[2:]),
         'any SiO2'),
    ])
    def test_bad_arrays_are_named(self, raw, change, message):
        small, big, cal = libs.published(raw('libs'))
        with np.errstate(all='ignore'):
            content = change(small[:2], None if big is None else big[:2],
                             cal)
        # The reader without the file: writing one takes a second each.
        with pytest.raises(DataError, match=message):
            libs.from_content(content, 'libs.pkl.gz')


class TestPrepare(object):
    def test_the_first_split_is_the_papers(self, raw):
        data = datasets.prepare(raw('libs'), np.random.RandomState(0))
        assert data.X.shape == (42, 5485) and data.y.shape == (42, 8)
        assert data.X_valid.shape == (88, 5485)
        assert data.X_.shape == (500, 5485) and data._y.shape == (500, 8)
        assert data.meta['validation_types'] == ['NAU2-HI', 'NAU2-LO',
                                                 'NAU2-MED']
        assert len(data.names) == 9 and len(data.waves) == 5485

    @pytest.mark.parametrize('trial', [1, 19])
    def test_a_trial_holds_its_three_standards_out(self, raw, trial):
        data = datasets.prepare(raw('libs'), np.random.RandomState(0),
                                trial=trial)
        out = data.meta['validation_types']
        assert len(out) == 3
        assert not set(out) & set(data.meta['train_types'])
        assert len(data.X) + len(data.X_valid) == 130
        assert set(data.meta['types'][data.meta['validation']]) == set(out)

    def test_there_are_20_trials_in_the_order_of_leave_p_groups_out(self):
        from sklearn.model_selection import LeavePGroupsOut

        types = np.array(list('abcdef') * 2)
        theirs = [tuple(np.unique(types[out])) for _, out in
                  LeavePGroupsOut(3).split(types, groups=types)]
        assert libs.splits(types) == theirs and len(theirs) == 20

    @pytest.mark.parametrize('wrong', [0, -1, 1.5, True, 'a', None])
    def test_how_many_are_unlabelled_is_a_whole_number(self, raw, wrong):
        with pytest.raises(DataError, match='^unlabelled is .* at least 1 w'):
            datasets.prepare(raw('libs'), np.random.RandomState(0),
                             unlabelled=wrong)

    @pytest.mark.parametrize('trial', [-1, 20, .5, None, 'a', True])
    def test_no_other_trial_exists(self, raw, trial):
        with pytest.raises(DataError, match='0 to 19'):
            datasets.prepare(raw('libs'), np.random.RandomState(0),
                             trial=trial)

    def test_each_spectrometer_sums_to_one_before_masking(self, raw):
        data = datasets.prepare(raw('libs'), np.random.RandomState(0),
                                remove_mean=False)
        # The third loses Ca II and O I beyond 849 nm to the mask.
        for start, stop, least in ((0, 1884, 0.7), (1884, 3811, 0.7),
                                   (3811, 5485, 0.2)):
            total = data.X[:, start:stop].sum(axis=1)
            assert (total > least).all() and (total <= 1.0001).all()

    def test_labels_only_have_085_on_one_part(self, raw):
        data = datasets.prepare(raw('libs'), np.random.RandomState(0))
        parts = np.hstack([data._y, 1 - data._y.sum(axis=1, keepdims=True)])
        assert np.allclose(np.sort(parts, axis=1)[:, -1], 0.85)
        assert len(set(parts.argmax(axis=1))) == 9

    def test_the_generator_goes_on_from_seed_0_as_after_the_published_loader(
            self, raw):
        one, two = np.random.RandomState(5), np.random.RandomState(6)
        datasets.prepare(raw('libs'), one)
        datasets.prepare(raw('libs'), two)
        assert one.randint(1 << 30) == two.randint(1 << 30)

    def test_too_few_standards_are_an_error(self, raw):
        arrays = dict(raw('libs').arrays)
        arrays['types'] = np.array([u'NORITE'] * len(arrays['types']))
        few = datasets.Raw('libs', arrays, 'x', 'file', raw('libs').meta)
        with pytest.raises(DataError, match='at least 4 standards'):
            datasets.prepare(few, np.random.RandomState(0))


class TestSimulate(object):
    def test_counts_are_those_of_the_paper(self, raw):
        types, counts = np.unique(raw('libs').arrays['types'],
                                  return_counts=True)
        counts = dict(zip(types.tolist(), counts))
        assert sum(counts[t] for t in ('NORITE', 'PICRITE',
                                       'SHERGOTTITE')) == 42
        assert sum(counts[t] for t in ('NAU2-LO', 'NAU2-MED',
                                       'NAU2-HI')) == 88
        assert len(raw('libs').arrays['big_means']) >= 500

    def test_labels_are_the_targets_true_compositions(self, raw):
        arrays = raw('libs').arrays
        for name, oxides in chemcam.TARGETS.items():
            rows = arrays['y'][arrays['types'] == name]
            assert (rows[:, :8] == oxides).all()
            # Norite's oxides sum to 102.7; the loader scales such rows.
            assert (rows[:, :9].sum(axis=1) > 99.99).all()
            assert (rows[:, :9].sum(axis=1) < 103).all()
        graphite = arrays['y'][arrays['types'] == 'GRAPHITE']
        assert np.isnan(graphite).all()

    def test_the_seed_decides_every_bit(self, raw):
        one, two = [libs_simulator.simulate_spectra(
            rocks.random_rocks(3, np.random.RandomState(4)),
            np.random.RandomState(5)) for _ in range(2)]
        assert one.tobytes() == two.tobytes()
        assert np.array_equal(one, np.rint(one / 1e9) * 1e9)

    def test_rocks_are_plausible(self, raw):
        parts = raw('libs').meta['big_composition']
        assert (parts >= 0).all() and np.allclose(parts.sum(axis=1), 100)
        mean = dict(zip(chemcam.OXIDES, parts.mean(axis=0)))
        # The average of the Martian crust (Taylor and McLennan 2009) has
        # 49 % SiO2, 10 % Al2O3, 18 % FeO, 9 % MgO, 7 % CaO.
        assert 42 < mean['SiO2'] < 58 and 7 < mean['Al2O3'] < 17
        assert 8 < mean['FeOT'] < 22 and 4 < mean['MgO'] < 14
        assert 4 < mean['CaO'] < 12 and mean['K2O'] < mean['Na2O'] < 5

    def test_more_of_an_oxide_makes_its_line_brighter(self):
        rng = np.random.RandomState(0)
        base = np.array([45., 1, 12, 14, 8, 10, 3, 1, 6])
        axis = chemcam.channel_axis()
        none = dict.fromkeys(libs_simulator.SCATTER, (0, 0, 0))
        for i, line in enumerate((288.24, 335.0, 396.26, 438.48, 285.30,
                                  422.79, 589.16, 766.70)):
            more = base.copy()
            more[i] *= 1.5
            rocks = np.array([base, more * 100 / more.sum()])
            spectra = libs_simulator.simulate_spectra(rocks, rng,
                                                      scatter=none)
            channel = np.abs(axis - line).argmin()
            start = channel // 2048 * 2048
            share = (spectra[:, channel] /
                     spectra[:, start:start + 2048].sum(axis=1))
            assert share[1] > 1.02 * share[0], line

    def test_replicates_share_what_the_plasma_has_of_their_sample(self):
        # The scatter of means over 20 spots of one sample, against that of
        # 20 samples: only the latter has the matrix effect.
        rock = np.array([[45., 1, 12, 14, 8, 10, 3, 1, 6]] * 200)
        rng = np.random.RandomState(0)
        samples = np.repeat(np.arange(10), 20)
        x = libs_simulator.simulate_spectra(rock, rng, samples)
        x = np.hstack(scatter.scaled(x)).reshape(10, 20, -1)
        within = x.std(axis=1, ddof=1).mean()
        between = x.mean(axis=1).std(axis=0, ddof=1).mean()
        assert between > 1.5 * within > 5 * within / np.sqrt(20)


class TestScatter(object):
    """`verify.simulations.scatter`: how the scatter was calibrated."""

    def test_spread_is_that_of_a_known_scatter(self):
        # Two spectra a and b, scaled: ||a - b|| / sqrt(2) over ||mean||.
        spectra = np.random.RandomState(0).uniform(1, 2, (2, 6144))
        one, two = [block[110:1994] / block.sum()
                    for block in spectra[:, :2048]]
        expected = (np.linalg.norm(one - two) / np.sqrt(2) /
                    np.linalg.norm((one + two) / 2))
        assert np.isclose(scatter.spread(spectra)[0], expected)
        assert (scatter.spread(spectra[[0, 0]]) == 0).all()

    def test_scaled_spectra_are_those_of_the_loader(self, raw):
        data = datasets.prepare(raw('libs'), np.random.RandomState(0),
                                remove_mean=False)
        ours = np.hstack(scatter.scaled(raw('libs').arrays['x'][:130]))
        rows = data.meta['train'], data.meta['validation']
        # The loader's third range begins two channels later.
        assert np.allclose(ours[rows[0]][:, :3811], data.X[:, :3811],
                           atol=1e-7)
        assert np.allclose(ours[rows[1]], data.X_valid, rtol=1e-2)

    def test_scatter_of_spectra_is_about_what_was_measured(self, shared):
        found = scatter.compare_spectra(os.path.join(shared, 'data',
                                                     'chemcam'))
        # Nothing was fitted to these two spectra.
        for values in found['correlation'].values():
            assert min(values) > 0.68 and np.mean(values) > 0.8
        for what in ('shots', 'spots'):
            measured, simulated = found[what]
            assert (abs(np.log(simulated / measured)) < np.log(2)).all()

    def test_pls_errs_about_as_much_as_the_instrument_teams(self, shared):
        found = scatter.compare_regression(os.path.join(shared, 'data',
                                                        'chemcam'))
        for what, largest in (('rmsep', 1.3), ('within', 1.5),
                              ('bias', 2.5)):
            measured, simulated = found[what]
            mean = np.log(simulated / measured).mean()
            assert abs(mean) < np.log(largest), what
        # SiO2 and FeOT, the parts that weigh most in Table 3.
        measured, simulated = found['rmsep']
        assert (abs(np.log(simulated / measured))[[0, 3]] < 0.3).all()

    def test_a_table_without_a_standard_is_named(self, tmpdir):
        path = tmpdir.join(scatter.PREDICTIONS)
        path.write('Target,SiO2_mean\nNorite,48\n')
        with pytest.raises(DataError, match='no row of Picrite'):
            scatter.compare_regression(str(tmpdir))

"""MNIST: the tutorial's pickle, idx files, scikit-learn's digits."""
from __future__ import division, print_function

import gzip
import hashlib
import os
import struct

import numpy as np
import pytest

from untapped import datasets
from untapped.datasets import mnist
from untapped.errors import DataError


def idx(values):
    values = np.asarray(values, 'u1')
    return (struct.pack('>BBBB', 0, 0, 8, values.ndim) +
            struct.pack('>{0}I'.format(values.ndim), *values.shape) +
            values.tobytes())


@pytest.fixture
def folder(tmpdir):
    """Small idx files: 60 training images and 20 of test, two gzipped."""
    rng = np.random.RandomState(0)
    for stem, count in (('train', 60), ('t10k', 20)):
        images = idx(rng.randint(0, 256, (count, 28, 28)))
        labels = idx(np.arange(count) % 10)
        tmpdir.join(stem + '-images-idx3-ubyte').write(images, 'wb')
        with gzip.open(str(tmpdir.join(stem + '-labels-idx1-ubyte.gz')),
                       'wb') as stream:
            stream.write(labels)
    return tmpdir


class TestIdx(object):
    def test_sets_are_split_as_in_the_tutorials_pickle(self, folder):
        raw = datasets.load('mnist', str(folder))
        shapes = [raw.arrays[n + '_x'].shape for n in mnist.SETS]
        assert shapes == [(50, 784), (10, 784), (20, 784)]
        images = mnist.read_idx(
            str(folder.join('train-images-idx3-ubyte')), 3)
        assert np.array_equal(raw.arrays['valid_x'] * 256,
                              images[-10:].reshape(10, -1))
        assert raw.arrays['train_x'].dtype == np.float32

    def test_a_pixel_of_128_rounds_to_0_as_in_the_tutorials_pickle(self):
        # 128/255 would round to 1.
        assert np.round(np.float32(128) / np.float32(mnist.PIXEL_SCALE)) == 0
        assert np.round(np.float32(129) / np.float32(mnist.PIXEL_SCALE)) == 1

    @pytest.mark.parametrize('change, message', [
        (lambda d: b'\0\0\x08\x01' + d[4:], 'begins with 00 00 08 01'),
        (lambda d: d[:-1], '47039 values; its header says 60 x 28 x 28'),
        (lambda d: d + b'\0', '47041 values'),
        (lambda d: d[:10], 'truncated'),
        (lambda d: b'', 'empty'),
        (lambda d: idx(np.zeros((60, 28, 27))), '28 x 27 pixels'),
        (lambda d: idx(np.zeros((59, 28, 28))), '60 labels; 59 were'),
        (lambda d: d[:4] + b'\xff' * 12, 'its header says'),
    ])
    def test_malformed_images_are_named(self, folder, change, message):
        path = folder.join('train-images-idx3-ubyte')
        path.write(change(path.read('rb')), 'wb')
        with pytest.raises(DataError, match=message):
            datasets.load('mnist', str(folder))

    def test_a_label_that_is_no_digit_is_an_error(self, folder):
        path = folder.join('t10k-labels-idx1-ubyte.gz')
        with gzip.open(str(path), 'wb') as stream:
            stream.write(idx([11] * 20))
        with pytest.raises(DataError, match='integers from 0 to 9'):
            datasets.load('mnist', str(folder))

    def test_a_missing_file_is_named(self, folder):
        folder.join('t10k-images-idx3-ubyte').remove()
        with pytest.raises(DataError, match='t10k-images-idx3-ubyte'):
            datasets.load('mnist', str(folder))

    def test_the_real_files_are_read(self, shared):
        where = os.path.join(shared, 'data', 'mnist')
        if not os.path.isdir(where):
            pytest.skip('{0} is not here'.format(where))
        labels = mnist.read_idx(
            os.path.join(where, 't10k-labels-idx1-ubyte.gz'), 1)
        assert labels[:5].tolist() == [7, 2, 1, 0, 4]
        images = mnist.read_idx(
            os.path.join(where, 't10k-images-idx3-ubyte.gz'), 3)
        assert images.shape == (10000, 28, 28)
        # MD5 of the unpacked file, as published.
        assert hashlib.md5(idx(images)).hexdigest() == (
            '2646ac647ad5339dbf082846283269ea')


class TestPickle(object):
    def test_what_was_written_is_read(self, raw, tmpdir):
        path = str(tmpdir.join('mnist.pkl.gz'))
        datasets.write_published(raw('mnist'), path)
        for place in (path, str(tmpdir)):
            assert (datasets.load('mnist', place).checksums() ==
                    raw('mnist').checksums())

    @pytest.mark.parametrize('change, message', [
        (lambda c: c[:2], 'three pairs'),
        (lambda c: (c[0], c[1], c[2][0]), 'three pairs'),
        (lambda c: (c[0], c[1], (c[2][0][:, :700], c[2][1])),
         r'test images has shape'),
        (lambda c: (c[0], (c[1][0] * 255, c[1][1]), c[2]), '0 to 1 was'),
        (lambda c: (c[0], (c[1][0] * np.nan, c[1][1]), c[2]), 'NaN'),
        (lambda c: (c[0], (c[1][0], c[1][1] + 5), c[2]), '0 to 9'),
        (lambda c: (c[0], (c[1][0], c[1][1] * 1.), c[2]), '0 to 9'),
        (lambda c: tuple((x, y * 0) for x, y in c), 'no image of the digit'),
    ])
    def test_bad_arrays_are_named(self, raw, pickled, change, message):
        path = pickled(change(mnist.published(raw('mnist'))))
        with pytest.raises(DataError, match=message):
            mnist.read(path)


class TestSimulate(object):
    def test_all_1797_real_digits_are_there_in_seven_parts(self, raw):
        sizes = [len(raw('mnist').arrays[n + '_y']) for n in mnist.SETS]
        assert sum(sizes) == 1797 and sizes == [1283, 257, 257]

    def test_enlarging_keeps_brightness_and_place(self):
        small = np.zeros((1, 8, 8))
        small[0, 2, 5] = 1
        large = mnist.enlarge(small, 20, 28)[0]
        assert large.shape == (28, 28) and large.max() <= 1
        assert np.isclose(large.sum(), 2.5 ** 2, rtol=0.03)
        # Centre of mass: the middle of the pixel, scaled, plus the margin.
        rows, columns = np.mgrid[:28, :28] + 0.5
        assert abs((rows * large).sum() / large.sum() - (4 + 6.25)) < 0.1
        assert abs((columns * large).sum() / large.sum() - (4 + 13.75)) < 0.1

    def test_an_even_field_stays_even(self):
        large = mnist.enlarge(np.ones((1, 8, 8)), 20, 28)[0]
        assert (large[:4] == 0).all() and (large[24:] == 0).all()
        assert np.allclose(large[6:22, 6:22], 1)

    def test_the_seed_decides_the_order(self):
        first, again, other = [mnist.simulate(s).checksums()
                               for s in (1, 1, 2)]
        assert first == again and first['train_y'] != other['train_y']


class TestPrepare(object):
    def test_labelled_digits_are_0_to_4_and_the_rest_is_validation(self, raw):
        data = datasets.prepare(raw('mnist'), np.random.RandomState(0))
        assert (data.y[:, :5].sum(axis=1) == 1).all()
        assert (data.y_valid[:, 5:].sum(axis=1) == 1).all()
        assert len(data.y) + len(data.y_valid) == 1797
        assert data.X_.shape == (20000, 784)
        assert set(np.unique(data.X)) == set([0, 1])

    def test_labels_only_have_095_on_each_digit(self, raw):
        data = datasets.prepare(raw('mnist'), np.random.RandomState(0))
        assert np.allclose(data._y.sum(axis=1), 1)
        assert np.allclose(np.diag(data._y), 0.95)

    @pytest.mark.parametrize('wrong', [0, -1, 1.5, True, 'a', None])
    def test_how_many_are_unlabelled_is_a_whole_number(self, raw, wrong):
        with pytest.raises(DataError, match='^unlabelled is .* at least 1 w'):
            datasets.prepare(raw('mnist'), np.random.RandomState(0),
                             unlabelled=wrong)

    def test_fewer_unlabelled_images_can_be_asked_for(self, raw):
        data = datasets.prepare(raw('mnist'), np.random.RandomState(0),
                                unlabelled=100)
        assert data.X_.shape == (100, 784)

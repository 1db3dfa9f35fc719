"""MNIST digits: the tutorial's pickle, the original idx files, or the 1,797
digits that come with scikit-learn, enlarged.

The task of the paper (section 6): labels for the digits 0 to 4 only.
"""
from __future__ import division, print_function

import os
import struct
from collections import OrderedDict

import numpy as np

from untapped.datasets.checks import check_finite, check_matrix, check_whole
from untapped.datasets.containers import Prepared, Raw
from untapped.errors import DataError
from untapped.files.packed import read_bytes
from untapped.files.pickles import read_pickle

__all__ = ['URL', 'FILE', 'read', 'read_pickled', 'read_idx_folder',
           'read_idx', 'simulate', 'published', 'prepare']

URL = 'http://www.iro.umontreal.ca/~lisa/deep/data/mnist/mnist.pkl.gz'
FILE = 'mnist.pkl.gz'
SETS = ('train', 'valid', 'test')
IDX_FILES = ('train-images-idx3-ubyte', 'train-labels-idx1-ubyte',
             't10k-images-idx3-ubyte', 't10k-labels-idx1-ubyte')
SIDE = 28

# The tutorial's pickle holds pixel/256, not pixel/255 (its whitest pixel is
# 0.99609375). It can be seen in the bits: the published loader rounds pixels
# to 0 or 1, and a pixel of 128 becomes 0 of 128/256 but 1 of 128/255.
PIXEL_SCALE = 256


def find(path):
    """True if a folder holds MNIST in a form that `read` knows."""
    return (os.path.isfile(os.path.join(path, FILE)) or
            all(_idx_path(path, name) for name in IDX_FILES))


def read(path):
    """Read MNIST from mnist.pkl.gz or from a folder with it or idx files.

    Parameters
    ----------
    path : str

    Returns
    -------
    Raw
    """
    if os.path.isdir(path):
        inside = os.path.join(path, FILE)
        if os.path.isfile(inside):
            return read_pickled(inside)
        return read_idx_folder(path)
    return read_pickled(path)


def read_pickled(path):
    """Read the Theano tutorial's ``((x, y), (x, y), (x, y))``."""
    content = read_pickle(path)
    if (not isinstance(content, (tuple, list)) or len(content) != 3 or
            not all(isinstance(pair, (tuple, list)) and len(pair) == 2
                    for pair in content)):
        raise DataError('%s: three pairs (images, labels) were expected: '
                        'training, validation and test.' % path)
    arrays = OrderedDict()
    for name, (x, y) in zip(SETS, content):
        arrays[name + '_x'] = x
        arrays[name + '_y'] = y
    _check(arrays, path)
    return Raw('mnist', arrays, 'file %s' % path, 'file', _meta())


def read_idx_folder(folder):
    """Read the four idx files of a folder, plain or .gz.

    The three sets and their pixels are made as in the tutorial's pickle: the
    last 10,000 (or sixth) of the training file are the validation set, and
    pixels are float32 in steps of 1/256.
    """
    paths = [_idx_path(folder, name) for name in IDX_FILES]
    missing = [n for n, path in zip(IDX_FILES, paths) if path is None]
    if missing:
        raise DataError('%s: %s is missing; %s or the four MNIST idx '
                        'files (plain or .gz) were expected.' % (
                            folder, missing[0], FILE))
    images, labels = [], []
    for i in (0, 2):
        x, y = read_idx(paths[i], 3), read_idx(paths[i + 1], 1)
        if x.shape[1:] != (SIDE, SIDE):
            raise DataError('%s holds images of %s x %s pixels; %s x %s '
                            'were expected.' % (paths[i], x.shape[1],
                                                x.shape[2], SIDE, SIDE))
        if len(x) != len(y):
            raise DataError('%s holds %s labels; %s were expected, as many '
                            'as there are images in %s.' % (
                                paths[i + 1], len(y), len(x), paths[i]))
        images.append(x.reshape(len(x), -1).astype('float32') /
                      np.float32(PIXEL_SCALE))
        labels.append(y.astype('int64'))
    last = len(images[0]) // 6
    arrays = OrderedDict([
        ('train_x', images[0][:-last]), ('train_y', labels[0][:-last]),
        ('valid_x', images[0][-last:]), ('valid_y', labels[0][-last:]),
        ('test_x', images[1]), ('test_y', labels[1])])
    _check(arrays, folder)
    return Raw('mnist', arrays, 'idx files in %s' % folder, 'file',
               _meta())


def _idx_path(folder, name):
    """The file as it may be called: dots for dashes, .gz or not."""
    for stem in (name, name.replace('-idx', '.idx')):
        for ending in ('', '.gz'):
            path = os.path.join(folder, stem + ending)
            if os.path.isfile(path):
                return path
    return None


def read_idx(path, ndim):
    """Read one idx file of unsigned bytes.

    The format: two zero bytes, the type (8 for unsigned byte), the number of
    axes, each axis's length as a big-endian 32-bit integer, the values.

    Parameters
    ----------
    path : str
    ndim : int
        The number of axes it should have.

    Returns
    -------
    ndarray of uint8

    Raises
    ------
    DataError
        Wrong magic number, truncated, or longer than it says.
    """
    data = read_bytes(path)
    magic = struct.pack('>BBBB', 0, 0, 8, ndim)
    if data[:4] != magic:
        raise DataError('%s begins with %s; %s was expected, an idx file '
                        'of bytes with %s axes.' % (
                            path, _hex(data[:4]), _hex(magic), ndim))
    head = 4 + 4 * ndim
    if len(data) < head:
        raise DataError('%s is truncated: %s bytes, %s of header were '
                        'expected.' % (path, len(data), head))
    shape = struct.unpack('>%sI' % ndim, data[4:head])
    size = 1
    for n in shape:
        size *= n
    if len(data) - head != size or not size:
        raise DataError('%s holds %s values; its header says %s.' % (
            path, len(data) - head, ' x '.join(str(n) for n in shape)))
    return np.frombuffer(data, 'u1', offset=head).reshape(shape)


def _hex(data):
    return ' '.join('%02x' % b for b in bytearray(data))


def _check(arrays, where):
    for name in SETS:
        x = check_matrix(arrays[name + '_x'], (None, SIDE * SIDE), where,
                         name + ' images')
        y = check_matrix(arrays[name + '_y'], (len(x),), where,
                         name + ' labels')
        check_finite(x, where, name + ' images')
        if x.min() < 0 or x.max() > 1:
            raise DataError('%s: %s images go from %.4g to %.4g; 0 to '
                            '1 was expected.' % (where, name,
                                                 float(x.min()),
                                                 float(x.max())))
        if y.dtype.kind not in 'iu' or y.min() < 0 or y.max() > 9:
            raise DataError('%s: %s labels are not all digits; integers '
                            'from 0 to 9 were expected.' % (where, name))
    present = np.unique(np.concatenate([arrays[n + '_y'] for n in SETS]))
    absent = sorted(set(range(10)) - set(present.tolist()))
    if absent:
        raise DataError('%s: no image of the digit %s; all ten digits were '
                        'expected.' % (where, absent[0]))


def _meta():
    return {'outputs': [str(d) for d in range(10)], 'side': SIDE,
            'waves_unit': 'pixel'}


def simulate(seed=0):
    """Real digits for machines without MNIST: scikit-learn's 1,797.

    Handwritten digits of 8 x 8 pixels with 17 grey levels (Alpaydin and
    Kaynak 1998, UCI repository), enlarged bilinearly to 20 x 20 and set into
    28 x 28 as MNIST's digits are. Shuffled with `seed` and split 5 : 1 : 1
    into the tutorial's three sets.

    Parameters
    ----------
    seed : int

    Returns
    -------
    Raw
    """
    # slow to load, and needed for simulated images alone
    from sklearn.datasets import load_digits

    digits = load_digits()
    # In sixteenths, so that every value and every product below is exact.
    small = digits.images / 16
    order = np.random.RandomState(seed).permutation(len(small))
    x = enlarge(small, 20, SIDE).reshape(len(small), -1)[order]
    y = digits.target.astype('int64')[order]
    cuts = [len(x) * 5 // 7, len(x) * 6 // 7]
    arrays = OrderedDict()
    for name, xs, ys in zip(SETS, np.split(x, cuts), np.split(y, cuts)):
        arrays[name + '_x'] = xs.astype('float32')
        arrays[name + '_y'] = ys
    _check(arrays, 'simulated digits')
    return Raw('mnist', arrays,
               'simulated: scikit-learn\'s 1,797 real digits enlarged to '
               '28 x 28 (seed %s)' % seed, 'simulated', _meta())


def enlarge(images, inner, side):
    """Enlarge square images bilinearly and centre them on a black field.

    Parameters
    ----------
    images : ndarray
        ``(n, s, s)``.
    inner : int
        Side of the enlarged image.
    side : int
        Side of the field.

    Returns
    -------
    ndarray
        ``(n, side, side)``.
    """
    size = images.shape[1]
    # Pixel centres of the large grid on the small one; beyond the outermost
    # centres the picture fades to black, as paper does.
    at = (np.arange(inner) + 0.5) * size / inner - 0.5
    weights = np.maximum(
        0, 1 - np.abs(at[:, np.newaxis] - np.arange(size)))
    # Sums over 8 pixels by einsum, not BLAS: the same on every machine.
    wide = np.einsum('nij,bj->nib', images, weights)
    large = np.einsum('nib,ai->nab', wide, weights)
    field = np.zeros((len(images), side, side))
    start = (side - inner) // 2
    field[:, start:start + inner, start:start + inner] = large
    return field


def published(raw):
    """The content of the published file: ``((x, y), (x, y), (x, y))``."""
    return tuple((raw.arrays[n + '_x'], raw.arrays[n + '_y']) for n in SETS)


def prepare(raw, rng, unlabelled=20000):
    """Split MNIST as the published demo does.

    Labelled are the digits 0 to 4, validated on are 5 to 9, of all images.
    Unlabelled images are drawn with replacement. The labels without images
    are ten rows, 0.95 on one digit and the rest spread evenly. Pixels are
    rounded to 0 or 1.

    Parameters
    ----------
    raw : Raw
    rng : numpy.random.RandomState
        Draws the unlabelled images, once.
    unlabelled : int
        How many of them; 20,000 in the published code.

    Returns
    -------
    Prepared
    """
    check_whole('unlabelled', unlabelled, 1)
    arrays = raw.arrays
    # The order in which the sets are stacked is observable: the draw below
    # indexes into it.
    order = ('valid', 'test', 'train')
    images = np.round(np.vstack([arrays[n + '_x'] for n in order]))
    digits = np.hstack([arrays[n + '_y'] for n in order])
    parts = len(np.unique(digits))
    onehot = np.eye(parts)[digits]
    low = digits < 5

    drawn = rng.choice(len(images), size=unlabelled)
    mean = images.mean(axis=0)
    meta = dict(raw.meta, mean_removed=False, drawn=drawn, parts_dropped=0)
    return Prepared(
        pairs=[(images[rows], onehot[rows]) for rows in (low, ~low)],
        unlabelled=images[drawn], labels_only=near_corners(parts, 0.95),
        mean=mean, waves=np.arange(images.shape[1]), meta=meta)


def near_corners(parts, peak):
    """Rows with `peak` on one part and the rest spread evenly.

    Returns
    -------
    ndarray
        ``(parts, parts)``, each row on the simplex.
    """
    rest = (1 - peak) / (parts - 1)
    # Added, not assigned: the published corners are rest + (peak - rest),
    # which rounds otherwise than peak itself.
    return np.full((parts, parts), rest) + np.diag(
        np.full(parts, peak - rest))

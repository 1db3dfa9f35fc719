"""Parmesan's data sets, read from files, by their published names.

Nothing is downloaded: where a file is not there, the error says where it was
found once.  Files are those that the published functions downloaded, or made
of what they downloaded.  Pickles are read as data and never executed.

Two arguments are common to most: ``normalize`` divides pixels by 256,
``dequantify`` adds noise from [0, 1) of numpy's global generator to them
first (Uria, Murray and Larochelle 2013).
"""
from __future__ import division, print_function

import os
import tarfile

import numpy as np
from scipy.io import loadmat

from untapped.errors import InputError
from untapped.files import packed, pickles

__all__ = ['load_20newsgroup', 'load_cifar10', 'load_frey_faces', 'load_lfw',
           'load_mnist_binarized', 'load_mnist_realval', 'load_norb_small',
           'load_omniglot', 'load_omniglot_iwae', 'load_svhn']


def load_mnist_realval(dataset='data/mnist_real/mnist.pkl.gz'):
    """MNIST with grey pixels: x and classes for training, validation, test.

    dataset : str, the Theano tutorial's mnist.pkl.gz
    """
    parts = _pickled(dataset, "as the Theano tutorial's mnist.pkl.gz", 3)
    return tuple(array for part in parts for array in part[:2])


def load_mnist_binarized(dataset='data/mnist_binarized/mnist.pkl.gz'):
    """Larochelle's binary MNIST: x for training, validation and test.

    dataset : str, a pickle of the three arrays
    """
    return tuple(_pickled(
        dataset, 'as text at www.cs.toronto.edu/~larocheh/public/datasets/'
        'binarized_mnist', 3))


def load_norb_small(dataset='data/norb_small/norbsmall32x32.cpkl',
                    dequantify=True, normalize=True):
    """Small NORB of 32 x 32 pixels: train_x, train_t, test_x, test_t.

    dataset : str, a pickle of the four float32 arrays
    """
    train_x, train_t, test_x, test_t = _pickled(
        dataset, 'in parts that were scaled with MATLAB, at dl.dropbox.com', 4)
    train_x, test_x = _pixels((train_x, test_x), dequantify, normalize)
    return train_x, train_t, test_x, test_t


def load_omniglot(dataset='data/omniglot'):
    """Omniglot of 32 x 32 pixels: x for training and test, float32.

    dataset : str, the folder of omniglot.cpkl, a pickle of both
    """
    return tuple(x.astype('float32') for x in _pickled(
        os.path.join(dataset, 'omniglot.cpkl'),
        'as images at github.com/brendenlake/omniglot', 2))


def load_omniglot_iwae(dataset='data/omniglot_iwae'):
    """Omniglot of Burda et al. 2015: train_x, train_t, train_char, test_x,
    test_t, test_char, float32 but for the alphabets' numbers t.

    dataset : str, the folder of chardata.mat
    """
    stored = _matlab(os.path.join(dataset, 'chardata.mat'),
                     'at github.com/yburda/iwae')
    made = ()
    for kind in ('', 'test'):
        made += (stored[kind + 'data'].astype('float32').T,
                 np.argmax(stored[kind + 'target'].T, axis=1),
                 stored[kind + 'targetchar'].astype('float32'))
    return made


def load_cifar10(dataset='data/cifar10/cifar-10-python.tar.gz',
                 normalize=True, dequantify=True):
    """CIFAR-10: train_x, train_y, test_x, test_y; x float32 (n, 32, 32, 3).

    dataset : str, cifar-10-python.tar.gz; the batches are read from the
        folder cifar-10-batches-py beside it where it has been unpacked
    """
    names = ['data_batch_%d' % number for number in range(1, 6)]
    batches = _cifar_batches(dataset, names + ['test_batch'])
    x = [np.concatenate([b['data'] for b in part]).astype('float32')
         for part in (batches[:-1], batches[-1:])]
    y = [np.concatenate([b['labels'] for b in part])
         for part in (batches[:-1], batches[-1:])]
    x = [pixels.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
         for pixels in _pixels(x, dequantify, normalize)]
    return x[0], y[0], x[1], y[1]


def load_frey_faces(dataset='data/frey_faces/frey_faces', normalize=True,
                    dequantify=True):
    """Frey's faces, float32 (1965, 28, 20).

    dataset : str; .pkl.gz is added, a pickle of the list of one array, or
        .mat, the original frey_rawface.mat
    """
    origin = 'as frey_rawface.mat at www.cs.nyu.edu/~roweis'
    if os.path.isfile(dataset + '.mat'):
        faces = _matlab(dataset + '.mat', origin)['ff'].T
    else:
        faces = _pickled(dataset + '.pkl.gz', origin, 1)[0]
    faces = faces.reshape(-1, 28, 20).astype('float32')
    return _pixels([faces], dequantify, normalize)[0]


def load_lfw(dataset='data/lfw/lfw', normalize=True, dequantify=True,
             size=0.25):
    """Labelled Faces in the Wild in colour, float32.

    dataset : str; _<size>.cpkl is added, a gzipped pickle of images and
        names' numbers
    size : float, the images' scale, with two digits in the file's name
    """
    images = _pickled('%s_%0.2f.cpkl' % (dataset, size),
                      'by sklearn.datasets.fetch_lfw_people', 2)[0]
    return _pixels([images.astype('float32')], dequantify, normalize)[0]


def load_svhn(dataset='data/svhn/', normalize=True, dequantify=True,
              extra=False):
    """Street View House Numbers: train_x, train_y, test_x, test_y; x
    float32 (n, 32, 32, 3), y int32 from 0, which stands for the digit 1.

    dataset : str; svhn_train.cpkl, ... are added, pickles of x and y, or
        train_32x32.mat, ..., the original files
    extra : bool, append the extra images to the training ones
    """
    train, test = _svhn(dataset, 'train'), _svhn(dataset, 'test')
    if extra:
        train = [np.concatenate(pair)
                 for pair in zip(train, _svhn(dataset, 'extra'))]
    x = _pixels([part[0].astype('float32') for part in (train, test)],
                dequantify, normalize)
    return x[0], train[1].astype('int32'), x[1], test[1].astype('int32')


def load_20newsgroup(dataset='data/20newsgroup/', max_feat=1000,
                     normalize_by_doc_len=True):
    """Words of 20 Newsgroups: x_train, y_train, x_test, y_test, float32.

    dataset : str; 20newsgroup_mf<max_feat>.pkl is added, a pickle of
        (x, y) for training, (x, y) for test and the vocabulary, as the
        published function makes it with nltk
    normalize_by_doc_len : bool, divide a document's counts by their sum
    """
    made = ()
    for x, y in _pickled('%s20newsgroup_mf%s.pkl' % (dataset, max_feat),
                         'by sklearn.datasets.fetch_20newsgroups and nltk',
                         3)[:2]:
        if normalize_by_doc_len:
            x = x / x.sum(axis=1, keepdims=True)
        made += (x.astype('float32'), y.astype('float32'))
    return made


def _need(path, origin):
    if not os.path.isfile(path):
        raise InputError('dataset: expected the file %s, which is not there '
                         'and is not downloaded; it was to be had %s'
                         % (path, origin))


def _limits():
    """Larger than for the paper's files: SVHN's extra images are 1.6 GB."""
    return packed.Limits(stored=1 << 32, unpacked=1 << 32, packed=1032)


def _pickled(path, origin, count):
    """The parts of a pickled sequence of so many."""
    _need(path, origin)
    parts = pickles.read_pickle(path, _limits())
    if not isinstance(parts, (list, tuple)) or len(parts) != count:
        raise InputError('dataset: expected a pickle of %d parts in %s, got '
                         '%s' % (count, path, type(parts).__name__ if not
                                 isinstance(parts, (list, tuple)) else
                                 len(parts)))
    return parts


def _matlab(path, origin):
    _need(path, origin)
    try:
        return loadmat(path)
    except Exception as error:      # of many kinds, on a damaged file
        raise InputError('%s: expected a MATLAB file, got one that cannot '
                         'be read (%s)' % (path, error))


def _pixels(arrays, dequantify, normalize):
    """float32 arrays with noise and scaled, the noise in their order."""
    if dequantify:
        arrays = [x + np.random.uniform(size=x.shape).astype('float32')
                  for x in arrays]
    return [x / 256. for x in arrays] if normalize else arrays


def _svhn(prefix, part):
    """[x, y] of 'train', 'test' or 'extra'."""
    origin = 'at ufldl.stanford.edu/housenumbers'
    original = '%s%s_32x32.mat' % (prefix, part)
    if not os.path.isfile(original):
        return _pickled('%ssvhn_%s.cpkl' % (prefix, part), origin, 2)
    stored = _matlab(original, origin)
    return [stored['X'].transpose(3, 0, 1, 2), stored['y'].ravel() - 1]


def _cifar_batches(archive, names):
    folder = os.path.join(os.path.dirname(archive), 'cifar-10-batches-py')
    if os.path.isfile(os.path.join(folder, names[-2])):
        return [pickles.read_pickle(os.path.join(folder, name))
                for name in names]
    _need(archive, 'at www.cs.toronto.edu/~kriz/cifar.html')
    try:
        with tarfile.open(archive) as tar:
            # not unpacked: an archive's paths may lead anywhere
            return [pickles.unpickle(tar.extractfile(
                'cifar-10-batches-py/' + name).read(1 << 28), _limits())
                for name in names]
    except (tarfile.TarError, KeyError, EnvironmentError) as error:
        raise InputError('dataset: expected CIFAR-10 for Python in %s, got '
                         'an archive that cannot be read (%s)'
                         % (archive, error))

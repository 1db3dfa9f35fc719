"""Other people's data sets: read from files, never fetched nor executed."""
from __future__ import division, print_function

import gzip
import io
import os
import pickle
import tarfile

import numpy as np
import pytest
import scipy.io

from untapped.errors import DataError, InputError
from untapped.parmesan import datasets

RNG = np.random.RandomState(0)


def stored(folder, name, data, protocol=2):
    """A pickle's path; gzip where the name says so."""
    path = folder.join(*name.split('/'))
    path.dirpath().ensure(dir=True)
    opener = gzip.open if name.endswith('gz') else open
    with opener(str(path), 'wb') as stream:
        stream.write(pickle.dumps(data, protocol=protocol))
    return str(path)


def pixels(*shape):
    return RNG.randint(0, 256, size=shape).astype('uint8')


def noise(shapes):
    """What ``dequantify`` adds, after numpy's generator was seeded with 3."""
    np.random.seed(3)
    return [np.random.uniform(0, 1, size=s).astype('float32') for s in shapes]


def equal(found, expected):
    assert len(found) == len(expected)
    for one, other in zip(found, expected):
        other = np.asarray(other)
        assert (one.dtype, one.shape) == (other.dtype, other.shape)
        assert one.tobytes() == other.tobytes()


@pytest.mark.parametrize('protocol', [0, 2])
def test_mnist_with_grey_pixels_comes_as_three_pairs(tmpdir, protocol):
    pairs = [(RNG.rand(n, 4).astype('float32'), np.arange(n))
             for n in (3, 2, 1)]
    path = stored(tmpdir, 'mnist.pkl.gz', tuple(pairs), protocol)
    equal(datasets.load_mnist_realval(path), sum(pairs, ()))


def test_binary_mnist_comes_as_three_arrays(tmpdir):
    arrays = [RNG.randint(0, 2, size=(n, 4)).astype('float')
              for n in (3, 2, 1)]
    path = stored(tmpdir, 'mnist.pkl.gz', arrays, 0)
    equal(datasets.load_mnist_binarized(path), arrays)


def test_norb_gets_noise_first_and_is_scaled_then(tmpdir):
    x = [pixels(n, 9).astype('float32') for n in (3, 2)]
    t = [np.arange(n, dtype='float32') for n in (3, 2)]
    path = stored(tmpdir, 'norb.cpkl', [x[0], t[0], x[1], t[1]])
    u = noise([(3, 9), (2, 9)])
    np.random.seed(3)
    equal(datasets.load_norb_small(path),
          [(x[0] + u[0]) / 256, t[0], (x[1] + u[1]) / 256, t[1]])
    equal(datasets.load_norb_small(path, False, False),
          [x[0], t[0], x[1], t[1]])


def test_both_forms_of_omniglot(tmpdir):
    arrays = [RNG.rand(n, 16) for n in (3, 2)]
    stored(tmpdir, 'omniglot.cpkl', arrays)
    equal(datasets.load_omniglot(str(tmpdir)),
          [a.astype('float32') for a in arrays])
    mat = {kind + name: value for kind, n in (('', 3), ('test', 2))
           for name, value in (('data', RNG.rand(4, n)),
                               ('target', np.eye(3)[::-1, :n]),
                               ('targetchar', RNG.rand(1, n)))}
    scipy.io.savemat(str(tmpdir.join('chardata.mat')), mat)
    equal(datasets.load_omniglot_iwae(str(tmpdir)), [
        mat['data'].T.astype('float32'), [2, 1, 0],
        mat['targetchar'].astype('float32'),
        mat['testdata'].T.astype('float32'), [2, 1],
        mat['testtargetchar'].astype('float32')])


CIFAR = ['data_batch_%d' % n for n in range(1, 6)] + ['test_batch']


def cifar(folder):
    """An archive of two images a batch; the batches."""
    batches = [{'data': pixels(2, 3072), 'labels': [n, n + 1],
                'batch_label': name} for n, name in enumerate(CIFAR)]
    with tarfile.open(str(folder.join('cifar.tar.gz')), 'w:gz') as tar:
        for name, batch in zip(CIFAR, batches):
            data = pickle.dumps(batch, protocol=2)
            member = tarfile.TarInfo('cifar-10-batches-py/' + name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return batches


def test_cifar_is_read_from_the_archive_and_nothing_is_unpacked(tmpdir):
    batches = cifar(tmpdir)
    found = datasets.load_cifar10(str(tmpdir.join('cifar.tar.gz')),
                                  dequantify=False)
    x = np.concatenate([b['data'] for b in batches]) / np.float32(256)
    images = x.reshape(12, 3, 32, 32).transpose(0, 2, 3, 1)
    equal(found, [images[:10], [0, 1, 1, 2, 2, 3, 3, 4, 4, 5], images[10:],
                  [5, 6]])
    assert [p.basename for p in tmpdir.listdir()] == ['cifar.tar.gz']


def test_cifar_that_was_unpacked_is_read_where_it_is(tmpdir):
    batches = cifar(tmpdir)
    path = str(tmpdir.join('cifar.tar.gz'))
    from_archive = datasets.load_cifar10(path, dequantify=False)
    os.remove(path)
    for name, batch in zip(CIFAR, batches):
        stored(tmpdir, 'cifar-10-batches-py/' + name, batch)
    equal(datasets.load_cifar10(path, dequantify=False), from_archive)


def test_a_broken_archive_is_told(tmpdir):
    path = tmpdir.join('cifar.tar.gz')
    path.write('no archive')
    with pytest.raises(InputError, match='cannot be read'):
        datasets.load_cifar10(str(path))


def test_faces_from_a_pickle_or_from_the_original(tmpdir):
    faces = pixels(2, 560)
    expected = [faces.reshape(2, 28, 20).astype('float32') / 256]
    prefix = str(tmpdir.join('frey'))
    stored(tmpdir, 'frey.pkl.gz', [faces], 0)
    equal([datasets.load_frey_faces(prefix, dequantify=False)], expected)
    os.remove(prefix + '.pkl.gz')
    scipy.io.savemat(prefix + '.mat', {'ff': faces.T})
    equal([datasets.load_frey_faces(prefix, dequantify=False)], expected)


def test_labelled_faces_have_their_scale_in_the_files_name(tmpdir):
    images = pixels(2, 3, 3, 3)
    with gzip.open(str(tmpdir.join('lfw_0.50.cpkl')), 'wb') as stream:
        stream.write(pickle.dumps([images, np.arange(2)], protocol=2))
    np.random.seed(3)
    found = datasets.load_lfw(str(tmpdir.join('lfw')), size=.5)
    equal([found], [(images + noise([images.shape])[0]) / 256])


def test_house_numbers_from_pickles_or_from_the_originals(tmpdir):
    parts = {name: (pixels(n, 32, 32, 3), np.arange(n))
             for name, n in (('train', 3), ('test', 2), ('extra', 2))}
    prefix = str(tmpdir) + os.sep
    for name, part in parts.items():
        stored(tmpdir, 'svhn_%s.cpkl' % name, list(part))
    x = {name: part[0].astype('float32') / 256
         for name, part in parts.items()}
    expected = [np.concatenate([x['train'], x['extra']]),
                np.array([0, 1, 2, 0, 1], dtype='int32'), x['test'],
                np.array([0, 1], dtype='int32')]
    arguments = {'dequantify': False, 'extra': True}
    equal(datasets.load_svhn(prefix, **arguments), expected)
    for name, (images, digits) in parts.items():
        os.remove(prefix + 'svhn_%s.cpkl' % name)
        scipy.io.savemat(prefix + name + '_32x32.mat', {
            'X': images.transpose(1, 2, 3, 0), 'y': digits[:, None] + 1})
    equal(datasets.load_svhn(prefix, **arguments), expected)


def test_words_are_divided_by_the_length_of_their_document(tmpdir):
    x = np.array([[1., 3.], [2., 0.]], dtype='float32')
    stored(tmpdir, '20newsgroup_mf2.pkl',
           [(x, np.array([1, 2])), (x[:1], np.array([3])), [u'a', u'b']], 0)
    prefix = str(tmpdir) + os.sep
    y = [np.array(v, dtype='float32') for v in ([1, 2], [3])]
    part = np.array([[.25, .75], [1, 0]], dtype='float32')
    equal(datasets.load_20newsgroup(prefix, max_feat=2),
          [part, y[0], part[:1], y[1]])
    equal(datasets.load_20newsgroup(prefix, 2, False),
          [x, y[0], x[:1], y[1]])


@pytest.mark.parametrize('name', datasets.__all__)
def test_a_file_that_is_not_there_is_named_and_not_fetched(
        tmpdir, monkeypatch, name):
    monkeypatch.chdir(tmpdir)
    with pytest.raises(InputError, match='dataset: expected the file data/.*'
                       'not downloaded; it was to be had') as told:
        getattr(datasets, name)()
    assert '\n' not in str(told.value)
    assert tmpdir.listdir() == []


class Hostile(object):
    def __reduce__(self):
        return os.mkdir, ('made',)


def test_a_pickle_is_never_executed(tmpdir, monkeypatch):
    monkeypatch.chdir(tmpdir)
    path = stored(tmpdir, 'mnist.pkl.gz', (Hostile(),) * 3)
    with pytest.raises(DataError):
        datasets.load_mnist_realval(path)
    assert not os.path.exists('made')


def test_a_pickle_of_other_parts_is_refused(tmpdir):
    path = stored(tmpdir, 'mnist.pkl.gz', [np.zeros(3)] * 2)
    with pytest.raises(InputError, match='expected a pickle of 3 parts in '
                       '.*, got 2'):
        datasets.load_mnist_binarized(path)

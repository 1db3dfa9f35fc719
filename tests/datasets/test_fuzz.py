"""Damaged files through every reader: an error of one sentence, or data.

Each reader runs in one child process whose address space is bounded, so that
a reader that takes more memory than stated fails with MemoryError instead of
going unnoticed, and a crash or a hang is seen from outside.  UNTAPPED_FUZZ
sets the number of files over all readers (`make fuzz`: 10,000).
"""
from __future__ import division, print_function

import hashlib
import json
import os
import resource
import subprocess
import sys
import time

import pytest

FILES = int(os.environ.get('UNTAPPED_FUZZ', '200'))
READERS = ('crism', 'libs', 'raman', 'mnist', 'mnist idx', 'csv', 'ccs',
           'splib', 'npz', 'mat', 'xlsx', 'scans', 'checkpoint', 'manifest',
           'config', 'own npz', 'own csv')
#: What a reader may take beyond Python with numpy and scipy loaded, for
#: files of at most a few hundred kB; gzip may unpack to `unpacked` bytes.
BOUND = 256 << 20
#: Seconds for one file.
SLOWEST = 20

__all__ = ['main']


def mutated(content, rng):
    """Bytes that were a good file: one to four damages, of many kinds."""
    data = bytearray(content)
    for _ in range(rng.randint(1, 5)):
        kind = rng.randint(8)
        place = rng.randint(len(data)) if data else 0
        # the start of a file holds what readers decide by
        if rng.randint(2):
            place = min(place, rng.randint(200))
        length = int(rng.choice([1, 2, 4, 8, 64, 1024]))
        if kind == 0:
            del data[place:]
        elif kind == 1:
            del data[place:place + length]
        elif kind == 2:
            data[place:place + length] = bytearray(
                rng.randint(0, 256, length).astype('uint8').tobytes())
        elif kind == 3 and data:
            data[place] ^= 1 << rng.randint(8)
        elif kind == 4:
            data[place:place] = data[place:place + length] * 8
        elif kind == 5:
            # counts and lengths, in both byte orders
            word = [b'\xff\xff\xff\x7f', b'\x7f\xff\xff\xff', b'\xff' * 8,
                    b'\x00' * 8, b'\xff\xff\xff\xff'][rng.randint(5)]
            data[place:place + len(word)] = word
        elif kind == 6:
            word = [b'nan', b'-inf', b'1e999', b'0', b'\x00', b'\n', b',',
                    b'(lp0\n', b'cposix\nsystem\n', b'\x85R.', b'r\xff\xff'
                    b'\xff\x7f', b'2', b'q\x01'][rng.randint(13)]
            data[place:place] = word
        elif kind == 7:
            other = rng.randint(len(data)) if data else 0
            data[place:place + length] = data[other:other + length]
    return bytes(data)


def mutated_checkpoint(state, rng):
    """A whole checkpoint of a state of which some arrays were changed."""
    import numpy as np
    from untapped.runs import checkpoints

    state = state.copy()
    for _ in range(rng.randint(1, 4)):
        name = list(state)[rng.randint(len(state))]
        array = state[name].copy()
        kind = rng.randint(6)
        if kind == 0:
            del state[name]
            continue
        elif kind == 1:
            name += ' more'
        elif kind == 2:
            array = array.astype(rng.choice(['f4', 'f8', 'i8', 'S8', '>i4']))
        elif kind == 3:
            array = array.ravel()[:rng.randint(1 + array.size)]
        elif kind == 4:
            array = np.asfortranarray(np.array([array, array]))
        elif array.size and array.dtype.kind != 'S':
            array.flat[rng.randint(array.size)] = rng.choice(
                [-1, 0, 1, 624, 625, 2 ** 31 - 1, -2 ** 31, 10 ** 9])
        state[name] = array
    return checkpoints.to_bytes(state)


def whole_state():
    """A checkpoint's state, as a run of a model has it."""
    import numpy as np
    from states import state

    made = state()
    made['run evaluations'] = made['record epochs']
    made['run hashes'] = np.array([b'0' * 64] * len(made['record epochs']))
    return made


class _Run(object):
    """What a `Keeper` asks of a run folder and of a model."""

    def __init__(self, path):
        from states import EPOCHS, EVERY
        self.path, self.num_epochs, self.eval_freq = path, EPOCHS, EVERY

    def join(self, name):
        return os.path.join(self.path, name)

    def parameters(self):
        return {'W': whole_state()['parameter W']}


def go_on(folder):
    """What --resume does with the newest checkpoint of a folder."""
    from states import EPOCHS, EVERY, present
    from untapped.model.state import check
    from untapped.errors import InputError
    from untapped.experiments.keeping import Keeper

    run = _Run(folder)
    state, passed_over = Keeper(run, '', run, 60.).restore()
    if passed_over:
        raise InputError(passed_over[0])
    check(state, present(), EPOCHS, EVERY)


def seeds(reader, folder):
    """A good file of a reader: its name and its bytes, unpacked."""
    import gzip
    import io
    import pickle

    import numpy as np
    from scipy.io import savemat
    from untapped.runs import checkpoints
    from untapped import datasets
    import own_spectra
    import sheets
    import strangers

    if reader == 'csv':
        # a text file where a data file was expected
        text = 'a,b\n' + ','.join(['0.25'] * 1000) + '\n'
        return 'crism.pkl.gz', text.encode('ascii')
    if reader == 'ccs':
        lines = ['# wave,shot1,mean'] + [
            '%.3f,%d,0.5' % (240 + .1 * n, n) for n in range(6144)]
        return 'product.csv', '\n'.join(lines).encode('ascii')
    if reader == 'splib':
        lines = ['a mineral'] + ['0.%03d' % n for n in range(480)]
        return 'mineral.txt', '\n'.join(lines).encode('ascii')
    if reader == 'npz':
        buffered = io.BytesIO()
        np.savez_compressed(buffered, a=np.arange(50.), b=np.array([u'x']))
        return 'parameters.npz', buffered.getvalue()
    if reader == 'mat':
        buffered = io.BytesIO()
        savemat(buffered, {'a': np.arange(60.).reshape(12, 5),
                           'b': np.array([[1, 'x']], object)})
        return 'a.mat', buffered.getvalue()
    if reader == 'xlsx':
        path = os.path.join(folder, 'list.xlsx')
        sheets.write_sheet(path, [['vial', 'a', 'b'], ['ab01', .25, .75]])
        with open(path, 'rb') as stream:
            return 'list.xlsx', stream.read()
    if reader == 'scans':
        lines = ['Laser Wavelength,,784.8', 'Pixel Count,,50',
                 'Pixel,Wavelength,Raw,Raw'] + [
            '%d,%.2f,%d,3.5' % (n, 801 + .14 * n, n) for n in range(50)]
        return 'ab01.csv', '\r\n'.join(lines).encode('ascii')
    if reader.startswith('own '):
        made, name = own_spectra.mixtures(), 'spectra.' + reader[4:]
        path = os.path.join(folder, name)
        if name.endswith('npz'):
            own_spectra.write_npz(path, made)
        else:
            own_spectra.write_csv(path, own_spectra.table(made))
        with open(path, 'rb') as stream:
            return name, stream.read()
    if reader == 'checkpoint':
        return 'checkpoint-00000005', checkpoints.to_bytes(whole_state())
    if reader == 'config':
        return 'config.json', json.dumps({
            'experiment': 'crism', 'preset': 'published', 'quick': False,
            'arguments': ['--seeds', '3', '--epochs', '20', '--data', 'x',
                          '--learning-rate', '0.001', '--out', 'results'],
            'seeds': {'seed': 1234, 'sample_seed': 1}, 'pins': {},
            'runs': ['seed-1234', 'seed-1235', 'seed-1236'],
        }, sort_keys=True).encode('ascii')
    if reader == 'manifest':
        return 'manifest.json', json.dumps(strangers.manifest()).encode(
            'ascii')
    if reader == 'mnist idx':
        from untapped.datasets import mnist
        images = np.random.RandomState(1).randint(0, 256, (20, 28, 28))
        header = np.array([2051, 20, 28, 28], '>i4').tobytes()
        name = 't10k-images-idx3-ubyte'
        for part, n in (('train', 20), ('t10k', 20)):
            with open(os.path.join(folder, part + '-images-idx3-ubyte'),
                      'wb') as stream:
                stream.write(header + images.astype('u1').tobytes())
            with open(os.path.join(folder, part + '-labels-idx1-ubyte'),
                      'wb') as stream:
                stream.write(np.array([2049, n], '>i4').tobytes()
                             + (np.arange(n) % 10).astype('u1').tobytes())
        assert mnist.find(folder)
        with open(os.path.join(folder, name), 'rb') as stream:
            return name, stream.read()
    path = os.path.join(folder, datasets.READERS[reader].FILE)
    if reader == 'mnist':
        rng = np.random.RandomState(1)
        sets = tuple((rng.uniform(size=(n, 784)).astype('f4'),
                      rng.randint(0, 10, n)) for n in (30, 12, 12))
        buffered = io.BytesIO()
        with gzip.GzipFile(fileobj=buffered, mode='wb') as stream:
            stream.write(pickle.dumps(sets, 2))
        with open(path, 'wb') as stream:
            stream.write(buffered.getvalue())
    else:
        raw = datasets.load(reader, 'simulated')
        for key, array in raw.arrays.items():
            # small files: what is read is decided by the rest
            if reader == 'crism' and key in ('x', 'y'):
                raw.arrays[key] = array[::20]
            elif reader == 'libs' and key in ('small_means', 'big_means'):
                raw.arrays[key] = array[::60]
            elif reader == 'libs' and key in ('x', 'y', 'types'):
                raw.arrays[key] = array[::4]
        datasets.write_published(raw, path)
    with gzip.open(path, 'rb') as stream:
        return os.path.basename(path), stream.read()


def reading(reader, folder, name):
    """A function that reads a folder's file, and what it may raise."""
    import numpy as np
    from untapped import datasets
    from untapped.datasets import chemcam, spectral_library
    from untapped.datasets.converters import raman_amino
    from untapped.errors import InputError
    from untapped.runs import manifest
    from untapped.experiments import options, recorded
    from untapped.files.matlab import read_mat
    from untapped.files.npz import read_npz
    from untapped.files.xlsx import read_sheet

    path = os.path.join(folder, name)
    alone = {'ccs': chemcam.read_ccs, 'npz': read_npz,
             'splib': spectral_library.read_spectrum, 'mat': read_mat,
             'xlsx': read_sheet, 'scans': raman_amino.read_table,
             'checkpoint': lambda path: go_on(folder),
             'manifest': lambda path: manifest.read(folder),
             'config': lambda path: recorded.resumed_options(
                 options.parse('crism', ['--resume', folder]), 'crism')}
    if reader in alone:
        return lambda: alone[reader](path), (datasets.DataError, InputError)
    experiment = {'csv': 'crism', 'own': 'spectra'}.get(
        reader.split()[0], reader.split()[0])
    return lambda: datasets.prepare(
        datasets.load(experiment, path if experiment == 'spectra'
                      else folder),
        np.random.RandomState(0)), datasets.DataError


def main(reader, folder, number, seed):
    """Read mutated files; one line a file that was neither read nor
    refused."""
    import gzip
    import pickle

    import numpy as np

    name, content = seeds(reader, folder)
    read, refused = reading(reader, folder, name)
    if reader != 'csv':
        # as it is, the file is read
        if not os.path.exists(os.path.join(folder, name)):
            with open(os.path.join(folder, name), 'wb') as stream:
                stream.write(content)
        read()
    rng = np.random.RandomState(seed)
    in_use = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with open('/proc/self/statm') as stream:
        used = int(stream.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + BOUND, used + BOUND))
    path = os.path.join(folder, name)
    counts = {'read': 0, 'refused': 0, 'slowest': 0.}
    marker = os.path.join(folder, 'marker')
    attack = pickle.dumps(_Attack('touch ' + marker), 2)
    for index in range(number):
        data = mutated(content, rng)
        if rng.randint(20) == 0:
            data = data[:rng.randint(1, 50)] + attack
        if reader == 'checkpoint' and rng.randint(2):
            # one whose hash is right
            lines = data.split(b'\n', 2)
            data = b'\n'.join(lines[:1] + [hashlib.sha256(
                lines[-1]).hexdigest().encode('ascii')] + lines[2:])
        if reader == 'checkpoint' and rng.randint(3) == 0:
            data = mutated_checkpoint(whole_state(), rng)
        packed = name.endswith('.gz') and rng.randint(4)
        if packed:
            with open(path, 'wb') as out, gzip.GzipFile(
                    fileobj=out, mode='wb', compresslevel=1) as stream:
                stream.write(data)
            if rng.randint(3) == 0:
                with open(path, 'rb') as stream:
                    data = mutated(stream.read(), rng)
                packed = False
        if not packed:
            with open(path, 'wb') as stream:
                stream.write(data)
        begun = time.time()
        try:
            read()
            counts['read'] += 1
        except refused as error:
            counts['refused'] += 1
            if '\n' in str(error).strip():
                print('FAULT %d: %r' % (index, str(error)))
        except BaseException as error:
            print('FAULT %d: %s: %s' % (index, type(error).__name__, error))
        seconds = time.time() - begun
        counts['slowest'] = max(counts['slowest'], seconds)
        if seconds > SLOWEST:
            print('FAULT %d: %.1f s' % (index, seconds))
        if os.path.exists(marker):
            print('FAULT %d: it ran the pickle' % index)
            os.unlink(marker)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - in_use
    print('%s: %d files, %d read, %d refused, slowest %.2f s, %d MB more '
          'at most' % (reader, number, counts['read'], counts['refused'],
                       counts['slowest'], grown // 1024))


class _Attack(object):
    def __init__(self, command):
        self.command = command

    def __reduce__(self):
        return os.system, (self.command,)


@pytest.mark.parametrize('reader', READERS)
def test_damaged_files_are_read_or_refused(reader, tmpdir):
    number = -(-FILES // len(READERS))
    process = subprocess.Popen(
        [sys.executable, os.path.abspath(__file__), reader, str(tmpdir),
         str(number), '1'], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        universal_newlines=True)
    out = process.communicate()[0]
    print(out)
    # a crash has a negative status
    assert process.returncode == 0, out
    assert 'FAULT' not in out and ' files, ' in out


if __name__ == '__main__':
    tests = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    sys.path[:0] = [os.path.dirname(tests), tests]
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))

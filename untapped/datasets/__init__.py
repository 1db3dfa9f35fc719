"""The data of the paper's experiments: read, simulated, split.

    raw = load('crism')                    a file if there is one, else
                                           simulated
    data = prepare(raw, numpy.random.RandomState(1))
    data.X, data.y, data.X_, data._y       what the model is fitted to

    crism, libs, mnist, raman  a reader each
    spectra           the reader of spectra of one's own
    spectra_table     of it, files of comma-separated values
    spectra_checks    what is refused in a file of spectra
    spectra_prepared  spectra chosen, scaled and split
    containers        data as read and as trained on
    checks            what every reader checks
    download          the authors' files
    chemcam           ChemCam's channels, targets and tables
    pds               libs.pkl.gz from ChemCam's archive
    spectral_library  splib07a
    simulators        spectra from their physics
    converters        measured spectra from their authors' files

Nothing here imports Theano, and nothing uses the network but
``load(name, 'download')``.
"""
from __future__ import division, print_function

import os

from untapped.datasets import crism, libs, mnist, raman, spectra
from untapped.datasets.checks import check_whole
from untapped.datasets.containers import Prepared, Raw
from untapped.datasets.download import fetch
from untapped.datasets.simulators import (crism as crism_simulator,
                                          libs as libs_simulator,
                                          raman as raman_simulator)
from untapped.datasets.simulators.sources import SIMULATED_TWICE
from untapped.errors import DataError
from untapped.files.atomic import write_pickle
from untapped.files.hashes import file_sha256
from untapped.files.packed import file_in
from untapped.files.texts import TEXTS
from untapped.machine import console

__all__ = ['NAMES', 'OWN', 'DataError', 'Prepared', 'Raw', 'load',
           'prepare', 'write_published']

#: The data sets, in the order of the paper, then the one it leaves out.
NAMES = ('crism', 'libs', 'mnist', 'raman')
#: And spectra of one's own, which nobody published or simulates.
OWN = 'spectra'
READERS = dict(zip(NAMES + (OWN,), (crism, libs, mnist, raman, spectra)))
SIMULATORS = dict(zip(NAMES, (crism_simulator, libs_simulator, mnist,
                              raman_simulator)))


def load(name, source='auto', folder=None, seed=0, address=None, **options):
    """Read or simulate a data set.

    Parameters
    ----------
    name : {'crism', 'libs', 'mnist', 'raman', 'spectra'}
        Of spectra, files alone.
    source : str
        'auto': files in `folder` if it holds them, else simulated.
        'simulated'. 'download': from the authors' address into `folder`,
        the only choice that uses the network. Anything else is the path of
        a file or of a folder.
    folder : str, optional
        Where files are looked for and downloaded to; by default the
        environment's UNTAPPED_DATA, or ./data.
    seed : int
        Of the simulation.
    address : str, optional
        Where 'download' gets the file; by default the authors' address.
    options
        Of simulated data: ``simulator=2``, the second simulator of crism
        and libs (docs/data.md); ``endmembers=FOLDER`` of crism.

    Returns
    -------
    Raw

    Raises
    ------
    DataError
        If the data cannot be read or are not what they should be.
    """
    reader = _module(READERS, name)
    check_whole('seed', seed, 0, 2 ** 32 - 1)
    if not isinstance(source, TEXTS):
        raise DataError("source is %r; 'auto', 'simulated', 'download' or a "
                        'path was expected.' % (source,))
    folder = folder or os.environ.get('UNTAPPED_DATA') or 'data'
    if source == 'auto':
        # A file that is there and broken is an error, not a reason to
        # simulate: nobody should mistake one for the other.
        places = [os.path.join(folder, name), folder]
        source = next((p for p in places if _holds(p, reader)), 'simulated')
    wanted = getattr(reader, 'WANTED', reader.FILE)
    if name == OWN and source in ('simulated', 'download'):
        raise DataError('There are no %s spectra of your own; the path of '
                        '%s was expected.' % (
                            {'download': 'downloaded'}.get(source, source),
                            wanted))
    chosen = options.get('simulator', 1)
    if chosen == 1:
        options.pop('simulator', None)
    elif name not in SIMULATED_TWICE or chosen != 2:
        raise DataError('simulator is %s; 1%s was expected of %s.' % (
            chosen, ' or 2' * (name in SIMULATED_TWICE), name))
    if source == 'simulated':
        return SIMULATORS[name].simulate(seed=seed, **options)
    if options:
        raise DataError('%s is an option of simulated data; %s was asked '
                        'for.' % (sorted(options)[0], source))
    if source == 'download':
        path = os.path.join(folder, name, reader.FILE)
        fetch(address or reader.URL, path)
        raw = _read(reader, path)
        raw.kind = 'download'
        raw.source = 'downloaded ' + raw.source
        return raw
    if not os.path.exists(source):
        raise DataError('%s does not exist; the path of %s or of a folder '
                        'with it was expected.' % (source, wanted))
    inside = os.path.join(source, name)
    return _read(reader, inside if _holds(inside, reader) else source)


def _holds(folder, reader):
    """Whether a folder holds the data in a form that the reader knows."""
    if hasattr(reader, 'find'):
        return reader.find(folder)
    return os.path.isfile(os.path.join(folder, reader.FILE))


def _read(reader, path):
    """Read a file, and say in `source` which one it was to the last bit."""
    raw = reader.read(path)
    path = file_in(path, reader.FILE)
    if os.path.isfile(path):
        raw.source = 'file %s sha256 %s' % (console.printable(path),
                                            file_sha256(path))
    return raw


def prepare(raw, rng, **options):
    """Split and scale a data set as its published demo does.

    Parameters
    ----------
    raw : Raw
    rng : numpy.random.RandomState
        Makes the draws that the published loader makes, in its order.
    options
        See `prepare` of the module of the data set: ``remove_mean``,
        ``trial``, ...

    Returns
    -------
    Prepared
    """
    return _module(READERS, raw.name).prepare(raw, rng, **options)


def write_published(raw, path):
    """Write a data set in the format of the published file.

    gzip, pickle protocol 2; the same data give the same bytes.

    Parameters
    ----------
    raw : Raw
    path : str
        Written whole or not at all.
    """
    if raw.name == OWN:
        raise DataError('There is no published file of spectra of your own; '
                        'one of %s was expected.' % ', '.join(NAMES))
    write_pickle(_module(READERS, raw.name).published(raw), path)


def _module(modules, name):
    if not isinstance(name, TEXTS) or name not in modules:
        raise DataError('%r is no data set; one of %s was expected.'
                        % (name, ', '.join(NAMES + (OWN,))))
    return modules[name]

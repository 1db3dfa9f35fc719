"""What one process of a comparison executes; see :mod:`children`.

    python child.py JOB.json

It is run as a file, not as a module of the package: the job decides which
``untapped`` it imports, the published or this one.  No ``untapped`` is
imported before numpy's generator is seeded.  Results go to the job's folder,
one ``.npz`` a unit, with ``report.json`` beside them.
"""
from __future__ import division, print_function

import gc
import glob
import hashlib
import json
import os
import resource
import runpy
import sys
import time
import traceback
import types
import unittest
from collections import OrderedDict

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))

#: Bytes of parameters kept from epoch to epoch; beyond them only digests.
TRACE_BYTES = 2 ** 28


def _load_cases():
    """The modules cases and case_models, without their package."""
    sys.path.insert(0, HERE)
    try:
        # late: the job says which untapped they find, and when
        import case_models
        import cases
    finally:
        sys.path.remove(HERE)
    return cases, case_models


def _processor_seconds():
    """Of this process so far: what else the machine does hardly counts."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


class Watch(object):
    """Parameters after every epoch of every fit of a process.

    ``SSDGM`` is patched in place, so that code which has no idea of being
    watched (the published demos) is.
    """

    def __init__(self, overrides=None):
        self.fits, self.kept = [], 0
        self.overrides = overrides or {}
        # the last model that was trained, and the data it was given
        self.model = self.data = None
        self.seconds, self.last = [], None

    def install(self, SSDGM):
        """See every fit of the class from here on."""
        if self.overrides:
            _override(SSDGM, self.overrides)
        fit = SSDGM.fit

        def watched_fit(model, *args, **kwargs):
            self.fits.append([])
            self.model = model
            self.data = kwargs
            self.last = None
            return fit(model, *args, **kwargs)

        SSDGM.fit = watched_fit
        if hasattr(SSDGM, '_build_run_epochs'):
            _watch_published(SSDGM, self)
        else:
            _watch_ours(SSDGM, self)

    def epoch(self, model):
        """Note the parameters as they are now, and the time."""
        if self.last is not None:
            self.seconds.append(_processor_seconds() - self.last)
        values = [np.asarray(shared.get_value())
                  for shared in model.model_dict['params']['all']]
        size = sum(value.nbytes for value in values)
        digest = arrays_sha256(values)
        if self.kept + size > TRACE_BYTES:
            values = None
        else:
            self.kept += size
        self.fits[-1].append((digest, values))
        self.last = _processor_seconds()

    def arrays(self):
        """'epochs/fit 0/00' ... stacked over epochs; digests as bytes."""
        result = OrderedDict()
        for number, epochs in enumerate(self.fits):
            if not epochs:
                continue
            prefix = 'epochs/fit %d' % number
            result[prefix + '/sha256'] = np.array(
                [bytearray.fromhex(text) for text, _ in epochs],
                dtype='uint8').reshape(len(epochs), -1)
            if all(values is not None for _, values in epochs):
                for index in range(len(epochs[0][1])):
                    result['%s/%02d' % (prefix, index)] = np.stack(
                        [values[index] for _, values in epochs])
        return result


def _override(SSDGM, overrides):
    """Make every SSDGM of this process take these arguments instead."""
    init = SSDGM.__init__

    def __init__(self, *args, **kwargs):
        kwargs.update(overrides)
        init(self, *args, **kwargs)

    # where scikit-learn looks for the arguments of a wrapped constructor
    __init__.deprecated_original = getattr(init, 'deprecated_original', init)
    SSDGM.__init__ = __init__


def _watch_published(SSDGM, watch):
    """Published: an epoch is a call of a closure that this method is given.

    The epoch in which a cost becomes NaN ends training and is left out, as
    this package does not report it.
    """
    build = SSDGM._build_run_epochs

    def watched_build(model, train_epoch, eval_epoch):
        def watched_epoch(*args, **kwargs):
            means, nan = train_epoch(*args, **kwargs)
            if not nan:
                watch.epoch(model)
            return means, nan
        return build(model, watched_epoch, eval_epoch)

    SSDGM._build_run_epochs = watched_build


def _watch_ours(SSDGM, watch):
    """This package: the core tells a monitor; fit has one of its own."""
    train = SSDGM._train

    def watched_train(model, monitor, **kwargs):
        def both(event):
            if event.kind == 'epoch':
                watch.epoch(model)
            monitor(event)
        return train(model, both, **kwargs)

    SSDGM._train = watched_train


def arrays_sha256(arrays):
    """SHA-256 over arrays' bytes, one after the other.

    Not of `untapped.files.hashes`: the untapped of this process may be the
    published one.
    """
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(array.tobytes())
    return digest.hexdigest()


def save(path, arrays):
    """Write arrays in the format of the recorded ones: '0003 fit0|...'."""
    np.savez(path, **dict(
        ('%04d %s' % (index, key.replace('/', '|')), value)
        for index, (key, value) in enumerate(arrays.items())))


def run_cases(job, folder, report):
    """Each case of the job; an exception ends that case only."""
    cases, models = _load_cases()
    watch = None
    if job.get('trace'):
        watch = Watch()
        watch.install(models.SSDGM)
    for case in job['cases']:
        began = time.time()
        entry = report['units'].setdefault(case['name'], {})
        # a model without a seed of its own draws from here on
        np.random.seed(case.get('import_seed', 1))
        if watch is not None:
            watch.fits = []
            watch.kept = 0
        try:
            arrays = models.run_case(case, cases.draw_data(case['data']))
            if watch is not None:
                arrays.update(watch.arrays())
            save(os.path.join(folder, case['name'] + '.npz'), arrays)
            entry['sha256'] = arrays_sha256(
                arrays[key] for key in arrays
                if key.startswith('fit%d/' % (case.get('fits', 1) - 1))
                and key.split('/')[1][:2].isdigit())
        except Exception as error:
            traceback.print_exc()
            entry['error'] = describe(error)
        entry['seconds'] = time.time() - began
        print('%s: %s (%.0f s)' % (case['name'],
                                   entry.get('error', 'done'),
                                   entry['seconds']))
        sys.stdout.flush()


def describe(error):
    """An exception's class and the first line of what it says."""
    text = str(error).strip().splitlines()
    return '%s: %s' % (type(error).__name__, text[0] if text else '')


def run_demo(job, folder, report):
    """A published demo, unmodified but for its number of epochs.

    The working folder is the caller's; the demo's data file is in it already.
    A demo that fails after training (in its plots) is still compared, and how
    it ended with it.
    """
    models = _load_cases()[1]
    watch = Watch(job['overrides'])
    watch.install(models.SSDGM)
    name = job['name']
    entry = report['units'].setdefault(name, {})
    began = time.time()
    entry['ending'] = 'the end of the script'
    space = {}
    try:
        space = runpy.run_path(job['script'], run_name='__main__')
    except Exception as error:
        traceback.print_exc()
        entry['ending'] = describe(error)
    entry['seconds'] = time.time() - began
    if watch.seconds:
        # most epochs are followed by no evaluation: the median is of those
        entry['epoch_seconds'] = float(np.median(watch.seconds))
    model, data = space.get('m', watch.model), space.get('data', watch.data)
    if model is None:
        entry['error'] = entry['ending']
        return
    arrays = watch.arrays()
    arrays.update(models.parameter_arrays(model, 'end'))
    entry['sha256'] = arrays_sha256(
        value for key, value in arrays.items() if key.startswith('end/'))
    arrays.update(models.record_arrays(model, 'record'))
    for score in getattr(space.get('model'), 'grid_scores_', []):
        arrays['grid/scores %s' % sorted(
            score.parameters.items())] = np.asarray(
                score.cv_validation_scores)
    arrays['numpy generator'] = np.append(*np.random.get_state()[1:3])
    arrays['how the demo ends'] = _text_array(entry['ending'])
    for probe in PROBES:
        if all(value in data for value in probe[1]
               + [v for v in probe[2].values() if not isinstance(v, bool)]):
            arrays.update(models.probe_arrays(model, probe, data))
    for path in sorted(glob.glob(os.path.join('examples', 'results', '*',
                                              '*', '*.png'))):
        figure = os.path.basename(path)
        if figure in OWN_FIGURES:
            arrays['figure/%s drawn' % figure] = np.array(1)
            continue
        with open(path, 'rb') as stream:
            arrays['figure/' + figure] = np.frombuffer(stream.read(),
                                                       dtype='uint8')
    save(os.path.join(folder, name + '.npz'), arrays)
    # after everything that is compared: what is asked here changes nothing
    entry['numbers'] = demo_numbers(model, data, space)


def demo_numbers(model, data, space):
    """The paper's numbers of a demo's model.

    Computed here, with numpy alone, as this process may run the published
    code: KL(true || predicted) over y and 1 - its sum, clipped to [1e-6, 1],
    in nats; and where the demo knows endmembers, the mean of
    ||x_bar - x||_2 with x_bar generated at the corners of the simplex and
    at the mean z of the training pairs.

    Parameters
    ----------
    model : SSDGM
    data : dict
        What the demo gave to fit.
    space : dict
        The names that the demo's script defined.

    Returns
    -------
    list of (label, float)
    """
    true, predicted = [
        np.clip(np.hstack([y, 1 - y.sum(axis=1, keepdims=True)])
                .astype('float64'), 1e-6, 1)
        for y in (data['y_valid'], model.predict(
            x=data['X_valid'], deterministic=True))]
    numbers = [('KL of y, validation', float(
        (true * np.log(true / predicted)).sum(axis=1).mean()))]
    if 'get_endmembers' in space:
        parts = data['y'].shape[1]
        corners = np.vstack([np.eye(parts), np.zeros(parts)])
        z = model.getZ2(x=data['X'], y=data['y'], deterministic=True)
        z = np.repeat(z.mean(axis=0, keepdims=True), len(corners), axis=0)
        spectra = model.generate(y=corners.astype('float32'), z2=z,
                                 deterministic=True)
        if space.get('remove_mean'):
            spectra = spectra + space['ux']
        # the file's order is reversed behind its first column
        known = space['get_endmembers']()[:, 1:][:, ::-1].T
        numbers.append(('mean endmember error', float(
            np.sqrt(((spectra - known) ** 2).sum(axis=1)).mean())))
    return numbers


def _text_array(text):
    """A text as numbers, to be compared like everything else."""
    return np.array(bytearray(text.encode('utf-8')), dtype='uint8')


#: Plots of the records, which a package draws as it likes; that they are
#: there is compared.  The demos' own plotting scripts make all others.
OWN_FIGURES = ('train.png', 'eval_L1.png', 'eval_LN.png')

#: What is asked of a demo's model when the demo is over.
PROBES = [['predict', [], {'x': 'X_valid', 'deterministic': True}],
          ['getZ2', [], {'x': 'X', 'y': 'y', 'deterministic': True}],
          ['generate', [], {'y': '_y', 'z2': 'z2', 'deterministic': True}],
          ['getYZ2', [], {'x': 'X', 'deterministic': True}],
          ['getXY_obj', ['X', 'y'], {}],
          ['getYX_obj', ['X', 'y'], {}],
          ['loss', ['X', 'y'], {}]]


def load_file(path, name):
    """A module from its file, whatever package it belongs to."""
    module = types.ModuleType(name)
    module.__file__ = path
    with open(path) as stream:
        code = compile(stream.read(), path, 'exec')
    # runpy would empty the module when done (Python 2)
    exec(code, module.__dict__)
    return module


def run_suite(job, folder, report):
    """The published test module, against the ``untapped`` of this process."""
    suite = load_file(job['script'], 'published_suite')
    tests = unittest.TestSuite(
        unittest.defaultTestLoader.loadTestsFromTestCase(value)
        for value in vars(suite).values()
        if isinstance(value, type) and issubclass(value, unittest.TestCase))
    print('tested: ' + _tested())
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(tests)
    report['units']['suite'] = {
        'tests': result.testsRun,
        'failures': len(result.failures) + len(result.errors)}


def run_names(job, folder, report):
    """All names of the ``untapped`` of this process, or what some are."""
    names = load_file(os.path.join(HERE, 'names.py'), 'names')
    report['units']['names'] = (names.described(job['names'])
                                if 'names' in job else names.listed())


def mathematics_sha256():
    """SHA-256 of the C library's float functions on a grid.

    Theano's code takes exp, log, tanh, log1p and pow of floats from the C
    library, as numpy does; their last bit is no standard's business.
    """
    grid = np.linspace(-12., 12., 48001).astype('float32')
    positive = np.abs(grid) + np.float32(1e-6)
    return arrays_sha256([
        np.exp(grid), np.log(positive), np.tanh(grid), np.log1p(positive),
        np.power(positive, np.float32(2.5))])


def environment():
    """Versions, and which pins this process does not keep."""
    # by its file: the untapped of this process may be the published one
    pins = load_file(os.path.join(os.path.dirname(HERE), 'pins.py'), 'pins')
    found = dict((name, sys.modules[name].__version__)
                 for name in ('numpy', 'theano', 'lasagne'))
    found.update(python='.'.join(map(str, sys.version_info[:3])),
                 blas=[list(blas) for blas in pins.loaded_blas()],
                 mathematics=mathematics_sha256(),
                 overrides=pins.overrides())
    return found


def _tested():
    """The folder of this process's ``untapped``, once it is imported."""
    return os.path.dirname(os.path.abspath(sys.modules['untapped'].__file__))


def _with_paths(job):
    """A job whose paths are Python 2's own strings: bytes.

    It takes Unicode for ASCII where it joins the two.
    """
    if str is bytes:
        for key in ('folder', 'script'):
            if key in job:
                job[key] = job[key].encode('utf-8')
        for key in ('paths', 'late_paths'):
            job[key] = [path.encode('utf-8') for path in job.get(key, [])]
    return job


def main(argv):
    """Do the job whose file is named; the exit status."""
    with open(argv[1]) as stream:
        job = _with_paths(json.load(stream))
    # the folder of this file must not be where modules are looked for
    sys.path[:] = job['paths'] + [
        path for path in sys.path if os.path.abspath(path or '.') != HERE
    ] + job.get('late_paths', [])
    folder = job['folder']
    report = {'units': OrderedDict()}
    gc.set_threshold(10 ** 5)       # as in a run
    try:
        if job['kind'] in ('suite', 'names'):
            {'suite': run_suite, 'names': run_names}[job['kind']](
                job, folder, report)
        else:
            np.random.seed(job['sample_seed'])
            # late: found along the job's paths, after the seed; before
            # Theano, whose compile folder this package sees to
            import untapped.S2S_DGM  # noqa: F401
            report['tested'] = _tested()
            {'cases': run_cases, 'demo': run_demo}[job['kind']](
                job, folder, report)
            report['environment'] = environment()
    finally:
        with open(os.path.join(folder, 'report.json'), 'w') as stream:
            json.dump(report, stream, indent=1, sort_keys=True)
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv))

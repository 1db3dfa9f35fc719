"""Small files of spectra in the two formats that the study reads."""
from __future__ import division, print_function

import io
from collections import OrderedDict

import numpy as np

NAMES = [u'quartz', u'Al2O3', u'F\u00e9', u'mica', u'$x$', u'ice']


def mixtures(parts=3, samples=12, scans=4, channels=30, pure=True,
             nuisance=True, scale=1., seed=0):
    """The arrays of an .npz: scans of mixtures, brighter and darker."""
    rng = np.random.RandomState(seed)
    labels = rng.dirichlet(np.ones(parts), samples).round(3)
    if pure:
        labels[:parts] = np.eye(parts)
    # rounding may have taken more than there is
    labels[:, -1] = (1 - labels[:, :-1].sum(axis=1)).round(3).clip(0)
    labels = np.repeat(labels, scans, axis=0)
    axis = np.linspace(1000, 2500, channels).round(1)
    bands = 1 - .5 * np.exp(-((axis - rng.uniform(1000, 2500, (parts, 1)))
                              / 200) ** 2)
    level = rng.uniform(.7, 1.3, (len(labels), 1))
    made = OrderedDict([
        ('spectra', scale * (level * labels.dot(bands)
                             + .01 * rng.normal(size=(len(labels),
                                                      channels)))),
        ('axis', axis), ('axis_unit', np.array(u'nm')), ('labels', labels),
        ('parts', np.array(NAMES[:parts])),
        ('sample', np.repeat([u's%02d' % n for n in range(samples)],
                             scans))])
    if nuisance:
        made['nuisance'] = np.hstack([level, rng.normal(size=level.shape)])
        made['nuisance_names'] = np.array([u'lamp', u'room \u00b0C'])
    return made


def unlabelled(arrays, samples):
    """The same, the labels of the last samples not known."""
    made = OrderedDict(arrays, labels=arrays['labels'].copy())
    names = sorted(set(arrays['sample']))[-samples:]
    made['labels'][np.in1d(arrays['sample'], names)] = np.nan
    return made


def write_npz(path, arrays):
    """Write an .npz; returns the path as a text."""
    with open(str(path), 'wb') as stream:
        np.savez(stream, **arrays)
    return str(path)


def table(arrays):
    """The lines of a .csv, each a list of texts."""
    def cell(number):
        return u'' if number != number else u'%r' % float(number)

    names = list(arrays.get('nuisance_names', ()))
    lines = [[u'sample'] + [u'label:' + name for name in arrays['parts']]
             + [u'nuisance:' + name for name in names]
             + [u'%r' % float(wave) for wave in arrays['axis']]]
    for row, sample in enumerate(arrays['sample']):
        numbers = [arrays['labels'][row]]
        if names:
            numbers.append(arrays['nuisance'][row])
        lines.append([sample] + [cell(number) for number in np.concatenate(
            numbers + [arrays['spectra'][row]])])
    return lines


def write_csv(path, lines):
    """Write a .csv; returns the path as a text."""
    with io.open(str(path), 'w', encoding='utf-8', newline='') as stream:
        stream.write(u''.join(u','.join(line) + u'\r\n' for line in lines))
    return str(path)

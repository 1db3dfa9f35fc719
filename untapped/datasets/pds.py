"""libs.pkl.gz from a mirror of ChemCam's public archive.

The archive is MSL-M-CHEMCAM-LIBS-4/5-RDR-V1.0 of the Planetary Data System.
Of it are read:

    document/msl_ccam_obs.csv                   the list of observations: sol,
                                                type, clock, two more, target
    data/sol*/cl5_<clock>ccs_<...>p<version>.csv    the tables, `read_ccs`

A table's spectrum is its column mean, over the shots of one spot.
"""
from __future__ import division, print_function

import csv
import os
import re
from collections import OrderedDict

import numpy as np

from untapped.datasets.chemcam import TARGETS, read_ccs
from untapped.datasets.containers import Raw
from untapped.datasets.libs import EXCLUDED, check, describe, labels_of
from untapped.errors import DataError
from untapped.files import regular
from untapped.files.packed import Limits, read_bytes

__all__ = ['LIST', 'NUMBERED', 'ROCKS', 'build', 'read_list', 'target_of']

LIST = 'msl_ccam_obs.csv'
LIMITS = Limits(stored=1 << 25, unpacked=1 << 25)
#: The calibration targets by their numbers on the rover, 1 to 10.
NUMBERED = ('MACUSANITE', 'NORITE', 'PICRITE', 'SHERGOTTITE', 'GRAPHITE',
            'KGA-MED', 'NAU2-LO', 'NAU2-MED', 'NAU2-HI', 'TITANIUM')
#: What `target_of` says of rocks and of calibration targets that it does not
#: know.
ROCK, UNKNOWN = 'rock', 'unknown'
#: Rocks that are taken at most; the experiment draws 500.
ROCKS = 1000
#: Wavelengths of the tables agree within this, nm.
SAME = 0.01

_TABLE = re.compile(r'cl5_([0-9]{9})ccs_.*p([0-9]+)\.csv(?:\.gz)?\Z', re.I)
_NUMBER = re.compile(r'(?:(?:chemcam|ccam)[ _-]*)?'
                     r'(?:cal(?:ibration)?[ _-]*(?:target|tgt)|ccct)'
                     r'[ _#-]*0*([0-9]+)', re.I)
_CALIBRATION = re.compile(r'cal(?:ibration)?[ _-]*(?:target|tgt)|ccct', re.I)
_NAMES = [(re.compile(pattern + r'\Z'), target) for pattern, target in (
    ('macusanite', 'MACUSANITE'), ('norite', 'NORITE'),
    ('picrite', 'PICRITE'), ('shergottite', 'SHERGOTTITE'),
    ('graphite', 'GRAPHITE'), ('ti(tanium)?(plate)?', 'TITANIUM'),
    ('kga[d2]?meds?', 'KGA-MED'), ('nau2low?s?', 'NAU2-LO'),
    ('nau2meds?', 'NAU2-MED'), ('nau2hi(gh)?s?', 'NAU2-HI'))]


def build(folder, rocks=ROCKS):
    """The LIBS experiment's data from a mirror of the archive.

    Parameters
    ----------
    folder : str
        The mirror, or a folder of it with the list and tables, at any depth.
    rocks : int
        At most so many rocks, spread evenly over the mission.

    Returns
    -------
    raw : Raw
        As `untapped.datasets.libs.read` gives it: x and y of the calibration
        targets, small_means of the rocks.
    counts : OrderedDict of str to int
        What was found, and what was left out and why.

    Raises
    ------
    DataError
        If the list or a table is not as expected, or there is no rock or
        no standard.
    """
    if rocks < 1:
        raise DataError('argument --rocks: expected at least 1, got %d.'
                        % rocks)
    listed, tables, older = _found(folder)
    counts = OrderedDict()
    kinds = OrderedDict((clock, target_of(listed[clock]))
                        for clock in sorted(tables) if clock in listed)
    clocks = dict((kind, [clock for clock in kinds if kinds[clock] == kind])
                  for kind in NUMBERED + (ROCK, UNKNOWN, None))
    for kind in NUMBERED + (ROCK,):
        counts[kind] = len(clocks[kind])
    kept = clocks[ROCK]
    if len(kept) > rocks:
        at = np.round(np.linspace(0, len(kept) - 1, rocks)).astype(int)
        kept = [kept[i] for i in at]
    for reason, number in (
            ('rocks beyond --rocks', len(clocks[ROCK]) - len(kept)),
            ('calibration targets without a known name',
             len(clocks[UNKNOWN])),
            ('listed without a target', len(clocks[None])),
            ('not in the list', len(set(tables) - set(listed))),
            ('older versions and copies', older),
            ('in the list, but without a table',
             len(set(listed) - set(tables)))):
        counts['left out: ' + reason] = number
    standards = [clock for name in NUMBERED for clock in clocks[name]]
    types = [kinds[clock] for clock in standards]
    _check_some(folder, types, kept)
    x, waves = _spectra([tables[clock] for clock in standards], None)
    small, waves = _spectra([tables[clock] for clock in kept], waves)
    y, majors = labels_of(types)
    arrays = OrderedDict([
        ('small_means', small), ('x', x), ('y', y), ('majors', majors),
        ('waves', waves), ('types', np.array(types, np.dtype('U')))])
    check(arrays, folder)
    return Raw('libs', arrays, 'ChemCam archive %s' % folder, 'file',
               describe(arrays)), counts


def _check_some(folder, types, rocks):
    used = (set(types) & set(TARGETS)).difference(EXCLUDED)
    if not rocks or not used:
        raise DataError('%s holds tables of %d rocks and of %d calibration '
                        'targets that the experiment uses; at least one of '
                        'each was expected.' % (folder, len(rocks),
                                                len(used)))


def _spectra(paths, waves):
    """(spectra, wavelengths) of tables, whose wavelengths are these if any
    are given."""
    spectra = []
    for path in paths:
        found, columns = read_ccs(path)
        if waves is not None and np.abs(found - waves).max() > SAME:
            raise DataError('%s: other wavelengths than in the tables '
                            'before; the same within %s nm were expected.'
                            % (path, SAME))
        if 'mean' not in columns:
            raise DataError('%s has no column mean; one was expected.'
                            % path)
        waves = found if waves is None else waves
        spectra.append(columns['mean'])
    return np.array(spectra), waves


def _found(folder):
    """({clock: target}, {clock: path of the newest table}, how many tables
    are older) of a mirror."""
    if not os.path.isdir(folder):
        raise DataError('%s is no folder; a mirror of ChemCam\'s archive was '
                        'expected.' % folder)
    lists, tables, number = [], {}, 0
    for name in regular.below(folder)[0]:
        path = os.path.join(folder, name)
        match = _TABLE.match(os.path.basename(name))
        if os.path.basename(name).lower() == LIST:
            lists.append(path)
        elif match:
            number += 1
            clock, version = [int(digits) for digits in match.groups()]
            tables[clock] = max(tables.get(clock, (0, '')), (version, path))
    if len(lists) != 1 or not tables:
        raise DataError('%s holds %d lists %s and %d tables cl5_*ccs_*.csv; '
                        'one list and at least one table were expected.' % (
                            folder, len(lists), LIST, len(tables)))
    return read_list(lists[0]), dict(
        (clock, path) for clock, (_, path) in tables.items()), \
        number - len(tables)


def read_list(path):
    """Read the list of observations.

    Parameters
    ----------
    path : str

    Returns
    -------
    dict of int to str
        The target of each spectrum (type CL5), by the spacecraft's clock.

    Raises
    ------
    DataError
        If a row of a spectrum is cut, its clock is no number, or one clock
        has two targets. Rows of other types may be anything.
    """
    content = read_bytes(path, LIMITS)
    # Python 2's csv reads bytes
    lines = content if str is bytes else content.decode('latin1')
    targets = {}
    try:
        for number, row in enumerate(csv.reader(lines.splitlines()), 1):
            row = [field.strip() for field in row]
            if len(row) < 2 or row[1].upper() != 'CL5':
                continue
            if len(row) < 6 or not re.match('[0-9]{1,12}\\Z', row[2]):
                raise DataError('%s: row %d is malformed; sol, type, clock, '
                                'two more and the target were expected.'
                                % (path, number))
            if targets.setdefault(int(row[2]), row[5]) != row[5]:
                raise DataError('%s: row %d gives the clock %s another '
                                'target than a row before; one was expected.'
                                % (path, number, row[2]))
    except csv.Error as error:
        raise DataError('%s: a table of commas was expected (%s).'
                        % (path, error))
    return targets


def target_of(name):
    """What a target's name in the list stands for.

    Parameters
    ----------
    name : str
        "Cal Target 4", "CCCT 9", "NAu-2_Med-S", "Coronation", ...

    Returns
    -------
    str or None
        One of `NUMBERED`; UNKNOWN of another calibration target; ROCK; None
        if there is no name.
    """
    found = _NUMBER.match(name.strip())
    if found:
        number = int(found.group(1))
        return NUMBERED[number - 1] if 1 <= number <= len(NUMBERED) \
            else UNKNOWN
    plain = re.sub('[^a-z0-9]', '', name.lower())
    for pattern, target in _NAMES:
        if pattern.match(plain):
            return target
    if _CALIBRATION.search(name):
        return UNKNOWN
    return ROCK if plain else None

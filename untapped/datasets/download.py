"""Downloading the authors' files: only when asked, and checked ever after.

No checksums of these files were published. The first download is taken on
trust and its SHA-256 is written beside it; whatever is there or comes later
has to have the same.
"""
from __future__ import division, print_function

import hashlib
import os
import re
import socket

from six.moves.http_client import HTTPException
from six.moves.urllib.error import URLError
from six.moves.urllib.request import urlopen

from untapped.errors import DataError
from untapped.files.atomic import atomically
from untapped.files.hashes import file_sha256

__all__ = ['fetch', 'MOST']

#: Largest download in bytes: 1 GB.
MOST = 1 << 30
CHUNK = 1 << 16


def fetch(address, path, most=MOST, timeout=30):
    """Download a file, unless it is there, and check it.

    Parameters
    ----------
    address : str
        http:// or https://.
    path : str
        Where it goes. ``path + '.sha256'`` records its checksum, in the
        form of sha256sum. Written whole or not at all.
    most : int
        Largest size in bytes.
    timeout : float
        Seconds without an answer.

    Returns
    -------
    str
        The SHA-256 of the file.

    Raises
    ------
    DataError
        If the file cannot be had, is too large, or differs from what was
        recorded; in that case it is kept beside `path`, and what was at
        `path` before stays.
    """
    recorded = _recorded(path + '.sha256')
    if os.path.isfile(path):
        digest = file_sha256(path)
        if digest is None:
            raise DataError('%s cannot be read.' % path)
        if recorded is not None and digest != recorded:
            raise DataError('%s has the SHA-256 %s; %s was recorded when '
                            'it was downloaded first.' % (
                                path, digest, recorded))
    else:
        arriving = path + '.new'
        digest = _download(address, arriving, most, timeout)
        if recorded is not None and digest != recorded:
            aside = '%s.unexpected-%s' % (path, digest[:12])
            os.rename(arriving, aside)
            raise DataError('%s has changed: SHA-256 %s; %s was recorded '
                            'before. The new file is kept as %s.' % (
                                address, digest, recorded, aside))
        os.rename(arriving, path)
    if recorded is None:
        line = '%s  %s\n' % (digest, os.path.basename(path))
        atomically(path + '.sha256',
                   lambda stream: stream.write(line.encode('utf-8')))
    return digest


def _recorded(path):
    if not os.path.isfile(path):
        return None
    with open(path, 'rb') as stream:
        line = stream.read(200).decode('latin1')
    if not re.match('[0-9a-f]{64}(\\s|$)', line):
        raise DataError('%s holds no SHA-256; remove it to record the file '
                        'anew.' % path)
    return line[:64]


def _download(address, path, most, timeout):
    if not address.startswith(('http://', 'https://')):
        raise DataError('%r is no address; http:// or https:// was '
                        'expected.' % address)
    digest = hashlib.sha256()

    def write(stream):
        # Errors of the network are told here; what `atomically` catches is
        # an error of the disk.
        for chunk in _chunks(address, most, timeout):
            digest.update(chunk)
            stream.write(chunk)

    atomically(path, write)
    return digest.hexdigest()


def _chunks(address, most, timeout):
    received, length = 0, None
    try:
        response = urlopen(address, timeout=timeout)
        try:
            length = response.headers.get('Content-Length')
            for chunk in iter(lambda: response.read(CHUNK), b''):
                received += len(chunk)
                if received > most:
                    raise DataError('%s is larger than %s bytes, the most '
                                    'that was expected.' % (address,
                                                            most))
                yield chunk
        finally:
            response.close()
    except (URLError, HTTPException, socket.timeout, socket.error) as error:
        # An HTTPError's own text has the status, its reason has not.
        reason = (error if hasattr(error, 'code') else
                  getattr(error, 'reason', None) or error)
        raise DataError('%s cannot be downloaded: %s.' % (address,
                                                          reason))
    if not received or (length and received != int(length)):
        raise DataError('%s broke off after %s of %s bytes.' % (
            address, received, length or 'unknown'))

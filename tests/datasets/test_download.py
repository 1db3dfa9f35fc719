"""Downloads, from a server on this machine."""
from __future__ import division, print_function

import gzip
import hashlib
import io
import os
import pickle
import threading

import pytest

from untapped import datasets
from untapped.datasets import crism, download
from untapped.errors import DataError

try:
    from http.server import BaseHTTPRequestHandler, HTTPServer
except ImportError:
    from BaseHTTPServer import BaseHTTPRequestHandler, HTTPServer


@pytest.fixture
def server():
    """Serves `files`; ``short`` files claim more than they send."""
    files, asked, short = {}, [], set()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            name = self.path[1:]
            if name not in files:
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header('Content-Length',
                             str(len(files[name]) + 9 * (name in short)))
            self.end_headers()
            self.wfile.write(files[name])

        def log_message(self, *arguments):
            pass

    served = HTTPServer(('127.0.0.1', 0), Handler)
    thread = threading.Thread(target=served.serve_forever)
    thread.daemon = True
    thread.start()
    served.files, served.asked, served.short = files, asked, short
    served.address = 'http://127.0.0.1:{0}/'.format(served.server_port)
    yield served
    served.shutdown()
    served.server_close()
    thread.join()


class TestFetch(object):
    def test_the_checksum_of_the_first_download_is_recorded(self, server,
                                                            tmpdir):
        server.files['data'] = b'content'
        path = str(tmpdir.join('deep', 'data'))
        digest = download.fetch(server.address + 'data', path)
        assert digest == hashlib.sha256(b'content').hexdigest()
        with open(path, 'rb') as stream:
            assert stream.read() == b'content'
        with open(path + '.sha256') as stream:
            assert stream.read() == digest + '  data\n'
        assert sorted(os.listdir(os.path.dirname(path))) == ['data',
                                                             'data.sha256']

    def test_a_file_that_is_there_is_not_downloaded_again(self, server,
                                                          tmpdir):
        server.files['data'] = b'content'
        path = str(tmpdir.join('data'))
        first = download.fetch(server.address + 'data', path)
        assert download.fetch(server.address + 'data', path) == first
        assert server.asked == ['/data']

    def test_a_changed_file_is_an_error(self, server, tmpdir):
        server.files['data'] = b'content'
        path = tmpdir.join('data')
        download.fetch(server.address + 'data', str(path))
        path.write('changed')
        with pytest.raises(DataError, match='was recorded'):
            download.fetch(server.address + 'data', str(path))

    def test_a_changed_download_is_an_error_and_kept_aside(self, server,
                                                           tmpdir):
        server.files['data'] = b'content'
        path = tmpdir.join('data')
        download.fetch(server.address + 'data', str(path))
        path.remove()
        server.files['data'] = b'other'
        with pytest.raises(DataError, match='has changed'):
            download.fetch(server.address + 'data', str(path))
        assert not path.exists()
        aside = [n for n in os.listdir(str(tmpdir)) if 'unexpected' in n]
        assert len(aside) == 1
        assert tmpdir.join(aside[0]).read('rb') == b'other'
        server.files['data'] = b'content'
        download.fetch(server.address + 'data', str(path))
        assert path.read('rb') == b'content'

    @pytest.mark.parametrize('name, message', [
        ('missing', '404'), ('large', 'larger than 1000 bytes'),
        ('short', 'broke off|cannot be downloaded'), ('none', 'broke off')])
    def test_failures_leave_nothing_behind(self, server, tmpdir, name,
                                           message):
        server.files.update(large=b'x' * 1001, short=b'abc', none=b'')
        server.short.add('short')
        with pytest.raises(DataError, match=message) as error:
            download.fetch(server.address + name, str(tmpdir.join(name)),
                           most=1000)
        assert server.address + name in str(error.value)
        assert os.listdir(str(tmpdir)) == []

    def test_no_server_and_no_address_are_errors(self, server, tmpdir):
        for address, message in (('http://127.0.0.1:1/x', 'cannot be down'),
                                 ('file:///etc/passwd', 'is no address'),
                                 ('ftp://127.0.0.1/x', 'is no address')):
            with pytest.raises(DataError, match=message):
                download.fetch(address, str(tmpdir.join('x')))
        assert os.listdir(str(tmpdir)) == []

    def test_a_spoiled_record_is_an_error(self, server, tmpdir):
        server.files['data'] = b'content'
        tmpdir.join('data.sha256').write('nonsense')
        with pytest.raises(DataError, match='holds no SHA-256'):
            download.fetch(server.address + 'data', str(tmpdir.join('data')))


class TestLoad(object):
    def packed(self, raw):
        stream = io.BytesIO()
        with gzip.GzipFile(fileobj=stream, mode='wb') as packed:
            pickle.dump(crism.published(raw), packed, 2)
        return stream.getvalue()

    def test_a_data_set_is_downloaded_read_and_found_later(self, raw, server,
                                                           tmpdir):
        server.files['crism'] = self.packed(raw('crism'))
        loaded = datasets.load('crism', 'download', folder=str(tmpdir),
                               address=server.address + 'crism')
        assert loaded.kind == 'download'
        assert loaded.checksums() == raw('crism').checksums()
        digest = hashlib.sha256(server.files['crism']).hexdigest()
        assert digest in loaded.source
        later = datasets.load('crism', 'auto', folder=str(tmpdir))
        assert later.kind == 'file' and digest in later.source
        assert server.asked == ['/crism']

    def test_only_download_uses_the_network(self, raw, monkeypatch, tmpdir):
        def refuse(*arguments, **options):
            raise AssertionError('the network was used')

        monkeypatch.setattr(download, 'urlopen', refuse)
        for source in ('auto', 'simulated'):
            assert datasets.load('mnist', source,
                                 folder=str(tmpdir)).kind == 'simulated'
        with pytest.raises(AssertionError):
            datasets.load('mnist', 'download', folder=str(tmpdir))

    def test_addresses_are_the_authors(self):
        for name in datasets.NAMES:
            module = datasets.READERS[name]
            assert module.URL.endswith(name + '.pkl.gz')
            assert module.URL.startswith((
                'http://www-anw.cs.umass.edu/public_data/untapped/',
                'http://www.iro.umontreal.ca/~lisa/deep/data/mnist/'))

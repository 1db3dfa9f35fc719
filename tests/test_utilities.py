"""Small helpers by their published names."""
from __future__ import division, print_function

import gzip
import pickle
import re
from collections import OrderedDict

import numpy as np

from untapped import utilities


def test_time_stamp_is_a_folder_name_and_a_template():
    assert re.match(r'\d{4}(-\d\d){5}/\{\}$', utilities.timeStamp())
    assert utilities.timeStamp('%Y').isdigit()


def test_log_and_screen_show_the_same_lines(capsys):
    entries = OrderedDict([('b', 1.5), ('a', np.array([1, 2]))])
    text = utilities.toLog('Train_', entries, c='x')
    assert text.splitlines() == ["Train_ 'b': \t1.5",
                                 "Train_ 'a': \tarray([1, 2])",
                                 "Train_ 'c': \t'x'", '']
    utilities.toScreen('Train_', entries, c='x')
    assert capsys.readouterr().out == text


def test_load_url_reads_a_file_that_is_there(tmpdir):
    path = str(tmpdir.join('small.pkl.gz'))
    with gzip.open(path, 'wb') as out:
        pickle.dump((np.arange(3.), ['a']), out, protocol=2)
    values, names = utilities.load_url('http://127.0.0.1:9/none', path)
    np.testing.assert_array_equal(values, np.arange(3.))
    assert names == ['a']

"""config.json: a run goes on only as it began."""
from __future__ import division, print_function

import pytest

from untapped.errors import UserError
from untapped.runs import config


def test_a_difference_is_told_on_one_line_of_ascii():
    with pytest.raises(UserError) as error:
        config.check_same('settings', {u'\n\xe9': u'\u1234\n' * 10 ** 5},
                          {u'\n\xe9': 3})
    assert '\n' not in str(error.value) and len(str(error.value)) < 400
    with pytest.raises(UserError, match='seeds/a was 1 when .* is 2 now'):
        config.check_same('seeds', {'a': 1}, {'a': 2})

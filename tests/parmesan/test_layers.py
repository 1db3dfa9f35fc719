"""The published names draw what importing the published module draws."""
from __future__ import division, print_function

import subprocess
import sys

import numpy as np

from untapped.parmesan.streams import SAMPLE_LAYERS

IMPORT_DRAWS = """
import numpy as np
np.random.seed(7)
from untapped.parmesan import layers
print(layers.SampleLayer.default_seed)
print(layers.ConcreteSampleLayer.default_seed)
print(np.random.randint(1000000))
"""

CORE_DRAWS_NOTHING = """
import numpy as np
np.random.seed(7)
before = np.random.get_state()
import untapped
from untapped import datasets
from untapped.model import inference, networks, published_bounds, ssdgm
from untapped.parmesan import distributions, flow, ladder, normalize, sample
ssdgm.SSDGM(num_features=6, num_output=2, model_type=1, hidden=[3]).build()
after = np.random.get_state()
assert before[2] == after[2] and (before[1] == after[1]).all()
"""

#: as after the published import, which loads them all
LOADED_WHEN_ASKED_FOR = """
import numpy as np
np.random.seed(7)
import untapped.parmesan as parmesan
parmesan.utils, parmesan.preprocessing, parmesan.datasets
parmesan.distributions.log_normal
drawn = np.random.RandomState(7)
assert np.random.randint(1000) == drawn.randint(1000)
assert parmesan.layers.sample.SampleLayer is parmesan.layers.SampleLayer
assert [drawn.randint(1, 2147462579) for _ in range(12)][2] == \
    parmesan.layers.SampleLayer.default_seed
assert np.random.randint(1000) == drawn.randint(1000)
assert not hasattr(parmesan, 'anything')
"""


def run(code):
    return subprocess.check_output([sys.executable, '-c', code])


def test_import_makes_twelve_draws_in_the_published_order():
    rng = np.random.RandomState(7)
    drawn = [rng.randint(1, 2147462579) for _ in range(12)]
    by_name = dict(zip(SAMPLE_LAYERS, drawn[::2]))
    assert run(IMPORT_DRAWS).decode().split() == [
        str(v) for v in (by_name['SampleLayer'],
                         by_name['ConcreteSampleLayer'],
                         rng.randint(1000000))]


def test_clean_core_leaves_numpys_generator_alone():
    run(CORE_DRAWS_NOTHING)


def test_parmesans_modules_are_there_without_an_import_of_each():
    run(LOADED_WHEN_ASKED_FOR)


def test_the_modules_of_layers_hold_what_is_gathered_from_them():
    from untapped.parmesan import layers
    from untapped.parmesan.layers import (flow, ladderlayers, normalize,
                                          sample, special)
    gathered = [(module, name) for module in (flow, ladderlayers, normalize,
                                              sample, special)
                for name in vars(module) if name.endswith('Layer') or
                name in ('NICE', 'NICE_Inverse', 'sf')]
    assert len(gathered) == 20
    for module, name in gathered:
        assert getattr(layers, name) is getattr(module, name)

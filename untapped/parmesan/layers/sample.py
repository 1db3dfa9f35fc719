"""The sample layers; importing this draws the seeds that they default to."""
from __future__ import division, print_function

import lasagne

from untapped.parmesan import sample as _sample
from untapped.parmesan.streams import sample_seeds as _sample_seeds

__all__ = ['SimpleSampleLayer', 'SampleLayer',
           'SimpleBernoulliSampleLayer', 'BernoulliSampleLayer',
           'SimpleConcreteSampleLayer', 'ConcreteSampleLayer']

_seeds = _sample_seeds(lasagne.random.get_rng())


def _seeded(name):
    """The sample layer of this name, its default seeds those drawn above."""
    core = getattr(_sample, name)
    return type(name, (core,), {
        '__doc__': core.__doc__,
        '__module__': __name__,
        'default_seed': _seeds[name],
        'default_reseed': _seeds[name + '.seed'],
    })


SimpleSampleLayer = _seeded('SimpleSampleLayer')
SampleLayer = _seeded('SampleLayer')
SimpleBernoulliSampleLayer = _seeded('SimpleBernoulliSampleLayer')
BernoulliSampleLayer = _seeded('BernoulliSampleLayer')
SimpleConcreteSampleLayer = _seeded('SimpleConcreteSampleLayer')
ConcreteSampleLayer = _seeded('ConcreteSampleLayer')

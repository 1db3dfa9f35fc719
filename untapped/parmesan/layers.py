"""The layers' published names.

Importing this module draws the sample layers' default seeds from Lasagne's
generator, which is numpy's global one unless it was replaced: twelve draws,
as importing the published module makes.  Seed the generator first.
"""
from __future__ import division, print_function

import lasagne

from untapped.parmesan import sample as _sample
from untapped.parmesan.flow import (NICE, IdentityFlowLayer, LogisticFlowLayer,
                                    LogisticFlowLayer_Inverse, NICE_Inverse,
                                    NormalizingPlanarFlowLayer,
                                    NormalizingSimplexFlowLayer,
                                    NormalizingSimplexFlowLayer_Inverse,
                                    SoftplusFlowLayer,
                                    SoftplusFlowLayer_Inverse)
from untapped.parmesan.ladder import DecoderNormalizeLayer, DenoiseLayer
from untapped.parmesan.normalize import NormalizeLayer, ScaleAndShiftLayer
from untapped.parmesan.special import ListIndexLayer
from untapped.parmesan.streams import sample_seeds as _sample_seeds

__all__ = [
    'SimpleSampleLayer', 'SampleLayer', 'SimpleBernoulliSampleLayer',
    'BernoulliSampleLayer', 'SimpleConcreteSampleLayer',
    'ConcreteSampleLayer', 'ListIndexLayer', 'NormalizingPlanarFlowLayer',
    'NormalizingSimplexFlowLayer', 'NormalizingSimplexFlowLayer_Inverse',
    'LogisticFlowLayer', 'LogisticFlowLayer_Inverse', 'SoftplusFlowLayer',
    'SoftplusFlowLayer_Inverse', 'IdentityFlowLayer', 'NICE', 'NICE_Inverse',
    'DecoderNormalizeLayer', 'DenoiseLayer', 'NormalizeLayer',
    'ScaleAndShiftLayer',
]

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

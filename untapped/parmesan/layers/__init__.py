"""The layers' published names, gathered from the modules of this package.

Importing it draws the sample layers' default seeds from Lasagne's generator,
which is numpy's global one unless it was replaced: twelve draws, as importing
the published module makes.  Seed the generator first.
"""
from untapped.parmesan.layers.sample import *  # noqa: F401,F403
from untapped.parmesan.layers.special import *  # noqa: F401,F403
from untapped.parmesan.layers.flow import *  # noqa: F401,F403
from untapped.parmesan.layers.ladderlayers import *  # noqa: F401,F403
from untapped.parmesan.layers.normalize import *  # noqa: F401,F403

"""Distributions, sample layers and flows in Parmesan's names.

Parmesan was never released; these are the project's own.  The modules
``distributions``, ``sample``, ``flow``, ``normalize``, ``special`` and
``ladder`` draw nothing from any random generator when imported.  ``layers``
gathers the published names and, like the published module, draws the sample
layers' default seeds from numpy's global generator at import.
"""

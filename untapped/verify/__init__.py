"""Holding this package against the published code, bit for bit.

``python -m untapped.verify --help`` lists what can be compared: a checkout of
the published code, the arrays once recorded from it, two result folders, the
pins.  Modules: :mod:`compare` (distances in ULP, tables, verdicts; numpy
only), :mod:`cases` (small training runs as data), :mod:`case_models` (their
models), :mod:`children` (starting the processes that run them), ``child.py``
(what runs in those processes).
"""

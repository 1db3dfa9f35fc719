"""Holding this package against the published code, bit for bit.

``python -m untapped.verify --help`` lists what can be compared: a checkout of
the published code, the arrays once recorded from it, two result folders, the
pins.

    published    a checkout beside this package: its demos, cases, tests
    names        the importable names of a checkout, and which are here
    golden       this package against recorded arrays
    runs         two result folders against each other
    elsewhere    one run on other processors, in the container, ...
    variations   which pin decides which bits
    simulations  simulated spectra against measured ones
    compare      distances in ULP, tables, verdicts; numpy only
    cases        small training runs as data
    case_models  their models
    children     starting the processes that run them
    child        what runs in those processes
"""

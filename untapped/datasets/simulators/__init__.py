"""Spectra for machines without the paper's files, from their physics.

    crism, libs, raman      the simulated data sets
    hapke, minerals         reflectance of mixtures, for CRISM
    plasma, plasma_lines    emission of a plasma, for LIBS
"""

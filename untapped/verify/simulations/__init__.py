"""The simulations, held against measured spectra.

    comparison   simulated against real spectra
    calibration  the simulators' numbers, fitted to real spectra
    scatter      how much spectra of one target differ
    replicates   how much pixels of one sample differ, and weighed mixtures
"""

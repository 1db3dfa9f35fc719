"""What is peculiar to each study, and what all are judged by.

    crism, libs, mnist, raman, spectra  answers, tables and figures of one
                    study
    crism_figures, libs_figures  Figures 4 to 7
    crism_nuisance  z and the geometry of the spectra
    spectra_figures, spectra_pooled  figures; all folds together
    spectra_baselines  kernel ridge regression and the mean composition
    libs_lines      peaks of a spectrum, and the lines known to emit there
    pls             partial least squares, the baseline, by two protocols
    baselines       what these answer
    round_trip      y -> x -> y and back
    evaluation      what a trained model answers
    metrics         what it is judged by
    quantities      the numbers that runs are compared by
    statistics      one test and one verdict for Untapped against M2
    comparisons     which runs make a difference, and what all of them say
    over_runs       the report on several runs
    over_variants   the report on an ablation
"""

"""The experiments of the paper: settings, runs, metrics, tables, figures.

    presets     hyperparameters, as the paper and as the published demos
    options     the command line
    runner      one run, from the options to the run folder
    metrics     what a trained model is judged by
    records     the terms of the objective, evaluation by evaluation
    tables      the results as text
    figures     the learning curves
    progress    the progress bar, and output that survives a closed pipe
    interrupt   Ctrl-C and SIGTERM
    run_folder  a new folder per run, each file written whole or not at all
"""

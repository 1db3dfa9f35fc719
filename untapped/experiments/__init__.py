"""The experiments of the paper: settings, runs, metrics, tables, figures.

    presets     hyperparameters, as the paper and as the published demos
    options     the command line
    runner      one run, from the options to the exit status
    repeats     several runs, over seeds or splits, summed up
    inputs      the data, and all that is drawn before training
    stages      train, save, judge, report
    fitting     the training of one model
    summary     what config.json and metrics.json say
    page        what the report says beside tables and figures
    metrics     what a trained model is judged by
    records     the terms of the objective, evaluation by evaluation
    tables      the results as text
    figures     the learning curves
    progress    the progress bar, and output that survives a closed pipe
    interrupt   Ctrl-C and SIGTERM
    run_folder  a new folder per run, each file written whole or not at all
"""

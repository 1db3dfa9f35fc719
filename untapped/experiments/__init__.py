"""The experiments of the paper: how a study is run.

    presets         hyperparameters, as the paper and as the published demos
    options         the command line: one table, and what is made of it
    recorded        the options of a run that goes on
    runner          one command: parse, set the pins, import the rest
    compile_faults  what to tell of a damaged compile folder
    start           the data, what is drawn from them, the run's folder
    inputs          the arrays and draws that a run trains on
    labels          labels that are fewer, wider or smoother
    folds           parts of the training data, held out whole
    alphas          the four weights by cross-validation
    stages          train, save, judge, report
    build           settings made into a model
    fitting         the training of one model
    keeping         checkpoints, and going on from the last of them
    progress        the progress bar, and output that survives a closed pipe
    about           what the report says of a run, and how to repeat it
    summary         what config.json and metrics.json say
    repeats         several runs, over data seeds, seeds, splits, summed up
    ablations       what a result rests on: one thing varied
    side_by_side    these runs as processes, here or on a cluster
    markdown        a finished run beside the paper, printed
"""

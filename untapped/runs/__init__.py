"""A run's folder and what is in it.

    run_folder     a new folder per run, each file written whole or not at all
    config         config.json: what a run was asked for
    manifest       manifest.json: hash by hash what a run ran on and made
    manifest_form  the form that a manifest must have
    crate          ro-crate-metadata.json
    records        the terms of the objective, evaluation by evaluation
    checkpoints    states to go on from
"""

"""The machine that a run meets.

    console          output that survives a closed pipe
    signals          Ctrl-C and SIGTERM
    processes        child processes and their end
    compile_folders  where Theano compiles, and how long that is kept
    slots            compile folders for processes side by side
    provenance       what a run ran on: code, packages, pins, BLAS
"""

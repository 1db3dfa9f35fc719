"""The machine that a run meets.

    console          output that survives a closed pipe
    signals          Ctrl-C and SIGTERM
    processes        child processes and their end
    compile_folders  where Theano compiles, and how long that is kept
    slots            compile folders for processes side by side
    processor        what the system says about the processor
    provenance       what a run ran on: code, packages, pins, BLAS
"""

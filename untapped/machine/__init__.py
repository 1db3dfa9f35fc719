"""The machine that a run meets.

    console          output that survives a closed pipe
    signals          Ctrl-C and SIGTERM
    processes        child processes and their end
    compile_folders  where Theano compiles, and how long that is kept
    slots            compile folders for processes side by side
    compiler         whether Theano has a compiler and flags that it can use
    control_groups   what the control groups of a process allow
    memory           what memory is left
    processor        what the system says about the processor
    provenance       what a run ran on: code, packages, pins, BLAS
"""

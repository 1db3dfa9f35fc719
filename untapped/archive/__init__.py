"""Runs kept as BagIt bags, checked, and repeated.

    bags         what a bag from a stranger may hold
    packing      a finished run as a bag; a bag held against its run
    rerun        a run again from what a bag says of it
    differences  where two runs part
"""

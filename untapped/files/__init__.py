"""What is read from disk and written to it.

    regular     files and folders that others made
    folders     folders that several processes may make at once
    atomic      a file is written whole or not at all
    hashes      the one SHA-256 for all
    swhids      names by content, as archives of source know them
    matlab      arrays of numbers from .mat files
    npz         arrays, read and written without pickles
    packed      the bytes of files that others made, gzipped or not
    pickles     the published data files, read without running anything
    plain_json  JSON, read within bounds
    texts       texts of any encoding, in either Python
    xlsx        the cells of a spreadsheet
"""

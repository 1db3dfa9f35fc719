"""What is peculiar to each study, and what all are judged by.

    crism, libs, mnist, raman  answers, tables and figures of one study
    pls         partial least squares, the baseline
    evaluation  what a trained model answers
    metrics     what it is judged by
"""

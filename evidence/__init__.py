"""The evidence: what is kept of finished runs, and the pages made of it.

    python -m evidence keep NAME results/RUN     keep a run's numbers
    python -m evidence                           docs/results.md and
                                                 docs/report/report.pdf anew

    plan       which runs the pages ask for, and which claims they decide
    kept       evidence/kept/NAME: the numbers of a run, and how it was made
    verdicts   the one rule by which every claim is judged
    words, tables, variants    numbers and tables as Markdown
    pages      the templates, filled in
    made       all pages, and whether they are what is kept
    figures    the report's figures
    pdf        Markdown as a PDF
"""

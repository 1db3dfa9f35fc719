"""What a run tells: tables, figures and a page.

    content  tables, drawings and sections as objects
    paper    the paper's own numbers
    tables   the results as text
    figures  the learning curves, and how figures are saved
    html     report.html and the files beside it
    page     the verdict, and what stands around tables and figures
    printed  finished runs as Markdown beside the paper's numbers
"""
